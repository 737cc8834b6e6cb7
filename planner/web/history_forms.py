"""The forms of the history: what of it is shown, and the signature of a review."""

from __future__ import annotations

from wtforms import HiddenField, SelectField

from planner.web.fields import LONGEST_NOTE, Day, Line, Note, PlannerForm, at_most, one_of

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
