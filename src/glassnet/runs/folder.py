"""Run folders: creating, opening, finding and listing them, and the paths of their files."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import atomic, formats, progress
from glassnet.errors import RunError, StorageError, UsageError, suggest
from glassnet.runs import lock, metrics_log, schema

if TYPE_CHECKING:
    import numpy as np

FORMAT = 1
"""Version of the folder's layout, in run.json."""

DATA_FIELDS = ("name", "fingerprint", "train", "valid", "test", "input_shape", "class_names")
"""Keys of `data` in run.json."""


NAME = re.compile(r"\w[\w.-]{0,99}")
"""The name of a run that a user gives."""

EXTENSIONS = {
    *(".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".npz", ".npy", ".parquet"),
    *(".gz", ".zip", ".tar", ".tgz", ".bz2", ".xz"),
}
"""Extensions of data that a run's name does without."""

EPOCH_FILE = re.compile(r"epoch-([0-9]{4,9})\.\w+")
"""Name of a file that belongs to an epoch."""

MERGED = ("seconds", "results", "sha256")
"""Keys of run.json whose parts several commands set."""


class Run:
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
        number = _next_number(root, name)
        while True:
            path = root / (name if number == 1 else f"{name}-{number}")
            try:
                path.mkdir(parents=True)
                break
            except FileExistsError as error:
                if not root.is_dir():
                    raise StorageError(f"{root}: not a folder", "give another --runs") from error
                number += 1
            except OSError as error:
                raise StorageError(
                    f"{path}: cannot be created ({error.strerror})", "give another --runs"
                ) from error
        run, sums = cls(path, {}), {}
        if vocabulary:
            content = f"{vocabulary}\n".encode()
            atomic.write(run.vocabulary, content)
            sums = {run.vocabulary.name: hashlib.sha256(content).hexdigest()}
        run.update(format=FORMAT, name=path.name, **info, sha256=sums)
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
            raise RunError(
                f"{path}: not a run folder", "list the runs with: glassnet runs"
            ) from None
        except (OSError, ValueError) as error:
            raise RunError(
                f"{path / 'run.json'}: cannot be read ({error})",
                "restore the file; if you have edited it, set its checksum to null",
            ) from None
        if info["format"] > FORMAT:
            raise RunError(f"{path}: written by a newer glassnet", "upgrade glassnet")
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
                f"{self.vocabulary}: cannot be read ({error})", "restore the file, or train again"
            ) from None

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
        """The folder's name."""
        return self.path.name

    @property
    def info_file(self) -> Path:
        """run.json."""
        return self.path / "run.json"

    @property
    def metrics(self) -> Path:
        """metrics.csv: a row of metrics per epoch."""
        return self.path / "metrics.csv"

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
            name: one of `contract.CONTROL_NETWORKS`.
        """
        return self.path / "control_networks" / f"{name.replace(' ', '-')}.safetensors"

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

    @property
    def findings(self) -> Path:
        """NAME.json and NAME.npz."""
        return self.path / "findings"

    @property
    def claims(self) -> Path:
        """The claims of all findings with their provenance."""
        return self.path / "claims.json"

    @property
    def figures(self) -> Path:
        """NAME.png, NAME.svg, NAME.csv and, for tables, NAME.tex."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The one-file report."""
        return self.path / "report.html"


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
                return _checked(Run.open(path))
        if Path(name).is_dir():
            return Run.open(Path(name))
    raise RunError(
        f"there is no run {name!r}, neither as a path nor in {root}",
        suggest(Path(name).name, [run.name for run in all_runs(root)]),
    )


def _checked(run: Run) -> Run:
    """The run, if its run.json has the keys that every command needs."""
    missing = [name for name in ("config", "data") if not isinstance(run.info.get(name), dict)]
    missing = missing or [f"data.{name}" for name in DATA_FIELDS if name not in run.info["data"]]
    if missing:
        raise RunError(
            f"{run.path / 'run.json'}: {missing[0]} is missing", "restore the file, or train again"
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
    root = root or default_root()
    runs = []
    for path in sorted(root.glob("*/run.json")):
        try:
            runs.append(_checked(Run.open(path.parent)))
        except RunError as error:
            report_damaged(error)
    return sorted(runs, key=lambda run: (str(run.info.get("started", "")), run.name))
