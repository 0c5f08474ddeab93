"""Encoding and checked decoding of JSON and NumPy's `.npz`; whatever is damaged is a ValueError."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import checksum

Arrays = dict[str, np.ndarray]

CHECKSUM = "checksum"
"""The first key of a JSON file with a checksum."""

ARRAYS = "arrays_sha256"
"""The key of a finding's JSON that has the SHA-256 of the arrays' file beside it."""

MEMORY_SHARE = 0.5
"""Share of the machine's memory that one file may take."""

COMPRESSION = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""What NumPy writes; others take a library or unbounded memory."""

ENCRYPTED = 0x1
"""The flag of an encrypted member of a ZIP file."""


def memory_limit() -> int:
    """Bytes that the content of one file may take on this machine."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        total = 8 << 30
    return int(MEMORY_SHARE * total)


def read(path: Path) -> bytes:
    """Read a file that fits into memory.

    Raises:
        OSError: it is missing or cannot be read.
        ValueError: it is larger than `memory_limit`.
    """
    _check_size(path.stat().st_size)
    return path.read_bytes()


def parse_json(content: bytes | str) -> Any:
    """Parse JSON in UTF-8.

    Raises:
        ValueError: it is no JSON, or too deep or too large.
    """
    try:
        return json.loads(content if isinstance(content, str) else content.decode("utf-8"))
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    except MemoryError:
        raise ValueError("its JSON does not fit into memory") from None


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
    fields = parse_json(content)
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
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            check_archive(archive)
            return {
                member.filename.removesuffix(".npy"): _array(archive.read(member))
                for member in archive.infolist()
            }
    except (OSError, EOFError, KeyError, RuntimeError, NotImplementedError) as error:
        raise ValueError(f"damaged arrays: {error}") from error
    except (zipfile.BadZipFile, zlib.error, MemoryError) as error:
        raise ValueError(f"damaged arrays: {error}") from error


def check_archive(archive: zipfile.ZipFile) -> None:
    """Check that the members of a ZIP file can be unpacked, and that they fit into memory.

    Raises:
        ValueError: one is encrypted or packed by another method, or they are too large.
    """
    for member in archive.infolist():
        if member.flag_bits & ENCRYPTED:
            raise ValueError(f"{member.filename} is encrypted")
        if member.compress_type not in COMPRESSION:
            raise ValueError(f"{member.filename} is packed by an unknown method")
    _check_size(sum(member.file_size for member in archive.infolist()))


def _array(content: bytes) -> np.ndarray:
    """An array of a `.npy` file, whose header may not claim more than there is."""
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, _, kind = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, _, kind = np.lib.format.read_array_header_2_0(stream)
        n_bytes = kind.itemsize * int(np.prod(shape, dtype=object))
        if kind.hasobject or n_bytes != len(content) - stream.tell():
            raise ValueError("the header of an array does not fit its data")
        stream.seek(0)
        return np.lib.format.read_array(stream, allow_pickle=False)
    except (SyntaxError, TypeError, RecursionError, OverflowError) as error:
        raise ValueError(f"the header of an array is damaged ({error})") from error


def _check_size(size: int) -> None:
    if size > (limit := memory_limit()):
        raise ValueError(
            f"it takes {size / 2**30:,.1f} GiB, more than half of this machine's memory "
            f"({limit / 2**30:,.1f} GiB)"
        )
