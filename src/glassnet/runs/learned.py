"""What a network said of each training example, epoch by epoch: small files of the run.

A file has `chances` (n,) float16, the probability of the example's own class, and `right`, a bit
per example: at most two bytes and a bit each. Nothing in them is pickled.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet import atomic
from glassnet.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor


def keep(path: Path, learned: Tensor) -> None:
    """Write what an epoch's steps said: (n, 2), the probability, and 1 where it was right."""
    values = learned.cpu().numpy()
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, chances=values[:, 0].astype(np.float16), right=np.packbits(values[:, 1] > 0.5)
    )
    atomic.write(path, buffer.getvalue())


def read(paths: Sequence[Path]) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities (epochs, n) float32, and what was right (epochs, n) bool.

    Raises:
        RunError: a file is damaged, or they are not of the same examples.
    """
    chances, right = [], []
    for path in paths:
        try:
            with np.load(path, allow_pickle=False) as kept:
                chances.append(kept["chances"].astype(np.float32))
                right.append(np.unpackbits(kept["right"], count=len(chances[-1])).astype(bool))
            if len(chances[-1]) != len(chances[0]):
                raise ValueError(f"{len(chances[-1]):,} examples, not {len(chances[0]):,}")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise RunError(
                f"{path}: cannot be read ({error})", "take the folder away, or train again"
            ) from None
    return np.stack(chances), np.stack(right)
