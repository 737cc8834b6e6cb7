"""The patient's visits as a calendar file: neutral words, UTC instants, the same bytes for the same call."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from icalendar import Calendar
from icalendar.prop import vText

from planner.core.disclosure import Arranged, Detail, glimpse, secret_words
from planner.core.feeds import entry_of, in_force, skipped
from planner.exports.entry import PRODID, Mark, entry, uid_of
from planner.exports.feed import Line
from planner.exports.ics_rules import must_be_right
from planner.exports.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from planner.core.disclosure import Glimpse
    from planner.core.feeds import Sent
    from planner.core.schedule import Schedule
    from planner.exports.paper import Paper


def calendar_file(
    schedule: Schedule,
    paper: Paper,
    *,
    seed: str = "",
    detail: Detail = Detail.STANDARD,
    sent: Iterable[Sent] = (),
    open_days: bool = True,
) -> bytes:
    """Every visit with a day that the patient attends and that took place or is still to come.

    `open_days`: those too that are still to be arranged.

    An entry is marked as in the patient's feed: by the mail of `sent` that told of it, else by `seed`, a secret of this
    patient, and the visit's code, with the paper's edition as its number. So it is the same entry from file to file.
    Without a seed UIDs come from the stamp and the entry's place in the file, which tell nothing of the visit, for the
    stamp stands in the file for anyone to try codes with.
    """
    key = seed or paper.stamp.astimezone(UTC).isoformat()
    told = in_force(sent)
    found = Calendar()
    found.add("prodid", PRODID)
    found.add("version", "2.0")
    found.add("uid", vText(uid_of(key, "")))
    found.add("x-wr-calname", vText(Words(paper.language).say("Hospital appointments")))
    for place, (code, seen) in enumerate(_shown(schedule, paper.language, detail, open_days=open_days)):
        own = Line(entry_of(code, seen, told), seed, paper.edition, paper.stamp).mark
        found.add_component(entry(seen, paper, own if seed else Mark(uid_of(key, str(place)), 0, paper.stamp)))
    return must_be_right(found.to_ical())


def _shown(schedule: Schedule, language: str, detail: Detail, *, open_days: bool) -> Iterator[tuple[str, Glimpse]]:
    """The visits that the file holds, by code."""
    secret = secret_words(schedule.protocol)
    for visit in schedule.visits:
        seen = glimpse(visit, secret, language, detail)
        if seen is not None and not skipped(seen) and (open_days or seen.arranged is not Arranged.NOT_YET):
            yield visit.code, seen
