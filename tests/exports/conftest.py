"""A protocol made by hand, in the manner of SHRINK but smaller, and the plans that the tests of the exports read."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from planner.core.calendar import Because, Calendar, Closure
from planner.core.days import Span, Unit
from planner.core.facts import Facts
from planner.core.protocol import (
    Activity,
    Anchor,
    Bounds,
    Condition,
    Decision,
    Encounter,
    Epoch,
    KeyVisit,
    NamedDate,
    Protocol,
    Rule,
    Skipped,
    Stay,
    Strength,
    Text,
    Timing,
    Tolerance,
)
from planner.core.schedule import plan
from planner.exports.paper import Paper

CYCLES = ("C1D1", "C2D1", "C3D1", "C4D1", "C5D1", "C6D1")
DAY_ONE = Anchor(("day_one",))
LAST_CYCLE = Anchor(CYCLES, pick=-1)


def text(en, **others):
    return Text((("en", en), *others.items()))


TREATMENT = text(
    "Treatment at the day hospital",
    nl="Behandeling in het dagziekenhuis",
    fr="Traitement à l'hôpital de jour",
    de="Behandlung in der Tagesklinik",
)
CHECK = text("Check-up", nl="Controle", fr="Contrôle", de="Kontrolluntersuchung")
WARM = text(
    "Dress warmly. No cold drinks and no cold objects for 5 days afterwards.",
    nl="Kleed u warm aan. Geen koude dranken en geen koude voorwerpen tot 5 dagen erna.",
    fr="Habillez-vous chaudement. Pas de boissons froides ni d'objets froids pendant les 5 jours qui suivent.",
    de="Ziehen Sie sich warm an. Danach 5 Tage lang keine kalten Getränke und keine kalten Gegenstände.",
)
PLACE = text("Route 7 North", nl="Route 7 Noord", fr="Route 7 Nord", de="Route 7 Nord")


def window(before, after):
    return Tolerance(*(None if days is None else Span(days) for days in (before, after)))


def encounter(code, epoch, name, timing, **other):
    return Encounter(code, epoch, text(name), timing, **other)


def _cycle(n):
    first = Timing(DAY_ONE, Span(0), window(0, 0))
    later = Timing(Anchor((f"C{n - 1}D1",)), Span(14), window(0, 3))
    here = {"calendar": "clinic", "place": PLACE}
    return [
        encounter(
            f"C{n}P",
            "treatment",
            f"Bloods before FOLFOX {n}",
            Timing(Anchor((f"C{n}D1",)), Span(-1), window(2, 1), skipped=Skipped.DROP),
            neutral=text("Blood test", nl="Bloedafname", fr="Prise de sang", de="Blutabnahme"),
            duration=(20, 30),
            **here,
        ),
        encounter(
            f"C{n}D1",
            "treatment",
            f"FOLFOX {n}",
            first if n == 1 else later,
            neutral=TREATMENT,
            instructions=WARM,
            duration=(240, 300),
            label=f"C{n}D1",
            **here,
        ),
        encounter(
            f"C{n}D3",
            "treatment",
            f"Pump off {n}",
            Timing(Anchor((f"C{n}D1",)), Span(2), window(0, 0), skipped=Skipped.DROP),
            neutral=CHECK,
            duration=(30, 30),
        ),
    ]


def _infusion(k):
    timing = Timing(Anchor((f"C{k + 2}D1",)), Span(3), window(0, 1))
    after = Timing(Anchor((f"N{k}",)), Span(1), window(0, 0), skipped=Skipped.DROP)
    call = text("Telephone call", nl="Telefoongesprek", fr="Appel téléphonique", de="Telefonanruf")
    return [
        encounter(
            f"N{k}",
            "treatment",
            f"NKR-2 infusion {k}",
            timing,
            neutral=TREATMENT,
            calendar="clinic",
            duration=(360, 480),
            place=PLACE,
            activities=(Activity(text("Identity check twice")),),
        ),
        encounter(f"N{k}+1", "treatment", f"Call after NKR-2 {k}", after, neutral=call, duration=(15, 15)),
    ]


def _surgery():
    resected, not_resected = (Condition("resectable", (value,)) for value in ("yes", "no"))
    inside = Bounds(DAY_ONE, Span(98), Span(125))
    return [
        encounter("MDT", "surgery", "Resectability decision", Timing(DAY_ONE, Span(95), window(5, 9)), attended=False),
        encounter(
            "RES",
            "surgery",
            "Resection",
            conditions=(resected,),
            calendar="theatre",
            stay=Stay(5, 7, 10),
            timing=Timing(LAST_CYCLE, Span(35), inside, Strength.HARD, Skipped.LAST),
            neutral=text("Operation", nl="Operatie", fr="Opération", de="Operation"),
        ),
        encounter(
            "P60",
            "surgery",
            "Post-operative day 60",
            Timing(Anchor(("RES",)), Span(60), window(0, 7)),
            conditions=(resected,),
            calendar="clinic",
            neutral=CHECK,
            duration=(60, 60),
        ),
        encounter(
            "NR",
            "surgery",
            "End-of-treatment safety",
            Timing(DAY_ONE, Span(125), window(0, 14)),
            conditions=(not_resected,),
            calendar="clinic",
            neutral=CHECK,
        ),
        encounter(
            "M28",
            "follow_up",
            "Month 28",
            Timing(Anchor(("registration",)), Span(28, Unit.MONTHS), window(14, 0)),
            calendar="clinic",
            neutral=CHECK,
            duration=(90, 150),
        ),
        encounter("ET", "follow_up", "Early termination", None, calendar="clinic", neutral=CHECK),
    ]


def _rules():
    def rule(name, first, then, lo, hi=None, strength=Strength.HARD):
        low, high = (None if days is None else Span(days) for days in (lo, hi))
        return Rule(name, Anchor((first,)) if isinstance(first, str) else first, Anchor((then,)), low, high, strength)

    pairs = [(a, b) for i, a in enumerate(CYCLES) for b in CYCLES[i + 1 :]]
    infusions = (("N1", "N2"), ("N1", "N3"), ("N2", "N3"))
    return (
        *(rule("folfox-gap", a, b, 14) for a, b in pairs),
        *(rule("infusion-gap", a, b, 14) for a, b in infusions),
        *(rule("pump-off-first", f"C{k + 2}D1", f"N{k}", 3) for k in (1, 2, 3)),
        *(rule("before-next-cycle", f"N{k}", f"C{k + 3}D1", 1) for k in (1, 2, 3)),
        rule("folfox-to-surgery", LAST_CYCLE, "RES", 28),
        rule("decide-first", "MDT", "RES", 1),
        *(rule("infusions-apart", a, b, None, 17, Strength.FLAG) for a, b in infusions[::2]),
    )


@pytest.fixture(scope="session")
def protocol():
    registration = encounter(
        "REG", "screening", "Registration", Timing(Anchor(("registration",)), Span(0)), attended=False
    )
    early = [*(e for n in range(1, 7) for e in _cycle(n)), *(e for k in (1, 2, 3) for e in _infusion(k))]
    scan = encounter(
        "IM1",
        "treatment",
        "On-treatment CT or MRI",
        Timing(DAY_ONE, Span(56), window(7, 7)),
        neutral=text("Scan", nl="Scan", fr="Examen d'imagerie", de="Aufnahme im Scanner"),
        instructions=text("Do not eat for 4 hours before."),
        calendar="scanner",
        duration=(90, 90),
    )
    return Protocol(
        id="NCT03310008",
        name="SHRINK",
        version="0.9 SHRINK draft",
        title=text("A trial of NKR-2 with FOLFOX"),
        note=text("Made by hand for the tests."),
        first_day=1,
        reference="day_one",
        dates=(
            NamedDate("registration", text("Registration"), visit="REG"),
            NamedDate("day_one", text("Day 1"), visit="C1D1"),
        ),
        epochs=(
            Epoch("screening", text("Screening")),
            Epoch("treatment", text("Treatment")),
            Epoch("surgery", text("Surgery"), numbered_from=Anchor(("RES",))),
            Epoch("follow_up", text("Follow-up")),
        ),
        decisions=(Decision("resectable", text("Resectable"), ("yes", "no"), "yes"),),
        blocks=(),
        encounters=(registration, *early, scan, *_surgery()),
        rules=_rules(),
        key_visit=KeyVisit("RES", 7),
    )


@pytest.fixture(scope="session")
def facts():
    """The two dates of the patient, nothing else."""
    return Facts(dates={"registration": date(2025, 2, 24), "day_one": date(2025, 3, 3)})


@pytest.fixture(scope="session")
def weekdays():
    """A site that is closed at weekends and on one holiday."""
    holiday = Closure(date(2025, 5, 1), date(2025, 5, 1), Because.HOLIDAY, "Labour Day")
    return Calendar(frozenset({5, 6}), (holiday,))


@pytest.fixture(scope="session")
def schedule(protocol, facts):
    """Nothing booked, every day open."""
    return plan(protocol, facts, Calendar())


@pytest.fixture(scope="session")
def under_way(protocol, facts, weekdays):
    """In the middle of treatment: visits done, late, booked and canceled, one booked on a closed day."""
    known = (
        facts.occurred("REG", date(2025, 2, 24))
        .occurred("C1P", date(2025, 2, 28))
        .occurred("C1D1", date(2025, 3, 3))
        .occurred("C1D3", date(2025, 3, 5))
        .missed("C2P")
        .occurred("C2D1", date(2025, 3, 24))
        .booked("C2D3", date(2025, 3, 26), time(11, 30), "Europe/Brussels")
        .booked("C3D1", date(2025, 4, 7), time(9, 30), "Europe/Brussels")
        .booked("IM1", date(2025, 5, 1))
        .omitted("N3")
    )
    return plan(protocol, known, weekdays, date(2025, 3, 25))


@pytest.fixture(scope="session")
def late(protocol, facts):
    """FOLFOX 6 took place 28 days late: no day is left for surgery."""
    return plan(protocol, facts.occurred("C6D1", date(2025, 6, 9)), Calendar())


@pytest.fixture(scope="session")
def paper():
    """Makes a paper in a language, with what else is given."""

    def make(language="en", **given):
        known = {"printed": date(2025, 3, 25), "stamp": datetime(2025, 3, 25, 9, 0, tzinfo=UTC), "subject": "01-007"}
        return Paper(language=language, **(known | given))

    return make


@pytest.fixture(scope="session")
def discharge(protocol, facts):
    """A protocol of two visits: rest starts three days after the end of a stay of four days."""
    stay = encounter("STAY", "treatment", "Stay", Timing(DAY_ONE, Span(0), window(0, 7)), stay=Stay(2, 4, 8))
    after = Anchor(("STAY",), end=True)
    rest = encounter("REST", "treatment", "Rest", Timing(after, Span(3), window(0, 10)))
    rule = Rule("rest", after, Anchor(("REST",)), Span(3), None, Strength.HARD)
    small = replace(protocol, encounters=(stay, rest), rules=(rule,), dates=(NamedDate("day_one", text("Day 1")),))
    small = replace(small, epochs=(Epoch("treatment", text("Treatment")),), key_visit=None, decisions=())
    return plan(small, Facts(dates={"day_one": date(2025, 3, 3)}).booked("STAY", date(2025, 3, 3)), Calendar())
