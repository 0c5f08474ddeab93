"""Layout of an animated scatter: its common frame of reference and its film strip."""

import numpy as np

from glassnet.drawing.layout import scatter
from glassnet.findings import Animation, AnimationTrack

MAX_FRAMES = 5
"""Largest number of frames in a film strip."""

DIMMED_LABEL = "dimmed: a point that lost most of its neighbours there"
"""Legend of a film strip that has dimmed points."""


def frame_names(finding: Animation) -> list[str]:
    """Name each frame, such as `epoch 3`."""
    return [f"epoch {epoch}" for epoch in finding.epochs]


def has_distorted_points(finding: Animation) -> bool:
    """Check whether any point of the film strip is dimmed."""
    tracks = [finding.tracks[row] for row in film_strip(finding)[0]]
    return any(scatter.distorted_mask(panel).any() for track in tracks for panel in track.panels)


def film_strip(finding: Animation, max_frames: int = MAX_FRAMES) -> tuple[list[int], list[int]]:
    """Choose the tracks and frames that are shown where nothing moves.

    Returns:
        The indices of the tracks of the projection that the title is about, and of frames that are
        evenly spaced from the first to the last.
    """
    method = finding.tracks[finding.lead].method
    rows = [index for index, track in enumerate(finding.tracks) if track.method == method]
    count = len(finding.epochs)
    return rows, np.linspace(0, count - 1, min(max_frames, count)).round().astype(int).tolist()


def bounding_square(finding: Animation, track: AnimationTrack) -> tuple[float, float, float]:
    """Compute the square (left, bottom, side) that holds all frames of a track's projection."""
    same_method = [other.frames for other in finding.tracks if other.method == track.method]
    return scatter.bounding_square(
        np.concatenate([frames.reshape(-1, 2) for frames in same_method])
    )
