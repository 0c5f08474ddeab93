"""Folders of images or texts: a folder per class, or no classes, with or without split folders."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from glassnet.data import groups, text_files
from glassnet.data.images import image_files
from glassnet.data.layout import Layout, Names, find_layout
from glassnet.data.listing import UNLABELLED, Item, Listing, paths_outside
from glassnet.data.paths import is_inside, printable
from glassnet.data.problems.problem import (
    NOTE,
    WARNING,
    Problem,
    counted,
    first_few,
    ungrouped,
)
from glassnet.data.split_names import KNOWN, SplitNames
from glassnet.errors import DataError

SYSTEM_FILES = {"__macosx", ".ds_store", "thumbs.db", "desktop.ini"}
"""Files that operating systems create, in lower case; they are skipped without a note."""

SPLITS_HINT = "--splits train=A,test=B names the folders that are splits"


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


def find(
    root: Path,
    file_type: FileType = IMAGES,
    split_names: SplitNames = KNOWN,
    group_pattern: str | None = None,
) -> Listing:
    """List the files of a type under a folder; its first folders name the split and the class.

    A single folder around all of them is skipped. Reported and left out are names that begin with
    `.` or `__`, files with other extensions, links to folders and out of the root, files outside
    the split folders or outside the class folders, and classes without files. Folders within a
    class folder belong to the class.

    Args:
        root: the folder, without links in its path.
        file_type: which files.
        split_names: which names mean splits.
        group_pattern: finds the group of each file; a folder of one group is not a class.

    Raises:
        UsageError: that is no pattern.
        DataError: there are none, there is no training split, more files are outside the class
            folders than in them, or it is unclear which folders are classes.
    """
    tree = _walk(root, file_type.extensions)
    problems = list(paths_outside(root, sorted(tree.outside)))
    if not tree.files:
        raise DataError(f"no {file_type.files} in it", file_type.hint, root)
    folders = list(map(_names, tree.folders))
    group_of = {}
    if group_pattern:
        paths = ["/".join(names) for names in tree.names]
        group_of = dict(zip(tree.names, groups.find(paths, group_pattern), strict=True))
    noun, skipped = file_type.noun, tree.skipped
    layout = find_layout(root, tree.names, folders, skipped, noun, split_names, group_of)
    problems += layout.notes
    names, more = _in_classes(root, tree, layout, file_type)
    items = [
        Item(name, tree.files[name], *layout.label_and_split(_names(name), file_type.unlabelled))
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
            f"cannot be read ({error.strerror})", "check its permissions", folder
        ) from None


def _names(name: str) -> Names:
    return PurePosixPath(name).parts


def _in_classes(
    root: Path, tree: Tree, layout: Layout, file_type: FileType
) -> tuple[list[str], list[Problem]]:
    """The sorted names of the files to read, and the problems of the others."""
    below = {name: layout.below_split(_names(name)) for name in sorted(tree.files)}
    files = {name: position for name, position in below.items() if position}
    in_no_split = [name for name, position in below.items() if not position]
    counts = Counter(split for split, _ in files.values())
    if layout.splits and not counts["train"]:
        folder = next(top for top, split in layout.splits.items() if split == "train")
        raise DataError(
            f"no {file_type.noun} in it",
            "fill it or delete it",
            root.joinpath(*layout.wrapper, folder),
        )
    labelled = Counter(split for split, rest in files.values() if len(rest) > 1)
    bare = {split for split in counts if labelled["train"] and not labelled[split]}
    unlabelled = [
        name for name, (split, rest) in files.items() if len(rest) == 1 and labelled[split]
    ]
    in_bare = [name for name, (split, _) in files.items() if split in bare]
    if unlabelled and 2 * len(unlabelled) > len(files) - len(in_bare):
        raise DataError(
            f"{len(unlabelled):,} {file_type.noun} are outside the class folders: "
            f"{first_few(unlabelled)}",
            "move each into the folder of its class, or all into one folder without others",
            root,
        )
    outside = f"{counted(len(unlabelled), file_type.noun)} outside the class folders"
    problems = [
        _skipped(tree.skipped, file_type),
        _in_no_split(in_no_split, layout, file_type),
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


def _in_no_split(names: list[str], layout: Layout, file_type: FileType) -> Problem | None:
    """The warning of files that are in no split, by the folder that contains them."""
    if not names:
        return None
    depth = len(layout.wrapper)
    folders = Counter("/".join(parts[: depth + 1]) for parts in map(_names, names))
    listed = first_few([f"{folder} {n:,}" for folder, n in folders.most_common()])
    text = f"{counted(len(names), file_type.noun)} in no split left out ({listed})"
    return Problem("no-split", WARNING, text, SPLITS_HINT, ungrouped(names))


def _skipped(names: list[str], file_type: FileType) -> Problem | None:
    """The note on files and folders that are skipped, by their extensions."""
    if not names:
        return None
    names = sorted(names)
    extensions = Counter(PurePosixPath(name).suffix.lower() for name in names)
    del extensions[""]
    kinds = first_few([f"{extension} {n:,}" for extension, n in extensions.most_common()])
    text = (
        f"skipped {len(names):,} files or folders that are hidden or not {file_type.noun}"
        f"{f' ({kinds})' if kinds else ''}, such as {names[0]}"
    )
    return Problem("skipped-files", NOTE, text, locations=ungrouped(names))


def _empty(
    tree: Tree, layout: Layout, files: dict[str, tuple[str, Names]], file_type: FileType
) -> Problem | None:
    """The problem of split and class folders without files; deeper folders can be empty."""
    filled = {str(parent) for name in files for parent in PurePosixPath(name).parents}
    empty = []
    for name in sorted(set(tree.folders) - filled):
        position = layout.below_split(_names(name))
        if position and len(position[1]) <= 1 and (layout.splits or position[1]):
            empty.append(name)
    outer = [name for name in empty if str(PurePosixPath(name).parent) not in empty]
    what = f"{counted(len(outer), 'folders')} without {file_type.noun}"
    return _left_out(outer, "empty-folders", what)
