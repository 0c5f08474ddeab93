"""What a network said of each training example, epoch by epoch: small files of the run.

A classifier's has `probabilities` (n,) float16, the probability of the example's own class, and `right`,
a bit per example: at most two bytes and a bit each. A generator's has `nats` (n,) float32, what the
example cost. Nothing in them is pickled.
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
    """Write what an epoch's steps said, as `contract.StepResult.each` has it."""
    values = learned.cpu().numpy()
    if values.shape[1] == 1:
        said = {"nats": values[:, 0].astype(np.float32)}
    else:
        said = {
            "probabilities": values[:, 0].astype(np.float16),
            "right": np.packbits(values[:, 1] > 0.5),
        }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **said)
    atomic.write(path, buffer.getvalue())


def read(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """What was said, by name: `probabilities` float32 and `right` bool, or `nats`; each (epochs, n).

    Raises:
        RunError: a file is damaged, or they are not of the same examples.
    """
    epochs: list[dict[str, np.ndarray]] = []
    for path in paths:
        try:
            with np.load(path, allow_pickle=False) as kept:
                said = {
                    name: kept[name] for name in ("nats", "probabilities", "right") if name in kept
                }
            if "nats" not in said:
                n = len(said["probabilities"])
                said["probabilities"] = said["probabilities"].astype(np.float32)
                said["right"] = np.unpackbits(said["right"], count=n).astype(bool)
            shapes = [
                {name: len(values) for name, values in each.items()} for each in (said, *epochs)
            ]
            if shapes[0] != shapes[-1]:
                raise ValueError(f"{shapes[0]}, not {shapes[-1]} as in the first epoch")
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise RunError(
                f"{path}: cannot be read ({error})", "take the folder away, or train again"
            ) from None
        epochs.append(said)
    return {
        name: np.stack([each[name] for each in epochs]) for name in (epochs[0] if epochs else ())
    }
