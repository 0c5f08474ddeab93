"""`glassnet demo`: all of it once, from the data to the report."""

from __future__ import annotations

import time
from pathlib import Path

import click

from glassnet import progress
from glassnet.cli.options import runs_option


def demo(runs: Path | None) -> None:
    """Train the image classifier on MNIST, look into it, and write the report."""
    from glassnet import api

    progress.say("1/3  data, training and test: cnn on mnist")
    trained = api.train("cnn", runs=runs)
    progress.say("2/3  what each layer has learned")
    seconds = dict(trained.run.facts["seconds"])
    began = time.perf_counter()
    trained.explain()
    seconds["explain"] = time.perf_counter() - began
    progress.say("3/3  report")
    began = time.perf_counter()
    path = trained.report()
    seconds["report"] = time.perf_counter() - began
    _print_table(trained, seconds)
    click.echo(f"\nreport: {path.resolve()}")


def _print_table(trained: object, seconds: dict[str, float]) -> None:
    from glassnet.api import TrainedRun

    assert isinstance(trained, TrainedRun)  # noqa: S101
    test = trained.results["test"]
    low, high = (100 * end for end in test["interval"])
    rows = [
        ("test accuracy", f"{100 * test['accuracy']:.2f} %"),
        ("95 % interval", f"{low:.2f} to {high:.2f} %  (n = {test['n']:,})"),
        ("parameters", f"{trained.run.facts['parameters']:,}"),
        *((f"{name} (s)", f"{value:.1f}") for name, value in seconds.items()),
    ]
    click.echo()
    for name, text in rows:
        click.echo(f"{name:<14}  {text}")


command = click.Command("demo", params=[runs_option], callback=demo, help=demo.__doc__)
