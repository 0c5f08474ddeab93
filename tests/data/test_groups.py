"""Groups such as patients stay in one split, whatever the data are."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_samples import save_noise

from glassnet.contract import Splits
from glassnet.data import groups
from glassnet.data.check import Report, check
from glassnet.data.images.load import load_images
from glassnet.data.texts.load import load_texts
from glassnet.errors import DataError, UsageError

pytestmark = pytest.mark.usefixtures("cache_folder")

N = 60
PATIENTS = [f"p{k // 4}" for k in range(N)]
"""The patient of each example: 15 of them, of 4 examples each."""


def label(k: int) -> str:
    return "sick" if k % 4 < 2 else "well"


def text_table(path: Path, column: str = "patient", owners: Sequence[str] = PATIENTS) -> Path:
    rows = [f"{owners[k]},{label(k)},note {k} of the doctor" for k in range(len(owners))]
    path.write_text("\n".join([f"{column},label,text", *rows]) + "\n")
    return path


def image_table(folder: Path) -> Path:
    for k in range(N):
        save_noise(folder / f"{k}.png", seed=k)
    rows = [f"{k}.png,{label(k)},{PATIENTS[k]}" for k in range(N)]
    path = folder / "scans.csv"
    path.write_text("\n".join(["image,label,patient", *rows]) + "\n")
    return path


def pixel_table(path: Path) -> Path:
    random = np.random.default_rng(0)
    header = ["label", "patient", *(f"pixel{k}" for k in range(16))]
    rows = [[label(k), PATIENTS[k], *random.integers(0, 256, 16).tolist()] for k in range(N)]
    path.write_text("\n".join(",".join(map(str, row)) for row in (header, *rows)) + "\n")
    return path


def image_folder(folder: Path) -> Path:
    for k in range(N):
        save_noise(folder / label(k) / f"{PATIENTS[k]}_{k % 4}.png", seed=k)
    return folder


def text_folder(folder: Path) -> Path:
    for k in range(N):
        path = folder / label(k) / PATIENTS[k] / f"note{k % 4}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"note {k} of the doctor")
    return folder


def text_groups(splits: Splits) -> list[set[str]]:
    """The patients of each split, of notes whose texts have their number."""
    return [
        {PATIENTS[int(text.split()[1])] for text in part.inputs}
        for part in (splits.train, splits.valid, splits.test)
    ]


def assert_whole(parts: Sequence[set[str]]) -> None:
    assert all(parts)
    assert set[str]().union(*parts) == set(PATIENTS)
    assert sum(map(len, parts)) == len(set(PATIENTS))


def of_kind(report: Report, kind: str) -> list[str]:
    return [problem.text for problem in report.problems if problem.kind == kind]


def test_a_table_of_texts(tmp_path: Path) -> None:
    path = str(text_table(tmp_path / "notes.csv"))
    log: list[str] = []
    splits = load_texts(path, seed=0, group_column="Patient", log=log.append)
    assert_whole(text_groups(splits))
    assert log == [
        "notes.csv: texts from the column 'text', classes from the column 'label', groups from "
        "the column 'patient'",
        "groups, each in one split: 13 train, 1 valid, 1 test",
    ]
    for part in (splits.train, splits.valid, splits.test):
        patients = [PATIENTS[int(text.split()[1])] for text in part.inputs]
        assert part.groups is not None
        assert len(set(zip(patients, part.groups.tolist(), strict=True))) == len(set(patients))
        assert len(set(part.groups.tolist())) == len(set(patients))
        assert np.bincount(part.labels).tolist() == [len(part) // 2] * 2
    without = load_texts(path, seed=0, log=log.append)
    assert without.train.groups is None
    assert sum(map(len, text_groups(without))) > len(set(PATIENTS))
    assert without.fingerprint == splits.fingerprint


def test_the_test_split_is_the_same_for_every_seed(tmp_path: Path) -> None:
    path = str(text_table(tmp_path / "notes.csv"))
    loaded = [load_texts(path, seed=seed, group_column="patient") for seed in (0, 1, 2, 3, 0)]
    parts = [text_groups(splits) for splits in loaded]
    assert len({frozenset(test) for _, _, test in parts}) == 1
    assert len({frozenset(valid) for _, valid, _ in parts}) > 1
    assert parts[0] == parts[-1]
    assert loaded[0].train.ids.tolist() == loaded[-1].train.ids.tolist()


def test_images(tmp_path: Path) -> None:
    patients = np.array(PATIENTS)
    table = image_table(tmp_path / "images")
    listed = np.array(sorted(range(N), key=lambda k: f"{k}.png"))
    folder = image_folder(tmp_path / "folder")
    in_folder = sorted(range(N), key=lambda k: f"{label(k)}/{PATIENTS[k]}_{k % 4}.png")
    pixels = pixel_table(tmp_path / "pixels.csv")
    cases: list[tuple[Path, dict[str, Any], Any]] = [
        (table, {"group_column": "patient"}, listed),
        (folder, {"group_pattern": r"(p\d+)_"}, in_folder),
        (pixels, {"group_column": "patient"}, range(N)),
    ]
    for path, options, order in cases:
        splits = load_images(str(path), seed=0, log=list[str]().append, **options)
        ids = [part.ids for part in (splits.train, splits.valid, splits.test)]
        assert_whole([set(patients[np.array(order)[part]].tolist()) for part in ids])
    names = load_images(str(table), seed=0, group_pattern=r"(\d)\.png", log=list[str]().append)
    last = [{f"{listed[k]}"[-1] for k in part.ids} for part in (names.train, names.test)]
    assert last[0].isdisjoint(last[1])


def test_patients_can_have_folders_in_several_classes(tmp_path: Path) -> None:
    for k in range(N):
        save_noise(tmp_path / label(k) / PATIENTS[k] / f"{k}.png", seed=k)
    with pytest.raises(DataError, match="contain the same folders") as caught:
        load_images(str(tmp_path), seed=0)
    assert "--group-pattern" in caught.value.hint
    splits = load_images(str(tmp_path), seed=0, group_pattern="/(p[0-9]+)/")
    assert splits.class_names == ("sick", "well")
    with pytest.raises(DataError, match="contain the same folders"):
        load_images(str(tmp_path), seed=0, group_pattern="/([0-9]+)[.]png")


def test_a_folder_of_texts(tmp_path: Path) -> None:
    path = text_folder(tmp_path / "notes")
    splits = load_texts(str(path), seed=0, group_pattern="([^/]+)/[^/]+$", splits="none")
    assert_whole(text_groups(splits))


def test_examples_in_no_group_are_divided_one_by_one(tmp_path: Path) -> None:
    owners = [owner if k < 40 else "" for k, owner in enumerate(PATIENTS)]
    path = text_table(tmp_path / "notes.csv", owners=owners)
    report = check(str(path), seed=0, group_column="patient")
    assert report.splits is not None
    parts = text_groups(report.splits)
    shared = parts[0] & (parts[1] | parts[2])
    assert shared <= set(PATIENTS[40:])
    (text,) = of_kind(report, "groups")
    counts = [int(word) for word in text.replace(",", "").split() if word.isdecimal()]
    assert sum(counts) == 10 + 20


def test_groups_in_several_splits_of_ones_own(tmp_path: Path) -> None:
    rows = [
        f"{PATIENTS[k]},{label(k)},note {k},{'test' if k in (3, 9) or k >= 52 else 'train'}"
        for k in range(N)
    ]
    path = tmp_path / "notes.csv"
    path.write_text("\n".join(["patient,label,text,split", *rows]) + "\n")
    expected = (
        "2 groups of 15 in several splits, which inflates the test results; none is left out: "
        "p0 (train, test), p2 (train, test)"
    )
    report = check(str(path), seed=0, group_column="patient")
    assert of_kind(report, "groups-across-splits") == [expected]
    (problem,) = (one for one in report.problems if one.kind == "groups-across-splits")
    assert problem.severity == "warning"
    assert problem.locations[0] == ("line 2", "line 3", "line 4", "line 5")
    log: list[str] = []
    splits = load_texts(str(path), seed=0, group_column="patient", log=log.append)
    assert expected in log
    assert len(splits.test) == 10
    train, valid, _ = text_groups(splits)
    assert train.isdisjoint(valid)
    assert of_kind(check(str(path), seed=0), "groups-across-splits") == []


def test_groups_of_tables_that_are_splits(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    text_table(folder / "train.csv", owners=PATIENTS[:40])
    (folder / "test.csv").write_text(
        "text,label,patient\nnote 90,sick,p1\nnote 91,well,p99\nnote 92,well,p99\n"
    )
    report = check(str(folder), seed=0, group_column="patient")
    (text,) = of_kind(report, "groups-across-splits")
    assert text.startswith("1 group of 11 in several splits")
    assert text.endswith("p1 (train, test)")
    (folder / "test.csv").write_text("text,label\nnote 90,sick\nnote 91,well\n")
    with pytest.raises(DataError, match=r"test.csv: there is no column 'patient', which the train"):
        load_texts(str(folder), seed=0, group_column="patient")


def test_too_few_groups(tmp_path: Path) -> None:
    two = text_table(tmp_path / "two.csv", owners=[f"p{k % 8 // 4}" for k in range(40)])
    with pytest.raises(DataError) as caught:
        load_texts(str(two), seed=0, group_column="patient")
    assert caught.value.message == (
        f"{two}: 2 groups for 3 splits (train, test, valid), while each stays in one split"
    )
    assert "leave out --group-column" in caught.value.hint
    report = check(str(two), seed=0, group_column="patient")
    assert not report.trainable
    assert of_kind(report, "unusable") == [caught.value.message]
    classes = text_table(tmp_path / "classes.csv", owners=[label(k) for k in range(40)])
    rows = classes.read_text().replace("sick,sick", "a,sick").replace("well,well", "b,well")
    classes.write_text(rows + "c,other,one\nc,other,two\nc,other,three\n")
    with pytest.raises(DataError, match="no group can be held out: each of 3 has all examples of"):
        load_texts(str(classes), seed=0, group_column="patient")


def test_a_class_in_a_single_group_stays_in_the_training_split(tmp_path: Path) -> None:
    path = text_table(tmp_path / "notes.csv")
    path.write_text(path.read_text() + "p1,rare,one\np1,rare,two\np1,rare,three\n")
    report = check(str(path), seed=0, group_column="patient")
    assert report.splits is not None
    rare = report.splits.class_names.index("rare")
    assert (report.splits.train.labels == rare).sum() == 3
    assert of_kind(report, "missing-classes") == [
        f"no {split} texts of the class rare, which is in too few groups: it is not evaluated"
        for split in ("test", "valid")
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_pattern": "(p"}, "--group-pattern (p: not a regular expression"),
        ({"group_pattern": "(p)(1)"}, "2 groups in parentheses"),
        ({"group_pattern": "(q[0-9]+)"}, "finds a group in none of 60 paths, such as sick/p0_0"),
        ({"group_column": "patient"}, "not a table, to which alone --group-column applies"),
    ],
)
def test_patterns_that_do_not_fit(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    path = image_folder(tmp_path / "folder")
    with pytest.raises((UsageError, DataError)) as caught:
        load_images(str(path), seed=0, **options)
    assert message in caught.value.message


def test_columns_that_do_not_fit(tmp_path: Path) -> None:
    path = str(text_table(tmp_path / "notes.csv"))
    with pytest.raises(DataError, match="there is no column 'patent'") as caught:
        load_texts(path, seed=0, group_column="patent")
    assert "did you mean patient?" in caught.value.hint
    with pytest.raises(UsageError, match="--label-column and --group-column are both 'label'"):
        load_texts(path, seed=0, label_column="label", group_column="label")
    with pytest.raises(UsageError, match="--group-pattern applies") as refused:
        load_texts(path, seed=0, group_pattern="(p)")
    assert refused.value.hint == "leave out --group-pattern; --group-column is for these data"
    with pytest.raises(UsageError, match="mnist is built in: --group-column does not apply"):
        load_images("mnist", seed=0, group_column="patient")
    table = str(image_table(tmp_path / "images"))
    with pytest.raises(UsageError, match="groups from a column and from a pattern"):
        load_images(table, seed=0, group_column="patient", group_pattern="(p)")
    arrays = tmp_path / "digits.npz"
    np.savez(arrays, images=np.zeros((9, 4, 4), np.uint8), labels=np.arange(9) % 2)
    with pytest.raises(UsageError, match="--group-pattern applies"):
        load_images(str(arrays), seed=0, group_pattern="(p)")


@pytest.mark.parametrize(
    "column", ["patient", "Patient ID", "subject_id", "reviewerID", "film", "Author", "speakers"]
)
def test_a_column_that_looks_like_groups(tmp_path: Path, column: str) -> None:
    path = text_table(tmp_path / "notes.csv", column)
    assert of_kind(check(str(path), seed=0), "possible-groups") == [
        f"notes.csv: it looks as if '{column}' (15 values) were groups; --group-column "
        f"{shlex.quote(column)} keeps each in one split"
    ]
    assert of_kind(check(str(path), seed=0, group_column=column), "possible-groups") == []


@pytest.mark.parametrize(
    ("column", "owners"),
    [
        ("colour", PATIENTS),
        ("patient", [f"p{k}" for k in range(N)]),
        ("patient", ["p0"] * N),
        ("patient", [f"p{k % 2}" for k in range(N)]),
    ],
)
def test_a_column_that_does_not_look_like_groups(
    tmp_path: Path, column: str, owners: list[str]
) -> None:
    path = text_table(tmp_path / "notes.csv", column, owners)
    options: dict[str, Any] = {"label_column": "label", "text_column": "text"}
    assert of_kind(check(str(path), seed=0, **options), "possible-groups") == []


def test_tables_of_images_that_look_like_groups(tmp_path: Path) -> None:
    for path in (image_table(tmp_path / "images"), pixel_table(tmp_path / "pixels.csv")):
        report = check(str(path), seed=0)
        (text,) = of_kind(report, "possible-groups")
        assert text.endswith(
            "(15 values) were groups; --group-column patient keeps each in one split"
        )


def test_files_that_look_like_groups(tmp_path: Path) -> None:
    for path in (image_folder(tmp_path / "folder"), text_folder(tmp_path / "notes")):
        report = check(str(path), seed=0, splits="none")
        (text,) = of_kind(report, "possible-groups")
        pattern = text.partition("'")[2].rpartition("'")[0]
        assert "groups: p0 (4 files), p1" in text
        grouped = check(str(path), seed=0, splits="none", group_pattern=pattern)
        (counts,) = of_kind(grouped, "groups")
        assert counts == "groups, each in one split: 13 train, 1 valid, 1 test"
        assert of_kind(grouped, "possible-groups") == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("a/patient{g}_{k:03}.png", "(patient[0-9]+)"),
        ("a/sub-{g:02}_ses-{k}_T1.png", "(sub-[0-9]+)"),
        ("a/person{g}_virus_{k}.jpeg", "(person[0-9]+)"),
        ("a/{g:08}_{k:03}.png", groups.FILE_PATTERNS[0]),
        ("a/patient{g}/{k}.png", "(patient[0-9]+)"),
        ("a/{g}th patient/{k}.png", groups.FILE_PATTERNS[1]),
        ("{k}/{g}_7.txt", None),
        ("a/{k}.png", None),
        ("a/img_{g}{k}.png", None),
        ("a/cat_{k}.png", None),
        ("class{g}/{k}.png", None),
        ("class{g}/class{g}_{k}.png", None),
    ],
)
def test_the_pattern_that_is_suggested(names: str, expected: str | None) -> None:
    files = [names.format(g=g, k=k) for g, k in itertools.product(range(1, 7), range(5))]
    notes = groups.possible_in_files(files, [file.partition("/")[0] for file in files])
    assert [note.severity for note in notes] == ["note"] * (expected is not None)
    if expected is not None:
        assert f"--group-pattern '{expected}' keeps" in notes[0].text
        assert len(set(groups.find(files, expected))) == 6
