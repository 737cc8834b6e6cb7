"""The patient's printed schedule: a tagged A4 document, the same bytes for the same call."""

from __future__ import annotations

from datetime import UTC
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from planner.core.disclosure import printable_version
from planner.core.errors import Refused
from planner.exports.printed import pages
from planner.exports.words import Words

if TYPE_CHECKING:
    from types import ModuleType

    from planner.core.schedule import Schedule
    from planner.exports.paper import Paper

ROOT = Path(__file__).resolve().parent.parent.parent
STATIC = ROOT / "static"
TEMPLATES = ROOT / "templates" / "print"
TEMPLATE_VERSION = "1"
"""Rises with every change of what the printed page says: an ethics committee approves it by this number."""

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")


def printed_schedule(schedule: Schedule, paper: Paper) -> bytes:
    """The patient's schedule as PDF (PDF/UA-1: tags, language, title)."""
    return laid_out(page(schedule, paper))


def laid_out(text: str) -> bytes:
    """A page of HTML as PDF: it reads our own static files and nothing else."""
    weasyprint = _weasyprint()
    source = weasyprint.HTML(string=text, base_url="static:", url_fetcher=_static_only()())
    content: bytes = source.write_pdf(pdf_variant="pdf/ua-1")
    return content


def page(schedule: Schedule, paper: Paper) -> str:
    """The page before it is laid out, as HTML."""
    words = Words(paper.language)
    return (
        printing()
        .get_template("schedule.html")
        .render(
            _=words.say,
            words=words,
            paper=paper,
            pages=pages(schedule, paper),
            version=printable_version(schedule.protocol),
            template_version=TEMPLATE_VERSION,
            stamp=paper.stamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    )


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
