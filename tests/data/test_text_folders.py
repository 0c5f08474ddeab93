from __future__ import annotations

from pathlib import Path

import pytest
from text_samples import text_folders

from glassnet.data.folders import TEXTS, find
from glassnet.data.texts.load import load_texts
from glassnet.errors import DataError


def listed(root: Path) -> list[tuple[str, str, str]]:
    return [(file.name, file.label, file.split) for file in find(root.resolve(), TEXTS).items]


def test_a_folder_per_class(tmp_path: Path) -> None:
    text_folders(tmp_path, {"b": ("x", "y"), "a/deep": ("z",)})
    assert listed(tmp_path) == [
        ("a/deep/0.txt", "a", "train"),
        ("b/0.txt", "b", "train"),
        ("b/1.txt", "b", "train"),
    ]


def test_split_folders_above_the_classes(tmp_path: Path) -> None:
    text_folders(tmp_path, {"Train/a": ("x",), "val/a": ("y",), "test/a": ("z",)})
    assert listed(tmp_path) == [
        ("Train/a/0.txt", "a", "train"),
        ("test/a/0.txt", "a", "test"),
        ("val/a/0.txt", "a", "valid"),
    ]


def test_train_can_be_a_class(tmp_path: Path) -> None:
    text_folders(tmp_path, {"train": ("x",), "bus": ("y",)})
    assert listed(tmp_path) == [("bus/0.txt", "bus", "train"), ("train/0.txt", "train", "train")]


def test_files_outside_the_class_folders_are_left_out_and_reported(tmp_path: Path) -> None:
    text_folders(tmp_path, {"train/pos": ("x",), "train/neg": ("y",), "test/pos": ("z",)})
    for name in ("README.txt", "train/urls.txt", ".hidden.txt", "train/pos/words.csv"):
        (tmp_path / name).write_text("no review")
    listing = find(tmp_path.resolve(), TEXTS)
    assert [file.name for file in listing.items] == [
        "test/pos/0.txt",
        "train/neg/0.txt",
        "train/pos/0.txt",
    ]
    assert [problem.text for problem in listing.problems] == [
        "skipped 2 files or folders that are hidden or not texts (.txt 1, .csv 1), such as "
        ".hidden.txt",
        "1 text in no split left out (README.txt 1)",
        "1 text outside the class folders left out: train/urls.txt",
    ]


def test_texts_without_classes(tmp_path: Path) -> None:
    text_folders(tmp_path, {".": ("x", "y")})
    assert listed(tmp_path) == [("0.txt", "", "train"), ("1.txt", "", "train")]


def test_a_folder_without_texts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("x")
    with pytest.raises(DataError, match=r"no \.txt files in it"):
        find(tmp_path, TEXTS)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    root = text_folders(tmp_path / "set", {"a": ("x",)})
    (tmp_path / "secret.txt").write_text("secret")
    (root / "a" / "1.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(DataError, match=r"1 path leading out of it: a/1\.txt"):
        load_texts(str(root), seed=0)
