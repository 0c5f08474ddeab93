"""Folders of texts: a folder of `.txt` files per class, under `train`, `valid`, `test` or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from glassnet.data.listing import PART_NAMES, inside, shown, some
from glassnet.errors import DataError

ENDING = ".txt"


@dataclass(frozen=True)
class TextFile:
    """One text: its path, its name within the folder, its class (may be empty) and its part."""

    path: Path
    name: str
    label: str
    part: str


def find(root: Path) -> tuple[list[TextFile], tuple[str, ...]]:
    """List the text files under a folder; each one's part and class are its first folders' names.

    What begins with `.` or `__` and what is no `.txt` file is passed over. Texts beside the parts,
    or beside the folders of classes, are left out, and told of in a note.

    Args:
        root: the folder, without links in its path.

    Returns:
        The files, sorted by name, and notes for the person.

    Raises:
        DataError: there are none, or a link leads out of the root.
    """
    paths = _paths(root)
    names = list(paths)
    depth = 1 if _has_parts(names) else 0
    in_parts = [name for name in names if not depth or _part(name)]
    labelled = any(name.count("/") > depth for name in in_parts)
    kept = [name for name in in_parts if not labelled or name.count("/") > depth]
    if not kept:
        raise DataError(f"{root}: no {ENDING} files in it", "give a folder of texts per class")
    left = sorted(set(names) - set(kept))
    notes = (f"{len(left):,} files left out, which are in no class: {some(left)}",) if left else ()
    return [_file(paths[name], name, depth) for name in kept], notes


def _paths(root: Path) -> dict[str, Path]:
    """Name -> path of the text files, sorted by name."""
    try:
        found = {
            shown(path.relative_to(root).as_posix()): path
            for path in root.rglob("*")
            if path.suffix.lower() == ENDING and not _hidden(path.relative_to(root))
        }
    except OSError as error:
        raise DataError(
            f"{root}: cannot be read ({error.strerror})", "check who may read it"
        ) from None
    for name, path in found.items():
        if path.is_symlink():
            inside(root, path, str(root / name))
    return {name: found[name] for name in sorted(found) if found[name].is_file()}


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__")) for part in path.parts)


def _has_parts(names: Sequence[str]) -> bool:
    """Whether there is a train folder, with other parts or alone; `train` may be a class too."""
    tops = {name.partition("/")[0] for name in names if "/" in name}
    parts = {PART_NAMES.get(top.lower(), "") for top in tops}
    return "train" in parts and (len(parts - {""}) > 1 or "" not in parts)


def _part(name: str) -> str:
    top, slash, _ = name.partition("/")
    return PART_NAMES.get(top.lower(), "") if slash else ""


def _file(path: Path, name: str, depth: int) -> TextFile:
    above = PurePosixPath(name).parts[:-1]
    label = above[depth] if len(above) > depth else ""
    return TextFile(path, name, label, _part(name) if depth else "train")
