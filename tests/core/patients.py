"""Random patients: facts near the plan or mad, closed days, any today; over SHRINK and over made-up protocols."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from planner.core.calendar import Because, Calendar, Closure
from planner.core.days import Span, Unit
from planner.core.facts import Acceptance, Fact, Facts, State
from planner.core.protocol import (
    Anchor,
    Bounds,
    Condition,
    Encounter,
    NamedDate,
    Protocol,
    Rule,
    Skipped,
    Stay,
    Strength,
    Timing,
    Tolerance,
)
from planner.core.schedule import plan

from .small import DAY_1, OPEN, SHRINK, START, protocol, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Pick = Callable[[int, int], int]

AS_PLANNED = {visit.code: visit.day or DAY_1 for visit in plan(SHRINK, START, OPEN).visits}
"""Where SHRINK's visits stand when nothing has happened yet."""
CODES = "ABCDEF"


@dataclass(frozen=True)
class Patient:
    """What a plan is made of."""

    protocol: Protocol
    facts: Facts
    calendar: Calendar
    today: date | None


@st.composite
def drawn(draw, make):
    """A random patient that shrinks."""
    return make(lambda low, high: draw(st.integers(low, high)))


def on_shrink(pick: Pick) -> Patient:
    """A patient of SHRINK, some visits done or booked not far from where they were planned."""
    moved = timedelta(days=pick(0, 700))
    facts = Facts(dates={name: day + moved for name, day in START.dates.items()})
    if pick(0, 5) == 0:
        facts = facts.dated("registration", DAY_1 + moved + timedelta(days=pick(-40, 20)))
    days = {encounter.code: AS_PLANNED.get(encounter.code, DAY_1) + moved for encounter in SHRINK.encounters}
    return _happened(pick, SHRINK, facts, days)


def on_a_small_protocol(pick: Pick) -> Patient:
    """A patient of a protocol of a few visits with any timings, windows and rules."""
    made = small_protocol(pick)
    given = {"d1": DAY_1} if pick(0, 9) else {}
    if pick(0, 2):
        given["d2"] = DAY_1 + timedelta(days=pick(-10, 30))
    days = {encounter.code: DAY_1 + timedelta(days=pick(-10, 60)) for encounter in made.encounters}
    return _happened(pick, made, Facts(dates=given), days)


def mad(pick: Pick, make: Callable[[Pick], Patient], *, years: int) -> Patient:
    """A patient with facts that no person would mean: many `years` away, of unknown names, all at once."""

    def any_day() -> date:
        return DAY_1 + timedelta(days=pick(-365 * years, 365 * years))

    patient = make(pick)
    facts = patient.facts.booked("no such visit", DAY_1).decided("no such", "decision")
    for encounter in _some(pick, patient.protocol.encounters, 6):
        facts = _with(facts, encounter.code, _fact(pick, any_day()))
    for name in _some(pick, patient.protocol.dates, 2):
        facts = facts.dated(name.code, any_day())
    for decision in patient.protocol.decisions:
        facts = facts.decided(decision.code, "perhaps")
    today = any_day() if pick(0, 1) else patient.today
    return replace(patient, facts=replace(facts, ended=any_day() if pick(0, 3) == 0 else None), today=today)


def _some(pick: Pick, values: Sequence, most: int) -> list:
    return [values[pick(0, len(values) - 1)] for _ in range(pick(0, most))]


# ---- facts and calendars


def _happened(pick: Pick, made: Protocol, facts: Facts, days: dict[str, date]) -> Patient:
    start = min(days.values())
    today = start + timedelta(days=pick(-20, 200)) if pick(0, 1) else None
    for encounter in _some(pick, made.encounters, 8):
        near = days[encounter.code] + timedelta(days=pick(-5, 12) if pick(0, 1) else 0)
        facts = _with(facts, encounter.code, _fact(pick, near))
    for decision in made.decisions:
        if pick(0, 2) == 0:
            facts = facts.decided(decision.code, decision.values[pick(0, len(decision.values) - 1)])
    for rule in _some(pick, made.rules or (None,), 2):
        name = rule.id if rule is not None else "window"
        facts = facts.accepting(Acceptance(name, made.encounters[pick(0, len(made.encounters) - 1)].code, "agreed"))
    if pick(0, 9) == 0:
        facts = replace(facts, ended=start + timedelta(days=pick(0, 300)))
    return Patient(made, facts, _calendar(pick, start), today)


def _with(facts: Facts, code: str, fact: Fact) -> Facts:
    return replace(facts, visits={**facts.visits, code: fact})


def _fact(pick: Pick, day: date) -> Fact:
    kind = pick(0, 5)
    if kind <= 1:
        return Fact(State.BOOKED, day)
    if kind <= 3:
        return Fact(State.OCCURRED, day, end=day + timedelta(days=pick(0, 9)) if pick(0, 3) == 0 else None)
    return Fact(State.MISSED if kind == 4 else State.CANCELED)


def _calendar(pick: Pick, start: date) -> Calendar:
    closures = []
    for _ in range(pick(0, 4)):
        first = start + timedelta(days=pick(-10, 150))
        only = (("clinic",), ("theatre",), ())[pick(0, 2)]
        because = list(Because)[pick(1, 3)]
        closures.append(Closure(first, first + timedelta(days=pick(0, 12)), because, "closed", only))
    weekend = frozenset({5, 6}) if pick(0, 1) else frozenset()
    return Calendar(weekend, tuple(closures))


# ---- protocols


def small_protocol(pick: Pick) -> Protocol:
    """Two to six visits, each counting from a date or from visits before it, and a few rules between any of them."""
    codes = CODES[: pick(2, 6)]
    encounters: list[Encounter] = []
    for code in codes:
        encounters.append(_encounter(pick, code, ["d1", "d2", *(e.code for e in encounters if e.timing is not None)]))
    rules = tuple(_rule(pick, f"r{k}", ["d1", "d2"], list(codes)) for k in range(pick(0, 4)))
    standing_on = codes[pick(0, 1)] if pick(0, 3) == 0 else None
    dates = (NamedDate("d1", text("Day 1")), NamedDate("d2", text("Other"), required=False, visit=standing_on))
    if standing_on is not None:
        on_date = replace(encounters[0], timing=Timing(Anchor(("d2",)), Span(0)))
        encounters = [replace(on_date, code=e.code) if e.code == standing_on else e for e in encounters]
    return protocol(*encounters, dates=dates, rules=rules)


def _encounter(pick: Pick, code: str, before: list[str]) -> Encounter:
    timing = Timing(
        _anchor(pick, before),
        _span(pick, -5, 20),
        _window(pick, before),
        list(Strength)[pick(0, 3)],
        list(Skipped)[pick(0, 2)],
    )
    return Encounter(
        code=code,
        epoch="e",
        name=text(code),
        timing=timing if pick(0, 11) else None,
        conditions=(Condition("go", ("yes",) if pick(0, 1) else ("no",)),) if pick(0, 4) == 0 else (),
        calendar=("any", "clinic", "theatre")[pick(0, 2)],
        attended=pick(0, 1) == 1,
        stay=Stay(1, pick(1, 5), 9) if pick(0, 3) == 0 else None,
    )


def _anchor(pick: Pick, codes: list[str]) -> Anchor:
    if pick(0, 3):
        return Anchor((codes[pick(0, len(codes) - 1)],), end=pick(0, 3) == 0)
    start = pick(0, len(codes) - 1)
    return Anchor(tuple(codes[start:]), pick=(0, -1, 1)[pick(0, 2)])


def _span(pick: Pick, low: int, high: int) -> Span:
    unit = list(Unit)[(0, 0, 0, 1, 2, 3)[pick(0, 5)]]
    amount = pick(low, high)
    return Span({Unit.DAYS: amount, Unit.WEEKS: amount // 7, Unit.MONTHS: amount // 10}.get(unit, amount), unit)


def _window(pick: Pick, before: list[str]) -> Tolerance | Bounds | None:
    kind = pick(0, 4)
    if kind == 0:
        return None
    if kind <= 3:
        early, late = (_span(pick, 0, 7) if pick(0, 4) else None for _ in range(2))
        return Tolerance(early, late)
    low = pick(-10, 20)
    bounds = Bounds(_anchor(pick, before), Span(low), Span(low + pick(0, 20)))
    return replace(bounds, latest=None) if pick(0, 3) == 0 else bounds


def _rule(pick: Pick, name: str, dates: list[str], codes: list[str]) -> Rule:
    low = _span(pick, -10, 15)
    high = replace(low, amount=low.amount + pick(0, 15 if low.unit is Unit.DAYS else 3))
    spans = (low if pick(0, 3) else None, high if pick(0, 1) else None)
    return Rule(name, _anchor(pick, dates + codes), _anchor(pick, codes), *spans, list(Strength)[pick(0, 3)])
