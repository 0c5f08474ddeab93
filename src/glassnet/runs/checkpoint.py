"""Checkpoints: nested state in one safetensors file, written atomically, read without pickle.

Tensors are stored under their path in the state (`network.conv1.weight`); everything else is JSON
in the file's header, with a reference in place of each tensor and a checksum of the whole file. Of
large matrices that are mostly rows of zeros, such as tables of n-grams, the other rows are stored.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors, save as save_tensors
from torch import Tensor

from glassnet import atomic, checksum, formats
from glassnet.errors import RunError

State = dict[str, Any]

MIN_SPARSE_VALUES = 1 << 16
"""Values of a matrix from which its rows of zeros are left out, if they are half of them."""

MAX_VALUES = 1 << 31
"""Values of the largest matrix that is restored from a part of its rows."""

INDEX = "$index"
"""Ends the name of the tensor with the positions of the stored rows."""


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
        raise RunError("there is no such checkpoint", "train again", path) from None
    except (
        *(SafetensorError, OSError, MemoryError, RecursionError),
        *(ValueError, KeyError, TypeError, AttributeError),
    ) as error:
        raise RunError(
            f"damaged ({error})", "restore the file from a copy, or train again", path
        ) from None


def in_half_precision(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights in float16, except those that are too large for it.

    For weights that are looked at and not trained further. bfloat16 has a larger range and an
    eighth of the precision.

    Example:
        >>> weights = {"small": torch.tensor([0.1]), "large": torch.tensor([1e6])}
        >>> {name: weight.dtype for name, weight in in_half_precision(weights).items()}
        {'small': torch.float16, 'large': torch.float32}
    """
    halves = {
        name: weight.half() for name, weight in weights.items() if weight.dtype == torch.float32
    }
    fitting = {name: half for name, half in halves.items() if half.isfinite().all()}
    return {**weights, **fitting}


def expected_bytes(weights: Mapping[str, Tensor]) -> int:
    """The size that a file of these weights will have after training, about.

    A table of zeros is counted with the rows of another one of its shape: scores of n-grams are
    learned where n-grams occur.

    Example:
        >>> expected_bytes({"scores": torch.zeros(1 << 20, 1), "bias": torch.zeros(10)})
        40
    """
    rows: dict[torch.Size, int] = {}
    stored = {name: _rows_to_store(tensor) for name, tensor in weights.items()}
    for name, found in stored.items():
        if found is not None:
            shape = weights[name].shape
            rows[shape] = max(rows.get(shape, 0), len(found))
    total = 0
    for name, tensor in weights.items():
        if stored[name] is None:
            total += tensor.numel() * tensor.element_size()
        else:
            total += rows[tensor.shape] * (tensor.shape[1] * tensor.element_size() + 4)
    return total


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
        tensor = value.detach().cpu().contiguous()
        rows = _rows_to_store(tensor)
        if rows is None:
            tensors[path] = tensor.clone()
            return {"$tensor": path}
        tensors[path], tensors[f"{path}{INDEX}"] = tensor[rows], rows.int()
        return {"$rows": path, "count": len(tensor)}
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
    if "$rows" in value:
        return _with_zero_rows(tensors, value["$rows"], value["count"])
    pairs = value["$items"] if "$items" in value else value.items()
    return {key: _unflatten(item, tensors) for key, item in pairs}


def _rows_to_store(tensor: Tensor) -> Tensor | None:
    """The positions of the rows that are not zero; None if the whole tensor is to be stored."""
    if tensor.ndim != 2 or not MIN_SPARSE_VALUES <= tensor.numel() < MAX_VALUES:
        return None
    rows = tensor.any(dim=1).nonzero()[:, 0]
    return rows if 2 * len(rows) < len(tensor) else None


def _with_zero_rows(tensors: dict[str, Tensor], path: str, count: int) -> Tensor:
    values, rows = tensors[path], tensors[f"{path}{INDEX}"].long()
    if (
        values.ndim != 2
        or len(rows) != len(values)
        or not 0 <= count * values.shape[1] < MAX_VALUES
    ):
        raise ValueError(f"the rows of {path} do not fit their matrix")
    if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < count:
        raise ValueError(f"the rows of {path} are not in their matrix")
    return torch.zeros(count, values.shape[1], dtype=values.dtype).index_copy_(0, rows, values)
