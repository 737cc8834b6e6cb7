"""Words: what patients read from the catalogues, in their language; dates and lengths as people write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

if TYPE_CHECKING:
    from datetime import datetime, time

LOCALE = Path(__file__).resolve().parent.parent / "locale"
DOMAIN = "planner"
HOUR = 60
MOST_DAYS = 8192
"""Days in words that are kept: those of all pages of a trial, over and over."""
MONDAY = date(2024, 1, 1)

# Belgium's habits; the day and month of a date are written out, so no order of figures can be misread.
PLACES = {"en": "en_GB", "nl": "nl_BE", "fr": "fr_BE", "de": "de_BE"}
DAYS = {"en": "EEEE d MMMM y", "nl": "EEEE d MMMM y", "fr": "EEEE d MMMM y", "de": "EEEE, d. MMMM y"}
TIMES = {"en": "H:mm", "nl": "H.mm 'uur'", "fr": "H 'h' mm", "de": "H:mm 'Uhr'"}


NAMES = {"nl": "Dutch", "fr": "French", "de": "German", "en": "English"}
"""Languages as the staff call them."""

OWN_NAMES = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
"""Languages by their own names, as those who read them know them."""


@cache
def catalogue(language: str) -> Translations:
    """The catalogue of one language, compiled from its text when it is first asked for."""
    source = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    compiled = BytesIO()
    with source.open("rb") as text:
        write_mo(compiled, read_po(text, locale=language))
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def noted(message: str) -> str:
    """A message that stands in a table and is said later: by this name the catalogues know that it is used."""
    return message


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language for those who read no English: patients."""

    language: str

    def say(self, message: str, **values: object) -> str:
        """The message in this language, its places filled."""
        words = catalogue(self.language).gettext(message)
        return words % values if values else words

    def counted(self, one: str, many: str, number: int) -> str:
        """The message for that number of things."""
        return catalogue(self.language).ngettext(one, many, number) % {"number": number}

    @property
    def colon(self) -> str:
        """What stands between a word and what is said of it: in French with a space before it."""
        return "\N{NO-BREAK SPACE}: " if self.language == "fr" else ": "

    def day(self, day: date) -> str:
        """`Tuesday 15 April 2025`."""
        return self._first_of_month(day, format_date(day, DAYS[self.language], locale=PLACES[self.language]))

    def weekday(self, day: date) -> str:
        """`Tuesday`."""
        return format_date(day, "EEEE", locale=PLACES[self.language])

    def weekdays(self) -> tuple[str, ...]:
        """`Mon` to `Sun`, in few letters."""
        return tuple(format_date(MONDAY + timedelta(days=n), "EEE", locale=PLACES[self.language]) for n in range(7))

    def short_day(self, day: date, near: date) -> str:
        """`15 April`, with the year where it is another one than that of `near`."""
        return self._date(day, "d MMMM" if day.year == near.year else "d MMMM y")

    def months(self, first: date, last: date) -> str:
        """`April`; `Apr / May` where two days are of two months."""
        if first.month == last.month:
            return format_date(first, "LLLL", locale=PLACES[self.language])
        return " / ".join(format_date(day, "LLL", locale=PLACES[self.language]) for day in (first, last))

    def time(self, at: time) -> str:
        """`9:30`, with the word for hours where the language has one."""
        return format_time(at, TIMES[self.language], locale=PLACES[self.language])

    def week(self, first: date, last: date) -> str:
        """`Week from 17 to 23 March 2025`."""
        shared = (first.year == last.year, (first.year, first.month) == (last.year, last.month))
        start, end = self._start(first, *shared), self._date(last, "d MMMM y")
        return self.say("Week from %(first)s to %(last)s", first=start, last=end)

    def _start(self, day: date, same_year: bool, same_month: bool) -> str:  # noqa: FBT001  # two facts on one date
        return self._date(day, "d" if same_month else "d MMMM" if same_year else "d MMMM y")

    def _date(self, day: date, pattern: str) -> str:
        dotted = pattern.replace("d", "d.", 1) if self.language == "de" else pattern
        return self._first_of_month(day, format_date(day, dotted, locale=PLACES[self.language]))

    def _first_of_month(self, day: date, written: str) -> str:
        """French counts the first of a month: 1er avril."""
        first = self.language == "fr" and day.day == 1
        return " ".join("1er" if first and part == "1" else part for part in written.split(" "))

    def length(self, minutes: int) -> str:
        """`4 hours 30 minutes`."""
        hours, rest = divmod(minutes, HOUR)
        whole = self.counted("%(number)d hour", "%(number)d hours", hours) if hours else ""
        part = self.counted("%(number)d minute", "%(number)d minutes", rest) if rest or not hours else ""
        return " ".join(filter(None, (whole, part)))

    def how_long(self, least: int, most: int) -> str:
        """`about 5 hours`, `4 to 5 hours`, `20 to 30 minutes`."""
        if least == most:
            return self.say("about %(length)s", length=self.length(most))
        alike = (least < HOUR and most < HOUR) or (least % HOUR == most % HOUR == 0)
        number = str(least if most < HOUR else least // HOUR)
        return self.say("%(least)s to %(most)s", least=number if alike else self.length(least), most=self.length(most))


@lru_cache(MOST_DAYS)
def staff_day(day: date) -> str:
    """`Tue 15 Apr 2025`: the form of every staff screen, in English."""
    return format_date(day, "EEE d MMM y", locale="en")


@lru_cache(MOST_DAYS)
def staff_days(first: date, last: date) -> str:
    """`14 Apr to 17 Apr 2025`: two days in one breath, the year once where it is the same."""
    start = format_date(first, "d MMM" if first.year == last.year else "d MMM y", locale="en")
    end = format_date(last, "d MMM y", locale="en")
    return end if first == last else f"{start} to {end}"


def moment(at: datetime, zone: str = "UTC") -> str:
    """`Tue 15 Apr 2025, 09:30 (Europe/Brussels)`: an instant as clocks in that zone showed it."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{staff_day(local.date())}, {local:%H:%M} ({zone})"
