"""predict with a text classifier."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from unicodedata import east_asian_width

import numpy as np
import pytest
from calls import Capture, Words, done, piped, refused, rows_of, write_table

import glassnet as gn
from glassnet import png
from glassnet.class_labels import class_labels
from glassnet.cli import predict_texts, stdin_lines
from glassnet.runs.folder import Run

GOOD, BAD = "A superb story.", "The music was dull"
BLANK = np.zeros((28, 28), np.uint8)
"""An image."""


pytestmark = pytest.mark.usefixtures("here")


# predict: texts.


def test_each_text_gets_a_line(text_classifier: Run, capsys: Capture) -> None:
    out, err = done(capsys, "predict", text_classifier.path, GOOD, BAD)
    first, second = out.splitlines()
    probabilities = gn.load(text_classifier.path).predict_proba([GOOD, BAD])
    assert first == f"positive {100 * probabilities[0, 1]:5.1f} %  {GOOD}"
    assert second == f"negative {100 * probabilities[1, 0]:5.1f} %? {BAD}"
    assert err == "1 text out of distribution (text 2); the false-positive rate is 1.0 %\n"


def test_most_predictions_are_correct(text_classifier: Run, reviews: Path, capsys: Capture) -> None:
    out, err = done(capsys, "predict", text_classifier.path, reviews)
    rows = rows_of(out)
    assert sum(row["class"] == row["label"] for row in rows) > 0.9 * len(rows)
    flagged = sum(row["out_of_distribution"] == "1" for row in rows)
    # 1 %, with a standard deviation of 1 point: the threshold is from about a hundred texts.
    assert 0 < flagged < 0.04 * len(rows)
    first, *_, second = err.splitlines()
    assert first == "reviews.csv: texts from the column 'text'"
    assert second.startswith(f"{flagged} texts out of distribution (reviews.csv, line ")


def test_top_sets_the_number_of_classes(text_classifier: Run, capsys: Capture) -> None:
    out, _ = done(capsys, "predict", text_classifier.path, GOOD, "--top", "2")
    assert re.fullmatch(r"positive +[0-9.]+ %, negative +[0-9.]+ %  A superb story\.\n", out)
    out, _ = done(capsys, "predict", text_classifier.path, GOOD, "--json")
    (row,) = json.loads(out)
    assert list(row) == [
        "text",
        "class",
        "probability",
        "probabilities",
        "ood_score",
        "out_of_distribution",
    ]
    assert row["out_of_distribution"] == (row["ood_score"] > 1)
    assert row["probabilities"][0] == [row["class"], row["probability"]]
    assert [name for name, _ in row["probabilities"]] == ["positive", "negative"]


def test_a_text_is_truncated_to_the_width_of_the_terminal(
    text_classifier: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    texts = ["good " * 50, "好看的电影" * 20, "one\ntwo  \x1b[31mred", "short"]
    out, _ = done(capsys, "predict", text_classifier.path, *texts)
    first, second, third, fourth = out.splitlines()
    assert len(first) in (39, 40)
    assert first.endswith("…")
    columns = sum(1 + (east_asian_width(letter) == "W") for letter in second)
    assert columns in (39, 40)
    assert third.endswith("? one two \\x1b[31mred")
    assert fourth.endswith("? short")  # out of distribution


def test_texts_without_words_or_with_unknown_words_are_reported(
    text_classifier: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    piped(monkeypatch, b"\n  \r\ngood\nzzz yyy\n\n\n\n\xe2\x80\xa6")
    out, err = done(capsys, "predict", text_classifier.path)
    assert [bool(line) for line in out.splitlines()] == [0, 0, 1, 1, 0, 0, 0, 1]
    assert err.splitlines() == [
        "5 texts without words: no prediction (line 1, line 2, line 5 and 2 more)",
        "3 texts out of distribution (line 3, line 4, line 8); the false-positive rate is 1.0 %",
        "2 texts with unknown words only: predicted anyway (line 4, line 8)",
    ]
    piped(monkeypatch, b"\ngood")
    out, _ = done(capsys, "predict", text_classifier.path, "--json")
    empty, full = json.loads(out)
    nothing = dict.fromkeys(["class", "probability", "ood_score", "out_of_distribution"])
    assert empty == nothing | {"text": "", "probabilities": []}
    assert full["class"] == "positive"


def test_standard_input_has_one_text_per_line(
    text_classifier: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    content = f"\ufeff{GOOD}\r\n{BAD}\nschön 好看".encode()
    piped(monkeypatch, content)
    alone, _ = done(capsys, "predict", text_classifier.path)
    piped(monkeypatch, content)
    named, _ = done(capsys, "predict", text_classifier.path, "-")
    piped(monkeypatch, content)
    between, _ = done(capsys, "predict", text_classifier.path, "nice", "-", "bad")
    assert alone == named
    assert [line[18:] for line in alone.splitlines()] == [GOOD, BAD, "schön 好看"]
    assert between.splitlines()[1:-1] == alone.splitlines()


def test_empty_standard_input_is_reported(
    text_classifier: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    piped(monkeypatch, b"")
    assert done(capsys, "predict", text_classifier.path, "-") == ("", "standard input is empty\n")
    piped(monkeypatch, b"")
    out, _ = done(capsys, "predict", text_classifier.path, "--json")
    assert json.loads(out) == []


@pytest.mark.parametrize("json_", [False, True])
def test_predictions_do_not_depend_on_the_batch_size(
    json_: bool,
    text_classifier: Run,
    reviews: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    texts = [row["text"] for row in rows_of(reviews.read_text())][:50]
    words: Words = [
        "predict",
        text_classifier.path,
        *texts,
        *(["--json"] if json_ else []),
    ]
    whole, _ = done(capsys, *words)
    monkeypatch.setattr(predict_texts, "MAX_BATCH", 7)
    monkeypatch.setattr(stdin_lines, "BLOCK", 100)
    piped(monkeypatch, "\n".join(texts).encode())
    parts, _ = done(capsys, "predict", text_classifier.path, "-", *(["--json"] if json_ else []))
    number = re.compile(r"[0-9.]+")
    assert number.sub("", parts) == number.sub("", whole)
    assert [float(n) for n in re.findall(r"\d+\.\d+", parts)] == pytest.approx(
        [float(n) for n in re.findall(r"\d+\.\d+", whole)], abs=0.11
    )


def test_predictions_are_printed_before_standard_input_ends(
    text_classifier: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """The first predictions are printed before the second block is read."""
    written: list[str] = []

    class Pipe(io.BytesIO):
        def read1(self, size: int | None = -1) -> bytes:
            written.append(capsys.readouterr().out)
            return self.readline()

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(b"good\nbad\n")))
    done(capsys, "predict", text_classifier.path)
    assert [line.split()[0] if line else "" for line in written] == ["", "positive", "negative"]


def test_a_closed_stdout_ends_a_long_stream(text_classifier: Run, tmp_path: Path) -> None:
    (tmp_path / "many.txt").write_text("good film\n" * 2_000)
    text_run, writing = os.pipe()
    os.close(text_run)
    words = [sys.executable, "-m", "glassnet", "predict", str(text_classifier.path)]
    with (tmp_path / "many.txt").open() as stdin:
        ended = subprocess.run(
            words, stdin=stdin, stdout=writing, stderr=subprocess.PIPE, text=True
        )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, "")


# predict: files.


def test_text_files_and_folders_are_predicted(
    text_classifier: Run, here: Path, capsys: Capture
) -> None:
    (here / "letters").mkdir()
    (here / "letters" / "b.txt").write_text(BAD)
    (here / "letters" / "a.txt").write_text(GOOD)
    (here / "one.TXT").write_text("nice\nand good")
    out, _ = done(capsys, "predict", text_classifier.path, "letters", "one.TXT", "awful")
    a, b, one, typed = out.splitlines()
    assert a.startswith("positive")
    assert a.endswith(f"{here}/letters/a.txt: {GOOD}")
    assert b.startswith("negative")
    assert b.endswith(f"{here}/letters/b.txt: {BAD}")
    assert one.endswith("one.TXT: nice and good")
    assert typed.startswith("negative")
    out, _ = done(capsys, "predict", text_classifier.path, "one.TXT", "--json")
    (row,) = json.loads(out)
    assert row["file"] == f"{here}/one.TXT"


def test_a_table_is_written_back_with_the_predictions(
    text_classifier: Run, here: Path, capsys: Capture
) -> None:
    texts = [f'He said "{GOOD}",\nthen left', "", "bad; dull", "zzz"]
    table = [("id", "text", "note"), *((k, text, "a,b") for k, text in enumerate(texts))]
    write_table(here / "letters.csv", table)
    out, err = done(capsys, "predict", text_classifier.path, "letters.csv", "--text-column", "text")
    rows = rows_of(out)
    columns = ["class", "probability", "ood_score", "out_of_distribution"]
    assert list(rows[0]) == ["id", "text", "note", *columns]
    assert [(row["id"], row["text"], row["note"]) for row in rows] == [
        (str(k), text, "a,b") for k, text in enumerate(texts)
    ]
    assert [row["class"] for row in rows][:3] == ["positive", "", "negative"]
    assert rows[1]["probability"] == ""
    best = gn.load(text_classifier.path).predict_proba([texts[0]]).max()
    assert float(rows[0]["probability"]) == pytest.approx(float(best), abs=1e-5)
    assert err.splitlines()[1:] == [
        "3 texts out of distribution (letters.csv, line 2, letters.csv, line 5, letters.csv, "
        "line 6); the false-positive rate is 1.0 %",
        "1 text without words: no prediction (letters.csv, line 4)",
        "1 text with unknown words only: predicted anyway (letters.csv, line 6)",
    ]
    record, _ = done(
        capsys, "predict", text_classifier.path, "letters.csv", "--out", "new/predictions.csv"
    )
    assert record == "4 texts in new/predictions.csv\n"
    assert (here / "new" / "predictions.csv").read_bytes().decode() == out


def test_columns_with_existing_names_get_a_number(
    text_classifier: Run, here: Path, capsys: Capture
) -> None:
    names = ("text", "class", "class_2", "probability_rank_2")
    write_table(here / "a.csv", [names, (GOOD, 1, 2, 3)])
    words: Words = ["predict", text_classifier.path, "a.csv", "--text-column", "text"]
    out, _ = done(capsys, *words, "--top", "5")
    (row,) = rows_of(out)
    assert list(row) == [
        *names,
        "class_3",
        "probability",
        "class_rank_2",
        "probability_rank_2_2",
        "ood_score",
        "out_of_distribution",
    ]
    assert (row["class"], row["class_3"], row["class_rank_2"]) == ("1", "positive", "negative")


def test_a_table_as_json_has_row_numbers(text_classifier: Run, here: Path, capsys: Capture) -> None:
    write_table(here / "a.csv", [("text",), (GOOD,), (BAD,)])
    out, _ = done(capsys, "predict", text_classifier.path, "a.csv", "--json")
    first, second = json.loads(out)
    assert (first["row"], first["text"], first["class"]) == (1, GOOD, "positive")
    assert (second["row"], second["text"], second["class"]) == (2, BAD, "negative")


def test_json_lines_are_written_back_as_json_lines(
    text_classifier: Run, here: Path, capsys: Capture
) -> None:
    (here / "a.jsonl").write_text(json.dumps({"text": GOOD, "tags": ["x"]}) + "\n")
    out, _ = done(capsys, "predict", text_classifier.path, "a.jsonl")
    row = json.loads(out)
    assert (row["tags"], row["class"]) == (["x"], "positive")


def test_out_writes_the_lines_to_a_file(
    text_classifier: Run, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    piped(monkeypatch, b"good\nbad\n")
    out, _ = done(capsys, "predict", text_classifier.path, "-", "--out", "lines.txt")
    assert out == "2 texts in lines.txt\n"
    assert [line.split()[0] for line in (here / "lines.txt").read_text().splitlines()] == [
        "positive",
        "negative",
    ]


def test_a_very_long_text_is_predicted(text_classifier: Run, here: Path, capsys: Capture) -> None:
    (here / "long.txt").write_text("dull " * 200_000)
    out, _ = done(capsys, "predict", text_classifier.path, "long.txt", "--json")
    (row,) = json.loads(out)
    assert row["class"] == "negative"


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["none.csv"], "'none.csv': there is no such file", "did you mean one.csv?"),
        (["good", "x/none.txt"], "'x/none.txt': there is no such file", "check the path"),
        (["digti.png"], "'digti.png': there is no such file", "did you mean digit.png?"),
        (["digit.png"], "digit.png: unsupported file type '.png'", "a .csv, .tsv, .jsonl or .json"),
        (
            ["good", "digit.png"],
            "digit.png: unsupported file type '.png'",
            "a .csv, .tsv, .jsonl or .json",
        ),
        (["one.csv", "--text-column", "txt"], "there is no column 'txt'", "did you mean text?"),
        (
            ["good", "--text-column", "text"],
            "--text-column text: there is no table",
            "remove --text-column",
        ),
        (
            ["one.txt", "--text-column", "text"],
            "has no column 'text'",
            "leave out the column option",
        ),
        (["one.csv", "good"], "one.csv: a table cannot be combined", "give the table alone"),
        (["empty.csv"], "empty.csv: the table has no rows", "a line for each example"),
        (["header.csv"], "header.csv: the table has no rows", "a line for each example"),
        (["binary.csv"], "binary.csv: no row can be read", "give a row"),
        (["folder"], "folder: no .txt files in it", ""),
        (["good", "--out", "folder"], "folder: a folder, not a file", "the name of a file"),
    ],
)
def test_invalid_inputs_are_refused(
    words: list[str], message: str, hint: str, text_classifier: Run, here: Path, capsys: Capture
) -> None:
    write_table(here / "one.csv", [("text", "x"), (GOOD, "1")])
    (here / "one.txt").write_text(GOOD)
    (here / "empty.csv").touch()
    (here / "header.csv").write_text("text,label\n")
    (here / "binary.csv").write_bytes(bytes(range(256)))
    (here / "digit.png").write_bytes(png.encode(BLANK))
    (here / "folder").mkdir()
    printed = refused(capsys, "predict", text_classifier.path, *words)
    assert message in printed[0]
    assert hint in printed[1]


BAD_LINES = {
    "a byte that is not UTF-8 (0x92)": b"it\x92s good",
    "a NUL character": b"b\0d",
    "more than 900 characters": b"x" * 1000,
}


def test_a_bad_line_of_standard_input_costs_a_line(
    text_classifier: Run, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(stdin_lines, "MAX_LINE", 900)
    monkeypatch.setattr(stdin_lines, "BLOCK", 700)
    for content in (b"\n".join([*BAD_LINES.values(), b"good"]), b"bad\n" + b"x" * 1000):
        piped(monkeypatch, content)
        out, err = done(capsys, "predict", text_classifier.path, "--csv", "-")
        rows = rows_of(out)
        bad = [row for row in rows if row["error"]]
        assert [row["error"] for row in bad] == list(BAD_LINES)[-len(bad) :]
        assert [bool(row["class"]) for row in rows] == [not row["error"] for row in rows]
        assert f"{len(bad)} text{'s' * (len(bad) > 1)} could not be read (line " in err
    piped(monkeypatch, b"good\n" + BAD_LINES["a NUL character"])
    out, _ = done(capsys, "predict", text_classifier.path)
    assert out.splitlines()[1] == "(a NUL character)"
    piped(monkeypatch, BAD_LINES["a NUL character"])
    records = json.loads(done(capsys, "predict", text_classifier.path, "a", "-", "--json")[0])
    assert set(records[1]) == {"text", "error"}


def test_standard_input_without_a_line_of_text_is_refused(
    text_classifier: Run, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    piped(monkeypatch, b"caf\xe9")
    printed = refused(capsys, "predict", text_classifier.path, "--out", "a")
    assert printed[0] == "standard input, line 1: a byte that is not UTF-8 (0xe9)"
    assert "--encoding" in printed[1]
    piped(monkeypatch, b"caf\xe9\n" * 3)
    printed = refused(capsys, "predict", text_classifier.path, "--csv", "a")
    assert printed[0].startswith("none of 3 texts can be read, for example standard input, line 1")
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "flags"),
    [
        ("schön\ngut".encode("latin-1"), ["--encoding", "latin-1"]),
        ("schön\ngut".encode("utf-16-le"), ["--encoding", "utf-16-le"]),
        ("schön\ngut".encode("utf-16"), []),
    ],
)
def test_standard_input_is_read_in_its_encoding(
    content: bytes,
    flags: Words,
    text_classifier: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    monkeypatch.setattr(stdin_lines, "BLOCK", 3)
    piped(monkeypatch, content)
    out, _ = done(capsys, "predict", text_classifier.path, "-", "--json", *flags)
    assert [row["text"] for row in json.loads(out)] == ["schön", "gut"]


def test_a_file_of_a_folder_that_is_no_text_costs_a_text(
    text_classifier: Run, here: Path, capsys: Capture
) -> None:
    (here / "letters").mkdir()
    (here / "letters" / "a.txt").write_text(GOOD)
    (here / "letters" / "b.txt").write_bytes(b"\0\1\2")
    out, err = done(capsys, "predict", text_classifier.path, "letters", "--json")
    assert [row.get("error", "") for row in json.loads(out)] == ["", "binary data, not text"]
    assert err.startswith(f"1 text could not be read ({here / 'letters' / 'b.txt'})")


def test_long_and_hostile_class_names_are_short_in_lines_and_whole_in_files(
    text_classifier: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    names = ["n\n\x1b[31m" + "x" * 200, "ดี" * 30]
    text_classifier.update(data=text_classifier.info["data"] | {"class_names": names})
    out, _ = done(capsys, "predict", text_classifier.path, GOOD, BAD, "--top", "2")
    labels = class_labels(names)
    assert all(label in line for line in out.splitlines() for label in labels)
    assert max(map(len, out.splitlines())) < 130
    done(capsys, "predict", text_classifier.path, GOOD, "--top", "2", "--out", "lines.txt")
    assert "x" * 200 in Path("lines.txt").read_text()
    assert len(Path("lines.txt").read_text().splitlines()) == 1
    (row,) = rows_of(done(capsys, "predict", text_classifier.path, GOOD, "--csv", "-")[0])
    assert row["class"] in names


def test_predict_does_not_wait_for_a_terminal(
    text_classifier: Run, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    piped(monkeypatch, b"")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert refused(capsys, "predict", text_classifier.path)[0] == "no text to predict"


def test_text_column_is_refused_for_images(trained: Run, capsys: Capture) -> None:
    printed = refused(capsys, "predict", trained.path, "a.png", "--text-column", "text")
    assert printed[0].startswith("--text-column is for networks that take texts")
    assert printed[1] == "remove --text-column"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["generate", "RUN", "--out", "a.png"], "(lstm) does not generate images"),
        (["evaluate", "RUN", "--samples", "9"], "without samples"),
    ],
)
def test_a_text_classifier_refuses_options_of_image_generators(
    words: list[str], message: str, text_classifier: Run, here: Path, capsys: Capture
) -> None:
    printed = refused(capsys, *(word.replace("RUN", str(text_classifier.path)) for word in words))
    assert message in printed[0]
    assert list(here.iterdir()) == []
