from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from glassnet.data.images import idx
from glassnet.errors import DataError

arrays = st.sampled_from(sorted(idx.TYPES.values())).flatmap(
    lambda kind: hnp.arrays(np.dtype(kind), hnp.array_shapes(max_dims=5, max_side=4))
)


@given(arrays, st.booleans())
def test_what_was_packed_is_read_back(array: np.ndarray, gzipped: bool) -> None:
    content = gzip.compress(idx.pack(array)) if gzipped else idx.pack(array)
    read = idx.read(content)
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.flags.writeable
    np.testing.assert_array_equal(read, array)


@given(arrays, st.data())
def test_a_file_that_was_cut_or_lengthened_is_refused(
    array: np.ndarray, data: st.DataObject
) -> None:
    content = idx.pack(array)
    stored = data.draw(st.integers(0, len(content) - 1))
    extra = data.draw(st.binary(min_size=1, max_size=9))
    for wrong in (content[:stored], content + extra):
        with pytest.raises(DataError):
            idx.read(wrong)


@given(arrays, st.data())
def test_a_mutilated_header_gives_a_data_error_or_the_same_number_of_bytes(
    array: np.ndarray, data: st.DataObject
) -> None:
    content = bytearray(idx.pack(array))
    end = 4 + 4 * array.ndim
    position = data.draw(st.integers(0, end - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    try:
        read = idx.read(bytes(content))
    except DataError:
        return
    assert read.nbytes == len(content) - 4 - 4 * read.ndim


@given(st.binary(max_size=64) | st.binary(max_size=64).map(lambda tail: b"\0\0\x08\x02" + tail))
def test_any_bytes_give_an_array_or_a_data_error(content: bytes) -> None:
    try:
        read = idx.read(content)
    except DataError:
        return
    assert read.nbytes == len(content) - 4 - 4 * read.ndim


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "0 bytes are too short"),
        (b"\x89PNG\r\n", "begins with 8950, not with the two zero bytes"),
        (b"\0\0\x0a\x01" + b"\0\0\0\x01" + b"\0", "type 0x0a"),
        (b"\0\0\x08\0\0", "has 0 axes, not 1 to 8"),
        (b"\0\0\x08\xff" + bytes(2000), "has 255 axes, not 1 to 8"),
        (b"\0\0\x08\x03" + bytes(11), "ends within its header of 16 bytes"),
        (b"\0\0\x08\x02" + struct.pack(">2I", 0, 2**32 - 1), "empty axis: 0 x 4294967295"),
        (b"\0\0\x08\x01" + struct.pack(">I", 2**32 - 1), "announces 4294967295 values"),
        (b"\0\0\x0e\x04" + struct.pack(">4I", *[2**32 - 1] * 4), "but 0 follow"),
        (b"\0\0\x0b\x01" + struct.pack(">I", 2) + bytes(3), "in 4 bytes, but 3 follow"),
        (b"\x1f\x8b\x08", "is truncated"),
    ],
)
def test_the_error_names_the_file_and_the_fault(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "digits-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        idx.read(path)
    assert reason in caught.value.message
    assert len(str(caught.value).splitlines()) == 2
    assert caught.value.message.startswith(str(path))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing", "No such file"),
        (".", "not a file"),
        ("/dev/zero", "not a file"),
        ("a\0b", "null byte"),
        ("long" * 100, "too long"),
    ],
)
def test_a_path_that_is_no_readable_file(path: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        idx.read(path)


def test_the_limit_holds_for_plain_and_gzipped_files(tmp_path: Path) -> None:
    content = idx.pack(np.zeros(5000, np.uint8))
    for name, written in (("plain", content), ("packed.gz", gzip.compress(content))):
        (tmp_path / name).write_bytes(written)
        assert idx.read(tmp_path / name, limit=len(content)).shape == (5000,)
        with pytest.raises(DataError, match="longer than 5,007 bytes"):
            idx.read(tmp_path / name, limit=len(content) - 1)


def test_real_files(mnist: tuple[bytes, ...]) -> None:
    images, labels, test_images, test_labels = map(idx.read, mnist)
    assert images.shape == (60_000, 28, 28)
    assert test_images.shape == (10_000, 28, 28)
    assert labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert images.mean() == pytest.approx(33.318, abs=0.001)
    assert idx.pack(test_images) == mnist[2]
