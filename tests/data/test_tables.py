from __future__ import annotations

from pathlib import Path

import pytest
from drawn import picture

from glassnet.data.tables import read
from glassnet.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two pictures, one below it."""
    root = tmp_path.resolve() / "set"
    picture(root / "a b.png")
    picture(root / "more" / "ü.png")
    return root


def table(folder: Path, text: str, name: str = "labels.csv", encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def told(path: Path) -> list[tuple[str, str, str]]:
    return [(item.name, item.label, item.part) for item in read(path).items]


BOTH = [("a b.png", "x", "train"), ("more/ü.png", "y, z", "train")]


@pytest.mark.parametrize(
    "text",
    [
        'image,label\nmore/ü.png,"y, z"\na b.png,x\n',
        '\ufeffimage,label\r\n"a b.png",x\r\n\r\n"more/ü.png","y, z"\r\n',
        "File Name;Class\nmore\\ü.png;y, z\na b.png;x",
        "label\tfile_path\tcamera\n x \t a b.png \t1\ny, z\t./more/../more/ü.png\t2\n",
        'key,breed\na b.png,x\nmore/ü.png,"y, z"\n',
    ],
)
def test_the_forms_of_a_table(folder: Path, text: str) -> None:
    assert told(table(folder, text)) == BOTH
    assert read(folder / "labels.csv").root == folder


def test_parts(folder: Path) -> None:
    path = table(folder, "split,image,label\nVal,a b.png,x\ntrain,more/ü.png,y\n")
    assert told(path) == [("a b.png", "x", "valid"), ("more/ü.png", "y", "train")]
    assert read(path).notes == (
        "labels.csv: images from the column 'image', classes from the column 'label', parts from "
        "the column 'split'",
    )


def test_images_without_classes(folder: Path) -> None:
    assert told(table(folder, "image\na b.png\n")) == [("a b.png", "image", "train")]


def test_guessed_columns_are_told(folder: Path) -> None:
    notes = read(table(folder, "breed,where\nx,a b.png\n")).notes
    assert notes == ("labels.csv: images from the column 'where', classes from the column 'breed'",)


def test_a_missing_image_is_left_to_the_decoder(folder: Path) -> None:
    assert told(table(folder, "image,label\nnone.png,x\n")) == [("none.png", "x", "train")]


def test_links_are_followed_inside(folder: Path) -> None:
    (folder / "link.png").symlink_to("a b.png")
    assert told(table(folder, "image,label\nlink.png,x\n")) == [("a b.png", "x", "train")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column of images among"),
        ("image,label\n", "no images in it"),
        ("a b.png,x\nmore/ü.png,y\n", r"its first line names no columns but 'a b\.png'"),
        ("one,two\n1,2\n", "no column of images among one, two"),
        ("image,one,two\na b.png,1,2\n", "no column of labels among image, one, two"),
        ("image,label\na b.png,x\nmore/ü.png,\n", "line 3: no label"),
        ("image,label\na b.png,x\n\nmore/ü.png\n", "line 4: no label"),
        ("image,label\na b.png,x\n,y\n", "line 3: no image"),
        ("image,label\na b.png,x\n./a b.png,y\n", r"line 3: a b\.png is named a second time"),
        ("image,label\n../../etc/passwd,x\n", r"line 2: \.\./\.\./etc/passwd leads out of"),
        ("image,label\n/etc/passwd,x\n", "line 2: /etc/passwd leads out of"),
        ("image,label\nout/a.png,x\n", r"line 2: out/a\.png leads out of"),
        ("image,label\na\0.png,x\n", "line 2: a\ufffd.png is no path"),
        ("image,label,split\na b.png,x,tset\n", "line 2: there is no part 'tset'"),
        ('image,label\n"a b.png,x\n', "not a table"),
        ("image,label\n" + "x" * 200_000 + ",y\n", "not a table"),
    ],
)
def test_what_is_no_table(folder: Path, text: str, message: str) -> None:
    (folder / "out").symlink_to("/tmp")
    with pytest.raises(DataError, match=message) as caught:
        read(table(folder, text))
    assert caught.value.message.startswith(f"{folder / 'labels.csv'}")
    assert len(str(caught.value).splitlines()) == 2


def test_a_misspelt_part_gets_the_nearest(folder: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(table(folder, "image,label,split\na b.png,x,tset\n"))
    assert caught.value.hint == "did you mean test?"


def test_a_label_longer_than_any_files_name(folder: Path) -> None:
    assert told(table(folder, f"label,image\n{'x' * 5000},a b.png\n"))[0][1] == "x" * 5000


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_text_in_another_encoding(folder: Path, encoding: str) -> None:
    with pytest.raises(DataError, match="not UTF-8 text"):
        read(table(folder, "image,label\nmore/ü.png,x\n", encoding=encoding))
