"""Small pictures, drawn for a test and saved as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(
    path: Path, size: tuple[int, int] = (12, 12), mode: str = "L", seed: int = 0, **options: Any
) -> Path:
    """Save noise of this (width, height) and mode, `L` or `RGB`; makes the folders above it."""
    shape = (size[1], size[0]) if mode == "L" else (size[1], size[0], 3)
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def classes(root: Path, *names: str, n: int = 5, **options: Any) -> Path:
    """A folder per name, each with n pictures that no other has."""
    for k, name in enumerate(names):
        for i in range(n):
            picture(root / name / f"{i}.png", seed=1000 * k + i, **options)
    return root


def damage(path: Path) -> Path:
    """Cut a file in half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path
