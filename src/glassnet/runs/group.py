"""Groups of runs: one configuration trained with several seeds, a run folder for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, TypedDict

import msgspec

from glassnet import atomic, formats, progress
from glassnet.errors import RunError, UsageError, suggest
from glassnet.runs import environment
from glassnet.runs.explained import ExplainedFolder
from glassnet.runs.folder import (
    FORMAT,
    GROUP_FILE,
    Run,
    all_runs,
    checked,
    default_root,
    open_all,
)
from glassnet.runs.names import make_folder
from glassnet.runs.schema import Count, Data


class Info(TypedDict):
    """group.json: what all runs of the group have in common, and their seeds."""

    format: int
    name: str
    task: str
    preset: str
    seeds: Annotated[list[Count], msgspec.Meta(min_length=2)]
    config: dict[str, Any]
    command: str
    data: Data
    started: str


class Group(ExplainedFolder):
    """A folder with group.json and a run folder per seed, `seed-0`, `seed-1`, ….

    Attributes:
        path: the folder.
        info: the content of group.json, which is written once.

    Example:
        >>> import tempfile
        >>> info = {"task": "cnn", "preset": "default", "config": {}, "command": "", "data": {}}
        >>> group = Group.create(Path(tempfile.mkdtemp()), "cnn-mnist-seeds", [0, 1], info)
        >>> Group.open(group.path).seeds
        (0, 1)
    """

    def __init__(self, path: Path, info: dict[str, Any]) -> None:
        self.path = path
        self.info = info

    @classmethod
    def create(cls, root: Path, name: str, seeds: Sequence[int], info: dict[str, Any]) -> Group:
        """Create the folder of a group, without runs; its name is numbered as a run's is.

        Args:
            root: the folder of the runs.
            name: the name of its folder.
            seeds: at least two different ones.
            info: `task`, `preset`, `config`, `command` and `data`, as in run.json.

        Raises:
            StorageError: the folder cannot be created.
        """
        group = cls(make_folder(root, name), {})
        group.info = {
            "format": FORMAT,
            "name": group.name,
            **info,
            "seeds": list(seeds),
            "started": environment.now(),
        }
        atomic.write(group.info_file, formats.json_with_checksum(group.info, indent=2))
        return group

    @classmethod
    def open(cls, path: Path) -> Group:
        """Open an existing group.

        Raises:
            RunError: it is not a group, or its group.json is damaged or of a newer format.
        """
        file = path / GROUP_FILE
        try:
            info = formats.parse_json_with_checksum(formats.read(file))
            msgspec.convert(info, Info)
            if len(set(info["seeds"])) < len(info["seeds"]):
                raise ValueError("a seed is there twice")
        except (FileNotFoundError, NotADirectoryError):
            raise RunError(
                f"{path}: not a group of runs", "list the groups with: glassnet runs"
            ) from None
        except (OSError, ValueError) as error:
            raise RunError(
                f"{file}: cannot be read ({error})",
                "restore the file; if you have edited it, set its checksum to null",
            ) from None
        if info["format"] > FORMAT:
            raise RunError(f"{path}: written by a newer glassnet", "upgrade glassnet")
        return cls(path, info)

    @property
    def info_file(self) -> Path:
        """group.json."""
        return self.path / GROUP_FILE

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds in the order in which they were given."""
        return tuple(self.info["seeds"])

    def member(self, seed: int) -> Path:
        """The run folder of a seed; it may not be there yet."""
        return self.path / f"seed-{seed}"

    def members(
        self, report_damaged: Callable[[RunError], None] = lambda error: progress.log(error.message)
    ) -> dict[int, Run]:
        """The runs that have started, by seed; damaged ones are left out.

        Args:
            report_damaged: is called for each run whose run.json cannot be used; the default logs.
        """
        found = {}
        for seed in self.seeds:
            if (self.member(seed) / "run.json").exists():
                try:
                    found[seed] = checked(Run.open(self.member(seed)))
                except RunError as error:
                    report_damaged(error)
        return found

    @property
    def runs(self) -> dict[int, Run]:
        """The finished runs, by seed."""
        members = self.members().items()
        return {seed: run for seed, run in members if run.info.get("status") == "finished"}

    @property
    def test_results(self) -> dict[int, dict[str, Any]]:
        """The test results of the finished runs: seed -> `results.test` of its run.json."""
        found = {seed: run.info.get("results", {}).get("test") for seed, run in self.runs.items()}
        return {seed: results for seed, results in found.items() if results}

    @property
    def status(self) -> str:
        """`finished` if all runs are; else `failed` or `interrupted` if one is, or `training`."""
        members = self.members(lambda error: None)
        found = {str(run.info.get("status")) for run in members.values()}
        if len(members) == len(self.seeds) and len(found) == 1:
            return found.pop()
        return next((status for status in ("failed", "interrupted") if status in found), "training")


def seeds_of(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """The seeds of a group: 0 to n - 1 for a number n, or those of a list.

    Raises:
        UsageError: there are fewer than two, one is negative, or one is there twice.

    Example:
        >>> seeds_of(3), seeds_of([0, 7])
        ((0, 1, 2), (0, 7))
    """
    chosen = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    if (isinstance(seeds, int) and seeds < 0) or any(seed < 0 for seed in chosen):
        raise UsageError("--seeds: a seed is negative", "give 0 or more, for example --seeds 0,1,7")
    if len(chosen) < 2:
        one = seeds if isinstance(seeds, int) else (*chosen, 0)[0]
        raise UsageError(
            "--seeds: a group has at least two seeds",
            f"give --seeds 5 for the seeds 0 to 4, or --seed {one} for one run",
        )
    if twice := [seed for seed in chosen if chosen.count(seed) > 1]:
        raise UsageError(f"--seeds: {twice[0]} is there twice", "give each seed once")
    return chosen


def is_group(path: Path) -> bool:
    """Whether a folder is a group of runs."""
    with suppress(OSError, ValueError):  # a name that no file can have
        return (path / GROUP_FILE).is_file()
    return False


def search(name: str, root: Path | None = None) -> Group | None:
    """Open a group by its path, or by its name in the root folder; None if there is no such group.

    Raises:
        RunError: its group.json is damaged.
    """
    for path in (Path(name), (root or default_root()) / name):
        if is_group(path):
            return Group.open(path)
    return None


def find(name: str, root: Path | None = None) -> Group:
    """Open a group as `search` does.

    Raises:
        RunError: there is no such group (the closest name is suggested), or it is damaged.
    """
    if found := search(name, root):
        return found
    root = root or default_root()
    known = [group.name for group in all_groups(root)]
    if name in [run.name for run in all_runs(root)]:
        raise RunError(f"{name}: one run, and a group of runs is needed", suggest(name, known))
    raise RunError(
        f"there is no group {name!r}, neither as a path nor in {root}", suggest(name, known)
    )


def all_groups(
    root: Path | None = None, report_damaged: Callable[[RunError], None] = lambda error: None
) -> list[Group]:
    """All groups in the root folder, oldest first.

    Args:
        root: the folder of the runs.
        report_damaged: is called for each group whose group.json cannot be used.
    """
    return open_all(root, GROUP_FILE, Group.open, report_damaged)
