"""The command line, run in this process: what it printed, what it refused, and its exit status."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import planner.protocols
from planner.cli import main

SHRINK = str(Path(planner.protocols.__file__).with_name("shrink.toml"))
DATES = ("--date", "registration=2025-02-24", "--date", "day_one=2025-03-03")


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    status: int
    out: str
    err: str


@pytest.fixture
def run(capfd):
    """A command given as its words."""

    def ran(*words: str) -> Ran:
        with pytest.raises(SystemExit) as left:
            main([*map(str, words)])
        printed = capfd.readouterr()
        return Ran(left.value.code, printed.out, printed.err)

    return ran


@pytest.fixture
def schedule(run):
    """`planner schedule` of the illustrative protocol with its two dates."""

    def ran(*words: str) -> Ran:
        return run("schedule", SHRINK, *DATES, *words)

    return ran
