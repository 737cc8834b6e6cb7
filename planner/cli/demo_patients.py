"""The thirty synthetic patients of the demo: how far each has come, and what went otherwise than planned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from planner.core.deviations import Cause
from planner.core.patients import LANGUAGES, Contact, Ended

PATIENTS_OF_EACH_LEVEL = 4
LEVELS = 3
EXPANDED_AT = 2
"""The dose level that the patients after the escalation are given."""

WITHOUT_CONTACT = 5
"""Every fifth patient has not said yet how to be reached."""


class What(Enum):
    """What may be done beside recording the visits as planned."""

    REGISTER = auto()
    BOOK = auto()
    DEFER = auto()
    LATE = auto()
    OMIT = auto()
    MISS = auto()
    DECIDE = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Turn:
    """On the day planned for visit `at`, something is done about visit (or decision) `about`; without one, about `at`.

    `days`: how many days after the plan's the visit is booked (DEFER) or takes place (LATE), or how many days later it
    is done (REGISTER, END). `value`: what is decided, or why the study ends.
    """

    at: str
    what: What
    about: str = ""
    days: int = 0
    value: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A patient whose Day 1 lies `day` days back (below 0: ahead), and what happened.

    `ahead`: at each visit, the next one and those of so many days are booked; 0: the patient's visits are not booked.
    `left`: visits about which nothing was written down.
    """

    shows: str
    day: int
    turns: tuple[Turn, ...] = ()
    ahead: int = 0
    left: frozenset[str] = frozenset()
    registered: bool = True

    @property
    def course(self) -> tuple[Turn, ...]:
        """What happened, in its order: whoever was registered was so after the baseline pictures."""
        screening = tuple(turn for turn in self.turns if turn.at == REGISTRATION.at)
        later = tuple(turn for turn in self.turns if turn.at != REGISTRATION.at)
        return (*screening, *((REGISTRATION,) if self.registered else ()), *later)


@dataclass(frozen=True, slots=True)
class Person:
    """What a patient is enrolled with."""

    subject_id: str
    dose_level: int
    phase: str
    language: str
    contact: Contact


def person(number: int) -> Person:
    """The patient who was enrolled as the `number`th: three dose levels one after the other, then the expansion."""
    level = (number - 1) // PATIENTS_OF_EACH_LEVEL + 1
    escalating = level <= LEVELS
    return Person(
        f"01-{number:03}",
        level if escalating else EXPANDED_AT,
        "escalation" if escalating else "expansion",
        LANGUAGES[number % len(LANGUAGES)],
        _contact(number) if number % WITHOUT_CONTACT else Contact(),
    )


def _contact(number: int) -> Contact:
    name = f"Synthetic Patient {number:02}"
    return Contact(name, f"patient{number:02}@example.org", f"+32 470 00 00 {number:02}")


def _deferred(cycle: int, days: int, reason: str) -> Turn:
    """A cycle put off on the day of its bloods."""
    return Turn(f"C{cycle}P", What.DEFER, f"C{cycle}D1", days=days, reason=reason)


def _ended(at: str, because: Ended, reason: str, days: int = 0) -> Turn:
    return Turn(at, What.END, days=days, value=because, reason=reason)


LOW = f"{Cause.BLOOD_COUNTS}: neutrophils 0.9, blood count again in a week"
NUMB = f"{Cause.TOXICITY}: numb hands and feet, until they are better"
ILL = f"{Cause.INFECTION}: fever, antibiotics until it is gone"
REGISTRATION = Turn("SC2", What.REGISTER, days=1)
NO_PORT = Turn("SC2", What.DECIDE, "port_needed", value="no", reason="Has a port already")
NOT_RESECTED = Turn(
    "MDT", What.DECIDE, "resectable", value="no", reason="New lesions in both lobes: too little liver would be left"
)

STORIES = (
    Story("completed", 880, (_ended("M28", Ended.COMPLETED, "Month 28 done, study closed"),), ahead=7),
    Story("followed up after surgery, and a deferred cycle", 660, (_deferred(3, 7, LOW),), ahead=14),
    Story("withdrawn", 600, (_ended("C4P", Ended.WITHDRAWAL, "Wants no further treatment"),), ahead=7),
    Story("died in follow-up", 520, (_ended("M10", Ended.DEATH, "Died at home, disease progression", days=40),)),
    Story(
        "screening failure",
        450,
        (_ended("SC2", Ended.SCREEN_FAILURE, "Metastases outside the liver"),),
        registered=False,
    ),
    Story("followed up, not resected", 400, (NOT_RESECTED,), ahead=14),
    Story("followed up after surgery", 296, (NO_PORT,)),
    Story("followed up after surgery for the first time", 196, (_deferred(5, 7, LOW),), ahead=7),
    Story("resected, two months ago", 158, ahead=14),
    Story("resected, at home again", 122, ahead=7),
    Story("not resected, by decision", 113, (NOT_RESECTED,), ahead=14),
    Story("in hospital after surgery", 109, ahead=14),
    Story(
        "no day left for surgery",
        105,
        (
            _deferred(4, 7, LOW),
            _deferred(5, 7, NUMB),
            _deferred(6, 13, ILL),
            Turn("C6D1", What.LATE, days=3, reason=f"{Cause.INFECTION}: fever came back, treated elsewhere"),
        ),
    ),
    Story("surgery booked", 100, ahead=14),
    Story(
        "few days left for surgery",
        98,
        (_deferred(2, 7, LOW), _deferred(4, 7, ILL), _deferred(6, 10, NUMB)),
        ahead=7,
    ),
    Story("two cycles deferred, less room for surgery", 79, (_deferred(2, 7, LOW), _deferred(5, 7, NUMB)), ahead=14),
    Story("visits overdue", 74, left=frozenset({"IM1", "N3+7"})),
    Story(
        "an infusion omitted",
        60,
        (Turn("N2", What.OMIT, reason=f"{Cause.PRODUCT}: unit 2 did not pass its release"),),
        ahead=14,
    ),
    Story(
        "a booking broken by what happened",
        51,
        (
            Turn("C4P", What.BOOK, "C5D1"),
            Turn("C4D1", What.LATE, days=4, reason=f"{Cause.CAPACITY}: no chair free"),
        ),
    ),
    Story("in treatment as planned", 50, ahead=14),
    Story(
        "a visit missed",
        47,
        (Turn("N1+7", What.MISS, reason=f"{Cause.PATIENT}: did not come, is well, told by telephone"),),
        ahead=7,
    ),
    Story("a cycle just deferred", 46, (_deferred(4, 7, LOW),), ahead=7),
    Story("a cycle deferred", 40, (_deferred(3, 7, LOW),)),
    Story(
        "visits to record",
        36,
        (Turn("C3D1", What.BOOK, "C3D3"), Turn("C3D1", What.BOOK, "N1")),
        left=frozenset({"C3D3", "N1", "N1+1"}),
    ),
    Story("in treatment as planned", 24, ahead=14),
    Story("in the first cycle", 6, ahead=7),
    Story("just started", 1, (NO_PORT,), ahead=14),
    Story("in screening, registered", -2, ahead=7),
    Story("in screening, registered", -5),
    Story("in screening, not registered yet", -12, ahead=14, registered=False),
)
"""In the order of enrolment."""
