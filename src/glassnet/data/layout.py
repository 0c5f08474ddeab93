"""Layout of a folder: which of its folders are splits, and which are classes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from glassnet.data.problems.problem import NOTE, Problem, counted, first_few
from glassnet.data.split_names import KNOWN, NAMES, SplitNames, is_certain
from glassnet.errors import DataError, suggest

Names = tuple[str, ...]
"""A path within the root, folder by folder."""

MIN_SHARED = 2
"""Number of equal folders from which siblings are splits of the same classes."""

PROJECT = ("readme", "license", "licence", "makefile", "requirements", "setup", ".git")
"""First letters of files in the root of a repository, in lower case."""


FIGURES = frozenset(
    {"doc", "docs", "documentation", "media", "assets", "static", "figures", "figs", "plots"}
    | {"screenshots", "notebook", "notebooks", "output", "outputs", "results", "src", "scripts"}
    | {"code", "baselines", "reports", "report", "paper", "datasets", "dataset", "data", "app"}
    | {"webapp", "web", "frontend", "backend", "public", "templates", "lib", "venv", "env"}
)
"""Folders of a project whose images are no class, in lower case."""


def is_project(names: Iterable[str]) -> bool:
    """Whether files are those in the root of a repository, such as `README.md`."""
    return any("/" not in name and name.lower().startswith(PROJECT) for name in names)


@dataclass(frozen=True)
class Layout:
    """What the folders above the files mean, and why.

    Attributes:
        wrapper: the folders around everything.
        splits: folder below these -> its split; empty if there are no split folders.
        doubled: the split folders that contain only a folder of the same name.
        inner: folder within every class -> its split; empty if classes contain no splits.
        notes: what the user should know about the choice.
    """

    wrapper: Names
    splits: dict[str, str]
    doubled: frozenset[str]
    inner: dict[str, str]
    notes: tuple[Problem, ...] = ()

    def below_split(self, names: Names) -> tuple[str, Names] | None:
        """The split of a file or folder and its path below the split folder; None outside them."""
        rest = names[len(self.wrapper) :]
        if names[: len(self.wrapper)] != self.wrapper or not rest:
            return None
        if self.inner:
            if len(rest) < 2 or rest[1] not in self.inner:
                return None
            return self.inner[rest[1]], (rest[0], *rest[2:])
        if not self.splits:
            return "train", rest
        if rest[0] not in self.splits:
            return None
        return self.splits[rest[0]], rest[2:] if rest[0] in self.doubled else rest[1:]

    def label_and_split(self, names: Names, unlabelled: str) -> tuple[str, str]:
        """Class and split of a file within a split."""
        split, rest = self.below_split(names) or ("train", ())
        return rest[0] if len(rest) > 1 else unlabelled, split


@dataclass(frozen=True)
class Branch:
    """A folder below the wrapper.

    Attributes:
        n_files: number of files in and below it.
        path: where it first branches: itself, or the only folder within it, and so on.
        folders: the folders there that contain files.
        bare: whether there are files there, too.
    """

    n_files: int
    path: Names
    folders: frozenset[str]
    bare: bool

    @property
    def has_classes(self) -> bool:
        """Whether it contains nothing but several folders, as a data set does."""
        return len(self.folders) > 1 and not self.bare


def find_layout(
    root: Path,
    files: Sequence[Names],
    folders: Sequence[Names],
    others: Sequence[str],
    noun: str,
    split_names: SplitNames,
    group_of: Mapping[Names, str],
) -> Layout:
    """Decide what the folders above some files mean.

    Args:
        root: the folder, for messages.
        files: the sorted names of the files.
        folders: the names of all folders.
        others: the names of other files.
        noun: what the files are called.
        split_names: which names mean splits.
        group_of: file -> its group, such as a patient; empty if there are no groups.

    Raises:
        DataError: that is unclear, or there is no training split.
    """
    wrapper = find_wrapper(files, split_names)
    notes = []
    if wrapper:
        text = f"all {noun} are in {'/'.join(wrapper)}, which is not read as a class"
        notes.append(Problem("wrapper-folder", NOTE, text, locations=(("/".join(wrapper),),)))
        if is_project(others) and (part := next(filter(_is_figures, wrapper[:1]), "")):
            raise _mere_project(root, [part], "the only folder with files")
    within = [names[len(wrapper) :] for names in files]
    tops = {
        names[len(wrapper)]
        for names in folders
        if names[: len(wrapper)] == wrapper and len(names) > len(wrapper)
    }
    where = root.joinpath(*wrapper)
    splits = _split_folders(where, tops, split_names)
    inner: dict[str, str] = {}
    branches = _branches(within)
    if not splits and split_names.chosen is None:
        inner = _inner_splits(branches)
        if not inner:
            _check_siblings(where, branches, _group_folders(len(wrapper), branches, group_of))
            _check_data_folder(where, branches, len(within), others)
            _check_single_class(where, branches, within)
            notes += _nested_note(branches)
    doubled = {
        top
        for top in splits
        if (below := [names[1:] for names in within if names[0] == top])
        and all(len(rest) > 1 and rest[0] == top for rest in below)
    }
    note = _split_note(splits, inner)
    return Layout(wrapper, splits, frozenset(doubled), inner, (*notes, *note))


def find_wrapper(files: Sequence[Names], split_names: SplitNames = KNOWN) -> Names:
    """The folders around all files that are not a class: they contain splits or several classes.

    Example:
        >>> find_wrapper([("photos", "cat", "a.png"), ("photos", "dog", "b.png")])
        ('photos',)
        >>> find_wrapper([("cat", "home", "a.png"), ("cat", "home", "b.png")])
        ()
    """
    for depth in range(min(map(len, files)) - 1):
        tops = {names[depth] for names in files}
        if len(tops) > 1 or split_names.find(tops):
            return files[0][:depth]
    return ()


def _split_folders(where: Path, tops: set[str], split_names: SplitNames) -> dict[str, str]:
    """Folder -> split, where there is a train folder, with other splits or alone.

    `train` can be a class, too; `seg_train` and `seg_test` are splits, as nothing else differs.
    """
    if missing := split_names.missing(tops):
        raise DataError(
            f"there is no folder {missing[0]!r}, which --splits names",
            suggest(missing[0], tops),
            where,
        )
    splits = split_names.find(sorted(tops))
    if split_names.chosen is None and splits and len(splits) == len(tops):
        if "train" in splits.values():
            return splits
        first, *others = sorted(tops)
        pairs = ",".join([f"train={first}", *(f"test={other}" for other in others[:1])])
        raise DataError(
            f"there is no train folder, only {first_few(sorted(tops))}",
            f"name one of them train, or give --splits {pairs}; --splits none makes them classes",
            where,
        )
    return split_names.find_alike(sorted(tops))


def _branches(files: Sequence[Names]) -> dict[str, Branch]:
    """Folder -> how its files are laid out; files without a folder are left out."""
    below: dict[str, list[Names]] = {}
    for top, *rest in files:
        if rest:
            below.setdefault(top, []).append(tuple(rest))
    branches = {}
    for top, names in below.items():
        path = find_wrapper(names, SplitNames({}))
        within = [name[len(path) :] for name in names]
        folders = frozenset(name[0] for name in within if len(name) > 1)
        bare = any(len(name) == 1 for name in within)
        branches[top] = Branch(len(names), (top, *path), folders, bare)
    return branches


def _inner_splits(branches: dict[str, Branch]) -> dict[str, str]:
    """Folder within every class -> split, if each contains nothing but train and other splits."""
    if len(branches) < 2:
        return {}
    names = frozenset().union(*(branch.folders for branch in branches.values()))
    splits = KNOWN.find(sorted(names))
    fits = all(
        branch.has_classes
        and len(branch.path) == 1
        and "train" in KNOWN.find(branch.folders).values()
        for branch in branches.values()
    )
    return splits if fits and set(splits) == names else {}


def _group_folders(
    depth: int, branches: dict[str, Branch], group_of: Mapping[Names, str]
) -> frozenset[str]:
    """The folders within branches of which each contains one group, in whatever branch it is."""
    found: dict[str, set[str]] = {}
    for names, group in group_of.items():
        branch = branches.get(names[depth])
        position = depth + len(branch.path) if branch else len(names)
        if len(names) > position + 1:
            found.setdefault(names[position], set()).add(group)
    return frozenset(
        name for name, groups in found.items() if len(groups) == 1 and "" not in groups
    )


def _check_siblings(
    where: Path, branches: dict[str, Branch], group_folders: frozenset[str]
) -> None:
    """Refuse folders that contain the same folders: they are splits, but it is not said which.

    Folders of groups, such as patients, can be in several classes.
    """
    tops = sorted(top for top, branch in branches.items() if branch.has_classes)
    for k, first in enumerate(tops):
        for other in tops[k + 1 :]:
            one, two = branches[first], branches[other]
            shared = (one.folders & two.folders) - group_folders
            fewer = min(len(one.folders), len(two.folders))
            if len(shared) < max(MIN_SHARED, fewer / 2):
                continue
            train, test = sorted(
                (first, other),
                key=lambda top: (NAMES.get(top.lower()) != "train", -branches[top].n_files),
            )
            raise DataError(
                f"{first!r} and {other!r} contain the same folders "
                f"({first_few(sorted(shared))}), as splits do, but are not named so",
                f"--splits train={train},test={test} makes them splits, --splits none classes, and "
                "--group-pattern classes that share these groups",
                where,
            )


def _check_data_folder(
    where: Path, branches: dict[str, Branch], n_files: int, others: Sequence[str]
) -> None:
    """Refuse a folder whose data are one folder further down, beside something else."""
    candidates = {top: branch for top, branch in branches.items() if branch.has_classes}
    in_project = is_project(others) and any(
        branch.n_files < n_files for branch in branches.values()
    )
    largest = max(candidates.values(), key=lambda branch: branch.n_files, default=None)
    if largest is None or largest.n_files == n_files:
        is_only = len(branches) == 1  # it can be called data
        figures = [top for top in branches if top.lower() in FIGURES]
        figures = list(filter(_is_figures, figures)) if is_only else figures
        if is_project(others) and figures:
            raise _mere_project(where, figures, "a class")
        return
    alone = len(candidates) == 1 and 2 * largest.n_files > n_files
    if alone or in_project:
        beside = sorted(set(branches) - {largest.path[0]}) or ["files"]
        raise DataError(
            f"{'/'.join(largest.path)} contains "
            f"{counted(len(largest.folders), 'folders')} as a data set does, beside "
            f"{first_few(beside)}",
            f"did you mean {where.joinpath(*largest.path)}? --splits none reads the folders of "
            f"{where.name} as classes",
            where,
        )


def _is_figures(folder: str) -> bool:
    return folder.lower() in FIGURES - {"data", "dataset", "datasets"}


def _mere_project(where: Path, folders: Sequence[str], what: str) -> DataError:
    """The error of a repository whose own folders would be read as data."""
    return DataError(
        f"looks like a project, of which {first_few(folders)} would be {what}",
        "give the folder that contains the data; --splits none makes all folders classes",
        where,
    )


def _check_single_class(where: Path, branches: dict[str, Branch], files: Sequence[Names]) -> None:
    """Refuse a folder that would be one class, if most files are in several folders below it."""
    folders = Counter(names[:-1] for names in files)
    data: dict[Names, dict[str, int]] = {}
    for folder, n in folders.items():
        if len(folder) > 1 and folder[:-1] not in folders:
            data.setdefault(folder[:-1], {})[folder[-1]] = n
    data = {folder: classes for folder, classes in data.items() if len(classes) > 1}
    if len(branches) != 1 or not data:
        return
    largest = max(data, key=lambda folder: sum(data[folder].values()))
    if 2 * sum(data[largest].values()) > len(files):
        raise DataError(
            f"all in one class, {next(iter(branches))!r}, but {'/'.join(largest)} "
            f"contains {first_few(sorted(data[largest]))}",
            f"did you mean {where.joinpath(*largest)}? --splits none reads {where} as it is",
            where,
        )


def _nested_note(branches: dict[str, Branch]) -> list[Problem]:
    """The note on classes that contain several folders, which could be the classes."""
    nested = [top for top, branch in branches.items() if branch.has_classes]
    if not nested:
        return []
    listed = first_few(
        [f"{top} with {first_few(sorted(branches[top].folders), 2)}" for top in nested]
    )
    text = f"the outermost folders are the classes; the folders in them are not: {listed}"
    return [Problem("nested-folders", NOTE, text, locations=tuple((top,) for top in nested))]


def _split_note(splits: dict[str, str], inner: dict[str, str]) -> list[Problem]:
    """The note on folders that are splits, where their names are not the usual ones."""
    found = splits or inner
    if not inner and all(map(is_certain, splits)):
        return []
    listed = first_few([f"{top} is {split}" for top, split in found.items()], 6)
    within = " within the classes" if inner else ""
    return [
        Problem("splits", NOTE, f"folders{within} read as splits: {listed}; --splits changes it")
    ]
