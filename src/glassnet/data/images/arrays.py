"""Images stored as arrays: IDX files in the layout of MNIST, and NumPy `.npz` files."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from PIL import Image

from glassnet import formats
from glassnet.contract import ValueRanges
from glassnet.data.images import idx, image_files, shapes, value_range
from glassnet.data.listing import SPLIT_NAMES, SPLITS, UNLABELLED
from glassnet.data.paths import printable, resolve_inside
from glassnet.data.pool import Pool, digest
from glassnet.data.problems.problem import (
    NOTE,
    WARNING,
    Problem,
    ReportProblem,
    counted,
    first_few,
    log_problem,
    ungrouped,
)
from glassnet.data.sources import file_digests
from glassnet.data.split_names import KNOWN
from glassnet.errors import DataError

Role = tuple[str, str]
"""The meaning of an array: its split, and `images` or `labels`."""

IDX_SPLITS = SPLIT_NAMES | {"t10k": "test"}
IDX_NAME = re.compile(rf"({'|'.join(IDX_SPLITS)})-(images|labels)[.-]idx[134]-ubyte(\.gz)?")

CONTENTS = {
    **dict.fromkeys(("x", "images", "image", "data"), "images"),
    **dict.fromkeys(("y", "labels", "label", "targets", "target"), "labels"),
}
"""The word for an array in an `.npz` file -> what it contains."""

WORDS = "|".join(CONTENTS)
ARRAY_NAME = re.compile(
    rf"(?P<first>{WORDS})(?:[_-]?(?P<after>.+))?|(?P<before>.+?)[_-]?(?P<last>{WORDS})"
)
"""`x`, `x_train`, `X_dev`, `train_images`, in lower case."""

NPZ_HINT = "write it with numpy.savez and arrays named x_train, y_train, x_test, y_test"
PIXELS_HINT = "give integers, floats or booleans"

BLOCK = 1000
"""Images that are scaled at once."""


def idx_files(folder: Path) -> dict[Role, Path]:
    """The files of a folder that are named like MNIST's; plain files are preferred to gzipped ones.

    If a folder contains nothing but another folder, the files are those of that one.
    """
    files: dict[Role, Path] = {}
    with suppress(OSError):  # whoever reads the folder next reports why it cannot be read
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "__")))
        if len(paths) == 1 and paths[0].is_dir() and not paths[0].is_symlink():
            return idx_files(paths[0])
        for path in paths:
            name = IDX_NAME.fullmatch(path.name)
            if name and path.is_file():
                files.setdefault((IDX_SPLITS[name[1]], name[2]), path)
    return files


def read_idx(
    folder: Path,
    image_size: int | None,
    colour: str | None,
    report_problem: ReportProblem = log_problem,
) -> Pool:
    """Read a folder of IDX files, plain or gzipped, such as `train-images-idx3-ubyte`.

    Raises:
        DataError: a file is damaged or a link out of the folder, or the numbers of images and
            labels differ.
    """
    files = {
        role: resolve_inside(folder, path, str(path)) for role, path in idx_files(folder).items()
    }
    arrays = {role: idx.read(path) for role, path in files.items()}
    by_name = {path.name: path for path in files.values()}
    return make_pool(folder, arrays, by_name, image_size, colour, report_problem)


def read_npz(
    path: Path,
    image_size: int | None,
    colour: str | None,
    report_problem: ReportProblem = log_problem,
) -> Pool:
    """Read the arrays `x_train`, `y_train`, `x_valid` and so on, or `images` and `labels`.

    Splits have the names that folders can have. Other arrays are left out and reported.

    Raises:
        DataError: the file is damaged, contains pickled objects or no arrays of images, or the
            numbers of images and labels differ.
    """
    try:
        arrays, others = _load_npz(path)
    except ValueError as error:
        reason = printable(str(error))
        raise DataError(f"cannot be read ({reason})", NPZ_HINT, path) from None
    if others:
        names = [printable(name) for name in others]
        text = f"{path.name}: {counted(len(names), 'arrays')} left out: {first_few(names)}"
        report_problem(Problem("other-arrays", WARNING, text, NPZ_HINT, ungrouped(names)))
    return make_pool(path, arrays, {"": path}, image_size, colour, report_problem)


def _load_npz(path: Path) -> tuple[dict[Role, np.ndarray], list[str]]:
    """The arrays with a role, and the names of the others."""
    with formats.open_npz(path) as archive:
        files = formats.array_names(archive)
        roles = roles_of(files)
        if not roles:
            names = first_few([printable(name) for name in files]) or "no array"
            raise DataError(f"contains {names}, but no array of images", NPZ_HINT, path)
        others = [name for name in files if name not in roles.values()]
        return {role: formats.read_array(archive, name) for role, name in roles.items()}, others


def roles_of(names: Sequence[str]) -> dict[Role, str]:
    """The arrays of an `.npz` file that are images or labels of a split, by role.

    Example:
        >>> roles_of(["train_images", "train_labels", "X_dev", "mean"])
        {('train', 'images'): 'train_images', ('train', 'labels'): 'train_labels', \
('test', 'images'): 'X_dev'}
    """
    found: dict[str, tuple[str, str]] = {}
    for name in names:
        if match := ARRAY_NAME.fullmatch(name.casefold()):
            word = match["first"] or match["last"]
            found[name] = (match["after"] or match["before"] or "train", CONTENTS[word])
    splits = KNOWN.find(dict.fromkeys(split for split, _ in found.values()))
    roles: dict[Role, str] = {}
    for name, (split, content) in found.items():
        if split in splits:
            roles.setdefault((splits[split], content), name)
    return {role: name for role, name in roles.items() if (role[0], "images") in roles}


def make_pool(
    path: Path,
    arrays: dict[Role, np.ndarray],
    files: Mapping[str, Path],
    image_size: int | None,
    colour: str | None,
    report_problem: ReportProblem,
) -> Pool:
    """The pool of arrays of images, and of labels if there are any.

    Args:
        path: what messages call the data set.
        arrays: (n, height, width) or (n, height, width, 3 or 4), and (n,) labels, by role.
        files: the files that they are from, by what distinguishes them in the fingerprint.
        image_size, colour: see `ReadOptions`.
        report_problem: receives each problem.

    Raises:
        DataError: there are no training images, or an array has another shape or type.
    """
    splits = [split for split in SPLITS if (split, "images") in arrays]
    if "train" not in splits:
        raise DataError(
            "no training images", "add them as x_train or train-images-idx3-ubyte", path
        )
    images = {
        split: _checked(arrays[split, "images"], f"{path}: the {split} images") for split in splits
    }
    ranges = _ranges(path, images, report_problem)
    pixels = [_to_8_bits(array, ranges) for array in images.values()]
    labels = [
        _labels(arrays.get((split, "labels")), len(images), f"{path}: the {split} labels")
        for split, images in zip(splits, pixels, strict=True)
    ]
    locations = tuple(
        f"{split} image {k}"
        for split, images in zip(splits, pixels, strict=True)
        for k in range(len(images))
    )
    inputs = _resized(pixels, image_size, colour, locations, report_problem)
    with file_digests.cached() as sha256:
        contents = [f"{name}\0{sha256(file)}" for name, file in files.items()]
    return Pool(
        inputs=inputs,
        labels=tuple(label for names in labels for label in names),
        splits=tuple(np.repeat(splits, [len(images) for images in pixels]).tolist()),
        ids=np.concatenate([np.arange(len(images)) for images in pixels]),
        fingerprint=digest(contents, inputs.shape[1:]),
        locations=locations,
        value_ranges=ranges,
    )


def _checked(array: np.ndarray, where: str) -> np.ndarray:
    """The images as (n, H, W) or (n, H, W, 3 or 4) numbers."""
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    fits = array.ndim == 3 or (array.ndim == 4 and array.shape[3] in (3, 4))
    if not fits or not array.size:
        raise DataError(
            f"{where} have shape {array.shape}",
            "give (n, height, width) or (n, height, width, 3)",
        )
    if array.dtype.kind not in "biuf":
        raise DataError(f"{where} are of type {array.dtype}", PIXELS_HINT)
    if array.dtype.kind == "f" and (n_bad := int(array.size - np.isfinite(array).sum())):
        raise DataError(
            f"{n_bad:,} of {array.size:,} pixels are NaN or infinite",
            "replace them by numbers, or leave the images out",
            where,
        )
    return array


def _kind(array: np.ndarray) -> str:
    """The kind of values that are scaled by their range; empty for 8-bit images and booleans."""
    if array.dtype == np.uint8 or array.dtype.kind == "b":
        return ""
    return value_range.FLOATS if array.dtype.kind == "f" else value_range.INTEGERS


def _ranges(
    path: Path, images: dict[str, np.ndarray], report_problem: ReportProblem
) -> ValueRanges:
    """The range of each kind of values in the arrays of all splits, which is reported."""
    ranges = {}
    for kind in (value_range.INTEGERS, value_range.FLOATS):
        of_kind = {split: array for split, array in images.items() if _kind(array) == kind}
        if not of_kind:
            continue
        ends = np.array([(float(array.min()), float(array.max())) for array in of_kind.values()])
        low, high = ends[:, 0].min(), ends[:, 1].max()
        ranges[kind] = chosen = value_range.choose(low, high, kind)
        if chosen not in ((0, 1), (0, 255)):
            text = f"{path}: {value_range.described(low, high, chosen)}"
            report_problem(Problem("deep", NOTE, text))
        highs = np.abs(ends).max(axis=1)
        for problem in value_range.differing_splits(str(path), list(of_kind), highs, kind):
            report_problem(problem)
    return ranges


def _to_8_bits(array: np.ndarray, ranges: ValueRanges) -> np.ndarray:
    if array.dtype.kind == "b":
        return array * np.uint8(255)
    low, high = ranges.get(_kind(array), (0, 255))
    if (low, high) == (0, 255) and array.dtype.kind in "iu":
        return array.astype(np.uint8, copy=False)
    if (low, high) == (0, 1):
        return np.rint(array * np.float32(255)).astype(np.uint8)
    return np.concatenate([value_range.to_bytes(images, (low, high)) for images in _blocks(array)])


def _blocks(array: np.ndarray) -> list[np.ndarray]:
    """The images in blocks, which bounds the memory for intermediate values."""
    return [array[start : start + BLOCK] for start in range(0, len(array), BLOCK)]


def _labels(array: np.ndarray | None, n: int, where: str) -> list[str]:
    if array is None:
        return [UNLABELLED] * n
    if array.shape == (n, 1):
        array = array[:, 0]
    if array.shape != (n,) or array.dtype.kind not in "biuU":
        raise DataError(
            f"{where} are {array.dtype} of shape {array.shape} for {n:,} images",
            "give a whole number or a name for each image",
        )
    return [printable(str(label)) for label in array.tolist()]


def _resized(
    pixels: list[np.ndarray],
    image_size: int | None,
    colour: str | None,
    locations: tuple[str, ...],
    report_problem: ReportProblem,
) -> np.ndarray:
    """The images of all splits in one shape, one split after the other."""
    sizes = np.repeat(
        [(images.shape[2], images.shape[1]) for images in pixels],
        [len(images) for images in pixels],
        axis=0,
    )
    shape = shapes.choose(sizes, all(images.ndim == 3 for images in pixels), image_size, colour)
    for problem in shapes.resizing_problems(sizes, locations, shape, image_size):
        report_problem(problem)
    array_shape = shapes.array_shape(shape)
    return np.concatenate(
        [
            images
            if images.shape[1:] == array_shape
            else np.stack([image_files.fit(Image.fromarray(image), shape) for image in images])
            for images in pixels
        ]
    )
