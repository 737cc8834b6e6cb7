"""The floors: web, cli, worker over services over store, exports, post, protocols over core."""

import ast
import sys
from pathlib import PurePath

import pytest

OF_THE_CORE = sys.stdlib_module_names | {"dateutil", "planner.core"}
ROOMS = ["cli", "core", "exports", "protocols", "services", "store", "web"]


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def strangers_in_the_core(modules):
    return [
        f"{path}: {name}"
        for path, source in modules.items()
        if PurePath(path).as_posix().startswith("planner/core/")
        for name in imported(source)
        if not {name, name.split(".")[0], ".".join(name.split(".")[:2])} & OF_THE_CORE
    ]


@pytest.fixture
def lint(call, tool):
    """Holds a folder with a package `planner` against the contracts."""
    return lambda folder: call(tool("lint-imports"), "--no-cache", "--no-logo", cwd=folder)


@pytest.fixture
def house(tmp_path, root):
    """Builds a house with all its rooms, under our own contracts; what is given stands in the rooms' files."""

    def build(**sources):
        (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
        for room in ROOMS:
            folder = tmp_path / "planner" / room
            folder.mkdir(parents=True)
            (folder / "__init__.py").write_text(sources.pop(room, ""))
        (tmp_path / "planner" / "__init__.py").touch()
        (tmp_path / "planner" / "__main__.py").touch()
        for name, source in sources.items():
            (tmp_path / "planner" / f"{name}.py").write_text(source)
        return tmp_path

    return build


def test_the_floors_hold(lint, root):
    outcome = lint(root)

    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stdout


def test_a_house_with_every_room_is_allowed(lint, house):
    rooms = house(
        settings="",
        worker="import planner.services\nimport planner.settings",
        post="import planner.core",
        services="import planner.store\nimport planner.exports\nimport planner.post",
        web="import planner.services\nimport planner.settings",
    )

    outcome = lint(rooms)

    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("core", "import planner.protocols"),
        ("core", "import planner.exports"),
        ("core", "import icalendar"),
        ("core", "import babel"),
        ("core", "import holidays"),
        ("core", "import click"),
        ("core", "import gettext"),
        ("core", "import time"),
        ("core", "import os"),
        ("protocols", "import flask"),
        ("protocols", "import planner.exports"),
        ("store", "import planner.exports"),
        ("exports", "import planner.store"),
        ("exports", "import planner.services"),
        ("services", "import planner.web"),
        ("services", "import planner.settings"),
        ("cli", "import planner.web"),
        ("utensils", ""),
    ],
)
def test_a_wrong_import_or_an_unknown_room_is_refused(lint, house, room, line):
    rooms = house(settings="", **{room: line})

    outcome = lint(rooms)

    assert outcome.returncode == 1, outcome.stdout


def test_the_core_imports_the_standard_library_and_dateutil_only(modules):
    assert strangers_in_the_core(modules) == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import numpy", "numpy"),
        ("from yaml import load", "yaml"),
        ("from planner.store import tables", "planner.store"),
        ("from . import days", "."),
        ("def f():\n    import attrs", "attrs"),
    ],
)
def test_a_stranger_in_the_core_is_found(line, name):
    assert strangers_in_the_core({"planner/core/days.py": line}) == [f"planner/core/days.py: {name}"]


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import date",
        "from dateutil.relativedelta import relativedelta",
        "import planner.core.days",
    ],
)
def test_what_the_core_may_import(line):
    assert strangers_in_the_core({"planner/core/days.py": line}) == []
