"""Sentences for staff from values: what happened, why, and what to do. English only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.calendar import Because
from planner.core.conflicts import ConflictKind
from planner.core.deviations import FlagKind, Nature
from planner.core.explain import CHANGEABLE, Why
from planner.core.protocol import Strength
from planner.core.schedule import Verdict
from planner.exports.naming import listed, name, named_once, window_words
from planner.exports.reasons import causes, closed, fact, in_order, lines_of, link
from planner.exports.words import staff_day, staff_days

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from planner.core.conflicts import Conflict
    from planner.core.deviations import Deviation, Flag
    from planner.core.explain import Reason
    from planner.core.schedule import Explanation, Schedule
    from planner.core.visit import DaysLeft, Visit

ONE_BREATH = 2
"""Causes that one sentence can carry; more are told one by one."""

FLAGS = {
    FlagKind.DUE: "due",
    FlagKind.OVERDUE: "overdue: its window has passed; record it, book it, or say that it will not take place",
    FlagKind.ADRIFT: "counted from a visit that has no possible day",
    FlagKind.TO_RECORD: "its day has passed: record whether it took place",
    FlagKind.UNDECIDED: "GO or NO-GO not entered yet",
    FlagKind.ASSUMED: "assumed: nobody has decided yet whether it takes place",
}


def explanation(schedule: Schedule, answer: Explanation) -> str:
    """Why a visit can or cannot be on a day, and which days it can be on instead."""
    who, day = name(schedule.protocol, answer.visit), staff_day(answer.day)
    if answer.verdict is Verdict.LIVE:
        return f"{who} can be on {day}: no rule and no closed day speaks against it."
    why = _told_of(causes(schedule, answer.reasons, answer.visit), who, day)
    if answer.verdict is Verdict.OUTSIDE:
        head = f"{who} can be on {day}, but {_outside(answer)}"
        choice = (
            "Choose one of its bookable days, or"
            if schedule.by_code[answer.visit].live
            else "None of its bookable days is left:"
        )
        advice = f"{choice} book it and record a deviation with its reason."
    else:
        why = why or (_beyond(schedule),)
        head, advice = f"{who} cannot be on {day}", nearest_days(schedule.by_code[answer.visit], answer.day)
    return named_once(schedule.protocol, " ".join((_because(head, why), advice)))


def conflict(schedule: Schedule, clash: Conflict) -> str:
    """What clashes, why, and what may give way."""
    who = name(schedule.protocol, clash.visit)
    if clash.kind is ConflictKind.RULE:
        return named_once(schedule.protocol, f"{_broken(schedule, clash.reasons)} {_way_out(clash.reasons[0])}")
    why = _told_of(causes(schedule, clash.reasons, clash.visit), who)
    if clash.kind is ConflictKind.NO_DAY:
        said = f"{_because(f'{who} has no possible day', why)} {give_way(schedule, clash.reasons)}"
        return named_once(schedule.protocol, said)
    if clash.kind is ConflictKind.CLOSED:
        here, *shut = causes(schedule, clash.reasons, clash.visit)
        day = next(staff_day(reason.day) for reason in clash.reasons if reason.day is not None)
        return f"{here}, but {listed(list(_told_of(shut, who, day)))}. {_when_closed(clash.reasons)}"
    return f"{who} is booked but falls away: {listed(list(why))}. Cancel the booking, or correct the record."


def _told_of(clauses: Iterable[str], who: str, day: str = "") -> tuple[str, ...]:
    """The clauses after a head that has named its visit, which only the first can call `it`, and its day."""
    first, *rest = (*clauses, "")
    told = [f"it {first.removeprefix(who).strip()}" if first.startswith(f"{who} ") else first, *rest]
    short = [
        f"that day{clause.removeprefix(day)}" if day and clause.startswith(f"{day} ") else clause for clause in told
    ]
    return tuple(filter(None, short))


def _when_closed(reasons: Iterable[Reason]) -> str:
    because = {reason.closure.because for reason in reasons if reason.closure is not None}
    if Because.ABSENCE in because:
        return "Move it, or settle the absence with the patient."
    return "Move it, or have the day opened."


def _because(head: str, why: tuple[str, ...]) -> str:
    """One sentence while that can be read in one breath, else a sentence for each cause."""
    if len(why) <= ONE_BREATH:
        return f"{head}: {'; '.join(why)}."
    return " ".join((f"{head}, because all of this holds together.", *lines_of(why)))


def _outside(answer: Explanation) -> str:
    if answer.days:
        return lateness(answer.days)
    between = any(reason.why is Why.NEIGHBOUR for reason in answer.reasons)
    return "not between the visits before and after it" if between else "not without a deviation"


def lateness(days: int) -> str:
    """`4 days late`, `1 day early`."""
    return f"{abs(days)} day{'' if abs(days) == 1 else 's'} {'late' if days > 0 else 'early'}"


def _beyond(schedule: Schedule) -> str:
    horizon = schedule.possible.horizon
    return f"this plan looks only at the days from {staff_days(horizon.first, horizon.last)}"


def nearest_days(visit: Visit, day: date) -> str:
    """The days nearest to one that is not possible: the bookable ones, else those that would be deviations."""
    days, kind = (visit.live, "bookable") if visit.live else (visit.possible, "possible")
    before = max((other for other in days if other < day), default=None)
    after = min((other for other in days if other > day), default=None)
    if before is not None and after is not None:
        return f"The nearest {kind} days are {staff_day(before)} and {staff_day(after)}."
    if after is not None:
        return f"The first {kind} day is {staff_day(after)}."
    return f"The last {kind} day is {staff_day(before)}." if before is not None else "It has no possible day at all."


def _broken(schedule: Schedule, reasons: tuple[Reason, ...]) -> str:
    """A rule that two fixed days break, with both days."""
    facts = [fact(schedule, reason) for reason in reasons[1:]]
    rule = link(schedule, reasons[0], {reason.visit for reason in reasons[1:]})
    return f"{rule}, but {listed(facts)}."


def _way_out(rule: Reason) -> str:
    if rule.strength is Strength.ABSOLUTE:
        return "Move one of the two: nobody may overrule this."
    return "Move one of the two, or have an investigator accept it in writing."


def give_way(schedule: Schedule, reasons: Iterable[Reason]) -> str:
    """Who could change what, where a set of reasons leaves no day."""
    loose = [r for r in reasons if r.why in CHANGEABLE and r.strength is not Strength.ABSOLUTE]
    booked = [f"move {name(schedule.protocol, r.visit)}" for r in loose if r.why is Why.BOOKED]
    because = {r.closure.because for r in loose if r.closure is not None}
    shut = ["settle the absence with the patient"] if Because.ABSENCE in because else []
    shut += ["have a closed day opened"] if because - {Because.ABSENCE} else []
    ruled = any(r.why not in (Why.BOOKED, Why.CLOSED) for r in loose)
    overrule = ["have an investigator overrule at least one of these rules in writing"] if ruled else []
    ways = [*booked, *shut, *overrule]
    return f"To solve it: {', or '.join(ways)}." if ways else "Nobody can change any of this: decide how to go on."


def repair(schedule: Schedule, reasons: Iterable[Reason]) -> str:
    """One set of things that would have to give way together."""
    steps = []
    for reason in in_order(reasons, ""):
        if reason.why is Why.BOOKED:
            steps.append(f"move {name(schedule.protocol, reason.visit)}")
        elif reason.why is Why.CLOSED and reason.closure is not None:
            steps.append(f"open a day although {closed(schedule, reason.closure)}")
        else:
            steps.append(f"overrule in writing that {link(schedule, reason)}")
    return named_once(schedule.protocol, listed(steps))


def deviation(schedule: Schedule, broken: Deviation) -> str:
    """`4 days late (window 14 Apr to 17 Apr 2025)`, or the rule that is broken; with the words of who accepted it."""
    said = _late(schedule, broken) if broken.broken is None else f"against the rule: {link(schedule, broken.broken)}"
    expected = "expected " if broken.nature is Nature.EXPECTED and broken.broken is None else ""
    accepted = f"; accepted: {broken.reason}" if broken.accepted else ""
    return f"{expected}{said}{accepted}"


def _late(schedule: Schedule, broken: Deviation) -> str:
    window = schedule.by_code[broken.visit].window
    return f"{lateness(broken.days)} ({window_words(window)})" if window is not None else lateness(broken.days)


def flag(schedule: Schedule, visit: Visit, raised: Flag) -> str:
    """What is to be said beside a visit's state."""
    if raised.kind in FLAGS:
        return FLAGS[raised.kind]
    if raised.kind is FlagKind.CLOSING:
        return f"closing: {staff_day(max(visit.live))} is its last bookable day"
    if raised.kind is FlagKind.FEW_DAYS_LEFT:
        left = visit.days_left.days_left
        return f"only {_days(left)} left" if left else "no day left"
    if raised.kind is FlagKind.CLASH and visit.target is not None:
        target = staff_day(visit.target)
        shut = listed([closed(schedule, r.closure) for r in raised.broken if r.closure is not None])
        return f"its target {target} is closed: {shut}".replace(f": {target} is", ": it is", 1)
    return listed([link(schedule, reason) for reason in raised.broken])


def days_left(schedule: Schedule, room: DaysLeft) -> str:
    """`Resection (RES): 28 days left, can still slip 27 days, 20 of the days are open`."""
    who = name(schedule.protocol, room.visit)
    if not room.days_left:
        return f"{who}: no day left"
    slip = f"can still slip {_days(room.can_slip)}" if room.can_slip else "cannot slip"
    return f"{who}: {_days(room.days_left)} left, {slip}; {room.open_days_left} of them open"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
