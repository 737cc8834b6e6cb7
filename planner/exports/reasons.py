"""Reasons as clauses, in the order in which one follows from the other: from what is fixed to the visit in question."""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

from babel.dates import get_day_names

from planner.core.calendar import Because
from planner.core.days import shift
from planner.core.explain import Reason, Why
from planner.core.protocol import Strength
from planner.core.repairs import FULL
from planner.core.windows import window_anchor
from planner.exports.naming import apart, limits, listed, name, numbered, reference_day
from planner.exports.words import staff_day, staff_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.core.calendar import Closure
    from planner.core.protocol import Anchor, Protocol
    from planner.core.schedule import Schedule

LINKS = frozenset({Why.TOGETHER, Why.RULE, Why.ORDER, Why.WINDOW, Why.STANDS})
VERBS = {Why.DATE: "is", Why.OCCURRED: "took place on", Why.STANDS: "stands on", Why.BOOKED: "is booked on"}
"""What is fixed to a day, and how it is said."""
SEEN = frozenset({Why.OCCURRED, Why.BOOKED})


def causes(schedule: Schedule, reasons: Iterable[Reason], end: str) -> tuple[str, ...]:
    """One clause for each step that leads to the visit `end`; several steps of one rule make one clause."""
    left = in_order(reasons, end)
    fixed = {reason.visit for reason in left if _is_fact(reason)}
    said = []
    while left:
        taken, clause = _next(schedule, left, fixed)
        said.append(clause)
        left = left[taken:]
    return tuple(filter(None, said))


def in_order(reasons: Iterable[Reason], end: str) -> tuple[Reason, ...]:
    """Today first, then each branch from its fact to `end`, those with a fact that was seen first; closed days last."""
    kept = [reason for reason in reasons if reason.why is not Why.ASKED]
    place = _places([reason for reason in kept if _is_link(reason)], end)
    seen = {place[r.visit][0] for r in kept if r.why in SEEN and r.visit in place}

    def rank(reason: Reason) -> tuple[int, int, int, int, int]:
        if reason.why is Why.CLOSED:
            return (2, 0, 0, 0, 0)
        spots = [place[code] for code in (reason.visit, reason.other) if code in place]
        if not spots:
            return (0, 0, 0, 0, 0)
        branch, far = max(spots, key=lambda spot: spot[1])
        return (1, branch not in seen, branch, -far, _is_link(reason))

    return tuple(sorted(kept, key=rank))


def _places(links: list[Reason], end: str) -> dict[str, tuple[int, int]]:
    """For each visit the branch in which it lies, seen from `end`, and how many steps away it is."""
    start = end if any(end in (link.visit, link.other) for link in links) else links[0].visit if links else end
    places = {start: (0, 0)}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for link in links:
            if here in (link.visit, link.other):
                there = link.other if link.visit == here else link.visit
                if there not in places:
                    branch = len({b for b, _ in places.values()}) if here == start else places[here][0]
                    places[there] = (branch, places[here][1] + 1)
                    queue.append(there)
    return places


def _is_link(reason: Reason) -> bool:
    """Whether it is a rule between two visits; a window told as days is a plain limit."""
    return reason.why in LINKS and bool(reason.other) and reason.day is None and reason.last is None


def _is_fact(reason: Reason) -> bool:
    return reason.why in VERBS and not reason.other


def _next(schedule: Schedule, left: tuple[Reason, ...], fixed: set[str]) -> tuple[int, str]:
    """The next clause, and how many reasons it takes: a fact with the rule that hangs on it, or a run of one rule."""
    first = left[0]
    if _is_fact(first) and len(left) > 1 and _is_link(left[1]) and first.visit in (left[1].visit, left[1].other):
        run = _run(left[1:])
        if run == 1:
            return 2, _fact_and_link(schedule, first, left[1], fixed)
        return 1, fact(schedule, first)
    run = _run(left)
    if run > 1:
        return run, _chain(schedule, left[:run])
    return 1, link(schedule, first, fixed) if _is_link(first) else fact(schedule, first)


def _run(left: tuple[Reason, ...]) -> int:
    """How many reasons from the first on state one rule from visit to visit, on end."""
    run = 1
    for one, two in pairwise(left):
        same = one.why is two.why is Why.RULE and (one.rule, one.lo, one.hi) == (two.rule, two.lo, two.hi)
        if not same or not (one.other == two.visit or one.visit == two.other):
            break
        run += 1
    return run


def _chain(schedule: Schedule, links: tuple[Reason, ...]) -> str:
    steps = links if links[0].visit == links[1].other else links[::-1]
    visits = [name(schedule.protocol, step.visit) for step in steps]
    distance = apart(steps[0].lo, steps[0].hi, "the one before")
    return f"{listed(visits)} must each be {distance}, from {name(schedule.protocol, steps[0].other)} on"


def _fact_and_link(schedule: Schedule, known: Reason, step: Reason, fixed: set[str]) -> str:
    """The fact and what it means for the next visit; a date that the study days tell anyway is not told twice."""
    rule = link(schedule, step, fixed)
    if known.why is Why.DATE and _in_study_days(schedule, step, fixed):
        return rule
    full = name(schedule.protocol, known.visit)
    return f"{fact(schedule, known)}, and {rule.replace(full, 'it', 1)}"


def _in_study_days(schedule: Schedule, step: Reason, fixed: set[str]) -> bool:
    at_reference = step.other == schedule.protocol.reference and step.other in fixed
    return at_reference and reference_day(schedule) is not None


def link(schedule: Schedule, step: Reason, fixed: Iterable[str] = ()) -> str:
    """A rule between two visits: `Resection (RES) must be at least 28 days after FOLFOX 6 (C6D1)`."""
    visit, other = _ends_named(schedule.protocol, step)
    if step.why is Why.STANDS:
        return f"{visit} stands on {other}"
    if step.why is Why.TOGETHER:
        return f"{visit} is combined with {other} in one attendance"
    if step.why is Why.GATE:
        return f"{visit} waits for a GO: {_said(schedule, step.other)}"
    must = "should" if step.strength is Strength.FLAG else "must"
    where = f"be {_dated(schedule, step, set(fixed)) or apart(step.lo, step.hi, other)}"
    return f"{visit} {must} {where.replace('be not', 'not be', 1)}"


def _said(schedule: Schedule, gate: str) -> str:
    """`the last word at its bloods, on Sun 16 Mar 2025, is NO-GO (Dr Maes)`."""
    fact = schedule.facts.visits[gate]
    by = f" ({fact.decided_by})" if fact.decided_by else ""
    day = staff_day(fact.day) if fact.day is not None else ""
    return f"the last word, at {name(schedule.protocol, gate)} on {day}, is NO-GO{by}"


def _ends_named(protocol: Protocol, step: Reason) -> tuple[str, str]:
    """The names of both visits, of a stay's end where the rule counts from or to it."""
    anchors: list[tuple[Anchor, Anchor | None]] = [
        (rule.first, rule.then)
        for rule in protocol.rules
        if rule.id == step.rule and step.other in rule.first.codes and step.visit in rule.then.codes
    ]
    encounter = protocol.by_code.get(step.visit)
    if step.why is not Why.RULE and encounter is not None and encounter.timing is not None:
        timing = encounter.timing
        anchors = [(window_anchor(timing) if step.why is Why.WINDOW else timing.anchor, None)]
    other_end = any(first.end for first, _ in anchors)
    visit_end = any(then is not None and then.end for _, then in anchors)
    visit, other = (name(protocol, code) for code in (step.visit, step.other))
    return f"the end of {visit}" if visit_end else visit, f"the end of {other}" if other_end else other


def _dated(schedule: Schedule, step: Reason, fixed: set[str]) -> str:
    """The days that the step leaves, where it counts from a day that is fixed and a reader thinks in study days."""
    derived = schedule.by_code.get(step.visit)
    window = derived.window if derived is not None and step.why is Why.WINDOW and step.other in fixed else None
    if window is not None:
        words = limits(schedule, window)
        at_reference = step.other == schedule.protocol.reference
        return words if at_reference else f"{words}, counted from {name(schedule.protocol, step.other)}"
    reference = reference_day(schedule)
    if reference is None or not _in_study_days(schedule, step, fixed) or step.why is not Why.RULE:
        return ""
    holidays = schedule.possible.calendar.holidays
    low, high = (
        None if span is None else numbered(schedule, shift(reference, span, holidays)) for span in (step.lo, step.hi)
    )
    if low and high:
        return f"within {low} to {high}"
    return f"not before {low}" if low else f"not after {high}"


def fact(schedule: Schedule, reason: Reason) -> str:
    """What is fixed, closed or decided: `FOLFOX 6 (C6D1) took place on Sun 20 Apr 2025`."""
    day = staff_day(reason.day) if reason.day is not None else ""
    if reason.why in VERBS:
        said = "would be booked on" if _only_asked(schedule, reason) else VERBS[reason.why]
        return f"{name(schedule.protocol, reason.visit)} {said} {day}"
    if reason.why is Why.TODAY:
        return f"today is {day}, and what is still to come cannot lie before it, nor what took place after it"
    if reason.why is Why.DECISION:
        return _decision(schedule, reason.rule)
    if reason.why is Why.SKIPPED:
        return f"it counts from {name(schedule.protocol, reason.other)}, which does not take place"
    return closed(schedule, reason.closure) if reason.closure is not None else _limit(schedule, reason)


def _only_asked(schedule: Schedule, reason: Reason) -> bool:
    """Whether the booking is one that a preview looks at, and that is not saved."""
    visit = schedule.by_code.get(reason.visit)
    return reason.why is Why.BOOKED and (visit is None or visit.booked != reason.day)


def _decision(schedule: Schedule, decision: str) -> str:
    facts, known = schedule.possible.standing.facts, schedule.protocol.decisions
    found = next(d for d in known if d.code == decision)
    return f"the decision '{found.name.into('en')}' is '{facts.decisions.get(decision, found.default)}'"


def _limit(schedule: Schedule, reason: Reason) -> str:
    """The window, or what the neighbours leave, as a plain limit."""
    visit = name(schedule.protocol, reason.visit)
    if reason.day is not None and reason.day == reason.last:
        days = staff_day(reason.day)
    elif reason.day is not None and reason.last is not None:
        days = f"from {staff_days(reason.day, reason.last)}"
    elif reason.day is not None:
        days = f"not before {staff_day(reason.day)}"
    else:
        days = f"not after {staff_day(reason.last)}" if reason.last is not None else "open"
    if reason.why is Why.NEIGHBOUR:
        return f"the visits before and after {visit} leave it {days}"
    counted = f", counted from {name(schedule.protocol, reason.other)}" if reason.other else ""
    return f"the window of {visit} is {days}{counted}"


def closed(schedule: Schedule, closure: Closure) -> str:
    """Why a day is closed: `Thu 1 May 2025 is a public holiday (Labour Day)`."""
    named = f" ({closure.name})" if closure.name else ""
    if closure.because is Because.WEEKEND:
        return f"{_named(schedule.possible.calendar.closed_weekdays)} are closed"
    if closure.because is Because.HOURS:
        return f"the {listed(list(closure.calendars))} has no hours on {_named(closure.weekdays)}"
    days = (
        staff_day(closure.first) if closure.first == closure.last else f"from {staff_days(closure.first, closure.last)}"
    )
    if closure.because is Because.ABSENCE:
        return f"the patient is away {'on ' if closure.first == closure.last else ''}{days}{named}"
    if closure.because is Because.HOLIDAY and closure.first == closure.last:
        return f"{days} is a public holiday{named}"
    who = listed(list(closure.calendars)) or "site"
    if closure.name == FULL:
        return f"no time is left on {days} at the {who}: it is taken, or the patient's other visits need it"
    return f"the {who} is closed {'on ' if closure.first == closure.last else ''}{days}{named}"


def _named(weekdays: Iterable[int]) -> str:
    names = get_day_names("wide", locale="en")
    return listed([f"{names[number]}s" for number in sorted(weekdays)])


def lines_of(words: Iterable[str]) -> Iterator[str]:
    """Clauses as sentences: a capital at the start, a full stop at the end."""
    return (f"{clause[:1].upper()}{clause[1:]}." for clause in words)
