"""Checked examples of `fit`: rows, labels and sample weights."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import check_array


@dataclass(frozen=True, eq=False)
class Examples:
    """The checked examples of a call of `fit` or `partial_fit`.

    Attributes:
        rows: (n, features) numbers or (n,) texts.
        labels: (n,) int64 class numbers.
        class_names: one per class.
        weights: (n,) float64 above 0; None if all are equal.
    """

    rows: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    weights: np.ndarray | None

    def __len__(self) -> int:
        return len(self.rows)

    def joined(self, others: "Examples") -> "Examples":
        """These examples followed by others of the same classes."""
        weights = None
        if self.weights is not None or others.weights is not None:
            weights = np.concatenate(
                [
                    np.ones(len(part)) if part.weights is None else part.weights
                    for part in (self, others)
                ]
            )
        return Examples(
            np.concatenate([self.rows, others.rows]),
            np.concatenate([self.labels, others.labels]),
            self.class_names,
            weights,
        )

    def fingerprint(self, previous: str = "") -> str:
        """SHA-256 of the examples as hex, chained with the fingerprint of previous ones."""
        digest = hashlib.sha256(repr((previous, self.class_names)).encode())
        for values in (self.rows, self.labels, self.weights):
            if values is not None and values.dtype.kind == "T":
                for text in values.tolist():
                    digest.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
            elif values is not None:
                digest.update(f"{values.dtype.str}{values.shape}".encode())
                digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()


def apply_sample_weight(
    rows: np.ndarray, labels: np.ndarray, sample_weight: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Leave out the examples of weight 0.

    Returns:
        The rows, labels and weights of the others; the weights are (n,) float64, or None if
        `sample_weight` is None.

    Raises:
        ValueError: `sample_weight` has another shape, contains negative values or NaN, or is all
            zeros.
    """
    if sample_weight is None:
        return rows, labels, None
    count = len(rows)
    weights = check_array(
        sample_weight, ensure_2d=False, allow_nd=True, dtype=np.float64, input_name="sample_weight"
    )
    if weights.shape != (count,):
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected {(count,)}!")
    if (weights < 0).any():
        raise ValueError("Negative values in data passed to `sample_weight`.")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    positive = weights > 0
    return rows[positive], labels[positive], weights[positive]
