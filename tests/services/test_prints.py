"""The prints of a site: which sheet replaces which, whose booklets are bound, and what is made anew."""

from datetime import date, timedelta

import pytest

from planner.core.errors import NotFound, Refused
from planner.core.patients import Ended
from planner.core.staff import Actor, Role
from planner.services import agenda, courses, history, patients, prints, visits
from planner.services.cases import case as read
from planner.store.prints import Prints

from .conftest import NURSE, noon


@pytest.fixture
def printed(office, patient):
    """Tells the history that a fridge sheet was printed now."""

    def tell():
        with office.begin(NURSE) as work:
            history.taken_away(work, patient, prints.SHEET)

    return tell


@pytest.fixture
def replaced(office, patient):
    def ask():
        with office.look(NURSE) as work:
            return prints.replaced(work, read(work, patient))

    return ask


def test_the_first_sheet_replaces_none_that_is_known(replaced):
    assert replaced() is None


def test_a_sheet_replaces_the_one_of_an_earlier_day(printed, replaced, clock):
    clock.now = noon(2, 25)
    printed()
    clock.now = noon(2, 27)
    printed()

    clock.now = noon(2, 28)

    assert replaced() == date(2025, 2, 27)


def test_a_sheet_printed_twice_on_a_day_is_the_same_sheet(printed, replaced, clock):
    clock.now = noon(2, 25)
    printed()
    clock.now += timedelta(minutes=5)

    assert replaced() is None


def test_after_a_change_a_sheet_replaces_the_one_of_the_same_day(printed, replaced, clock, act):
    clock.now = noon(2, 25)
    printed()
    clock.now += timedelta(minutes=5)
    act(visits.book, "C1D1", date(2025, 3, 3))

    assert replaced() == date(2025, 2, 25)


def test_the_sheet_tells_how_often_something_was_saved(case, act):
    first = prints.sheet(case())
    act(visits.book, "C1D1", date(2025, 3, 3))

    assert first != prints.sheet(case())
    assert prints.sheet(case()) == prints.sheet(case())


# ---- the binder


@pytest.fixture
def site(office, patient):
    """Reads the cases of those who are asked for (else of all) at the site of the patient."""
    with office.begin(NURSE) as work:
        own = patients.own_sites(work)[0]

    def cases(*public_ids):
        with office.look(NURSE) as work:
            every = [one.patient.public_id for one in prints.choice(work, own)]
            return prints.chosen(work, own, public_ids or every)

    return cases


@pytest.fixture
def kept(tmp_path):
    return Prints(tmp_path / "prints")


def files(kept):
    """With the patient's folder: two patients whose visits are the same have the same booklet."""
    return set(kept.folder.rglob("*.pdf"))


def test_after_one_change_one_booklet_is_made_anew(site, kept, act, enrolled, clock):
    enrolled("01-007")
    first = prints.binder(site(), kept, clock.now)
    before = files(kept)
    again = prints.binder(site(), kept, clock.now)
    act(visits.book, "C1D1", date(2025, 3, 3))

    prints.binder(site(), kept, clock.now)

    assert first == again
    assert (len(before), len(before & files(kept)), len(files(kept))) == (2, 1, 2)


def test_a_booklet_that_is_kept_is_the_one_that_would_be_made(site, kept, clock):
    made, found = (prints.binder(site(), kept, clock.now) for _ in range(2))

    assert made == found == prints.binder(site(), Prints(), clock.now)


def test_whoever_is_chosen_is_in_it_and_nobody_else_can_be(site, patient, enrolled):
    other, foreign = enrolled("01-007"), enrolled("02-001", site="02")

    assert [case.patient.public_id for case in site(other)] == [other]
    for asked in ((patient, foreign), ("A" * 22,)):
        with pytest.raises(NotFound):
            site(*asked)


def test_a_binder_of_nobody_is_refused(office, refused):
    with office.look(NURSE) as work:
        said = refused(prints.chosen, work, patients.own_sites(work)[0], [], kind=Refused)

    assert said.startswith("Nobody is chosen, so there is nothing to bind.")


def test_whoever_left_the_study_is_neither_bound_nor_kept(office, site, kept, act, enrolled):
    other = enrolled("01-007")
    prints.binder(site(), kept, noon(2, 24))
    act(courses.end, date(2025, 2, 24), Ended.WITHDRAWAL, "moved away")

    with office.look(NURSE) as work:
        kept.keep_only(prints.staying(work))

    assert [case.patient.public_id for case in site()] == [other]
    assert [path.name for path in kept.folder.iterdir()] == [other]


def test_the_booklet_of_whoever_left_the_study_goes_alone_and_a_file_of_others_stops_nothing(
    site, kept, patient, enrolled
):
    other = enrolled("01-007")
    prints.binder(site(), kept, noon(2, 24))
    (kept.folder / other / "note.txt").write_text("not ours")

    prints.forget(patient, kept)
    prints.forget(other, kept)

    assert [path.name for path in kept.folder.rglob("*")] == [other, "note.txt"]


# ---- the week


def test_the_week_of_a_site_is_a_paper(office, clock, patient):
    with office.look(NURSE) as work:
        found = agenda.week(work)

    assert prints.week_list(found, clock.now)[:5] == b"%PDF-"


def test_whoever_has_no_site_has_no_week(office, clock):
    with office.look(Actor("nora", "Nora", Role.NURSE, frozenset({"03"}))) as work:
        found = agenda.week(work)

    with pytest.raises(NotFound):
        prints.week_list(found, clock.now)
