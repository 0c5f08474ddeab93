from __future__ import annotations

import json
from pathlib import Path

import pytest
from calls import call, done, refused
from PIL import Image

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six photos of cats and six of dogs, 30 x 20 pixels in colour, of which two are bad."""
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "cache"))
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for k in range(6):
            image = Image.new("RGB", (30, 20), (200, 10 * k, 250 if name == "dog" else 0))
            image.paste((10, 20, 30 * k), (3, 3, 5 + 4 * k, 9))
            image.save(tmp_path / "photos" / name / f"{k}.png")
    (tmp_path / "photos" / "cat" / "1.png").write_bytes(b"")
    (tmp_path / "photos" / "dog" / "2.png").write_text("a text")
    return tmp_path / "photos"


def test_a_report_lists_the_problems(photos: Path, capsys: Capture) -> None:
    out, err = done(capsys, "data", "check", photos)
    assert err == ""
    lines = out.splitlines()
    assert max(len(line) for line in lines if "/" not in line) <= 80
    assert lines[0] == f"{photos}: your own images"
    assert "examples     6 train, 2 valid, 2 test" in lines
    start = lines.index("warnings")
    assert lines[start + 1] == (
        "- 2 of 12 images cannot be read and are left out: cat/1.png (empty file),"
    )
    assert lines[start + 2] == "  dog/2.png (unknown image format)"
    assert lines[-1] == "Ready to train, with 1 warning."


def test_the_exit_code_is_2_if_training_would_refuse(photos: Path, capsys: Capture) -> None:
    for path in (photos / "dog").iterdir():
        path.write_bytes(b"")
    code, out, err = call(capsys, "data", "check", photos)
    assert (code, err) == (2, "")
    lines = out.splitlines()
    start = lines.index("why training refuses the data")
    record = " ".join(" ".join(lines[start + 1 :]).split())
    assert record.startswith(f"- {photos}: 7 of 12 images cannot be read: cat/1.png")
    assert "  give intact PNG, JPEG, WebP, BMP, GIF or TIFF files" in lines
    assert lines[-1].startswith("Training would refuse these data: 1 refusal")
    code, _, err = call(capsys, "train", "cnn", "--data", photos)
    assert code == 2
    assert "7 of 12 images cannot be read" in err


def test_the_json_has_every_location(photos: Path, capsys: Capture) -> None:
    record = json.loads(done(capsys, "data", "check", photos, "--json", "--image-size", "16")[0])
    assert list(record) == [
        "format",
        "trainable",
        "name",
        "modality",
        "seed",
        "classes",
        "counts",
        "fingerprint",
        "shape",
        "dtype",
        "problems",
    ]
    assert (record["format"], record["trainable"], record["shape"]) == (1, True, [16, 16, 3])
    assert record["counts"] == {"train": [3, 3], "valid": [1, 1], "test": [1, 1]}
    assert record["problems"][0] == {
        "kind": "unreadable",
        "severity": "warning",
        "text": "2 of 12 images cannot be read and are left out: cat/1.png (empty file), "
        "dog/2.png (unknown image format)",
        "hint": "",
        "count": 2,
        "locations": [["cat/1.png (empty file)"], ["dog/2.png (unknown image format)"]],
    }
    assert [problem["kind"] for problem in record["problems"][1:]] == ["resized"]


def test_the_json_of_unusable_data(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "empty").mkdir()
    code, out, err = call(capsys, "data", "check", tmp_path / "empty", "--json")
    assert (code, err) == (2, "")
    record = json.loads(out)
    assert (record["trainable"], record["classes"], record["counts"]) == (False, [], None)
    assert [one["kind"] for one in record["problems"]] == ["unusable"]


def test_a_report_on_texts(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "reviews.csv"
    texts = [f"film {word} number {k}" for word in ("good", "bad") for k in range(8)]
    rows = [f"{text},{text.split()[1]}\n" for text in texts]
    path.write_text("".join(["body,stars\n", *rows, "Film GOOD number 1!,bad\n", ",good\n"]))
    out, _ = done(capsys, "data", "check", path)
    assert "- reviews.csv: 1 of 18 texts left out: no text in line 19\n" in out
    assert "line 3 (good) ~ line 18 (bad)" in " ".join(out.split())
    assert "near duplicates: the same except for case, punctuation and spaces" in out
    code, out, _ = call(capsys, "data", "check", path, "--label-column", "body")
    assert code == 2
    assert "  give two different columns" in out or "refuse" in out


@pytest.mark.slow
def test_a_catalogue_data_set(capsys: Capture) -> None:
    record = json.loads(done(capsys, "data", "check", "movie-snippets", "--json")[0])
    assert (record["name"], record["modality"], record["trainable"]) == (
        "movie-snippets",
        "texts",
        True,
    )
    assert {one["kind"] for one in record["problems"]} <= {
        "near-duplicates",
        "near-duplicates-across-splits",
    }


def test_misspelt_names_and_options_are_refused(photos: Path, capsys: Capture) -> None:
    assert refused(capsys, "data", "check", "mnits")[1] == "did you mean mnist?"
    assert refused(capsys, "data", "check", "./none")[0] == (
        "'./none': there is no such file or folder"
    )
    message, hint = refused(capsys, "data", "check", photos, "--colour", "gray")
    assert message == "--colour gray: unknown value"
    assert hint == "did you mean grey?"
    message, _ = refused(capsys, "data", "check", photos, "--text-column", "a")
    assert message == f"{photos} contains images, to which --text-column does not apply"


def test_groups(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "notes.csv"
    rows = [f"{k // 4},{'ab'[k % 2]},note {k} of the doctor" for k in range(60)]
    path.write_text("\n".join(["patient,label,text", *rows]) + "\n")
    out = " ".join(done(capsys, "data", "check", path)[0].split())
    assert "it looks as if 'patient' (15 values) were groups; --group-column patient keeps" in out
    out = " ".join(done(capsys, "data", "check", path, "--group-column", "patient")[0].split())
    assert "- groups, each in one split: 13 train, 1 valid, 1 test" in out
    assert "Ready to train, with 2 notes." in out
    shown, log = done(capsys, "data", "show", path, "--group-column", "patient")
    assert "52 train, 4 valid, 4 test" in shown
    assert "groups from the column 'patient'" in log
    code, _, err = call(capsys, "data", "check", path, "--group-pattern", "(p)")
    assert code == 2
    assert "--group-pattern" in err
