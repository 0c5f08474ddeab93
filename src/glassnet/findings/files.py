"""Findings on disk: `NAME.json` beside `NAME.npz`, deterministic and without pickle."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import atomic, formats
from glassnet.errors import RunError
from glassnet.findings.finding import SECTIONS
from glassnet.findings.kinds import KINDS, Findings, Record

BY_NAME = "other-data"
"""The section whose findings are ordered by name."""

FIRST_IN_SECTION = ("probe-map", "seed-separation")
"""Names of findings that come first in their sections, whatever their kinds."""


def save(record: Record, folder: Path) -> Path:
    """Write a finding to a folder as `NAME.json` and, where it has arrays, `NAME.npz`.

    Both files are written atomically and with checksums, and equal findings give equal bytes.

    Returns:
        The path of the JSON file.
    """
    body, arrays = _encoded(record)
    path = folder / f"{record.name}.json"
    if arrays:
        content = formats.encode_npz(arrays)
        body[formats.ARRAYS] = hashlib.sha256(content).hexdigest()
        atomic.write(path.with_suffix(".npz"), content)
    else:
        path.with_suffix(".npz").unlink(missing_ok=True)
    return atomic.write(path, formats.json_with_checksum(body, indent=1))


def check(record: Record) -> None:
    """Check that a finding can be written: that no number in it is NaN or infinite.

    Raises:
        ValueError: one is.
    """
    formats.json_with_checksum(_encoded(record)[0], indent=1)


def _encoded(record: Record) -> tuple[dict[str, Any], formats.Arrays]:
    """The content of a finding's JSON file, and its arrays."""
    arrays: formats.Arrays = {}
    body = {"kind": type(record).__name__} | _to_json(record, "", arrays)
    return body, arrays


def load(path: Path) -> Record:
    """Read a finding from its JSON file and the arrays beside it.

    Raises:
        RunError: the file is missing, damaged or of an unknown kind.
    """
    import msgspec  # an exported network predicts without it

    try:
        body = formats.parse_json_with_checksum(formats.read(path))
        kind = KINDS[body.pop("kind")]
        arrays = _arrays(path.with_suffix(".npz"), body.pop(formats.ARRAYS, ""))
        return msgspec.convert(body, kind, dec_hook=lambda _, value: arrays[value["array"]])
    except FileNotFoundError:
        raise RunError(
            "there is no such finding", "make it with: glassnet explain RUN", path
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"cannot be read as a finding ({error})",
            "make it again with: glassnet explain RUN",
            path,
        ) from None


def load_all(folder: Path) -> Findings:
    """Read every finding of a folder: name -> record, ordered by section, kind and name.

    Those on other data are ordered by name alone, so that each data set's stay together.
    """
    records = [load(path) for path in sorted(folder.glob("*.json"))]
    kinds = list(KINDS.values())

    def rank(record: Record) -> tuple[int, bool, int, str]:
        section = getattr(record, "section", None)
        place = SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
        if section == BY_NAME:
            return place, False, 0, record.name
        return place, record.name not in FIRST_IN_SECTION, kinds.index(type(record)), ""

    return Findings({record.name: record for record in sorted(records, key=rank)})


def _arrays(path: Path, sha256: str) -> formats.Arrays:
    """The arrays beside a finding, which names them by their SHA-256."""
    if not sha256:
        return {}
    try:
        content = formats.read(path)
    except OSError as error:
        raise ValueError(f"{path.name}: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ValueError(f"{path.name} has changed since it was written")
    return formats.decode_npz(content)


def _to_json(value: Any, key: str, arrays: formats.Arrays) -> Any:
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
