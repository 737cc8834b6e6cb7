"""Time is an argument: only the unit of work and the command line may look at a clock."""

import ast
from pathlib import PurePath

import pytest

MAY_LOOK = ("planner/services/work.py", "planner/cli.py", "planner/cli/")
CLOCKS = {
    *(("datetime", name) for name in ("now", "today", "utcnow")),
    *(("date", name) for name in ("now", "today", "utcnow")),
    *(("time", name) for name in ("time", "time_ns", "localtime", "gmtime")),
}


def _owner(node):
    """The last name before the point: `datetime` in `dt.datetime.now`."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def looks_at_a_clock(modules):
    return [
        f"{path}:{node.lineno}"
        for path, source in modules.items()
        if not PurePath(path).as_posix().startswith(MAY_LOOK)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and (_owner(node.value), node.attr) in CLOCKS
    ]


def test_time_is_an_argument(modules):
    assert looks_at_a_clock(modules) == []


@pytest.mark.parametrize(
    "line",
    [
        "day = date.today()",
        "day = datetime.date.today()",
        "now = datetime.now(UTC)",
        "now = dt.datetime.utcnow()",
        "stamp = field(default_factory=datetime.now)",
        "seconds = time.time()",
    ],
)
@pytest.mark.parametrize("path", ["planner/core/schedule.py", "planner/web/today.py"])
def test_a_look_at_the_clock_is_found(path, line):
    assert looks_at_a_clock({path: f"import datetime\n{line}\n"}) == [f"{path}:2"]


@pytest.mark.parametrize("path", ["planner/services/work.py", "planner/cli.py", "planner/cli/schedule.py"])
def test_the_unit_of_work_and_the_command_line_may_look(path):
    assert looks_at_a_clock({path: "day = date.today()"}) == []


def test_a_value_that_is_called_now_is_no_clock():
    assert looks_at_a_clock({"planner/services/visits.py": "stamp = work.now\nday = today(work)"}) == []
