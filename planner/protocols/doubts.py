"""What a protocol file may say but hardly means: told beside the protocol, never a reason to refuse it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from planner.core.days import Unit
from planner.core.disclosure import neutral_title, secret_words
from planner.core.protocol import Strength
from planner.protocols.clashes import clashes, every_repetition
from planner.protocols.entry import LANGUAGES
from planner.protocols.faults import Faults, Spot
from planner.protocols.names import Kind
from planner.protocols.telling import first, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from planner.core.protocol import Encounter, Protocol
    from planner.protocols.entry import Reading
    from planner.protocols.faults import Fault

DAY = 24 * 60
VERY_LIKE = 0.8
MOST_CALENDARS = 20

Doubt = tuple[Spot, str, str]


def doubts(protocol: Protocol, reading: Reading) -> tuple[Fault, ...]:
    """Everything doubtful in a protocol without faults, as the file runs."""
    found = Faults(reading.faults.line_of)
    for spot, what, mend in (
        *_unused(reading),
        *_for_each_visit(protocol, reading),
        *_calendars(protocol, reading),
        *_windows(protocol, reading),
    ):
        found.add(spot, what, mend)
    return found.found


def _unused(reading: Reading) -> Iterator[Doubt]:
    for kind, code, spot in reading.names.unused():
        yield spot, f"nothing uses the {kind} {code!r}", "Take it out, or use it"


def _for_each_visit(protocol: Protocol, reading: Reading) -> Iterator[Doubt]:
    secret = secret_words(protocol)
    for encounter in protocol.encounters:
        spot = reading.names.spot(Kind.VISIT, encounter.code)
        yield from _chained_months(protocol, encounter, spot)
        yield from _clock(encounter, spot)
        yield from _tells(encounter, spot, secret)


def _chained_months(protocol: Protocol, encounter: Encounter, spot: Spot) -> Iterator[Doubt]:
    if not _in_months(encounter):
        return
    for code in encounter.timing.anchor.codes if encounter.timing is not None else ():
        other = protocol.by_code.get(code)
        if other is not None and _in_months(other):
            what = f"months are counted from {code}, which is itself counted in months, so the day of the month drifts"
            yield spot.at("timing"), what, "Count both from the same origin, such as a named date"


def _in_months(encounter: Encounter) -> bool:
    timing = encounter.timing
    return timing is not None and timing.offset.unit is Unit.MONTHS and timing.offset.amount != 0


def _clock(encounter: Encounter, spot: Spot) -> Iterator[Doubt]:
    """An elapsed time that cannot fall on the target day, whenever on its day the anchor began."""
    clock, timing = encounter.clock, encounter.timing
    if clock is None or timing is None or timing.anchor.codes != (clock.anchor,) or timing.offset.days is None:
        return
    low, high = clock.minutes // DAY, (clock.minutes + DAY - 1) // DAY
    if not low <= timing.offset.days <= high:
        days = str(low) if low == high else f"{low} or {high}"
        what = f"{clock.minutes / 60:g} h after {clock.anchor} is day {days} after it, not day {timing.offset.days}"
        yield spot.at("clock"), what, "Mend the offset of timing, or the elapsed time"


def _tells(encounter: Encounter, spot: Spot, secret: frozenset[str]) -> Iterator[Doubt]:
    for language in LANGUAGES:
        title = dict(encounter.neutral.words).get(language)
        if title and not neutral_title(encounter, secret, language):
            what = f"the neutral name {title!r} holds a word of the trial, so it will not be printed"
            yield spot.at("neutral"), what, "Write words that tell a stranger nothing, or leave neutral out"


def _calendars(protocol: Protocol, reading: Reading) -> Iterator[Doubt]:
    """A calendar that looks like a slip of the pen for another."""
    times = Counter(encounter.calendar for encounter in protocol.encounters)
    for encounter in protocol.encounters if len(times) <= MOST_CALENDARS else ():
        often = [name for name, count in times.items() if count > times[encounter.calendar]]
        like = get_close_matches(encounter.calendar, often, n=1, cutoff=VERY_LIKE)
        if like:
            what = f"the calendar {encounter.calendar!r} is a rare one and looks like {like[0]!r}"
            yield reading.names.spot(Kind.VISIT, encounter.code).at("calendar"), what, "Mend it if they are the same"


def _windows(protocol: Protocol, reading: Reading) -> Iterator[Doubt]:
    """Windows that can never be kept together, although every day is open."""
    windows = tuple(map(_strict, protocol.encounters))
    for clash in clashes(replace(protocol, blocks=every_repetition(protocol.blocks), encounters=windows)):
        what = f"although every day is open, these can never all be kept: {told(clash.reasons, reading)}"
        mend = "Widen one of them, or expect a deviation of every patient"
        yield first(clash.reasons, reading), what, mend


def _strict(encounter: Encounter) -> Encounter:
    """The encounter with its window as a rule."""
    timing = encounter.timing
    if timing is None or timing.window is None or timing.strength.binding:
        return encounter
    return replace(encounter, timing=replace(timing, strength=Strength.HARD))
