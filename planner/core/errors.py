"""What stops the work: a message id with its values; the sentence is made at the edge."""

from __future__ import annotations


class PlannerError(Exception):
    """Something the person must know; `message` names the sentence, `values` fill it."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message, values)
        self.message = message
        self.values = values


class Refused(PlannerError):
    """What was asked breaks a rule or cannot be read."""


class Stale(PlannerError):
    """Someone else was first."""


class Repeated(PlannerError):
    """The same thing was asked for and done before: nothing is done twice."""


class NotFound(PlannerError):
    """There is no such thing, or it is not for this person's eyes."""
