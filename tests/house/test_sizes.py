"""A file past 300 lines, or a function past 50, is two things."""

import ast

import pytest

LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 50


def long_files(modules):
    counted = ((path, len(source.splitlines())) for path, source in modules.items())
    return [f"{path}: {lines} lines" for path, lines in counted if lines > LINES_OF_A_FILE]


def long_functions(modules):
    found = (
        (path, node.name, node.end_lineno - node.lineno + 1)
        for path, source in modules.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [f"{path}: {name}: {lines} lines" for path, name, lines in found if lines > LINES_OF_A_FUNCTION]


def function_of(lines, before="def plan():"):
    return "\n".join([before, *["    pass"] * (lines - 1)])


def test_no_file_is_two_things(modules):
    assert long_files(modules) == []


def test_no_function_is_two_things(modules):
    assert long_functions(modules) == []


@pytest.mark.parametrize(("lines", "faults"), [(300, []), (301, ["planner/a.py: 301 lines"])])
def test_a_file_may_have_300_lines(lines, faults):
    assert long_files({"planner/a.py": "x = 1\n" * lines}) == faults


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        (function_of(50), []),
        (function_of(51), ["a.py: plan: 51 lines"]),
        (function_of(51, before="async def plan():"), ["a.py: plan: 51 lines"]),
        (
            "class A:\n" + function_of(51).replace("\n", "\n    ").replace("def", " def"),
            ["a.py: plan: 51 lines"],
        ),
    ],
    ids=["50", "51", "async", "method"],
)
def test_a_function_may_have_50_lines(source, faults):
    assert long_functions({"a.py": source}) == faults
