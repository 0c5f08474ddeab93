"""Scatter plots and animations of projections of the same examples."""

from dataclasses import dataclass

import numpy as np

from glassnet.findings.finding import Finding


@dataclass(frozen=True, kw_only=True, eq=False)
class QualityScore:
    """One measure of projection quality, drawn as a small bar.

    Attributes:
        name: `trustworthiness`, `continuity`, `neighbours_kept` or `stability`.
        value: a share in [0, 1].
        low, high: its 95 % interval.
        formatted: the value as text, such as `64.0 %`.
        n: number of points that it is measured on.
        n_neighbors: number of nearest neighbours of each point that it compares.
    """

    name: str
    value: float
    low: float
    high: float
    formatted: str
    n: int
    n_neighbors: int


@dataclass(frozen=True, kw_only=True, eq=False)
class ScatterPanel:
    """One projection of the shared points.

    Attributes:
        label: what is projected, such as `pool1`.
        points: (n, 2) float32, in the order of the shared examples.
        x_label, y_label: the axes' names with the variance they explain, such as
            `component 1 (23.1 %)`; empty where an axis has no meaning (t-SNE).
        has_ticks: whether the axes have numbers: both labels name a quantity with its unit.
        note: the line below the panel, with its numbers; those of `quality_scores` and `distorted`
            are drawn from these.
        numbers: the same numbers, for programs.
        quality_scores: measures of projection quality; empty where none were computed.
        neighbours_kept: (n,) float32 in [0, 1], the share of each point's true neighbours that are
            its neighbours in the projection, or None.
        distorted: (m,) int64, the points that lost most of their neighbours and are drawn dimmed,
            the worst first, or None where this was not measured.
    """

    label: str
    points: np.ndarray
    note: str
    numbers: dict[str, float]
    x_label: str = ""
    y_label: str = ""
    has_ticks: bool = False
    quality_scores: tuple[QualityScore, ...] = ()
    neighbours_kept: np.ndarray | None = None
    distorted: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Scatter(Finding):
    """The same points in several projections, coloured by class.

    `examples` is the name of the `Examples` record of the points in the same folder; `labels` (n,)
    int64 and `class_names` are repeated here so that the scatter can be drawn alone.
    """

    panels: tuple[ScatterPanel, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]
    examples: str


@dataclass(frozen=True, kw_only=True, eq=False)
class AnimationTrack:
    """One layer under one projection, through all frames.

    Attributes:
        method: the projection, a key of `METHOD_NAMES`.
        layer: what is projected, such as `pool1`.
        panels: one per epoch, all in one frame of reference: centred, root-mean-square radius 1,
            each rotated to lie closest to the previous one.
        scales: one per epoch, the radius that was divided out.
        captions: one short caption per epoch, such as `10-NN 97.1 %`.
        drift: the mean movement, in radii, between frames with equal features; None where it is
            zero by construction.
        drift_note: the same as text; may be empty.
    """

    method: str
    layer: str
    panels: tuple[ScatterPanel, ...]
    scales: tuple[float, ...]
    captions: tuple[str, ...]
    drift: float | None
    drift_note: str

    @property
    def frames(self) -> np.ndarray:
        """The points of all panels: (frames, n, 2) float32."""
        return np.stack([panel.points for panel in self.panels])


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Animation(Finding):
    """The same points in several projections, each in several frames, coloured by class.

    Attributes:
        tracks: one per projection and layer, those of one projection next to each other.
        epochs: one per frame, ascending; 0 is the untrained network.
        lead: index of the track that the title is about.
        labels: (n,) int64.
        class_names: one name per class.
        examples: name of the `Examples` record of the points in the same folder.
        places: (n,) int64, each point's position in that record.
    """

    tracks: tuple[AnimationTrack, ...]
    epochs: tuple[int, ...]
    lead: int
    labels: np.ndarray
    class_names: tuple[str, ...]
    examples: str
    places: np.ndarray
