"""Random rotations, for tests of what must not depend on one."""

from __future__ import annotations

import numpy as np


def orthogonal(size: int, seed: int) -> np.ndarray:
    """A random rotation or reflection, by QR with signs made uniform."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))
    return q * np.sign(np.diag(r))
