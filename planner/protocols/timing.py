"""When a visit takes place: `timing` and `window` of an [[encounter]] table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.core.days import Span, Unit, day_offset
from planner.core.protocol import Anchor, Bounds, Skipped, Strength, Timing, Tolerance
from planner.protocols import grammar
from planner.protocols.entry import whole
from planner.protocols.faults import Unreadable, shown
from planner.protocols.reach import reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from planner.core.protocol import Encounter
    from planner.protocols.entry import Entry

OPEN = "open"
STRENGTHS = tuple(strength.value for strength in (Strength.WINDOW, Strength.HARD, Strength.ABSOLUTE))
EDGES = (("first_day", "earliest"), ("last_day", "latest"))


@dataclass(frozen=True, slots=True)
class Numbering:
    """How days are counted: the number of the first day (1 or 0), and from what in each epoch."""

    first_day: int
    reference: str
    anew: Mapping[str, Anchor]

    def origin(self, epoch: str) -> Anchor:
        """What day numbers count from in an epoch."""
        return self.anew.get(epoch) or Anchor((self.reference,))

    def day(self, value: object) -> Span:
        """A day number as the distance from the first day."""
        number = whole(value)
        if number == 0 and self.first_day == 1:
            raise Unreadable("there is no Day 0 where days count from Day 1", "Write 1 for the first day, -1 before it")
        return Span(day_offset(number, self.first_day))


def timing(encounter: Entry, numbering: Numbering) -> Timing | None:
    """Target and window; None where the encounter has no timing and is only made as needed."""
    entry, bounds = encounter.entry("timing"), encounter.entry("window")
    if entry is None:
        if bounds is not None and "timing" not in encounter.refused:
            bounds.fault("", "a window stands without timing", "Add timing = { ... }, or take the window out")
        return None
    origin = numbering.origin(encounter.raw("epoch"))
    skipped = Skipped(entry.choice("skipped", tuple(s.value for s in Skipped), Skipped.IDEAL.value))
    found = Timing(entry.anchor("anchor", origin), _offset(entry, numbering), _tolerance(entry), skipped=skipped)
    found = replace(found, strength=_strength(entry, there=found.window is not None))
    if bounds is not None:
        if entry.has("before") or entry.has("after"):
            bounds.fault("", "a window stands beside before and after", "Keep the window, or before and after")
        found = _own_window(bounds, found, origin, numbering)
    entry.done()
    return found


def _strength(entry: Entry, *, there: bool) -> Strength:
    if entry.has("strength") and not there:
        what = "strength says how binding before and after are, and they are not there"
        entry.fault("strength", what, "Add before and after, or write strength into the window")
    return Strength(entry.choice("strength", STRENGTHS, Strength.WINDOW.value))


def _offset(entry: Entry, numbering: Numbering) -> Span:
    """`offset = "14 days"`, or `day = 57`: a day number that counts the anchor as the first day."""
    if entry.has("day") and entry.has("offset"):
        entry.fault("day", "day stands beside offset", "Keep one of the two")
    if entry.has("day"):
        return entry.take("day", numbering.day, Span(0))
    if not entry.has("offset") and not entry.refused:
        entry.lacks("offset", "neither offset nor day is there", 'Add offset = "14 days" or day = 15')
    return entry.take("offset", grammar.span, Span(0))


def _tolerance(entry: Entry) -> Tolerance | None:
    """`before` and `after`; both absent is no window, both 0 that exact day, "open" no limit on that side."""
    there = [key for key in ("before", "after") if entry.has(key)]
    if not there:
        return None
    if len(there) == 1:
        other = "after" if there == ["before"] else "before"
        mend = f'Add {other} = 0 for the target day itself, or {other} = "open" for no limit on that side'
        entry.fault("", f"{there[0]} stands without {other}", mend)
        return None
    exactly: Span | None = Span(0)
    before, after = (entry.take(key, _side, exactly) for key in there)
    if before is None and after is None:
        entry.fault("before", "the window is open on both sides", "Leave before and after out: that is no window")
    return Tolerance(before, after)


def _side(value: object) -> Span | None:
    if value == OPEN:
        return None
    found = grammar.span(value)
    if found.amount < 0:
        raise Unreadable(f"{shown(value)} is below 0, so the window is upside down", "Count before and after from 0 up")
    return found


def _own_window(entry: Entry, target: Timing, origin: Anchor, numbering: Numbering) -> Timing:
    """A window with an anchor of its own: first_day and last_day as day numbers, or earliest and latest as spans."""
    base = entry.anchor("anchor", origin)
    strength = Strength(entry.choice("strength", STRENGTHS, target.strength.value))
    earliest, latest = (_edge(entry, number, span, numbering) for number, span in EDGES)
    if earliest is None and latest is None and not entry.refused:
        what = "the window has neither a first nor a last day"
        entry.lacks("first_day", what, "Add first_day and last_day, or one of them")
    wrong = _upside_down(earliest, latest)
    if wrong is not None:
        entry.fault("", *wrong)
    entry.done()
    return replace(target, window=Bounds(base, earliest, latest), strength=strength)


def _edge(entry: Entry, number: str, span: str, numbering: Numbering) -> Span | None:
    if entry.has(number) and entry.has(span):
        entry.fault(number, f"{number} stands beside {span}", "Keep one of the two")
    day = entry.take(number, numbering.day, None)
    return day or entry.take(span, grammar.span, None)


def _upside_down(earliest: Span | None, latest: Span | None) -> tuple[str, str] | None:
    """What is wrong with a window that can end before it begins, and how to mend it."""
    if earliest is None or latest is None or earliest.amount <= 0 <= latest.amount:
        return None
    if earliest.unit is not latest.unit and Unit.WORKING_DAYS in (earliest.unit, latest.unit):
        what = "one end counts in working days and the other does not, so holidays can turn the window upside down"
        return what, "Write both ends in working days, or neither"
    if earliest.unit is latest.unit and earliest.amount <= latest.amount:
        return None
    if earliest.unit is latest.unit or reach(earliest)[0] > reach(latest)[1]:
        return "the window is upside down: it ends before it begins", "Swap its two ends"
    if reach(earliest)[1] <= reach(latest)[0]:
        return None
    return "from some days the window ends before it begins", "Write both ends in months, or neither"


def last_given(made: list[tuple[Encounter, Entry]]) -> tuple[Encounter, ...]:
    """With `skipped = "last"` written out: an anchor in a repetition means the last of it given so far."""
    by_code = {found.code: found for found, _ in made}
    return tuple(_counting_from_last(found, entry, by_code) for found, entry in made)


def _counting_from_last(found: Encounter, entry: Entry, by_code: Mapping[str, Encounter]) -> Encounter:
    plan = found.timing
    if plan is None or plan.skipped is not Skipped.LAST or len(plan.anchor.codes) > 1:
        return found
    base = by_code.get(plan.anchor.codes[0])
    if base is None or base.instance is None:
        if base is not None:
            what = f"{base.code!r} is not repeated, so there is no last one given before it"
            entry.fault("timing", what, "Write the anchor as 'last of A, B', or skipped = 'ideal' or 'drop'")
        return found
    series = [e for e in by_code.values() if e.instance and e.instance.template == base.instance.template]
    codes = tuple(e.code for e in series if e.instance and e.instance.number <= base.instance.number)
    return replace(found, timing=replace(plan, anchor=replace(plan.anchor, codes=codes, pick=-1)))
