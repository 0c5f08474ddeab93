"""Findings on disk: `NAME.json` beside `NAME.npz`; equal findings give equal bytes, no pickle."""

from __future__ import annotations

import dataclasses
import io
import json
import types
import typing
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import atomic
from glassnet.errors import RunError
from glassnet.findings.finding import SECTIONS
from glassnet.findings.kinds import KINDS, Record

OPENING = ("probe-map",)
"""Findings that open their sections, whatever their kinds."""


def save(record: Record, folder: Path) -> Path:
    """Write a finding into a folder as `NAME.json` and, where it has arrays, `NAME.npz`.

    Both files are complete or absent, and equal findings give equal bytes.

    Returns:
        The path of the JSON file.
    """
    arrays: dict[str, np.ndarray] = {}
    body = {"kind": type(record).__name__} | _plain(record, "", arrays)
    path = folder / f"{record.name}.json"
    if not arrays:
        path.with_suffix(".npz").unlink(missing_ok=True)
    else:
        atomic.write(path.with_suffix(".npz"), bytes_of(arrays))
    text = json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False)
    return atomic.write(path, text + "\n")


def load(path: Path) -> Record:
    """Read a finding back from its JSON file (and the arrays beside it).

    Raises:
        RunError: the file is missing, damaged or of a kind that this version does not know.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        kind = KINDS[body.pop("kind")]
        arrays: dict[str, np.ndarray] = {}
        if path.with_suffix(".npz").exists():
            arrays = arrays_of(path.with_suffix(".npz").read_bytes())
        return _typed(kind, body, arrays)
    except FileNotFoundError:
        raise RunError(
            f"{path}: there is no such finding", "make it with: glassnet explain RUN"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"{path}: cannot be read as a finding ({error})",
            "make it again with: glassnet explain RUN",
        ) from None


def load_all(folder: Path) -> dict[str, Record]:
    """Read every finding of a folder: name -> record, ordered by section, kind and name.

    Those of `OPENING` stand first in their sections.
    """
    records = [load(path) for path in sorted(folder.glob("*.json"))]
    kinds = list(KINDS.values())

    def place(record: Record) -> tuple[int, bool, int]:
        section = getattr(record, "section", None)
        chapter = SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
        return chapter, record.name not in OPENING, kinds.index(type(record))

    return {record.name: record for record in sorted(records, key=place)}


def bytes_of(arrays: dict[str, np.ndarray]) -> bytes:
    """Named arrays as the content of an `.npz` file; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def arrays_of(content: bytes) -> dict[str, np.ndarray]:
    """Named arrays from the content of an `.npz` file; nothing is unpickled.

    Raises:
        ValueError: the content is damaged.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"damaged arrays: {error}") from error


def _plain(value: Any, where: str, arrays: dict[str, np.ndarray]) -> Any:
    """Turn a record into JSON's types, putting its arrays aside as `{"array": key}`."""
    if isinstance(value, np.ndarray):
        arrays[where] = value
        return {"array": where}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(
                getattr(value, field.name), f"{where}.{field.name}".lstrip("."), arrays
            )
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple | list):
        return [_plain(item, f"{where}.{index}", arrays) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _plain(item, f"{where}.{key}", arrays) for key, item in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    return value


def _typed(hint: Any, value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Turn JSON's types back into what a field's annotation says."""
    if isinstance(hint, types.UnionType):
        if value is None:
            return None
        options = [option for option in typing.get_args(hint) if option is not types.NoneType]
        return _typed(options[0], value, arrays) if len(options) == 1 else value
    if hint is np.ndarray:
        return arrays[value["array"]]
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = [  # a finding of before a field came to be has its default
            field.name
            for field in dataclasses.fields(hint)
            if field.name in value or field.default is dataclasses.MISSING
        ]
        return hint(**{name: _typed(hints[name], value[name], arrays) for name in fields})
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        return tuple(_typed(inner, item, arrays) for item in value)
    return value
