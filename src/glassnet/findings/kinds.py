"""The kinds of finding, as frozen records of text, numbers and NumPy arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.findings.finding import Finding
from glassnet.findings.points import Animation, Scatter


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """One line of a panel: `x` and `y` are (n,) float arrays; `label` is written beside the line.

    `role` gives the line its colour and dash: `train`, `valid`, `test` or `other`; or `first` to
    `sixth` of several things of one kind. `low` and `high` (n,) are the ends of an interval around
    `y`, or None.
    """

    label: str
    role: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Mark:
    """One point of a panel that is singled out, with the words to write at it."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePanel:
    """One pair of axes of `Curves`; `y_label` carries the unit, as `accuracy (%)`."""

    y_label: str
    series: tuple[Series, ...]
    mark: Mark | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves(Finding):
    """Lines over one shared x axis, a panel per quantity.

    `x_names`, where there are any, stand at x = 0, 1, 2, ... in place of numbers, as the words of a
    text do. `diagonal` draws the line y = x, to hold a panel against.
    """

    x_label: str
    panels: tuple[CurvePanel, ...]
    x_names: tuple[str, ...] = ()
    diagonal: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Examples:
    """The examples that scatter plots point at, kept once for all of them.

    Attributes:
        name: the file name without its ending.
        ids: (n,) int64, position in the split that they come from.
        images: (n, height, width) or (n, height, width, 3) uint8; None where they are no images.
        labels: (n,) int64, the true class.
        predicted: (n,) int64, the class that the network gives; None where it names no classes.
        confidence: (n,) float32 in [0, 1], the probability of the predicted class, or None.
        class_names: one name per class.
        texts: (n) texts, shortened to what a note beside a point can hold; empty for images.
    """

    name: str
    ids: np.ndarray
    images: np.ndarray | None
    labels: np.ndarray
    predicted: np.ndarray | None
    confidence: np.ndarray | None
    class_names: tuple[str, ...]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageGallery(Finding):
    """Images with a caption each.

    Attributes:
        images: (n, height, width) or (n, height, width, 3) uint8, drawn unsmoothed and unstretched.
        captions: one short line each, as `4, taken for 9`.
        probabilities: (n, classes) float32 or None; drawn as a small bar chart under its image.
        labels, predicted: (n,) int64 or None; which bars to single out.
        class_names: the bars' names, empty where there are none.
    """

    images: np.ndarray
    captions: tuple[str, ...]
    probabilities: np.ndarray | None
    labels: np.ndarray | None
    predicted: np.ndarray | None
    class_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageGrid(Finding):
    """Images in rows and columns that mean something, once or in several frames.

    Attributes:
        images: (frames, rows, columns, height, width) or (..., 3) uint8, drawn unsmoothed and
            unstretched.
        frame_names: one per frame, as `epoch 3`; a single empty one where nothing moves.
        row_names, column_names: one each, or none at all; names that repeat are groups, and where
            both leave some empty, rows and columns are steps in a plane and stand without gaps.
        row_label, column_label: what the rows and columns are, with the unit; may be empty.
    """

    images: np.ndarray
    frame_names: tuple[str, ...]
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_label: str
    column_label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars(Finding):
    """One value per name, as bars from zero.

    Attributes:
        names: one per bar, in the order in which they are drawn.
        values: (n,) float.
        low, high: (n,) float, the ends of an interval around each value, or None.
        muted: (n,) bool, the bars that stand back, or None.
        muted_label: what stands back, as `unused`.
        reference: a value that all bars are to be held against, drawn as a line, or None.
        reference_label: what it is.
        x_label: what the names are.
        y_label: what the values are, with the unit, as `KL (nats)`.
    """

    names: tuple[str, ...]
    values: np.ndarray
    low: np.ndarray | None
    high: np.ndarray | None
    muted: np.ndarray | None
    muted_label: str
    reference: float | None
    reference_label: str
    x_label: str
    y_label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Heatmap(Finding):
    """A matrix of numbers with named rows and columns.

    `values` is (rows, columns); `scale` is (rows, columns) in [0, 1] and gives the colour, so that
    a confusion matrix may show counts and be coloured by share of its row. Where `diverging`,
    `scale` is in [-1, 1], 0 is no colour, the two signs have a colour each, and the values are not
    written into the cells. Where there is a `span`, a cell's colour runs evenly from none at its
    first value to the deepest at its second, and `scale` says the same; values are written with so
    many `digits`, where not all of them are whole. NaN is an empty cell.
    """

    values: np.ndarray
    scale: np.ndarray
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_label: str
    column_label: str
    unit: str
    diverging: bool = False
    span: tuple[float, float] | None = None
    digits: int = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class HighlightedText:
    """One text of a `HighlightedTexts`.

    Attributes:
        pieces: the text as written, cut before each word; put end to end they are the text.
        values: (len(pieces),) float, what each word is coloured by; 0 is no colour.
        caption: one short line, as `positive, taken for negative (91.3 %)`.
        note: a line with its numbers under the text; may be empty.
    """

    pieces: tuple[str, ...]
    values: np.ndarray
    caption: str
    note: str


@dataclass(frozen=True, kw_only=True, eq=False)
class HighlightedTexts(Finding):
    """Texts whose words are coloured by a value each, in two colours for its two signs.

    Every passage is coloured relative to its own largest absolute value. `low_label` and
    `high_label` say what negative and positive values mean, `value_label` what the value is, with
    its unit. Passages whose values are all 0 are plain text.
    """

    passages: tuple[HighlightedText, ...]
    low_label: str
    high_label: str
    value_label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Table(Finding):
    """Rows under named columns; a cell is text, a number or None.

    `formats` are Python format specs, one per column, as `("", ",d", ".2f")`; an empty one leaves
    the cell as it is.
    """

    columns: tuple[str, ...]
    formats: tuple[str, ...]
    rows: tuple[tuple[str | float | int | None, ...], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One box of a `Diagram`.

    Attributes:
        name: the module's name, as `pool1`.
        kind: what it does, as `Conv2d 3x3, stride 1`.
        shape: its output for one example, without the batch axis, as (32, 28, 28).
        parameters: number of trainable values in it.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagram(Finding):
    """A network as a chain of layers, from `input_shape` (without the batch axis) on."""

    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]


Record = Finding | Examples
KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Curves,
        Scatter,
        Animation,
        ImageGrid,
        Bars,
        Heatmap,
        HighlightedTexts,
        Table,
        ImageGallery,
        Diagram,
        Examples,
    )
}
