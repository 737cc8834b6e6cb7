"""The words of the patient's own page: the next visit, all of them by week, and what was said of each."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from planner.core.portal import Word
from planner.exports.printed import pages

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from planner.core.disclosure import Detail
    from planner.core.portal import Said
    from planner.core.schedule import Schedule
    from planner.exports.paper import Paper
    from planner.exports.printed import Line, Pages

ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What stands on the page; `ids` name the visits in addresses, by code; of some it was said: seen, or call me.

    `over`: the study has ended for the patient.
    """

    pages: Pages
    ids: dict[str, str]
    days: dict[str, date]
    seen: frozenset[str]
    call: frozenset[str]
    over: bool = False

    @property
    def coming(self) -> Line | None:
        """The next visit that is agreed on; a day that nobody agreed to stands in the list, and big on no page."""
        return next((line for line in self.pages.to_come if not line.open_day), None)


def own_page(schedule: Schedule, paper: Paper, detail: Detail, said: Iterable[Said], secret: str) -> OwnPage:
    """The page; a word said of a visit holds for the day on which it stood then."""
    found = pages(schedule, paper, detail)
    days = {line.code: line.order[0] for line in found.to_come}
    now = [one for one in said if days.get(one.code) == one.day]
    return OwnPage(
        found,
        {code: _id(secret, code) for code in days},
        days,
        frozenset(one.code for one in now if one.word is Word.SEEN),
        frozenset(one.code for one in now if one.word is Word.CALL and not one.done),
        over=schedule.facts.ended is not None,
    )


def _id(secret: str, code: str) -> str:
    """A visit's name in addresses: a code would tell what is done there."""
    made = hmac.digest(secret.encode(), f"page {code}".encode(), "sha256")[:ID_BYTES]
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
