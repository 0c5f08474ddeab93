"""Copies of run folders of session fixtures, for tests that change them."""

from __future__ import annotations

import shutil
from pathlib import Path


def copy_run(folder: Path, root: Path) -> Path:
    """Copy a run folder to another root, under the same name."""
    return Path(shutil.copytree(folder, root / folder.name))
