"""`glassnet runs`: a list of all runs."""

from pathlib import Path

import click

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.options import json_option, runs_option
from glassnet.cli.table import print_table
from glassnet.runs.folder import all_runs, default_root


def list_runs(runs: Path | None, as_json: bool) -> None:
    """List the runs, oldest first."""
    listed = all_runs(
        runs, lambda error: echo(f"left out: {error.message}; {error.hint}", err=True)
    )
    if as_json:
        echo_json([run.info for run in listed])
        return
    if not listed:
        echo(
            f"no runs in {runs or default_root()} yet; start one with: glassnet train cnn", err=True
        )
        return
    rows = [("run", "preset", "status", "epochs", "test result")]
    for run in listed:
        info = run.info
        numbers = info.get("results", {}).get("test", {}).get("numbers", ())
        rows.append(
            (
                run.name,
                str(info.get("preset", "")),
                str(info.get("status", "")),
                f"{info.get('epochs_done', 0)}/{info.get('config', {}).get('epochs', '?')}",
                f"{numbers[0][0]}: {numbers[0][1]}" if numbers else "",
            )
        )
    print_table(rows)


command = click.Command(
    "runs", params=[runs_option, json_option], callback=list_runs, help=list_runs.__doc__
)
