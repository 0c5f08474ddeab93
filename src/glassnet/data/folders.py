"""Folders of images or texts: a folder per class, or no classes, with or without split folders."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from glassnet.data import text_files
from glassnet.data.images import image_files
from glassnet.data.listing import SPLIT_NAMES, UNLABELLED, Item, Listing, paths_outside
from glassnet.data.paths import is_inside, printable
from glassnet.data.problems.problem import (
    NOTE,
    WARNING,
    Problem,
    counted,
    first_few,
    ungrouped,
)
from glassnet.errors import DataError

SYSTEM_FILES = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini"}
"""Files that operating systems create, in lower case; they are skipped without a note."""

Names = tuple[str, ...]
"""A path within the root, folder by folder."""


@dataclass(frozen=True)
class FileType:
    """Which files a listing contains.

    Attributes:
        noun: what the examples are called.
        files: what their files are called.
        extensions: of their files, in lower case.
        unlabelled: the class of those that have none.
        hint: what to do if there are none.
    """

    noun: str
    files: str
    extensions: frozenset[str]
    unlabelled: str
    hint: str


IMAGES = FileType(
    "images",
    "images",
    frozenset(image_files.EXTENSIONS),
    UNLABELLED,
    "add PNG, JPEG, WebP, BMP, GIF, TIFF or PGM files",
)
TEXTS = FileType(
    "texts",
    f"{text_files.EXTENSION} files",
    frozenset({text_files.EXTENSION}),
    "",
    "give a folder of texts per class",
)


def find(root: Path, file_type: FileType = IMAGES) -> Listing:
    """List the files of a type under a folder; its first folders name the split and the class.

    A single folder around all of them is skipped. Reported and left out are names that begin with
    `.` or `__`, files with other extensions, links to folders and out of the root, files outside
    the split folders or outside the class folders, and classes without files. Folders within a
    class folder belong to the class.

    Args:
        root: the folder, without links in its path.
        file_type: which files.

    Raises:
        DataError: there are none, there is no training split, or more files are outside the class
            folders than in them.
    """
    tree = _walk(root, file_type.extensions)
    problems = list(paths_outside(root, sorted(tree.outside)))
    if not tree.files:
        raise DataError(f"{root}: no {file_type.files} in it", file_type.hint)
    layout = _layout(root, tree)
    if layout.wrapper:
        wrapper = "/".join(layout.wrapper)
        text = f"all {file_type.noun} are in {wrapper}, which is not read as a class"
        problems.append(Problem("wrapper-folder", NOTE, text, locations=((wrapper,),)))
    names, more = _in_classes(root, tree, layout, file_type)
    items = [
        Item(name, tree.files[name], *layout.label_and_split(name, file_type.unlabelled))
        for name in names
    ]
    return Listing(root, tuple(items), (*problems, *more))


@dataclass
class Tree:
    """Everything under a folder, by name.

    Attributes:
        files: name -> path of the files of the type.
        folders: names of all folders.
        skipped: names of other files and of hidden folders.
        outside: names of links that lead out of the root.
    """

    files: dict[str, Path] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    @cached_property
    def names(self) -> list[Names]:
        """The sorted names of the files, each cut into folders."""
        return [PurePosixPath(name).parts for name in sorted(self.files)]


@dataclass(frozen=True)
class Layout:
    """What the folders above the files mean.

    Attributes:
        wrapper: the folders around everything.
        splits: folder below these -> its split; empty if there are no split folders.
        doubled: the split folders that contain only a folder of the same name.
    """

    wrapper: Names
    splits: dict[str, str]
    doubled: frozenset[str]

    def below_split(self, names: Names) -> tuple[str, Names] | None:
        """The split of a file or folder and its path below the split folder; None outside them."""
        rest = names[len(self.wrapper) :]
        if names[: len(self.wrapper)] != self.wrapper or not rest:
            return None
        if not self.splits:
            return "train", rest
        if rest[0] not in self.splits:
            return None
        return self.splits[rest[0]], rest[2:] if rest[0] in self.doubled else rest[1:]

    def label_and_split(self, name: str, unlabelled: str) -> tuple[str, str]:
        """Class and split of a file within a split."""
        split, rest = self.below_split(PurePosixPath(name).parts) or ("train", ())
        return rest[0] if len(rest) > 1 else unlabelled, split


def _walk(root: Path, extensions: frozenset[str]) -> Tree:
    tree = Tree()
    folders = [root]
    while folders:
        for entry in _entries(folders.pop()):
            name = printable(os.path.relpath(entry.path, root))
            if entry.name.lower() in SYSTEM_FILES or entry.name.startswith("._"):
                continue
            if entry.name.startswith((".", "__")):  # .git, __pycache__
                tree.skipped.append(name)
                continue
            if entry.is_symlink() and not is_inside(root, Path(entry.path)):
                tree.outside.append(name)
            elif entry.is_dir(follow_symlinks=False):
                tree.folders.append(name)
                folders.append(Path(entry.path))
            elif Path(entry.name).suffix.lower() in extensions and Path(entry.path).is_file():
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
            f"{folder}: cannot be read ({error.strerror})", "check its permissions"
        ) from None


def _layout(root: Path, tree: Tree) -> Layout:
    wrapper = _wrapper(tree.names)
    tops = {
        names[len(wrapper)]
        for names in map(_names, tree.folders)
        if names[: len(wrapper)] == wrapper and len(names) > len(wrapper)
    }
    splits = _split_folders(root.joinpath(*wrapper), tops)
    below: dict[str, list[Names]] = {top: [] for top in splits}
    for names in tree.names:
        top, *rest = names[len(wrapper) :]
        if top in splits:
            below[top].append(tuple(rest))
    doubled = {
        top
        for top, files in below.items()
        if files and all(len(rest) > 1 and rest[0] == top for rest in files)
    }
    return Layout(wrapper, splits, frozenset(doubled))


def _names(name: str) -> Names:
    return PurePosixPath(name).parts


def _wrapper(files: list[Names]) -> Names:
    """The folders around all files that are not a class: they contain splits or several classes.

    Example:
        >>> _wrapper([("photos", "cat", "a.png"), ("photos", "dog", "b.png")])
        ('photos',)
        >>> _wrapper([("cat", "home", "a.png"), ("cat", "home", "b.png")])
        ()
    """
    for depth in range(min(map(len, files)) - 1):
        tops = {names[depth] for names in files}
        if len(tops) > 1 or _is_split(next(iter(tops))):
            return files[0][:depth]
    return ()


def _is_split(folder: str) -> bool:
    return folder.lower() in SPLIT_NAMES


def _split_folders(root: Path, tops: set[str]) -> dict[str, str]:
    """Folder -> split, where there is a train folder, with other splits or alone.

    `train` can be a class, too; `seg_train` and `seg_test` are splits, as nothing else differs.
    """
    splits = {top: SPLIT_NAMES[top.lower()] for top in tops if _is_split(top)}
    no_others = len(splits) == len(tops)
    if splits and "train" not in splits.values() and no_others:
        raise DataError(f"{root}: there is no train folder", "name one of its folders train")
    if "train" in splits.values() and (len(set(splits.values())) > 1 or no_others):
        return splits
    alike: dict[str, dict[str, str]] = {}
    for top in tops:
        words = re.split("([^a-z]+)", top.lower())
        for k in (k for k, word in enumerate(words) if word in SPLIT_NAMES):
            pattern = "".join([*words[:k], "/", *words[k + 1 :]])
            alike.setdefault(pattern, {})[top] = SPLIT_NAMES[words[k]]
    for candidate in alike.values():
        if "train" in candidate.values() and len(set(candidate.values())) > 1:
            return candidate
    return {}


def _in_classes(
    root: Path, tree: Tree, layout: Layout, file_type: FileType
) -> tuple[list[str], list[Problem]]:
    """The sorted names of the files to read, and the problems of the others."""
    below = {name: layout.below_split(_names(name)) for name in sorted(tree.files)}
    files = {name: place for name, place in below.items() if place}
    skipped = [*tree.skipped, *(name for name, place in below.items() if not place)]
    counts = Counter(split for split, _ in files.values())
    if layout.splits and not counts["train"]:
        folder = next(top for top, split in layout.splits.items() if split == "train")
        raise DataError(
            f"{root.joinpath(*layout.wrapper, folder)}: no {file_type.noun} in it",
            "fill it or delete it",
        )
    labelled = Counter(split for split, rest in files.values() if len(rest) > 1)
    bare = {split for split in counts if labelled["train"] and not labelled[split]}
    unlabelled = [
        name for name, (split, rest) in files.items() if len(rest) == 1 and labelled[split]
    ]
    in_bare = [name for name, (split, _) in files.items() if split in bare]
    if unlabelled and 2 * len(unlabelled) > len(files) - len(in_bare):
        raise DataError(
            f"{root}: {len(unlabelled):,} {file_type.noun} are outside the class folders: "
            f"{first_few(unlabelled)}",
            "move each into the folder of its class, or all into one folder without others",
        )
    outside = f"{counted(len(unlabelled), file_type.noun)} outside the class folders"
    problems = [
        _skipped(skipped, file_type),
        _left_out(unlabelled, "unlabelled-files", outside),
        _left_out(
            in_bare,
            "unlabelled-split",
            f"the {', '.join(sorted(bare))} split, which has no classes,",
        ),
        _empty(tree, layout, files, file_type),
    ]
    excluded = {*unlabelled, *in_bare}
    return [name for name in files if name not in excluded], [one for one in problems if one]


def _left_out(names: list[str], kind: str, what: str) -> Problem | None:
    if not names:
        return None
    text = f"{what} left out: {first_few(names)}"
    return Problem(kind, WARNING, text, locations=ungrouped(names))


def _skipped(names: list[str], file_type: FileType) -> Problem | None:
    """The note on files and folders that are skipped, by their extensions."""
    if not names:
        return None
    names = sorted(names)
    extensions = Counter(PurePosixPath(name).suffix.lower() for name in names)
    del extensions[""]
    kinds = first_few([f"{extension} {n:,}" for extension, n in extensions.most_common()])
    text = (
        f"skipped {len(names):,} files or folders that are hidden, not {file_type.noun} or in no "
        f"split{f' ({kinds})' if kinds else ''}, such as {names[0]}"
    )
    return Problem("skipped-files", NOTE, text, locations=ungrouped(names))


def _empty(
    tree: Tree, layout: Layout, files: dict[str, tuple[str, Names]], file_type: FileType
) -> Problem | None:
    """The problem of split and class folders without files; deeper folders can be empty."""
    filled = {str(parent) for name in files for parent in PurePosixPath(name).parents}
    empty = []
    for name in sorted(set(tree.folders) - filled):
        place = layout.below_split(_names(name))
        if place and len(place[1]) <= 1 and (layout.splits or place[1]):
            empty.append(name)
    outer = [name for name in empty if str(PurePosixPath(name).parent) not in empty]
    what = f"{counted(len(outer), 'folders')} without {file_type.noun}"
    return _left_out(outer, "empty-folders", what)
