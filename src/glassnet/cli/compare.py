"""`glassnet compare`: runs, or groups of runs, side by side."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.options import Choice, json_option, runs_option
from glassnet.cli.table import print_table
from glassnet.findings import minus_signs

if TYPE_CHECKING:
    from glassnet.comparison.comparison import Comparison
    from glassnet.comparison.differences import Compared

MAX_SETTINGS = 12
"""Settings that the terminal shows; the page has all of them."""

MAX_WIDTH = 32
"""Characters of a setting's value on the terminal."""


def compare(
    compared: tuple[str, ...],
    out: Path | None,
    open_: bool,
    method: str,
    data: str | None,
    runs: Path | None,
    as_json: bool,
) -> None:
    """Compare runs, print the differences and write a page."""
    from glassnet.api.comparing import compare as make

    comparison = make(*compared, runs=runs, data=data, method=method)
    path = comparison.report(out)
    if as_json:
        echo_json(comparison.as_dict() | {"page": str(path)})
    else:
        _print(comparison)
        echo(path)
    if open_:
        webbrowser.open(path.resolve().as_uri())


def _print(comparison: Comparison) -> None:
    echo(comparison.title)
    for sentence in comparison.lead:
        echo(f"  {sentence}")
    if comparison.differences:
        echo()
        print_table([HEADER, *map(_row, comparison.differences)])
    _print_configuration(comparison)
    for what, why in comparison.missing.items():
        echo(f"not compared: {what}: {why}", err=True)


HEADER = ("measure", "runs", "values", "difference", "95 % interval", "n", "p (Holm)", "better")


def _row(compared: Compared) -> tuple[str, ...]:
    measure = compared.measure
    values = compared.first_value, compared.second_value
    paired = f"{compared.n:,}" if compared.is_paired else f"{compared.n:,}, {compared.other_n:,}"
    return (
        f"{measure.name} ({'points' if measure.is_share else measure.unit})",
        f"{compared.second} less {compared.first}",
        " and ".join(map(measure.format, values)),
        minus_signs(measure.format(compared.difference.value, "+")),
        minus_signs(" to ".join(measure.format(end, "+") for end in compared.ends)),
        f"{paired} seeds" if compared.over_seeds else paired,
        "<0.001" if compared.p_holm < 0.001 else f"{compared.p_holm:.2g}",
        compared.better or ("–" if compared.is_clear else "no difference shown"),
    )


def _print_configuration(comparison: Comparison) -> None:
    """Print the settings that differ, the first ones alone if they are many."""
    settings = comparison.configuration
    echo()
    if not settings:
        echo("their configurations are equal")
        return
    rows = [
        (name, *(_shortened(values[label]) for label in comparison.labels))
        for name, values in settings.items()
    ]
    print_table([("setting", *comparison.labels), *rows[:MAX_SETTINGS]])
    if len(rows) > MAX_SETTINGS:
        echo(f"and {len(rows) - MAX_SETTINGS} more settings, which are on the page")


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_WIDTH else f"…{text[1 - MAX_WIDTH :]}"


command = click.Command(
    "compare",
    params=[
        click.Argument(["compared"], nargs=-1, required=True, metavar="RUN RUN ..."),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            help="The page [comparisons/RUN-and-RUN.html beside the first run].",
        ),
        click.Option(["--open", "open_"], is_flag=True, help="Open the page in the browser."),
        click.Option(
            ["--method"],
            type=Choice(("tsne", "pca")),
            default="tsne",
            help="The projection of the maps [tsne].",
        ),
        click.Option(
            ["--data"],
            metavar="PATH",
            help="Where the data of all the runs are now, if they were moved since training.",
        ),
        runs_option,
        json_option,
    ],
    callback=compare,
    help="Compare two to six runs, or groups of runs: test results with paired differences and "
    "intervals, training curves, settings that differ, what one gets right and the other does not, "
    "maps of the same test examples, and the similarity of layers. Results go to the terminal and "
    "to a page, one HTML file. What is missing is computed and cached.",
    epilog="\b\nExamples:\n"
    "  glassnet compare cnn-mnist cnn-mnist-2 --open\n"
    "  glassnet compare RUN ANOTHER A-THIRD --out comparison.html\n"
    "  glassnet compare RUN ANOTHER --json\n",
)
