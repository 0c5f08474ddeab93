"""The user's own images: from a path to training, validation and test examples."""

from __future__ import annotations

import hashlib
import os
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from glassnet.contract import Splits
from glassnet.data import folders, pool
from glassnet.data.images import arrays, decode, image_files, shapes, tables
from glassnet.data.listing import some
from glassnet.data.problems import duplicates
from glassnet.data.problems.problem import WARNING, Problem, ReportProblem, counted, single, speak
from glassnet.errors import DataError

FLAT = 2
"""The most by which the pixels of an image of a single colour differ."""

FORMS = "give a folder of images, a .csv or .tsv table of them, or an .npz file"


def load(
    name: str,
    *,
    seed: int,
    valid_fraction: float,
    size: int | None,
    colour: str | None,
    report_problem: ReportProblem = speak,
) -> Splits:
    """Load the images that a path leads to.

    Args:
        name: a folder with a folder per class, a folder of images or of IDX files, a CSV or TSV
            table with columns of images and labels, or an `.npz` file.
        seed: chooses the validation examples where there is no validation part; at least 0.
        valid_fraction: the share of the training part held out for validation, in (0, 1).
        size: the side in pixels of the squares that all become; None keeps a size that all share.
        colour: `grey`, `rgb`, or None for grey if all are.
        tell: takes what is wrong or worth knowing.

    Returns:
        Its name is the absolute path. Inputs are (n, height, width) uint8, or (n, height, width,
        3); ids are positions in the sorted list of the image files, or in an array's part.

    Raises:
        DataError: there is no such path, or what is there does not make a data set.
        UsageError: a number or the colour is out of range.
    """
    found = read(name, size, colour, report_problem)
    path = str(located(name))
    return pool.divide(
        found, path, seed=seed, valid_fraction=valid_fraction, report_problem=report_problem
    )


def read(
    name: str, size: int | None, colour: str | None, report_problem: ReportProblem
) -> pool.Pool:
    """Read the images that a path leads to, each once; arguments and errors are those of `load`."""
    shapes.check_request(size, colour)
    found = _read(located(name), size, colour, report_problem)
    _report_flat(found, report_problem)
    keys = [hashlib.blake2b(image, digest_size=16).digest() for image in found.inputs]
    once = duplicates.once(
        keys, found.labels, found.parts, found.places, found.noun, report_problem
    )
    return found.keep(once)


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


def _read(
    path: Path, size: int | None, colour: str | None, report_problem: ReportProblem
) -> pool.Pool:
    if path.is_dir():
        if arrays.idx_files(path):
            return arrays.read_idx(path, size, colour, report_problem)
        return decode.read(folders.find(path), size, colour, report_problem)
    ending = path.suffix.lower()
    if ending == ".npz":
        return arrays.read_npz(path, size, colour, report_problem)
    if ending in {".csv", ".tsv"}:
        return decode.read(tables.read(path), size, colour, report_problem)
    what = "one image" if ending in image_files.ENDINGS else "no form of data that is known"
    raise DataError(f"{path}: {what}", FORMS)


def _report_flat(found: pool.Pool, report_problem: ReportProblem) -> None:
    pixels = found.inputs.reshape(len(found.inputs), -1, *found.inputs.shape[3:])
    flat = np.flatnonzero((np.ptp(pixels, axis=1).reshape(len(pixels), -1) <= FLAT).all(axis=1))
    if len(flat):
        names = [found.places[k] for k in flat]
        text = f"{counted(len(flat), found.noun)} of a single colour: {some(names)}"
        report_problem(Problem("flat", WARNING, text, places=single(names)))
