"""`again`: a visit that may be made anew once a person asks for it, written as further visits `CODE.2`, `CODE.3`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.core.days import Span
from planner.core.protocol import Anchor, Rule, Source, Strength, Text
from planner.protocols.entry import Entry, whole
from planner.protocols.faults import Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.core.protocol import Encounter
    from planner.protocols.repetition import Made

MOST = 9
OWN = ("timing", "window", "when")
"""What may differ from the visit itself: a repeat may count from another visit than the one it repeats."""
NOT_TWICE = ("again", "label")
REPEAT = "repeat"
ORDER = (Source("A", "order"),)
WORDS = Text((("en", "A repeat comes after the visit that it repeats."),))


def with_repeats(made: Iterable[Made]) -> Iterator[tuple[Made, str]]:
    """Every table with the code that it repeats (empty for the visit itself), each repeat behind its visit."""
    for entry, instance in made:
        again = _again(entry)
        yield (entry, instance), ""
        code = entry.raw("code")
        most = again.take("most", times, 0, required=True) if again is not None and code else 0
        for k in range(2, most + 2):
            yield (_repeat(entry, again, k), instance), code if k == 2 else f"{code}.{k - 1}"  # noqa: PLR2004  # the 1st
        if again is not None:
            again.done()


def _again(entry: Entry) -> Entry | None:
    """The table, or a number alone: how often."""
    found = entry.data.get("again")
    if found is None or isinstance(found, dict):
        return entry.entry("again")
    entry.known.add("again")
    return Entry({"most": found}, entry.at("again"), entry.reading)


def times(value: object) -> int:
    """How often a visit may be made anew: 1 to 9."""
    found = whole(value)
    if not 1 <= found <= MOST:
        raise Unreadable(f"a visit cannot be repeated {found} times", f"Write a number from 1 to {MOST}")
    return found


def _repeat(entry: Entry, again: Entry | None, k: int) -> Entry:
    """The table of the k-th time, with what the repeat says of itself."""
    own = {key: again.data[key] for key in OWN if again is not None and again.has(key)}
    kept = {key: value for key, value in entry.data.items() if key not in NOT_TWICE}
    if "timing" in own:
        kept.pop("window", None)
    found = Entry({}, entry.spot, entry.reading, dict(entry.origins))
    if again is not None:
        found.origins = {**found.origins, **{key: again.at(key) for key in own}}
    found.is_table = entry.is_table
    found.data = {**kept, **own, "code": f"{entry.raw('code')}.{k}", "name": _named(entry.data.get("name"), k)}
    return found


def _named(words: object, k: int) -> object:
    """`Pre-admission, repeat 1`; in other languages with a number alone."""
    if isinstance(words, dict):
        return {language: _named(said, k) if language == "en" else f"{said} ({k})" for language, said in words.items()}
    return f"{words}, repeat {k - 1}"


def repeat_rules(encounters: Iterable[Encounter]) -> tuple[Rule, ...]:
    """Every repeat after the time before it; the same day is allowed."""
    pairs = ((e.repeats, e) for e in encounters if e.repeats is not None)
    return tuple(
        Rule(REPEAT, Anchor((first,)), Anchor((e.code,)), Span(0), None, Strength.HARD, WORDS, ORDER)
        for first, e in pairs
    )
