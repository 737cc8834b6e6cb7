"""GO and NO-GO, repeats, combined and confirmed visits on the visit's page."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from planner.core.facts import Fact, Go, State
from planner.services import cases, visits

FRIDAY = date(2025, 3, 14)
TARGET = date(2025, 3, 17)


@pytest.fixture
def public_id(enrolled, clock):
    """The patient of the worked example on the Friday before FOLFOX 2."""
    found = enrolled(registration=date(2025, 2, 10))
    clock.now = datetime(2025, 3, 14, 10, tzinfo=UTC)
    return found


@pytest.fixture
def nurse(public_id, browser):
    """Signed in on that Friday."""
    browser.sign_in("nurse")
    return browser


@pytest.fixture
def facts(office, staff, public_id):
    def read():
        with office.look(staff["nurse"]) as work:
            return cases.case(work, public_id).facts

    return read


@pytest.fixture
def book(office, staff, public_id):
    """Books past the page."""

    def do(code, day):
        with office.begin(staff["nurse"]) as work:
            visits.book(work, public_id, cases.case(work, public_id).patient.version, code, day)

    return do


@pytest.fixture
def at(public_id):
    return lambda code: f"/patients/{public_id}/visits/{code}"


def test_a_no_go_is_recorded_with_the_bloods_by_whom_and_leads_to_the_repeat(nurse, at, facts):
    nurse.post(f"{at('C2P')}/record", at=at("C2P"), what="occurred", day="2025-03-14", go="no_go", decided_by="Dr Maes")

    fact = Fact(State.OCCURRED, FRIDAY, go=Go.NO_GO, decided_by="Dr Maes", taken_for=TARGET)
    assert facts().visits["C2P"] == fact
    nurse.get(at("C2P"))
    assert "NO-GO , decided by Dr Maes." in nurse.page.said
    nurse.get(at("C2P.2"))
    assert "Bloods before FOLFOX 2, repeat 1 (C2P.2)" in nurse.page.said


def test_nobody_named_is_a_sentence_and_what_was_typed_stays(nurse, at, facts):
    nurse.post(f"{at('C2P')}/record", at=at("C2P"), status=422, what="occurred", day="2025-03-14", go="no_go")

    assert "GO and NO-GO are decided by a named person: enter the name." in nurse.page.said
    assert nurse.page.form(f"{at('C2P')}/record")["record-day"] == "2025-03-14"
    assert facts().visits == {}


def test_the_word_may_be_entered_afterwards(nurse, at, facts):
    nurse.post(f"{at('C2P')}/record", at=at("C2P"), what="occurred", day="2025-03-14")
    nurse.post(f"{at('C2P')}/decide", at=at("C2P"), go="go", decided_by="Dr Maes")
    nurse.post(f"{at('C2P')}/decide", at=at("C2P"), status=422, go="no_go", decided_by="Dr Maes")

    assert "A record is corrected with a reason: give one." in nurse.page.said
    assert facts().visits["C2P"].go is Go.GO


@pytest.mark.parametrize("go", ["perhaps", ""])
def test_a_word_that_is_none_is_refused(nurse, at, facts, go):
    nurse.post(f"{at('C2P')}/record", at=at("C2P"), what="occurred", day="2025-03-14")
    nurse.post(f"{at('C2P')}/decide", at=at("C2P"), status=422, go=go, decided_by="Dr Maes")

    assert facts().visits["C2P"].go is None


def test_a_booking_is_confirmed_and_the_confirmation_taken_back(nurse, at, facts, book):
    book("C2D1", TARGET)

    nurse.post(f"{at('C2D1')}/confirm", at=at("C2D1"))
    confirmed = facts().visits["C2D1"].confirmed
    nurse.post(f"{at('C2D1')}/confirm", at=at("C2D1"), take_back="1")

    assert (confirmed, facts().visits["C2D1"].confirmed) == (True, False)


def test_a_visit_is_repeated_with_a_reason_and_taken_out_again(nurse, at, facts):
    nurse.post(f"{at('C2P')}/record", at=at("C2P"), what="occurred", day="2025-03-14", go="go", decided_by="Dr Maes")
    nurse.post(f"{at('C2P')}/repeat", at=at("C2P"), status=422)
    nurse.post(f"{at('C2P')}/repeat", at=at("C2P"), cause="low blood counts")
    planned = facts().visits["C2P"].again
    nurse.post(f"{at('C2P')}/repeat", at=at("C2P"), cause="the patient's wish", take_back="1")

    assert (planned, facts().visits["C2P"].again) == (True, False)


def test_two_visits_are_combined_and_separated(nurse, at, facts, book):
    book("RES", date(2025, 6, 23))

    nurse.post(f"{at('M7')}/combine", at=at("M7"), host="P60")
    combined = dict(facts().together)
    nurse.post(f"{at('M7')}/separate", at=at("M7"))

    assert (combined, dict(facts().together)) == ({"M7": "P60"}, {})


@pytest.mark.parametrize("host", ["P30", "", "M7", "<b>"])
def test_what_cannot_be_combined_is_not_in_the_list(nurse, at, facts, book, host):
    book("RES", date(2025, 6, 23))

    nurse.post(f"{at('M7')}/combine", at=at("M7"), status=422, host=host)

    assert dict(facts().together) == {}


@pytest.mark.parametrize("verb", ["combine", "confirm", "decide", "repeat", "separate"])
def test_a_visit_that_nobody_knows_is_not_found(nurse, at, verb):
    nurse.get(at("C2P"))
    token = nurse.page.form(f"{at('C2P')}/record")
    typed = {name.replace("record-", f"{PREFIX[verb]}-"): value for name, value in token.items()}

    sent = nurse.client.post(f"{at('X9')}/{verb}", data={**typed, f"{PREFIX[verb]}-go": "go"})

    assert sent.status_code == 404


PREFIX = {"combine": "combine", "confirm": "confirm", "decide": "gate", "repeat": "repeat", "separate": "separate"}


def test_an_infusion_recorded_outside_its_window_takes_a_second_person(nurse, at, facts, clock, staff):
    """Infusion 1 is planned on 3 April with one day after it; it was given on 8 April."""
    clock.now = datetime(2025, 4, 8, 10, tzinfo=UTC)
    nurse.sign_in("nurse")
    what = {"what": "occurred", "day": "2025-04-08", "cause": "cell product not ready"}
    nurse.post(f"{at('C3D1')}/record", at=at("C3D1"), what="occurred", day="2025-03-31", cause="the patient's wish")
    nurse.post(f"{at('N1')}/record", at=at("N1"), status=422, **what)
    alone = nurse.page.said
    second = {"second_login": "investigator", "second_password": "correct horse battery"}
    nurse.post(f"{at('N1')}/record", at=at("N1"), **what, **second)

    assert "outside its window takes a second person" in alone
    assert (facts().visits["N1"].state, [a.second for a in facts().accepted if a.visit == "N1"]) == (
        State.OCCURRED,
        ["Investigator Person"],
    )


def test_the_start_of_the_pump_off_is_proposed_before_anything_is_sent(nurse, at, book, office, staff, public_id):
    """FOLFOX 2 at 10:00 on Monday: 46 hours later it is 8:00 on Wednesday."""
    nurse.post(f"{at('C2D1')}/book", at=at("C2D1"), day="2025-03-17", start="10:00", book="x")
    nurse.get(at("C2D3"))

    assert "Proposed: Wed 19 Mar 2025, 08:00. 46 hours after the start of FOLFOX 2 (C2D1)." in nurse.page.said
    assert 'value="08:00"' in nurse.page.text


def test_moving_the_start_lists_the_pump_off_as_to_be_moved(nurse, at):
    nurse.post(f"{at('C2D1')}/book", at=at("C2D1"), day="2025-03-17", start="10:00", book="x")
    nurse.post(f"{at('C2D3')}/book", at=at("C2D3"), day="2025-03-19", start="08:00", book="x")
    nurse.post(f"{at('C2D1')}/book", at=at("C2D1"), status=200, day="2025-03-17", start="14:00", preview="x")

    assert (
        "To be moved: Pump off 2 (C2D3) is booked on Wed 19 Mar 2025, 08:00; it is proposed for Wed 19 Mar 2025, 12:00"
        in nurse.page.said
    )
