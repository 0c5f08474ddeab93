"""Calls of the command line in the same process, and their output."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from glassnet.cli import main

Capture = pytest.CaptureFixture[str]
Words = list[str | Path]


def call(capsys: Capture, *words: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err, "no terminal, no colours"
    assert isinstance(end.value.code, int)
    return end.value.code, out, err


def done(capsys: Capture, *words: str | Path) -> tuple[str, str]:
    """Stdout and stderr of a command that succeeds."""
    code, out, err = call(capsys, *words)
    assert code == 0, err
    return out, err


def refused(capsys: Capture, *words: str | Path) -> tuple[str, str]:
    """Message and hint of a command that ends with exit code 2."""
    code, out, err = call(capsys, *words)
    assert (code, out) == (2, ""), err
    return two_lines(err)


def two_lines(err: str) -> tuple[str, str]:
    """Message and hint, the two lines that a failing command writes to stderr."""
    first, second = err.splitlines()
    assert first.startswith("glassnet: ")
    assert second.startswith("  ")
    return first.removeprefix("glassnet: "), second.strip()


def piped(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Replace standard input by this content."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def write_table(path: Path, rows: Iterable[tuple[object, ...]]) -> Path:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(io.StringIO(text, newline="")))
