"""Projection quality on the screen: quality scores and distorted points."""

from typing import Any

import numpy as np

from glassnet.drawing.layout import projection_quality, scatter
from glassnet.drawing.screen.css import percent
from glassnet.findings import ScatterPanel

MAX_LISTED = 200
"""Largest number of distorted points that the page lists for a panel."""


def score_views(panel: ScatterPanel) -> list[dict[str, Any]]:
    """List the quality scores of a panel: a bar each, with its interval, in per cent."""
    return [
        {
            "label": projection_quality.label(score),
            "short_label": projection_quality.short_label(score),
            "formatted": score.formatted,
            "description": projection_quality.description(score),
            "percent": percent(score.value),
            "low": percent(score.low),
            "width": percent(score.high - score.low),
        }
        for score in panel.quality_scores
    ]


def distortion_data(panel: ScatterPanel) -> dict[str, Any] | None:
    """Give what the script knows about each point, ready for JSON; None if it was not measured.

    Returns:
        `distorted`: a string with a 1 for every dimmed point, else a 0; `levels`: the distinct
        shares of their neighbours that points keep, in per cent; `level_codes`: a letter per point
        that says which, or None; `most_distorted`: the `MAX_LISTED` most distorted points.
    """
    if panel.distorted is None:
        return None
    percents = np.rint(
        100 * (np.zeros(0) if panel.neighbours_kept is None else panel.neighbours_kept)
    ).astype(int)
    levels, codes = np.unique(percents, return_inverse=True)
    return {
        "distorted": "".join(
            "1" if is_distorted else "0" for is_distorted in scatter.distorted_mask(panel)
        ),
        "levels": levels.tolist(),
        "level_codes": None
        if panel.neighbours_kept is None
        else "".join(chr(ord("a") + code) for code in codes),
        "most_distorted": panel.distorted[:MAX_LISTED].tolist(),
    }
