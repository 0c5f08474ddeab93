from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.data.texts import encoding
from glassnet.errors import DataError


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_byte_order_mark_tells_the_encoding(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("  schön, 好看, привет 🎬\n".encode(name))
    assert encoding.text(path) == "schön, 好看, привет 🎬"


def test_utf_16_of_the_other_end(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffgut".encode("utf-16-be"))
    assert encoding.text(path) == "gut"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("schön".encode("latin-1"), "not UTF-8 text"),
        ("gut".encode("utf-16-le"), "no text but binary data"),
        (bytes(100), "no text but binary data"),
        (b"PK\x03\x04\x14\x00\x06\x00", "no text but binary data"),
        (b"\xff\xfea", "not UTF-8 text"),
    ],
)
def test_what_is_no_text(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.txt: {reason}"):
        encoding.text(path)
    with pytest.raises(DataError) as caught, encoding.opened(path) as stream:
        list(encoding.lines(stream, path))
    assert len(str(caught.value).splitlines()) == 2


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x" * 100)
    monkeypatch.setattr(encoding, "MAX_TEXT", 99)
    with pytest.raises(DataError, match="longer than 99 characters"):
        encoding.text(path)
    monkeypatch.setattr(encoding, "MAX_FILE", 99)
    with pytest.raises(DataError, match="are too many"):
        encoding.text(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match="there is no such file"):
            encoding.text(path)


def test_a_million_words(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("word " * 1_000_000)
    assert len(encoding.text(path).split()) == 1_000_000
