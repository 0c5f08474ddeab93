from __future__ import annotations

import re
from pathlib import Path

import pytest
from image_samples import save_noise
from text_samples import text_folders

from glassnet.data.modality import detect


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
    assert detect(path) == modality


def test_a_folder(tmp_path: Path) -> None:
    root = text_folders(tmp_path / "set", {"a": ("x", "y"), "b": ("z",)})
    assert detect(root) == "texts"
    save_noise(root / "a" / "cover.png")
    assert detect(root) == "texts"
    for k in range(3):
        save_noise(root / "b" / f"{k}.png")
    assert detect(root) == "images"


def test_a_folder_of_images_in_arrays_with_a_note_beside_them(tmp_path: Path) -> None:
    (tmp_path / "README.txt").write_text("MNIST")
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"")
    assert detect(tmp_path) == "images"


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
    assert detect(tmp_path / name) == modality


def test_an_empty_folder(tmp_path: Path) -> None:
    assert detect(tmp_path) == ""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.txt").write_text("")
    assert detect(tmp_path) == ""
