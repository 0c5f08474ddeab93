"""Layout of heatmaps: formatted values and colour intensities."""

import numpy as np

from glassnet.findings import Heatmap, minus_signs

SWATCHES = (0.001, 0.01, 0.1, 1.0)
"""Values of the scale that the legend shows."""


def intensity(scale: np.ndarray | float) -> np.ndarray:
    """Convert a scale in [0, 1] to a colour intensity in [0, 1].

    The cube root keeps one error in a thousand visible beside a full diagonal.
    """
    return np.cbrt(np.clip(scale, 0.0, 1.0))


def intensities(finding: Heatmap) -> np.ndarray:
    """Compute the colour intensity of every cell: (rows, columns) in [0, 1]."""
    scale = np.nan_to_num(np.clip(finding.scale, 0.0, 1.0))
    return scale if finding.span else intensity(scale)


def swatches(finding: Heatmap) -> list[tuple[str, float]]:
    """List the values that the legend shows, formatted, with their colour intensity."""
    if finding.span is None:
        return [(f"{100 * value:g} %", float(intensity(value))) for value in SWATCHES]
    low, high = finding.span
    steps = np.linspace(0, 1, len(SWATCHES))
    return [
        (label, float(step))
        for step, label in zip(steps, _format_evenly(low + steps * (high - low)), strict=True)
    ]


def _format_evenly(values: np.ndarray) -> list[str]:
    """Format values with as many digits as distinguish them, at most three."""
    digits = next(d for d in range(4) if d == 3 or len({f"{v:.{d}f}" for v in values}) > 3)
    return [minus_signs(f"{value:.{digits}f}") for value in values]


def is_confusion(finding: Heatmap) -> bool:
    """Check whether rows and columns are the same classes, so that the diagonal is correct."""
    return (
        finding.span is None
        and finding.row_names == finding.column_names
        and len(finding.row_names) > 1
    )


def is_row_share(finding: Heatmap) -> bool:
    """Check whether the colour is each value's share of its row's sum."""
    if finding.span is not None:
        return False
    sums = finding.values.sum(axis=1, keepdims=True)
    shares = np.divide(finding.values, sums, out=np.zeros_like(finding.scale), where=sums > 0)
    return bool(np.allclose(shares, finding.scale, atol=1e-4))


def format_values(finding: Heatmap) -> list[list[str]]:
    """Format each value: integers in full, others with the heatmap's digits, zero as a dot."""
    finite = finding.values[np.isfinite(finding.values)]
    are_integers = bool(np.all(finite == np.round(finite))) and finding.span is None

    def format_value(value: float) -> str:
        if np.isnan(value):
            return ""
        if value == 0 and finding.span is None:
            return "·"
        if are_integers:
            return minus_signs(f"{int(value):,d}" if abs(value) >= 10_000 else str(int(value)))
        return minus_signs(f"{value:.{finding.digits}f}")

    return [[format_value(float(value)) for value in row] for row in finding.values]


def scale_labels(finding: Heatmap) -> tuple[str, str]:
    """Label the two deepest colours of a diverging heatmap.

    The labels are the values at -1 and 1 if all cells share one scale, else the signs.
    """
    deepest = np.unravel_index(np.abs(finding.scale).argmax(), finding.scale.shape)
    share = float(finding.scale[deepest])
    unit = float(finding.values[deepest]) / share if share else 0.0
    if unit <= 0 or not np.allclose(finding.values, finding.scale * unit, atol=1e-3 * unit):
        return "negative", "positive"
    return f"\N{MINUS SIGN}{unit:.3g}", f"+{unit:.3g}"
