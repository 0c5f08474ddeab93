"""Copies of what a session's fixtures made, for tests that change it."""

from __future__ import annotations

import shutil
from pathlib import Path


def copied(folder: Path, root: Path) -> Path:
    """A run folder under another root, of the same name."""
    return Path(shutil.copytree(folder, root / folder.name))
