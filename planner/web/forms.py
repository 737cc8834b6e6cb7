"""The forms: one base that cleans what was typed and keeps it when it is refused. No rule of the trial here."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import time
from typing import TYPE_CHECKING, Any, TypeVar

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import Length, StopValidation

from planner.core.days import EARLIEST, LATEST
from planner.core.deviations import Cause
from planner.core.errors import Refused, Stale
from planner.core.patients import LANGUAGES, Ended
from planner.core.staff import Role
from planner.core.texts import clean
from planner.core.units import Hours
from planner.exports.refusals import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from wtforms import Field
    from wtforms.form import BaseForm

T = TypeVar("T")
LONGEST_LINE, LONGEST_NOTE, LONGEST_SEARCH = 120, 500, 80
KEY_BYTES = 16
TIME = re.compile("([01][0-9]|2[0-3]):([0-5][0-9])(/2)?")
KEY = re.compile("[A-Za-z0-9_-]{22}")
NAMES = {"nl": "Dutch", "fr": "French", "de": "German", "en": "English"}
WHAT = {"occurred": "It took place", "missed": "The patient did not come", "canceled": "It is omitted"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ENDS = {cause.value: cause.replace("_", " ").capitalize() for cause in Ended}


def one_of(words: Mapping[Any, str]) -> Any:  # noqa: ANN401  # the types of WTForms know only its older forms
    """Choices: what is sent, and what is read."""
    return dict(words)


class Asked:
    """The field must be filled, with more than white space; said in words of its own, never by the browser.

    What was typed and cannot be read is not missing: it keeps the sentence that says so.
    """

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: BaseForm, field: Field) -> None:  # noqa: ARG002  # WTForms hands it over
        if not any(str(text).strip() for text in field.raw_data or ()):
            raise StopValidation(self.message)


class Line(StringField):
    """One line of text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([_cleaned(self, text, lines=False) for text in valuelist])


class Note(TextAreaField):
    """Several lines of text."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([_cleaned(self, text, lines=True) for text in valuelist])


def _cleaned(field: Field, text: str, *, lines: bool) -> str:
    """The text by the one policy; a character that is not allowed is said beside the field, which keeps the rest."""
    try:
        return clean(text, lines=lines)
    except Refused as error:
        field.data = "".join(c for c in text if c.isprintable())
        raise ValueError(sentence(error)) from error


def searched(text: str) -> str:
    """The words of a search: what cannot be seen is left out, as it is in no number and no name."""
    return "".join(c for c in text[:LONGEST_SEARCH] if c.isprintable())


class Day(DateField):
    """A day of the calendar, within the years that the planner knows."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = " ".join(valuelist).strip()
        if not typed:
            self.data = None
            return
        try:
            super().process_formdata([typed])
        except ValueError as error:
            raise ValueError(f"{typed[:20]!r} is no day. Write it as 2025-04-15.") from error

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002  # WTForms hands it over
        day: date | None = self.data
        if day is not None and not EARLIEST <= day <= LATEST:
            raise StopValidation(f"Give a day from {EARLIEST.year} to {LATEST.year}.")


def at_most(letters: int) -> Length:
    """No more letters than that."""
    return Length(max=letters, message=f"Write {letters} letters at most.")


class PlannerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """What all forms share; `seen` is the version of the patient that the page showed."""

    told = False
    """Whether the person was told that somebody else was first."""

    key = HiddenField(default=lambda: secrets.token_urlsafe(KEY_BYTES))
    """Made with the page: the same form sent again, by a double click or after a lost answer, is known by it."""

    @property
    def once(self) -> tuple[str, str] | None:
        """The form's key and a digest of what it says; None where it brings no key that a page of ours would."""
        key = str(self.key.data or "")
        if not KEY.fullmatch(key):
            return None
        said = sorted((name, text) for name, text in request.form.items(multi=True) if name != "csrf_token")
        return key, hashlib.sha256(repr(said).encode()).hexdigest()

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        """How what was sent comes in."""

        def wrap_formdata(self, form: BaseForm, formdata: object) -> object:
            """What was typed; a body of JSON is no form, its values have not the types of typed text."""
            return None if request.is_json else super().wrap_formdata(form, formdata)

    def refuse(self, error: Refused | Stale) -> int:
        """Say on the form why it was not saved, and keep what was typed; the status of the answer."""
        self.form_errors.append(sentence(error))
        self.told = isinstance(error, Stale)
        return 409 if isinstance(error, Stale) else 422

    def save(self, do: Callable[[], T]) -> tuple[T | None, int]:
        """What saving gave, and the status of the answer; nothing where the form or a service refuses."""
        if not self.validate_on_submit():
            return None, 422 if self.is_submitted() else 200
        try:
            return do(), 303
        except (Refused, Stale) as error:
            return None, self.refuse(error)


class ActForm(PlannerForm):
    """An act on a patient: it carries the version that was seen."""

    seen = HiddenField()

    @property
    def version(self) -> int:
        """The version seen; a number that cannot be right where the field was tampered with."""
        text = str(self.seen.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004  # fits 32 bits

    def show(self, version: int) -> None:
        """The version that the page shows; what was sent keeps its own until its person was told of a newer one."""
        if self.told or not self.seen.data:
            self.seen.data = str(version)


class ReasonForm(ActForm):
    """An act that may need a reason: one from the list, words of one's own, or both."""

    cause = SelectField(
        "Reason", choices=one_of({"": "No reason needed"} | {c.value: c.value.capitalize() for c in Cause})
    )
    note = Note("In your own words", validators=[at_most(LONGEST_NOTE)])

    @property
    def reason(self) -> str:
        """The reason as it is saved."""
        return ": ".join(filter(None, (str(self.cause.data or ""), str(self.note.data or ""))))


class SignInForm(PlannerForm):
    login = Line("E-mail address or user name", validators=[Asked("Enter your user name."), at_most(LONGEST_LINE)])
    password = PasswordField("Password", validators=[Asked("Enter your password."), Length(max=200)])


class WelcomeForm(PlannerForm):
    login = Line("E-mail address or user name", validators=[Asked("Enter your user name."), at_most(LONGEST_LINE)])
    code = Line("One-time code", validators=[Asked("Enter the code that you were given."), at_most(LONGEST_LINE)])
    password = PasswordField("New password", validators=[Asked("Choose a password."), Length(max=200)])
    again = PasswordField("New password again", validators=[Asked("Enter the password a second time.")])

    def validate_again(self, field: Field) -> None:
        """Both alike."""
        if field.data != self.password.data:
            raise StopValidation("The two passwords differ. Enter the same one twice.")


class EnrolForm(PlannerForm):
    subject_id = Line("Subject number", validators=[Asked("Enter the subject number."), at_most(20)])
    site = SelectField("Site")
    protocol = SelectField("Protocol")
    day_one = Day("Planned Day 1", validators=[Asked("Enter the planned first day of treatment.")])
    registration = Day("Registration")
    dose_level = SelectField("Dose level", coerce=int)
    phase = SelectField("Phase")
    language = SelectField("Patient's language", choices=one_of({code: NAMES[code] for code in LANGUAGES}))
    compare = SubmitField("Compare start days")
    enrol = SubmitField("Enrol")


class Time(Line):
    """A local time as `09:30`; `09:30/2` is the second one in the night in which the clocks go back."""

    @property
    def time(self) -> time | None:
        """The time typed; None where nothing was."""
        found = TIME.fullmatch(str(self.data or ""))
        return time(int(found[1]), int(found[2]), fold=int(bool(found[3]))) if found else None

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002  # WTForms hands it over
        if self.data and not TIME.fullmatch(str(self.data)):
            raise StopValidation(f"{str(self.data)[:20]!r} is no time. Write it as 09:30.")


class BookForm(ReasonForm):
    day = Day("Day", validators=[Asked("Choose a day.")])
    start = Time("Time")
    unit = SelectField("Place", validate_choice=False, default="")
    second_login = Line("Second person's user name", validators=[at_most(LONGEST_LINE)])
    second_password = PasswordField("Second person's password", validators=[Length(max=200)])
    times = SubmitField("Show the free times")
    preview = SubmitField("Show what it moves")
    book = SubmitField("Book this day")

    @property
    def looks(self) -> bool:
        """Whether it only asks what there would be."""
        return bool(self.preview.data or self.times.data)


class RecordForm(ReasonForm):
    what = RadioField(
        "What happened",
        choices=one_of(WHAT),
        default="occurred",
    )
    day = Day("Day on which it took place")
    end = Day("Last day of the stay")


class TakeBackForm(ReasonForm):
    pass


class RedateForm(ReasonForm):
    day = Day("New day", validators=[Asked("Enter the day.")])
    preview = SubmitField("Show what it moves")
    save_it = SubmitField("Save")


class DecideForm(ReasonForm):
    value = RadioField("Decision", validators=[Asked("Choose one of the two.")])


class EndForm(ReasonForm):
    day = Day("Last day in the study", validators=[Asked("Enter the day.")])
    because = SelectField("What ended it", choices=one_of(ENDS))


class ContactForm(ActForm):
    name = Line("Name", validators=[at_most(LONGEST_LINE)])
    email = Line("E-mail address", validators=[at_most(254)])
    phone = Line("Telephone", validators=[at_most(40)])


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


class AccountForm(PlannerForm):
    login = Line("E-mail address or user name", validators=[Asked("Enter a user name."), at_most(LONGEST_LINE)])
    name = Line("Name", validators=[Asked("Enter the person's name."), at_most(LONGEST_LINE)])
    role = SelectField("Role", choices=one_of({role.value: role.replace("_", " ").capitalize() for role in Role}))
    sites = SelectMultipleField("Sites")
