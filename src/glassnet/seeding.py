"""Random states of Python, NumPy and torch: seeding, saving and restoring."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

RandomState = dict[str, Any]


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and torch (all devices); `seed` is at least 0."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def get_random_state() -> RandomState:
    """State of every generator, as plain values and tensors for a checkpoint."""
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


def set_random_state(state: RandomState) -> None:
    """Restore every generator to a state of `get_random_state`.

    Example:
        >>> before = get_random_state()
        >>> first = torch.rand(2)
        >>> set_random_state(before)
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
def fork_rng() -> Iterator[None]:
    """Restore every generator when the block ends.

    Example:
        >>> with fork_rng():
        ...     first = torch.rand(2)
        >>> bool((torch.rand(2) == first).all())
        True
    """
    before = get_random_state()
    try:
        yield
    finally:
        set_random_state(before)
