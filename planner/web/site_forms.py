"""The forms of a site: its places, their hours, closed and opened days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from wtforms import HiddenField, SelectField

from planner.core.units import Hours
from planner.web.fields import LONGEST_LINE, Asked, Day, Line, PlannerForm, Time, at_most, in_order

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import time

    from wtforms import Field

    from planner.core.errors import Refused, Stale
    from planner.services.cuts import Cut

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class CutForm(PlannerForm):
    """A change that may cut booked visits: they are shown first, and agreed to with the second press."""

    agreed = HiddenField()
    cut: tuple[Cut, ...] = ()

    def refuse(self, error: Refused | Stale) -> int:
        """Keep what stands in the way beside the sentence that says so."""
        self.cut = cast("tuple[Cut, ...]", error.values.get("cut", ()))
        self.agreed.data = str(error.values.get("agreed", ""))
        return super().refuse(error)


class UnitForm(PlannerForm):
    kind = SelectField("Kind of place")
    name = Line("Name, such as Chair 3", validators=[Asked("Enter a name."), at_most(80)])


class HoursForm(CutForm):
    """Opening hours, a row for each weekday: `opens_0` and `closes_0` are Monday's."""

    @property
    def hours(self) -> tuple[Hours, ...]:
        """What was typed, a row each; days left empty are closed."""
        rows = ((n, self[f"opens_{n}"].time, self[f"closes_{n}"].time) for n in range(len(WEEKDAYS)))
        return tuple(Hours(n, opens, closes) for n, opens, closes in rows if opens is not None and closes is not None)

    def show_hours(self, hours: tuple[Hours, ...]) -> None:
        """The hours as they are."""
        for one in hours:
            self[f"opens_{one.weekday}"].data = f"{one.opens:%H:%M}"
            self[f"closes_{one.weekday}"].data = f"{one.closes:%H:%M}"

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Both times of a day or none, the second after the first."""
        good: bool = super().validate(extra_validators)
        for n, day in enumerate(WEEKDAYS):
            opens, closes = self[f"opens_{n}"], self[f"closes_{n}"]
            if not opens.errors and not closes.errors and not _a_span(opens.time, closes.time):
                closes.errors = [f"{day}: give both times, the second after the first, or leave both empty."]
                good = False
        return good


def _a_span(opens: time | None, closes: time | None) -> bool:
    return (opens is None and closes is None) or (opens is not None and closes is not None and opens < closes)


for _n, _day in enumerate(WEEKDAYS):
    setattr(HoursForm, f"opens_{_n}", Time(f"{_day}, from"))
    setattr(HoursForm, f"closes_{_n}", Time(f"{_day}, to"))


class CloseForm(CutForm):
    where = SelectField("What is closed")
    first = Day("First closed day", validators=[Asked("Enter the first day.")])
    last = Day("Last closed day", validators=[Asked("Enter the last day.")])
    name = Line("Reason", validators=[Asked("Enter the reason."), at_most(LONGEST_LINE)])

    def validate_last(self, field: Field) -> None:
        """Not before the first."""
        in_order(self.first.data, field.data)


class OpenForm(PlannerForm):
    kind = SelectField("What is open")
    day = Day("Day", validators=[Asked("Enter the day.")])
    opens = Time("From", validators=[Asked("Enter the time.")])
    closes = Time("To", validators=[Asked("Enter the time.")])
    name = Line("Reason", validators=[Asked("Enter the reason."), at_most(LONGEST_LINE)])
