"""explain and train with a text classifier."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, Words, call, done, piped, refused, two_lines, write_table

import glassnet as gn
from glassnet import png
from glassnet.cli import main
from glassnet.runs.folder import Run, all_runs

GOOD, BAD = "A superb story.", "The music was dull"
BLANK = np.zeros((28, 28), np.uint8)
"""An image."""


pytestmark = pytest.mark.usefixtures("here")


# explain --text.


def test_explain_text_prints_the_attribution_of_each_word(
    text_classifier: Run, undrawn: list[str], capsys: Capture
) -> None:
    text = "A dull film and a superb story."
    out, _ = done(capsys, "explain", text_classifier.path, "--text", text)
    best = gn.load(text_classifier.path).predict_proba([text]).max()
    assert re.match(rf"(positive|negative) \({100 * best:.1f} %\)\n", out)
    marked = out.splitlines()[1]
    assert re.search(r"([+-])(dull|superb)\1", marked)
    assert re.sub(r"[+-](\w+)[+-]", r"\1", marked) == text
    assert "completeness error" in out
    assert "-word- for negative, +word+ for positive: log-odds of positive (nats)" in out
    assert "probability of positive (%)" in out
    assert "┤" in out
    assert undrawn == [
        "typed-integrated-gradients",
        "typed-after-each-word",
        "typed-unit-activations",
    ]
    for name in undrawn:
        assert f"{name} " in out
        assert f"{text_classifier.figures / name}.png" in out


def test_explain_text_prints_the_paths_of_its_figures(
    text_classifier: Run, capsys: Capture
) -> None:
    out, _ = done(capsys, "explain", text_classifier.path, "--text", "dull")
    named = re.findall(r"^ +(/.*\.png)$", out, re.MULTILINE)
    assert len(named) == 3
    assert all(Path(path).is_file() for path in named)


def test_colours_are_used_on_terminals_without_no_color(
    text_classifier: Run, undrawn: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def is_coloured(isatty: bool, no_color: str) -> bool:
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: isatty, raising=False)
        with pytest.raises(SystemExit):
            main(["explain", str(text_classifier.path), "--text", GOOD])
        return "\x1b[" in capsys.readouterr().out

    assert is_coloured(isatty=True, no_color="")
    assert not is_coloured(isatty=True, no_color="1")
    assert not is_coloured(isatty=False, no_color="")


def test_a_long_text_from_standard_input_is_truncated_and_reported(
    text_classifier: Run, undrawn: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    piped(monkeypatch, b"good film\nand " * 20_000)
    out, err = done(capsys, "explain", text_classifier.path, "--text", "-")
    max_length = text_classifier.info["data"]["input_shape"][0]
    assert f"the network reads the first and last ones, {max_length:,} in total" in err
    assert "[...]" in out
    assert len(out.splitlines()) < max_length / 2


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--text", ""], "the text has no words", "give a sentence"),
        (["--text", " \n"], "the text has no words", "give a sentence"),
        (["--text", "zzz yyy"], "knows no word of this text: “zzz”, “yyy”", "use words"),
        (["--text", GOOD, "--seed", "1"], "--seed concerns the test set", "remove --seed"),
        (["--text", GOOD, "--layers", "pool"], "--layers concerns the test set", "or --text"),
    ],
)
def test_texts_that_cannot_be_explained_are_refused(
    words: list[str], message: str, hint: str, text_classifier: Run, capsys: Capture
) -> None:
    printed = refused(capsys, "explain", text_classifier.path, *words)
    assert message in printed[0]
    assert hint in printed[1]
    assert not text_classifier.figures.exists()


def test_an_image_classifier_cannot_explain_a_text(trained: Run, capsys: Capture) -> None:
    printed = refused(capsys, "explain", trained.path, "--text", GOOD)
    assert "does not classify texts" in printed[0]


# train.

TINY = [
    "--embedding-dim",
    "8",
    "--hidden-size",
    "8",
    "--epochs",
    "1",
    "--min-frequency",
    "1",
    "--batch-size",
    "400",
]
TINY += ["--device", "cpu", "--threads", "1"]


def test_a_text_classifier_is_trained_on_a_users_table(
    reviews: Path, tmp_path: Path, capsys: Capture
) -> None:
    words: Words = ["train", "lstm", "--data", reviews, "--text-column", "text"]
    words += ["--label-column", "label", *TINY, "--runs", tmp_path / "runs"]
    out, err = done(capsys, *words)
    assert re.search("^Test accuracy +[0-9.]+ % ", out, re.MULTILINE)
    assert "texts from the column 'text', classes from the column 'label'" in err
    (run,) = all_runs(tmp_path / "runs")
    for option in ("--text-column text", "--label-column label"):
        assert option in run.info["command"]


PAIRS = [(f"{'good' if k % 2 else 'bad'} film {k}", f"c{k % 2}") for k in range(40)]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(text, f"c{k % 3}") for k, (text, _) in enumerate(PAIRS)], id="three"),
        pytest.param([(f"{t} {k}", f"c{k}") for t, _ in PAIRS[:5] for k in range(20)], id="twenty"),
        pytest.param([(f"Der Film ist schön, {t}!", c) for t, c in PAIRS], id="German"),
        pytest.param([(f"电影很好看{k}", c) for k, (_, c) in enumerate(PAIRS)], id="Chinese"),
        pytest.param(
            [(f"فيلم جميل {k}", f"فئة {c}") for k, (_, c) in enumerate(PAIRS)], id="Arabic"
        ),
        pytest.param([(f'"{t}",\nhe\r\nsaid', c) for t, c in PAIRS], id="quoted newlines"),
        pytest.param([("dull " * 100_000, "c0"), *PAIRS], id="long"),
    ],
)
def test_unusual_tables_can_be_trained_on(
    rows: list[tuple[str, str]], here: Path, capsys: Capture
) -> None:
    write_table(here / "a.csv", [("text", "label"), *rows])
    (here / "a.csv").write_bytes(b"\xef\xbb\xbf" + (here / "a.csv").read_bytes())
    done(capsys, "train", "lstm", "--data", "a.csv", *TINY, "--quiet")
    (run,) = all_runs(here / "runs")
    assert sorted(run.info["data"]["class_names"]) == sorted({label for _, label in rows})
    out, err = done(capsys, "predict", run.path, rows[-1][0], "--json")
    assert json.loads(out)[0]["class"] in run.info["data"]["class_names"]
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"", "a.csv: the table has no rows", "a line for each example"),
        (b"text,label\n", "a.csv: the table has no rows", "a line for each example"),
        (b"text,label\n" + b"some film,good\n" * 9, "all texts have the same class, 'good'", "two"),
        (b"text,label\none,\ntwo,\n", "2 of 2 texts cannot be used: no label in line 2", "label"),
        (b"text\none\ntwo\n", "no column contains classes; it has text", "--label-column"),
        (b"text,label\none,a\none,b\n", "all texts have the same class", "at least two classes"),
        (
            b"text,label\none,a\ntwo,b\n",
            "fewer than 3 training texts of the class a, b",
            "at least 3",
        ),
        (bytes(range(256)), "a.csv: no row can be read: a NUL character in line 1", ""),
        (b"\x89PNG\r\n\x1a\n\0\0", "a.csv: an image, not text", ""),
        (b'text,label\n"never closed,a\n', "all texts have the same class", ""),
    ],
)
def test_invalid_tables_are_refused(
    content: bytes, message: str, hint: str, here: Path, capsys: Capture
) -> None:
    (here / "a.csv").write_bytes(content)
    code, out, err = call(capsys, "train", "lstm", "--data", "a.csv", *TINY)
    printed = two_lines("\n".join(err.splitlines()[-2:]))  # after the note on the columns
    assert (code, out) == (2, "")
    assert message in printed[0]
    assert hint in printed[1]
    assert not (here / "runs").exists()


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("lstm --data a.csv --text-column txt", "there is no column 'txt'", "did you mean text?"),
        ("lstm --data a.csv --label-column lable", "no column 'lable'", "did you mean label?"),
        ("lstm --data ./b.csv", "'./b.csv': there is no such file", "did you mean a.csv?"),
        ("lstm --data mnist", "mnist contains images", "images"),
        ("lstm --data photos", "photos: contains images", "images"),
        ("lstm --data imdb --text-column text", "imdb is built in", "--text-column"),
        ("cnn --data a.csv", "a.csv: contains texts", "network for texts"),
        ("vae --data a.csv", "a.csv: contains texts", "network for texts"),
        ("cnn --data a.csv --text-column text", "No such option '--text-column'", ""),
        ("lstm --data a.csv --pooling mea", "--pooling mea: unknown value", "mean"),
        ("lstm --data a.csv --max-length 1", "max_length = 1 is out of bounds", "give from 4"),
        ("lstm --data a.csv --min-frequency 1000", "no word occurs 1000 times", "--min-frequency"),
    ],
)
def test_wrong_arguments_of_train_are_refused(
    words: str, message: str, hint: str, reviews: Path, here: Path, capsys: Capture
) -> None:
    (here / "a.csv").write_bytes(reviews.read_bytes())
    for name in ("a/1.png", "b/2.png"):
        (here / "photos" / name).parent.mkdir(parents=True)
        (here / "photos" / name).write_bytes(png.encode(BLANK))
    code, out, err = call(capsys, "train", *words.split())
    printed = two_lines("\n".join(err.splitlines()[-2:]))
    assert (code, out) == (2, "")
    assert message in printed[0]
    assert hint in printed[1]
    assert not (here / "runs").exists()
