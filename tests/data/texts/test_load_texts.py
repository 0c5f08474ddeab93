from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from image_samples import class_folders
from text_samples import BAD, GOOD, tar, text_folders

from glassnet.contract import Splits
from glassnet.data.names import IN_MEMORY
from glassnet.data.sources import fetch, packs
from glassnet.data.sources.catalogue import CATALOGUE, IMDB, MOVIE_SNIPPETS, Members
from glassnet.data.texts import inputs, load
from glassnet.data.texts.load import load_texts, load_unlabelled
from glassnet.errors import DataError, FetchError, UsageError

STRINGS = np.dtypes.StringDType()


def loaded(path: Path | str, seed: int = 0, **columns: str) -> tuple[Splits, list[str]]:
    notes: list[str] = []
    splits = load_texts(str(path), seed=seed, log=notes.append, **columns)  # type: ignore[arg-type]
    return splits, notes


def rows(splits: Splits) -> set[tuple[str, str]]:
    return {
        (text, splits.class_names[label])
        for split in (splits.train, splits.valid, splits.test)
        for text, label in zip(split.inputs.tolist(), split.labels, strict=True)
    }


EXAMPLES = {(text, "good") for text in GOOD} | {(text, "bad") for text in BAD}
LINES = [
    pair for good, bad in zip(GOOD, BAD, strict=True) for pair in ((good, "good"), (bad, "bad"))
]


def table(path: Path, encoding: str = "utf-8") -> Path:
    lines = "".join(f'"{text}",{label}\n' for text, label in LINES)
    path.write_bytes(f"text,label\n{lines}".encode(encoding))
    return path


@pytest.mark.parametrize("form", ["csv", "utf-16", "tsv", "jsonl", "folder"])
def test_every_format_gives_the_same_examples(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"set.{form}"
    if form == "folder":
        text_folders(path, {"good": GOOD, "bad": BAD})
    elif form == "jsonl":
        path.write_text("".join(f'{{"label": "{b}", "text": "{a}"}}\n' for a, b in LINES))
    elif form == "tsv":
        path.write_text("label\ttext\n" + "".join(f"{b}\t{a}\n" for a, b in LINES))
    else:
        path = table(path.with_suffix(".csv"), "utf-16" if form == "utf-16" else "utf-8-sig")
    splits, _ = loaded(path)
    assert rows(splits) == EXAMPLES
    assert splits.class_names == ("bad", "good")
    assert splits.name == str(path.resolve())
    for part in (splits.train, splits.valid, splits.test):
        assert part.inputs.dtype == STRINGS
        assert part.labels.dtype == part.ids.dtype == np.int64
        assert set(part.labels) == {0, 1}


def test_ids_are_positions_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    table(path)
    path.write_text(path.read_text().replace("\n", "\n\n"))
    splits, _ = loaded(path)
    for part in (splits.train, splits.valid, splits.test):
        assert part.inputs.tolist() == [LINES[k][0] for k in part.ids]


def test_another_seed_changes_only_the_validation_split(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("text,label\n" + "".join(f"text {k},{k % 2}\n" for k in range(100)))
    (first, _), (other, _) = loaded(path, seed=1), loaded(path, seed=2)
    assert first.test.ids.tolist() == other.test.ids.tolist()
    assert first.valid.ids.tolist() != other.valid.ids.tolist()
    assert first.fingerprint == other.fingerprint


def test_classes_that_are_numbers_are_in_numerical_order(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(
        "".join(json.dumps({"body": f"some text {k}", "stars": k % 11}) + "\n" for k in range(99))
    )
    splits, notes = loaded(path)
    assert splits.class_names == tuple(map(str, range(11)))
    assert notes == ["set.jsonl: texts from the column 'body', classes from the column 'stars'"]


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("text,label,title,genre\n" + "".join(f"a,b,t{k},g{k % 2}\n" for k in range(9)))
    splits, notes = loaded(path, text_column="Title", label_column="genre")
    assert splits.class_names == ("g0", "g1")
    assert notes == ["set.csv: texts from the column 'title', classes from the column 'genre'"]
    with pytest.raises(DataError, match=r"no column 'titel'\ndid you mean title\?"):
        loaded(path, text_column="titel")


def test_a_column_of_splits(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    parts = ("train", "val", "test")
    lines = "".join(f"text {k},{k % 2},{parts[k // 2 % 3]}\n" for k in range(12))
    path.write_text(f"text,label,split\n{lines}")
    splits, _ = loaded(path)
    assert [part.ids.tolist() for part in (splits.train, splits.valid, splits.test)] == [
        [0, 1, 6, 7],
        [2, 3, 8, 9],
        [4, 5, 10, 11],
    ]
    path.write_text(path.read_text().replace("9,1,val", "9,1,vla"))
    with pytest.raises(
        DataError, match=r"set\.csv: unknown split 'vla' in line 11\ndid you mean val\?"
    ):
        loaded(path)


def test_all_unknown_splits_are_named_and_an_empty_one_is_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    splits = ["train"] * 8 + ["", "tset", "vaid"]
    lines = "".join(f"text {k},{k % 2},{split}\n" for k, split in enumerate(splits))
    path.write_text(f"text,label,split\n{lines}")
    with pytest.raises(DataError, match=r"unknown split 'tset' in line 11, 'vaid' in line 12"):
        loaded(path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-2]))
    assert loaded(path)[1][1] == "set.csv: 1 of 9 texts left out: no split in line 10"


def test_split_folders_with_a_file_that_is_not_text(tmp_path: Path) -> None:
    text_folders(
        tmp_path / "train", {"good": (*GOOD, "only here"), "bad": (*BAD, "and here", "here")}
    )
    text_folders(tmp_path / "test", {"good": GOOD[:2], "bad": BAD[:2]})
    (tmp_path / "train" / "good" / "9.txt").write_bytes(bytes(10))
    splits, notes = loaded(tmp_path)
    assert [len(part) for part in (splits.train, splits.test)] == [7, 4]
    assert notes == [
        f"{tmp_path.name}: 1 of 18 texts left out: binary data, not text in train/good/9.txt",
        "4 texts left out, the same as one in the test split: train/bad/0.txt (same as "
        "test/bad/0.txt), train/bad/1.txt (same as test/bad/1.txt) and 2 more",
    ]


def test_incomplete_rows_are_reported_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    more = "so, so,good\nagain,\n ,bad\na fine film,good\na dull film,good\n"
    table(path).write_text(path.read_text() + more)
    splits, notes = loaded(path)
    assert rows(splits) == EXAMPLES
    assert notes[1:] == [
        "set.csv: 3 of 15 texts left out: more cells than columns in line 12, no label in line 13, "
        "no text in line 14",
        "2 texts left out, the same as an earlier one: line 15 (same as line 2), line 16 (same as "
        "line 3)",
        "1 text with more than one label: 'bad' in line 3, which is used, and 'good' in line 16",
    ]


def test_a_table_without_a_header(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("".join(f'{label},"{text}"\n' for text, label in LINES))
    splits, notes = loaded(path)
    assert rows(splits) == EXAMPLES
    assert notes[0].startswith("set.csv: no names in the first line; texts from the column 'column")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\na,x\nb,x\n", "all texts have the same class, 'x'"),
        ("text,label\na,\nb,\n", "no column contains texts|2 of 2 texts cannot be used"),
        ("text,label\na,x\nb,y\n", "fewer than 3 training texts of the class x, y"),
        ("text,label\n", "the table has no rows"),
        ("\x89PNG\0\0", "no row can be read: a NUL character in line 1"),
    ],
)
def test_tables_that_are_not_a_data_set_are_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "set.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=message) as caught:
        loaded(path)
    assert caught.value.message.startswith(str(path))
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.csv", "there is no such file or folder"),
        ("a.txt", "a single text, not a data set"),
        ("a.xls", "unsupported file type '.xls'"),
        ("empty", "no .txt files in it"),
    ],
)
def test_paths_that_are_not_a_data_set_are_refused(tmp_path: Path, name: str, message: str) -> None:
    for known in ("a.txt", "a.xls"):
        (tmp_path / known).write_text("x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=message):
        loaded(tmp_path / name)


def test_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"photos: contains images, not texts\nuse a network for images"
    ):
        loaded(class_folders(tmp_path / "photos", "a", "b"))
    with pytest.raises(UsageError, match="mnist contains images"):
        loaded("mnist")
    with pytest.raises(UsageError, match="did you mean imdb"):
        loaded("imbd")


def test_columns_of_something_else_are_refused(tmp_path: Path) -> None:
    path = text_folders(tmp_path, {"good": GOOD, "bad": BAD})
    with pytest.raises(UsageError, match="not a table, so it has no column 'body'"):
        loaded(path, text_column="body")
    with pytest.raises(UsageError, match="imdb is built in: --label-column does not"):
        loaded("imdb", label_column="stars")


# Texts without labels.


def test_rows_are_read_in_order_and_written_back(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text('id;body\n7;"good; really"\n\n3;\n3;"two\nlines"\n3;"two\nlines"\n')
    notes: list[str] = []
    content = inputs.read_texts(path, log=notes.append)
    assert content.texts.tolist() == ["good; really", "", "two\nlines", "two\nlines"]
    assert content.texts.dtype == STRINGS
    assert content.locations[:2] == ("reviews.csv, line 2", "reviews.csv, line 4")
    assert notes == ["reviews.csv: texts from the column 'body'"]
    column = inputs.read_column(path, log=notes.append)
    rows = [row for _, _, row in column]
    assert [text for text, _, _ in column] == content.texts.tolist(), "it can be read again"
    written = column.format.format_header(["class"]) + column.format.format_rows(
        rows, ["class"], list("abcd")
    )
    assert written.startswith('id;body;class\n7;"good; really";a\n3;;b\n')


def test_a_column_is_read_by_name(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("title,body\na,b\n")
    assert inputs.read_texts(path, text_column="title").texts.tolist() == ["a"]
    with pytest.raises(DataError, match=r"no column 'titel'"):
        inputs.read_texts(path, text_column="titel")


def test_a_row_with_too_many_cells_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\na,b\ngood, really,c\n")
    log: list[str] = []
    assert inputs.read_texts(path, log=log.append).texts.tolist() == ["a"]
    assert log[1] == "reviews.csv: 1 of 2 rows left out: more cells than columns in line 3"


def test_text_files_are_read(tmp_path: Path) -> None:
    text_folders(tmp_path, {".": ("one", "two")})
    assert inputs.read_texts(tmp_path).texts.tolist() == ["one", "two"]
    content = inputs.read_texts(tmp_path / "1.txt")
    assert content.texts.tolist() == ["two"]
    assert content.locations == (str(tmp_path / "1.txt"),)
    with pytest.raises(UsageError, match="not a table"):
        inputs.read_texts(tmp_path / "1.txt", text_column="a")
    (tmp_path / "a.pdf").write_text("x")
    with pytest.raises(DataError, match=r"unsupported file type '\.pdf'"):
        inputs.read_texts(tmp_path / "a.pdf")


# Texts of the catalogue.


@pytest.fixture
def reviews(
    tmp_path: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, bytes]:
    """A small set of reviews in the format of the large one, in a mirror folder."""
    files: dict[str, bytes] = {}
    for split in ("train", "test"):
        for sort, words in (("pos", GOOD), ("neg", BAD)):
            for k, text in enumerate(words):
                name = f"aclImdb/{split}/{sort}/{k}_{9 if sort == 'pos' else 2}.txt"
                files[name] = f"{text} <br />in the {split} split: schön".encode()
    others = {f"aclImdb/train/unsup/{k}_0.txt": f"text {k}".encode() for k in (9, 10, 11, 100)}
    known = {name: text for name, text in others.items() if "/9_0" not in name}
    small = replace(
        IMDB,
        files=(members(IMDB.files[0], files),),
        unlabelled=members(IMDB.unlabelled, known),
        sources=(),
    )
    monkeypatch.setitem(CATALOGUE, "imdb", small)
    monkeypatch.setattr(load, "REVIEWS_PER_GROUP", 2)
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "imdb-labelled.tar.xz").write_bytes(tar(files))
    (mirror / "imdb-unlabelled.tar.xz").write_bytes(tar(others))
    monkeypatch.setenv("GLASSNET_MIRROR", str(mirror))
    return files


def members(file: object, files: dict[str, bytes]) -> Members:
    assert isinstance(file, Members)
    content = packs.pack(files)
    return replace(file, sha256=packs.digest(content), size=len(content))


def test_reviews_keep_their_splits(reviews: dict[str, bytes]) -> None:
    splits, notes = loaded("imdb")
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [8, 2, 10]
    assert splits.class_names == ("negative", "positive")
    expected = {text.decode() for name, text in reviews.items() if "/test/pos/" in name}
    test = splits.test
    assert set(test.inputs[test.labels == 1].tolist()) == expected
    assert test.ids.tolist() == list(range(10))
    ids = np.concatenate([splits.train.ids, splits.valid.ids])
    assert sorted(ids) == list(range(10))
    assert notes == [f"fetching imdb from {os.environ['GLASSNET_MIRROR']}/imdb"]


@pytest.mark.parametrize("seed", range(4))
def test_consecutive_reviews_stay_in_one_split(reviews: dict[str, bytes], seed: int) -> None:
    """The numbers 0 and 1 of a class are of one group, 2 and 3 of another, and 4 is alone."""
    splits = load_texts("imdb", seed=seed, valid_fraction=0.4, log=print)
    assert splits.train.groups is not None
    assert splits.valid.groups is not None
    assert not set(splits.train.groups.tolist()) & set(splits.valid.groups.tolist())
    ids = splits.valid.ids.tolist()  # five negative ones, then five positive ones
    assert {k + 1 if k % 5 % 2 == 0 else k - 1 for k in ids if k % 5 < 4} <= set(ids)
    assert 0 < splits.valid.labels.sum() < len(splits.valid)


def test_reviews_are_cached_and_verified(
    reviews: dict[str, bytes], cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = loaded("imdb")
    assert [path.name for path in (cache_folder / "imdb").iterdir()] == ["labelled.pack"]
    mirror = os.environ["GLASSNET_MIRROR"]
    monkeypatch.delenv("GLASSNET_MIRROR")
    monkeypatch.setenv("GLASSNET_OFFLINE", "1")
    again, notes = loaded("imdb")
    assert again.train.inputs.tolist() == first.train.inputs.tolist()
    assert notes == []
    path = cache_folder / "imdb" / "labelled.pack"
    path.write_bytes(path.read_bytes().replace(b"fine", b"dire"))
    with pytest.raises(FetchError, match="is altered") as caught:
        loaded("imdb")
    assert caught.value.hint.endswith("a folder that contains imdb-labelled.tar.xz")
    monkeypatch.setenv("GLASSNET_MIRROR", mirror)
    assert loaded("imdb")[0].train.inputs.tolist() == first.train.inputs.tolist()


def test_unlabelled_reviews(reviews: dict[str, bytes]) -> None:
    texts = load_unlabelled("imdb", log=lambda note: None)
    assert texts is not None
    assert texts.tolist() == ["text 10", "text 11", "text 100"]
    assert texts.dtype == STRINGS
    assert load_unlabelled("movie-snippets") is None
    assert load_unlabelled("./mine.csv") is None
    assert load_unlabelled(IN_MEMORY) is None


SNIPPETS = (
    fetch.offline()
    and not (Path(os.environ.get("GLASSNET_MIRROR", "/none")) / "movie-snippets").is_dir()
)


@pytest.mark.skipif(SNIPPETS, reason="GLASSNET_OFFLINE forbids the package index")
def test_film_sentences() -> None:
    splits, _ = loaded("movie-snippets", seed=3)
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [8800, 800, 1005]
    parts = (splits.train, splits.valid, splits.test)
    assert sorted(np.concatenate([part.ids for part in parts])) == list(range(10_605))
    assert sum(np.bincount(part.labels)[1] for part in parts) == 5279
    where = np.flatnonzero(splits.train.ids == 2)
    assert splits.train.inputs[where].tolist() in ([], ["Effective but too tepid biopic"])
    record = hashlib.sha256(np.sort(splits.test.ids).tobytes()).hexdigest()
    other, _ = loaded("movie-snippets", seed=4)
    assert hashlib.sha256(np.sort(other.test.ids).tobytes()).hexdigest() == record
    assert MOVIE_SNIPPETS.n_test == len(splits.test)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("train", "dev"), ("train", "test")),
        (("train", "dev", "test"), ("train", "valid", "test")),
        (("Training", "PublicTest", "PrivateTest"), ("train", "valid", "test")),
        (("学習", "検証", "テスト"), ("train", "valid", "test")),
    ],
)
def test_other_names_of_splits_in_a_column(
    tmp_path: Path, parts: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    path = tmp_path / "set.csv"
    n = 12 * len(parts)
    lines = "".join(f"text {k},{k % 2},{parts[k % n // 12]}\n" for k in range(n))
    path.write_text(f"text,label,split\n{lines}")
    splits, _ = loaded(path)
    for k, split in enumerate(expected):
        ids = getattr(splits, split).ids.tolist()
        assert set(ids) <= set(range(12 * k, 12 * k + 12))
        assert ids


def test_rows_in_no_split_are_a_warning_with_their_number(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    parts = ["train"] * 20 + ["test"] * 4 + ["unsup"] * 6
    lines = "".join(f"text {k},{k % 2},{part}\n" for k, part in enumerate(parts))
    path.write_text(f"text,label,split\n{lines}")
    splits, notes = loaded(path)
    assert len(splits.test) == 4
    assert "set.csv: 6 rows in no split left out: 'unsup' 6" in notes


def test_values_of_a_column_can_be_named_as_splits_or_not_read_at_all(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    lines = "".join(f"text {k},{k % 2},{k // 10}\n" for k in range(30))
    path.write_text(f"text,label,split\n{lines}")
    splits, _ = loaded(path, splits="train=0,train=1,test=2")
    assert splits.test.ids.tolist() == list(range(20, 30))
    splits, _ = loaded(path, splits="none", label_column="label")
    assert len(splits.test) == 3


def test_a_folder_in_another_encoding(tmp_path: Path) -> None:
    for label, texts in (("gut", ("schön", "größer", "süß")), ("schlecht", ("müde", "öd", "übel"))):
        text_folders(tmp_path, {label: ()})
        (tmp_path / label).mkdir(exist_ok=True)
        for k, text in enumerate(texts):
            (tmp_path / label / f"{k}.txt").write_bytes(f"Das ist {text}".encode("latin-1"))
    splits, notes = loaded(tmp_path)
    assert "Das ist schön" in {*splits.train.inputs, *splits.valid.inputs, *splits.test.inputs}
    assert notes == [
        "6 files that are not UTF-8: their encoding is taken for cp1252; --encoding names another"
    ]
    (tmp_path / "gut" / "3.txt").write_bytes("хороший".encode("cp1251"))
    assert any(
        "1 of 7 texts left out: not UTF-8 text in gut/3.txt" in note for note in loaded(tmp_path)[1]
    )
