"""Checksums inside files: the SHA-256 of the whole file, with zeros in the checksum's own place."""

from __future__ import annotations

import hashlib
import re

PREFIX = "glassnet-sha256:"

BLANK = PREFIX + "0" * 64
"""What a file contains in place of its checksum until `fill` computes it."""

_PATTERN = re.compile(PREFIX.encode() + rb"([0-9a-f]{64})")


def fill(content: bytes) -> bytes:
    """Replace the last `BLANK` of a file's content by its checksum.

    Example:
        >>> matches(fill(f"some text {BLANK}".encode()))
        True
    """
    return fill_at(content, content.rindex(BLANK.encode()))


def fill_at(content: bytes, start: int) -> bytes:
    """Replace the `BLANK` that begins at a byte."""
    place = start + len(PREFIX)
    return content[:place] + _digest(content, place).encode() + content[place + 64 :]


def matches(content: bytes) -> bool:
    """Whether a file's content is what `fill` returned, to the last bit.

    Example:
        >>> matches(fill(f"some text {BLANK}".encode()).replace(b"some", b"same"))
        False
    """
    return any(
        _digest(content, found.start(1)).encode() == found[1]
        for found in _PATTERN.finditer(content)
    )


def check(content: bytes) -> None:
    """Raise unless `matches`.

    Raises:
        ValueError: the content has changed since it was written, or never had a checksum.
    """
    if not matches(content):
        raise ValueError("it has changed since it was written")


def _digest(content: bytes, place: int) -> str:
    view = memoryview(content)
    digest = hashlib.sha256(view[:place])
    digest.update(b"0" * 64)
    digest.update(view[place + 64 :])
    return digest.hexdigest()
