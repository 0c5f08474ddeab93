"""What paper and screen share of a film of points: its one frame of reference, and the strip."""

from __future__ import annotations

import numpy as np

from glassnet.drawing.layout import scatter
from glassnet.findings import Animation, AnimationTrack

MAX_FRAMES = 5
"""Frames that a strip shows at most."""

DIMMED_LABEL = "dimmed: a point that lost most of its neighbours there"
"""The key of a strip in which points stand back."""


def has_distorted_points(finding: Animation) -> bool:
    """Say whether a point of the strip stands back."""
    tracks = [finding.tracks[row] for row in film_strip(finding)[0]]
    return any(scatter.distorted_mask(panel).any() for track in tracks for panel in track.panels)


def film_strip(finding: Animation) -> tuple[list[int], list[int]]:
    """Give the tracks and the frames that a film shows where nothing moves.

    The tracks are those of the projection that the title speaks of; the frames are spread evenly,
    the first and the last among them.
    """
    method = finding.tracks[finding.lead].method
    rows = [index for index, track in enumerate(finding.tracks) if track.method == method]
    count = len(finding.frame_names)
    columns = np.linspace(0, count - 1, min(MAX_FRAMES, count)).round().astype(int)
    return rows, columns.tolist()


def bounding_square(finding: Animation, track: AnimationTrack) -> tuple[float, float, float]:
    """Give the square (left, bottom, side) that holds all frames of a track's projection."""
    alike = [each.frames for each in finding.tracks if each.method == track.method]
    return scatter.bounding_square(np.concatenate([frames.reshape(-1, 2) for frames in alike]))
