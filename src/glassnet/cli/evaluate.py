"""`glassnet evaluate`: the metrics of a run on its test set."""

from pathlib import Path

import click

from glassnet.cli.echo import echo_json
from glassnet.cli.options import data_option, json_option, runs_option
from glassnet.cli.show import print_outcome
from glassnet.cli.show_group import print_group
from glassnet.runs.group import Group, search


def evaluate(
    run: str,
    samples: int | None,
    examples: int | None,
    data: str | None,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Evaluate a run on its test set."""
    from glassnet.api.loading import load_run

    if (group := search(run, runs)) is not None:
        _evaluate_group(group, samples, examples, data, as_json)
        return
    trained = load_run(run, runs, data)
    results = trained.evaluate(samples, examples)
    if as_json:
        echo_json(results)
    else:
        print_outcome(trained.run)


def _evaluate_group(
    group: Group, samples: int | None, examples: int | None, data: str | None, as_json: bool
) -> None:
    from glassnet.api.loading import load_group

    results = load_group(group, data).evaluate(samples, examples)
    if as_json:
        echo_json(results)
    else:
        print_group(group)


command = click.Command(
    "evaluate",
    params=[
        click.Argument(["run"]),
        click.Option(
            ["--samples"],
            type=click.IntRange(1),
            help="Importance samples per image in the likelihood estimate of an image generator "
            "[the run's nll_samples].",
        ),
        click.Option(
            ["--examples"],
            type=click.IntRange(1),
            help="Test images for that estimate; 10000 is all of MNIST [the run's nll_examples].",
        ),
        data_option,
        runs_option,
        json_option,
    ],
    callback=evaluate,
    help="Evaluate a run's best checkpoint on its test set. The predictions are cached, so the "
    "test set is read once.",
    epilog="\b\nExamples:\n"
    "  glassnet evaluate RUN\n"
    "  glassnet evaluate RUN --samples 5000 --examples 10000\n",
)
