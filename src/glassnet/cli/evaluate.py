"""`glassnet evaluate`: the metrics of a run on its test set, on other data, on altered copies."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.options import json_option, runs_option
from glassnet.cli.show import print_outcome
from glassnet.cli.show_group import print_group, result_in_words
from glassnet.errors import UsageError
from glassnet.runs.group import Group, search
from glassnet.stats.over_seeds import as_json as over_seeds_json

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun
    from glassnet.data.other_data import OtherData
    from glassnet.findings import Finding


def evaluate(
    run: str,
    samples: int | None,
    examples: int | None,
    data: str | None,
    shifts: bool,
    seed: int,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Evaluate a run on its test set, on another data set, or on altered copies."""
    from glassnet.api.loading import load_run

    if (group := search(run, runs)) is not None:
        _evaluate_group(group, samples, examples, data, shifts, seed, as_json)
        return
    trained = load_run(run, runs)
    if data is not None and (other := trained.other_data(data)) is not None:
        _evaluate_on(trained, other, samples, examples, shifts, as_json)
        return
    trained = load_run(run, runs, data)
    if shifts:
        _evaluate_shifts(trained, seed, as_json)
        return
    results = trained.evaluate(samples, examples)
    if as_json:
        echo_json(results)
    else:
        print_outcome(trained.run)


def _evaluate_on(
    trained: TrainedRun,
    other: OtherData,
    samples: int | None,
    examples: int | None,
    shifts: bool,
    as_json: bool,
) -> None:
    """Evaluate a run on another data set, and print the result beside the run's own."""
    _refuse_own_options(other, samples, examples, shifts)
    results = trained.evaluate_on(other)
    if as_json:
        echo_json(results)
        return
    echo(results["sentence"])
    echo(results["summary"])
    print_outcome(trained.run)


def _evaluate_shifts(trained: TrainedRun, seed: int, as_json: bool) -> None:
    records = trained.evaluate_shifts(seed)
    if as_json:
        echo_json([asdict(claim) for record in records for claim in record.claims])
        return
    for record in records:
        echo(record.title)
        echo(record.summary)
        echo(f"  {trained.run.figures / record.name}.png")


def _refuse_own_options(
    other: OtherData, samples: int | None, examples: int | None, shifts: bool
) -> None:
    if shifts or samples is not None or examples is not None:
        raise UsageError(
            "--shifts, --samples and --examples concern the run's own test set",
            f"leave them out; {other.name} is another data set",
        )


def _evaluate_group(
    group: Group,
    samples: int | None,
    examples: int | None,
    data: str | None,
    shifts: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Evaluate each run of a group, and print what its seeds have in common."""
    from glassnet.api.loading import load_group

    trained = load_group(group)
    if data is not None and (other := trained.other_data(data)) is not None:
        _refuse_own_options(other, samples, examples, shifts)
        found = trained.evaluate_on(other)
        if as_json:
            echo_json(over_seeds_json(found))
            return
        for result in found:
            echo(f"{result.measure.name} on {other.name}: {result_in_words(result)}")
        print_group(group)
        return
    trained = load_group(group, data)
    if shifts:
        _print_shifts(trained.evaluate_shifts(seed), as_json)
        return
    results = trained.evaluate(samples, examples)
    if as_json:
        echo_json(results)
    else:
        print_group(group)


def _print_shifts(found: dict[int, tuple[Finding, ...]], as_json: bool) -> None:
    """Print the findings of each seed."""
    if as_json:
        echo_json(
            {
                seed: [asdict(claim) for record in records for claim in record.claims]
                for seed, records in found.items()
            }
        )
        return
    for seed, records in found.items():
        for record in records[:1]:
            echo(f"seed {seed}: {record.title}")
            echo(record.summary)


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
        click.Option(
            ["--data"],
            metavar="DATA",
            help="Another data set to test on: a name of the catalogue, or a path. Classes are "
            "matched by name; its test split is taken, or all of it if it has none. Or where the "
            "run's own data are now, if they were moved.",
        ),
        click.Option(
            ["--shifts"],
            is_flag=True,
            help="Test on altered copies of the test set, in five strengths each: images rotated, "
            "noisy, blurred, partly covered, of less contrast; texts with missing, misspelt or "
            "swapped words or without their end.",
        ),
        click.Option(["--seed"], type=click.IntRange(0), default=0, help="Seed of --shifts [0]."),
        runs_option,
        json_option,
    ],
    callback=evaluate,
    help="Evaluate a run's best checkpoint on its test set. The predictions are cached, so the "
    "test set is read once.",
    epilog="\b\nExamples:\n"
    "  glassnet evaluate RUN\n"
    "  glassnet evaluate RUN --data photos-of-another-camera\n"
    "  glassnet evaluate RUN --shifts\n"
    "  glassnet evaluate RUN --samples 5000 --examples 10000\n",
)
