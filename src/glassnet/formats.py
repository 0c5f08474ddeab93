"""Encoding and checked decoding of JSON and NumPy's `.npz`; whatever is damaged is a ValueError."""

from __future__ import annotations

import io
import json
import math
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from glassnet import checksum

Arrays = dict[str, np.ndarray]

CHECKSUM = "checksum"
"""The first key of a JSON file with a checksum."""

ARRAYS = "arrays_sha256"
"""The key of a finding's JSON that has the SHA-256 of the arrays' file beside it."""

MEMORY_SHARE = 0.5
"""Share of the machine's memory that one file may take."""

CGROUP = Path("/sys/fs/cgroup/memory.max")
"""The memory that a container may use, on Linux."""

NPY = ".npy"

COMPRESSION = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What NumPy writes; others take a library or unbounded memory."""

ENCRYPTED = 0x1
"""The flag of an encrypted member of a ZIP file."""


def memory_limit() -> int:
    """Bytes that the content of one file may take in this process."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        total = 8 << 30
    with suppress(OSError, ValueError):  # a container may have less; it has `max` where not
        total = min(total, int(CGROUP.read_text()))
    return int(MEMORY_SHARE * total)


def read(path: Path) -> bytes:
    """Read a file that fits into memory.

    Raises:
        OSError: it is missing or cannot be read.
        ValueError: it is larger than `memory_limit`.
    """
    _check_size(path.stat().st_size)
    return path.read_bytes()


def parse_json(content: bytes | str, *, allow_nan: bool = True) -> Any:
    """Parse JSON in UTF-8.

    Args:
        content: the text, or its bytes.
        allow_nan: whether NaN and Infinity are numbers, as in Python's JSON.

    Raises:
        ValueError: it is no JSON, or too deep or too large.
    """
    text = content if isinstance(content, str) else content.decode("utf-8")
    try:
        return json.loads(text, parse_constant=None if allow_nan else _refuse)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    except MemoryError:
        raise ValueError("its JSON does not fit into memory") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def json_with_checksum(fields: Mapping[str, Any], indent: int) -> bytes:
    """Encode an object as JSON whose first key is the file's checksum.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    whole = {CHECKSUM: ""} | {k: v for k, v in fields.items() if k != CHECKSUM}
    text = json.dumps(whole, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"
    head, tail = text.split('""', 1)
    return checksum.fill_at(f'{head}"{checksum.BLANK}"{tail}'.encode(), len(head.encode()) + 1)


def parse_json_with_checksum(content: bytes) -> dict[str, Any]:
    """Parse what `json_with_checksum` wrote; a checksum of null accepts an edited file.

    Raises:
        ValueError: it is no JSON object, or has changed since it was written.
    """
    fields = parse_json(content, allow_nan=False)
    if not isinstance(fields, dict):
        raise ValueError("it is no JSON object")
    if CHECKSUM not in fields:
        raise ValueError("it has no checksum of glassnet's")
    if fields.pop(CHECKSUM) is not None:
        checksum.check(content)
    return fields


def encode_npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Encode named arrays as `.npz` with a checksum; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    comment = checksum.BLANK.encode()
    return checksum.fill(buffer.getvalue()[:-2] + len(comment).to_bytes(2, "little") + comment)


def decode_npz(content: bytes) -> Arrays:
    """Decode what `encode_npz` wrote; nothing is unpickled.

    Raises:
        ValueError: it has changed since it was written, or takes too much memory.
    """
    checksum.check(content)
    with open_npz(io.BytesIO(content)) as archive:
        return {name: read_array(archive, name) for name in array_names(archive)}


@contextmanager
def open_npz(source: Path | BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open an `.npz` file of any origin; all errors of the block become a ValueError.

    Raises:
        ValueError: it is damaged, encrypted, packed by another method or larger than memory.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            for member in archive.infolist():
                if member.flag_bits & ENCRYPTED:
                    raise ValueError(f"{member.filename} is encrypted")
                if member.compress_type not in COMPRESSION:
                    raise ValueError(f"{member.filename} is packed by an unknown method")
            _check_size(sum(member.file_size for member in archive.infolist()))
            yield archive
    except zipfile.BadZipFile as error:
        raise ValueError(f"damaged, or not an .npz file: {error}") from error
    except (OSError, EOFError, KeyError, RuntimeError, MemoryError, zlib.error) as error:
        raise ValueError(f"damaged arrays: {error or type(error).__name__}") from error


def array_names(archive: zipfile.ZipFile) -> list[str]:
    """The names of the arrays of an `.npz` file."""
    return [member.filename.removesuffix(NPY) for member in archive.infolist()]


def read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Read an array, whose header may not claim more than there is.

    Raises:
        ValueError: it does, or contains pickled objects.
    """
    file = name if name in archive.namelist() else name + NPY
    size = archive.getinfo(file).file_size
    try:
        with archive.open(file) as stream:
            version = np.lib.format.read_magic(stream)
            of_version_1 = version == (1, 0)
            read_header = (
                np.lib.format.read_array_header_1_0
                if of_version_1
                else np.lib.format.read_array_header_2_0
            )
            shape, _, kind = read_header(stream)
            n_header = stream.tell()
        if kind.hasobject:
            raise ValueError("it contains pickled objects")
        if kind.itemsize * math.prod(shape) != size - n_header:
            raise ValueError(f"the header of {name} does not fit its data")
        with archive.open(file) as stream:
            return np.lib.format.read_array(stream, allow_pickle=False)
    except (SyntaxError, TypeError, RecursionError, OverflowError) as error:
        raise ValueError(f"the header of {name} is damaged ({error})") from error


def _check_size(size: int) -> None:
    if size > (limit := memory_limit()):
        raise ValueError(
            f"it takes {size / 2**30:,.1f} GiB, more than half of this machine's memory "
            f"({limit / 2**30:,.1f} GiB)"
        )
