"""The command line."""

import click

from planner import __version__


@click.group()
@click.version_option(__version__, prog_name="planner")
def main() -> None:
    """Plan the visits of a patient in a clinical trial."""
