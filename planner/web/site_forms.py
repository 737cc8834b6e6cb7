"""The forms of a site: its places, their hours, closed and opened days."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import request
from wtforms import SelectField, SubmitField

from planner.core.calendar import Because, Closure
from planner.core.units import Hours
from planner.services.cuts import Shutting
from planner.services.disruption import Seen
from planner.web.access import PublicId
from planner.web.fields import LONGEST_LINE, Asked, CutForm, Day, Line, PlannerForm, Time, at_most, in_order, one_of
from planner.web.forms import SecondPersonForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import time

    from wtforms import Field

    from planner.core.units import Unit

WHOLE = "The whole site"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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

    def offer(self, units: Iterable[Unit], kinds: Iterable[str]) -> None:
        """What can be closed."""
        own = {f"unit:{unit.public_id}": unit.name for unit in units}
        self.where.choices = one_of({"": WHOLE} | {f"kind:{kind}": f"Every {kind}" for kind in kinds} | own)

    @property
    def shutting(self) -> Shutting:
        """What was asked for."""
        kind, _, name = str(self.where.data or "").partition(":")
        first, last = self.first.data or date.min, self.last.data or date.min
        closure = Closure(first, last, Because.CLOSURE, self.name.data or "", (name,) if kind == "kind" else ())
        return Shutting(closure, name if kind == "unit" else "")


class AskForm(CloseForm):
    """Days that might be closed; it saves nothing, so it carries no token and asks for no reason."""

    class Meta(CloseForm.Meta):
        """Sent in the address."""

        csrf = False

    name = Line("Reason", validators=[at_most(LONGEST_LINE)])

    @property
    def asks(self) -> bool:
        """Whether anything is asked for."""
        return any(field.raw_data for field in (self.where, self.first, self.last))


class NewDaysForm(SecondPersonForm):
    """The new days accepted: of the patients that are ticked, or of all that were shown."""

    accept = SubmitField("Accept the chosen")
    accept_all = SubmitField("Accept all")

    @property
    def ticked(self) -> frozenset[str]:
        """The patients (public ids) whose box is ticked."""
        return _named(CHOSEN)

    @property
    def chosen(self) -> dict[str, Seen]:
        """The patients whose new days are accepted, and what the page showed of each."""
        wanted = _named(SHOWN) if self.accept_all.data else self.ticked
        return {public_id: _seen(request.form.get(f"{SHOWN}{public_id}", "")) for public_id in sorted(wanted)}


CHOSEN, SHOWN = "chosen-", "shown-"


def _named(prefix: str) -> frozenset[str]:
    """The public ids of patients that stand in the names of fields."""
    found = (name.removeprefix(prefix) for name in request.form if name.startswith(prefix))
    return frozenset(one for one in found if re.fullmatch(PublicId.regex, one))


def _seen(text: str) -> Seen:
    """The version and the seal; a version that cannot be right where the field was tampered with."""
    version, _, seal = text.partition(":")
    return Seen(int(version) if re.fullmatch("[0-9]{1,9}", version) else -1, seal)


class OpenForm(PlannerForm):
    kind = SelectField("What is open")
    day = Day("Day", validators=[Asked("Enter the day.")])
    opens = Time("From", validators=[Asked("Enter the time.")])
    closes = Time("To", validators=[Asked("Enter the time.")])
    name = Line("Reason", validators=[Asked("Enter the reason."), at_most(LONGEST_LINE)])
