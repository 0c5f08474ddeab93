"""`glassnet evaluate`: a run measured on its test set."""

from __future__ import annotations

import json
from pathlib import Path

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.cli.show import print_outcome


def evaluate(
    run: str, samples: int | None, examples: int | None, runs: Path | None, as_json: bool
) -> None:
    """Measure a run on its test set."""
    from glassnet.api.trained_run import TrainedRun
    from glassnet.runs.folder import find

    trained = TrainedRun(find(run, runs))
    results = trained.evaluate(samples, examples)
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False))
    else:
        print_outcome(trained.run)


command = click.Command(
    "evaluate",
    params=[
        click.Argument(["run"]),
        click.Option(
            ["--samples"],
            type=click.IntRange(1),
            help="Importance samples per image, for a generator's bound [the run's own].",
        ),
        click.Option(
            ["--examples"],
            type=click.IntRange(1),
            help="Test images behind that bound; 10000 are all of MNIST's [the run's own].",
        ),
        runs_option,
        json_option,
    ],
    callback=evaluate,
    help="Measure a run's best checkpoint on its test set. The answers are kept, so that the test "
    "set is read once.",
    epilog="\b\nExamples:\n"
    "  glassnet evaluate RUN\n"
    "  glassnet evaluate RUN --samples 5000 --examples 10000\n",
)
