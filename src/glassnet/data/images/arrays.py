"""Images that are arrays already: IDX files as MNIST has them, and NumPy's `.npz`."""

from __future__ import annotations

import re
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from glassnet.data.images import idx, image_files, shapes
from glassnet.data.listing import PART_NAMES, PARTS, UNLABELLED, inside, shown, some
from glassnet.data.pool import Pool, content, digest
from glassnet.data.problems.problem import ReportProblem, speak
from glassnet.errors import DataError

Role = tuple[str, str]
"""What an array is: its part, and `images` or `labels`."""

IDX_PARTS = PART_NAMES | {"t10k": "test"}
IDX_NAME = re.compile(rf"({'|'.join(IDX_PARTS)})-(images|labels)[.-]idx[134]-ubyte(\.gz)?")

ROLES: dict[str, Role] = {"images": ("train", "images"), "labels": ("train", "labels")}
ROLES |= {f"x_{name}": (part, "images") for name, part in PART_NAMES.items()}
ROLES |= {f"y_{name}": (part, "labels") for name, part in PART_NAMES.items()}
"""What the arrays of an `.npz` file may be called."""

NPZ_HINT = "write it with numpy.savez and arrays named x_train, y_train, x_test, y_test"


def idx_files(folder: Path) -> dict[Role, Path]:
    """The files of a folder that are named as MNIST's; of two for one thing, the plain one.

    Where a folder holds nothing but one other, that one is looked into.
    """
    found: dict[Role, Path] = {}
    with suppress(OSError):  # whoever reads the folder next says why it cannot be read
        held = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "__")))
        if len(held) == 1 and held[0].is_dir() and not held[0].is_symlink():
            return idx_files(held[0])
        for path in held:
            name = IDX_NAME.fullmatch(path.name)
            if name and path.is_file():
                found.setdefault((IDX_PARTS[name[1]], name[2]), path)
    return found


def read_idx(
    folder: Path, size: int | None, colour: str | None, report_problem: ReportProblem = speak
) -> Pool:
    """Read a folder of IDX files, plain or gzipped: `train-images-idx3-ubyte` and its like.

    Raises:
        DataError: a file is damaged or a link out of the folder, or images and labels do not fit
            each other.
    """
    files = {role: inside(folder, path, str(path)) for role, path in idx_files(folder).items()}
    found = {role: idx.read(path) for role, path in files.items()}
    return _pool(folder, found, tuple(files.values()), size, colour, report_problem)


def read_npz(
    path: Path, size: int | None, colour: str | None, report_problem: ReportProblem = speak
) -> Pool:
    """Read `x_train`, `y_train` and their like for `valid` and `test`, or `images` and `labels`.

    Raises:
        DataError: the file is damaged, holds pickled objects or other arrays, or images and labels
            do not fit each other.
    """
    try:
        found = _unpacked(path)
    except zipfile.BadZipFile:
        raise DataError(f"{path}: not a whole .npz file", NPZ_HINT) from None
    except (OSError, ValueError, EOFError, MemoryError, RuntimeError, zlib.error) as error:
        pickled = "it holds pickled objects" if "pickle" in str(error) else ""
        reason = pickled or shown(str(error)) or type(error).__name__
        raise DataError(f"{path}: cannot be read ({reason})", NPZ_HINT) from None
    return _pool(path, found, (path,), size, colour, report_problem)


def _unpacked(path: Path) -> dict[Role, np.ndarray]:
    with zipfile.ZipFile(path) as packed:
        size = sum(member.file_size for member in packed.infolist())
    if size > shapes.MAX_BYTES:
        raise DataError(f"{path}: unpacks to {size / 2**30:.1f} GiB", "give fewer images")
    with np.load(path, allow_pickle=False) as held:
        if not ROLES.keys() & set(held.files):
            names = some([shown(name) for name in held.files]) or "no array"
            raise DataError(f"{path}: holds {names}", NPZ_HINT)
        return {role: held[name] for name, role in ROLES.items() if name in held.files}


def _pool(
    path: Path,
    found: dict[Role, np.ndarray],
    files: tuple[Path, ...],
    size: int | None,
    colour: str | None,
    report_problem: ReportProblem,
) -> Pool:
    parts = [part for part in PARTS if (part, "images") in found]
    if "train" not in parts:
        raise DataError(f"{path}: no training images", "name them as the documentation says")
    pixels = [_pixels(found[part, "images"], f"{path}: the {part} images") for part in parts]
    labels = [
        _labels(found.get((part, "labels")), len(held), f"{path}: the {part} labels")
        for part, held in zip(parts, pixels, strict=True)
    ]
    places = tuple(
        f"{part} image {k}"
        for part, held in zip(parts, pixels, strict=True)
        for k in range(len(held))
    )
    inputs = _fitted(pixels, size, colour, places, report_problem)
    return Pool(
        inputs=inputs,
        labels=tuple(label for part in labels for label in part),
        parts=tuple(np.repeat(parts, [len(held) for held in pixels]).tolist()),
        ids=np.concatenate([np.arange(len(held)) for held in pixels]),
        fingerprint=digest([f"{file.name}\0{content(file)}" for file in files], inputs.shape[1:]),
        places=places,
    )


def _pixels(array: np.ndarray, where: str) -> np.ndarray:
    """(n, H, W) or (n, H, W, 3 or 4) uint8."""
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    fits = array.ndim == 3 or (array.ndim == 4 and array.shape[3] in (3, 4))
    if not fits or not array.size:
        raise DataError(
            f"{where} have the shape {array.shape}",
            "give (n, height, width) or (n, height, width, 3)",
        )
    if array.dtype.kind in "biuf":
        low, high = array.min(), array.max()
        if array.dtype.kind in "iu" and low >= 0 and high <= 255:
            return array.astype(np.uint8, copy=False)
        if array.dtype.kind in "bf" and low >= 0 and high <= 1:
            return np.rint(array * np.float32(255)).astype(np.uint8)
        where += f" lie between {low} and {high} and"
    raise DataError(f"{where} are of type {array.dtype}", "give uint8, or floats from 0 to 1")


def _labels(array: np.ndarray | None, count: int, where: str) -> list[str]:
    if array is None:
        return [UNLABELLED] * count
    if array.shape == (count, 1):
        array = array[:, 0]
    if array.shape != (count,) or array.dtype.kind not in "biuU":
        raise DataError(
            f"{where} are {array.dtype} of the shape {array.shape} for {count:,} images",
            "give a whole number or a name for each image",
        )
    return [shown(str(label)) for label in array.tolist()]


def _fitted(
    pixels: list[np.ndarray],
    size: int | None,
    colour: str | None,
    places: tuple[str, ...],
    report_problem: ReportProblem,
) -> np.ndarray:
    """All parts' images in one shape, one part after the other."""
    sizes = np.repeat(
        [(part.shape[2], part.shape[1]) for part in pixels], [len(part) for part in pixels], axis=0
    )
    shape = shapes.choose(sizes, all(part.ndim == 3 for part in pixels), size, colour)
    for problem in shapes.change(sizes, places, shape, size):
        report_problem(problem)
    wanted = shapes.axes(shape)
    return np.concatenate(
        [
            part
            if part.shape[1:] == wanted
            else np.stack([image_files.fit(Image.fromarray(image), shape) for image in part])
            for part in pixels
        ]
    )
