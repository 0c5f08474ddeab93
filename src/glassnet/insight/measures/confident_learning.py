"""Confident learning: labels that contradict a confident out-of-sample prediction.

Source: Northcutt, Jiang and Chuang 2021, "Confident learning: estimating uncertainty in dataset
labels".
"""

import numpy as np


def confident_classes(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The class that each example is confidently predicted as, or -1 without a confident one.

    A prediction of a class is confident if its probability is at least the mean that the examples
    labelled with this class have; of several such classes the most probable one counts.

    Args:
        probabilities: (n, classes), of networks that did not learn from these examples.
        labels: (n,) int64.

    Returns:
        (n,) int64. Where it is neither -1 nor the label, the label may be wrong.

    Example:
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.9, 0.1], [0.1, 0.9]])
        >>> confident_classes(probabilities, np.array([0, 0, 1, 1, 1])).tolist()
        [0, -1, 1, 0, 1]
    """
    n_classes = probabilities.shape[1]
    counts = np.bincount(labels, minlength=n_classes)
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    thresholds = np.full(n_classes, np.inf)  # nothing is confidently of a class without examples
    thresholds[counts > 0] = np.bincount(labels, own, n_classes)[counts > 0] / counts[counts > 0]
    thresholds[thresholds == 0] = np.inf  # nor of one that no prediction of its examples names
    confident = np.where(probabilities >= thresholds - ROUNDING, probabilities, -1.0)
    return np.where(confident.max(axis=1) >= 0, confident.argmax(axis=1), -1)


ROUNDING = 1e-6
"""A probability that is lower than a threshold by this much still reaches it."""
