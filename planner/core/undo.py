"""Taking back what one act changed, and nothing that anybody changed since."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from planner.core.facts import MAPPINGS, Facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from planner.core.facts import Acceptance


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the facts: the field of `Facts`, and the code within it where the field holds several."""

    field: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Why an act cannot be taken back: what it changed and somebody changed since."""

    entries: tuple[Entry, ...]


def undone(now: Facts, before: Facts, after: Facts) -> Facts | Clash:
    """The facts of now without what the act did that led from `before` to `after`; a Clash where it was overtaken.

    What others changed meanwhile stays. Overtaken is also a visit that was combined with another one since, or whose
    study ended since: taking it back would touch what the act never saw.
    """
    clashes = (*_overtaken(now, before, after), *_regrouped(now, before, after))
    if clashes:
        return Clash(tuple(dict.fromkeys(clashes)))
    taken: dict[str, object] = {name: _put_back(*_each(name, now, before, after)) for name in MAPPINGS}
    ended = before.ended if before.ended != after.ended else now.ended
    return replace(now, **taken, ended=ended, accepted=_accepted(now, before, after))  # type: ignore[arg-type]


def redone(now: Facts, before: Facts, after: Facts) -> Facts | Clash:
    """The facts of now with what was taken back done again; a Clash where somebody changed it since."""
    return undone(now, after, before)


def touched(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    """The codes whose entries differ, in order."""
    return tuple(sorted(code for code in {*before, *after} if before.get(code) != after.get(code)))


def _each(name: str, *facts: Facts) -> Iterator[Mapping[str, object]]:
    return (getattr(one, name) for one in facts)


def _overtaken(now: Facts, before: Facts, after: Facts) -> Iterator[Entry]:
    for name in MAPPINGS:
        present, old, new = _each(name, now, before, after)
        for code in touched(old, new):
            if present.get(code) != new.get(code):
                yield Entry(name, code)
    if before.ended != after.ended != now.ended:
        yield Entry("ended")
    for one in _lost(after.accepted, before.accepted):
        if one not in now.accepted:
            yield Entry("accepted", one.visit)
    for one in _lost(before.accepted, after.accepted):
        if one in now.accepted:
            yield Entry("accepted", one.visit)


def _regrouped(now: Facts, before: Facts, after: Facts) -> Iterator[Entry]:
    codes = touched(before.visits, after.visits)
    for code in codes:
        if now.attendance(code) != after.attendance(code):
            yield Entry("together", code)
    if codes and now.ended != after.ended:
        yield Entry("ended")


def _put_back(
    now: Mapping[str, object], before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, object]:
    changed = touched(before, after)
    kept = {code: value for code, value in now.items() if code not in changed}
    return kept | {code: before[code] for code in changed if code in before}


def _accepted(now: Facts, before: Facts, after: Facts) -> tuple[Acceptance, ...]:
    """What is accepted, in the order of before where nobody accepted anything since."""
    if now.accepted == after.accepted:
        return before.accepted
    added = _lost(after.accepted, before.accepted)
    return (*(one for one in now.accepted if one not in added), *_lost(before.accepted, after.accepted))


def _lost(these: tuple[Acceptance, ...], others: tuple[Acceptance, ...]) -> tuple[Acceptance, ...]:
    return tuple(one for one in these if one not in others)
