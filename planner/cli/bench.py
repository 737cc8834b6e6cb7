"""planner bench: measure, in ratios, what the documents promise. The benchmarks live beside the tests."""

from __future__ import annotations

import re
from importlib import import_module, util

import click


@click.command(short_help="Measure speed as ratios within one run.", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def bench(ctx: click.Context, name: str, args: tuple[str, ...]) -> None:
    """Run the benchmark NAME (engine); further words are its own options."""
    module = f"tests.bench.{name}"
    if not re.fullmatch(r"[a-z]+", name) or util.find_spec("tests") is None or util.find_spec(module) is None:
        raise click.UsageError(
            f"NAME: there is no benchmark {name!r:.40}; run it from a checkout, as ./run bench engine"
        )
    ctx.exit(import_module(module).main(list(args)))
