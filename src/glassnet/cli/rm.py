"""`glassnet rm`: removing runs."""

import sys
from pathlib import Path

import click

from glassnet.cli.echo import echo
from glassnet.cli.options import runs_option
from glassnet.cli.table import megabytes
from glassnet.errors import UsageError
from glassnet.runs import removal
from glassnet.runs.folder import Run, find
from glassnet.runs.group import Group, search
from glassnet.visible import visible


def rm(run: tuple[str, ...], yes: bool, runs: Path | None) -> None:
    """Remove runs, each after a confirmation."""
    # All of them are found before the first one is removed.
    found = [search(name, runs) or find(name, runs) for name in run]
    for each in {one.path.absolute(): one for one in found}.values():
        if yes or _confirmed(each):
            removal.remove(each)
            echo(f"removed {each.path}")


def _confirmed(run: Run | Group) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(
            f"{run.path}: nobody can be asked whether to remove it", "add --yes to remove it"
        )
    if isinstance(run, Group):
        details = [f"{len(run.runs)} of {len(run.seeds)} seeds finished"]
    else:
        details = [str(run.info.get("status", "?")), run.main_result or "no test result"]
    details.append(megabytes(removal.size(run.path)))
    return click.confirm(visible(f"remove {run.path} ({', '.join(details)})?"), err=True)


command = click.Command(
    "rm",
    params=[
        click.Argument(["run"], nargs=-1, required=True),
        click.Option(["--yes"], is_flag=True, help="Do not ask."),
        runs_option,
    ],
    callback=rm,
    help="Remove runs, or groups with all of their runs, each after a confirmation. What they were "
    "trained on stays where it is.",
    epilog="\b\nExamples:\n  glassnet rm cnn-mnist-2\n  glassnet rm cnn-mnist cnn-mnist-2 --yes\n",
)
