from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from drawn import picture
from glassnet.data.images.tables import read

from glassnet.data.problems.problem import REFUSAL, Problem, speak
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


def record(path: Path) -> list[tuple[str, str, str]]:
    return [(item.name, item.label, item.part) for item in read(path).items]


def notes(path: Path) -> list[str]:
    return [problem.text for problem in read(path).problems]


def refused(problems: Iterable[Problem]) -> None:
    for problem in problems:
        if problem.severity == REFUSAL:
            speak(problem)


BOTH = [("a b.png", "x", "train"), ("more/ü.png", "y, z", "train")]


@pytest.mark.parametrize(
    "text",
    [
        'image,label\nmore/ü.png,"y, z"\na b.png,x\n',
        '\ufeffimage,label\r\n"a b.png",x\r\n\r\n"more/ü.png","y, z"\r\n',
        "File Name;Class\nmore\\ü.png;y, z\na b.png;x",
        "label\tfile_path\tcamera\n x \t a b.png \t1\ny, z\t./more/../more/ü.png\t2\n",
        'key,breed\na b.png,x\nmore/ü.png,"y, z"\n',
        'image,label\na b,x\nmore/ü,"y, z"\n',
        'key,breed\na b,x\nmore/ü,"y, z"\n',
    ],
)
def test_the_forms_of_a_table(folder: Path, text: str) -> None:
    assert record(table(folder, text)) == BOTH
    assert read(folder / "labels.csv").root == folder


def test_parts(folder: Path) -> None:
    path = table(folder, "split,image,label\nVal,a b.png,x\ntrain,more/ü.png,y\n")
    assert record(path) == [("a b.png", "x", "valid"), ("more/ü.png", "y", "train")]
    assert notes(path) == [
        "labels.csv: images from the column 'image', classes from the column 'label', parts from "
        "the column 'split'"
    ]


def test_images_without_classes(folder: Path) -> None:
    assert record(table(folder, "image\na b.png\n")) == [("a b.png", "image", "train")]


def test_guessed_columns_are_told(folder: Path) -> None:
    assert notes(table(folder, "breed,where\nx,a b.png\n")) == [
        "labels.csv: images from the column 'where', classes from the column 'breed'"
    ]


def test_rows_that_lack_something_are_left_out_and_told(folder: Path) -> None:
    path = table(folder, "image,label\na b.png,x\n\nmore/ü.png\nmore/ü.png,y\n")
    assert [name for name, _, _ in record(path)] == ["a b.png", "more/ü.png"]
    assert notes(path)[1] == "1 of 3 rows left out: no label in line 4"


def test_an_image_may_be_named_again(folder: Path) -> None:
    rows = record(table(folder, "image,label\nmore/ü.png,y\na b.png,x\n./a b.png,y\n"))
    assert rows == [
        ("a b.png", "x", "train"),
        ("a b.png", "y", "train"),
        ("more/ü.png", "y", "train"),
    ]


def test_a_missing_image_is_left_to_the_decoder(folder: Path) -> None:
    assert record(table(folder, "image,label\nnone.png,x\n")) == [("none.png", "x", "train")]


def test_links_are_followed_inside(folder: Path) -> None:
    (folder / "link.png").symlink_to("a b.png")
    assert record(table(folder, "image,label\nlink.png,x\n")) == [("a b.png", "x", "train")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column of images among"),
        ("image,label\n", "no images in it"),
        ("a b.png,x\nmore/ü.png,y\n", r"its first line names no columns but 'a b\.png'"),
        ("one,two\n1,2\n", "no column of images among one, two"),
        ("image,one,two\na b.png,1,2\n", "no column of labels among image, one, two"),
        (
            "image,label\na b.png\n,x\nmore/ü.png,y\n",
            "2 of 3 rows cannot be used: no label in line 2, no image in line 3",
        ),
        (
            "image,label\n../../etc/passwd,x\n",
            r"1 path leading out of it: \.\./\.\./etc/passwd in line 2",
        ),
        ("image,label\n/etc/passwd,x\n", "1 path leading out of it: /etc/passwd in line 2"),
        ("image,label\nout/a.png,x\n", r"1 path leading out of it: out/a\.png in line 2"),
        ("image,label\na\0.png,x\n", "1 path leading out of it: a\ufffd.png in line 2"),
        ("image,label,split\na b.png,x,tset\n", "there is no such part: tset in line 2"),
        ('image,label\n"a b.png,x\n', "not a table"),
        ("image,label\n" + "x" * 200_000 + ",y\n", "not a table"),
    ],
)
def test_what_is_no_table(folder: Path, text: str, message: str) -> None:
    (folder / "out").symlink_to("/tmp")
    with pytest.raises(DataError, match=message) as caught:
        refused(read(table(folder, text)).problems)
    assert caught.value.message.startswith(f"{folder / 'labels.csv'}")
    assert len(str(caught.value).splitlines()) == 2


def test_all_rows_are_looked_at_behind_a_refusal(folder: Path) -> None:
    text = "image,label,split\n../a.png,x,train\na b.png,x,tset\n/b.png,y,test\n,,\na b.png,x,val\n"
    listing = read(table(folder, text))
    assert [(one.kind, one.severity, one.places) for one in listing.problems] == [
        ("outside", "refusal", (("../a.png in line 2",), ("/b.png in line 4",))),
        ("unknown-part", "refusal", (("tset in line 3",),)),
        ("columns", "note", ()),
    ]
    assert [item.part for item in listing.items] == ["valid"]


def test_a_misspelt_part_gets_the_nearest(folder: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(table(folder, "image,label,split\na b.png,x,tset\n"))
    assert caught.value.hint == "did you mean test?"


def test_a_label_longer_than_any_files_name(folder: Path) -> None:
    assert record(table(folder, f"label,image\n{'x' * 5000},a b.png\n"))[0][1] == "x" * 5000


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_text_in_another_encoding(folder: Path, encoding: str) -> None:
    with pytest.raises(DataError, match="not UTF-8 text"):
        read(table(folder, "image,label\nmore/ü.png,x\n", encoding=encoding))
