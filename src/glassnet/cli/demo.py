"""`glassnet demo`: training and explaining all three networks, and one report."""

import time
from pathlib import Path
from typing import Any

import click

from glassnet import progress, tasks
from glassnet.cli.echo import echo
from glassnet.cli.options import runs_option
from glassnet.cli.show import print_outcome

TRAININGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("cnn", "record", {}),
    ("vae", "quick", {"epochs": 3}),
    ("lstm", "default", {}),
)
"""Task, preset and overrides. The image classifier comes first: it scores the generated images."""

POINTS = 600
"""Test examples in the projections: an eighth of `explain`'s default, in a third of its time."""


def demo(runs: Path | None) -> None:
    """Train an image classifier, an image generator and a text classifier; write one report."""
    from glassnet.api import verbs
    from glassnet.explain.report_files import write_report

    stages, finished = 2 * len(TRAININGS) + 1, []
    for index, (task, preset, overrides) in enumerate(TRAININGS):
        data = tasks.preset(task, preset).data
        progress.log(f"{2 * index + 1}/{stages}  {task} on {data}: training and test")
        trained = verbs.train(task, preset=preset, runs=runs, **overrides)
        progress.log(f"{2 * index + 2}/{stages}  {task}: explaining what it has learned")
        began = time.perf_counter()
        trained.explain(points=POINTS, draw=False)
        finished.append((trained, time.perf_counter() - began))
    progress.log(f"{stages}/{stages}  report")
    path = write_report([trained.run for trained, _ in finished])
    for trained, seconds in finished:
        echo()
        print_outcome(trained.run, [("explain", f"{seconds:.1f} s")])
    echo("\nfigures for print, with 5,000 points: glassnet explain RUN")
    echo(f"report: {path.resolve()}")


command = click.Command("demo", params=[runs_option], callback=demo, help=demo.__doc__)
