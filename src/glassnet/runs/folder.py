"""One run, one folder: create it, open it, list it, and know where everything in it lies."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from glassnet import atomic
from glassnet.errors import RunError, StorageError, suggest

FORMAT = 1
"""Version of the folder's layout, kept in run.json."""


DATA_FIELDS = ("name", "fingerprint", "train", "valid", "test", "input_shape", "class_names")
"""What run.json says of the data."""


class Run:
    """A run folder; its facts are run.json, its files lie at the paths below.

    Attributes:
        path: the folder.
        facts: the content of run.json; change it through `update`.

    Example:
        >>> import tempfile
        >>> run = Run.create(Path(tempfile.mkdtemp()), "cnn-mnist", {"task": "cnn"})
        >>> run.update(status="finished")
        >>> Run.open(run.path).facts["status"]
        'finished'
    """

    def __init__(self, path: Path, info: dict[str, Any]) -> None:
        self.path = path
        self.info = info

    @classmethod
    def create(cls, root: Path, stem: str, info: dict[str, Any]) -> Run:
        """Make a new folder `root/STEM-YYYYMMDD-HHMMSS`; a name that is taken gets `-2`, `-3`, …

        Raises:
            StorageError: the folder cannot be made.
        """
        base = f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}"
        number = 1
        while True:
            path = root / (base if number == 1 else f"{base}-{number}")
            try:
                path.mkdir(parents=True)
                break
            except FileExistsError as error:
                if not root.is_dir():
                    raise StorageError(f"{root}: not a folder", "give another --runs") from error
                number += 1
            except OSError as error:
                raise StorageError(
                    f"{path}: cannot be made ({error.strerror})", "give another --runs"
                ) from error
        run = cls(path, {})
        run.update(format=FORMAT, name=path.name, **info)
        return run

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open an existing folder.

        Raises:
            RunError: it is no run folder, or its run.json is damaged or of a newer format.
        """
        try:
            info = json.loads((path / "run.json").read_text(encoding="utf-8"))
            if not isinstance(info, dict) or "task" not in info:
                raise ValueError("no task in it")
            if type(info.get("format", FORMAT)) is not int:
                raise ValueError("its format is no number")
        except (FileNotFoundError, NotADirectoryError):
            raise RunError(
                f"{path}: not a run folder", "list the runs with: glassnet runs"
            ) from None
        except (OSError, ValueError) as error:
            raise RunError(
                f"{path / 'run.json'}: cannot be read ({error})",
                "restore the file, or train again",
            ) from None
        if info.get("format", FORMAT) > FORMAT:
            raise RunError(f"{path}: written by a newer glassnet", "upgrade glassnet")
        return cls(path, info)

    def update(self, **info: Any) -> None:
        """Set some facts and write run.json, whole or not at all."""
        self.info |= info
        text = json.dumps(self.info, indent=2, ensure_ascii=False, allow_nan=False)
        atomic.write(self.path / "run.json", text + "\n")

    def weights(self, path: Path) -> dict[str, Any]:
        """Layer and name -> tensor, of one of the checkpoints; see `checkpoint.load`."""
        from glassnet.runs import checkpoint  # this imports torch, which listing runs must not

        return checkpoint.load(path)["network"]

    def check_data_there(self) -> None:
        """Refuse what needs the data where they did not come along; of a run one knows the name."""

    def write_vocabulary(self, vocabulary: str) -> None:
        """Keep the tokenizer, as its standard JSON; an empty text leaves no file."""
        if vocabulary:
            atomic.write(self.vocabulary, vocabulary + "\n")

    def read_vocabulary(self) -> str:
        """The tokenizer as JSON; empty where the network reads no texts.

        Raises:
            RunError: run.json names a vocabulary, but the file is missing or cannot be read.
        """
        try:
            return self.vocabulary.read_text(encoding="utf-8").rstrip("\n")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise RunError(
                f"{self.vocabulary}: cannot be read ({error})", "restore the file, or train again"
            ) from None

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def metrics(self) -> Path:
        """A row per epoch."""
        return self.path / "metrics.csv"

    @property
    def last(self) -> Path:
        """The newest whole checkpoint, from which training goes on."""
        return self.path / "checkpoints" / "last.safetensors"

    @property
    def best(self) -> Path:
        """The weights that the validation split chose."""
        return self.path / "checkpoints" / "best.safetensors"

    def snapshot(self, epoch: int) -> Path:
        """The weights after so many epochs, where they were kept."""
        return self.path / "checkpoints" / f"epoch-{epoch:04d}.safetensors"

    @property
    def snapshots(self) -> tuple[int, ...]:
        """The epochs whose weights were kept, rising; 0 are the untrained ones."""
        found = (self.path / "checkpoints").glob("epoch-*.safetensors")
        return tuple(sorted(int(path.stem.removeprefix("epoch-")) for path in found))

    def training_dynamics_file(self, epoch: int) -> Path:
        """What the network said of each training example in an epoch, where that was kept."""
        return self.path / "training_dynamics" / f"epoch-{epoch:04d}.npz"

    @property
    def training_dynamics_epochs(self) -> tuple[int, ...]:
        """The epochs of which that was kept, rising."""
        found = (self.path / "training_dynamics").glob("epoch-*.npz")
        return tuple(sorted(int(path.stem.removeprefix("epoch-")) for path in found))

    def control_network(self, name: str) -> Path:
        """The weights of a network that learned other data, where it was made.

        Args:
            name: what it learned, as `shuffled labels`.
        """
        return self.path / "control_networks" / f"{name.replace(' ', '-')}.safetensors"

    @property
    def vocabulary(self) -> Path:
        """The tokenizer of a network that reads texts."""
        return self.path / "tokenizer.json"

    @property
    def pretraining(self) -> Run:
        """What was trained beforehand, as a run within this run's folder."""
        path = self.path / "pretraining"
        return Run.open(path) if (path / "run.json").exists() else Run(path, {})

    @property
    def resume_path(self) -> Path:
        """The folder of the run that this is, or is a part of."""
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
        """NAME.png and NAME.svg."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The one-file report."""
        return self.path / "report.html"


def default_root() -> Path:
    """Where runs lie: `GLASSNET_RUNS`, else `runs` in the working directory."""
    return Path(os.environ.get("GLASSNET_RUNS") or "runs")


def find(name: str, root: Path | None = None) -> Run:
    """Open a run by its path, or by its name under the root.

    Raises:
        RunError: there is none; the nearest name is suggested.
    """
    root = root or default_root()
    for path in (Path(name), root / name):
        if (path / "run.json").exists():
            return _whole(Run.open(path))
    if Path(name).is_dir():
        return Run.open(Path(name))
    raise RunError(
        f"there is no run {name!r}, neither as a path nor in {root}",
        suggest(Path(name).name, [run.name for run in all_runs(root)]),
    )


def _whole(run: Run) -> Run:
    """The run, if its run.json has what every command relies on."""
    odd = [name for name in ("config", "data") if not isinstance(run.info.get(name), dict)]
    odd = odd or [f"data.{name}" for name in DATA_FIELDS if name not in run.info["data"]]
    if odd:
        raise RunError(
            f"{run.path / 'run.json'}: {odd[0]} is missing", "restore the file, or train again"
        )
    return run


def all_runs(root: Path | None = None) -> list[Run]:
    """Every run under the root, oldest first; folders that are no run are passed over."""
    root = root or default_root()
    runs = []
    for path in sorted(root.glob("*/run.json")):
        try:
            runs.append(_whole(Run.open(path.parent)))
        except RunError:
            continue
    return sorted(runs, key=lambda run: (str(run.info.get("started", "")), run.name))


def now() -> str:
    """This moment, as run.json writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
