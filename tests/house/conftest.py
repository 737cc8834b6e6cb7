import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", "__pycache__", "dist", "htmlcov", "node_modules", "out"}


def _walk(top):
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
        yield from (Path(folder, name).relative_to(top) for name in files)


def _files():
    """The files of the project: those that git holds or would take; without git, those that are no tool's."""
    ours = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(ours, check=True, capture_output=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        return sorted(_walk(ROOT))
    return sorted(Path(name) for name in listed if name and (ROOT / name).is_file())


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def files():
    """Every file of the project, by its path from the top."""
    return {path: (ROOT / path).read_bytes() for path in _files()}


@pytest.fixture(scope="session")
def modules(files):
    """Every Python file of planner/, by its path from the top."""
    return {path: text.decode() for path, text in files.items() if path.parts[0] == "planner" and path.suffix == ".py"}


@pytest.fixture
def call():
    """Runs a command apart from this test run: its coverage and its settings stay outside."""

    def run(*command, cwd, **environment):
        kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        return subprocess.run(command, cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False)

    return run


@pytest.fixture
def tool():
    """The path of a command that stands beside this Python."""
    return lambda name: Path(sys.executable).with_name(name)
