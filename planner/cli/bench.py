"""planner bench: measure, in ratios, what the documents promise. The benchmarks live beside the tests."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from types import ModuleType


@click.command(short_help="Measure speed as ratios within one run.", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def bench(ctx: click.Context, name: str, args: tuple[str, ...]) -> None:
    """Run the benchmark NAME (engine, pages, load, replan, paper); further words are its own options."""
    ctx.exit(_benchmark(name).main(list(args)))


def _benchmark(name: str) -> ModuleType:
    try:
        return import_module(f"tests.bench.{name if re.fullmatch('[a-z]+', name) else '-'}")
    except ModuleNotFoundError as error:
        here = f"{error.name} is not here; run it from a checkout, as ./run bench engine"
        raise click.UsageError(f"NAME: there is no benchmark {name!r:.40}, {here}") from error
