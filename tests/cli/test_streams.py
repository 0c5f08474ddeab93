"""Streams of any length are predicted in order and with bounded memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from calls import Capture, done, write_table

import glassnet as gn
from glassnet.cli import predict_texts
from glassnet.runs.folder import Run

SCRIPT = """\
import sys
from pathlib import Path

from glassnet.cli import main, predict_texts

predict_texts.MAX_BATCH = 200
try:
    main(sys.argv[1:])
except SystemExit as end:
    sys.stdout.flush()
    # getrusage would count what the process was forked from.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print("peak", status["VmHWM"].split()[0], file=sys.stderr)
    sys.exit(end.code)
"""

FEW, MANY = 500, 5_000
NOTE = "x" * 3_000
"""Makes the rows so long that all of them need 15 MB of memory."""

ALLOWED = 8 * 1024
"""Largest growth of the peak from few rows to many, in kilobytes."""


@pytest.fixture(scope="module")
def exported(text_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "reader.onnx"
    gn.load(text_folder).export(path)
    return path


def table(path: Path, count: int) -> Path:
    rows = ((k, ("good", "bad")[k % 2], NOTE) for k in range(count))
    return write_table(path, [("id", "text", "note"), *rows])


def peak(*words: str | Path, given: Path | None = None, out: Path) -> int:
    """The peak memory of a command, in kilobytes."""
    with (given or Path(os.devnull)).open() as stdin, out.open("w") as stdout:
        ended = subprocess.run(
            [sys.executable, "-c", SCRIPT, "predict", *map(str, words)],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=300,
            env=os.environ | {"MALLOC_ARENA_MAX": "1", "TOKENIZERS_PARALLELISM": "false"},
        )
    assert ended.returncode == 0, ended.stderr
    return int(ended.stderr.split()[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="the peak comes from /proc")
def test_memory_does_not_grow_with_the_length_of_a_table(exported: Path, tmp_path: Path) -> None:
    peaks = {}
    for count in (FEW, MANY):
        given, out = table(tmp_path / f"{count}.csv", count), tmp_path / f"predictions-{count}.csv"
        peaks[count] = peak(exported, given, "--text-column", "text", out=out)
    assert peaks[MANY] - peaks[FEW] < ALLOWED
    with out.open() as lines:
        header, first, *others = (line.split(",") for line in lines)
    assert header[:4] == ["id", "text", "note", "class"]
    assert len(others) == MANY - 1
    assert [row[0] for row in others] == [str(k) for k in range(1, MANY)]
    assert {(row[1], row[3]) for row in (first, *others)} == {
        ("good", "positive"),
        ("bad", "negative"),
    }


@pytest.mark.skipif(sys.platform != "linux", reason="the peak comes from /proc")
def test_memory_does_not_grow_with_the_length_of_standard_input(
    exported: Path, tmp_path: Path
) -> None:
    peaks = {}
    for count in (FEW, MANY):
        given, out = tmp_path / f"{count}.txt", tmp_path / f"{count}.out"
        given.write_text(f"good {NOTE}\n" * count)
        peaks[count] = peak(exported, "-", "--json", given=given, out=out)
    assert peaks[MANY] - peaks[FEW] < ALLOWED
    with out.open() as lines:
        assert sum(1 for _ in lines) == MANY


def test_a_table_does_not_depend_on_the_batch_size(
    text_classifier: Run, reviews: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    whole, _ = done(capsys, "predict", text_classifier.path, reviews)
    monkeypatch.setattr(predict_texts, "MAX_BATCH", 7)
    parts, _ = done(capsys, "predict", text_classifier.path, reviews)
    for row, same in zip(parts.splitlines(), whole.splitlines(), strict=True):
        assert row.split(",")[:4] == same.split(",")[:4]
