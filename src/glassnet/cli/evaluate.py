"""`glassnet evaluate`: a run measured on its test set."""

from __future__ import annotations

import json
from pathlib import Path

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.cli.show import print_outcome


def evaluate(run: str, runs: Path | None, as_json: bool) -> None:
    """Measure a run on its test set."""
    from glassnet.api import TrainedRun
    from glassnet.runs.folder import find

    trained = TrainedRun(find(run, runs))
    results = trained.evaluate()
    if as_json:
        click.echo(json.dumps(results))
    else:
        print_outcome(trained.run)


command = click.Command(
    "evaluate",
    params=[click.Argument(["run"]), runs_option, json_option],
    callback=evaluate,
    help="Measure a run's best checkpoint on its test set. The answers are kept, so that the test "
    "set is read once.",
)
