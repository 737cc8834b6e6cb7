"""The forms: what is asked, in the words of the page. No rule of the trial here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
)
from wtforms.validators import Length, NumberRange, Optional, StopValidation

from planner.core.disclosure import Detail
from planner.core.facts import Go
from planner.core.patients import LANGUAGES, Ended
from planner.core.staff import Role
from planner.exports.words import NAMES
from planner.web.fields import (
    LONGEST_LINE,
    ActForm,
    Asked,
    CutForm,
    Day,
    Line,
    PlannerForm,
    ReasonForm,
    Time,
    at_most,
    in_order,
    one_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wtforms import Field

WHAT = {"occurred": "It took place", "missed": "The patient did not come", "canceled": "It is omitted"}
GO = {Go.GO.value: "GO", Go.NO_GO.value: "NO-GO"}
VERBS = {
    "defer": "It is put off",
    "move": "It is moved to a day, earlier or later",
    "omit": "It is omitted",
    "stop": "Treatment stops: nothing of this phase takes place any more, follow-up stays",
}
KEEP = {"move": "Move those that no longer fit", "keep": "Keep all where they are"}
CHANNELS = ("mail", "feed", "page")
AGREED = {
    "": "Nothing",
    Detail.MINIMAL.value: "An appointment only",
    Detail.STANDARD.value: "With its neutral title",
}
ENDS = {cause.value: cause.replace("_", " ").capitalize() for cause in Ended}


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


class SecondPersonForm(ReasonForm):
    second_login = Line("Second person's user name", validators=[at_most(LONGEST_LINE)])
    second_password = PasswordField("Second person's password", validators=[Length(max=200)])


class BookForm(SecondPersonForm):
    day = Day("Day", validators=[Asked("Choose a day.")])
    start = Time("Time")
    unit = SelectField("Place", validate_choice=False, default="")
    other = Day("Another day, overruling a hard rule in writing")
    times = SubmitField("Show the free times")
    preview = SubmitField("Show what it moves")
    book = SubmitField("Book this day")

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """The day that overrules a rule counts instead of the one chosen."""
        if self.other.data is not None:
            self.day.data, self.day.validators = self.other.data, ()
        good: bool = super().validate(extra_validators)
        return good

    @property
    def looks(self) -> bool:
        """Whether it only asks what there would be."""
        return bool(self.preview.data or self.times.data)


class AddForm(ActForm):
    code = SelectField("Visit")
    day = Day("Day", validators=[Asked("Choose a day.")])
    start = Time("Time")
    times = SubmitField("Show the free times")
    save_it = SubmitField("Add the visit")


class RecordForm(SecondPersonForm):
    what = RadioField(
        "What happened",
        choices=one_of(WHAT),
        default="occurred",
    )
    day = Day("Day on which it took place")
    end = Day("Last day of the stay")
    go = RadioField("GO or NO-GO", choices=one_of({"": "Not decided yet", **GO}), default="")
    decided_by = Line("Decided by", validators=[at_most(LONGEST_LINE)])
    taken_for = Day("Taken for the day")


class GoForm(ReasonForm):
    go = RadioField("GO or NO-GO", choices=one_of(GO), validators=[Asked("Choose one of the two.")])
    decided_by = Line("Decided by", validators=[Asked("Enter who decided it."), at_most(LONGEST_LINE)])


class ConfirmForm(ActForm):
    take_back = SubmitField("Take the confirmation back")


class RepeatForm(ReasonForm):
    take_back = SubmitField("Do not repeat it")


class UndoForm(ActForm):
    act = HiddenField()
    shown = HiddenField()


class ReadFirstForm(ReasonForm):
    """An act that is read before it is saved; `shown` is the seal of what the page showed."""

    shown = HiddenField()
    preview = SubmitField("Show what it does")
    save_it = SubmitField("Save")

    @property
    def looks(self) -> bool:
        """Whether it only asks what there would be."""
        return not self.save_it.data

    @property
    def seal(self) -> str:
        """The seal of what was shown before it was sent; empty where nothing was."""
        return str(self.shown.data or "")


class PlannedForm(ReadFirstForm, SecondPersonForm):
    """An act that moves other visits; `chosen` are the repairs so far, `repair` the one whose button it was."""

    keep = RadioField("The other bookings", choices=one_of(KEEP), default="move")
    chosen = HiddenField()
    repair = StringField("")  # a button: what it says is known or it is not

    def choose(self) -> tuple[str, ...]:
        """The keys of the repairs chosen, this button's among them; none where it is planned anew."""
        known = str(self.chosen.data or "").split()
        keys = [] if self.preview.data else [*known, *([str(self.repair.data)] if self.repair.data else [])]
        self.chosen.data = " ".join(dict.fromkeys(keys))
        return tuple(dict.fromkeys(keys))


class ReplanForm(PlannedForm):
    verb = RadioField("What happens", choices=one_of(VERBS), default="defer")
    days = IntegerField("By how many days", validators=[Optional(), NumberRange(1, 366, "Enter 1 to 366 days.")])
    day = Day("Or to which day")
    scope = RadioField("How far it reaches", default="visit")


class SwapForm(ReadFirstForm, SecondPersonForm):
    other = SelectField("With the time of", validate_choice=False)
    save_it = SubmitField("Exchange the two")


class CombineForm(ReasonForm):
    host = SelectField("Together with")


class TakeBackForm(ReasonForm):
    pass


class RedateForm(PlannedForm):
    day = Day("New day", validators=[Asked("Enter the day.")])


class DecideForm(ReasonForm):
    value = RadioField("Decision", validators=[Asked("Choose one of the two.")])


class ResumeForm(ReadFirstForm):
    save_it = SubmitField("Take the end back")


class EndForm(ResumeForm):
    day = Day("Last day in the study", validators=[Asked("Enter the day.")])
    because = SelectField("What ended it", choices=one_of(ENDS))
    save_it = SubmitField("End the study")


class ContactForm(ActForm):
    name = Line("Name", validators=[at_most(LONGEST_LINE)])
    email = Line("E-mail address", validators=[at_most(254)])
    phone = Line("Telephone", validators=[at_most(40)])
    language = SelectField("Language", choices=one_of({code: NAMES[code] for code in LANGUAGES}))


class AgreeForm(ActForm):
    mail = RadioField("By mail", choices=one_of(AGREED))
    feed = RadioField("In their own calendar", choices=one_of(AGREED))
    page = RadioField("On a page of their own", choices=one_of(AGREED))
    alarm = BooleanField("Each entry mailed from now on sounds once, a day before")
    reminder = BooleanField("A mail reminds them before each visit")
    open_days = BooleanField("Their calendar also shows what is still to be arranged, without a time")

    def process(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401  # as WTForms calls it
        """Nothing is a choice too: it stands for the consent that is not there."""
        super().process(*arguments, **named)
        for name in CHANNELS:
            self[name].data = self[name].data or ""


class FeedForm(PlannerForm):
    what = SelectField("Which visits")


class AwayForm(CutForm, ActForm):
    first = Day("First day away", validators=[Asked("Enter the first day.")])
    last = Day("Last day away", validators=[Asked("Enter the last day.")])

    def validate_last(self, field: Field) -> None:
        """Not before the first."""
        in_order(self.first.data, field.data)


class AccountForm(PlannerForm):
    login = Line("E-mail address or user name", validators=[Asked("Enter a user name."), at_most(LONGEST_LINE)])
    name = Line("Name", validators=[Asked("Enter the person's name."), at_most(LONGEST_LINE)])
    role = SelectField("Role", choices=one_of({role.value: role.replace("_", " ").capitalize() for role in Role}))
    sites = SelectMultipleField("Sites")
