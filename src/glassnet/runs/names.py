"""Names of run folders: those that a user gives, default ones, and their numbers."""

from __future__ import annotations

import glob
import re
from collections.abc import Collection
from pathlib import Path

from glassnet.errors import StorageError, UsageError

NAME = re.compile(r"\w[\w.-]{0,99}")
"""The name of a run that a user gives."""

RESERVED = {"comparisons", "uploads"}
"""Folders beside the runs that are none."""

EXTENSIONS = {
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".npz", ".npy", ".parquet"),
    *(".gz", ".zip", ".tar", ".tgz", ".bz2", ".xz"),
}
"""Extensions of data that a run's name does without."""


def make_folder(root: Path, name: str) -> Path:
    """Make the folder `root/NAME`; if there is one, `NAME-2`, `NAME-3`, ….

    A number is not given again while a later folder is there.

    Raises:
        StorageError: the folder cannot be created.
    """
    number = _next_number(root, name)
    while True:
        path = root / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir(parents=True)
            return path
        except FileExistsError as error:
            if not root.is_dir():
                raise StorageError(f"{root}: not a folder", "give another --runs") from error
            number += 1
        except OSError as error:
            raise StorageError(
                f"{path}: cannot be created ({error.strerror})", "give another --runs"
            ) from error


def free_name(root: Path, name: str, taken: Collection[str] = ()) -> str:
    """The name that `make_folder` would give next, apart from those that are taken already.

    Example:
        >>> free_name(Path("/nowhere"), "cnn-mnist", {"cnn-mnist"})
        'cnn-mnist-2'
    """
    number = _next_number(root, name)
    while (free := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return free


def _next_number(root: Path, name: str) -> int:
    """The number after the highest one of the runs of this name; 1 if there are none."""
    numbered = re.compile(rf"{re.escape(name)}(?:-([1-9][0-9]{{0,8}}))?")
    found = (numbered.fullmatch(path.name) for path in root.glob(f"{glob.escape(name)}*"))
    return 1 + max((int(match[1] or 1) for match in found if match), default=0)


def check_name(name: str, root: Path) -> str:
    """Check the name that a user gives a run, and return it.

    Raises:
        UsageError: it cannot be the name of a folder, or there is such a run.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"--name {name!r}: not a name for a run",
            "use up to 100 letters, digits, dots, hyphens and underscores, a letter or digit first",
        )
    if name in RESERVED:
        raise UsageError(f"--name {name}: {root / name} is no run", "give another --name")
    if (root / name).exists():
        raise UsageError(
            f"there is a run {name} in {root} already",
            f"give another --name, or remove it with: glassnet rm {name}",
        )
    return name


def default_name(task: str, data: str) -> str:
    """The name of a run on these data: `cnn-mnist`, or for a path its last part without extension.

    Example:
        >>> default_name("cnn", "mnist"), default_name("cnn", "/home/me/My photos/")
        ('cnn-mnist', 'cnn-My-photos')
        >>> default_name("lstm", "reviews.csv"), default_name("lstm", "reviews.v2")
        ('lstm-reviews', 'lstm-reviews.v2')
    """
    last = Path(data).name
    while (extension := Path(last).suffix.lower()) in EXTENSIONS:
        last = last[: -len(extension)]
    last = re.sub(r"[^\w.]+", "-", last).strip("-.")[:60]
    return f"{task}-{last}" if last else task
