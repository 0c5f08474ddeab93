from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.data import text_files
from glassnet.errors import DataError, UsageError


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
        ("хороший фильм".encode("cp1251"), "not UTF-8 text"),
        ("gut".encode("utf-16-le"), "binary data, not text"),
        (bytes(100), "binary data, not text"),
        (b"PK\x03\x04\x14\x00\x06\x00", "binary data, not text"),
        (b"\xff\xfea", "not utf-16 text"),
    ],
)
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"a\.txt: {reason}"):
        text_files.read_text(path)


@pytest.mark.parametrize(
    ("text", "encoding", "recognised"),
    [
        ("“Très beau”, d’une émotion… 5 €", "cp1252", True),
        ("Größe und Übermut", "latin-1", True),
        ("¿Qué pasó, señor?", "latin-1", True),
        ("świetny film, żółty słoń", "cp1250", False),
        ("çok güzel, ışığı", "cp1254", False),
        ("хороший фильм", "cp1251", False),
        ("καλή ταινία", "cp1253", False),
        ("良い映画", "shift_jis", False),
        ("这部电影", "gb18030", False),
        ("déjà vu", "cp850", False),
        ("déjà vu", "mac-roman", False),
    ],
)
def test_western_european_texts_are_recognised_and_others_are_not_guessed(
    tmp_path: Path, text: str, encoding: str, recognised: bool
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    if recognised:
        assert text_files.read_text(path) == text
    else:
        with pytest.raises(DataError, match=r"not UTF-8 text\n.*--encoding"):
            text_files.read_text(path)
    assert text_files.read_text(path, encoding) == text


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(UsageError, match=r"--encoding cp1522: .*\ndid you mean cp1252\?"):
        text_files.read_text(tmp_path / "a.txt", "cp1522")


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
