"""The week of a site on paper."""

import shutil
import subprocess
from datetime import date

import pytest

from planner.exports.week import Row, day_of, printed_week, row, week_page

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
MONDAY, SUNDAY = date(2025, 4, 7), date(2025, 4, 13)


def test_a_visit_tells_time_unit_subject_and_name(under_way):
    booked, open_ = (row("01-001", under_way, under_way.by_code[code], {}) for code in ("C3D1", "C3D3"))

    assert booked == Row("9:30", "Route 7 North", "01-001", "FOLFOX 3 (C3D1)", "booked")
    assert (open_.time, open_.state) == ("", "planned")


@needs_poppler
def test_it_is_across_and_goes_day_by_day(under_way, paper):
    rows = tuple(row(f"01-{n:03}", under_way, under_way.by_code["C3D1"], {}) for n in range(1, 41))
    days = (day_of(MONDAY, "", rows), day_of(date(2025, 4, 8), "Labour Day", ()))

    content = printed_week(days, MONDAY, SUNDAY, paper(site="Brussels"))

    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout
    info = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True).stdout.decode()
    said = " ".join(text.decode().split())
    assert "841.89 x 595.276 pts (A4)" in info
    assert "Week of 7 Apr to 13 Apr 2025, Brussels" in said
    assert "Tue 8 Apr 2025 · closed: Labour Day · no visit" in said
    assert [f"01-{n:03}" in said for n in range(1, 41)] == [True] * 40
    assert said.count("Time Unit Subject Visit State Note") == 2  # on each page


def test_text_of_the_protocol_is_text_and_no_markup(paper):
    evil = Row("9:30", "<b>", "01-001", "<i>", "booked")

    found = week_page((day_of(MONDAY, "<u>", (evil,)),), MONDAY, SUNDAY, paper(site="<s>"))

    assert [tag for tag in ("<b>", "<i>", "<u>", "<s>") if tag in found] == []
