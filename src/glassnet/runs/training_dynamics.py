"""Files of the training dynamics: outcomes of each training example, one file per epoch.

A classifier's have `probabilities` (n,) float16, the probability of the example's own class, and
`correct`, a bit per example: whether that class was predicted. A generator's have `nats` (n,)
float32, the loss of the example. Nothing in them is pickled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import atomic, formats
from glassnet.errors import RunError

if TYPE_CHECKING:
    from torch import Tensor


def write(path: Path, outcomes: Tensor, names: Sequence[str]) -> None:
    """Write the outcomes of an epoch: (n, len(names)), as `contract.StepResult` has them."""
    columns = zip(names, outcomes.cpu().numpy().T, strict=True)
    arrays: dict[str, Any] = {name: _PACK[name](values) for name, values in columns}
    atomic.write(path, formats.encode_npz(arrays))


_PACK: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "probabilities": lambda values: values.astype(np.float16),
    "correct": lambda values: np.packbits(values > 0.5),
    "nats": lambda values: values.astype(np.float32),
}


def read(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Read epochs: `probabilities` float32 and `correct` bool, or `nats`; each (epochs, n).

    Raises:
        RunError: a file is damaged, or the files are not of the same examples.
    """
    epochs: list[dict[str, np.ndarray]] = []
    for path in paths:
        try:
            epochs.append(_read_epoch(path))
            first, last = _lengths(epochs[0]), _lengths(epochs[-1])
            if first != last:
                raise ValueError(f"{last}, but {first} in the first epoch")
        except (OSError, ValueError, KeyError) as error:
            raise RunError(
                f"cannot be read ({error})", "remove the folder, or train again", path
            ) from None
    names = epochs[0] if epochs else ()
    return {name: np.stack([epoch[name] for epoch in epochs]) for name in names}


def _read_epoch(path: Path) -> dict[str, np.ndarray]:
    stored = formats.decode_npz(formats.read(path))
    arrays = {name: stored[name] for name in _PACK if name in stored}
    if "correct" in arrays:
        n = len(arrays["probabilities"])
        arrays["probabilities"] = arrays["probabilities"].astype(np.float32)
        arrays["correct"] = np.unpackbits(arrays["correct"], count=n).astype(bool)
    return arrays


def _lengths(arrays: dict[str, np.ndarray]) -> dict[str, int]:
    return {name: len(values) for name, values in arrays.items()}
