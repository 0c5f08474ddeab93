"""Cross-validated accuracy of a nearest-neighbour classifier, with its confidence interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glassnet.insight.measures.distances import each_block
from glassnet.stats.folds import stratified_folds
from glassnet.stats.intervals import wilson

N_NEIGHBORS = 10


@dataclass(frozen=True, eq=False)
class NeighbourAccuracy:
    """Which points their neighbours classify correctly, in a space of `dimensions`.

    Attributes:
        correct: (n,) bool.
        n_neighbors: how many vote on each point: fewer than 10 where the points are few.
    """

    correct: np.ndarray
    dimensions: int
    n_neighbors: int = N_NEIGHBORS

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> NeighbourAccuracy:
        """Restore what `arrays` returned."""
        return cls(arrays["correct"], int(arrays["dimensions"]), int(arrays["n_neighbors"]))

    def arrays(self) -> dict[str, np.ndarray]:
        """Convert to arrays, for the cache."""
        return {name: np.array(value) for name, value in vars(self).items()}

    @property
    def n(self) -> int:
        """The number of points."""
        return len(self.correct)

    @property
    def hits(self) -> int:
        """The number of correctly classified points."""
        return int(self.correct.sum())

    @property
    def method(self) -> str:
        """The short name of the classifier, such as `10-NN`."""
        return f"{self.n_neighbors}-NN"

    @property
    def accuracy(self) -> float:
        """The share of correctly classified points, in [0, 1]."""
        return self.hits / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy (Wilson)."""
        return wilson(self.hits, self.n)


def neighbour_accuracy(
    features: np.ndarray,
    labels: np.ndarray,
    *,
    n_neighbors: int = N_NEIGHBORS,
    n_folds: int = 5,
    seed: int = 0,
) -> NeighbourAccuracy:
    """Classify each point by the majority of its nearest neighbours in the other folds.

    Distances are Euclidean, by brute force; the folds are stratified. Chance is the share of the
    largest class.

    Args:
        features: (n, dimensions) float.
        labels: (n,) int64.
        seed: shuffles the folds.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> labels = np.repeat([0, 1], 50)
        >>> apart = rng.normal(size=(100, 3)) + 10 * labels[:, None]
        >>> neighbour_accuracy(apart, labels).accuracy
        1.0
    """
    folds = stratified_folds(labels, seed, n_folds)
    smallest_fit = len(labels) - -(-len(labels) // len(folds))
    n_neighbors = min(n_neighbors, smallest_fit)
    fold_of = np.empty(len(labels), np.int64)
    for number, (_, test) in enumerate(folds):
        fold_of[test] = number
    classes, members = np.unique(labels, return_inverse=True)
    one_hot = np.eye(len(classes), dtype=np.int32)[members]
    correct = np.empty(len(labels), bool)

    def classify(rows: slice, distances: np.ndarray, _: float) -> None:
        distances[fold_of[rows, None] == fold_of] = np.inf
        nearest = np.argpartition(distances, n_neighbors - 1, axis=1)[:, :n_neighbors]
        correct[rows] = one_hot[nearest].sum(axis=1).argmax(axis=1) == members[rows]

    each_block(features, classify)
    return NeighbourAccuracy(correct, features.shape[1], n_neighbors)
