"""Kinds of finding: frozen records of text, numbers and NumPy arrays."""

from dataclasses import dataclass

import numpy as np

from glassnet.findings import notebook
from glassnet.findings.finding import Finding
from glassnet.findings.points import Animation, Scatter


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """One line of a panel.

    Attributes:
        label: written beside the line.
        role: chooses colour and dash: `train`, `valid`, `test` or `other`; or `first` to `sixth`
            of several things of one kind.
        x, y: (n,) float.
        low, high: (n,) float, the ends of an interval around `y`, or None.
        faint: one of several lines that another one is the mean of, drawn thin, without its label.
        points: drawn as points, without a line between them and without its label.
    """

    label: str
    role: str
    x: np.ndarray
    y: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    faint: bool = False
    points: bool = False

    @property
    def is_labelled(self) -> bool:
        """Whether its label is written at its end."""
        return not (self.faint or self.points) and len(self.x) > 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Mark:
    """One highlighted point of a panel, with its label."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePanel:
    """One pair of axes of `Curves`.

    Attributes:
        y_label: includes the unit, such as `accuracy (%)`.
        series: the lines.
        mark: the highlighted point.
        boundary: x of a vertical line between two parts of the curves.
    """

    y_label: str
    series: tuple[Series, ...]
    mark: Mark | None
    boundary: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Curves(Finding):
    """Lines over one shared x axis, a panel per quantity.

    `x_names`, if any, are the tick labels at x = 0, 1, 2, ..., such as the words of a text.
    `diagonal` draws the line y = x for reference.
    """

    x_label: str
    panels: tuple[CurvePanel, ...]
    x_names: tuple[str, ...] = ()
    diagonal: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Examples:
    """The examples behind the points of scatter plots, stored once for all plots.

    Attributes:
        name: the file name without its extension.
        ids: (n,) int64, position in the split.
        images: (n, height, width) or (n, height, width, 3) uint8; None for texts.
        labels: (n,) int64, the true class.
        predicted: (n,) int64, the predicted class; None where the network is not a classifier.
        confidence: (n,) float32 in [0, 1], the probability of the predicted class, or None.
        class_names: one name per class.
        texts: (n) texts, shortened to fit a tooltip; empty for images.
        options_id: as for `Finding`.
    """

    name: str
    ids: np.ndarray
    images: np.ndarray | None
    labels: np.ndarray
    predicted: np.ndarray | None
    confidence: np.ndarray | None
    class_names: tuple[str, ...]
    texts: tuple[str, ...] = ()
    options_id: str = ""

    def __repr__(self) -> str:
        return f"<glassnet examples {self.name}: {len(self.ids):,} examples>"


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ImageGallery(Finding):
    """Images with a caption each.

    Attributes:
        images: (n, height, width) or (n, height, width, 3) uint8, drawn unsmoothed and unstretched.
        captions: one short line each, such as `4, predicted as 9`.
        probabilities: (n, classes) float32 or None; drawn as a small bar chart under its image.
        labels, predicted: (n,) int64 or None; the bars to highlight.
        class_names: the bars' names; empty where there are no bars.
    """

    images: np.ndarray
    captions: tuple[str, ...]
    probabilities: np.ndarray | None
    labels: np.ndarray | None
    predicted: np.ndarray | None
    class_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ImageGrid(Finding):
    """Images in rows and columns that have a meaning, in one or several frames.

    Attributes:
        images: (frames, rows, columns, height, width) or (..., 3) uint8, drawn unsmoothed and
            unstretched.
        frame_names: one per frame, such as `3`; a single empty name for a still grid.
        row_names, column_names: one each, or none at all; some may be empty.
        row_label, column_label: what the rows and columns are, with the unit; may be empty.
        frame_label: what the frames are, such as `epoch`; may be empty.
        is_plane: whether rows and columns are steps in a plane, which is drawn without gaps.
    """

    images: np.ndarray
    frame_names: tuple[str, ...]
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_label: str
    column_label: str
    frame_label: str = ""
    is_plane: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Bars(Finding):
    """One value per name, as bars from zero.

    Attributes:
        names: one per bar, in the order in which they are drawn.
        values: (n,) float.
        low, high: (n,) float, the ends of an interval around each value, or None.
        muted: (n,) bool, the bars that are drawn muted, or None.
        muted_label: what the muted bars are, such as `unused`.
        reference: a value to compare all bars with, drawn as a line, or None.
        reference_label: what it is.
        x_label: what the names are.
        y_label: what the values are, with the unit, such as `KL (nats)`.
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


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Heatmap(Finding):
    """A matrix of numbers with named rows and columns.

    Attributes:
        values: (rows, columns); NaN is an empty cell.
        scale: (rows, columns) in [0, 1], the colour, so that a confusion matrix can show counts
            and be coloured by the share of its row.
        row_names, column_names: one each.
        row_label, column_label: what the rows and columns are, with the unit.
        unit: of the values.
        diverging: `scale` is in [-1, 1], with one colour per sign and none at 0, and the values
            are not written into the cells.
        span: the values with no colour and with full colour, between which colour is linear
            (`scale` has the same information), or None.
        digits: decimals of the values, where not all of them are whole.
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
        pieces: the text as written, split before each word; joined they are the text.
        values: (len(pieces),) float, the value that colours each word; 0 is no colour.
        caption: one short line, such as `positive, predicted as negative (91.3 %)`.
        note: a line with numbers below the text; may be empty.
    """

    pieces: tuple[str, ...]
    values: np.ndarray
    caption: str
    note: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class HighlightedTexts(Finding):
    """Texts with a value per word, drawn as a background colour, one colour per sign.

    Attributes:
        texts: each is coloured relative to its own largest absolute value; a text whose values are
            all 0 is drawn plain.
        low_label, high_label: what negative and positive values mean.
        value_label: what the values are, with the unit.
    """

    texts: tuple[HighlightedText, ...]
    low_label: str
    high_label: str
    value_label: str


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A cell with the 95 % interval of a number, and the number if no other column has it."""

    low: float
    high: float
    value: float | None = None


Cell = str | float | int | Interval | None
"""A cell of a table."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Table(Finding):
    """Rows under named columns; a cell is text, a number, an interval or None.

    `formats` are Python format specs, one per column, such as `("", ",d", ".2f")`; an empty one
    leaves the cell as it is. `on_projections` are the columns, by number, that are measured on
    projections, and `further_maps` those on t-SNE maps that are not stored (see `Claim`).
    """

    columns: tuple[str, ...]
    formats: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    on_projections: tuple[int, ...] = ()
    further_maps: tuple[int, ...] = ()


LAYER_FAMILIES = ("conv", "norm", "activation", "pool", "dropout", "linear", "softmax", "other")


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One box of a `Diagram`.

    Attributes:
        name: the module's name, such as `pool1`.
        family: one of `LAYER_FAMILIES`, each with a colour of its own.
        kind: what it does, such as `convolution 3×3, stride 2`.
        shape: of its output for one example, without the batch axis, such as (32, 28, 28).
        parameters: number of its trainable parameters.
    """

    name: str
    family: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Diagram(Finding):
    """A network as a graph of layers.

    Attributes:
        input_shape: without the batch axis.
        layers: in an order in which each comes after those that feed it.
        links: pairs of numbers, of what feeds and of what is fed: 0 is the input, k the k-th layer,
            and the number after the last one the result.
    """

    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    links: tuple[tuple[int, int], ...]


Record = Finding | Examples


class Findings(dict[str, Record]):
    """Findings by name, in the order of a report; a notebook shows them as a list of titles."""

    def _repr_html_(self) -> str | None:
        return notebook.html(self)


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
