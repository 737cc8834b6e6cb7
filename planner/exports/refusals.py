"""What stopped the work, as the sentence that its person reads: what happened, why, what to do."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from planner.exports.words import staff_day

if TYPE_CHECKING:
    from planner.core.errors import PlannerError

SENTENCES = {
    "no_such_visit": "This plan has no days for a visit {code}: it is not in the protocol, does not take place, or "
    "still waits for a date to count from. Choose one of the visits that the schedule lists.",
    "no_such_language": "There are no words in the language {language}. Choose one of: {known}.",
    "no_such_zone": "There is no time zone {zone}. Give an IANA name, such as Europe/Brussels.",
    "no_such_holidays": "No public holidays are known for {place}. Give the code of a country, such as BE, or of one "
    "of its regions.",
    "time_does_not_exist": "{at} on {day} does not exist in {zone}: the clocks skip that hour. Book an hour earlier or "
    "later.",
    "pdf_libraries_missing": "Printed schedules need libraries that this machine lacks. Ask its administrator to "
    "install: {packages}. Everything but PDF works without them.",
    "protocol_refused": "{file} cannot be planned by:\n{faults}",
}


def sentence(error: PlannerError) -> str:
    """The error in words; one that has no sentence yet still says its name and its values."""
    values = {key: _plain(value) for key, value in error.values.items()}
    if error.message in SENTENCES:
        return SENTENCES[error.message].format_map(values)
    told = ", ".join(f"{key} {value}" for key, value in values.items())
    said = error.message.replace("_", " ")
    return f"{said[:1].upper()}{said[1:]}{f': {told}' if told else ''}."


def _plain(value: object) -> str:
    """A value as people write it: dates in words, several values one after the other."""
    if isinstance(value, date):
        return staff_day(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, tuple | list | frozenset | set):
        lines = [_plain(one) for one in value]
        return ("\n" if any(" " in line for line in lines) else ", ").join(lines)
    return str(value)
