"""One [[encounter]] table as an `Encounter`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.days import Span, day_offset
from planner.core.protocol import (
    NOTHING,
    Activity,
    Anchor,
    Bounds,
    Clock,
    Encounter,
    Skipped,
    Stay,
    Strength,
    Timing,
    Tolerance,
)
from planner.protocols import grammar
from planner.protocols.entry import text, whole

if TYPE_CHECKING:
    from planner.core.protocol import Instance
    from planner.protocols.entry import Entry

OPEN = "open"
STRENGTHS = tuple(strength.value for strength in (Strength.WINDOW, Strength.HARD, Strength.ABSOLUTE))


def encounter(entry: Entry, instance: Instance | None, reference: str, first_day: int) -> Encounter:
    """The encounter; faults are noted, and what could not be read is left empty."""
    timing = entry.entry("timing")
    found = Encounter(
        code=entry.take("code", grammar.code, "", required=True),
        epoch=entry.line("epoch", required=True),
        name=entry.words("name", required=True),
        timing=_timing(timing, entry, reference, first_day) if timing is not None else None,
        neutral=entry.words("neutral"),
        instructions=entry.words("instructions"),
        conditions=entry.take("when", grammar.conditions, ()),
        calendar=entry.line("calendar", entry.line("resource") or "clinic"),
        attended=entry.yes("attended", default=True),
        duration=entry.take("duration", grammar.duration, None),
        stay=_stay(entry.entry("stay")),
        clock=_clock(entry.entry("clock")),
        place=entry.words("place"),
        staff=entry.lines("staff"),
        resource=entry.line("resource") or None,
        label=entry.line("label") or None,
        activities=entry.take("activities", _activities, ()),
        sources=entry.sources(),
        instance=instance,
    )
    if timing is None:
        _no_window(entry)
    entry.done()
    return found


def _no_window(entry: Entry) -> None:
    if entry.has("window"):
        entry.fault("window", "stands without timing", "Add timing, or take the window out")


def _timing(entry: Entry, owner: Entry, reference: str, first_day: int) -> Timing:
    base = entry.take("anchor", grammar.anchor, Anchor((reference,)))
    skipped = Skipped(entry.choice("skipped", tuple(s.value for s in Skipped), Skipped.IDEAL.value))
    strength = Strength(entry.choice("strength", STRENGTHS, Strength.WINDOW.value))
    found = Timing(base, _offset(entry, first_day), _tolerance(entry), strength, skipped)
    bounds = owner.entry("window")
    if bounds is not None:
        if found.window is not None:
            bounds.fault("", "stands beside before and after", "Keep either the window or before and after")
        found = _own_window(bounds, found, reference, first_day)
    entry.done()
    return found


def _offset(entry: Entry, first_day: int) -> Span:
    """`offset = "14 days"`, or `day = 57`: a day number that counts the anchor as the first day."""
    if entry.has("day") and entry.has("offset"):
        entry.fault("day", "stands beside offset", "Keep one of the two")
    if entry.has("day"):
        return entry.take("day", lambda value: Span(day_offset(whole(value), first_day)), Span(0))
    return entry.take("offset", grammar.span, Span(0), required=True)


def _tolerance(entry: Entry) -> Tolerance | None:
    """`before` and `after`; both absent is no window, both 0 that exact day, "open" no limit on that side."""
    there = [key for key in ("before", "after") if entry.has(key)]
    if not there:
        return None
    if len(there) == 1:
        other = "after" if there == ["before"] else "before"
        entry.fault(other, f"is missing beside {there[0]}", f'Write {other} = 0 for none, or {other} = "open"')
    before, after = (entry.take(key, _side, None) for key in ("before", "after"))
    if before is None and after is None and len(there) > 1:
        entry.fault("before", "the window is open on both sides", "Leave before and after out: that is no window")
        return None
    return Tolerance(before, after)


def _side(value: object) -> Span | None:
    if value == OPEN:
        return None
    found = grammar.span(value)
    if found.amount < 0:
        raise ValueError(f"{value!r} is negative, so the window would be upside down; before and after count from 0")
    return found


def _own_window(entry: Entry, timing: Timing, reference: str, first_day: int) -> Timing:
    """A window with an anchor of its own: first_day and last_day as day numbers, or earliest and latest as spans."""
    base = entry.take("anchor", grammar.anchor, Anchor((reference,)))
    edges: list[Span | None] = []
    for number, span in (("first_day", "earliest"), ("last_day", "latest")):
        if entry.has(number) and entry.has(span):
            entry.fault(number, f"stands beside {span}", "Keep one of the two")
        day = entry.take(number, lambda value: Span(day_offset(whole(value), first_day)), None)
        edges.append(day or entry.take(span, grammar.span, None))
    earliest, latest = edges
    if earliest is None and latest is None:
        entry.fault("first_day", "the window has no edge", "Write first_day and last_day, or earliest and latest")
    if _upside_down(earliest, latest):
        entry.fault("last_day", "the window is upside down: it ends before it starts", "Swap its two ends")
    strength = Strength(entry.choice("strength", STRENGTHS, timing.strength.value))
    entry.done()
    return replace(timing, window=Bounds(base, earliest, latest), strength=strength)


def _upside_down(earliest: Span | None, latest: Span | None) -> bool:
    if earliest is None or latest is None:
        return False
    days = (earliest.days, latest.days)
    if days[0] is not None and days[1] is not None:
        return days[1] < days[0]
    return earliest.unit is latest.unit and latest.amount < earliest.amount


def _stay(entry: Entry | None) -> Stay | None:
    if entry is None:
        return None
    least = entry.take("least", whole, 0, required=True)
    most = entry.take("most", whole, least, required=True)
    found = Stay(least, entry.take("planned", whole, most), most)
    if not 0 <= found.least <= found.planned <= found.most:
        entry.fault("", "least, planned and most days do not rise from 0", "Write 0 <= least <= planned <= most")
    entry.done()
    return found


def _clock(entry: Entry | None) -> Clock | None:
    if entry is None:
        return None
    found = Clock(
        entry.take("anchor", grammar.code, "", required=True),
        entry.take("elapsed", grammar.minutes, 0, required=True),
        entry.take("early", grammar.minutes, None),
        entry.take("late", grammar.minutes, None),
    )
    entry.done()
    return found


def _activities(value: object) -> tuple[Activity, ...]:
    rows = value if isinstance(value, list) else [value]
    return tuple(_activity(row) for row in rows)


def _activity(value: object) -> Activity:
    if isinstance(value, dict) and "name" in value:
        if not set(value) <= {"name", "note"}:
            raise ValueError(f"{value!r:.60} is no activity: it has a name and may have a note")
        return Activity(text(value["name"]), text(value["note"]) if "note" in value else NOTHING)
    return Activity(text(value))


def last_given(made: tuple[tuple[Encounter, Entry], ...]) -> tuple[Encounter, ...]:
    """With `skipped = "last"` written out: an anchor in a repetition means the last of it given so far."""
    by_code = {found.code: found for found, _ in made}
    return tuple(_counting_from_last(found, entry, by_code) for found, entry in made)


def _counting_from_last(found: Encounter, entry: Entry, by_code: dict[str, Encounter]) -> Encounter:
    timing = found.timing
    if timing is None or timing.skipped is not Skipped.LAST or timing.anchor.pick == -1:
        return found
    base = by_code.get(timing.anchor.codes[0])
    if base is None or base.instance is None:
        entry.fault("timing", "skipped = 'last' needs an anchor that is repeated", "Write 'last of A, B' as the anchor")
        return found
    series = [e for e in by_code.values() if e.instance and e.instance.template == base.instance.template]
    codes = tuple(e.code for e in series if e.instance and e.instance.number <= base.instance.number)
    return replace(found, timing=replace(timing, anchor=replace(timing.anchor, codes=codes, pick=-1)))
