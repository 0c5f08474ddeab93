from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from image_samples import save_noise

from glassnet.data import structure
from glassnet.data.images.columns import image_column, names_images, read_listing
from glassnet.data.options import ReadOptions
from glassnet.data.problems.problem import REFUSAL, Problem, log_problem
from glassnet.errors import DataError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two images, one of them in a folder below it."""
    root = tmp_path.resolve() / "set"
    save_noise(root / "a b.png")
    save_noise(root / "more" / "ü.png")
    return root


def table(folder: Path, text: str, name: str = "labels.csv", encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def listed(path: Path) -> list[tuple[str, str, str]]:
    return [(item.name, item.label, item.split) for item in read_listing(path).items]


def messages(path: Path) -> list[str]:
    return [problem.text for problem in read_listing(path).problems]


def raise_refusals(problems: Iterable[Problem]) -> None:
    for problem in problems:
        if problem.severity == REFUSAL:
            log_problem(problem)


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
        'a b.png,x\nmore/ü.png,"y, z"\n',
        'x,a b\n"y, z",more/ü\n',
    ],
)
def test_every_format_of_a_table(folder: Path, text: str) -> None:
    assert listed(table(folder, text)) == BOTH
    assert read_listing(folder / "labels.csv").root == folder


@pytest.mark.parametrize("name", ["labels.jsonl", "labels.ndjson"])
def test_json_lines(folder: Path, name: str) -> None:
    text = '{"file": "a b.png", "label": "x"}\n{"label": "y, z", "file": "more/ü.png"}\n'
    assert listed(table(folder, text, name)) == BOTH


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks(folder: Path, encoding: str) -> None:
    text = 'image,label\na b.png,x\nmore/ü.png,"y, z"\n'
    assert listed(table(folder, text, encoding=encoding)) == BOTH


def test_another_encoding_is_recognised_or_chosen(folder: Path) -> None:
    text = "image,label\nmore/ü.png,x\n"
    assert listed(table(folder, text, encoding="latin-1")) == [("more/ü.png", "x", "train")]
    assert "its encoding is taken for cp1252" in messages(folder / "labels.csv")[0]
    path = table(folder, text, encoding="cp437")
    listing = read_listing(path, ReadOptions(encoding="cp437"))
    assert [item.name for item in listing.items] == ["more/ü.png"]


def test_a_column_of_splits(folder: Path) -> None:
    path = table(folder, "split,image,label\nVal,a b.png,x\ntrain,more/ü.png,y\n")
    assert listed(path) == [("a b.png", "x", "valid"), ("more/ü.png", "y", "train")]
    assert messages(path) == [
        "labels.csv: images from the column 'image', classes from the column 'label', splits from "
        "the column 'split'"
    ]


def test_images_without_classes(folder: Path) -> None:
    assert listed(table(folder, "image\na b.png\n")) == [("a b.png", "image", "train")]


def test_guessed_columns_are_reported(folder: Path) -> None:
    assert messages(table(folder, "breed,where\nx,a b.png\n")) == [
        "labels.csv: images from the column 'where' (guessed), classes from the column 'breed' "
        "(guessed)"
    ]
    assert messages(table(folder, "x,a b.png\n"))[0].startswith(
        "labels.csv: no names in the first line; images from the column 'column 2' (guessed)"
    )


def test_a_name_that_is_also_a_file_is_a_header(folder: Path) -> None:
    save_noise(folder / "photo.png")
    assert listed(table(folder, "photo,label\na b.png,x\n")) == [("a b.png", "x", "train")]


def test_incomplete_rows_are_left_out_and_reported(folder: Path) -> None:
    rows = "a b.png,x\n\nmore/ü.png\nmore/ü.png,y\na b.png,y, z\nmore/ü.png,z\n"
    path = table(folder, f"image,label\n{rows}")
    assert [name for name, _, _ in listed(path)] == ["a b.png", "more/ü.png", "more/ü.png"]
    assert messages(path)[1] == (
        "labels.csv: 2 of 5 rows left out: more cells than columns in line 6, no label in line 4"
    )


def test_line_numbers_are_those_of_the_first_line_of_a_row(folder: Path) -> None:
    path = table(folder, 'image,label\n"a b.png","two\nlines"\nmore/ü.png\na b.png,x\n')
    assert messages(path)[1] == "labels.csv: 1 of 3 rows left out: no label in line 4"


def test_an_image_can_be_in_several_rows(folder: Path) -> None:
    rows = listed(table(folder, "image,label\nmore/ü.png,y\na b.png,x\n./a b.png,y\n"))
    assert rows == [
        ("a b.png", "x", "train"),
        ("a b.png", "y", "train"),
        ("more/ü.png", "y", "train"),
    ]


def test_a_missing_image_is_left_to_the_decoder(folder: Path) -> None:
    assert listed(table(folder, "image,label\nnone.png,x\n")) == [("none.png", "x", "train")]


def test_links_within_the_folder_are_followed(folder: Path) -> None:
    (folder / "link.png").symlink_to("a b.png")
    assert listed(table(folder, "image,label\nlink.png,x\n")) == [("a b.png", "x", "train")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the table has no rows"),
        ("image,label\n", "the table has no rows"),
        ("one,two\n1,2\n", "no column contains images; it has one, two"),
        ("image,one,two\na b.png,1,2\n", "no column contains classes; it has image, one, two"),
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
        ("image,label\nsecret,x\n", r"1 path leading out of it: secret in line 2"),
        ("image,label\na\0.png,x\n", "no row can be read|the table has no rows|1 of 1 rows"),
        ("image,label,split\na b.png,x,tset\n", "unknown split 'tset' in line 2"),
        ("image,label\n" + "x" * 200_000 + ",y\n", "a path of 200,000 characters in line 2"),
    ],
)
def test_a_file_that_is_not_a_table_of_images_is_refused(
    folder: Path, text: str, message: str
) -> None:
    (folder / "out").symlink_to("/tmp")
    (folder / "secret.png").symlink_to(save_noise(folder.parent / "secret.png"))
    with pytest.raises(DataError, match=message) as caught:
        raise_refusals(read_listing(table(folder, text)).problems)
    assert caught.value.message.startswith(f"{folder / 'labels.csv'}")
    assert len(str(caught.value).splitlines()) == 2


def test_all_rows_are_read_after_a_refusal(folder: Path) -> None:
    text = "image,label,split\n../a.png,x,train\na b.png,x,tset\n/b.png,y,test\n,,\na b.png,x,val\n"
    listing = read_listing(table(folder, text))
    assert [(one.kind, one.severity, one.locations) for one in listing.problems] == [
        ("outside-folder", "refusal", (("../a.png in line 2",), ("/b.png in line 4",))),
        ("unknown-split", "refusal", (("'tset' in line 3",),)),
        ("columns", "note", ()),
    ]
    assert [item.split for item in listing.items] == ["valid"]


def test_the_nearest_split_is_suggested(folder: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_listing(table(folder, "image,label,split\na b.png,x,tset\n"))
    assert caught.value.hint == "did you mean test?"


def test_a_label_can_be_longer_than_any_file_name(folder: Path) -> None:
    assert listed(table(folder, f"label,image\n{'x' * 5000},a b.png\n"))[0][1] == "x" * 5000
    assert listed(table(folder, f"{'x' * 5000},a b.png\n"))[0][1] == "x" * 5000


def test_a_column_of_images_is_read_row_by_row(folder: Path) -> None:
    log: list[str] = []
    column = image_column(table(folder, "id,photo\n1,a b\n2,../a.png\n3,\n"), log=log.append)
    assert log == ["labels.csv: images from the column 'photo'"]
    (location, row), *others = column
    assert (location, row) == ("labels.csv, line 2", ["1", "a b"])
    assert column.path_of(location, row) == folder / "a b.png"
    with pytest.raises(DataError, match=r"^labels\.csv, line 3: \.\./a\.png leads out of"):
        column.path_of(*others[0])
    with pytest.raises(DataError, match=r"^labels\.csv, line 4: no image\n"):
        column.path_of(*others[1])


@pytest.mark.parametrize(
    ("n_images", "n_others", "expected"), [(2, 2, True), (1, 2, False), (1, 0, True), (0, 1, False)]
)
def test_a_table_names_images_if_half_of_its_rows_do(
    tmp_path: Path, n_images: int, n_others: int, expected: bool
) -> None:
    rows = [["1", "a.png"]] * n_images + [["0", "a film"]] * n_others
    assert names_images(tmp_path / "a.csv", ["label", "file"], rows) is expected


def test_a_table_names_images_of_a_folder_beside_it(tmp_path: Path) -> None:
    """As at Kaggle: numbers without an extension, and images in a folder that the table omits."""
    for k in range(20):
        save_noise(tmp_path / "pictures" / f"{k}.png", seed=k)
    rows = "".join(f"{k},{('iris', 'tulip')[k % 2]}\n" for k in range(20))
    listing = read_listing(table(tmp_path, f"id,label\n{rows}"))
    assert structure.detect(tmp_path / "labels.csv").modality == "images"
    assert {item.label for item in listing.items} == {"iris", "tulip"}
    assert {item.name for item in listing.items} == {f"pictures/{k}.png" for k in range(20)}
    (note,) = [one.text for one in listing.problems if one.kind == "image-folder"]
    assert note == "labels.csv: its images are in the folder pictures"
    column = image_column(tmp_path / "labels.csv", log=lambda line: None)
    location, row = next(iter(column))
    assert column.path_of(location, row) == tmp_path / "pictures" / "0.png"
