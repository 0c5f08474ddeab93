"""`glassnet explain`: findings and figures of a run, or of one text that it reads."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from glassnet import progress
from glassnet.cli.options import CommaList, runs_option
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun
    from glassnet.findings import Finding


TERMINAL = 80
"""Columns of what is written to no terminal."""

NOT_OF_A_TEXT = {
    "layers": "--layers",
    "method": "--method",
    "points": "--points",
    "seed": "--seed",
    "reference_classifier": "--reference-classifier",
    "control_networks": "--control-networks",
}
"""Options that are of the test set's examples."""


def explain(
    run: str,
    text: str | None,
    layers: tuple[str, ...] | None,
    method: tuple[str, ...],
    points: int,
    seed: int,
    reference_classifier: str | None,
    control_networks: bool,
    runs: Path | None,
) -> None:
    """See what each layer has learned, or what the network makes of a text."""
    from glassnet.api.trained_run import TrainedRun
    from glassnet.findings import Finding
    from glassnet.runs.folder import find

    trained = TrainedRun(find(run, runs))
    if text is not None:
        _refuse_other_options()
        _explain_text(trained, text)
        return
    scoring = find(reference_classifier, runs) if reference_classifier else None
    for record in trained.explain(layers, method, points, seed, scoring, control_networks).values():
        if isinstance(record, Finding):
            _print_finding(record)
    click.echo(f"figures       {trained.run.figures}")


def _explain_text(trained: TrainedRun, given: str) -> None:
    """Print a text in colour, the answer after each word, and where the figures are."""
    from glassnet.cli import text_inputs
    from glassnet.explain.report_files import in_terminal

    text = text_inputs.whole_stream() if given == text_inputs.STREAM else text_inputs.whole(given)
    if trained.run.read_vocabulary():
        _say_what_is_left_out(trained, text)
    seen = trained.explain_text(text)
    width = shutil.get_terminal_size((TERMINAL, 24)).columns
    click.echo(in_terminal(seen, width, _in_colour()))
    click.echo()
    longest = max(len(finding.name) for finding in seen)
    for finding in seen:
        _print_finding(finding, longest)
        click.echo(f"{'':<{longest}} {trained.run.figures / finding.name}.png")


def _say_what_is_left_out(trained: TrainedRun, text: str) -> None:
    vocabulary = trained.evidence.vocabulary
    count = int(vocabulary.count([text])[0])
    if count > vocabulary.longest:
        progress.log(
            f"the text has {count:,} words; the network reads {vocabulary.longest:,} of them, "
            "from its beginning and its end"
        )


def _in_colour() -> bool:
    """Whether stdout is a terminal whose user wants colours, see https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _refuse_other_options() -> None:
    context = click.get_current_context()
    for name, option in NOT_OF_A_TEXT.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise UsageError(
                f"{option} is about the test set, not about one text",
                f"leave {option} or --text out",
            )


def _print_finding(finding: Finding, width: int = 13) -> None:
    click.echo(f"{finding.name:<{width}} {finding.title}\n{'':<{width}} {finding.summary}")


command = click.Command(
    "explain",
    params=[
        click.Argument(["run"]),
        click.Option(
            ["--text"],
            help="Look at what a network that reads texts makes of this one; - is standard input.",
        ),
        click.Option(
            ["--layers"], type=CommaList(), help="Names of layers [those that suit the network]."
        ),
        click.Option(
            ["--method"], type=CommaList(), default="pca,tsne", help="Projections [pca,tsne]."
        ),
        click.Option(["--points"], type=int, default=5000, help="Test examples shown [5000]."),
        click.Option(["--seed"], type=int, default=0, help="Draws them and starts t-SNE [0]."),
        click.Option(
            ["--reference-classifier"],
            help="A classifier's run that judges made-up images [the newest on the same data].",
        ),
        click.Option(
            ["--control-networks"],
            is_flag=True,
            help="Show the untrained network, and one that learned shuffled labels (a generator: "
            "shuffled pixels), beside every layer and method [the main layer alone].",
        ),
        runs_option,
    ],
    callback=explain,
    help="See what each layer has learned. Writes findings/ and figures/ in the run's folder; the "
    "same command gives the same files. With --text, see instead what each word of one text does "
    "to the answer.",
    epilog="\b\nExamples:\n"
    "  glassnet explain RUN\n"
    "  glassnet explain RUN --layers conv1,conv2 --method pca --points 2000\n"
    '  glassnet explain RUN --text "not a dull moment in it"\n',
)
