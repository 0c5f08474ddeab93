"""Run folders: creating, opening, finding and listing them, and the paths of their files."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from glassnet import atomic, formats, progress
from glassnet.errors import RunError, suggest
from glassnet.runs import lock, metrics_log, schema
from glassnet.runs.explained import ExplainedFolder
from glassnet.runs.names import make_folder

if TYPE_CHECKING:
    import numpy as np

FORMAT = 1
"""Version of the folder's layout, in run.json and group.json."""

GROUP_FILE = "group.json"
"""The file that makes a folder of runs a group, see `runs.group`."""

DATA_FIELDS = ("name", "fingerprint", "train", "valid", "test", "input_shape", "class_names")
"""Keys of `data` in run.json."""

EPOCH_FILE = re.compile(r"epoch-([0-9]{4,9})\.\w+")
"""Name of a file that belongs to an epoch."""

MERGED = ("seconds", "results", "sha256")
"""Keys of run.json whose parts several commands set."""

Folder = TypeVar("Folder", bound=ExplainedFolder)


class Run(ExplainedFolder):
    """A run folder: the content of run.json, and the paths of its files.

    Attributes:
        path: the folder.
        info: the content of run.json; change it with `update`.

    Example:
        >>> import tempfile
        >>> run = Run.create(Path(tempfile.mkdtemp()), "cnn-mnist", {"task": "cnn"})
        >>> run.update(status="finished")
        >>> Run.open(run.path).info["status"]
        'finished'
    """

    def __init__(self, path: Path, info: dict[str, Any]) -> None:
        self.path = path
        self.info = info

    @classmethod
    def create(cls, root: Path, name: str, info: dict[str, Any], vocabulary: str = "") -> Run:
        """Create a folder `root/NAME`; if there are such runs, `NAME-2`, `NAME-3`, ….

        A number is not given again while a later run is there.

        Args:
            root: the folder of the runs.
            name: the name of its folder.
            info: the content of run.json, which is written last: without it there is no run.
            vocabulary: the tokenizer of a text model as its standard JSON.

        Raises:
            StorageError: the folder cannot be created.
        """
        run, sums = cls(make_folder(root, name), {}), {}
        if vocabulary:
            content = f"{vocabulary}\n".encode()
            atomic.write(run.vocabulary, content)
            sums = {run.vocabulary.name: hashlib.sha256(content).hexdigest()}
        run.update(format=FORMAT, name=run.name, **info, sha256=sums)
        return run

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open an existing run folder.

        Raises:
            RunError: it is not a run folder, or its run.json is damaged or of a newer format.
        """
        try:
            info = formats.parse_json_with_checksum(formats.read(path / "run.json"))
            schema.check(info)
            if "task" not in info:
                raise ValueError("`task` is missing")
            if type(info.get("format")) is not int:
                raise ValueError("`format` must be an integer")
        except (FileNotFoundError, NotADirectoryError):
            raise RunError("not a run folder", "list the runs with: glassnet runs", path) from None
        except (OSError, ValueError) as error:
            raise RunError(
                f"cannot be read ({error})",
                "restore the file; if you have edited it, set its checksum to null",
                path / "run.json",
            ) from None
        if info["format"] > FORMAT:
            raise RunError("written by a newer glassnet", "upgrade glassnet", path)
        return cls(path, info)

    def reload(self) -> None:
        """Read run.json again; what other processes have written since then is in `info`.

        A file that was damaged or removed meanwhile is logged, and `info` stays as it is.
        """
        try:
            self.info = Run.open(self.path).info
        except RunError as error:
            if not self.info:
                raise
            progress.log(f"{error.message}; it is written again")

    @contextmanager
    def editing(self) -> Iterator[dict[str, Any]]:
        """Yield the newest content of run.json, which is written when the block succeeds.

        No other process changes run.json or claims.json meanwhile.
        """
        with lock.updating(self.path):
            atomic.remove_partial(self.path, self.info_file.name)
            if self.info:
                self.reload()
            yield self.info
            atomic.write(self.info_file, formats.json_with_checksum(self.info, indent=2))

    def update(self, **changes: Any) -> None:
        """Set some keys, and write run.json atomically; what others have set in it stays.

        Of the keys in `MERGED`, only the given parts are set.
        """
        with self.editing() as info:
            for name, value in changes.items():
                info[name] = info.get(name, {}) | value if name in MERGED else value

    def weights(self, path: Path) -> dict[str, Any]:
        """Parameter name -> tensor of a checkpoint; see `checkpoint.load`."""
        from glassnet.runs import checkpoint  # imports torch, which listing runs must not

        return checkpoint.load(path)["network"]

    def read_vocabulary(self) -> str:
        """The tokenizer as JSON; empty if there is none.

        Raises:
            RunError: the file is missing or has changed.
        """
        expected = self._sha256(self.vocabulary.name)
        if not expected:
            return ""
        try:
            content = formats.read(self.vocabulary)
            if hashlib.sha256(content).hexdigest() != expected:
                raise ValueError("it has changed since it was written")
            return content.decode("utf-8").rstrip("\n")
        except (OSError, ValueError) as error:
            raise RunError(
                f"cannot be read ({error})", "restore the file, or train again", self.vocabulary
            ) from None

    def is_explained(self, weights: str = "") -> bool:
        """Whether `explain` has run, which tests on other data alone do not count as.

        Args:
            weights: the digest that its findings must be of; empty for any.
        """
        records = self.info.get("explain_records") or []
        whole = [each for each in records if not each.get("views") and not each.get("other_data")]
        if not any(self.findings.glob("*.json")) or (records and not whole):
            return False
        return not weights or any(each.get("weights") == weights for each in whole[-1:])

    def read_metrics(self) -> dict[str, np.ndarray]:
        """The complete epochs of metrics.csv as run.json counts them: column -> (epochs,) float64.

        Raises:
            RunError: there is none yet, or a row has changed since it was written.
        """
        return metrics_log.read(self.metrics, *self.logged())

    def logged(self) -> tuple[int, str]:
        """Number of complete epochs in run.json, and the SHA-256 of their rows in metrics.csv."""
        return int(self.info.get("epochs_done", 0)), self._sha256(self.metrics.name)

    def _sha256(self, name: str) -> str:
        return str(self.info.get("sha256", {}).get(name, ""))

    @property
    def name(self) -> str:
        """The name that commands know it by: the folder's; in a group, `GROUP/seed-0`."""
        folder = self.path.absolute()
        return f"{folder.parent.name}/{folder.name}" if self.is_member else self.path.name

    @property
    def main_result(self) -> str:
        """The first test result with its name; empty if there is none."""
        numbers = self.info.get("results", {}).get("test", {}).get("numbers", ())
        return f"{numbers[0][0]}: {numbers[0][1]}" if numbers else ""

    @property
    def is_member(self) -> bool:
        """Whether the run is in the folder of a group."""
        return (self.path.absolute().parent / GROUP_FILE).is_file()

    @property
    def root(self) -> Path:
        """The folder of the runs that the run, or its group, is in."""
        return self.path.absolute().parent.parent if self.is_member else self.path.parent

    @property
    def info_file(self) -> Path:
        """run.json."""
        return self.path / "run.json"

    @property
    def metrics(self) -> Path:
        """metrics.csv: a row of metrics per epoch."""
        return self.path / "metrics.csv"

    @property
    def steps(self) -> Path:
        """steps.csv: running means within epochs, for whoever watches the training."""
        return self.path / "steps.csv"

    @property
    def live_probes(self) -> Path:
        """The accuracy of linear probes of the layers while it trained, if it was followed."""
        return self.path / "live" / "probes.csv"

    @property
    def live_map(self) -> Path:
        """The newest map of the last layer while it trained, if it was followed."""
        return self.path / "live" / "map.json"

    @property
    def last(self) -> Path:
        """The latest checkpoint, from which training resumes."""
        return self.path / "checkpoints" / "last.safetensors"

    @property
    def previous(self) -> Path:
        """The checkpoint before the latest one, if that is damaged."""
        return self.path / "checkpoints" / "previous.safetensors"

    @property
    def best(self) -> Path:
        """The weights with the best validation metric."""
        return self.path / "checkpoints" / "best.safetensors"

    def snapshot(self, epoch: int) -> Path:
        """The weights after this number of epochs, if they were saved."""
        return self.path / "checkpoints" / f"epoch-{epoch:04d}.safetensors"

    @property
    def snapshots(self) -> tuple[int, ...]:
        """Epochs whose weights were saved, in rising order; 0 is the untrained network."""
        return _epochs(self.path / "checkpoints", ".safetensors")

    def training_dynamics_file(self, epoch: int) -> Path:
        """Outcomes of each training example in an epoch, if they were recorded."""
        return self.path / "training_dynamics" / f"epoch-{epoch:04d}.npz"

    @property
    def training_dynamics_epochs(self) -> tuple[int, ...]:
        """Epochs with training dynamics, in rising order."""
        return _epochs(self.path / "training_dynamics", ".npz")

    def control_network(self, name: str) -> Path:
        """The weights of a control network, if it was trained.

        Args:
            name: one of `contract.CONTROL_NETWORKS`, or of a fold that it was trained without.
        """
        words = name.replace(",", "").split()
        return self.path / "control_networks" / f"{'-'.join(words)}.safetensors"

    @property
    def vocabulary(self) -> Path:
        """The tokenizer of a text model."""
        return self.path / "tokenizer.json"

    @property
    def pretraining(self) -> Run:
        """The pretraining, a run within this run's folder."""
        path = self.path / "pretraining"
        return Run.open(path) if (path / "run.json").exists() else Run(path, {})

    @property
    def resume_path(self) -> Path:
        """The folder to resume: the run's, or that of the run whose pretraining it is."""
        return self.path.parent if (self.path.parent / "run.json").exists() else self.path


def _epochs(folder: Path, extension: str) -> tuple[int, ...]:
    """The epochs in the names of files, in rising order; other files are left out."""
    found = (EPOCH_FILE.fullmatch(path.name) for path in folder.glob(f"*{extension}"))
    return tuple(sorted(int(match[1]) for match in found if match))


def default_root() -> Path:
    """Folder of the runs: `GLASSNET_RUNS`, else `runs` in the working directory."""
    return Path(os.environ.get("GLASSNET_RUNS") or "runs")


def find(name: str, root: Path | None = None) -> Run:
    """Open a run by its path, or by its name in the root folder.

    Raises:
        RunError: there is no such run; the closest name is suggested.
    """
    root = root or default_root()
    with suppress(OSError, ValueError):  # a name that no file can have
        for path in (Path(name), root / name):
            if (path / "run.json").exists():
                return checked(Run.open(path))
            if (path / GROUP_FILE).exists():
                raise RunError(
                    f"{name}: a group of runs, and one run is needed",
                    f"name one of its runs, for example {_member_example(path, name)}",
                )
        if Path(name).is_dir():
            return Run.open(Path(name))
    raise RunError(
        f"there is no run {name!r}, neither as a path nor in {root}",
        suggest(Path(name).name, [run.name for run in all_runs(root)]),
    )


def _member_example(group: Path, name: str) -> str:
    """The name of a group's first run, as a person would go on from the group's name."""
    first = min(group.glob("seed-*/run.json"), default=group / "seed-0" / "run.json")
    return f"{name.rstrip('/')}/{first.parent.name}"


def checked(run: Run) -> Run:
    """The run, if its run.json has the keys that every command needs."""
    missing = [name for name in ("config", "data") if not isinstance(run.info.get(name), dict)]
    missing = missing or [f"data.{name}" for name in DATA_FIELDS if name not in run.info["data"]]
    if missing:
        raise RunError(
            f"{missing[0]} is missing", "restore the file, or train again", run.path / "run.json"
        )
    return run


def all_runs(
    root: Path | None = None, report_damaged: Callable[[RunError], None] = lambda error: None
) -> list[Run]:
    """All runs in the root folder, oldest first; other folders are skipped.

    Args:
        root: the folder of the runs.
        report_damaged: is called for each run whose run.json cannot be used.
    """
    return open_all(root, "run.json", lambda path: checked(Run.open(path)), report_damaged)


def open_all(
    root: Path | None,
    file: str,
    open_folder: Callable[[Path], Folder],
    report_damaged: Callable[[RunError], None],
) -> list[Folder]:
    """Open all folders in the root folder that have this file, oldest first."""
    folders = []
    for path in sorted((root or default_root()).glob(f"[!.]*/{file}")):
        try:
            folders.append(open_folder(path.parent))
        except RunError as error:
            report_damaged(error)
    return sorted(folders, key=lambda each: (str(each.info.get("started", "")), each.name))
