"""Small real digits as a file of arrays, which other processes read without the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

OPTIONS: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 50,
    "channels": (4, 8, 8),
    "device": "cpu",
    "threads": 1,
}
"""What an image classifier is trained with in a second."""

WORDS = ["--epochs", "3", "--batch-size", "50", "--channels", "4,8,8", "--device", "cpu"]
"""The same for the command line, where a group trains in one thread as it is."""


def save_digits(path: Path, n_train: int = 300, n_test: int = 200) -> Path:
    """Save scikit-learn's 8 × 8 digits as `.npz` with a training and a test part."""
    digits = load_digits()
    images = (digits.images * 15.9).astype(np.uint8)
    train, test = slice(n_train), slice(n_train, n_train + n_test)
    np.savez(
        path,
        x_train=images[train],
        y_train=digits.target[train],
        x_test=images[test],
        y_test=digits.target[test],
    )
    return path
