"""`glassnet rm`: removing runs."""

import sys
from pathlib import Path

import click

from glassnet.cli.echo import echo
from glassnet.cli.options import runs_option
from glassnet.cli.show import main_result
from glassnet.cli.table import megabytes
from glassnet.errors import UsageError
from glassnet.runs import removal
from glassnet.runs.folder import Run, find
from glassnet.visible import visible


def rm(run: tuple[str, ...], yes: bool, runs: Path | None) -> None:
    """Remove runs, after asking about each."""
    found = [find(name, runs) for name in run]  # all of them, before the first one is removed
    for each in {one.path.absolute(): one for one in found}.values():
        if yes or _confirmed(each):
            removal.remove(each)
            echo(f"removed {each.path}")


def _confirmed(run: Run) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(
            f"{run.path}: nobody can be asked whether to remove it", "add --yes to remove it"
        )
    details = [
        str(run.info.get("status", "?")),
        main_result(run) or "no test result",
        megabytes(removal.size(run.path)),
    ]
    return click.confirm(visible(f"remove {run.path} ({', '.join(details)})?"), err=True)


command = click.Command(
    "rm",
    params=[
        click.Argument(["run"], nargs=-1, required=True),
        click.Option(["--yes"], is_flag=True, help="Do not ask."),
        runs_option,
    ],
    callback=rm,
    help="Remove runs, after asking about each. What they were trained on stays where it is.",
    epilog="\b\nExamples:\n  glassnet rm cnn-mnist-2\n  glassnet rm cnn-mnist cnn-mnist-2 --yes\n",
)
