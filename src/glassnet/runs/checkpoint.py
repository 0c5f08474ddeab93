"""Checkpoints: nested state in one safetensors file, written atomically, read without pickle.

Tensors are stored under their path in the state (`network.conv1.weight`); everything else is JSON
in the file's header, with a reference in place of each tensor and a checksum of the whole file.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors, save as save_tensors
from torch import Tensor

from glassnet import atomic, checksum, formats
from glassnet.errors import RunError

State = dict[str, Any]


def save(path: Path, state: State, previous: Path | None = None) -> None:
    """Write nested dictionaries and lists of tensors, numbers, text and None to one file.

    Args:
        path: the file.
        state: what it holds.
        previous: the new name of the checkpoint that was there.

    Raises:
        StorageError: it cannot be written; a previous file stays as it was.
    """
    tensors: dict[str, Tensor] = {}
    # One key of metadata alone: safetensors writes several in any order.
    metadata = {formats.CHECKSUM: checksum.BLANK, "state": _flatten(state, "", tensors)}
    content = save_tensors(tensors, metadata={"glassnet": json.dumps(metadata)})
    with atomic.replacing(path, previous) as partial:
        partial.write_bytes(checksum.fill_at(content, content.index(checksum.BLANK.encode())))


def load(path: Path) -> State:
    """Read a checkpoint; its tensors are on the CPU.

    Raises:
        RunError: the file is missing or damaged.
    """
    return load_with_digest(path)[1]


def load_with_digest(path: Path) -> tuple[str, State]:
    """Read a checkpoint's `digest` and its state from the same bytes; raises as `load`."""
    try:
        content = formats.read(path)
        checksum.check(content)
        length = int.from_bytes(content[:8], "little")
        header = formats.parse_json(content[8 : 8 + length])
        metadata = formats.parse_json(header["__metadata__"]["glassnet"])
        state = _unflatten(metadata["state"], load_tensors(content))
        return _short_digest(hashlib.sha256(content)), state
    except FileNotFoundError:
        raise RunError(f"{path}: there is no such checkpoint", "train again") from None
    except (
        *(SafetensorError, OSError, MemoryError, RecursionError),
        *(ValueError, KeyError, TypeError, AttributeError),
    ) as error:
        raise RunError(
            f"{path}: damaged ({error})", "restore the file from a copy, or train again"
        ) from None


def digest(path: Path) -> str:
    """The first 12 hex digits of a checkpoint file's SHA-256, which identify its weights."""
    with path.open("rb") as stream:
        return _short_digest(hashlib.file_digest(stream, "sha256"))


def _short_digest(digest: hashlib._Hash) -> str:
    return digest.hexdigest()[:12]


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
