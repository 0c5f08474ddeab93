"""What predict writes, glassnet reads, and a spreadsheet runs none of it."""

from __future__ import annotations

import csv
import io
import json
import shlex
from pathlib import Path

import pytest
from calls import Capture, done
from image_samples import save_noise

from glassnet.cli import train as train_command
from glassnet.config import TextConfig, command
from glassnet.data.table_files import read
from glassnet.data.texts.columns import header_detector
from glassnet.runs.folder import Run

HOSTILE = [
    *(
        "good\rdull",
        "good\r\nbad",
        "\r",
        "good\nbad",
        'so "good"',
        "'good'",
        "good, bad; dull\tnice",
    ),
    *("=cmd|' /C calc'!A0", "+1+good", "-good", "@good", "\t=1", "'=good", "good\u2028bad"),
    *("\x0bgood", "好看", "good\x1b[31m", "1e5", "nan", "", "[padding] good", "[unknown]"),
]

VALUES = ["a b", "=1", "it's", '"', "$HOME", "\\", "猫", "a\nb", "*", "--x", "-"]


@pytest.mark.parametrize("extension", ["csv", "tsv", "jsonl", "json"])
def test_a_table_with_hostile_cells_is_read_back_with_its_predictions(
    extension: str, text_classifier: Run, here: Path, capsys: Capture
) -> None:
    rows = [{"text": f"a{cell}", "note": cell, "n": str(k)} for k, cell in enumerate(HOSTILE)]
    source, target = here / f"in.{extension}", here / f"out.{extension}"
    if extension == "json":
        source.write_text(json.dumps(rows, indent=1))
    elif extension == "jsonl":
        source.write_text("\n".join(map(json.dumps, rows)))
    else:
        with source.open("w", encoding="utf-8", newline="") as file:
            delimiter = "\t" if extension == "tsv" else ","
            writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter, quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)
    done(capsys, "predict", text_classifier.path, source, "--out", target)
    table = read(target, header_detector())
    names = ("text", "note", "n", "class", "probability", "ood_score", "out_of_distribution")
    assert table.header == names
    assert table.faults == []
    written = [dict(zip(names, row, strict=True)) for row in table.rows]
    expected = [
        {name: cell[1:] if cell.startswith("'=") and "sv" in extension else cell}
        for row in rows
        for name, cell in row.items()
    ]
    assert [{name: row[name]} for row in written for name in ("text", "note", "n")] == expected
    again = here / f"again.{extension}"
    done(capsys, "predict", text_classifier.path, target, "--text-column", "text", "--out", again)
    assert [row[:3] for row in read(again, header_detector()).rows] == [
        row[:3] for row in table.rows
    ]


def test_no_cell_of_predictions_begins_like_a_formula(
    text_classifier: Run, here: Path, capsys: Capture
) -> None:
    texts = ["=1+1", "@good", "+bad", "good\rbad"]
    done(capsys, "predict", text_classifier.path, *texts, "--csv", "out.csv")
    content = (here / "out.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert len(rows) == len(texts)
    assert [row["text"] for row in rows] == ["'=1+1", "'@good", "'+bad", "good\rbad"]
    read_back = read(here / "out.csv", header_detector())
    assert read_back.columns[1] == texts


def test_names_of_image_files_are_no_formulas(trained: Run, here: Path, capsys: Capture) -> None:
    for name in ("=1+1.png", "-a, b.png", '@"x".png'):
        save_noise(here / name, (28, 28))
    done(capsys, "predict", trained.path, ".", "--csv", "out.csv")
    read_back = read(here / "out.csv", header_detector())
    assert sorted(read_back.columns[0]) == sorted(["-a, b.png", "=1+1.png", '@"x".png'])


@pytest.mark.parametrize(
    "value", ["a b", "=1", "it's", '"', "$HOME", "\\", "猫", "a\nb", "*", "--x", "-"]
)
def test_the_command_of_a_run_is_read_back(value: str) -> None:
    chosen = TextConfig(data=value, label_column=value, splits=value, encoding=value)
    words = shlex.split(command("lstm", "default", chosen, TextConfig()))
    context = train_command.task_command("lstm").make_context("lstm", words[3:])
    fields = ("data", "label_column", "splits", "encoding")
    assert {context.params[name] for name in fields} == {value}
