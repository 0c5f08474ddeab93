"""How well a representation tells the classes apart, as numbers on held-out points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.findings import Claim
from glassnet.findings.claims import share
from glassnet.stats.intervals import wilson


@dataclass(frozen=True)
class Separability:
    """Nearest-neighbour accuracy: `accuracy` in [0, 1] over `n` points, 95 % `low` to `high`."""

    accuracy: float
    low: float
    high: float
    n: int
    dimensions: int

    @classmethod
    def of_hits(cls, hits: int, n: int, dimensions: int) -> Separability:
        """From the number of points that were told right."""
        return cls(hits / n, *wilson(hits, n), n, dimensions)

    @classmethod
    def of(cls, stored: dict[str, np.ndarray]) -> Separability:
        """Back from `arrays`."""
        return cls.of_hits(*(int(stored[name]) for name in ("hits", "n", "dimensions")))

    @property
    def hits(self) -> int:
        """How many points were told right."""
        return round(self.accuracy * self.n)

    def arrays(self) -> dict[str, np.ndarray]:
        """As arrays to keep."""
        return {name: np.array(getattr(self, name)) for name in ("hits", "n", "dimensions")}

    def claim(self, what: str) -> Claim:
        """The accuracy as a record."""
        return share(what, self.hits, self.n)


def neighbour_accuracy(
    features: np.ndarray, labels: np.ndarray, *, neighbours: int = 10, folds: int = 5, seed: int = 0
) -> Separability:
    """How often the majority of a held-out point's nearest neighbours has the point's class.

    The points are cut into stratified folds; each point is judged by the points of the other folds
    alone (Euclidean distance, brute force). Chance is the share of the largest class.

    Args:
        features: (n, dimensions) float.
        labels: (n,) int64.
        seed: cuts the folds.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> labels = np.repeat([0, 1], 50)
        >>> apart = rng.normal(size=(100, 3)) + 10 * labels[:, None]
        >>> neighbour_accuracy(apart, labels).accuracy
        1.0
    """
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    smallest = int(np.unique(labels, return_counts=True)[1].min())
    cutter = StratifiedKFold if smallest > 1 else KFold  # a class of one cannot be spread
    folds = min(folds, smallest if smallest > 1 else len(labels))
    per_fold = len(labels) - -(-len(labels) // folds)
    reference_classifier = KNeighborsClassifier(min(neighbours, per_fold), algorithm="brute")
    cut = cutter(folds, shuffle=True, random_state=seed)
    right = int((cross_val_predict(reference_classifier, features, labels, cv=cut) == labels).sum())
    return Separability.of_hits(right, len(labels), features.shape[1])
