"""What forms are made of: fields that clean what was typed, and a base that keeps it when it is refused."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import time
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import request
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, StopValidation

from planner.core.days import EARLIEST, LATEST
from planner.core.deviations import Cause
from planner.core.errors import Refused, Stale
from planner.core.texts import clean
from planner.exports.refusals import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from wtforms import Field
    from wtforms.form import BaseForm

    from planner.services.cuts import Cut

T = TypeVar("T")
LONGEST_LINE, LONGEST_NOTE, LONGEST_SEARCH = 120, 500, 80
KEY_BYTES = 16
TIME = re.compile("([01]?[0-9]|2[0-3]):([0-5][0-9])(?:/([12]))?")
KEY = re.compile("[A-Za-z0-9_-]{22}")


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


class Time(Line):
    """A local time as `9:30` or `09:30`; in the night in which the clocks go back, `02:30/1` and `02:30/2`."""

    @property
    def time(self) -> time | None:
        """The time typed; None where nothing was."""
        found = TIME.fullmatch(str(self.data or ""))
        return time(int(found[1]), int(found[2]), fold=int(found[3] == "2")) if found else None

    @property
    def sure(self) -> bool:
        """Whether it says which of two it is."""
        return "/" in str(self.data or "")

    def pre_validate(self, form: BaseForm) -> None:  # noqa: ARG002  # WTForms hands it over
        if self.data and not TIME.fullmatch(str(self.data)):
            raise StopValidation(f"{str(self.data)[:20]!r} is no time. Write it as 09:30.")


def in_order(first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        raise StopValidation("The last day comes before the first. Correct one of the two.")


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
        """The form's key and a digest of what it says, passwords left out; None where it brings no key of ours."""
        key = str(self.key.data or "")
        if not KEY.fullmatch(key):
            return None
        said = sorted(
            (name, text)
            for name, text in request.form.items(multi=True)
            if not name.endswith(("csrf_token", "password"))
        )
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


class CutForm(PlannerForm):
    """A change that may cut booked visits: they are shown first, and agreed to with the second press."""

    agreed = HiddenField()
    cut: tuple[Cut, ...] = ()

    def refuse(self, error: Refused | Stale) -> int:
        """Keep what stands in the way beside the sentence that says so."""
        self.cut = cast("tuple[Cut, ...]", error.values.get("cut", ()))
        self.agreed.data = str(error.values.get("agreed", ""))
        return super().refuse(error)


class ReasonForm(ActForm):
    """An act that may need a reason: one from the list, words of one's own, or both."""

    cause = SelectField(
        "Reason",
        choices=one_of({"": "No reason needed"} | {c.value: c.value.capitalize() for c in Cause}),
        default="",
    )
    note = Note("In your own words", validators=[at_most(LONGEST_NOTE)])

    @property
    def looks(self) -> bool:
        """Whether it only asks what there would be: nothing is saved, so nothing is missing yet."""
        return False

    def validate_note(self, field: Field) -> None:
        """`Other` is no reason until somebody says which."""
        if self.cause.data == Cause.OTHER and not field.data and not self.looks:
            raise StopValidation("Other alone is no reason. Write it in your own words, or choose one of the list.")

    @property
    def reason(self) -> str:
        """The reason as it is saved."""
        return ": ".join(filter(None, (str(self.cause.data or ""), str(self.note.data or ""))))
