"""No input makes the reader crash, hang or grow; what it accepts, the planner plans."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import planner.protocols
from tests.protocols.documents import recipes
from tests.protocols.hostile import HOSTILE
from tests.protocols.mutants import mutants, outcome, outcomes

HERE = Path(__file__).parent
FILES = (Path(planner.protocols.__file__).with_name("shrink.toml"), HERE / "second.toml")
SOURCES = [*(path.read_text(encoding="utf-8") for path in FILES), *(file for _, file, _, _ in recipes())]
GENEROUS = 60
"""Seconds for a test that takes three: an alarm, no measurement."""
MEMORY = 200 * 1024 * 1024
LONGEST = 2
OUTCOMES = {"refused", "planned"}
SCRIPT = """
import sys
from tests.protocols.mutants import mutants, outcomes, slowest
from tests.protocols.test_fuzz import HOSTILE, SOURCES

seed = int(sys.argv[1])
contents = list(mutants(SOURCES, 500, seed)) if seed else [text.encode() for text in HOSTILE.values()]
print(slowest(contents))
print(*outcomes(contents))
"""


@pytest.fixture(autouse=True)
def alarm(request):
    """Ends a test that hangs."""

    def ring(*_):
        raise TimeoutError("the reader or the planner hangs")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(0 if request.node.get_closest_marker("slow") else GENEROUS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _confined(seed):
    """Seconds for the slowest file, and what became of all, in a process that may take 200 MB."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(seed)],
        cwd=HERE.parents[1],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "."},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),  # one thread
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    seconds, *became = done.stdout.split()
    return float(seconds), set(became)


@pytest.mark.parametrize("seed", range(1, 6))
def test_mutated_files_are_refused_or_planned(seed):
    assert outcomes(mutants(SOURCES, 50, seed)).keys() <= OUTCOMES


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_or_planned(text):
    assert outcome(text.encode()) in OUTCOMES


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(101, 121))
def test_of_ten_thousand_mutated_files_none_takes_two_seconds_or_200_mb(seed):
    seconds, became = _confined(seed)

    assert seconds < LONGEST
    assert became == OUTCOMES


@pytest.mark.slow
def test_no_hostile_file_takes_two_seconds_or_200_mb():
    seconds, became = _confined(0)

    assert seconds < LONGEST
    assert became == OUTCOMES
