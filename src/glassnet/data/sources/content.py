"""Downloaded content: read within a size limit, decompressed, and verified by its SHA-256."""

import gzip
import hashlib
import zlib
from typing import IO

from glassnet.data.sources import packs
from glassnet.data.sources.catalogue import File, Members

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 20


class BadContent(Exception):  # noqa: N818 - not an error yet: the next source can have it
    """Content that is unavailable or not what it should be; the message is a whole sentence."""


def unpack(stream: IO[bytes], limit: int, name: str) -> bytes:
    """Read a seekable stream to its end, decompressing it if it is gzipped.

    Args:
        stream: a binary stream, at its beginning.
        limit: maximum number of decompressed bytes, which stops gzip bombs.
        name: what errors call it.

    Raises:
        BadContent: more than `limit` bytes, or gzip that is truncated or damaged.
    """
    gzipped = stream.read(2) == GZIP_MAGIC
    stream.seek(0)
    if not gzipped:
        return _read(stream, limit, name)
    try:
        with gzip.GzipFile(fileobj=stream) as unpacked:
            return _read(unpacked, limit, name)
    except EOFError:
        raise BadContent(f"{name} is truncated") from None
    except (gzip.BadGzipFile, zlib.error):
        raise BadContent(f"{name} is damaged gzip") from None


def verify(content: bytes, file: File, name: str) -> bytes:
    """Return the content if it is that of the catalogue, byte for byte.

    Raises:
        BadContent: its size or its SHA-256 differs; the message begins with `name`.
    """
    if len(content) < file.size:
        raise BadContent(f"{name} is truncated ({len(content):,} of {file.size:,} bytes)")
    if _digest(content, file) != file.sha256:
        raise BadContent(f"{name} is altered (its SHA-256 is not that of the catalogue)")
    return content


def _digest(content: bytes, file: File) -> str:
    """The SHA-256 to compare with that of the catalogue; empty if there is none."""
    if not isinstance(file, Members):
        return hashlib.sha256(content).hexdigest()
    try:
        return packs.digest(content)
    except ValueError:
        return ""


def _read(stream: IO[bytes] | gzip.GzipFile, limit: int, name: str) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise BadContent(f"{name} is longer than {limit:,} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
