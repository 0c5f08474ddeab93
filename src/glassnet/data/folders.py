"""Folders of images or texts: a folder per class, or no classes, under `train`, `test` or not."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from glassnet.data.images import image_files
from glassnet.data.listing import (
    PART_NAMES,
    UNLABELLED,
    Item,
    Listing,
    is_inside,
    outside,
    shown,
    some,
)
from glassnet.data.problems.problem import NOTE, WARNING, Problem, counted, single
from glassnet.data.texts import encoding
from glassnet.errors import DataError

LEFT_BY_SYSTEMS = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini"}
"""What systems leave in folders, in lower case; nobody needs to hear of it."""

Names = tuple[str, ...]
"""A path within the root, folder by folder."""


@dataclass(frozen=True)
class Sort:
    """Which files are looked for.

    Attributes:
        noun: what they are called.
        files: what their files are called.
        endings: of their names, in lower case.
        unlabelled: the class of those that have none.
        hint: what to do where there are none.
    """

    noun: str
    files: str
    endings: frozenset[str]
    unlabelled: str
    hint: str


IMAGES = Sort(
    "images",
    "images",
    frozenset(image_files.ENDINGS),
    UNLABELLED,
    "PNG, JPEG, WebP, BMP, GIF, TIFF and PGM files are read",
)
TEXTS = Sort(
    "texts",
    f"{encoding.ENDING} files",
    frozenset({encoding.ENDING}),
    "",
    "give a folder of texts per class",
)


def find(root: Path, sort: Sort = IMAGES) -> Listing:
    """List the files of a sort under a folder; part and class are its first folders' names.

    One folder around all of them is looked into. Left out, and told of, are what begins with `.` or
    `__`, files that are not of the sort by their names, links to folders and out of the root, files
    beside the parts or beside the folders of classes, and classes without a file. Folders within a
    class's folder belong to the class.

    Args:
        root: the folder, without links in its path.
        sort: what is looked for.

    Raises:
        DataError: there are none, no training part, or more beside the folders of classes than
            in them.
    """
    tree = _walk(root, sort.endings)
    problems = list(outside(root, sorted(tree.outside)))
    if not tree.files:
        raise DataError(f"{root}: no {sort.files} in it", sort.hint)
    plan = _plan(root, tree)
    if plan.wrapper:
        told = f"all {sort.noun} lie in {'/'.join(plan.wrapper)}, which is taken for no class"
        problems.append(Problem("wrapper", NOTE, told, places=(("/".join(plan.wrapper),),)))
    kept, more = _in_classes(root, tree, plan, sort)
    problems += more
    items = [Item(name, tree.files[name], *plan.place(name, sort.unlabelled)) for name in kept]
    return Listing(root, tuple(items), tuple(problems))


@dataclass
class Tree:
    """Name -> path of the files that are looked for; names of folders, and of what is passed over.

    What is `outside` are links that lead out of the root.
    """

    files: dict[str, Path] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    @cached_property
    def names(self) -> list[Names]:
        """The files' names, folder by folder, in order."""
        return [PurePosixPath(name).parts for name in sorted(self.files)]


@dataclass(frozen=True)
class Plan:
    """What the folders above the files mean.

    Attributes:
        wrapper: the folders that stand around everything.
        parts: folder under these -> the part that it is; empty where there are no parts.
        doubled: those of the parts' folders that hold only a folder of the same name.
    """

    wrapper: Names
    parts: dict[str, str]
    doubled: frozenset[str]

    def below(self, names: Names) -> tuple[str, Names] | None:
        """The part of a file or folder and its path below that; None if it is in no part."""
        rest = names[len(self.wrapper) :]
        if names[: len(self.wrapper)] != self.wrapper or not rest:
            return None
        if not self.parts:
            return "train", rest
        if rest[0] not in self.parts:
            return None
        return self.parts[rest[0]], rest[2:] if rest[0] in self.doubled else rest[1:]

    def place(self, name: str, unlabelled: str) -> tuple[str, str]:
        """Class and part of a file that is in a part."""
        part, rest = self.below(PurePosixPath(name).parts) or ("train", ())
        return rest[0] if len(rest) > 1 else unlabelled, part


def _walk(root: Path, endings: frozenset[str]) -> Tree:
    tree = Tree()
    waiting = [root]
    while waiting:
        for entry in _entries(waiting.pop()):
            name = shown(os.path.relpath(entry.path, root))
            if entry.name.lower() in LEFT_BY_SYSTEMS or entry.name.startswith("._"):
                continue
            if entry.name.startswith((".", "__")):  # .git, __pycache__
                tree.skipped.append(name)
                continue
            if entry.is_symlink() and not is_inside(root, Path(entry.path)):
                tree.outside.append(name)
            elif entry.is_dir(follow_symlinks=False):
                tree.folders.append(name)
                waiting.append(Path(entry.path))
            elif Path(entry.name).suffix.lower() in endings and Path(entry.path).is_file():
                tree.files[name] = Path(entry.path)
            else:
                tree.skipped.append(name)
    return tree


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be read ({error.strerror})", "check who may read it"
        ) from None


def _plan(root: Path, tree: Tree) -> Plan:
    wrapper = _wrapper(tree.names)
    tops = {
        names[len(wrapper)]
        for names in map(_names, tree.folders)
        if names[: len(wrapper)] == wrapper and len(names) > len(wrapper)
    }
    parts = _parts(root.joinpath(*wrapper), tops)
    below: dict[str, list[Names]] = {top: [] for top in parts}
    for names in tree.names:
        top, *rest = names[len(wrapper) :]
        if top in parts:
            below[top].append(tuple(rest))
    doubled = {
        top
        for top, held in below.items()
        if held and all(len(rest) > 1 and rest[0] == top for rest in held)
    }
    return Plan(wrapper, parts, frozenset(doubled))


def _names(name: str) -> Names:
    return PurePosixPath(name).parts


def _wrapper(files: list[Names]) -> Names:
    """The folders around all files that are no class: there are parts or several classes within.

    Example:
        >>> _wrapper([("photos", "cat", "a.png"), ("photos", "dog", "b.png")])
        ('photos',)
        >>> _wrapper([("cat", "home", "a.png"), ("cat", "home", "b.png")])
        ()
    """
    for depth in range(min(map(len, files)) - 1):
        tops = {names[depth] for names in files}
        if len(tops) > 1 or _known_part(next(iter(tops))):
            return files[0][:depth]
    return ()


def _known_part(folder: str) -> bool:
    return folder.lower() in PART_NAMES


def _parts(root: Path, tops: set[str]) -> dict[str, str]:
    """Folder -> part, where there is a train folder, with other parts or alone.

    `train` may be a class, too; `seg_train` and `seg_test` are parts, as they differ in that alone.
    """
    parts = {top: PART_NAMES[top.lower()] for top in tops if _known_part(top)}
    alone = len(parts) == len(tops)
    if parts and "train" not in parts.values() and alone:
        raise DataError(f"{root}: there is no train folder", "name one of its folders train")
    if "train" in parts.values() and (len(set(parts.values())) > 1 or alone):
        return parts
    alike: dict[str, dict[str, str]] = {}
    for top in tops:
        words = re.split("([^a-z]+)", top.lower())
        for k in (k for k, word in enumerate(words) if word in PART_NAMES):
            frame = "".join([*words[:k], "/", *words[k + 1 :]])
            alike.setdefault(frame, {})[top] = PART_NAMES[words[k]]
    for found in alike.values():
        if "train" in found.values() and len(set(found.values())) > 1:
            return found
    return {}


def _in_classes(root: Path, tree: Tree, plan: Plan, sort: Sort) -> tuple[list[str], list[Problem]]:
    """The names that are kept, in order, and what is told of the others."""
    below = {name: plan.below(_names(name)) for name in sorted(tree.files)}
    places = {name: found for name, found in below.items() if found}
    skipped = [*tree.skipped, *(name for name, found in below.items() if not found)]
    held = Counter(part for part, _ in places.values())
    labelled = Counter(part for part, rest in places.values() if len(rest) > 1)
    if plan.parts and not held["train"]:
        folder = next(top for top, part in plan.parts.items() if part == "train")
        raise DataError(
            f"{root.joinpath(*plan.wrapper, folder)}: no {sort.noun} in it",
            "fill it, or take it away",
        )
    bare = {part for part in held if labelled["train"] and not labelled[part]}
    beside = [name for name, (part, rest) in places.items() if len(rest) == 1 and labelled[part]]
    unknown = [name for name, (part, _) in places.items() if part in bare]
    if beside and 2 * len(beside) > len(places) - len(unknown):
        raise DataError(
            f"{root}: {len(beside):,} {sort.noun} lie beside the class folders: {some(beside)}",
            "put each into its class's folder, or all into one folder without others",
        )
    told = [
        _skipped(skipped, sort),
        _left(beside, "beside", f"{counted(len(beside), sort.noun)} beside the class folders"),
        _left(unknown, "no-classes", f"the {', '.join(sorted(bare))} part, which has no classes,"),
        _empty(tree, plan, places, sort),
    ]
    left = {*beside, *unknown}
    return [name for name in places if name not in left], [one for one in told if one]


def _left(names: list[str], kind: str, what: str) -> Problem | None:
    if not names:
        return None
    return Problem(kind, WARNING, f"{what} left out: {some(names)}", places=single(names))


def _skipped(names: list[str], sort: Sort) -> Problem | None:
    """What is told of files and folders that are passed over, by their endings."""
    if not names:
        return None
    names = sorted(names)
    endings = Counter(PurePosixPath(name).suffix.lower() for name in names)
    del endings[""]
    kinds = some([f"{ending} {n:,}" for ending, n in endings.most_common()])
    text = (
        f"skipped {len(names):,} files or folders that are hidden, no {sort.noun} or in no part"
        f"{f' ({kinds})' if kinds else ''}, as {names[0]}"
    )
    return Problem("skipped", NOTE, text, places=single(names))


def _empty(
    tree: Tree, plan: Plan, places: dict[str, tuple[str, Names]], sort: Sort
) -> Problem | None:
    """What is told of folders of parts and classes without a file; deeper ones may be empty."""
    filled = {str(parent) for name in places for parent in PurePosixPath(name).parents}
    empty = []
    for name in sorted(set(tree.folders) - filled):
        found = plan.below(_names(name))
        if found and len(found[1]) <= 1 and (plan.parts or found[1]):
            empty.append(name)
    outer = [name for name in empty if str(PurePosixPath(name).parent) not in empty]
    if not outer:
        return None
    what = f"{counted(len(outer), 'folders')} without {sort.noun} left out: {some(outer)}"
    return Problem("empty-folders", WARNING, what, places=single(outer))
