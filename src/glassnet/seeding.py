"""Every random state: set from one seed, taken down, and put back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

RandomState = dict[str, Any]


def seed_everything(seed: int) -> None:
    """Set Python's, NumPy's and torch's generators (all devices) from one seed, >= 0."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def random_state() -> RandomState:
    """Every generator's state, as plain values and tensors that a checkpoint can hold."""
    version, internal, gauss = random.getstate()
    legacy = np.random.get_state(legacy=False)
    return {
        "python": [version, list(internal), gauss],
        "numpy": {
            **{name: legacy[name] for name in ("bit_generator", "has_gauss", "gauss")},
            "key": torch.from_numpy(legacy["state"]["key"].astype(np.int64)),
            "pos": legacy["state"]["pos"],
        },
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore(state: RandomState) -> None:
    """Put every generator back to where `random_state` found it.

    Example:
        >>> before = random_state()
        >>> first = torch.rand(2)
        >>> restore(before)
        >>> bool((torch.rand(2) == first).all())
        True
    """
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    legacy = state["numpy"]
    keys = legacy["key"].numpy().astype(np.uint32)
    np.random.set_state(
        (legacy["bit_generator"], keys, legacy["pos"], legacy["has_gauss"], legacy["gauss"])
    )
    torch.set_rng_state(state["torch"])
    if state["cuda"] and torch.cuda.device_count() == len(state["cuda"]):
        torch.cuda.set_rng_state_all(state["cuda"])


@contextmanager
def untouched() -> Iterator[None]:
    """Leave every generator, when the block ends, as it was before.

    Example:
        >>> with untouched():
        ...     first = torch.rand(2)
        >>> bool((torch.rand(2) == first).all())
        True
    """
    before = random_state()
    try:
        yield
    finally:
        restore(before)
