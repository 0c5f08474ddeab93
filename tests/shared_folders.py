"""Folders that one process of a test session makes and all of them read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(
    name: str, make: Callable[[Path], object], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of that name; the first process that asks for it makes it, others wait."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder = root / "shared" / name
    complete = folder.with_suffix(".complete")
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            complete.touch()
    return folder


def run_made_once(
    name: str, make: Callable[[Path], object], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The one run folder in such a folder."""
    (run,) = made_once(name, make, tmp_path_factory).iterdir()
    return run
