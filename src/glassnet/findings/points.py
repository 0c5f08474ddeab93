"""Points in the plane: the same examples in several projections, at rest and through frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.findings.finding import Finding


@dataclass(frozen=True, kw_only=True, eq=False)
class QualityScore:
    """One share that says how far a panel can be believed, drawn as a small bar.

    `label` is what it is, as `neighbours kept`, and `meaning` one sentence that explains it. The
    `value` and its 95 % interval, `low` to `high`, are in [0, 1]; `formatted` is such as `64.0 %`,
    and `phrase` says it in the panel's note, as `64.0 % of true neighbours kept`. `short` is the
    label where there is little room.
    """

    label: str
    value: float
    low: float
    high: float
    formatted: str
    phrase: str
    description: str
    short_label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ScatterPanel:
    """One projection of the shared points.

    Attributes:
        label: what is projected, as `pool1`.
        points: (n, 2) float32, in the order of the shared examples.
        x_label, y_label: the axes' names with what they explain, as `component 1 (23.1 %)`; empty
            where an axis means nothing (t-SNE).
        note: the line under the panel, with its numbers; at its end the gauges' phrases, then
            `distorted_label`, each after a `; `.
        numbers: the same numbers, for programs.
        gauges: how far the panel can be believed; empty where that was not measured.
        kept: (n,) float32 in [0, 1], the share of each point's true neighbours that are its
            neighbours here, or None.
        distorted: (m,) int64 positions of the points that lost most of them and therefore stand
            back, the worst first, or None.
        distorted_label: what stands back, as `dimmed: 9 of 5,000 points`; may be empty.
    """

    label: str
    points: np.ndarray
    note: str
    numbers: dict[str, float]
    x_label: str = ""
    y_label: str = ""
    quality_scores: tuple[QualityScore, ...] = ()
    neighbours_kept: np.ndarray | None = None
    distorted: np.ndarray | None = None
    distorted_label: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Scatter(Finding):
    """The same points in several projections, coloured by class.

    `examples` names the `Examples` record in the same folder that the points stand for; `labels`
    (n,) int64 and `class_names` are repeated here so that the scatter can be drawn alone.
    """

    panels: tuple[ScatterPanel, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]
    examples: str


@dataclass(frozen=True, kw_only=True, eq=False)
class AnimationTrack:
    """One layer under one projection, through all frames.

    Attributes:
        method: the projection as it is written, as `t-SNE`.
        layer: what is projected, as `pool1`.
        panels: one per frame, all in one frame of reference: centred, root-mean-square radius 1,
            each turned to lie closest to the one before it.
        scales: one per frame, the radius that was divided out.
        captions: one per frame, its number in few words, as `10-NN 97.1 %`.
        drift: the mean movement, in radii, of a frame whose features did not change; None where
            nothing moves by itself.
        drift_note: the same in words; may be empty.
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


@dataclass(frozen=True, kw_only=True, eq=False)
class Animation(Finding):
    """The same points in several projections, each in several frames, coloured by class.

    Attributes:
        tracks: one per projection and layer, those of one projection next to each other.
        frame_names: one per frame, as `epoch 3`.
        lead: which of the tracks the title speaks of.
        labels: (n,) int64.
        class_names: one name per class.
        examples: names the `Examples` record in the same folder that the points are from.
        places: (n,) int64, each point's position in that record.
    """

    tracks: tuple[AnimationTrack, ...]
    frame_names: tuple[str, ...]
    lead: int
    labels: np.ndarray
    class_names: tuple[str, ...]
    examples: str
    places: np.ndarray
