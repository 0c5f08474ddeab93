"""Films of points: the same examples in several projections, each in several frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.findings.finding import Finding


@dataclass(frozen=True, kw_only=True, eq=False)
class FilmTrack:
    """One layer under one projection, through all frames.

    Attributes:
        method: the projection as it is written, as `t-SNE`.
        layer: what is projected, as `pool1`.
        frames: (frames, n, 2) float32, all in one frame of reference: centred, root-mean-square
            radius 1, each turned to lie closest to the one before it.
        scales: one per frame, the radius that was divided out.
        captions: one per frame, its number in few words, as `10-NN 97.1 %`.
        notes: one per frame, a line with its numbers.
        numbers: one per frame, the same numbers for programs.
        drift: the mean movement, in radii, of a frame whose features did not change; None where
            nothing moves by itself.
        drift_note: the same in words; may be empty.
    """

    method: str
    layer: str
    frames: np.ndarray
    scales: tuple[float, ...]
    captions: tuple[str, ...]
    notes: tuple[str, ...]
    numbers: tuple[dict[str, float], ...]
    drift: float | None
    drift_note: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Film(Finding):
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

    tracks: tuple[FilmTrack, ...]
    frame_names: tuple[str, ...]
    lead: int
    labels: np.ndarray
    class_names: tuple[str, ...]
    examples: str
    places: np.ndarray
