"""`glassnet runs`: a list of the runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.options import Choice, json_option, runs_option
from glassnet.cli.show_group import group_json
from glassnet.cli.table import megabytes, print_table
from glassnet.errors import RunError
from glassnet.runs import removal
from glassnet.runs.folder import Run, all_runs, default_root
from glassnet.runs.group import Group, all_groups
from glassnet.stats.over_seeds import over_seeds


def list_runs(
    task: str | None,
    data: str | None,
    status: str | None,
    sort: str,
    reverse: bool,
    members: bool,
    runs: Path | None,
    as_json: bool,
) -> None:
    """List the runs and groups of runs, oldest first."""

    def report_damaged(error: RunError) -> None:
        echo(f"left out: {error.message}; {error.hint}", err=True)

    found = [
        *map(_of_run, all_runs(runs, report_damaged)),
        *map(_of_group, all_groups(runs, report_damaged)),
    ]
    listed = [entry for entry in found if entry.matches(task, data, status)]
    listed.sort(key=lambda entry: (entry.started, entry.name))
    listed.sort(key=ORDERS[sort], reverse=reverse)
    if as_json:
        echo_json([entry.json for entry in listed])
    elif listed:
        rows = [row for entry in listed for row in entry.rows(members)]
        print_table([HEADER, *rows])
    elif found:
        echo(f"none of the {len(found)} runs is of that kind", err=True)
    else:
        where = runs or default_root()
        echo(f"no runs in {where} yet; start one with: glassnet train cnn", err=True)


HEADER = ("run", "preset", "status", "epochs", "size", "test result")


@dataclass(frozen=True)
class _Entry:
    """A run or a group, as a row of the table.

    Attributes:
        json: what `--json` prints.
        status: its status, for the filter; `progress` is what the table has.
        value: the main test result so that the best one comes first; None if there is none.
        members: the runs of a group.
    """

    path: Path
    name: str
    json: dict[str, Any]
    status: str
    progress: str
    epochs: str
    result: str
    value: float | None
    members: tuple[_Entry, ...] = ()

    @property
    def started(self) -> str:
        return str(self.json.get("started", ""))

    @property
    def size(self) -> int:
        return removal.size(self.path)

    def rows(self, with_members: bool) -> list[tuple[str, ...]]:
        """Its row, and those of its members."""
        row = (
            *(self.name, str(self.json.get("preset", "")), self.progress, self.epochs),
            *(megabytes(self.size), self.result),
        )
        inner = [row for each in self.members for row in each.rows(True)] if with_members else []
        return [row, *inner]

    def matches(self, task: str | None, data: str | None, status: str | None) -> bool:
        """Whether it is of the task, on the data and of the status that are given."""
        info = self.json
        return (
            (task is None or info.get("task") == task)
            and (status is None or self.status == status)
            and (data is None or data.casefold() in str(info["data"]["name"]).casefold())
        )


def _of_run(run: Run) -> _Entry:
    info, test = run.info, run.info.get("results", {}).get("test", {})
    headline = test.get("headline", "")
    status = str(info.get("status", ""))
    epochs = f"{info.get('epochs_done', 0)}/{info.get('config', {}).get('epochs', '?')}"
    return _Entry(
        *(run.path, run.name, info, status, status, epochs, run.main_result),
        value=_value(headline, test.get(headline)),
    )


def _of_group(group: Group) -> _Entry:
    members, finished = group.members(), group.runs
    results = over_seeds(group.test_results)
    epochs = group.info["config"].get("epochs", "?")
    done = sum(run.info.get("epochs_done", 0) for run in members.values())
    first = results[0] if results else None
    return _Entry(
        path=group.path,
        name=group.name,
        json=group_json(group),
        status=group.status,
        progress=f"{len(finished)} of {len(group.seeds)} seeds",
        epochs=f"{done}/{len(group.seeds) * epochs if isinstance(epochs, int) else '?'}",
        result=f"{first.measure.name}: {first}" if first else "",
        value=_value(first.measure.key, first.mean / first.measure.factor) if first else None,
        members=tuple(map(_of_run, members.values())),
    )


def _value(headline: str, value: object) -> float | None:
    if not isinstance(value, int | float):
        return None
    return -value if headline == "accuracy" else value


def _by_result(entry: _Entry) -> tuple[str, bool, float]:
    """The task, whether there is no result, and the result."""
    value = entry.value
    return str(entry.json.get("task")), value is None, 0.0 if value is None else value


ORDERS: dict[str, Callable[[_Entry], Any]] = {
    "started": lambda entry: (entry.started, entry.name),
    "name": lambda entry: entry.name,
    "status": lambda entry: entry.status,
    "result": _by_result,
    "size": lambda entry: -entry.size,
}

command = click.Command(
    "runs",
    params=[
        click.Option(["--task"], help="List the runs of this task only, such as cnn."),
        click.Option(["--data"], help="List the runs on data with this in their name or path."),
        click.Option(["--status"], help="List the runs with this status, such as finished."),
        click.Option(
            ["--sort"],
            type=Choice(tuple(ORDERS)),
            default="started",
            help="Oldest first, by name, by status, best result of each task first, or largest "
            "first [started].",
        ),
        click.Option(["--members"], is_flag=True, help="List the runs of each group below it."),
        click.Option(["--reverse"], is_flag=True, help="In the opposite order."),
        runs_option,
        json_option,
    ],
    callback=list_runs,
    help=list_runs.__doc__,
    epilog="\b\nExamples:\n"
    "  glassnet runs --task cnn --sort result\n"
    "  glassnet runs --data reviews --status interrupted\n",
)
