"""The binder: the booklets of many patients in one file for the printer, with a list of whose pages are where."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from pypdf import PdfReader, PdfWriter

from planner.exports.pdf import document, instant_of, printing, written
from planner.exports.words import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from planner.exports.paper import Paper

LANGUAGES = {"nl": "Dutch", "fr": "French", "de": "German", "en": "English"}


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
    readers = [PdfReader(BytesIO(one.content)) for one in booklets]
    pages = [len(reader.pages) for reader in readers]
    front = PdfReader(BytesIO(_front(booklets, pages, paper)))
    writer = PdfWriter()
    writer.append(front, outline_item="Whose pages are where")
    for one, reader in zip(booklets, readers, strict=True):
        _to_the_right(writer)
        writer.append(reader, outline_item=one.subject, import_outline=False)
    writer.add_metadata({"/Title": "Binder", "/Producer": "visit-planner"})
    found = BytesIO()
    writer.write(found)
    return found.getvalue()


def _to_the_right(writer: PdfWriter) -> None:
    """An empty page where the next one would be on the back of a sheet."""
    if len(writer.pages) % 2:
        writer.add_blank_page()


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
        found.append(Part(one.subject, LANGUAGES[one.language], first, first + number - 1))
        first += number + number % 2
    return tuple(found)


def binder_page(found: tuple[Part, ...], paper: Paper) -> str:
    """The list before it is laid out, as HTML."""
    template = printing().get_template("binder.html")
    as_of = moment(paper.stamp, paper.zone)
    return template.render(parts=found, site=paper.site, as_of=as_of, stamp=instant_of(paper.stamp))
