"""How far a panel of points can be believed, as plain values for the page."""

from __future__ import annotations

from typing import Any

import numpy as np

from glassnet.drawing.layout import scatter
from glassnet.drawing.screen.css import percent
from glassnet.findings import ScatterPanel

MAX_LISTED = 200
"""Distorted points that the page lists for a panel; beyond that a list is no longer read."""


def score_views(panel: ScatterPanel) -> list[dict[str, Any]]:
    """Give the gauges of a panel: a bar each, and its interval, in per cent of the whole."""
    return [
        {
            "label": gauge.label,
            "short": gauge.short_label,
            "word": gauge.formatted,
            "meaning": gauge.description,
            "share": percent(gauge.value),
            "low": percent(gauge.low),
            "span": percent(gauge.high - gauge.low),
        }
        for gauge in panel.quality_scores
    ]


def distortion_data(panel: ScatterPanel) -> dict[str, Any] | None:
    """Give what the script knows of each point, ready for JSON; None where nothing was measured.

    Returns:
        `dimmed`: a 1 for every point that stands back, else a 0, as one text; `levels`: the
        shares of their neighbours that points keep, in whole per cent, few as they are; `neighbours_kept`:
        which of them each point keeps, a letter each, or None; `listed`: the `MAX_LISTED` most
        distorted points.
    """
    if panel.distorted is None:
        return None
    shares = np.rint(
        100 * (np.zeros(0) if panel.neighbours_kept is None else panel.neighbours_kept)
    ).astype(int)
    levels, places = np.unique(shares, return_inverse=True)
    return {
        "dimmed": "".join("1" if back else "0" for back in scatter.distorted_mask(panel)),
        "levels": levels.tolist(),
        "kept": None
        if panel.neighbours_kept is None
        else "".join(chr(ord("a") + k) for k in places),
        "listed": panel.distorted[:MAX_LISTED].tolist(),
    }
