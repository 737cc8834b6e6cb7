"""The protocol: the schedule of activities as values. Definition words only; nothing of one patient."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from planner.core.calendar import ANY
from planner.core.days import Span
from planner.core.order import ordered

if TYPE_CHECKING:
    from planner.core.escalation import Enrolment


class Strength(StrEnum):
    """How binding a rule is; only hard and absolute rules bind other visits' days."""

    FLAG = "flag"
    WINDOW = "window"
    HARD = "hard"
    ABSOLUTE = "absolute"

    @property
    def binding(self) -> bool:
        """Whether the rule travels through the network."""
        return self in (Strength.HARD, Strength.ABSOLUTE)


class Skipped(StrEnum):
    """What a skipped anchor means: its ideal day counts, the last one given counts, or the visit falls away."""

    IDEAL = "ideal"
    LAST = "last"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Text:
    """Words by language; English is always there."""

    words: tuple[tuple[str, str], ...]

    def into(self, language: str) -> str:
        """The words in `language`, else in English."""
        found = dict(self.words)
        return found.get(language) or found.get("en", "")

    def __bool__(self) -> bool:
        return bool(self.words)


NOTHING = Text(())


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a timing counts from: one of `codes` (named dates or encounters) that takes place.

    `pick` counts among those that take place: 0 the first, 1 the second, -1 the last. `end`: from a stay's end.
    """

    codes: tuple[str, ...]
    pick: int = 0
    end: bool = False


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A window around the target: spans before and after it; None on one side is no limit there."""

    before: Span | None
    after: Span | None


@dataclass(frozen=True, slots=True)
class Bounds:
    """A window from an anchor of its own: first and last day as spans from it, inclusive."""

    anchor: Anchor
    earliest: Span | None
    latest: Span | None


@dataclass(frozen=True, slots=True)
class Timing:
    """Target = the anchor's day + offset; the window, if any, with its strength; what a skipped anchor means."""

    anchor: Anchor
    offset: Span
    window: Tolerance | Bounds | None = None
    strength: Strength = Strength.WINDOW
    skipped: Skipped = Skipped.IDEAL


@dataclass(frozen=True, slots=True)
class Clock:
    """`minutes` elapsed after the anchor's booked start; a tolerance in minutes, shown, never planned."""

    anchor: str
    minutes: int
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Days from the first day of a stay to its last: least, planned and most."""

    least: int
    planned: int
    most: int


@dataclass(frozen=True, slots=True)
class Activity:
    """A thing done at a visit."""

    name: Text
    note: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement comes from: a tag (S stated, P published, R regulation, Rk unverified, A assumption)."""

    tag: str
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """The encounter takes place only while the decision has one of these values."""

    decision: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instance:
    """Which repetition of which block an encounter is; `template` is its code as written in the file."""

    block: str
    number: int
    template: str


@dataclass(frozen=True, slots=True)
class Encounter:
    """A planned contact, in minutes; no `timing`: as needed; `two_persons` agree on a day outside its window.

    `gate`: the visit for which GO is said with it; `repeats`: the visit made anew; `joins`: who may fulfil it too.
    """

    code: str
    epoch: str
    name: Text
    timing: Timing | None
    neutral: Text = NOTHING
    instructions: Text = NOTHING
    conditions: tuple[Condition, ...] = ()
    calendar: str = ANY
    attended: bool = True
    duration: tuple[int, int] | None = None
    stay: Stay | None = None
    clock: Clock | None = None
    place: Text = NOTHING
    staff: tuple[str, ...] = ()
    resource: str | None = None
    label: str | None = None
    activities: tuple[Activity, ...] = ()
    sources: tuple[Source, ...] = ()
    instance: Instance | None = None
    two_persons: bool = False
    gate: str | None = None
    repeats: str | None = None
    joins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """`lo` <= day of `then` - day of `first` <= `hi` (spans from `first`'s day); None is no bound.

    Several rules may share an `id`: they are one statement of the protocol, written for each pair.
    """

    id: str
    first: Anchor
    then: Anchor
    lo: Span | None
    hi: Span | None
    strength: Strength
    text: Text = NOTHING
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Epoch:
    """A stage of the study; `numbered_from` starts its day numbers anew on that anchor's day."""

    code: str
    name: Text
    numbered_from: Anchor | None = None


@dataclass(frozen=True, slots=True)
class NamedDate:
    """A date that a person gives; `visit` is the encounter that stands on it."""

    code: str
    name: Text
    required: bool = True
    visit: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A named fact that branches hang on; `default` is planned, marked assumed, until a person decides."""

    code: str
    name: Text
    values: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Block:
    """A repetition `first`..`last`; open-ended: only `ahead` beyond the last known one, none once `until` holds."""

    code: str
    first: int
    last: int
    ahead: int | None = None
    until: Condition | None = None


@dataclass(frozen=True, slots=True)
class KeyVisit:
    """The visit whose days left every page shows; below `warn_below` days it is flagged."""

    code: str
    warn_below: int


@dataclass(frozen=True)
class Protocol:
    """One version of a protocol. `first_day` is 1 (no Day 0) or 0; days are counted from the `reference` date."""

    id: str
    name: str
    version: str
    title: Text
    note: Text
    first_day: int
    reference: str
    dates: tuple[NamedDate, ...]
    epochs: tuple[Epoch, ...]
    decisions: tuple[Decision, ...]
    blocks: tuple[Block, ...]
    encounters: tuple[Encounter, ...]
    rules: tuple[Rule, ...]
    key_visit: KeyVisit | None = None
    enrolment: Enrolment | None = None

    @cached_property
    def by_code(self) -> dict[str, Encounter]:
        """Encounters by their code."""
        return {e.code: e for e in self.encounters}

    @cached_property
    def date_of(self) -> dict[str, NamedDate]:
        """Named dates by their code."""
        return {d.code: d for d in self.dates}

    @cached_property
    def date_under(self) -> dict[str, str]:
        """For each encounter that stands on a named date, that date's code."""
        return {d.visit: d.code for d in self.dates if d.visit is not None}

    @cached_property
    def pinned(self) -> frozenset[str]:
        """Encounters that stand on their named date and nowhere else: they have no window of their own."""
        there = (self.by_code[code] for code in self.date_under)
        exact = (None, Tolerance(Span(0), Span(0)))
        return frozenset(e.code for e in there if e.timing is not None and e.timing.window in exact)

    @cached_property
    def placement_order(self) -> tuple[str, ...]:
        """Codes with a timing, anchors before dependants, else as in the file; ValueError on a circle of anchors."""
        return ordered({e.code: {code for a in anchors(e) for code in a.codes} for e in self.encounters if e.timing})


def anchors(encounter: Encounter) -> tuple[Anchor, ...]:
    """What the encounter's target and window hang on."""
    if encounter.timing is None:
        return ()
    window = encounter.timing.window
    return (encounter.timing.anchor, window.anchor) if isinstance(window, Bounds) else (encounter.timing.anchor,)
