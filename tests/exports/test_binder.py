"""The binder: the booklets one after another, each on a sheet of its own, and the list of whose pages are where."""

import re
import shutil
import subprocess
from io import BytesIO

import pikepdf
import pytest

from planner.exports.binder import Booklet, Part, binder_page, bound, parts
from planner.exports.pdf import laid_out

needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
SHEET = '<html lang="en"><title>x</title><p style="break-after: page">{}</p>'


def booklet(subject, pages, language="nl"):
    return Booklet(
        subject, language, laid_out("".join(SHEET.format(f"{subject} page {n}") for n in range(1, pages + 1)))
    )


def texts(content):
    found = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return [" ".join(page.split()) for page in found.stdout.decode().split("\f")[:-1]]


@pytest.fixture
def bind(paper):
    return lambda *booklets: bound(booklets, paper(site="Brussels"))


@needs_poppler
def test_each_booklet_begins_on_a_right_hand_page(bind):
    """The list is page 1; three pages from page 3 on, then an empty one; one page on page 7."""
    found = texts(bind(booklet("01-001", 3), booklet("01-002", 1)))

    assert [re.sub(r"^Binder.*", "the list", text) for text in found] == [
        "the list",
        "",
        "01-001 page 1",
        "01-001 page 2",
        "01-001 page 3",
        "",
        "01-002 page 1",
    ]


def test_the_list_tells_the_pages_of_each(paper):
    found = parts([Booklet("01-001", "nl", b""), Booklet("01-002", "fr", b"")], [3, 1], 1)

    assert found == (Part("01-001", "Dutch", 3, 5), Part("01-002", "French", 7, 7))
    assert '<strong>01-001</strong></td><td class="number">3 to 5</td><td>Dutch</td>' in binder_page(found, paper())


@needs_poppler
def test_a_list_of_two_pages_moves_the_booklets(bind):
    """Sixty lines are two pages, so the first booklet begins on page 3 as before, and the second on page 5."""
    one = booklet("01-001", 1)

    found = texts(bind(*[one] * 60))

    assert [number for number, text in enumerate(found, 1) if "01-001 page 1" in text][:2] == [3, 5]
    assert "01-001 3 to 3 Dutch" in found[0]
    assert len(found) == 2 + 60 * 2 - 1


def test_the_subject_numbers_are_its_bookmarks(bind):
    """And each leads to the first page of its booklet."""
    found = pikepdf.open(BytesIO(bind(booklet("01-001", 3), booklet("01-002", 1))))

    with found.open_outline() as outline:
        marks = [(item.title, found.pages.index(pikepdf.Page(item.destination[0])) + 1) for item in outline.root]

    assert marks == [("Whose pages are where", 1), ("01-001", 3), ("01-002", 7)]


def test_the_same_booklets_give_the_same_bytes(bind):
    one = booklet("01-001", 2)

    assert bind(one) == bind(one)
