from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.data import text_files
from glassnet.errors import DataError


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_byte_order_mark_determines_the_encoding(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("  schön, 好看, привет 🎬\n".encode(name))
    assert text_files.read_text(path) == "schön, 好看, привет 🎬"


def test_big_endian_utf_16(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffgut".encode("utf-16-be"))
    assert text_files.read_text(path) == "gut"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("schön".encode("latin-1"), "not UTF-8 text"),
        ("gut".encode("utf-16-le"), "binary data, not text"),
        (bytes(100), "binary data, not text"),
        (b"PK\x03\x04\x14\x00\x06\x00", "binary data, not text"),
        (b"\xff\xfea", "not UTF-8 text"),
    ],
)
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.txt: {reason}"):
        text_files.read_text(path)
    with pytest.raises(DataError) as caught, text_files.open_text(path) as stream:
        list(text_files.lines(stream, path))
    assert len(str(caught.value).splitlines()) == 2


def test_files_and_texts_that_are_too_long_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x" * 100)
    monkeypatch.setattr(text_files, "MAX_TEXT", 99)
    with pytest.raises(DataError, match="longer than 99 characters"):
        text_files.read_text(path)
    monkeypatch.setattr(text_files, "MAX_FILE", 99)
    with pytest.raises(DataError, match="are too large"):
        text_files.read_text(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match="there is no such file"):
            text_files.read_text(path)


def test_a_text_of_a_million_words(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("word " * 1_000_000)
    assert len(text_files.read_text(path).split()) == 1_000_000
