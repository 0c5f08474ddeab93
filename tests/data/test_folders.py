from __future__ import annotations

import os
from pathlib import Path

import pytest
from drawn import classes, picture

from glassnet.data.folders import find
from glassnet.errors import DataError

SKIPPED = "skipped {} files or folders that are hidden, no images or in no part, as {}"


def told(root: Path) -> list[tuple[str, str, str]]:
    return [(item.name, item.label, item.part) for item in find(root).items]


def test_a_folder_per_class(tmp_path: Path) -> None:
    classes(tmp_path, "cat", "dog", n=2)
    picture(tmp_path / "cat" / "at home" / "x.JPEG")
    assert told(tmp_path) == [
        ("cat/0.png", "cat", "train"),
        ("cat/1.png", "cat", "train"),
        ("cat/at home/x.JPEG", "cat", "train"),
        ("dog/0.png", "dog", "train"),
        ("dog/1.png", "dog", "train"),
    ]
    assert find(tmp_path).notes == ()
    assert find(tmp_path).items[2].path == tmp_path / "cat" / "at home" / "x.JPEG"


def test_a_folder_without_classes(tmp_path: Path) -> None:
    picture(tmp_path / "b.png")
    picture(tmp_path / "a.webp")
    assert told(tmp_path) == [("a.webp", "image", "train"), ("b.png", "image", "train")]


@pytest.mark.parametrize(
    ("train", "valid", "test"), [("train", "valid", "test"), ("Training", "val", "Testing")]
)
def test_parts(tmp_path: Path, train: str, valid: str, test: str) -> None:
    for part in (train, valid, test):
        classes(tmp_path / part, "cat", n=1)
    assert {(label, part) for _, label, part in told(tmp_path)} == {
        ("cat", "train"),
        ("cat", "valid"),
        ("cat", "test"),
    }


def test_a_train_folder_alone_and_one_without_classes(tmp_path: Path) -> None:
    picture(tmp_path / "train" / "a.png")
    assert told(tmp_path) == [("train/a.png", "image", "train")]


def test_train_may_be_a_class(tmp_path: Path) -> None:
    classes(tmp_path, "bus", "train", n=1)
    assert [label for _, label, _ in told(tmp_path)] == ["bus", "train"]


def test_what_is_skipped_is_told_once_with_its_first_name(tmp_path: Path) -> None:
    classes(tmp_path, "cat", n=1)
    (tmp_path / "cat" / ".DS_Store").write_text("")
    (tmp_path / "cat" / "Thumbs.db").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "__MACOSX" / "cat").mkdir(parents=True)
    picture(tmp_path / ".hidden" / "a.png")
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    listing = find(tmp_path)
    assert [item.name for item in listing.items] == ["cat/0.png"]
    assert listing.notes == (SKIPPED.format(6, ".hidden"),)


def test_what_lies_beside_the_parts_is_skipped(tmp_path: Path) -> None:
    classes(tmp_path, "train", "test", n=1)
    picture(tmp_path / "extra" / "a.png")
    (tmp_path / "empty").mkdir()
    listing = find(tmp_path)
    assert [item.part for item in listing.items] == ["test", "train"]
    assert listing.notes == (SKIPPED.format(1, "extra/a.png"),)


def test_names_of_all_kinds(tmp_path: Path) -> None:
    for name in ("猫/ä 1.png", "猫/é'\".png", "Hund und Katze/a;b,c.png"):
        picture(tmp_path / name)
    picture(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n/a.png")))
    assert [label for _, label, _ in told(tmp_path)] == [
        "Hund und Katze",
        "猫",
        "猫",
        "\ufffd\ufffd",
    ]


def test_links_stay_inside(tmp_path: Path) -> None:
    root = classes(tmp_path / "photos", "cat", n=1)
    (root / "cat" / "again.png").symlink_to("0.png")
    (root / "cat" / "loop").symlink_to(root)
    (root / "cat" / "gone.png").symlink_to("nothing.png")
    listing = find(root)
    assert [item.name for item in listing.items] == ["cat/0.png", "cat/again.png"]
    assert "skipped 2" in listing.notes[0]
    outside = picture(tmp_path / "secret.png")
    for target in (outside, tmp_path):
        (root / "cat" / "link.png").symlink_to(target)
        with pytest.raises(DataError, match=r"cat/link\.png leads out of"):
            find(root)
        (root / "cat" / "link.png").unlink()


def test_what_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no images in it"):
        find(tmp_path)
    classes(tmp_path, "cat", n=1)
    (tmp_path / "dog").mkdir()
    with pytest.raises(DataError, match=r"dog: no images in it"):
        find(tmp_path)
    picture(tmp_path / "dog" / "a" / "b.png")
    (tmp_path / "cat" / "empty").mkdir()
    assert len(find(tmp_path).items) == 2
    picture(tmp_path / "beside.png")
    with pytest.raises(DataError, match=r"1 images lie beside the class folders: beside\.png"):
        find(tmp_path)


def test_parts_that_are_not_whole(tmp_path: Path) -> None:
    classes(tmp_path, "test/cat", "valid/cat", n=1)
    with pytest.raises(DataError, match="there is no train folder"):
        find(tmp_path)
    (tmp_path / "train" / "cat").mkdir(parents=True)
    with pytest.raises(DataError, match=r"train: no images in it"):
        find(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read(tmp_path: Path) -> None:
    root = classes(tmp_path, "cat", n=1)
    (root / "cat").chmod(0)
    with pytest.raises(DataError, match="cat: cannot be read"):
        find(root)
    (root / "cat").chmod(0o700)
