"""Model folders: a trained network to take along, without its run and without its data.

my-model/
  config.json          task, configuration, signature, data, results, versions, checksums
  model.safetensors    the weights
  tokenizer.json       the vocabulary of a network that reads texts
  README.md            the model card
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glassnet import atomic
from glassnet.errors import RunError, UsageError
from glassnet.runs.folder import DATA_FIELDS, Run

FORMAT = 1
"""Version of the folder's layout, kept in config.json."""

CONFIG, CARD = "config.json", "README.md"
WEIGHTS, VOCABULARY = "model.safetensors", "tokenizer.json"
FILES = frozenset({CONFIG, WEIGHTS, VOCABULARY, CARD})

SIGNATURE = ("input_shape", "class_names", "n_words")
"""What the signature says of the data, beside the vocabulary."""

LARGEST = {CONFIG: 64 << 20, WEIGHTS: 4 << 30, VOCABULARY: 256 << 20}
"""Bytes that the files may have; larger ones are refused before they are read."""

RESTORE = "restore the folder from a copy, or save the model again"


class ModelFolder(Run):
    """A model folder, asked as a run is; what needs the data or the log is refused.

    Attributes:
        path: the folder.
        facts: the content of config.json, with the signature among the data as a run has it.
    """

    @classmethod
    def open(cls, path: Path) -> ModelFolder:
        """Open a model folder.

        Raises:
            RunError: it is none, or its config.json is damaged or of a newer format.
        """
        try:
            info = json.loads(_content(path, CONFIG))
            if not isinstance(info, dict) or "glassnet" not in (info.get("versions") or ()):
                raise ValueError("it is none of glassnet's")
            if type(info.get("format")) is not int:
                raise ValueError("it names no format")
        except ValueError as error:
            raise RunError(f"{path / CONFIG}: cannot be read ({error})", RESTORE) from None
        if info["format"] > FORMAT:
            raise RunError(f"{path}: written by a newer glassnet", "upgrade glassnet")
        return cls(path, _checked(path, info))

    @property
    def name(self) -> str:
        """The folder's name, also where the path ends in `.`."""
        return self.path.resolve().name

    @property
    def best(self) -> Path:
        """The weights."""
        return self.path / WEIGHTS

    def weights(self, path: Path) -> dict[str, Any]:
        """Name -> tensor.

        Raises:
            RunError: they are missing, or are not those that were saved.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load

        content = self._verified(WEIGHTS)
        try:
            return load(content)
        except (SafetensorError, ValueError, KeyError) as error:
            raise RunError(f"{path}: damaged ({error})", RESTORE) from None

    def read_vocabulary(self) -> str:
        """The tokenizer as JSON; empty where the network reads no texts."""
        if VOCABULARY not in self.info["sha256"]:
            return ""
        try:
            return self._verified(VOCABULARY).decode().rstrip("\n")
        except UnicodeDecodeError as error:
            raise RunError(f"{self.vocabulary}: damaged ({error})", RESTORE) from None

    def check_data_there(self) -> None:
        """Refuse: the data did not come along."""
        raise UsageError(
            f"{self.name}: a model without the data that it was trained on",
            "ask it about examples that you give; only its run can be evaluated and explained",
        )

    def update(self, **info: Any) -> None:
        """Refuse: a model folder stays as it was saved."""
        self.check_data_there()

    @property
    def metrics(self) -> Path:
        """Refused: the log did not come along."""
        raise UsageError(f"{self.name}: a model without the log of its training", "ask its run")

    @property
    def findings(self) -> Path:
        """Refused: nothing is written into a model folder."""
        raise UsageError(f"{self.name}: a model folder keeps no findings", "explain its run")

    @property
    def figures(self) -> Path:
        """Refused, likewise."""
        return self.findings

    def _verified(self, name: str) -> bytes:
        content = _content(self.path, name)
        if hashlib.sha256(content).hexdigest() != self.info["sha256"].get(name):
            raise RunError(f"{self.path / name}: not the file that was saved", RESTORE)
        return content


def is_model(path: Path) -> bool:
    """Whether a folder looks like one; a run folder never does."""
    return (path / CONFIG).is_file() and not (path / "run.json").exists()


def write(
    path: Path, info: dict[str, Any], weights: Mapping[str, Any], vocabulary: str, card: str
) -> None:
    """Write a model folder, whole or not at all; equal models give equal bytes.

    Args:
        path: the folder; a model folder that stands there is replaced.
        facts: what goes into config.json, beside format and checksums.
        weights: name -> tensor.
        vocabulary: the tokenizer as JSON, or an empty text.
        card: the model card.

    Raises:
        UsageError: something else stands there.
        StorageError: it cannot be written.
    """
    from safetensors.torch import save

    path = path.expanduser().resolve()
    check_free(path)
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in weights.items()}
    files = {WEIGHTS: save(tensors, metadata={"format": "pt"})}
    if vocabulary:
        files[VOCABULARY] = f"{vocabulary}\n".encode()
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    whole = {"format": FORMAT, **info, "sha256": sums}
    text = json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)
    files |= {CONFIG: f"{text}\n".encode(), CARD: card.encode()}
    with atomic.replacing_folder(path) as partial:
        for name, content in files.items():
            atomic.write(partial / name, content)


def check_free(path: Path) -> None:
    """Refuse a place where something stands that is no model folder.

    Raises:
        UsageError: there is a file, or a folder with more or other files in it.
    """
    if not path.exists():
        return
    hint = "give a folder that does not exist yet, or a model folder to replace"
    if not path.is_dir():
        raise UsageError(f"{path}: a file", hint)
    found = {entry.name for entry in path.iterdir()}
    if not found:
        return
    if others := sorted(found - FILES):
        raise UsageError(f"{path}: holds {others[0]!r}, which saving would take away", hint)
    try:
        ModelFolder.open(path)
    except RunError as error:
        raise UsageError(error.message, hint) from None


def _content(path: Path, name: str) -> bytes:
    file = path / name
    try:
        if file.stat().st_size > LARGEST[name]:
            raise RunError(f"{file}: larger than {LARGEST[name] >> 20:,} MiB", RESTORE)
        return file.read_bytes()
    except FileNotFoundError:
        raise RunError(f"{file}: there is no such file", RESTORE) from None
    except OSError as error:
        raise RunError(f"{file}: cannot be read ({error.strerror})", RESTORE) from None


def _checked(path: Path, info: dict[str, Any]) -> dict[str, Any]:
    """The facts as a run has them, if config.json has all that asking the network relies on."""

    def wanted(place: dict[str, Any], name: str, kind: type) -> Any:
        if not isinstance(place.get(name), kind):
            raise RunError(f"{path / CONFIG}: {name} is missing or damaged", RESTORE)
        return place[name]

    for name in ("config", "data", "sha256"):
        wanted(info, name, dict)
    for name in ("task", "preset"):
        wanted(info, name, str)
    signature = wanted(info, "signature", dict)
    shape = wanted(signature, "input_shape", list)
    names = wanted(signature, "class_names", list)
    if not all(type(side) is int and 0 < side < 1 << 24 for side in shape):
        wanted({}, "input_shape", list)
    if not all(isinstance(each, str) for each in names):
        wanted({}, "class_names", list)
    wanted(signature, "n_words", int)
    data = dict.fromkeys(DATA_FIELDS) | info["data"] | signature
    return info | {"data": data, "status": "taken along"}
