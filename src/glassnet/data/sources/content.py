"""Content: bytes read within a limit, unpacked if they are gzipped, and verified by their hash."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from typing import IO

from glassnet.data.sources import packs
from glassnet.data.sources.catalogue import File, Members

GZIP_MAGIC = b"\x1f\x8b"
CHUNK = 1 << 20


class Unfit(Exception):  # noqa: N818 - a verdict that the next source may overturn, no error yet
    """Content that cannot be had or is not what it should be; the text is a whole sentence."""


def unpack(stream: IO[bytes], limit: int, name: str) -> bytes:
    """Read a seekable stream to its end, undoing gzip where its first bytes say so.

    Args:
        stream: a binary stream, at its beginning.
        limit: the most bytes that may come out; a gzip bomb is left at this point.
        name: what an error calls it.

    Raises:
        Unfit: more than `limit` bytes, or gzip that is cut short or damaged.
    """
    packed = stream.read(2) == GZIP_MAGIC
    stream.seek(0)
    if not packed:
        return _read(stream, limit, name)
    try:
        with gzip.GzipFile(fileobj=stream) as unpacked:
            return _read(unpacked, limit, name)
    except EOFError:
        raise Unfit(f"{name} is cut short") from None
    except (gzip.BadGzipFile, zlib.error):
        raise Unfit(f"{name} is damaged gzip") from None


def verify(content: bytes, file: File, name: str) -> bytes:
    """Give the content back if it is the catalogue's, byte for byte.

    Raises:
        Unfit: its size or its SHA-256 differs; the sentence begins with `name`.
    """
    if len(content) < file.size:
        raise Unfit(f"{name} is cut short ({len(content):,} of {file.size:,} bytes)")
    if _digest(content, file) != file.sha256:
        raise Unfit(f"{name} is altered (its SHA-256 is not the catalogue's)")
    return content


def _digest(content: bytes, file: File) -> str:
    """The SHA-256 that the catalogue gives for this form of file; empty where there is none."""
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
            raise Unfit(f"{name} is longer than the {limit:,} bytes that it may have")
        chunks.append(chunk)
    return b"".join(chunks)
