"""Who may be enrolled: 36 patients, three dose levels, escalation and expansion, as the registry record says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from planner.core.calendar import Calendar
from planner.core.errors import Refused
from planner.core.escalation import Enrolment, known_dose, may_enrol, may_fail_screening
from planner.core.facts import Facts
from planner.core.schedule import plan

from .small import SHRINK

SILENT = replace(SHRINK, enrolment=None)
"""A protocol without an [enrolment] table."""
PHASES = ("escalation", "expansion")


def stating(most=None, dose_levels=0, phases=()):
    return replace(SHRINK, enrolment=Enrolment(most, dose_levels, phases))


def refusal(act, *given):
    """What `act` is refused with; None where it is not refused."""
    try:
        act(*given)
    except Refused as refused:
        return refused.message, refused.values
    return None


@pytest.mark.parametrize("enrolled", [0, 1, 35])
def test_up_to_36_patients_may_be_enrolled(enrolled):
    assert refusal(may_enrol, SHRINK, enrolled) is None


@pytest.mark.parametrize("enrolled", [36, 37])
def test_a_37th_patient_may_not(enrolled):
    assert refusal(may_enrol, SHRINK, enrolled) == ("enrolment_full", {"most": 36})


@pytest.mark.parametrize("protocol", [SILENT, stating(dose_levels=3)], ids=["no table", "no number"])
def test_a_protocol_that_states_no_number_takes_any(protocol):
    assert refusal(may_enrol, protocol, 10_000) is None


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("dose_level", [1, 2, 3])
def test_the_dose_levels_1_to_3_are_known_in_both_phases(dose_level, phase):
    assert refusal(known_dose, SHRINK, dose_level, phase) is None


@pytest.mark.parametrize("dose_level", [-1, 0, 4])
def test_another_dose_level_is_refused_with_those_that_there_are(dose_level):
    said = refusal(known_dose, SHRINK, dose_level, "escalation")

    assert said == ("no_such_dose_level", {"dose_level": dose_level, "known": (1, 2, 3)})


@pytest.mark.parametrize("phase", ["", "Escalation", "treatment"])
def test_another_phase_is_refused_with_those_that_there_are(phase):
    said = refusal(known_dose, SHRINK, 1, phase)

    assert said == ("no_such_phase", {"phase": phase, "known": ("escalation", "expansion")})


@pytest.mark.parametrize("protocol", [SILENT, stating(most=36)], ids=["no table", "neither of them"])
def test_a_protocol_that_states_neither_dose_levels_nor_phases_takes_any(protocol):
    assert refusal(known_dose, protocol, 9, "whichever") is None


def test_dose_levels_are_held_although_no_phases_are_stated():
    said = refusal(known_dose, stating(dose_levels=2), 3, "whichever")

    assert said == ("no_such_dose_level", {"dose_level": 3, "known": (1, 2)})


def test_phases_are_held_although_no_dose_levels_are_stated():
    said = refusal(known_dose, stating(phases=PHASES), 9, "whichever")

    assert said == ("no_such_phase", {"phase": "whichever", "known": PHASES})


def under_treatment(**occurred):
    """The plan of a patient whose Day 1 is 3 March 2025, with what occurred."""
    facts = Facts(dates={"day_one": date(2025, 3, 3)})
    for code, day in occurred.items():
        facts = facts.occurred(code, day)
    return plan(SHRINK, facts, Calendar())


def test_before_the_treatment_a_screening_may_fail():
    assert refusal(may_fail_screening, under_treatment(SC1=date(2025, 2, 10))) is None


def test_once_the_treatment_began_nothing_is_a_screening_failure():
    """Who was treated is one of the 36."""
    begun = under_treatment(C1D1=date(2025, 3, 3))

    assert refusal(may_fail_screening, begun) == ("treated_already", {"day": date(2025, 3, 3)})
