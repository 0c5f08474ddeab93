"""`glassnet clean`: the files of runs that can be made again."""

from pathlib import Path

import click

from glassnet.cli.echo import echo
from glassnet.cli.options import runs_option
from glassnet.cli.table import megabytes, print_table
from glassnet.errors import RunError
from glassnet.runs import removal
from glassnet.runs.folder import Run, all_runs, default_root, find
from glassnet.runs.group import all_groups, search


def clean(run: tuple[str, ...], yes: bool, runs: Path | None) -> None:
    """Show which files of runs can be made again, or remove them."""
    rows, total = [("run", "files", "size")], 0
    found = _named(run, runs) if run else _all(runs)
    for each in found:
        sizes = {
            what: sum(map(removal.size, paths)) for what, paths in removal.dispensable(each).items()
        }
        if yes:
            try:
                removal.free(each)
            except RunError as error:
                echo(f"left as it is: {error.message}", err=True)
                continue
        rows += [(each.name, what, megabytes(size)) for what, size in sizes.items()]
        total += sum(sizes.values())
    if not run and (remains := removal.remains(runs or default_root())):
        size = sum(map(removal.size, remains))
        rows.append(("", "what killed processes left", megabytes(size)))
        total += size
        if yes:
            removal.delete(remains)
    if len(rows) == 1:
        echo("there is nothing to remove", err=True)
        return
    print_table(rows)
    if yes:
        echo(f"removed {megabytes(total)}")
    else:
        echo(f"{megabytes(total)} can be freed; --yes removes these files")


def _named(names: tuple[str, ...], root: Path | None) -> list[Run]:
    """The runs of these names, and those of groups."""
    found: list[Run] = []
    for name in names:
        group = search(name, root)
        found += [find(name, root)] if group is None else group.members().values()
    return found


def _all(root: Path | None) -> list[Run]:
    """All runs, those of groups as well."""
    members = [run for group in all_groups(root) for run in group.members().values()]
    return [*all_runs(root), *members]


command = click.Command(
    "clean",
    params=[
        click.Argument(["run"], nargs=-1),
        click.Option(["--yes"], is_flag=True, help="Remove them."),
        runs_option,
    ],
    callback=clean,
    help="Show which files of the runs can be made again, and their sizes; --yes removes them. "
    "These are the cached results and the control networks, which explain makes again, the state "
    "from which a finished training would resume, and what killed processes left. Weights, "
    "findings, figures and reports stay.",
    epilog="\b\nExamples:\n  glassnet clean\n  glassnet clean cnn-mnist --yes\n",
)
