"""Two patients exchange their times: for both or for neither, and back again; on both engines.

Day 1 of the first one is Monday 3 March 2025, of the second one Tuesday 4 March. FOLFOX 3 is planned 28 days later, on
31 March and 1 April, and may be as late as 3 days behind it.
"""

from __future__ import annotations

from datetime import date, time

import pytest

from planner.core.errors import NotFound, PlannerError, Refused, Stale
from planner.core.staff import COMMAND_LINE
from planner.core.units import Hours, Unit
from planner.exports.refusals import sentence
from planner.services import cases, patients, sites, swapping, undoing, visits
from planner.services.swapping import Other
from planner.services.undoing import REDO, UNDO
from planner.services.visits import How, Start
from tests.booked import hold

from .conftest import ELSEWHERE, NURSE, wanted

ONE, TWO = date(2025, 4, 1), date(2025, 4, 2)
WEEKDAYS = tuple(Hours(weekday, time(8), time(17)) for weekday in range(5))


@pytest.fixture
def chairs(office):
    with office.begin(COMMAND_LINE) as work:
        return [sites.add_unit(work, "01", Unit("", "chair", f"Chair {n}", WEEKDAYS)).public_id for n in (1, 2)]


@pytest.fixture
def other(office, chairs):
    """A second patient, with FOLFOX 3 on Wednesday 2 April at 10:00."""
    with office.begin(NURSE) as work:
        found = patients.enrol(work, wanted(subject_id="01-002", day_one=date(2025, 3, 4)))
        visits.book(work, found.public_id, found.version, "C3D1", TWO, "", How(Start(time(10))))
    return found.public_id


@pytest.fixture
def mine(act, chairs):
    """The first patient, with FOLFOX 3 on Tuesday 1 April at 09:00."""
    act(visits.book, "C3D1", ONE, "", How(Start(time(9))))


@pytest.fixture
def read(office):
    def case(public_id):
        with office.look(NURSE) as work:
            return cases.case(work, public_id)

    return case


@pytest.fixture
def exchange(act, read, other):
    def do(code="C3D1", seen=None, **how):
        chosen = Other(other, "C3D1", read(other).patient.version if seen is None else seen)
        return act(swapping.swap, code, chosen, **how)

    return do


def place(found, code="C3D1"):
    fact = found.facts.visits[code]
    return fact.day, fact.at, fact.unit


def test_both_have_the_place_of_the_other(office, mine, exchange, case, read, other):
    before = place(case()), place(read(other))

    exchange()

    assert (place(case()), place(read(other))) == before[::-1]
    with office.look(COMMAND_LINE) as work:
        hold(work)


def test_what_is_offered_is_what_both_can_take(office, mine, other, case):
    """The second patient's FOLFOX 3 alone: nothing else of the site takes a chair."""
    with office.look(NURSE) as work:
        found = swapping.offered(work, case(), "C3D1")
        none = swapping.offered(work, case(), "C4D1")

    assert [(slot.case.patient.subject_id, slot.visit.code, slot.visit.booked) for slot in found] == [
        ("01-002", "C3D1", TWO)
    ]
    assert none == ()


def test_one_act_is_written_for_both_and_both_are_told_of_it(office, mine, exchange, patient, other):
    exchange()

    with office.look(NURSE) as work:
        tops = [undoing.of_patient(work, one).undo[-1] for one in (patient, other)]
    assert tops[0].act == tops[1].act
    assert [top.entries[0].action for top in tops] == ["swap", "swap"]


def test_it_is_taken_back_for_both_and_done_again_for_both(  # noqa: PLR0917  # pytest hands its fixtures over
    office, mine, exchange, act, case, read, other, patient
):
    before = case().facts, read(other).facts
    exchange()
    after = case().facts, read(other).facts

    def top(verb):
        with office.look(NURSE) as work:
            stacks = undoing.of_patient(work, patient)
            return (stacks.undo if verb == UNDO else stacks.redo)[-1].act

    act(undoing.take, top(UNDO), UNDO)
    back = case().facts, read(other).facts
    act(undoing.take, top(REDO), REDO)

    assert (back, (case().facts, read(other).facts)) == (before, after)
    with office.look(COMMAND_LINE) as work:
        hold(work)


def test_it_is_not_taken_back_where_the_other_one_was_changed_since(  # noqa: PLR0917  # pytest hands its fixtures over
    office, mine, exchange, act, read, other, patient
):
    exchange()
    with office.begin(NURSE) as work:
        visits.take_back(work, other, read(other).patient.version, "C3D1")
    with office.look(NURSE) as work:
        last = undoing.of_patient(work, patient).undo[-1].act

    with pytest.raises(Refused) as error:
        act(undoing.take, last, UNDO)

    assert "it exchanged times with patient 01-002" in sentence(error.value)


def test_both_versions_are_checked(mine, exchange, act, read, other, case):
    with pytest.raises(Stale):
        exchange(seen=1)
    with pytest.raises(Stale):
        act(swapping.swap, "C3D1", Other(other, "C3D1", read(other).patient.version), seen=1)
    assert place(case())[0] == ONE


def test_of_another_site_nobody_is_offered_and_nobody_is_found(office, mine, case):
    with office.begin(ELSEWHERE) as work:
        far = patients.enrol(work, wanted(subject_id="02-001", site="02"))
        visits.book(work, far.public_id, far.version, "C3D1", date(2025, 3, 31))

    with office.look(NURSE) as work, pytest.raises(NotFound):
        swapping.swapping(work, case(), "C3D1", Other(far.public_id, "C3D1", 2))


def test_a_day_outside_the_window_is_declared_with_a_reason(  # noqa: PLR0917  # pytest hands its fixtures over
    office, act, chairs, exchange, read, other, case
):
    """FOLFOX 3 of the first one is planned on 31 March, until 3 April; the second one has Monday 7 April."""
    act(visits.book, "C3D1", ONE, "", How(Start(time(9))))
    with office.begin(NURSE) as work:
        how = How(Start(time(10)))
        visits.book(work, other, read(other).patient.version, "C3D1", date(2025, 4, 7), "no room on the ward", how)

    with pytest.raises(Refused, match="reason_for_deviation_needed"):
        exchange()
    exchange(reason="no room on the ward")

    assert [(a.visit, a.rule) for a in case().facts.accepted] == [("C3D1", "window")]
    assert read(other).facts.accepted == ()


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("C4D1", "visit_not_booked"),
        ("RES", "not_the_same_kind"),
        ("C1D1", "visit_stands_on_date"),
        ("X", "no_such_visit"),
    ],
)
def test_what_cannot_be_exchanged_is_refused(mine, exchange, code, key):
    with pytest.raises(PlannerError, match=key):
        exchange(code)


def test_nobody_exchanges_with_themselves(mine, act, patient, version):
    with pytest.raises(Refused, match="not_at_one_site"):
        act(swapping.swap, "C3D1", Other(patient, "C3D1", version()))


def test_a_visit_that_would_meet_another_of_its_patient_is_refused(mine, exchange, act):
    """The first patient comes for a fever on Wednesday 2 April at 11:00, when the second one's FOLFOX is."""
    act(visits.add, "U1", TWO, How(Start(time(11))))

    with pytest.raises(Refused, match="exchange_does_not_fit"):
        exchange()


def test_what_would_not_fit_is_not_offered(office, mine, other, case, act):
    """The same fever: the day would do, the time would not. Without it, the second one's FOLFOX is offered."""
    with office.look(NURSE) as work:
        before = swapping.offered(work, case(), "C3D1")

    act(visits.add, "U1", TWO, How(Start(time(11))))

    with office.look(NURSE) as work:
        after = swapping.offered(work, case(), "C3D1")
    assert ([slot.visit.code for slot in before], after) == (["C3D1"], ())


def test_where_a_hard_rule_would_be_broken_neither_is_saved(  # noqa: PLR0917  # pytest hands its fixtures over
    office, mine, exchange, act, read, other, case
):
    """FOLFOX 4 of the first one is on 15 April, 14 days after the 1st: exchanged it would be 13 days after the 2nd."""
    act(visits.book, "C4D1", date(2025, 4, 15), "", How(Start(time(9))))

    with office.look(NURSE) as work:
        halves = swapping.swapping(work, case(), "C3D1", Other(other, "C3D1", read(other).patient.version)).halves
    with pytest.raises(Refused, match="exchange_clashes"):
        exchange()

    assert [half.act is None for half in halves] == [True, False]
    assert (place(case())[0], place(read(other))[0]) == (ONE, TWO)


@pytest.mark.parametrize("text", ["", "a", "a b", "a b c", "a b -1", "a b 99999999999", "a b ²"])
def test_a_choice_that_is_none_is_not_found(text):
    with pytest.raises(NotFound, match="no_such_exchange"):
        swapping.chosen(text)


def test_an_infusion_that_the_exchange_leaves_outside_its_window_takes_a_reason_and_a_second_person(
    act, chairs, exchange, case
):
    """Infusion 1 is 3 or 4 days after FOLFOX 3: of Thursday 3 April on 6 or 7, of Wednesday 2 April on 5 or 6.

    On Monday 7 April it is in its window before the exchange and a day late after it.
    """
    act(visits.book, "C3D1", date(2025, 4, 3), "", How(Start(time(9))))
    act(visits.book, "N1", date(2025, 4, 7), "", How(Start(time(9))))

    with pytest.raises(Refused, match="reason_for_deviation_needed"):
        exchange()
    with pytest.raises(Refused, match="second_person_needed"):
        exchange(reason="no room on the ward")
    exchange(reason="no room on the ward", second="Ines Maes")

    assert [(a.visit, a.rule, a.second) for a in case().facts.accepted] == [("N1", "window", "Ines Maes")]


def test_visits_that_take_no_place_are_not_exchanged(office, mine, act, read, other):
    """The pump comes off at home two days after FOLFOX 3, on Thursday 3 and on Friday 4 April: it takes no unit."""
    act(visits.book, "C3D3", date(2025, 4, 3))
    with office.begin(NURSE) as work:
        visits.book(work, other, read(other).patient.version, "C3D3", date(2025, 4, 4))

    with pytest.raises(Refused, match="not_the_same_kind"):
        act(swapping.swap, "C3D3", Other(other, "C3D3", read(other).patient.version))
