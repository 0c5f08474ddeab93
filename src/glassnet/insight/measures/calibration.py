"""Accuracy and confidence in bins of examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.stats.intervals import wilson


@dataclass(frozen=True)
class Bin:
    """Examples that are alike: `n` of them, `right` of them right.

    `confidence` is their mean probability of the predicted class, in [0, 1].
    """

    n: int
    right: int
    confidence: float

    @property
    def accuracy(self) -> float:
        """The share that is right."""
        return self.right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(self.right, self.n)


def equal_mass_bins(confidence: np.ndarray, right: np.ndarray, bins: int) -> list[Bin]:
    """Accuracy by confidence in bins of equal mass, the least confident first.

    Source: Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using
    Bayesian binning"; equal mass as in Nguyen and O'Connor 2015, "Posterior calibration and
    exploratory analysis for natural language processing models".

    Args:
        confidence: (n,) float in [0, 1].
        right: (n,) bool.
        bins: how many; fewer where there are fewer examples.

    Example:
        >>> each = equal_mass_bins(np.array([0.6, 0.9, 0.8, 0.7]), np.array([0, 1, 1, 1]) > 0, 2)
        >>> [(round(one.confidence, 2), one.accuracy) for one in each]
        [(0.65, 0.5), (0.85, 1.0)]
    """
    order = np.argsort(confidence, kind="stable")
    return [
        Bin(len(part), int(right[part].sum()), float(confidence[part].mean()))
        for part in np.array_split(order, min(bins, len(order)))
    ]
