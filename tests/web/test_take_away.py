"""What is taken away from a patient's page: the very bytes that the services make."""

import pytest

from planner.core.disclosure import Detail
from planner.core.patients import Wishes
from planner.services import cases, contacts, invitations
from planner.services.invitations import Kind

TYPES = {Kind.ICS: "text/calendar; charset=utf-8", Kind.PDF: "application/pdf"}


@pytest.fixture
def public_id(enrolled, office, staff):
    """A patient who agreed to a calendar with titles."""
    found = enrolled()
    with office.begin(staff["nurse"]) as work:
        contacts.agree(work, found, cases.case(work, found).patient.version, Wishes(feed=Detail.STANDARD))
    return found


@pytest.fixture
def made(office, staff, public_id):
    """The file as the services make it."""

    def make(kind):
        with office.look(staff["nurse"]) as work:
            return invitations.of_case(kind, cases.case(work, public_id))

    return make


@pytest.mark.parametrize("kind", Kind)
def test_the_file_is_the_one_that_the_services_make(nurse, public_id, made, kind):
    answer = nurse.get(f"/patients/{public_id}/visits.{kind}")

    assert answer.get_data() == made(kind)
    assert (answer.content_type, answer.headers["Content-Disposition"], answer.headers["Cache-Control"]) == (
        TYPES[kind],
        f'attachment; filename="visits.{kind}"',
        "no-store",
    )


@pytest.mark.parametrize(
    ("detail", "titled"), [(None, False), (Detail.MINIMAL, False), (Detail.STANDARD, True)], ids=str
)
def test_the_calendar_file_says_no_more_than_was_agreed_to(nurse, enrolled, office, staff, detail, titled):
    """Resection is titled 'Opname in het ziekenhuis'."""
    found = enrolled()
    if detail is not None:
        with office.begin(staff["nurse"]) as work:
            contacts.agree(work, found, cases.case(work, found).patient.version, Wishes(feed=detail))

    file = nurse.get(f"/patients/{found}/visits.ics").get_data(as_text=True)

    assert ("Opname in het ziekenhuis" in file, "Afspraak in het ziekenhuis" in file) == (titled, True)


@pytest.mark.parametrize("kind", Kind)
def test_the_file_changes_with_the_plan_and_with_nothing_else(nurse, clock, public_id, kind):
    path, visit = f"/patients/{public_id}/visits.{kind}", f"/patients/{public_id}/visits/C4D1"
    first, again = (nurse.get(path).get_data() for _ in range(2))
    nurse.post(f"{visit}/book", at=visit, day="2025-04-15", book="x")

    assert (first == again, first == nurse.get(path).get_data()) == (True, False)


@pytest.mark.parametrize("kind", Kind)
def test_neither_the_file_nor_its_name_says_who_it_is_about(nurse, public_id, kind):
    answer = nurse.get(f"/patients/{public_id}/visits.{kind}")

    told = answer.get_data() + str(answer.headers).encode()
    assert not [word for word in (b"01-001", public_id.encode(), b"NCT0331", b"FOLFOX") if word in told]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("login", ["pharmacist", "monitor", "medical_monitor", "admin"])
def test_whoever_only_reads_takes_nothing_away(signed_in, public_id, login, kind):
    reader = signed_in(login)

    reader.get(f"/patients/{public_id}/visits.{kind}", status=403)

    assert "This is not for your role" in reader.page.said


@pytest.mark.parametrize("login", ["pharmacist", "monitor", "medical_monitor"])
def test_whoever_may_not_take_it_away_is_not_led_to_it(signed_in, public_id, login):
    page = signed_in(login).get(f"/patients/{public_id}").get_data(as_text=True)

    assert "/visits.pdf" not in page
    assert "/visits.ics" not in page


@pytest.mark.parametrize("kind", ["csv", "ICS", "ics.bak", ""])
def test_no_other_kind_is_found(nurse, public_id, kind):
    nurse.get(f"/patients/{public_id}/visits.{kind}", status=404)
