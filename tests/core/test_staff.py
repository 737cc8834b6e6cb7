"""How far each person sees."""

from __future__ import annotations

import pytest

from planner.core.staff import COMMAND_LINE, Actor, Role

OWN = frozenset({"01", "03"})
STUDY_WIDE = {Role.MEDICAL_MONITOR}


@pytest.mark.parametrize("role", [role for role in Role if role not in STUDY_WIDE])
def test_whoever_belongs_to_sites_sees_these_and_no_others(role):
    assert Actor("anna", "Anna", role, OWN).reach == OWN


@pytest.mark.parametrize("role", [role for role in Role if role not in STUDY_WIDE])
def test_whoever_has_no_site_sees_nobody(role):
    """An empty set, which is not None: None would be every site."""
    assert Actor("anna", "Anna", role).reach == frozenset()


@pytest.mark.parametrize("sites", [frozenset(), OWN])
def test_a_medical_monitor_sees_every_site_whichever_are_named(sites):
    assert Actor("mona", "Mona", Role.MEDICAL_MONITOR, sites).reach is None


def test_the_command_line_sees_every_site():
    assert (COMMAND_LINE.role, COMMAND_LINE.reach) == (None, None)
