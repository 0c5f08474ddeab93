"""The numbers behind a figure: rows for a CSV file, and tables for LaTeX."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import singledispatch
from itertools import product
from pathlib import Path

from glassnet import atomic
from glassnet.data.delimited import written
from glassnet.drawing.layout import table as table_layout
from glassnet.findings import (
    Animation,
    Bars,
    Cell,
    Curves,
    Diagram,
    Finding,
    Heatmap,
    HighlightedTexts,
    ImageGallery,
    ImageGrid,
    Interval,
    Scatter,
    Table,
)

Row = Sequence[object]

LATEX = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "–": "--",
}
"""Characters that LaTeX would not print as they are."""


def write(finding: Finding, folder: Path) -> None:
    """Write the numbers as `NAME.csv`, and those of a table as `NAME.tex`.

    Raises:
        StorageError: the folder cannot be written to.
    """
    atomic.write(folder / f"{finding.name}.csv", csv(finding))
    if isinstance(finding, Table):
        atomic.write(folder / f"{finding.name}.tex", latex(finding))


def csv(finding: Finding) -> str:
    """The numbers of a figure as CSV, one row per value, names first.

    Example:
        >>> from glassnet.findings import Provenance
        >>> provenance = Provenance(run="", checkpoint="", split="", n=0, seed=None, command="")
        >>> csv(Table(name="t", section="result", title="", summary="", provenance=provenance,
        ...           columns=("layer", "n"), formats=("", "d"), rows=(("pool1", 3),)))
        'layer,n\\npool1,3\\n'
    """
    return written(([_exact(cell) for cell in row] for row in rows(finding)), ",")


@singledispatch
def rows(finding: Finding) -> Iterable[Row]:
    """The names of the columns, and a row per value; for a kind of finding without, its claims."""
    yield "name", "value", "low", "high", "n"
    for claim in finding.claims:
        yield claim.name, claim.value, claim.low, claim.high, claim.n


@rows.register
def _(finding: Table) -> Iterator[Row]:
    """Intervals have two columns, or three if they have their value."""
    kinds = [next((c for c in column if c is not None), None) for column in _columns(finding)]
    yield [name for pair in zip(finding.columns, kinds, strict=True) for name in _headers(*pair)]
    for row in finding.rows:
        yield [part for pair in zip(row, kinds, strict=True) for part in _parts(*pair)]


@rows.register
def _(finding: Curves) -> Iterator[Row]:
    yield "panel", "line", finding.x_label, "value", "low", "high"
    for panel in finding.panels:
        for line in panel.series:
            for k, x in enumerate(line.x):
                ends = (None if each is None else each[k] for each in (line.low, line.high))
                yield panel.y_label, line.label, _tick(finding, float(x)), line.y[k], *ends


@rows.register
def _(finding: Bars) -> Iterator[Row]:
    yield finding.x_label, finding.y_label, "low", "high"
    for k, name in enumerate(finding.names):
        ends = (None if each is None else each[k] for each in (finding.low, finding.high))
        yield name, finding.values[k], *ends


@rows.register
def _(finding: Heatmap) -> Iterator[Row]:
    yield f"{finding.row_label} / {finding.column_label}", *finding.column_names
    for name, values in zip(finding.row_names, finding.values, strict=True):
        yield name, *values


@rows.register
def _(finding: Scatter) -> Iterator[Row]:
    yield "map", "point", "class", "x", "y"
    for panel in finding.panels:
        for k, (x, y) in enumerate(panel.points):
            yield panel.label, k, finding.class_names[int(finding.labels[k])], x, y


@rows.register
def _(finding: Animation) -> Iterator[Row]:
    yield "method", "layer", "epoch", "point", "class", "x", "y"
    for track in finding.tracks:
        for epoch, panel in zip(finding.epochs, track.panels, strict=True):
            for k, (x, y) in enumerate(panel.points):
                name = finding.class_names[int(finding.labels[k])]
                yield track.method, track.layer, epoch, int(finding.places[k]), name, x, y


@rows.register
def _(finding: HighlightedTexts) -> Iterator[Row]:
    yield "text", "word", finding.value_label
    for number, text in enumerate(finding.texts, 1):
        for piece, value in zip(text.pieces, text.values, strict=True):
            yield number, piece.strip(), value


@rows.register
def _(finding: ImageGallery) -> Iterator[Row]:
    shown = finding.probabilities is not None
    yield "image", "caption", *(finding.class_names if shown else ())
    for k, caption in enumerate(finding.captions):
        yield (
            k + 1,
            caption,
            *(finding.probabilities[k] if finding.probabilities is not None else ()),
        )


@rows.register
def _(finding: ImageGrid) -> Iterator[Row]:
    """Brightness of each image: the images themselves are in the PNG file."""
    yield finding.frame_label or "frame", "row", "column", "mean brightness (0 to 255)"
    for frame, row, column in product(*map(range, finding.images.shape[:3])):
        image = finding.images[frame, row, column]
        names = finding.row_names, finding.column_names
        place = (own[k] if own else k + 1 for own, k in zip(names, (row, column), strict=True))
        yield finding.frame_names[frame], *place, image.mean()


@rows.register
def _(finding: Diagram) -> Iterator[Row]:
    yield "layer", "kind", "shape of its output", "parameters", "fed by"
    names = ["input", *(layer.name for layer in finding.layers)]
    for k, layer in enumerate(finding.layers, 1):
        sources = (names[source] for source, target in finding.links if target == k)
        shape = "×".join(map(str, layer.shape))
        yield layer.name, layer.kind, shape, layer.parameters, ", ".join(sources)


def latex(finding: Table) -> str:
    """A table for LaTeX (package booktabs), with its title in a comment.

    Example:
        >>> from glassnet.findings import Provenance
        >>> provenance = Provenance(run="", checkpoint="", split="", n=0, seed=None, command="")
        >>> print(latex(Table(name="t", section="result", title="50 %", summary="",
        ...     provenance=provenance, columns=("layer", "share (%)"), formats=("", ".1f"),
        ...     rows=(("pool_1", 50.0),))))
        % 50 %
        \\begin{tabular}{lr}
        \\toprule
        layer & share (\\%) \\\\
        \\midrule
        pool\\_1 & 50.0 \\\\
        \\bottomrule
        \\end{tabular}
        <BLANKLINE>
    """
    numeric = table_layout.numeric_columns(finding)
    lines = [finding.columns, *table_layout.format_cells(finding)]
    header, *body = (" & ".join(map(escaped, line)) + r" \\" for line in lines)
    return "\n".join(
        [
            f"% {' '.join(finding.title.split())}",
            rf"\begin{{tabular}}{{{''.join('r' if each else 'l' for each in numeric)}}}",
            *(r"\toprule", header, r"\midrule", *body, r"\bottomrule"),
            r"\end{tabular}",
            "",
        ]
    )


def escaped(text: str) -> str:
    """A text as LaTeX prints it.

    Example:
        >>> escaped("50 %")
        '50 \\\\%'
    """
    return re.sub(r"[\x00-\x1f\x7f]+", " ", "".join(LATEX.get(each, each) for each in text))


def _columns(finding: Table) -> Iterable[Sequence[Cell]]:
    return zip(*finding.rows, strict=True) if finding.rows else ((),) * len(finding.columns)


def _headers(name: str, kind: Cell) -> tuple[str, ...]:
    if not isinstance(kind, Interval):
        return (name,)
    ends = f"{name}, low", f"{name}, high"
    return ends if kind.value is None else (name, *ends)


def _parts(cell: Cell, kind: Cell) -> tuple[object, ...]:
    if not isinstance(kind, Interval):
        return (cell,)
    parts = (cell.value, cell.low, cell.high) if isinstance(cell, Interval) else (None,) * 3
    return parts[1:] if kind.value is None else parts


def _tick(finding: Curves, x: float) -> object:
    """The name of a place on the x axis, or the number."""
    named = finding.x_names and x.is_integer() and 0 <= x < len(finding.x_names)
    return finding.x_names[int(x)] if named else x


def _exact(cell: object) -> object:
    """A cell as CSV has it: numbers with up to nine digits, nothing for None and NaN."""
    if cell is None or isinstance(cell, str | int):
        return cell
    number = float(f"{float(cell):.9g}")  # type: ignore[arg-type]
    return None if math.isnan(number) else number
