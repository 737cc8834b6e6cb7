"""The forms of the history: what of it is shown, and the signature of a review."""

from __future__ import annotations

from wtforms import HiddenField, SelectField

from planner.web.forms import LONGEST_NOTE, Day, Line, Note, PlannerForm, at_most, one_of

ONLY = {"": "Everything", "outside": "Outside a window or rule", "late": "Recorded after the fact"}


class HistoryForm(PlannerForm):
    """What of the history is shown; it saves nothing, so it is sent as an address."""

    person = SelectField("Person", default="")
    subject = Line("Subject number", validators=[at_most(20)])
    act = SelectField("Kind of act", default="")
    first = Day("From")
    last = Day("To")
    only = SelectField("Only", default="", choices=one_of(ONLY))

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for, as it stands in an address."""
        sent = {field.name: (field.raw_data or [""])[0] for field in self}
        return {name: text for name, text in sent.items() if text}


class ReviewForm(PlannerForm):
    up_to = HiddenField()
    note = Note("Note", validators=[at_most(LONGEST_NOTE)])

    @property
    def number(self) -> int:
        """The newest write that was shown; none where the field was tampered with."""
        text = str(self.up_to.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004  # fits 32 bits


class AwayForm(ActForm):
    first = Day("First day away", validators=[Asked("Enter the first day.")])
    last = Day("Last day away", validators=[Asked("Enter the last day.")])

    def validate_last(self, field: Field) -> None:
        """Not before the first."""
        _in_order(self.first.data, field.data)


class UnitForm(PlannerForm):
    kind = SelectField("Kind of place")
    name = Line("Name, such as Chair 3", validators=[Asked("Enter a name."), at_most(80)])


class HoursForm(PlannerForm):
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


class CloseForm(PlannerForm):
    where = SelectField("What is closed")
    first = Day("First closed day", validators=[Asked("Enter the first day.")])
    last = Day("Last closed day", validators=[Asked("Enter the last day.")])
    name = Line("Reason", validators=[Asked("Enter the reason."), at_most(LONGEST_LINE)])

    def validate_last(self, field: Field) -> None:
        """Not before the first."""
        _in_order(self.first.data, field.data)


class OpenForm(PlannerForm):
    kind = SelectField("What is open")
    day = Day("Day", validators=[Asked("Enter the day.")])
    opens = Time("From", validators=[Asked("Enter the time.")])
    closes = Time("To", validators=[Asked("Enter the time.")])
    name = Line("Reason", validators=[Asked("Enter the reason."), at_most(LONGEST_LINE)])


def _in_order(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        raise StopValidation("The last day comes before the first. Correct one of the two.")
