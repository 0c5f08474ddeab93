"""predict with an image classifier, on folders, patterns, tables and streams of images."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, done, piped, refused, rows_of, write_table
from PIL import Image

import glassnet as gn
from glassnet.cli import predict_images
from glassnet.data.images.load import load_images
from glassnet.runs.folder import Run

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def photos(here: Path, digits: str) -> Path:
    """A folder with subfolders, hidden files and a text file."""
    names = ["b.png", "a/2.PNG", "a/1.jpg", "a/deep/3.webp", "ä ö.png", ".hidden.png", "z.tiff"]
    for name, image in zip(names, load_images(digits, seed=0).test.inputs, strict=False):
        path = here / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    (here / "photos" / "notes.txt").write_text("no image")
    (here / "photos" / "__MACOSX").mkdir()
    (here / "photos" / "__MACOSX" / "x.png").write_text("no image")
    (here / "photos" / "empty").mkdir()
    return here / "photos"


ORDER = ["a/1.jpg", "a/2.PNG", "a/deep/3.webp", "b.png", "z.tiff", "ä ö.png"]


def test_a_folder_is_read_with_its_subfolders_in_order(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    out, err = done(capsys, "predict", trained.path, "photos", "--json")
    rows = json.loads(out)
    assert [row["file"] for row in rows] == [f"photos/{name}" for name in ORDER]
    images = np.concatenate([gn.load(trained.path).read_input(photos / name) for name in ORDER])
    outputs = gn.load(trained.path).outputs(images, ood_scores=True)
    np.testing.assert_allclose(
        [row["probability"] for row in rows], outputs["probabilities"].max(1), atol=1e-5
    )
    np.testing.assert_allclose([row["ood_score"] for row in rows], outputs["ood_score"], atol=1e-3)
    assert "hidden" not in err


def test_a_model_folder_predicts_like_its_run(
    trained: Run, photos: Path, here: Path, capsys: Capture
) -> None:
    gn.load(trained.path).save(here / "mine")
    files = sorted(path.name for path in (here / "mine").iterdir())
    tables = [
        rows_of(done(capsys, "predict", model, "photos", "--csv", "-")[0])
        for model in (trained.path, "mine")
    ]
    assert len(tables[0]) == len(ORDER)
    for of_run, of_model in zip(*tables, strict=True):
        assert {k: of_run[k] for k in ("file", "class", "probability")} == {
            k: of_model[k] for k in ("file", "class", "probability")
        }
    assert sorted(path.name for path in (here / "mine").iterdir()) == files


def test_the_folder_of_an_estimator_is_refused(here: Path, photos: Path, capsys: Capture) -> None:
    images = np.random.default_rng(0).integers(0, 256, (12, 8, 8)).astype(np.uint8)
    gn.CNNClassifier(epochs=1, random_state=0).fit(images, np.arange(12) % 2).save(here / "mine")
    _, hint = refused(capsys, "predict", "mine", "photos")
    assert "glassnet.load" in hint


def test_folders_patterns_lists_and_standard_input_give_the_same(
    trained: Run, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (photos / "__MACOSX" / "x.png").unlink()
    whole, _ = done(capsys, "predict", trained.path, "photos", "--csv", "-")
    pattern, _ = done(capsys, "predict", trained.path, "photos/**/*", "--csv", "-")
    assert sorted(pattern.splitlines()) == sorted(whole.splitlines())
    listed = [f"photos/{name}" for name in ORDER]
    named, _ = done(capsys, "predict", trained.path, *listed, "--csv", "-")
    assert named == whole
    piped(monkeypatch, "\n".join([*listed[:3], "", *listed[3:]]).encode())
    streamed, _ = done(capsys, "predict", trained.path, "-", "--csv", "-")
    assert streamed == whole
    piped(monkeypatch, b"")
    assert done(capsys, "predict", trained.path, "-", "--csv", "-")[1] == (
        "standard input is empty\n"
    )


def test_predictions_do_not_depend_on_the_batch_size(
    trained: Run, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    whole, _ = done(capsys, "predict", trained.path, "photos", "--csv", "-", "--top", "2")
    for size in (1, 4):
        monkeypatch.setattr(predict_images, "BATCH", size)
        parts, _ = done(capsys, "predict", trained.path, "photos", "--csv", "-", "--top", "2")
        for row, same in zip(rows_of(parts), rows_of(whole), strict=True):
            assert (row["file"], row["class"], row["class_rank_2"]) == (
                same["file"],
                same["class"],
                same["class_rank_2"],
            )
            assert float(row["probability"]) == pytest.approx(float(same["probability"]), abs=1e-5)


def test_unreadable_files_are_reported_and_skipped(
    trained: Run, photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (photos / "a" / "0.png").write_text("no image")
    (photos / "cut.png").write_bytes((photos / "b.png").read_bytes()[:90])
    out, err = done(capsys, "predict", trained.path, "photos")
    lines = out.splitlines()
    assert len(lines) == len(ORDER) + 2
    assert lines[0].startswith("photos/a/0.png")
    assert lines[0].endswith("(unknown image format)")
    assert err.splitlines()[0] == "2 images could not be read (photos/a/0.png, photos/cut.png)"
    rows = rows_of(done(capsys, "predict", trained.path, "photos", "--csv", "-")[0])
    assert [bool(row["error"]) for row in rows] == [True, *[False] * 4, True, False, False]
    assert [bool(row["class"]) for row in rows] == [not row["error"] for row in rows]
    records = json.loads(done(capsys, "predict", trained.path, "photos", "--json")[0])
    assert set(records[0]) == {"file", "error"}
    piped(monkeypatch, b"photos/b.png\nphotos/gone.png\n")
    out, _ = done(capsys, "predict", trained.path, "-", "--csv", "-")
    assert [row["error"] for row in rows_of(out)] == ["", "there is no such file"]


def test_if_no_file_can_be_read_there_is_only_an_error(
    trained: Run, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (here / "bad").mkdir()
    for number in range(5):
        (here / "bad" / f"{number}.png").write_text("no image")
    for more in ([], ["--csv", "a.csv"], ["--json"]):
        printed = refused(capsys, "predict", trained.path, "bad", *more)
        assert printed[0].startswith(
            "none of 5 images can be read, for example bad/0.png: unknown image format"
        )
        assert printed[1].startswith("give complete PNG")
    assert not (here / "a.csv").exists()
    monkeypatch.setattr(predict_images, "BATCH", 1)
    assert "none of 5 images" in refused(capsys, "predict", trained.path, "bad")[0]


def test_missing_files_are_refused_before_any_prediction(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    for name, message in (
        ("photos/gone.png", "photos/gone.png: there is no such file"),
        ("photos/*.bmp", "photos/*.bmp: no image matches this pattern"),
        ("photos/empty", "photos/empty: there is no image in this folder"),
    ):
        assert refused(capsys, "predict", trained.path, "photos", name)[0] == message


def test_an_existing_name_with_brackets_is_not_a_pattern(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    (photos / "b.png").rename(photos / "b[1].png")
    out, _ = done(capsys, "predict", trained.path, "photos/b[1].png", "--top", "1")
    assert out.startswith("photos/b[1].png  ")


def test_a_table_of_paths_is_written_back_with_the_predictions(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    rows = [("id", "path", "class"), (7, "photos/b.png", "x"), (8, "photos/gone.png", "y")]
    write_table(photos.parent / "list.csv", [*rows, (9, "../../etc/x.png", "z"), (10, "", "")])
    out, err = done(capsys, "predict", trained.path, "list.csv", "--top", "1")
    first, *others = rows_of(out)
    assert list(first) == [
        *rows[0],
        "class_2",
        "probability",
        "ood_score",
        "out_of_distribution",
        "error",
    ]
    assert (first["id"], first["class"], first["error"]) == ("7", "x", "")
    assert first["class_2"] in gn.load(trained.path).class_names
    assert [row["class_2"] for row in others] == ["", "", ""]
    assert others[0]["error"] == "there is no such file"
    assert "leads out of" in others[1]["error"]
    assert others[2]["error"] == "no image"
    assert err.splitlines()[0] == "list.csv: images from the column 'path'"
    labelled, _ = done(
        capsys, "predict", trained.path, "list.csv", "--csv", "new/a.csv", "--top", "1"
    )
    assert labelled == "4 images in new/a.csv\n"
    assert Path("new/a.csv").read_text() == out


def test_tables_may_be_json_lines_or_have_no_header(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    (photos.parent / "bare.csv").write_text("photos/b.png\nphotos/z.tiff\n")
    out, _ = done(capsys, "predict", trained.path, "bare.csv")
    assert [row["column 1"] for row in rows_of(out)] == ["photos/b.png", "photos/z.tiff"]
    record = {"which": "photos/b.png", "tags": [1]}
    (photos.parent / "list.jsonl").write_text(json.dumps(record) + "\n")
    out, _ = done(capsys, "predict", trained.path, "list.jsonl")
    predicted = json.loads(out)
    assert predicted.items() >= record.items()
    assert predicted["class"]
    write_table(photos.parent / "bare_names.csv", [("id_code", "n"), ("photos/b", 1)])
    out, _ = done(capsys, "predict", trained.path, "bare_names.csv")
    assert rows_of(out)[0]["error"] == ""
    (photos.parent / "no.csv").write_text("a,b\n1,2\n")
    assert "no column contains images" in refused(capsys, "predict", trained.path, "no.csv")[0]
    assert (
        "give the table alone" in refused(capsys, "predict", trained.path, "bare.csv", "photos")[1]
    )


def test_a_table_of_pixels_is_predicted_like_its_images(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    names = ["b.png", "a/2.PNG", "z.tiff"]
    images = [np.asarray(Image.open(photos / name)) for name in names]
    header = ("row", *(f"pixel{k}" for k in range(images[0].size)), "note")
    rows = [("r", *image.ravel(), "é") for image in images]
    lines = "\n".join(",".join(map(str, row)) for row in [header, *rows, ("r", 1, 2)])
    Path("digits.csv").write_text(lines, encoding="latin-1")
    known = rows_of(
        done(capsys, "predict", trained.path, *(f"photos/{n}" for n in names), "--csv", "-")[0]
    )
    out, err = done(capsys, "predict", trained.path, "digits.csv", "--encoding", "latin-1")
    predicted = rows_of(out)
    assert [(row["row_2"], row["row"], row["note"]) for row in predicted][:3] == [
        (str(k), "r", "é") for k in (1, 2, 3)
    ]
    for name in ("class", "probability", "class_rank_3"):
        assert [row[name] for row in predicted[:3]] == [row[name] for row in known]
    assert predicted[3]["error"] == "missing pixels"
    assert "784 columns" in err
    assert "1 image could not be read (digits.csv, line 5)" in err
    records = json.loads(
        done(capsys, "predict", trained.path, "digits.csv", "--encoding", "latin-1", "--json")[0]
    )
    assert [record["row"] for record in records] == [1, 2, 3, 4]
    assert records[0]["source"] == "digits.csv, line 2"


@pytest.mark.parametrize("flag", ["--image-shape", "--encoding"])
def test_options_for_tables_are_refused_for_images(
    flag: str, trained: Run, photos: Path, capsys: Capture
) -> None:
    message, hint = refused(capsys, "predict", trained.path, "photos", flag, "28x28")
    assert message.startswith(f"{flag} 28x28: it is for tables")
    assert hint == f"remove {flag}"


def test_links_to_outside_of_a_folder_are_not_followed(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    outside = photos.parent / "outside.png"
    outside.write_bytes((photos / "b.png").read_bytes())
    (photos / "link.png").symlink_to(outside)
    (photos / "again").symlink_to(photos, target_is_directory=True)
    out, _ = done(capsys, "predict", trained.path, "photos", "--json")
    assert [row["file"] for row in json.loads(out)] == [f"photos/{name}" for name in ORDER]


def test_noise_is_reported_as_out_of_distribution(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    Image.fromarray(noise).save(photos / "noise.png")
    out, err = done(capsys, "predict", trained.path, "photos/noise.png", "photos/b.png")
    assert out.splitlines()[0].endswith(" (out of distribution)")
    assert "1 image out of distribution (photos/noise.png); the false-positive rate is 1.1 %" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--csv", "a.csv", "--json"], "exclude each other"),
        (["--csv", "photos"], "photos: a folder, not a file"),
        (["--out", "x"], "--out is for networks that reconstruct images"),
    ],
)
def test_flags_that_exclude_each_other_are_refused(
    words: list[str], message: str, trained: Run, photos: Path, capsys: Capture
) -> None:
    assert message in refused(capsys, "predict", trained.path, "photos", *words)[0]


@pytest.mark.skipif(os.name == "nt", reason="names are bytes elsewhere")
def test_file_names_may_be_invalid_unicode(trained: Run, photos: Path, capsys: Capture) -> None:
    odd = os.fsencode(photos) + b"/\xff\x1b[31m.png"
    Path(os.fsdecode(odd)).write_bytes((photos / "b.png").read_bytes())
    out, _ = done(capsys, "predict", trained.path, "photos", "--top", "1")
    assert "photos/\\udcff\\x1b[31m.png" in out
    rows = rows_of(done(capsys, "predict", trained.path, "photos", "--csv", "-")[0])
    assert len(rows) == len(ORDER) + 1
    assert len(json.loads(done(capsys, "predict", trained.path, "photos", "--json")[0])) == len(
        rows
    )


def test_predict_does_not_need_the_training_data(
    trained: Run, photos: Path, capsys: Capture
) -> None:
    known, _ = done(capsys, "predict", trained.path, "photos", "--csv", "-")
    trained.update(data=trained.info["data"] | {"name": "/gone"})
    assert done(capsys, "predict", trained.path, "photos", "--csv", "-")[0] == known
    for path in trained.path.glob("cache/*/ood_detector.npz"):
        path.unlink()
    out, err = done(capsys, "predict", trained.path, "photos", "--csv", "-")
    assert {row["out_of_distribution"] for row in rows_of(out)} == {""}
    assert [row["class"] for row in rows_of(out)] == [row["class"] for row in rows_of(known)]
    assert err.count("no out-of-distribution detection") == 1
