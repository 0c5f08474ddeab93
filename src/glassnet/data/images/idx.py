"""IDX files, the format of MNIST: read with a check of the header, and written.

A file is two zero bytes, one byte for the type, one for the number of axes, a big-endian 32-bit
length per axis, and then the values, big-endian, last axis fastest.
"""

import io
import math
import struct
from pathlib import Path

import numpy as np

from glassnet.data.sources.content import BadContent, unpack
from glassnet.errors import DataError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: "i2", 0x0C: "i4", 0x0D: "f4", 0x0E: "f8"}
MAX_AXES = 8
LIMIT = 1 << 30
HINT = "give a complete IDX file, plain or gzipped, such as those of MNIST"


def read(source: Path | str | bytes, *, limit: int = LIMIT) -> np.ndarray:
    """Read an IDX file, plain or gzipped, from a path or from its bytes.

    Args:
        source: a path, or the content of the file.
        limit: maximum size of the unpacked file in bytes.

    Returns:
        A new array of the file's shape, with 1 to 8 non-empty axes, in native byte order: uint8,
        int8, int16, int32, float32 or float64.

    Raises:
        DataError: the file cannot be read, or its header does not match its length.

    Example:
        >>> read(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]))
        array([7, 8, 9], dtype=uint8)
    """
    name = "IDX content" if isinstance(source, bytes) else str(source)
    try:
        content = _content(source, limit, name)
    except BadContent as reason:
        raise DataError(str(reason), HINT) from None
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise DataError(f"cannot be read ({cause})", HINT, name) from None
    return _array(content, name)


def pack(array: np.ndarray) -> bytes:
    """The bytes of an IDX file with this array, of one of IDX's six types and 1 to 8 axes.

    Example:
        >>> pack(np.array([7, 8, 9], dtype=np.uint8))
        b'\\x00\\x00\\x08\\x01\\x00\\x00\\x00\\x03\\x07\\x08\\t'
    """
    codes = {kind: code for code, kind in TYPES.items()}
    kind = array.dtype.str[1:]
    header = struct.pack(f">xxBB{array.ndim}I", codes[kind], array.ndim, *array.shape)
    return header + array.astype(f">{kind}").tobytes()


def _content(source: Path | str | bytes, limit: int, name: str) -> bytes:
    if isinstance(source, bytes):
        return unpack(io.BytesIO(source), limit, name)
    path = Path(source)
    if path.exists() and not path.is_file():
        raise BadContent(f"{name} is not a file")
    with path.open("rb") as stream:
        return unpack(stream, limit, name)


def _array(content: bytes, name: str) -> np.ndarray:
    def check(holds: bool, reason: str) -> None:
        if not holds:
            raise DataError(reason, HINT, name)

    check(len(content) >= 4, f"{len(content)} bytes are too short for an IDX header")
    zeros, code, axes = struct.unpack_from(">HBB", content)
    check(zeros == 0, f"begins with {content[:2].hex()}, not with the two zero bytes of IDX")
    check(code in TYPES, f"type 0x{code:02x} is not a type of IDX")
    check(1 <= axes <= MAX_AXES, f"has {axes} axes, not 1 to {MAX_AXES}")
    start = 4 + 4 * axes
    check(len(content) >= start, f"ends within its header of {start} bytes")
    shape = struct.unpack_from(f">{axes}I", content, 4)
    check(all(shape), f"has an empty axis: {_by(shape)}")
    kind = np.dtype(f">{TYPES[code]}")
    expected, actual = math.prod(shape) * kind.itemsize, len(content) - start
    check(
        expected == actual,
        f"its header announces {_by(shape)} values in {expected:,} bytes, but {actual:,} follow",
    )
    return np.frombuffer(content, kind, offset=start).reshape(shape).astype(kind.newbyteorder("="))


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape)
