"""The binder: the booklets of many patients in one file for the printer, with a list of whose pages are where."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf

from planner.exports.pdf import document, instant_of, printing, written
from planner.exports.words import NAMES, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.exports.paper import Paper

A4 = (595, 842)
"""Width and height in points."""


@dataclass(frozen=True, slots=True)
class Booklet:
    """One patient's booklet as PDF, with what staff know it by."""

    subject: str
    language: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the list: from which to which page of the binder a booklet goes."""

    subject: str
    language: str
    first: int
    last: int


def bound(booklets: Sequence[Booklet], paper: Paper) -> bytes:
    """The list, then the booklets in order; each begins on a right-hand page.

    Printed on both sides, no patient's first page is then on the back of another patient's last one.
    """
    files = [pikepdf.open(BytesIO(one.content)) for one in booklets]
    front = pikepdf.open(BytesIO(_front(booklets, [len(file.pages) for file in files], paper)))
    found, marks = pikepdf.new(), []
    for name, file in (("Whose pages are where", front), *zip((one.subject for one in booklets), files, strict=True)):
        _to_the_right(found)
        marks.append(pikepdf.OutlineItem(name, len(found.pages)))
        found.pages.extend(file.pages)
    with found.open_outline() as outline:
        outline.root.extend(marks)
    found.docinfo["/Title"], found.docinfo["/Producer"] = "Binder", "visit-planner"
    return _saved(found)


def _to_the_right(found: pikepdf.Pdf) -> None:
    """An empty page where the next one would be on the back of a sheet."""
    if len(found.pages) % 2:
        found.add_blank_page(page_size=A4)


def _saved(found: pikepdf.Pdf) -> bytes:
    """The file, the same for the same pages."""
    target = BytesIO()
    found.save(target, deterministic_id=True)
    return target.getvalue()


def _front(booklets: Sequence[Booklet], pages: Sequence[int], paper: Paper) -> bytes:
    """The list as PDF; how long it is itself is known once it is laid out."""
    length = 1
    while True:
        found = document(binder_page(parts(booklets, pages, length), paper))
        if len(found.pages) <= length:
            return written(found)
        length = len(found.pages)


def parts(booklets: Sequence[Booklet], pages: Sequence[int], before: int) -> tuple[Part, ...]:
    """Where each booklet stands behind `before` pages."""
    found, first = [], before + before % 2 + 1
    for one, number in zip(booklets, pages, strict=True):
        found.append(Part(one.subject, NAMES[one.language], first, first + number - 1))
        first += number + number % 2
    return tuple(found)


def binder_page(found: tuple[Part, ...], paper: Paper) -> str:
    """The list before it is laid out, as HTML."""
    template = printing().get_template("binder.html")
    as_of = moment(paper.stamp, paper.zone)
    return template.render(parts=found, site=paper.site, as_of=as_of, stamp=instant_of(paper.stamp))
