"""Findings on disk: `NAME.json` beside `NAME.npz`, deterministic and without pickle."""

import dataclasses
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import atomic
from glassnet.errors import RunError
from glassnet.findings.finding import SECTIONS
from glassnet.findings.kinds import KINDS, Record

FIRST_IN_SECTION = ("probe-map",)
"""Names of findings that come first in their sections, whatever their kinds."""

Arrays = dict[str, np.ndarray]


def save(record: Record, folder: Path) -> Path:
    """Write a finding to a folder as `NAME.json` and, where it has arrays, `NAME.npz`.

    Both files are written atomically, and equal findings give equal bytes.

    Returns:
        The path of the JSON file.
    """
    text, arrays = _encoded(record)
    path = folder / f"{record.name}.json"
    if arrays:
        atomic.write(path.with_suffix(".npz"), bytes_of(arrays))
    else:
        path.with_suffix(".npz").unlink(missing_ok=True)
    return atomic.write(path, text)


def check(record: Record) -> None:
    """Check that a finding can be written: that no number in it is NaN or infinite.

    Raises:
        ValueError: one is.
    """
    _encoded(record)


def _encoded(record: Record) -> tuple[str, Arrays]:
    """The content of a finding's JSON file, and its arrays."""
    arrays: Arrays = {}
    body = {"kind": type(record).__name__} | _to_json(record, "", arrays)
    return json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False) + "\n", arrays


def load(path: Path) -> Record:
    """Read a finding from its JSON file and the arrays beside it.

    Raises:
        RunError: the file is missing, damaged or of an unknown kind.
    """
    import msgspec  # an exported network predicts without it

    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        kind = KINDS[body.pop("kind")]
        npz = path.with_suffix(".npz")
        arrays = arrays_of(npz.read_bytes()) if npz.exists() else {}
        return msgspec.convert(body, kind, dec_hook=lambda _, value: arrays[value["array"]])
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
    """Read every finding of a folder: name -> record, ordered by section, kind and name."""
    records = [load(path) for path in sorted(folder.glob("*.json"))]
    kinds = list(KINDS.values())

    def rank(record: Record) -> tuple[int, bool, int]:
        section = getattr(record, "section", None)
        place = SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
        return place, record.name not in FIRST_IN_SECTION, kinds.index(type(record))

    return {record.name: record for record in sorted(records, key=rank)}


def bytes_of(arrays: Arrays) -> bytes:
    """Encode named arrays as an `.npz` file; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def arrays_of(content: bytes) -> Arrays:
    """Decode named arrays from the bytes of an `.npz` file; nothing is unpickled.

    Raises:
        ValueError: the content is damaged.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"damaged arrays: {error}") from error


def _to_json(value: Any, key: str, arrays: Arrays) -> Any:
    """Convert a record to JSON's types; arrays are moved to `arrays` and leave `{"array": key}`."""
    if isinstance(value, np.ndarray):
        arrays[key] = value
        return {"array": key}
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {
            name: _to_json(item, f"{key}.{name}".lstrip("."), arrays)
            for name, item in value.items()
        }
    if isinstance(value, tuple | list):
        return [_to_json(item, f"{key}.{index}", arrays) for index, item in enumerate(value)]
    return value
