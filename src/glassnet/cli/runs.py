"""`glassnet runs`: a list of the runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.options import Choice, json_option, runs_option
from glassnet.cli.show import main_result
from glassnet.cli.table import megabytes, print_table
from glassnet.runs import removal
from glassnet.runs.folder import Run, all_runs, default_root


def list_runs(
    task: str | None,
    data: str | None,
    status: str | None,
    sort: str,
    reverse: bool,
    runs: Path | None,
    as_json: bool,
) -> None:
    """List the runs, oldest first."""
    found = all_runs(runs, lambda error: echo(f"left out: {error.message}; {error.hint}", err=True))
    listed = [run for run in found if _matches(run, task, data, status)]
    listed.sort(key=ORDERS[sort], reverse=reverse)
    if as_json:
        echo_json([run.info for run in listed])
    elif listed:
        print_table([HEADER, *map(_row, listed)])
    elif found:
        echo(f"none of the {len(found)} runs is of that kind", err=True)
    else:
        where = runs or default_root()
        echo(f"no runs in {where} yet; start one with: glassnet train cnn", err=True)


HEADER = ("run", "preset", "status", "epochs", "size", "test result")


def _row(run: Run) -> tuple[str, ...]:
    info = run.info
    return (
        run.name,
        str(info.get("preset", "")),
        str(info.get("status", "")),
        f"{info.get('epochs_done', 0)}/{info.get('config', {}).get('epochs', '?')}",
        megabytes(removal.size(run.path)),
        main_result(run),
    )


def _matches(run: Run, task: str | None, data: str | None, status: str | None) -> bool:
    info = run.info
    return (
        (task is None or info.get("task") == task)
        and (status is None or info.get("status") == status)
        and (data is None or data.casefold() in str(info["data"]["name"]).casefold())
    )


def _result(run: Run) -> tuple[str, bool, float]:
    """The task, whether there is no result, and the result so that the best one comes first."""
    results = run.info.get("results", {}).get("test", {})
    headline = results.get("headline", "")
    value = results.get(headline)
    if not isinstance(value, int | float):
        return str(run.info.get("task")), True, 0.0
    return str(run.info.get("task")), False, -value if headline == "accuracy" else value


ORDERS: dict[str, Callable[[Run], Any]] = {
    "started": lambda run: (str(run.info.get("started", "")), run.name),
    "name": lambda run: run.name,
    "status": lambda run: str(run.info.get("status", "")),
    "result": _result,
    "size": lambda run: -removal.size(run.path),
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
