from __future__ import annotations

import gzip
import io
import re
from hashlib import sha256

import pytest

from glassnet.data.sources.catalogue import File
from glassnet.data.sources.content import BadContent, unpack, verify

BYTES = bytes(range(256)) * 100


@pytest.mark.parametrize("packed", [BYTES, gzip.compress(BYTES)], ids=["plain", "gzip"])
def test_unpack_returns_the_bytes_up_to_the_limit(packed: bytes) -> None:
    assert unpack(io.BytesIO(packed), len(BYTES), "it") == BYTES
    with pytest.raises(BadContent, match=r"it is longer than 25,599 bytes"):
        unpack(io.BytesIO(packed), len(BYTES) - 1, "it")


def test_a_gzip_bomb_is_stopped_at_the_limit() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    packed = gzip.decompress(bomb)
    assert len(packed) < 100_000
    with pytest.raises(BadContent, match="longer than 1,000 bytes"):
        unpack(io.BytesIO(packed), 1000, "bomb")


@pytest.mark.parametrize("stored", [2, 9, 200, -1])
def test_truncated_gzip_is_refused(stored: int) -> None:
    with pytest.raises(BadContent, match="it is truncated"):
        unpack(io.BytesIO(gzip.compress(BYTES)[:stored]), 1 << 20, "it")


def test_gzip_with_any_byte_altered_never_gives_other_bytes() -> None:
    packed = gzip.compress(BYTES, mtime=0)
    for position in range(len(packed)):
        altered = bytearray(packed)
        altered[position] ^= 0x55
        try:
            content = unpack(io.BytesIO(bytes(altered)), 1 << 20, "it")
        except BadContent:
            continue
        # What gzip does not check: its file's time, system and name, or that it is gzip at all.
        assert content in (BYTES, bytes(altered)), position


def test_verify_distinguishes_truncated_from_altered() -> None:
    file = File("it", sha256(BYTES).hexdigest(), len(BYTES))
    assert verify(BYTES, file, "it") is BYTES
    with pytest.raises(BadContent, match=re.escape("it is truncated (25,590 of 25,600 bytes)")):
        verify(BYTES[:-10], file, "it")
    with pytest.raises(BadContent, match="it is altered"):
        verify(BYTES[::-1], file, "it")
    with pytest.raises(BadContent, match="it is altered"):
        verify(BYTES + b"\0", file, "it")
