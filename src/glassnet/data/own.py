"""The user's own images: from a path to training, validation and test examples."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from glassnet.contract import Splits
from glassnet.data import arrays, decode, folders, images, pool, shapes, tables
from glassnet.errors import DataError

FORMS = "give a folder of images, a .csv or .tsv table of them, or an .npz file"


def load(
    name: str, *, seed: int, valid_fraction: float, size: int | None, colour: str | None
) -> Splits:
    """Load the images that a path leads to.

    Args:
        name: a folder with a folder per class, a folder of images or of IDX files, a CSV or TSV
            table with columns of images and labels, or an `.npz` file.
        seed: chooses the validation examples where there is no validation part; at least 0.
        valid_fraction: the share of the training part held out for validation, in (0, 1).
        size: the side in pixels of the squares that all become; None keeps a size that all share.
        colour: `grey`, `rgb`, or None for grey if all are.

    Returns:
        Its name is the absolute path. Inputs are (n, height, width) uint8, or (n, height, width,
        3); ids are positions in the sorted list of the image files, or in an array's part.

    Raises:
        DataError: there is no such path, or what is there does not make a data set.
        UsageError: a number or the colour is out of range.
    """
    shapes.check_request(size, colour)
    path = located(name)
    found = _read(path, size, colour)
    return pool.divide(found, str(path), seed=seed, valid_fraction=valid_fraction)


def exists(name: str) -> bool:
    """Whether a name leads to a file or folder."""
    try:
        return bool(name) and Path(name).exists()
    except OSError:
        return False


def located(name: str) -> Path:
    """The absolute path, links followed, so that another working directory does not matter.

    Raises:
        DataError: there is no such file or folder, or it cannot be read.
    """
    try:
        path = Path(name).expanduser()
        path.stat()
        path = path.resolve()
        str(path).encode()  # it will stand in JSON
        return path
    except FileNotFoundError:
        raise DataError(f"{name!r}: there is no such file or folder", _nearby(path)) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{name!r}: cannot be read ({reason})", "check the path") from None


def _nearby(path: Path) -> str:
    try:
        near = get_close_matches(path.name, os.listdir(path.parent), n=1)  # noqa: PTH208
    except OSError:
        near = []
    if near:
        return f"did you mean {path.with_name(near[0])}?"
    return "check the path; one that does not begin with / starts in the working directory"


def _read(path: Path, size: int | None, colour: str | None) -> pool.Pool:
    if path.is_dir():
        if arrays.idx_files(path):
            return arrays.read_idx(path, size, colour)
        return decode.read(folders.find(path), size, colour)
    ending = path.suffix.lower()
    if ending == ".npz":
        return arrays.read_npz(path, size, colour)
    if ending in {".csv", ".tsv"}:
        return decode.read(tables.read(path), size, colour)
    what = "one image" if ending in images.ENDINGS else "no form of data that is known"
    raise DataError(f"{path}: {what}", FORMS)
