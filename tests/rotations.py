"""Random rotations, and what remains of them after alignment."""

from __future__ import annotations

import numpy as np

from glassnet.insight.measures import alignment


def orthogonal(size: int, seed: int) -> np.ndarray:
    """A random rotation or reflection, by QR with signs made uniform."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))
    return q * np.sign(np.diag(r))


def residual(points: np.ndarray, reference: np.ndarray) -> float:
    """The root-mean-square distance of two projections of the same points once aligned."""
    aligned = alignment.procrustes(points, reference)(points)
    gaps = alignment.movement(aligned, alignment.standardization(reference)(reference))
    return float(np.sqrt((gaps**2).mean()))
