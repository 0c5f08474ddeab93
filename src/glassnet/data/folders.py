"""Folders of images: a folder per class, or no classes, under `train`, `valid`, `test` or not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from glassnet.data import images
from glassnet.data.listing import PART_NAMES, UNLABELLED, Item, Listing, inside, shown, some
from glassnet.errors import DataError

FORMATS = "PNG, JPEG, WebP, BMP, GIF, TIFF and PGM files are read"


def find(root: Path) -> Listing:
    """List the images under a folder; each one's part and class are its first folders' names.

    What begins with `.` or `__`, files that are no images by their names, links to folders, and
    images beside the parts are skipped, and counted in a note. Folders within a class's folder
    belong to the class.

    Args:
        root: the folder, without links in its path.

    Raises:
        DataError: there are no images, a class or a part is empty, images lie beside class folders,
            or a link leads out of the root.
    """
    files, folders, skipped = _walk(root)
    depth = 1 if _has_parts(root, folders) else 0
    if depth:
        skipped += [name for name in files if not _in_part(name)]
        files = {name: path for name, path in files.items() if _in_part(name)}
        folders = [name for name in folders if _in_part(name)]
    if not files:
        raise DataError(f"{root}: no images in it", FORMATS)
    _check_filled(root, files, folders, depth)
    items = tuple(_item(name, files[name], depth) for name in sorted(files))
    _check_even(root, items, depth)
    return Listing(root, items, _notes(skipped))


def _walk(root: Path) -> tuple[dict[str, Path], list[str], list[str]]:
    """Name -> path of the images, the folders' names, and the names of what is skipped."""
    files: dict[str, Path] = {}
    folders: list[str] = []
    skipped: list[str] = []
    waiting = [root]
    while waiting:
        for entry in _entries(waiting.pop()):
            name = shown(os.path.relpath(entry.path, root))
            if entry.name.startswith((".", "__")):  # __MACOSX, __pycache__
                skipped.append(name)
                continue
            if entry.is_symlink():
                inside(root, Path(entry.path), str(root / name))
            if entry.is_dir(follow_symlinks=False):
                folders.append(name)
                waiting.append(Path(entry.path))
            elif entry.is_file() and Path(entry.name).suffix.lower() in images.ENDINGS:
                files[name] = Path(entry.path)
            else:
                skipped.append(name)
    return files, folders, skipped


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be read ({error.strerror})", "check who may read it"
        ) from None


def _item(name: str, path: Path, depth: int) -> Item:
    *above, _ = PurePosixPath(name).parts
    label = above[depth] if len(above) > depth else UNLABELLED
    return Item(name, path, label, PART_NAMES[above[0].lower()] if depth else "train")


def _has_parts(root: Path, folders: list[str]) -> bool:
    """Whether there is a train folder, with other parts or alone; `train` may be a class too."""
    tops = {name for name in folders if "/" not in name}
    parts = {PART_NAMES[name.lower()] for name in tops if _in_part(name)}
    if parts and "train" not in parts and all(map(_in_part, tops)):
        raise DataError(f"{root}: there is no train folder", "name one of its folders train")
    return "train" in parts and (len(parts) > 1 or all(map(_in_part, tops)))


def _in_part(name: str) -> bool:
    return name.partition("/")[0].lower() in PART_NAMES


def _check_filled(root: Path, files: dict[str, Path], folders: list[str], depth: int) -> None:
    """Refuse a class or a part without an image; deeper folders may be empty."""
    filled = {str(parent) for name in files for parent in PurePosixPath(name).parents}
    for name in sorted(folders):
        if name.count("/") <= depth and name not in filled:
            raise DataError(f"{root / name}: no images in it", "fill it, or take it away")


def _check_even(root: Path, items: tuple[Item, ...], depth: int) -> None:
    """Refuse a folder that has images both beside its class folders and in them."""
    labelled = {item.part for item in items if item.name.count("/") > depth}
    beside = [i.name for i in items if i.name.count("/") == depth and i.part in labelled]
    if beside:
        raise DataError(
            f"{root}: {len(beside):,} images lie beside the class folders: {some(beside)}",
            "put each into its class's folder, or all into one folder without others",
        )


def _notes(skipped: list[str]) -> tuple[str, ...]:
    if not skipped:
        return ()
    first = min(skipped)
    told = f"skipped {len(skipped):,} files or folders that are hidden, no images or in no part"
    return (f"{told}, as {first}",)
