"""`glassnet explain`: findings and figures about a run, or about its prediction for one text."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from glassnet import progress
from glassnet.cli.echo import echo, echo_coloured
from glassnet.cli.options import CommaList, data_option, runs_option
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun
    from glassnet.data.texts.vocabulary import Vocabulary
    from glassnet.explain.report_files import FigureFiles
    from glassnet.findings import Finding


COLUMNS = 80
"""Width of the output where stdout is not a terminal."""

TEST_SET_OPTIONS = {
    "layers": "--layers",
    "method": "--method",
    "points": "--points",
    "seed": "--seed",
    "reference_classifier": "--reference-classifier",
    "control_networks": "--control-networks",
    "cross_validation": "--cross-validation",
}
"""Options that concern the test set: parameter -> flag."""

FIGURE_OPTIONS = {"formats": "--format", "width": "--width", "caption": "--no-caption"}
"""Options of the figures' files: parameter -> flag. They alone draw existing findings again."""


def explain(
    run: str,
    text: str | None,
    layers: tuple[str, ...] | None,
    method: tuple[str, ...],
    points: int,
    seed: int,
    reference_classifier: str | None,
    control_networks: bool,
    cross_validation: bool,
    formats: tuple[str, ...],
    width: str | None,
    caption: bool,
    data: str | None,
    runs: Path | None,
) -> None:
    """Explain what each layer has learned, or the prediction for one text."""
    from glassnet.api.loading import load_run, load_run_or_group
    from glassnet.explain.report_files import figure_files
    from glassnet.findings import Finding

    files = figure_files(formats, width, caption)
    if text is not None:
        _refuse_test_set_options()
        _explain_text(load_run(run, runs, data), text, files)
        return
    trained = load_run_or_group(run, runs, data)
    concerns_figures = _are_given(FIGURE_OPTIONS) and not _are_given(TEST_SET_OPTIONS)
    if concerns_figures and trained.has_current_findings:
        names = trained.draw_figures(formats, width, caption)
        echo(f"{len(names)} figures drawn again from the findings; nothing was computed anew")
        echo(f"figures       {trained.path / 'figures'}")
        return
    classifier = load_run(reference_classifier, runs).run if reference_classifier else None
    records = trained.explain(
        *(layers, method, points, seed, classifier, control_networks, cross_validation),
        files=files,
    )
    for record in records.values():
        if isinstance(record, Finding):
            _print_finding(record)
    echo(f"figures       {trained.path / 'figures'}")


def _explain_text(trained: TrainedRun, argument: str, files: FigureFiles) -> None:
    """Print the coloured text, the findings about it and the paths of their figures."""
    from glassnet.cli import text_inputs
    from glassnet.contract import Modality
    from glassnet.explain.report_files import in_terminal

    if argument == text_inputs.STDIN:
        text = text_inputs.read_stdin()
    else:
        text = text_inputs.replace_invalid(argument)
    if trained.modality == Modality.TEXTS:
        _log_truncation(trained.vocabulary, text)
    findings = trained.explain_text(text, files)
    columns = shutil.get_terminal_size((COLUMNS, 24)).columns
    echo_coloured(in_terminal(findings, columns, _wants_colour()))
    echo()
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        _print_finding(finding, width)
        echo(f"{'':<{width}} {trained.run.figures / finding.name}.{files.formats[0]}")


def _log_truncation(vocabulary: Vocabulary, text: str) -> None:
    if (count := int(vocabulary.count([text])[0])) > vocabulary.max_length:
        progress.log(
            f"the text has {count:,} words; the network reads the first and last ones, "
            f"{vocabulary.max_length:,} in total"
        )


def _wants_colour() -> bool:
    """Whether stdout is a terminal and NO_COLOR is not set, see https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _refuse_test_set_options() -> None:
    for option in _are_given(TEST_SET_OPTIONS):
        raise UsageError(
            f"{option} concerns the test set and cannot be combined with --text",
            f"remove {option} or --text",
        )


def _are_given(options: Mapping[str, str]) -> list[str]:
    """List those of some options that stand in the command line."""
    source = click.get_current_context().get_parameter_source
    return [each for name, each in options.items() if source(name) is ParameterSource.COMMANDLINE]


def _print_finding(finding: Finding, width: int = 13) -> None:
    echo(f"{finding.name:<{width}} {finding.title}\n{'':<{width}} {finding.summary}")


command = click.Command(
    "explain",
    params=[
        click.Argument(["run"]),
        click.Option(
            ["--text"],
            help="Explain a text classifier's prediction for this text; - is standard input.",
        ),
        click.Option(["--layers"], type=CommaList(), help="Names of layers [chosen by the task]."),
        click.Option(
            ["--method"], type=CommaList(), default="pca,tsne", help="Projections [pca,tsne]."
        ),
        click.Option(
            ["--points"], type=int, default=5000, help="Examples in the projections [5000]."
        ),
        click.Option(["--seed"], type=int, default=0, help="Seed of subsample and t-SNE [0]."),
        click.Option(
            ["--reference-classifier"],
            help="Run of a classifier that scores generated images [the newest on these data].",
        ),
        click.Option(
            ["--control-networks"],
            is_flag=True,
            help="Compare every layer and method, not only the feature layer, with an untrained "
            "network and one trained on shuffled labels (image generators: on shuffled pixels).",
        ),
        click.Option(
            ["--cross-validation"],
            is_flag=True,
            help="Find label issues with five networks, each trained without a fifth of the "
            "training examples, not with linear models of words (texts) or the training dynamics "
            "(images). Takes about four times as long as the training.",
        ),
        click.Option(
            ["--format", "formats"],
            type=CommaList(),
            default="png,svg",
            help="Files of the figures: png, svg, pdf [png,svg].",
        ),
        click.Option(
            ["--width"],
            metavar="LENGTH",
            help="Width of the figures, such as 3.25in, 8cm, 82mm or 234.9pt (TeX's points) "
            "[3.5in or 7.1in, as the content needs].",
        ),
        click.Option(
            ["--caption/--no-caption"],
            default=True,
            help="Write title and summary into the figures, or beside them as NAME.txt and, with "
            "the figure for LaTeX, NAME.tex.",
        ),
        data_option,
        runs_option,
    ],
    callback=explain,
    help="Explain what each layer has learned. Writes findings/ and figures/ to the run folder; "
    "the same command gives the same files. With --text, explain the prediction for one text, word "
    "by word. If --format, --width and --no-caption are the only options, an explained run is not "
    "explained again: its figures are drawn again, in seconds.",
    epilog="\b\nExamples:\n"
    "  glassnet explain RUN\n"
    "  glassnet explain RUN --layers conv1,conv2 --method pca --points 2000\n"
    "  glassnet explain RUN --format pdf --width 3.25in --no-caption\n"
    '  glassnet explain RUN --text "not a dull moment in it"\n',
)
