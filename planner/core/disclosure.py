"""What an outside eye may learn of a visit (a calendar, a mail, a paper on the fridge): nowhere else decides it.

Never a code, drug, disease, dose level, ward, subject number or the trial's name (GDPR Art. 5(1)(c) and 9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from planner.core.deviations import FlagKind
from planner.core.facts import State

if TYPE_CHECKING:
    from datetime import date, datetime, time

    from planner.core.protocol import Encounter, Protocol
    from planner.core.visit import Visit

NEUTRAL, CALL = "Hospital appointment", "Telephone call from the hospital"
"""The messages that stand in for a title wherever the protocol gives none that may be shown."""

MOST_TEXTS = 4096
"""Texts of which it is remembered what they tell: a protocol has some hundreds, and each is read for every visit."""

WORD = re.compile(r"\w+(?:[-+./]\w+)*")
ABBREVIATION = 3
"""Letters from which a word all in capitals, or one of the trial's name, is taken for the trial's own language."""

ILLNESS = (
    *("cancer", "cancér", "kanker", "krebs", "tumo", "tumeu", "carcino", "karzino", "oncolog", "onkolog"),
    *("metasta", "métasta", "chemo", "chimio", "car-t", "melano", "mélano", "sarcoo", "sarcom", "sarkom"),
    *("leukemi", "leukäm", "leucém", "lymfoom", "lymphom", "immunother", "immunthera", "immunothér"),
    *("hemato", "haemato", "hämato", "hémato", "neopla", "néopla", "malign", "palliati"),
    *("bestral", "strahlenther", "radiother", "radiothér", "celtherap", "zellther"),
    *("study", "studie", "étude", "trial", "dosisniveau", "dosislevel", "dosisstufe"),
)
"""What stands in words that name the illness, its treatment or that it is studied, in the languages of the patients.

Wherever it stands: Dutch and German write such words in one with others (darmkanker, Lebermetastasen).
"""

PHRASES = re.compile(
    r"\b(?:car t|cell therapy|thérapie cellulaire|dose levels?|niveaux? de dose|essais? cliniques?"
    r"|klinischen? (?:proe(?:f|ven)|prüfung(?:en)?))\b"
)
"""The same in several words, hyphens read as spaces."""

WARD = re.compile(r"\b(?:ward|afdeling|abteilung|pflegestation)\b")
"""Words for a ward, whose name tells what is treated on it."""

TELEPHONE = "telephone"
"""The resource of a visit for which nobody comes."""

UNDECIDED = frozenset({FlagKind.OVERDUE, FlagKind.ADRIFT})
"""Staff decide first: it may have taken place, or counts from a visit that has no day."""


class Detail(StrEnum):
    """How much the patient agreed to have shown: that there is an appointment, or its neutral title too."""

    MINIMAL = "minimal"
    STANDARD = "standard"


class Arranged(StrEnum):
    """How firm a visit is: only a window, a day that was agreed, or a day that is past."""

    NOT_YET = "not_yet"
    BOOKED = "booked"
    TOOK_PLACE = "took_place"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What may be shown of a visit: `title` empty stands for `neutral`, days inclusive, clock time local to `zone`.

    `instant` (UTC) is what that clock time meant when this was seen; None where there is none, or none is known. Of a
    stay, `nights` says how many are planned. `by_phone`: the hospital calls, and nobody comes to it.
    """

    title: str
    arranged: Arranged
    first: date
    last: date
    at: time | None = None
    zone: str | None = None
    minutes: int | None = None
    instant: datetime | None = None
    nights: int = 0
    by_phone: bool = False

    @property
    def neutral(self) -> str:
        """The message that stands in for the title."""
        return CALL if self.by_phone else NEUTRAL


def glimpse(visit: Visit, secret: frozenset[str], language: str, detail: Detail = Detail.STANDARD) -> Glimpse | None:
    """What an outside eye may learn of the visit; None where there is nothing to learn.

    Nothing of what the patient does not attend, of what will not take place, of what has no day or is overdue; and
    one attendance that fulfils two visits is told once.
    """
    encounter, day = visit.encounter, visit.day
    if (
        visit.host is not None
        or not encounter.attended
        or day is None
        or not (visit.to_come or visit.state is State.OCCURRED)
    ):
        return None
    if any(flag.kind in UNDECIDED for flag in visit.flags):
        return None
    title = neutral_title(encounter, secret, language) if detail is Detail.STANDARD else ""
    lengths = [e.duration[1] for e in (encounter, *visit.guests) if e.duration is not None]
    nights = encounter.stay.planned if encounter.stay is not None and visit.to_come else 0
    arranged = _arranged(visit)
    first, last = _window(visit, day) if arranged is Arranged.NOT_YET else (day, day)
    seen = Glimpse(title, arranged, first, last, minutes=sum(lengths) if lengths else None, nights=nights)
    seen = replace(seen, by_phone=encounter.resource == TELEPHONE)
    fact = visit.fact
    if fact is None or arranged is Arranged.NOT_YET:
        return seen
    return replace(seen, at=fact.at, zone=fact.zone, instant=fact.instant)


def _arranged(visit: Visit) -> Arranged:
    known = {State.PLANNED: Arranged.NOT_YET, State.BOOKED: Arranged.BOOKED}
    return known.get(visit.state, Arranged.TOOK_PLACE)


def for_staff(visit: Visit, subject_id: str, secret: frozenset[str]) -> Glimpse | None:
    """What a calendar of the staff may hold of a visit that has an agreed day: the subject number, never a name.

    Such a calendar lies on other people's servers: it says no more of the visit than the patient's own does.
    """
    seen = glimpse(visit, secret, "en")
    if seen is None or seen.arranged is Arranged.NOT_YET:
        return None
    return replace(seen, title=" \N{MIDDLE DOT} ".join(filter(None, (subject_id, seen.title))))


def _window(visit: Visit, day: date) -> tuple[date, date]:
    """From the first to the last bookable day of the window, or the suggested day alone where it is not in it."""
    if visit.window is None or day not in visit.live:
        return day, day
    return min(visit.live), max(visit.live)


def neutral_title(encounter: Encounter, secret: frozenset[str], language: str) -> str:
    """The protocol's neutral title, or empty where it gives none or lets a word of the trial slip."""
    return _let_through(encounter.neutral.into(language), encounter, secret | {encounter.code.casefold()})


def neutral_instructions(encounter: Encounter, secret: frozenset[str], language: str) -> str:
    """How the patient gets ready, or empty where these words let one of the trial slip."""
    return _let_through(encounter.instructions.into(language), encounter, secret)


def neutral_place(encounter: Encounter, secret: frozenset[str], language: str) -> str:
    """Where the patient comes to, or empty where it lets a word of the trial slip."""
    return _let_through(encounter.place.into(language), encounter, secret)


def _let_through(text: str, encounter: Encounter, secret: frozenset[str]) -> str:
    """The text, or nothing of it. A code counts as it is written: `ET` is a visit, and `et` is French."""
    words, told = _told_words(text)
    return "" if encounter.code in words or told & secret or _tells_treatment(text) else text


@lru_cache(MOST_TEXTS)
def _told_words(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words as they stand, and in small letters, each also without what parts it."""
    words = _words(text)
    return frozenset(words), frozenset(form for word in words for form in _forms(word))


def _forms(word: str) -> tuple[str, str]:
    """In small letters, and without what parts it: NKR2 is NKR-2."""
    return word.casefold(), re.sub(r"[-+./]", "", word).casefold()


@lru_cache(MOST_TEXTS)
def _tells_treatment(text: str) -> bool:
    return names_illness(text) or WARD.search(text.casefold()) is not None


def names_illness(text: str) -> bool:
    """Whether it names the illness, its treatment or a study: a word of it, alone or as a part, or several words."""
    named = any(root in word.casefold() for word in _words(text) for root in ILLNESS)
    return named or PHRASES.search(" ".join(re.split(r"[\s-]+", text.casefold()))) is not None


def preparation(visit: Visit, secret: frozenset[str], language: str, detail: Detail) -> str:
    """How to get ready, as the protocol words it for patients; empty where they agreed to less.

    Of all that the attendance fulfils, each instruction once; one that lets a word of the trial slip is left out whole.
    """
    if detail is not Detail.STANDARD:
        return ""
    found = dict.fromkeys(neutral_instructions(one, secret, language) for one in (visit.encounter, *visit.guests))
    return " ".join(filter(None, found))


def printable_version(protocol: Protocol) -> str:
    """The protocol's version for a paper that strangers may see: without the words of the trial."""
    secret = secret_words(protocol)
    kept = [part for part in protocol.version.split() if not {word.casefold() for word in _words(part)} & secret]
    return " ".join(kept)


def secret_words(protocol: Protocol) -> frozenset[str]:
    """The trial's own language: the words of its name, and those of titles, names and codes that only it would use."""
    names = [protocol.title.into("en")]
    names += [name for e in protocol.encounters for name in (e.code, e.label or "", e.name.into("en"))]
    jargon = {word for name in names for word in _words(name) if _is_jargon(word)}
    own = {word for word in _words(f"{protocol.id} {protocol.name}") if len(word) >= ABBREVIATION}
    return frozenset(form for word in jargon | own for form in _forms(word))


def _words(text: str) -> list[str]:
    """The words of a text, those with a hyphen or slash also in their parts."""
    whole = WORD.findall(text)
    return [*whole, *(part for word in whole for part in re.split(r"[-+./]", word) if part != word)]


def _is_jargon(word: str) -> bool:
    """Whether it has letters and digits (C1D1, NKR-2), or is an abbreviation (FOLFOX, DLT)."""
    mixed = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
    return mixed or (word.isupper() and len(word) >= ABBREVIATION)
