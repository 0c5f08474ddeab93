"""`glassnet demo`: training and explaining all three networks, and one report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glassnet import parallel, progress, tasks
from glassnet.cli.echo import echo
from glassnet.cli.options import runs_option
from glassnet.cli.show import print_outcome

if TYPE_CHECKING:
    from glassnet.runs.folder import Run

    Explained = tuple[Run, float]  # with the seconds that explaining took
    Training = tuple[str, str, dict[str, Any]]

TRAININGS: tuple[Training, ...] = (
    ("cnn", "quick", {}),
    ("vae", "quick", {"epochs": 3, "nll_examples": 100}),
    ("lstm", "default", {}),
)
"""Task, preset and overrides. The image classifier comes first: it scores the generated images. The
last one trains in one thread, and a second process runs it beside the others."""

POINTS = 600
"""Test examples in the projections: an eighth of `explain`'s default, in a third of its time."""


def demo(runs: Path | None) -> None:
    """Train an image classifier, an image generator and a text classifier; write one report."""
    from glassnet.explain.report_files import write_report

    *own, last = TRAININGS
    with _second_process(last, runs) as process:
        stages = 2 * len(TRAININGS if process is None else own) + 1
        explained = [_explained(each, runs, place, stages) for place, each in enumerate(own)]
        result = _result(process)
        if result is None:
            stages = 2 * len(TRAININGS) + 1
            result = _explained(last, runs, len(own), stages)
        explained.append(result)
    progress.log(f"{stages}/{stages}  report")
    path = write_report([run for run, _ in explained])
    for run, seconds in explained:
        echo()
        print_outcome(run, [("explain", f"{seconds:.1f} s")])
    echo("\nfigures for print, with 5,000 points: glassnet explain RUN")
    echo(f"report: {path.resolve()}")


def _explained(training: Training, runs: Path | None, index: int, stages: int) -> Explained:
    """Train and explain a network in this process."""
    from glassnet.api import verbs

    task, preset, overrides = training
    progress.log(f"{2 * index + 1}/{stages}  {_title(training)}: training and test")
    trained = verbs.train(task, preset=preset, runs=runs, **overrides)
    progress.log(f"{2 * index + 2}/{stages}  {task}: explaining what it has learned")
    began = time.perf_counter()
    trained.explain(points=POINTS, draw=False)
    return trained.run, time.perf_counter() - began


def _title(training: Training) -> str:
    task, preset, overrides = training
    return f"{task} on {overrides.get('data') or tasks.preset(task, preset).data}"


@contextmanager
def _second_process(
    training: Training, runs: Path | None
) -> Iterator[subprocess.Popen[str] | None]:
    """Train and explain a network in another process, in one thread; None if there is one core."""
    if parallel.n_threads() == 1:
        yield None
        return
    progress.log(f"{_title(training)}: training and explaining in a second process meanwhile")
    words = json.dumps(training), str(runs or "")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "glassnet.cli.demo", *words],
        env=os.environ | {parallel.VARIABLE: "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()  # a training saves its state then


def _result(process: subprocess.Popen[str] | None) -> Explained | None:
    """What the second process has made; None if it has failed, and this one has to show why."""
    from glassnet.runs.folder import Run

    if process is None:
        return None
    with progress.live("second process", None):
        output, _ = process.communicate()
    if process.returncode:
        return None
    path, seconds = json.loads(output.splitlines()[-1])
    return Run.open(Path(path)), seconds


def main() -> None:
    """The second process: its last line of output is the run folder and the seconds."""
    parallel.limit_libraries()
    training, runs = sys.argv[1:]
    run, seconds = _explained(json.loads(training), Path(runs) if runs else None, 0, 2)
    echo(json.dumps([str(run.path), seconds]))


command = click.Command("demo", params=[runs_option], callback=demo, help=demo.__doc__)

if __name__ == "__main__":
    main()
