from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from image_samples import save_noise
from text_samples import text_folders

from glassnet.data import structure
from glassnet.data.check import check


@pytest.mark.parametrize(
    ("content", "modality"),
    [
        ("text,label\na,b\n", "texts"),
        ("image,label\na.png,b\n", "images"),
        ("File Name;kind\nx/1;b\n", "images"),
        ("a.png,cat\nb.png,dog\n", "images"),
        ("kind,where\ncat,photos/a b.JPG\ndog,c.png\n", "images"),
        ("comment,file,label\nsharp,a.png,b\ndim,b.png,c\n", "images"),
        ("text,file,label\nthis is good,notes/a.doc,b\n", "texts"),
        ("text,label\na.png,b\nfine,c\ngood,d\nbad,c\n", "texts"),
        ("see photo.png\n" * 2, "images"),
        ("the film ends. A joy,pos\n", "texts"),
        ("", "texts"),
        ("\0\1", "texts"),
        ('"open\nend', "texts"),
    ],
)
@pytest.mark.parametrize("extension", ["csv", "tsv"])
def test_a_table(tmp_path: Path, content: str, modality: str, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    path.write_text(re.sub("[,;]", "\t", content) if extension == "tsv" else content)
    assert structure.detect(path).modality == modality


def test_a_folder(tmp_path: Path) -> None:
    root = text_folders(tmp_path / "set", {"a": ("x", "y"), "b": ("z",)})
    assert structure.detect(root).modality == "texts"
    save_noise(root / "a" / "cover.png")
    assert structure.detect(root).modality == "texts"
    for k in range(3):
        save_noise(root / "b" / f"{k}.png")
    assert structure.detect(root).modality == "images"


def test_what_is_no_folder_has_no_tables_of_images(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("image,label\na.png,b\n")
    assert structure.tables_of_images(tmp_path) == [path]
    assert structure.tables_of_images(path) == []
    assert structure.tables_of_images(tmp_path / "none") == []


def test_a_folder_of_images_in_arrays_with_a_note_beside_them(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("MNIST")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"")
    assert structure.detect(tmp_path).modality == "images"


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("a.txt", "texts"),
        ("a.JSONL", "texts"),
        ("a.ndjson", "texts"),
        ("a.npz", "images"),
        ("a.png", "images"),
        ("a.xls", ""),
        ("none.csv", ""),
    ],
)
def test_a_file_by_its_name(tmp_path: Path, name: str, modality: str) -> None:
    if name != "none.csv":
        (tmp_path / name).write_text("")
    assert structure.detect(tmp_path / name).modality == modality


def test_an_empty_folder(tmp_path: Path) -> None:
    assert structure.detect(tmp_path).modality == ""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.txt").write_text("")
    assert structure.detect(tmp_path).modality == ""


def texts_of(n: int, start: int = 0) -> list[tuple[str, str]]:
    return [(f"a film, number {start + k}", "ab"[k % 2]) for k in range(n)]


def write(
    path: Path, rows: list[tuple[str, str]], header: tuple[str, ...] = ("body", "kind")
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        lines = [json.dumps(dict(zip(header, row, strict=True))) for row in rows]
    else:
        mark = "\t" if path.suffix == ".tsv" else ","
        lines = [mark.join(f'"{cell}"' for cell in row) for row in (header, *rows)]
    path.write_text("\n".join(lines))


@pytest.mark.parametrize("extension", ["tsv", "csv", "jsonl"])
@pytest.mark.parametrize(
    "names",
    [
        ("train", "dev", "test"),
        ("training", "validation", "testing"),
        ("a-train", "a-dev", "a-test"),
    ],
)
def test_tables_in_a_folder_are_splits(
    tmp_path: Path, names: tuple[str, str, str], extension: str
) -> None:
    for name, n, start in zip(names, (40, 6, 8), (0, 100, 200), strict=True):
        write(tmp_path / "data" / f"{name}.{extension}", texts_of(n, start))
    (tmp_path / "README.txt").write_text("about")
    report = check(str(tmp_path), seed=0)
    assert (report.modality, report.trainable) == ("texts", True)
    assert report.splits is not None
    parts = (report.splits.train, report.splits.valid, report.splits.test)
    assert [len(part) for part in parts] == [40, 6, 8]


def test_a_table_without_labels_and_one_in_no_split_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", texts_of(40))
    write(tmp_path / "dev.csv", texts_of(6, 100))
    write(tmp_path / "test.csv", [(str(k), f"text {k}") for k in range(9)], ("id", "body"))
    write(tmp_path / "sample_submission.csv", [("1", "a")], ("id", "kind"))
    report = check(str(tmp_path), seed=0)
    assert report.splits is not None
    assert len(report.splits.test) == 6
    texts = {problem.kind: problem.text for problem in report.problems}
    assert texts["unlabelled-split"] == "test.csv: 9 texts without labels left out"
    assert texts["no-split"] == "1 table in no split left out: sample_submission.csv"


def test_tables_with_other_names_need_a_flag(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", texts_of(40))
    write(tmp_path / "b.csv", texts_of(6, 100))
    refused = check(str(tmp_path), seed=0).problems[0]
    assert "several tables, and none is called train: a.csv, b.csv" in refused.text
    report = check(str(tmp_path), seed=0, splits="train=a.csv,test=b.csv")
    assert report.splits is not None
    assert [len(report.splits.train) + len(report.splits.valid), len(report.splits.test)] == [40, 6]


def test_a_train_table_among_others_is_read(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", texts_of(40))
    write(tmp_path / "companies.csv", [("1", "a")], ("id", "name"))
    report = check(str(tmp_path), seed=0)
    assert report.splits is not None
    assert "1 table in no split left out: companies.csv" in {one.text for one in report.problems}


def test_tables_in_split_folders_are_splits(tmp_path: Path) -> None:
    for name, texts in (("train", texts_of(40)), ("test", texts_of(6, 100))):
        (tmp_path / name).mkdir()
        write(tmp_path / name / f"{name}.csv", texts)
    write(tmp_path / "submission.csv", [("1", "a")], ("id", "name"))
    report = check(str(tmp_path), seed=0)
    assert report.splits is not None
    assert len(report.splits.test) == 6
    assert "1 table in no split left out: submission.csv" in {one.text for one in report.problems}


def test_figures_of_a_project_are_no_data(tmp_path: Path) -> None:
    """The root of a repository, whose data are tables further down."""
    (tmp_path / "README.md").touch()
    for k in range(6):
        save_noise(tmp_path / "docs" / f"{k}.png", seed=k)
    (tmp_path / "corpus" / "hotels").mkdir(parents=True)
    write(tmp_path / "corpus" / "hotels" / "reviews.csv", texts_of(40))
    for _ in range(2):
        refused = check(str(tmp_path), seed=0).problems[0]
        assert "tables further down: corpus/hotels/reviews.csv" in refused.text
        assert refused.hint.endswith(f"such as {tmp_path.resolve() / 'corpus' / 'hotels'}")
        for picture in tmp_path.glob("docs/*.png"):
            picture.unlink()


def test_the_folders_around_files_of_a_project_are_no_wrapper(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    for k in range(60):
        save_noise(tmp_path / "src" / "ab"[k % 2] / f"{k}.png", seed=k)
    refused = check(str(tmp_path), seed=0).problems[0]
    assert "looks like a project, of which src would be the only folder with files" in refused.text
    (tmp_path / "src").rename(tmp_path / "flowers")
    assert check(str(tmp_path), seed=0).trainable


def test_a_pointer_of_git_lfs_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:12\n")
    refused = check(str(tmp_path / "a.csv"), seed=0).problems[0]
    assert "a.csv: a pointer of Git LFS, not the file" in refused.text
    assert refused.hint == "get the file itself with git lfs pull"


def test_missing_images_of_a_table_are_not_called_damaged(tmp_path: Path) -> None:
    rows = "".join(f"{k}.png,{k % 2}\n" for k in range(12))
    (tmp_path / "labels.csv").write_text(f"image,label\n{rows}")
    refused = check(str(tmp_path / "labels.csv"), seed=0).problems[0]
    assert "none of the images can be read: 0.png (there is no such file)" in refused.text
    assert refused.hint == "put the images where the table says, or all into one folder beside it"


def test_folders_of_a_project_are_no_classes(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    for k in range(12):
        save_noise(tmp_path / ("media" if k % 3 else "hands") / f"{k}.png", seed=k)
    refused = check(str(tmp_path), seed=0).problems[0]
    assert "looks like a project, of which media would be a class" in refused.text
    assert check(str(tmp_path), seed=0, splits="none").trainable


@pytest.mark.parametrize(("folder", "trainable"), [("app", False), ("data", True)])
def test_the_only_folder_of_a_project_can_be_its_data(
    tmp_path: Path, folder: str, trainable: bool
) -> None:
    (tmp_path / "README.md").touch()
    for k in range(12):
        save_noise(tmp_path / folder / f"{k}.png", seed=k)
    assert check(str(tmp_path), seed=0).trainable == trainable


@pytest.mark.parametrize("separator", ["\t", " "])
def test_text_files_with_a_text_per_line_are_no_texts(tmp_path: Path, separator: str) -> None:
    for name in ("train.txt", "test.txt"):
        lines = "\n".join(f"a text {k}{separator}{k % 2}" for k in range(60))
        (tmp_path / name).write_text(lines + "\n")
    for path, first in ((tmp_path, "test"), (tmp_path / "train.txt", "train")):
        refused = check(str(path), seed=0).problems[0]
        assert f"{first}.txt: 60 lines, but a .txt file is one text" in refused.text
        assert (f"rename it to {first}.tsv" in refused.hint) == (separator == "\t")


def test_columns_that_are_mostly_empty_contain_no_classes(tmp_path: Path) -> None:
    rows = [
        f"{k % 2},text {k},{'x' if k in (3, 4) else ''},{'yz'[k % 2] * (k < 9)}" for k in range(40)
    ]
    (tmp_path / "spam.csv").write_text("\n".join(["v1,v2,,", *rows]))
    report = check(str(tmp_path / "spam.csv"), seed=0)
    assert report.splits is not None
    assert report.splits.class_names == ("0", "1")


def test_a_bad_row_in_one_of_several_tables_is_named_with_its_table(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", texts_of(40))
    write(tmp_path / "test.csv", texts_of(6, 100))
    (tmp_path / "test.csv").write_text((tmp_path / "test.csv").read_text() + "\na\0,b\n")
    report = check(str(tmp_path), seed=0)
    (problem,) = [one for one in report.problems if one.kind == "incomplete-rows"]
    assert problem.text.endswith("1 of 47 texts left out: a NUL character in test.csv, line 8")


def test_a_table_beside_images_without_classes_is_reported(tmp_path: Path) -> None:
    for k in range(12):
        save_noise(tmp_path / "images" / f"{k}.png", seed=k)
    (tmp_path / "labels.csv").write_text(
        "image,label\n" + "".join(f"images/{k}.png,{k % 2}\n" for k in range(12))
    )
    report = check(str(tmp_path), seed=0)
    (problem,) = [one for one in report.problems if one.kind == "table-of-images"]
    assert problem.hint == f"give {tmp_path.resolve() / 'labels.csv'} to read it"


def test_tables_of_images_in_a_folder_are_splits(tmp_path: Path) -> None:
    for k in range(20):
        save_noise(tmp_path / "images" / f"{k}.png", seed=k)
    for name, numbers in (("train", range(14)), ("test", range(14, 20))):
        lines = "".join(f"images/{k}.png,{k % 2}\n" for k in numbers)
        (tmp_path / f"{name}.csv").write_text(f"image,label\n{lines}")
    report = check(str(tmp_path), seed=0)
    assert report.splits is not None
    assert report.splits.class_names == ("0", "1")
    assert len(report.splits.test) == 6
