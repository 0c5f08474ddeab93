"""Files that lie: whatever is in them, decoding ends in a ValueError, in bounded memory."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from glassnet import checksum, formats

ARRAYS: formats.Arrays = {
    "labels": np.arange(5),
    "points": np.ones((3, 2), np.float32),
    "none": np.zeros((0, 4)),
}


def test_arrays_come_back_with_types_and_shapes() -> None:
    back = formats.decode_npz(formats.encode_npz(ARRAYS))
    assert list(back) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)
    with np.load(io.BytesIO(formats.encode_npz(ARRAYS))) as stored:
        assert sorted(stored.files) == sorted(ARRAYS), "NumPy reads it, too"


def header(shape: str, kind: str = "<f8") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def archive(member: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as packed:
        packed.writestr("a.npy", member)
    return buffer.getvalue()


def encrypted() -> bytes:
    content = bytearray(archive(header("(1,)") + bytes(8)))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


def bad_deflate() -> bytes:
    content = archive(header("(9,)") + bytes(72), zipfile.ZIP_DEFLATED)
    packed = zlib.compress(bytes(72))[2:6]
    place = content.index(b"a.npy") + 5
    return content[:place] + bytes([0xFF] * len(packed)) + content[place + len(packed) :]


def read(content: bytes) -> None:
    with formats.open_npz(io.BytesIO(content)) as packed:
        for array in formats.array_names(packed):
            formats.read_array(packed, array)


LIES: dict[str, bytes] = {
    "nothing": b"",
    "no archive": b"PK\x03\x04 and no more",
    "4 TiB in the header": archive(header(f"({1 << 39},)") + bytes(80)),
    "a negative length": archive(header("(-1,)") + bytes(8)),
    "too few bytes": archive(header("(9,)") + bytes(8)),
    "too many bytes": archive(header("(1,)") + bytes(80)),
    "a shape that is no tuple": archive(header("'x'") + bytes(8)),
    "an unknown type": archive(header("(1,)", "<q9") + bytes(8)),
    "pickled objects": archive(header("(1,)", "|O") + b"cos\nsystem\n"),
    "a deep header": archive(header("(" * 3000 + ")" * 3000)),
    "no header": archive(b"a text"),
    "an encrypted member": encrypted(),
    "an unknown method": archive(header("(1,)") + bytes(8), zipfile.ZIP_BZIP2),
    "bad deflate data": bad_deflate(),
}


@pytest.mark.parametrize("name", LIES)
def test_archives_that_lie(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(LIES[name])


def test_an_archive_that_unpacks_to_more_than_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    content = formats.encode_npz({"zeros": np.zeros(1 << 16)})
    monkeypatch.setattr(formats, "memory_limit", lambda: 1 << 15)
    with pytest.raises(ValueError, match="more than half of this machine's memory"):
        formats.decode_npz(content)


def test_a_file_that_is_larger_than_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_bytes(bytes(100))
    monkeypatch.setattr(formats, "memory_limit", lambda: 99)
    with pytest.raises(ValueError, match="memory"):
        formats.read(tmp_path / "a.json")


def test_a_container_has_less_memory_than_its_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = formats.memory_limit()
    monkeypatch.setattr(formats, "CGROUP", tmp_path / "memory.max")
    formats.CGROUP.write_text("1048576\n")
    assert formats.memory_limit() == 524_288
    formats.CGROUP.write_text("max\n")
    assert formats.memory_limit() >= whole


def test_no_flipped_bit_goes_unnoticed() -> None:
    content, draw = formats.encode_npz(ARRAYS), random.Random(0)
    for _ in range(500):
        damaged = bytearray(content)
        damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        with pytest.raises(ValueError, match="has changed"):
            formats.decode_npz(bytes(damaged))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b"[]", b"{}", b"NaN"]
)
def test_json_that_is_none(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        formats.parse_json_with_checksum(content)


PLAIN: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.text(), PLAIN, max_size=4), st.data())
def test_json_comes_back_and_no_flipped_bit_goes_unnoticed(
    fields: dict[str, Any], data: st.DataObject
) -> None:
    """Even where a text looks like a checksum that is still to be filled."""
    fields = {"text": checksum.BLANK} | fields
    fields.pop(formats.CHECKSUM, None)
    try:
        content = formats.json_with_checksum(fields, indent=1)
    except (ValueError, UnicodeEncodeError):  # infinite, or a lone surrogate
        return
    assert formats.parse_json_with_checksum(content) == fields
    place = data.draw(st.integers(0, 8 * len(content) - 1))
    damaged = bytearray(content)
    damaged[place // 8] ^= 1 << place % 8
    with pytest.raises(ValueError, match=r"."):
        formats.parse_json_with_checksum(bytes(damaged))
