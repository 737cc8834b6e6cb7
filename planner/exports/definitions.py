"""The protocol as staff read it: visit types by phase, rules, decisions and dates, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.core.calendar import ANY
from planner.core.protocol import Source, Strength
from planner.exports.naming import apart, listed, name, named_once
from planner.exports.reasons import lines_of
from planner.exports.repeats import besides
from planner.exports.timings import clock_words, counted_from, length, tolerance, when

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.escalation import Enrolment
    from planner.core.protocol import (
        Activity,
        Condition,
        Epoch,
        NamedDate,
        Protocol,
        Rule,
    )

MOST_TOLD = 6
"""Pairs of one rule without words of its own that are told one by one."""
TAGS = {
    "S": "stated in the protocol or its registry record",
    "P": "published about the trial, its sister trials or the product",
    "R": "drug regimen, label, guideline or regulation",
    "Rk": "common knowledge, not checked against its source",
    "A": "assumption: no published fact was found",
}
UNTAGGED = (Source("A"),)
"""What has no tag of its own is an assumption (docs/protocol.md)."""
STRENGTHS = {
    Strength.ABSOLUTE: "nobody may overrule it",
    Strength.HARD: "protects the patient or the study; broken only when an investigator overrules in writing",
    Strength.WINDOW: "a tolerance; broken with a reason, and shown as a deviation",
    Strength.FLAG: "only said",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A word of the page (a source tag, a strength) and what it means."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A source: its tag, what the tag means, and where exactly (empty where that is not said)."""

    tag: str
    meaning: str
    citation: str


@dataclass(frozen=True, slots=True)
class EnrolmentWords:
    """Whom the study takes, in a sentence; no sources where the protocol states nothing."""

    sentence: str
    sources: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class VisitType:
    """A row of the schedule; empty where there is nothing to say, `window` `none` where there is no window."""

    code: str
    name: str
    label: str
    when: str
    clock: str
    window: str
    strength: str
    branch: str
    calendar: str
    resource: str
    attended: str
    duration: str
    staff: str
    procedures: tuple[str, ...]
    sources: tuple[Cited, ...]
    besides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase with its visit types in the file's order; `numbering` where days are numbered anew."""

    name: str
    numbering: str
    visits: tuple[VisitType, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One statement of the protocol, whichever number of pairs it binds."""

    id: str
    sentence: str
    strength: str
    sources: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision, what can be decided, and what is planned until a person decides."""

    name: str
    values: str
    default: str


@dataclass(frozen=True, slots=True)
class DateRow:
    """A named date, whether a plan needs it, and the visit that stands on it (empty: none)."""

    name: str
    required: str
    visit: str


@dataclass(frozen=True, slots=True)
class Definition:
    """Everything that the protocol page prints."""

    id: str
    name: str
    version: str
    title: str
    note: str
    numbering: str
    reference: str
    enrolment: EnrolmentWords
    tags: tuple[Meaning, ...]
    strengths: tuple[Meaning, ...]
    phases: tuple[Phase, ...]
    rules: tuple[RuleRow, ...]
    decisions: tuple[DecisionRow, ...]
    dates: tuple[DateRow, ...]


def definition(protocol: Protocol) -> Definition:
    """The protocol in the words of staff."""
    return Definition(
        id=protocol.id,
        name=protocol.name,
        version=protocol.version,
        title=protocol.title.into("en"),
        note=protocol.note.into("en"),
        numbering=_numbering(protocol),
        reference=_reference(protocol),
        enrolment=_enrolment(protocol.enrolment),
        tags=tuple(Meaning(tag, meaning) for tag, meaning in TAGS.items()),
        strengths=tuple(Meaning(strength.value, meaning) for strength, meaning in STRENGTHS.items()),
        phases=tuple(_phase(protocol, epoch) for epoch in protocol.epochs),
        rules=tuple(_rules(protocol)),
        decisions=tuple(
            DecisionRow(made.name.into("en"), ", ".join(made.values), made.default) for made in protocol.decisions
        ),
        dates=tuple(_date(protocol, named) for named in protocol.dates),
    )


def _numbering(protocol: Protocol) -> str:
    if protocol.first_day == 0:
        return "The reference date is Day 0. The day before it is Day -1."
    return "The reference date is Day 1. There is no Day 0: the day before it is Day -1."


def _reference(protocol: Protocol) -> str:
    """`Day 1, on which FOLFOX 1 (C1D1) stands`."""
    visit = protocol.date_of[protocol.reference].visit
    stands = f", on which {name(protocol, visit)} stands" if visit is not None else ""
    return f"{name(protocol, protocol.reference)}{stands}"


def _enrolment(stated: Enrolment | None) -> EnrolmentWords:
    parts = _stated(stated) if stated is not None else []
    if stated is None or not parts:
        return EnrolmentWords("The protocol does not state whom the study takes.", ())
    return EnrolmentWords(" ".join(lines_of(["; ".join(parts)])), _cited(stated.sources))


def _stated(enrolment: Enrolment) -> list[str]:
    """`up to 36 patients, screening failures not counted`, `3 dose levels`, `phases escalation and expansion`."""
    most, levels, phases = enrolment.most, enrolment.dose_levels, [*enrolment.phases]
    parts = [f"up to {_counted(most, 'patient')}, screening failures not counted"] if most is not None else []
    parts += [_counted(levels, "dose level")] if levels else []
    return [*parts, f"{'phase' if len(phases) == 1 else 'phases'} {listed(phases)}"] if phases else parts


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _cited(sources: tuple[Source, ...]) -> tuple[Cited, ...]:
    return tuple(Cited(source.tag, TAGS[source.tag], source.citation) for source in sources or UNTAGGED)


def _phase(protocol: Protocol, epoch: Epoch) -> Phase:
    anew = epoch.numbered_from
    numbering = f"Days are numbered anew from {counted_from(protocol, anew)}." if anew is not None else ""
    visits = (visit_type(protocol, e.code) for e in protocol.encounters if e.epoch == epoch.code and not e.repeats)
    return Phase(epoch.name.into("en"), numbering, tuple(visits))


def visit_type(protocol: Protocol, code: str) -> VisitType:
    """What the protocol says of one visit."""
    encounter = protocol.by_code[code]
    timing = encounter.timing
    return VisitType(
        code=encounter.code,
        name=encounter.name.into("en"),
        label=encounter.label or "",
        when=when(protocol, timing) if timing is not None else "as needed",
        clock=clock_words(protocol, encounter.clock) if encounter.clock is not None else "",
        window=tolerance(protocol, timing) if timing is not None else "none",
        strength=timing.strength.value if timing is not None and timing.window is not None else "",
        branch=_branch(protocol, encounter.conditions),
        calendar="every day, closed days too" if encounter.calendar == ANY else encounter.calendar,
        resource=encounter.resource or "",
        attended="with the patient" if encounter.attended else "staff only",
        duration=length(encounter),
        staff=", ".join(encounter.staff),
        procedures=tuple(map(_procedure, encounter.activities)),
        sources=_cited(encounter.sources),
        besides=besides(protocol, code),
    )


def _branch(protocol: Protocol, conditions: tuple[Condition, ...]) -> str:
    """`only if the decision 'Resectable' is 'yes'`."""
    names = {made.code: made.name.into("en") for made in protocol.decisions}
    parts = [f"the decision '{names[c.decision]}' is {_quoted(c.values)}" for c in conditions]
    return f"only if {listed(parts)}" if parts else ""


def _quoted(values: tuple[str, ...]) -> str:
    return " or ".join(f"'{value}'" for value in values)


def _procedure(done: Activity) -> str:
    note = done.note.into("en")
    return f"{done.name.into('en')} ({note})" if note else done.name.into("en")


def rules_of(protocol: Protocol, code: str) -> tuple[RuleRow, ...]:
    """The rules that bind a visit to another one, in the protocol's order."""
    own = replace(protocol, rules=tuple(r for r in protocol.rules if code in (*r.first.codes, *r.then.codes)))
    return tuple(_rules(own))


def _rules(protocol: Protocol) -> Iterator[RuleRow]:
    """What shares an id and a strength is one statement; repeated rules of two ids may alternate in the protocol."""
    together: dict[tuple[str, Strength], list[Rule]] = {}
    for rule in protocol.rules:
        together.setdefault((rule.id, rule.strength), []).append(rule)
    for (code, strength), rules in together.items():
        sources = tuple(dict.fromkeys(source for rule in rules for source in rule.sources))
        yield RuleRow(code, _sentence(protocol, rules), strength.value, _cited(sources))


def _sentence(protocol: Protocol, rules: list[Rule]) -> str:
    """The protocol's own words for the rule, else each pair that it binds."""
    texts = dict.fromkeys(rule.text.into("en") for rule in rules if rule.text)
    if texts:
        return " ".join(texts)
    told = [_pair(protocol, rule) for rule in rules[:MOST_TOLD]]
    more = len(rules) - len(told)
    told += [f"{_counted(more, 'more pair')} of visits {'is' if more == 1 else 'are'} bound alike"] if more else []
    return named_once(protocol, " ".join(lines_of(told)))


def _pair(protocol: Protocol, rule: Rule) -> str:
    """`Resection (RES) must be at least 28 days after FOLFOX 6 (C6D1)`."""
    must = "should" if rule.strength is Strength.FLAG else "must"
    where = f"be {apart(rule.lo, rule.hi, counted_from(protocol, rule.first))}"
    return f"{counted_from(protocol, rule.then)} {must} {where.replace('be not', 'not be', 1)}"


def _date(protocol: Protocol, named: NamedDate) -> DateRow:
    visit = name(protocol, named.visit) if named.visit is not None else ""
    return DateRow(named.name.into("en"), "needed for a plan" if named.required else "optional", visit)
