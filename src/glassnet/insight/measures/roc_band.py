"""How far an ROC curve may lie off: a pointwise 95 % band from resampled examples."""

from collections.abc import Sequence

import numpy as np

RESAMPLES = 200
"""Bootstrap resamples of the examples."""


def roc_band(
    probabilities: np.ndarray, labels: np.ndarray, classes: Sequence[int], rates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the band of the mean one-vs-rest ROC curve of some classes (Efron 1979).

    Args:
        probabilities: (n, classes).
        labels: (n,).
        classes: the classes whose curves are averaged.
        rates: (m,) false positive rates, ascending.

    Returns:
        The 2.5 % and the 97.5 % quantile of the true positive rate at each rate: (m,) each.
    """
    rng, n = np.random.default_rng(0), len(labels)
    ranked = [_ranked(probabilities[:, c], labels == c) for c in classes]
    curves = np.empty((RESAMPLES, len(rates)))
    for curve in curves:
        times = np.bincount(rng.integers(n, size=n), minlength=n)  # each example is drawn
        curve[:] = np.mean([_curve(times, *each, rates) for each in ranked], axis=0)
    low, high = np.quantile(curves, [0.025, 0.975], axis=0)
    return low, high


def _ranked(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Examples by falling score, which are positive, and the last of each equal score."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    return order, positive[order], ends


def _curve(
    times: np.ndarray, order: np.ndarray, positive: np.ndarray, ends: np.ndarray, rates: np.ndarray
) -> np.ndarray:
    """True positive rates at these false positive rates, each example counted so many times."""
    counts = times[order]
    true, false = (np.append(0, np.cumsum(counts * of)[ends]) for of in (positive, ~positive))
    return np.interp(rates, false / max(false[-1], 1), true / max(true[-1], 1))
