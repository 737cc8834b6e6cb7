"""The patient's printed schedule: a tagged A4 document, the same bytes for the same call."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from datetime import UTC
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from planner.core.disclosure import printable_version
from planner.core.errors import Refused
from planner.exports.printed import pages
from planner.exports.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from types import ModuleType

    from planner.core.schedule import Schedule
    from planner.exports.paper import Paper

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates" / "print"
TEMPLATE_VERSION = "3"
"""Rises with every change of what the printed page says: an ethics committee approves it by this number."""

VARIANT = "pdf/ua-1"
"""With tags, language and title, for every reader."""

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: a document is hundreds of thousands of objects that live until it is written.

    Looking through them again and again takes a tenth of the time.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def printed_schedule(schedule: Schedule, paper: Paper) -> bytes:
    """The patient's schedule as PDF (PDF/UA-1: tags, language, title)."""
    return laid_out(page(schedule, paper))


def laid_out(text: str) -> bytes:
    """A page of HTML as PDF: it reads our own static files and nothing else."""
    return written(document(text))


@_uncollected()
def for_paper(text: str) -> bytes:
    """The same for a printer alone, without tags: those of many files are lost where they are bound, and cost most."""
    content: bytes = document(text, variant=None).write_pdf()
    return content


@_uncollected()
def document(text: str, variant: str | None = VARIANT) -> Any:  # noqa: ANN401  # WeasyPrint ships no types
    """A page of HTML in its place on paper, whose sheets can be counted before it is written."""
    weasyprint = _weasyprint()
    return weasyprint.HTML(string=text, base_url="static:", url_fetcher=_static_only()()).render(pdf_variant=variant)


@_uncollected()
def written(found: Any) -> bytes:  # noqa: ANN401  # as above
    """The document as PDF."""
    content: bytes = found.write_pdf(pdf_variant=VARIANT)
    return content


def fingerprint(text: str) -> str:
    """What tells a page from every other one: its words, our style sheets, and the program that lays it out."""
    made_of = [text, VARIANT, version("weasyprint"), *(sheet.read_text() for sheet in sorted(STATIC.glob("css/*.css")))]
    return sha256("\0".join(made_of).encode()).hexdigest()


def page(schedule: Schedule, paper: Paper) -> str:
    """The page before it is laid out, as HTML."""
    return filled("schedule.html", schedule, paper, pages=pages(schedule, paper))


def filled(template: str, schedule: Schedule, paper: Paper, **parts: object) -> str:
    """A template of the patient's paper with what every one of them says."""
    words = Words(paper.language)
    return (
        printing()
        .get_template(template)
        .render(
            _=words.say,
            words=words,
            paper=paper,
            version=printable_version(schedule.protocol),
            template_version=TEMPLATE_VERSION,
            stamp=instant_of(paper.stamp),
            **parts,
        )
    )


def instant_of(stamp: datetime) -> str:
    """An instant as a file says when it was made."""
    return stamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def printing() -> Environment:
    """The templates of printed pages."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _weasyprint() -> ModuleType:
    """WeasyPrint, loaded when it is first needed: it costs a second, and Pango may be missing."""
    try:
        import weasyprint  # noqa: PLC0415  # see above
    except OSError as error:
        raise Refused("pdf_libraries_missing", packages=PACKAGES) from error
    module: ModuleType = weasyprint
    return module


@cache
def _static_only() -> Any:  # noqa: ANN401  # a class whose base is known only once WeasyPrint is loaded
    from weasyprint.urls import URLFetcher  # noqa: PLC0415  # as above

    class StaticOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
        """Opens our own static files and nothing else."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:  # noqa: ANN401  # as in its base
            path = (STATIC / url.removeprefix("static:")).resolve()
            if not url.startswith("static:") or not path.is_relative_to(STATIC):
                raise ValueError(f"not a bundled file: {url}")
            return super().fetch(path.as_uri(), headers)

    return StaticOnly
