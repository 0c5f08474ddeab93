"""The user's own labelled images: a folder, table, IDX or NumPy file read into a pool."""

import hashlib
from collections import Counter
from pathlib import Path

import numpy as np

from glassnet.data import folders, groups, paths, structure
from glassnet.data.images import arrays, columns, decode, image_files, pixels, shapes
from glassnet.data.options import ReadOptions
from glassnet.data.pool import Pool
from glassnet.data.problems import duplicates
from glassnet.data.problems.problem import (
    REFUSAL,
    WARNING,
    Problem,
    ReportProblem,
    counted,
    first_few,
    ungrouped,
)
from glassnet.data.split_names import SplitNames
from glassnet.errors import DataError

FLAT = 2
"""Maximum range of the pixel values, 0 to 255, of an image of a single colour."""

FLAT_HINT = "open one of them in an image viewer, and replace them by images that show something"

HINT = "give a folder of images, a .csv, .tsv, .jsonl or .json table of them, or an .npz file"


def read_pool(name: str, options: ReadOptions, report_problem: ReportProblem) -> Pool:
    """Read the images that a path leads to, leaving out duplicates.

    Args:
        name: a folder with a folder per class, a folder of images or of IDX files, a table with
            columns of image paths and classes, or an `.npz` file.
        options: how they are read. Without a size, one that all of them have is kept; without a
            colour they are grey if all of them are.
        report_problem: receives each problem.

    Raises:
        DataError: there is no such path, or what is there is not a usable data set.
        UsageError: the size or the colour is out of range.
    """
    shapes.check_options(options.image_size, options.colour)
    pool = _read(name, options, report_problem)
    _report_single_colour(name, pool, report_problem)
    keys = [hashlib.blake2b(image, digest_size=16).digest() for image in pool.inputs]
    return pool.without_copies(
        duplicates.deduplicate(
            keys, pool.labels, pool.splits, pool.locations, pool.noun, report_problem
        )
    )


def _read(name: str, options: ReadOptions, report_problem: ReportProblem) -> Pool:
    path = paths.resolve(name)
    image_size, colour = options.image_size, options.colour
    split_names = SplitNames.parse(options.splits)
    found = structure.detect(path, split_names)
    structure.check_modality(found, name, "images")
    for problem in found.problems:
        report_problem(problem)
    if found.form == structure.IDX:
        groups.check_applies(path, options)
        return arrays.read_idx(path, image_size, colour, report_problem)
    if found.form == structure.NPZ:
        groups.check_applies(path, options)
        return arrays.read_npz(path, image_size, colour, report_problem)
    if found.form == structure.PIXELS:
        groups.check_applies(path, options, "group_column")
        return pixels.read_pool(found.tables, options, report_problem)
    if found.form == structure.FOLDER:
        groups.check_applies(path, options, "group_pattern")
        listing = folders.find(path, folders.IMAGES, split_names, options.group_pattern)
        listing = groups.grouped(listing, options.group_pattern)
        if len({item.label for item in listing.items}) == 1:
            _report_tables(path, report_problem)
        return decode.read_listing(listing, image_size, colour, report_problem)
    if found.form == structure.TABLE:
        groups.check_applies(path, options, "group_column", "group_pattern")
        listing = columns.read_tables(found.tables, options)
        if options.group_column is None:
            listing = groups.grouped(listing, options.group_pattern)
        return decode.read_listing(listing, image_size, colour, report_problem)
    if path.suffix.lower() in image_files.EXTENSIONS:
        raise DataError("a single image, not a data set", HINT, path)
    raise DataError(f"unsupported file type {paths.printable(path.suffix)!r}", HINT, path)


def _report_tables(path: Path, report_problem: ReportProblem) -> None:
    """Report tables that may have the classes of images without classes."""
    for table in structure.tables_of_images(path):
        name = table.relative_to(path).as_posix()
        text = f"{name} names images, but is not read: the images of a folder have one class"
        report_problem(Problem("table-of-images", WARNING, text, f"give {table} to read it"))


def _report_single_colour(name: str, pool: Pool, report_problem: ReportProblem) -> None:
    """Report images of a single colour; refuse the data if most of them are the same one."""
    pixels = pool.inputs.reshape(len(pool.inputs), -1, *pool.inputs.shape[3:])
    ranges = np.ptp(pixels, axis=1).reshape(len(pixels), -1)
    flat = np.flatnonzero((ranges <= FLAT).all(axis=1))
    if not len(flat):
        return
    names = [pool.locations[k] for k in flat]
    colours = Counter(tuple(np.ravel(pool.inputs[k][0, 0]).tolist()) for k in flat)
    colour, n = colours.most_common(1)[0]
    if 2 * n > len(pool.inputs):
        values = ", ".join(map(str, colour))
        text = (
            f"{name}: {n:,} of {counted(len(pool.inputs), pool.noun)} have the single colour "
            f"{values} of 0 to 255: {first_few(names)}"
        )
        report_problem(Problem("single-colour", REFUSAL, text, FLAT_HINT, ungrouped(names)))
    else:
        text = f"{counted(len(flat), pool.noun)} of a single colour: {first_few(names)}"
        report_problem(Problem("single-colour", WARNING, text, locations=ungrouped(names)))
