"""Accuracy and confidence of classified examples, in bins."""

from dataclasses import dataclass

import numpy as np

from glassnet.stats.intervals import wilson


@dataclass(frozen=True)
class Bin:
    """Examples that are similar in confidence, or in some other respect.

    Attributes:
        n: number of examples.
        right: number of correctly classified examples.
        confidence: mean probability of the predicted class, in [0, 1].
    """

    n: int
    right: int
    confidence: float

    @property
    def accuracy(self) -> float:
        """The share of correctly classified examples."""
        return self.right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(self.right, self.n)

    @property
    def gap(self) -> float:
        """Confidence minus accuracy."""
        return self.confidence - self.accuracy


def equal_mass_bins(confidence: np.ndarray, right: np.ndarray, n_bins: int) -> list[Bin]:
    """Sort examples by confidence into bins of equal size, the least confident bin first.

    Source: Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using
    Bayesian binning"; equal mass as in Nguyen and O'Connor 2015, "Posterior calibration and
    exploratory analysis for natural language processing models".

    Args:
        confidence: (n,) float in [0, 1].
        right: (n,) bool.
        n_bins: number of bins; smaller if there are fewer examples.

    Example:
        >>> bins = equal_mass_bins(np.array([0.6, 0.9, 0.8, 0.7]), np.array([0, 1, 1, 1]) > 0, 2)
        >>> [(round(one.confidence, 2), one.accuracy) for one in bins]
        [(0.65, 0.5), (0.85, 1.0)]
    """
    order = np.argsort(confidence, kind="stable")
    return [
        Bin(len(part), int(right[part].sum()), float(confidence[part].mean()))
        for part in np.array_split(order, min(n_bins, len(order)))
    ]
