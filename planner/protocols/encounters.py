"""One [[encounter]] table as an `Encounter`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from planner.core.protocol import NOTHING, Activity, Clock, Encounter, Stay
from planner.protocols import grammar
from planner.protocols.again import with_repeats
from planner.protocols.entry import Entry, rows, text, whole
from planner.protocols.faults import Unreadable, shown
from planner.protocols.names import Kind
from planner.protocols.timing import last_given, timing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.core.protocol import Condition, Instance
    from planner.protocols.repetition import Made
    from planner.protocols.timing import Numbering

SHARED = (
    "activities",
    "attended",
    "calendar",
    "duration",
    "instructions",
    "neutral",
    "place",
    "resource",
    "staff",
)
"""What a visit may take from another that it is like: how it goes, never when."""
CLINIC = "clinic"


def encounters(made: list[Made], numbering: Numbering) -> tuple[Encounter, ...]:
    """Every encounter in the file's order."""
    above: dict[str, Entry] = {}
    below = {entry.data["code"] for entry, _ in made if isinstance(entry.data.get("code"), str)}
    found = []
    for (entry, instance), repeats in with_repeats(_alike(made, above, below)):
        code = entry.code(Kind.VISIT)
        above.setdefault(code, entry)
        found.append((replace(_encounter(entry, code, instance, numbering), repeats=repeats or None), entry))
    return last_given(found)


def _alike(made: Iterable[Made], above: dict[str, Entry], below: set[object]) -> Iterator[Made]:
    for entry, instance in made:
        _like(entry, above, below)
        yield entry, instance


def _like(entry: Entry, above: dict[str, Entry], below: set[object]) -> None:
    """What the table does not say itself, from the visit that it is like."""
    code = entry.name("like", Kind.VISIT)
    model = above.get(code)
    if model is not None:
        taken = {key: model.data[key] for key in SHARED if key in model.data and key not in entry.data}
        entry.origins = {**entry.origins, **{key: model.at(key) for key in taken}}
        entry.data = {**entry.data, **taken}
    elif code in below:
        entry.fault("like", f"{code!r} does not stand above", "Move it up, or name a visit that stands above")


def _encounter(entry: Entry, code: str, instance: Instance | None, numbering: Numbering) -> Encounter:
    """The encounter; faults are noted, and what could not be read is left empty."""
    resource = entry.word("resource")
    found = Encounter(
        code=code,
        epoch=entry.name("epoch", Kind.EPOCH, required=True),
        name=entry.words("name", required=True),
        timing=timing(entry, numbering),
        neutral=entry.words("neutral"),
        instructions=entry.words("instructions"),
        conditions=conditions(entry, "when"),
        calendar=entry.word("calendar") or resource or CLINIC,
        attended=entry.yes("attended", default=True),
        duration=entry.take("duration", grammar.duration, None),
        stay=_stay(entry.entry("stay")),
        clock=_clock(entry.entry("clock")),
        place=entry.words("place"),
        staff=entry.lines("staff"),
        resource=resource or None,
        label=entry.line("label") or None,
        activities=entry.take("activities", _activities, ()),
        sources=entry.sources(),
        instance=instance,
        two_persons=entry.yes("two_persons", default=False),
        gate=entry.name("gate", Kind.VISIT) or None,
        joins=_joins(entry),
    )
    entry.done()
    return found


def _joins(entry: Entry) -> tuple[str, ...]:
    nobody: tuple[str, ...] = ()
    found = entry.take("joins", grammar.codes, nobody)
    entry.use("joins", Kind.VISIT, *found)
    return found


def conditions(entry: Entry, key: str) -> tuple[Condition, ...]:
    """The conditions of which all must hold, each a decision with some of its values."""
    none: tuple[Condition, ...] = ()
    found = entry.take(key, grammar.conditions, none)
    for condition in found:
        entry.use(key, Kind.DECISION, condition.decision)
        entry.use(key, Kind.ANSWER, *(f"{condition.decision}={value}" for value in condition.values))
    return found


def _stay(entry: Entry | None) -> Stay | None:
    if entry is None:
        return None
    least = entry.take("least", whole, 0, required=True)
    most = entry.take("most", whole, least, required=True)
    found = Stay(least, entry.take("planned", whole, most), most)
    if not entry.refused and not 0 <= found.least <= found.planned <= found.most:
        entry.fault("", "the days least, planned and most do not rise from 0", "Write 0 <= least <= planned <= most")
    entry.done()
    return found


def _clock(entry: Entry | None) -> Clock | None:
    if entry is None:
        return None
    found = Clock(
        entry.name("anchor", Kind.VISIT, required=True),
        entry.take("elapsed", grammar.minutes, 0, required=True),
        entry.take("early", grammar.minutes, None),
        entry.take("late", grammar.minutes, None),
    )
    entry.done()
    return found


def _activities(value: object) -> tuple[Activity, ...]:
    return tuple(_activity(row) for row in rows(value))


def _activity(value: object) -> Activity:
    if isinstance(value, dict) and "name" in value:
        strange = next((key for key in value if key not in ("name", "note")), None)
        if strange is not None:
            raise Unreadable(f"{shown(strange)} is not known of an activity", "Write { name = ..., note = ... }")
        return Activity(text(value["name"]), text(value["note"]) if "note" in value else NOTHING)
    return Activity(text(value))
