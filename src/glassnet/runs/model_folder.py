"""Model folders: a trained network without its run and without its data.

my-model/
  config.json          task, configuration, signature, data, results, versions, checksums
  model.safetensors    the weights
  tokenizer.json       the vocabulary of a text classifier
  README.md            the model card
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from glassnet import atomic, formats
from glassnet.errors import RunError, UsageError
from glassnet.runs import schema
from glassnet.runs.folder import DATA_FIELDS

FORMAT = 1
"""Version of the folder's layout, in config.json."""

CONFIG, CARD = "config.json", "README.md"
WEIGHTS, VOCABULARY = "model.safetensors", "tokenizer.json"
FILES = frozenset({CONFIG, WEIGHTS, VOCABULARY, CARD})

LARGEST = {CONFIG: 64 << 20, WEIGHTS: 4 << 30, VOCABULARY: 256 << 20}
"""Largest size of each file in bytes; larger ones are refused before they are read."""

RESTORE = "restore the folder from a copy, or save the model again"


class ModelFolder:
    """A model folder: the weights, configuration and vocabulary of a network.

    Attributes:
        path: the folder.
        info: the content of config.json, with the signature merged into `data` as in run.json.
    """

    def __init__(self, path: Path, info: dict[str, Any]) -> None:
        self.path = path
        self.info = info

    @classmethod
    def open(cls, path: Path) -> ModelFolder:
        """Open a model folder.

        Raises:
            RunError: it is not a model folder, or its config.json is damaged or of a newer format.
        """
        try:
            info = formats.parse_json_with_checksum(_content(path, CONFIG))
            if "glassnet" not in (info.get("versions") or ()):
                raise ValueError("it is none of glassnet's")
            if type(info.get("format")) is not int:
                raise ValueError("it names no format")
        except ValueError as error:
            raise RunError(f"cannot be read ({error})", RESTORE, path / CONFIG) from None
        if info["format"] > FORMAT:
            raise RunError("written by a newer glassnet", "upgrade glassnet", path)
        return cls(path, _checked(path, info))

    @property
    def name(self) -> str:
        """The folder's name, also where the path ends in `.`."""
        return self.path.resolve().name

    @property
    def info_file(self) -> Path:
        """config.json."""
        return self.path / CONFIG

    @property
    def best(self) -> Path:
        """The weights."""
        return self.path / WEIGHTS

    def weights(self, path: Path) -> dict[str, Any]:
        """Parameter name -> tensor.

        Raises:
            RunError: the file is missing or damaged.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load

        content = self._verified(WEIGHTS)
        try:
            return load(content)
        except (SafetensorError, ValueError, KeyError, MemoryError) as error:
            raise RunError(f"damaged ({error})", RESTORE, path) from None

    def read_vocabulary(self) -> str:
        """The tokenizer as JSON; empty if the network does not take texts."""
        if VOCABULARY not in self.info["sha256"]:
            return ""
        try:
            return self._verified(VOCABULARY).decode().rstrip("\n")
        except UnicodeDecodeError as error:
            raise RunError(f"damaged ({error})", RESTORE, self.path / VOCABULARY) from None

    def _verified(self, name: str) -> bytes:
        content = _content(self.path, name)
        if hashlib.sha256(content).hexdigest() != self.info["sha256"].get(name):
            raise RunError("not the file that was saved", RESTORE, self.path / name)
        return content


def is_model(path: Path) -> bool:
    """Whether a path is a model folder and not a run folder."""
    return (path / CONFIG).is_file() and not (path / "run.json").exists()


def write(
    path: Path, info: dict[str, Any], weights: Mapping[str, Any], vocabulary: str, card: str
) -> None:
    """Write a model folder completely or not at all; equal models give equal bytes.

    Args:
        path: the folder; an existing model folder is replaced.
        info: the content of config.json, without format and checksums.
        weights: parameter name -> tensor.
        vocabulary: the tokenizer as JSON, or an empty text.
        card: the model card.

    Raises:
        UsageError: the path contains something else.
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
    fields = {"format": FORMAT, **info, "sha256": sums}
    files |= {CONFIG: formats.json_with_checksum(fields, indent=2), CARD: card.encode()}
    with atomic.replacing_folder(path) as partial:
        for name, content in files.items():
            atomic.write(partial / name, content)


def check_free(path: Path) -> None:
    """Raise if a path contains anything but a model folder.

    Raises:
        UsageError: there is a file, or a folder with more or other files in it.
    """
    if not path.exists():
        return
    hint = "give a folder that does not exist yet, or a model folder to replace"
    if not path.is_dir():
        raise UsageError(f"{path}: a file", hint)
    names = {entry.name for entry in path.iterdir()}
    if others := sorted(names - FILES):
        raise UsageError(f"{path}: holds {others[0]!r}, which saving would take away", hint)
    if not names:
        return
    try:
        ModelFolder.open(path)
    except RunError as error:
        raise UsageError(error.message, hint) from None


def _content(path: Path, name: str) -> bytes:
    file = path / name
    try:
        largest = min(LARGEST[name], formats.memory_limit())
        if file.stat().st_size > largest:
            raise RunError(f"larger than {largest >> 20:,} MiB", RESTORE, file)
        return file.read_bytes()
    except FileNotFoundError:
        raise RunError("there is no such file", RESTORE, file) from None
    except OSError as error:
        raise RunError(f"cannot be read ({error.strerror})", RESTORE, file) from None


def _checked(path: Path, info: dict[str, Any]) -> dict[str, Any]:
    """The content of config.json in the form of run.json.

    Raises:
        RunError: a field that prediction needs is missing or damaged.
    """

    def field(section: dict[str, Any], name: str, kind: type) -> Any:
        if not isinstance(section.get(name), kind):
            raise RunError(f"{name} is missing or damaged", RESTORE, path / CONFIG)
        return section[name]

    for name in ("config", "data", "sha256"):
        field(info, name, dict)
    for name in ("task", "preset"):
        field(info, name, str)
    signature = field(info, "signature", dict)
    shape = field(signature, "input_shape", list)
    names = field(signature, "class_names", list)
    if not all(type(side) is int and 0 < side < 1 << 24 for side in shape):
        field({}, "input_shape", list)
    if not all(isinstance(name, str) for name in names):
        field({}, "class_names", list)
    field(signature, "n_ngrams", int)
    _check_calibration(info.get("calibration", {}), path)
    _check_ranges(signature.get("value_ranges", {}), path)
    data = dict.fromkeys(DATA_FIELDS) | info["data"] | signature
    return info | {"data": data}


def _check_calibration(calibration: Any, path: Path) -> None:
    """Raise RunError unless it is empty or has a positive temperature and a count."""
    try:
        if calibration:
            msgspec.convert(calibration, schema.Calibration)
    except msgspec.ValidationError:
        raise RunError("calibration is damaged", RESTORE, path / CONFIG) from None


def _check_ranges(ranges: Any, path: Path) -> None:
    """Raise RunError unless it maps names to pairs of numbers."""
    pairs = list(ranges.values()) if isinstance(ranges, dict) else [None]
    if not all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(end, int | float) for end in pair)
        and pair[0] < pair[1]
        for pair in pairs
    ):
        raise RunError("value_ranges is damaged", RESTORE, path / CONFIG)
