"""Small image files for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def save_noise(
    path: Path, size: tuple[int, int] = (12, 12), mode: str = "L", seed: int = 0, **options: Any
) -> Path:
    """Save noise of this (width, height) and mode, `L` or `RGB`; parent folders are created."""
    shape = (size[1], size[0]) if mode == "L" else (size[1], size[0], 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def class_folders(root: Path, *names: str, n: int = 5, **options: Any) -> Path:
    """Create a folder per name, each with n different images."""
    for k, name in enumerate(names):
        for i in range(n):
            save_noise(root / name / f"{i}.png", seed=1000 * k + i, **options)
    return root


def truncate(path: Path) -> Path:
    """Truncate a file to half of its size."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path
