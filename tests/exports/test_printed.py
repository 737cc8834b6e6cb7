"""The patient's paper as words and as HTML, before it is laid out."""

import re
from dataclasses import replace
from datetime import date, time

import pytest
from jinja2 import UndefinedError

from planner.core.calendar import Calendar
from planner.core.facts import Fact, Facts, State
from planner.core.protocol import Text
from planner.core.schedule import plan
from planner.exports.fridge import fridge_page
from planner.exports.pdf import page, printing
from planner.exports.printed import Line, pages, typographic

TRIAL = ("folfox", "nkr", "shrink", "nct0331", "01-007", "resect", "dlt", "c3d1", "c4d1", "n1", "follow-up", "epoch")


@pytest.fixture
def printed(under_way, paper):
    return pages(under_way, paper())


def lines(found):
    return [line for week in found.weeks for line in week.lines]


def test_a_booked_visit_says_when_where_how_long_and_how_to_get_ready(printed):
    assert next(line for line in lines(printed) if line.time == "9:30") == Line(
        code="C3D1",
        order=(date(2025, 4, 7), time(9, 30)),
        day="Monday 7 April 2025",
        time="9:30",
        what="Treatment at the day hospital",
        place="Route 7 North",
        length="4 to 5 hours",
        ready="Dress warmly. No cold drinks and no cold objects for 5 days afterwards.",
        open_day="",
        no_time="",
        move="May be moved between Monday 7 April 2025 and Thursday 10 April 2025: call first.",
        confirmed=False,
        done=False,
        to_record=False,
    )


def test_an_open_visit_says_so_and_how_far_it_may_be_moved(schedule, paper):
    found = next(line for line in lines(pages(schedule, paper("de"))) if line.what == "Operation")

    assert (found.day, found.time, found.place, found.length) == ("Montag, 16. Juni 2025", "", "", "etwa 7 Nächte")
    assert found.open_day == "Noch mit Ihnen zu vereinbaren."
    assert found.move == (
        "Kann verschoben werden, zwischen Montag, 9. Juni 2025 und Sonntag, 6. Juli 2025: bitte vorher anrufen."
    )


def test_a_booked_visit_without_a_time_says_that_the_time_is_open_and_no_other_does(printed, under_way):
    """The picture of 1 May is booked without a time; what is still to be arranged has no day either."""
    assert [line.day for line in lines(printed) if line.no_time] == ["Thursday 1 May 2025"]
    assert [v.code for v in under_way.visits if v.booked and v.fact.at is None] == ["IM1"]


def test_times_are_explained_where_one_is_printed_and_nowhere_else(schedule, under_way, paper):
    said = "The times are those at which we expect you."

    assert [said in page(found, paper("en")) for found in (schedule, under_way)] == [False, True]
    assert [said in fridge_page(found, paper("en")) for found in (schedule, under_way)] == [False, True]


def test_instructions_and_places_that_name_the_trial_are_left_out(protocol, facts, paper):
    """C1D1 is the code of the first infusion, FOLFOX a word of its name; a ward tells what is treated on it."""
    slips = {"C1D1": "Drink well before C1D1.", "C2D1": "No cold drinks after folfox.", "C3D1": "Drink well."}
    slips |= {"C4D1": "Afdeling 7 Noord"}
    changed = tuple(_saying(e, slips.get(e.code, "")) for e in protocol.encounters)
    found = lines(pages(plan(replace(protocol, encounters=changed), facts, Calendar()), paper()))

    told = [(line.place, line.ready) for line in found if line.order[0] in (date(2025, 3, n) for n in (3, 17, 31))]
    told += [(line.place, line.ready) for line in found if line.code == "C4D1"]
    assert told == [("", ""), ("", ""), ("Drink well.", "Drink well."), ("", "")]


def _saying(encounter, words):
    return replace(encounter, place=Text((("en", words),)), instructions=Text((("en", words),)))


def test_a_booked_visit_with_one_day_only_says_so_and_one_that_is_still_open_does_not(printed):
    """The pump comes off two days after the infusion, whenever that is; a call is made on the next day."""
    pump, call = (next(line for line in lines(printed) if line.code == code) for code in ("C2D3", "N1+1"))

    assert pump.move == "Only this day is possible. If it does not suit you, call at once."
    assert (call.open_day, call.move) == ("Still to be arranged with you.", "")


def test_a_visit_that_no_bookable_day_is_left_for_promises_nothing(under_way, protocol, facts, paper):
    away = plan(protocol, facts.booked("IM1", date(2025, 5, 20)), Calendar())
    found = next(line for line in lines(pages(away, paper())) if line.day == "Tuesday 20 May 2025")

    assert found.move == "May be moved between Monday 21 April 2025 and Monday 5 May 2025: call first."
    assert [line.move for line in pages(under_way, paper()).done] == ["", "", "", ""]


def test_one_possible_day_that_is_not_the_booked_one_is_not_called_the_only_one(protocol, facts, paper):
    found = pages(plan(protocol, facts.booked("C1D3", date(2025, 3, 6)), Calendar()), paper())

    assert next(line for line in lines(found) if line.day == "Thursday 6 March 2025").move == ""


def test_visits_run_by_day_and_time_in_weeks_from_monday_to_sunday(printed):
    orders = [line.order for line in lines(printed)]

    assert orders == sorted(orders)
    assert [week.days for week in printed.weeks][:2] == [
        "Week from 24 to 30 March 2025",
        "Week from 7 to 13 April 2025",
    ]


def test_the_next_visit_is_the_first_to_come_whenever_the_paper_is_printed(under_way, paper):
    days = (date(2025, 3, 25), date(2027, 6, 25))

    found = [pages(under_way, paper(printed=day)).coming for day in days]

    assert [line.day if line else None for line in found] == ["Wednesday 26 March 2025"] * 2


def test_visits_done_stand_apart_from_those_to_come(printed):
    assert [line.day for line in printed.done] == [
        "Friday 28 February 2025",
        "Monday 3 March 2025",
        "Wednesday 5 March 2025",
        "Monday 24 March 2025",
    ]
    assert not any(line.done for line in lines(printed))


def test_visits_of_staff_are_not_on_the_paper_and_telephone_calls_are(schedule, paper):
    found = lines(pages(schedule, paper()))
    attended = [visit for visit in schedule.visits if visit.encounter.attended and visit.day is not None]

    assert len(found) == len(attended) == 28
    assert [line.what for line in found].count("Telephone call") == 3


def test_apostrophes_are_printed_as_such(schedule, paper):
    assert typographic("l'hôpital, 5' and 'x'") == "l\N{RIGHT SINGLE QUOTATION MARK}hôpital, 5' and 'x'"
    assert any("l\N{RIGHT SINGLE QUOTATION MARK}hôpital" in line.what for line in lines(pages(schedule, paper("fr"))))


# ---- the page


def text_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html.split("<body>")[1]))


def test_numbers_that_are_not_known_are_lines_to_fill_in(schedule, paper):
    blank, known = page(schedule, paper()), page(schedule, paper(phone="+32 2 1", emergency="+32 2 2"))

    assert blank.count("____________________") - known.count("____________________") == 3
    assert (known.count("+32 2 1"), known.count("+32 2 2")) == (1, 2)


def test_the_paper_tells_its_version_its_day_and_what_it_replaces(schedule, paper):
    found = text_of(page(schedule, paper(approved=date(2025, 1, 2))))

    assert "Version 0.9 draft, printed on Tuesday 25 March 2025. Replaces earlier versions." in found
    assert "Template version 3, approved by the ethics committee on: Thursday 2 January 2025" in found


def test_a_patient_without_visits_is_told_so(protocol, paper):
    found = text_of(page(plan(protocol, Facts(), Calendar()), paper()))

    assert "No visit is planned at the moment." in found
    assert "Your next visit" not in found


def test_text_of_the_protocol_is_text_and_no_markup(protocol, facts, paper):
    evil = Text((("en", "<script>alert(1)</script> & <img src=x>"),))
    changed = tuple(replace(e, instructions=evil, place=evil) for e in protocol.encounters)

    found = page(plan(replace(protocol, encounters=changed), facts, Calendar()), paper(site="<b>", phone="<i>"))

    assert re.findall(r"<(?:script|img|b|i)\b", found) == []
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img src=x&gt;" in found


def test_a_gap_in_the_template_is_no_empty_place():
    with pytest.raises(UndefinedError):
        printing().get_template("schedule.html").render()


@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
def test_nothing_of_the_trial_stands_on_the_paper(under_way, schedule, paper, language):
    """All of these stand in the protocol or in what the paper was asked for; place and instructions may be shown."""
    for found in (under_way, schedule):
        shown = page(found, paper(language, site="Hospital")).casefold()
        assert [word for word in TRIAL if word in shown] == []


def test_a_visit_as_needed_is_shown_once_it_is_booked(protocol, facts, paper):
    known = replace(facts, visits={"ET": Fact(State.BOOKED, date(2025, 4, 1))})

    found = lines(pages(plan(protocol, known, Calendar()), paper()))

    assert next(line for line in found if line.day == "Tuesday 1 April 2025" and not line.open_day).what == "Check-up"
