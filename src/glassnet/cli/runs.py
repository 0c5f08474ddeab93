"""`glassnet runs`: every run in a line."""

from __future__ import annotations

import json
from pathlib import Path

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.cli.table import print_table
from glassnet.runs.folder import all_runs, default_root


def list_runs(runs: Path | None, as_json: bool) -> None:
    """List the runs, oldest first."""
    found = all_runs(runs)
    if as_json:
        click.echo(json.dumps([run.info for run in found], ensure_ascii=False))
        return
    if not found:
        click.echo(f"no runs in {runs or default_root()} yet: glassnet train cnn", err=True)
        return
    rows = [("run", "preset", "status", "epochs", "on the test set")]
    for run in found:
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
