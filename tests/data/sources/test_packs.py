from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, strategies as st

from glassnet.data.sources.packs import digest, pack, unpack

NAMES = st.text("abc/._0", min_size=1)
FILES = st.dictionaries(NAMES, st.binary(max_size=40), min_size=1, max_size=8)


@given(FILES)
def test_a_pack_gives_its_files_back(files: dict[str, bytes]) -> None:
    again = unpack(pack(files))
    assert again == files
    assert list(again) == sorted(files)


def test_the_digest_is_over_sorted_paths_and_hashes() -> None:
    files = {"b/1.txt": b"two", "a/2.txt": b"one"}
    record = b"".join(
        name.encode() + b"\0" + hashlib.sha256(files[name]).digest() for name in sorted(files)
    )
    assert digest(pack(files)) == hashlib.sha256(record).hexdigest()
    assert digest(pack(files)) == digest(pack(dict(reversed(files.items()))))


@given(FILES, st.data())
def test_any_byte_altered_alters_the_digest(files: dict[str, bytes], data: st.DataObject) -> None:
    whole = pack(files)
    position = data.draw(st.integers(0, len(whole) - 1))
    altered = bytearray(whole)
    altered[position] ^= data.draw(st.integers(1, 255))
    try:
        found = digest(bytes(altered))
    except ValueError:
        return
    # A path may be told by another size line of the same meaning, as 03 for 3, and no more.
    assert found != digest(whole) or unpack(bytes(altered)) == files


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"a\t3\n\nab", b"a\t3\n\nabcd", b"a\n\nx", b"\xff"]
)
def test_what_is_no_pack(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"literal|decode|sizes"):
        unpack(content)
