"""What paper and screen share of a heatmap: how a value is written, and how deep its colour is."""

from __future__ import annotations

import numpy as np

from glassnet.findings import Heatmap

SWATCHES = (0.001, 0.01, 0.1, 1.0)
"""The values of the scale that a key shows."""


def intensity(scale: np.ndarray | float) -> np.ndarray:
    """Turn a scale in [0, 1] into a colour's depth in [0, 1].

    The cube root keeps the one per mille that was mistaken in sight beside a full diagonal.
    """
    return np.cbrt(np.clip(scale, 0.0, 1.0))


def intensities(finding: Heatmap) -> np.ndarray:
    """Give every cell's colour a depth in [0, 1]: (rows, columns)."""
    scale = np.nan_to_num(np.clip(finding.scale, 0.0, 1.0))
    return scale if finding.span else intensity(scale)


def swatches(finding: Heatmap) -> list[tuple[str, float]]:
    """Give the values that a key shows, as words, and their colour's depth."""
    if finding.span is None:
        return [(f"{100 * value:g} %", float(intensity(value))) for value in SWATCHES]
    low, high = finding.span
    places = np.linspace(0, 1, len(SWATCHES))
    return [
        (word, float(place))
        for place, word in zip(places, _words(low + places * (high - low)), strict=True)
    ]


def _words(values: np.ndarray) -> list[str]:
    """Write values with as many digits as tell them apart, three at most."""
    digits = next(d for d in range(4) if d == 3 or len({f"{v:.{d}f}" for v in values}) > 3)
    return [f"{value:.{digits}f}" for value in values]


def is_confusion(finding: Heatmap) -> bool:
    """Say whether rows and columns are the same things, so that the diagonal is what is right."""
    return finding.row_names == finding.column_names and len(finding.row_names) > 1


def is_row_share(finding: Heatmap) -> bool:
    """Say whether the colour is each value's share of its row's sum."""
    if finding.span is not None:
        return False
    sums = finding.values.sum(axis=1, keepdims=True)
    shares = np.divide(finding.values, sums, out=np.zeros_like(finding.scale), where=sums > 0)
    return bool(np.allclose(shares, finding.scale, atol=1e-4))


def format_values(finding: Heatmap) -> list[list[str]]:
    """Write each value: whole numbers as they are, others with their digits, nought as a dot."""
    known = finding.values[np.isfinite(finding.values)]
    whole = bool(np.all(known == np.round(known))) and finding.span is None

    def word(value: float) -> str:
        if np.isnan(value):
            return ""
        if value == 0 and finding.span is None:
            return "·"
        if whole:
            return f"{int(value):,d}" if abs(value) >= 10_000 else str(int(value))
        return f"{value:.{finding.digits}f}"

    return [[word(float(value)) for value in row] for row in finding.values]


def scale_labels(finding: Heatmap) -> tuple[str, str]:
    """Say what the two deepest colours of a diverging heatmap stand for.

    The values at -1 and 1 of the scale, where the scale is one for all cells; else their signs.
    """
    deepest = np.unravel_index(np.abs(finding.scale).argmax(), finding.scale.shape)
    share = float(finding.scale[deepest])
    unit = float(finding.values[deepest]) / share if share else 0.0
    if unit <= 0 or not np.allclose(finding.values, finding.scale * unit, atol=1e-3 * unit):
        return "negative", "positive"
    return f"\N{MINUS SIGN}{unit:.3g}", f"+{unit:.3g}"
