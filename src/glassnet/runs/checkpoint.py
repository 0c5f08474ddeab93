"""Checkpoints: nested state in one safetensors file, written atomically, read without pickle.

Tensors are stored under their path in the state (`network.conv1.weight`); everything else is JSON
in the file's header, with a reference in place of each tensor.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors, save_file
from torch import Tensor

from glassnet import atomic
from glassnet.errors import RunError

State = dict[str, Any]


def save(path: Path, state: State) -> None:
    """Write nested dictionaries and lists of tensors, numbers, text and None to one file.

    Raises:
        StorageError: it cannot be written; a previous file stays as it was.
    """
    tensors: dict[str, Tensor] = {}
    metadata = {"state": _flatten(state, "", tensors), "sha256": _checksum(tensors)}
    with atomic.replacing(path) as partial:
        try:
            save_file(tensors, partial, metadata={"glassnet": json.dumps(metadata)})
        except SafetensorError as error:  # its own type for a full disk
            raise OSError(str(error)) from error


def load(path: Path) -> State:
    """Read a checkpoint; its tensors are on the CPU.

    Raises:
        RunError: the file is missing or damaged.
    """
    return load_with_digest(path)[1]


def load_with_digest(path: Path) -> tuple[str, State]:
    """Read a checkpoint's `digest` and its state from the same bytes; raises as `load`."""
    try:
        content = path.read_bytes()
        length = int.from_bytes(content[:8], "little")
        tensors = load_tensors(content)
        metadata = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["glassnet"])
        if _checksum(tensors) != metadata["sha256"]:
            raise ValueError("the weights do not match their checksum")
        return _short_digest(hashlib.sha256(content)), _unflatten(metadata["state"], tensors)
    except FileNotFoundError:
        raise RunError(f"{path}: there is no such checkpoint", "train again") from None
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"{path}: damaged ({error})", "restore the file from a copy, or train again"
        ) from None


def header(path: Path) -> State:
    """The state of a checkpoint without its tensors, read from the header alone."""
    try:
        with safe_open(path, framework="pt") as stored:
            return json.loads(stored.metadata()["glassnet"])["state"]
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path}: cannot be read ({error})", "train again") from None


def digest(path: Path) -> str:
    """The first 12 hex digits of a checkpoint file's SHA-256, which identify its weights."""
    with path.open("rb") as stream:
        return _short_digest(hashlib.file_digest(stream, "sha256"))


def _short_digest(digest: hashlib._Hash) -> str:
    return digest.hexdigest()[:12]


def _checksum(tensors: dict[str, Tensor]) -> str:
    """SHA-256 of names and bytes; safetensors has no checksum of its own."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        total.update(name.encode())
        total.update(tensors[name].reshape(-1).view(torch.uint8).numpy().tobytes())
    return total.hexdigest()


def _flatten(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        # A copy: safetensors refuses tensors that share memory, and wants them contiguous.
        while path in tensors:  # {"a": {"b": ...}, "a.b": ...}
            path += "'"
        tensors[path] = value.detach().cpu().contiguous().clone()
        return {"$tensor": path}
    if isinstance(value, dict):
        items = [
            [key, _flatten(item, f"{path}.{key}".lstrip("."), tensors)]
            for key, item in value.items()
        ]
        plain = all(isinstance(key, str) and not key.startswith("$") for key in value)
        return dict(items) if plain else {"$items": items}  # JSON would turn 0 into "0"
    if isinstance(value, list | tuple):
        return [_flatten(item, f"{path}.{index}", tensors) for index, item in enumerate(value)]
    return value


def _unflatten(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_unflatten(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if "$tensor" in value:
        return tensors[value["$tensor"]]
    pairs = value["$items"] if "$items" in value else value.items()
    return {key: _unflatten(item, tensors) for key, item in pairs}
