"""A small protocol file as text, to which tests add tables."""

from __future__ import annotations

from planner.core.facts import Facts
from planner.protocols.faults import ProtocolRefused
from planner.protocols.reader import parse

HEAD = """\
format = 1

[protocol]
id = "T"
name = "Trial"
version = "1"
numbering = "day 1"
reference = "day_one"

[[date]]
code = "day_one"
name = "Day 1"

[[epoch]]
code = "main"
name = "Main"
"""
V1 = '\n[[encounter]]\ncode = "V1"\nepoch = "main"\nname = "Visit 1"\ntiming = { day = 1 }\n'
"""The first visit; its heading stands on line 18 of HEAD + V1."""
NEXT = 24
"""The line after HEAD + V1."""


def visit(code, timing=None, **more):
    """An [[encounter]] table; the keys of `more` stand below, one line each, without a low line at their end."""
    lines = ["", "[[encounter]]", f'code = "{code}"', 'epoch = "main"', f'name = "Visit {code}"']
    lines += [f"timing = {{ {timing} }}"] if timing else []
    return "\n".join([*lines, *(f"{key.strip('_')} = {value}" for key, value in more.items())]) + "\n"


def rule(code="r", strength="hard", **more):
    """A [[rule]] table; `from_` stands for from."""
    lines = ["", "[[rule]]", f'id = "{code}"', f'strength = "{strength}"']
    return "\n".join([*lines, *(f"{key.strip('_')} = {value}" for key, value in more.items())]) + "\n"


def table(kind, **keys):
    """Any other table."""
    return "\n".join(["", f"[[{kind}]]", *(f"{key} = {value}" for key, value in keys.items())]) + "\n"


def read(*tables, head=HEAD):
    """The protocol of HEAD with these tables."""
    return parse((head + "".join(tables)).encode(), "small.toml")


def only(*tables, head=HEAD):
    """The last visit of HEAD with these tables."""
    return read(*tables, head=head).encounters[-1]


def faults(*tables, head=HEAD):
    """What is wrong with HEAD and these tables, each as the line that a person reads; empty if nothing is."""
    try:
        read(*tables, head=head)
    except ProtocolRefused as refused:
        return [str(fault) for fault in refused.faults]
    return []


def known(protocol, day):
    """Facts in which every named date of the protocol is `day`."""
    return Facts(dates=dict.fromkeys(protocol.date_of, day))
