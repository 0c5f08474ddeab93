from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from image_samples import class_folders, save_noise, truncate
from PIL import Image
from text_samples import BAD, GOOD, text_folders

from glassnet.data.check import Report, check
from glassnet.data.images.load import load_images
from glassnet.data.problems.problem import SEVERITIES
from glassnet.data.texts.load import load_texts
from glassnet.errors import DataError, UsageError

pytestmark = pytest.mark.usefixtures("cache_folder")


def kinds(report: Report) -> list[tuple[str, str, int]]:
    return [(one.severity, one.kind, len(one.locations)) for one in report.problems]


def checked(path: Path | str, **options: Any) -> Report:
    return check(str(path), seed=0, **options)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "photos", "cat", "dog", n=12, size=(24, 24), mode="RGB")


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    return text_folders(tmp_path / "reviews", {"good": GOOD, "bad": BAD})


def test_data_without_problems(photos: Path, reviews: Path) -> None:
    report = checked(photos)
    assert (report.name, report.modality, report.trainable) == (str(photos), "images", True)
    assert report.problems == ()
    assert report.splits is not None
    trained = load_images(str(photos), seed=0)
    for part in ("train", "valid", "test"):
        mine, other = getattr(report.splits, part), getattr(trained, part)
        np.testing.assert_array_equal(mine.inputs, other.inputs)
        np.testing.assert_array_equal(mine.labels, other.labels)
    report = checked(reviews)
    assert (report.modality, report.trainable, report.problems) == ("texts", True, ())


def test_all_problems_of_images(photos: Path) -> None:
    (photos / "cat").rename(photos / "train cat")
    for part in ("train", "test"):
        (photos / part).mkdir()
    (photos / "train cat").rename(photos / "train" / "cat")
    (photos / "dog").rename(photos / "train" / "dog")
    class_folders(photos / "test", "dog", "cat", n=4, size=(24, 24), mode="RGB", format="png")
    for path in (photos / "test" / "dog").iterdir():
        save_noise(path, (24, 24), "RGB", seed=int(path.stem) + 50)
    for path in (photos / "test" / "cat").iterdir():
        save_noise(path, (24, 24), "RGB", seed=int(path.stem) + 70)
    cat = Image.open(photos / "test" / "cat" / "0.png")
    cat.save(photos / "train" / "cat" / "copy.png")
    cat.save(photos / "train" / "dog" / "copy.bmp")
    Image.open(photos / "test" / "dog" / "1.png").point(lambda value: value * 0.8).save(
        photos / "train" / "dog" / "darker.png"
    )
    truncate(save_noise(photos / "train" / "cat" / "torn.png", (24, 24)))
    (photos / "train" / "cat" / "empty.png").touch()
    save_noise(photos / "train" / "cat" / "wide.png", (240, 24), seed=5)
    save_noise(photos / "train" / "cat" / "tiny.png", (4, 4), seed=6)
    save_noise(photos / "train" / "rare" / "one.png", (24, 24), seed=7)
    Image.new("L", (24, 24), 9).save(photos / "train" / "dog" / "flat.png")
    (photos / "train" / "nothing").mkdir()
    (photos / "notes.md").write_text("mine")
    report = checked(photos)
    assert report.trainable
    assert sorted(kinds(report)) == [
        ("note", "near-duplicates", 1),
        ("note", "resized", 0),
        ("note", "skipped-files", 1),
        ("warning", "conflicting-labels", 1),
        ("warning", "cropped", 1),
        ("warning", "duplicates-across-splits", 1),
        ("warning", "empty-folders", 1),
        ("warning", "enlarged", 1),
        ("warning", "few-examples", 1),
        ("warning", "near-duplicates-across-splits", 1),
        ("warning", "single-colour", 1),
        ("warning", "unreadable", 2),
    ]
    order = [SEVERITIES.index(one.severity) for one in report.problems]
    assert order == sorted(order)
    near = next(one for one in report.problems if one.kind == "near-duplicates-across-splits")
    assert near.locations == (("test/dog/1.png (test)", "train/dog/darker.png (train)"),)
    assert near.text == (
        "2 images in 1 group of near duplicates across splits, which inflates the test results; "
        "none is left out: test/dog/1.png (test) ~ train/dog/darker.png (train)"
    )
    assert near.hint.startswith("near duplicates: blurred thumbnails of 10 x 10 cells that")


def test_a_check_reports_everything_that_training_logs(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truncate(photos / "cat" / "3.png")
    save_noise(photos / "dog" / "small.png", (5, 5))
    load_images(str(photos), seed=0, valid_fraction=0.1)
    logged = capsys.readouterr().err.splitlines()
    assert len(logged) == 3
    assert set(logged) == {one.text for one in checked(photos).problems}
    assert capsys.readouterr().err == ""


def test_a_check_continues_after_a_refusal(photos: Path, tmp_path: Path) -> None:
    (photos / "cat" / "out.png").symlink_to(save_noise(tmp_path / "secret.png"))
    for k in range(12):
        truncate(photos / "dog" / f"{k}.png")
    (photos / "cat" / "copy.bmp").write_bytes((photos / "cat" / "1.png").read_bytes())
    report = checked(photos)
    assert not report.trainable
    assert kinds(report) == [
        ("refusal", "outside-folder", 1),
        ("refusal", "unreadable-class", 1),
        ("warning", "unreadable", 12),
        ("warning", "duplicates", 1),
        ("warning", "single-class", 0),
    ]
    with pytest.raises(DataError, match="1 path leading out of it"):
        load_images(str(photos), seed=0, valid_fraction=0.1)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "unusable"),
        ("text,label\n" + "a b c,x\n" * 9, "single-class"),
        ("text,label\na,x\nb,x\nc,y\nd,y\n", "unusable"),
        ("text,label\n" + "".join(f"t{k},x\n" for k in range(9)) + "u,y\n", "few-examples"),
        ("text,label,split\na,x,tain\n", "unusable"),
    ],
)
def test_tables_that_training_refuses(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text(content)
    report = checked(path)
    assert not report.trainable
    assert report.problems[0].severity == "refusal"
    assert expected in {one.kind for one in report.problems if one.severity == "refusal"}
    with pytest.raises(DataError) as caught:
        load_texts(str(path), seed=0, log=lambda note: None)
    assert caught.value.message == report.problems[0].text


def test_all_problems_of_texts(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    rows = [(f"good film number {k}", "good", "train") for k in range(30)]
    rows += [(f"bad film number {k}", "bad", "train") for k in range(3)]
    rows += [("good film number 1", "good", "test"), ("BAD FILM, NUMBER 2!", "good", "test")]
    rows += [("", "good", "train"), ("no label", "", "train"), ("alone", "odd", "train")]
    rows += [("good film number 3", "bad", "train"), ("good film number 4", "good", "train")]
    table = "".join(f'"{text}",{label},{part}\n' for text, label, part in rows)
    path.write_text(f"body,stars,split\n{table}")
    report = checked(path)
    assert report.trainable
    assert sorted(kinds(report)) == [
        ("note", "columns", 0),
        ("note", "near-duplicates", 1),
        ("warning", "conflicting-labels", 1),
        ("warning", "duplicates", 2),
        ("warning", "duplicates-across-splits", 1),
        ("warning", "few-examples", 1),
        ("warning", "incomplete-rows", 2),
        ("warning", "missing-classes", 1),
        ("warning", "near-duplicates-across-splits", 1),
        ("warning", "near-duplicates-conflicting", 1),
    ]
    near = next(one for one in report.problems if one.kind == "near-duplicates-conflicting")
    assert near.locations == (("line 34 (bad)", "line 36 (good)"),)


def test_size_colour_and_columns_are_used(photos: Path, tmp_path: Path) -> None:
    report = checked(photos, image_size=9, colour="grey")
    assert report.splits is not None
    assert report.splits.train.inputs.shape[1:] == (9, 9)
    path = tmp_path / "a.csv"
    path.write_text("one,two\n" + "".join(f"text {k},{k % 2}\n" for k in range(20)))
    report = checked(path, text_column="one", label_column="two")
    assert (
        report.problems[0].text
        == "a.csv: texts from the column 'one', classes from the column 'two'"
    )
    with pytest.raises(UsageError, match="contains texts, to which --image-size"):
        checked(path, image_size=9)
    with pytest.raises(UsageError, match="contains images, to which --text-column"):
        checked(photos, text_column="one")
    with pytest.raises(UsageError, match="--image-size is 0"):
        checked(photos, image_size=0)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        checked("./none")
    with pytest.raises(UsageError, match="did you mean mnist"):
        checked("mnits")


def refusal(load: Callable[[], object]) -> str | None:
    """The message with which training refuses; None if it does not."""
    try:
        load()
    except DataError as error:
        return error.message
    return None


FILES = ("0.png", "1.PNG", "2.jpg", "torn.png", "empty.png", "text.png", "notes.md", ".hidden.png")
FOLDERS = ("", "cat", "dog", "Cat", "train", "test", "val", "dev", "fold1", "__MACOSX", "x y")


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(FOLDERS), max_size=3),
            st.sampled_from(FILES),
            st.integers(0, 5),
        ),
        max_size=12,
    )
)
def test_a_check_says_whether_training_accepts_images(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[list[str], str, int]]
) -> None:
    root = tmp_path_factory.mktemp("set")
    for k, (above, name, seed) in enumerate(files):
        path = root.joinpath(*above, f"{k}{name}" if name[0] != "." else name)
        save_noise(path, (6 + seed, 9), seed=seed, format="png")
        if name.startswith("torn"):
            truncate(path)
        elif name.startswith(("empty", "text", "notes")):
            path.write_text("" if name[0] == "e" else "no image")
    report = checked(root)
    message = refusal(lambda: load_images(str(root), seed=0, valid_fraction=0.1))
    assert report.trainable == (message is None)
    assert message is None or message in {one.text for one in report.problems}


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "good", "Good!", "bad", "so so", "a film " * 9, "\x00", '"']),
            st.sampled_from(["x", "y", "X", "", "z"]),
            st.sampled_from(["train", "test", "val", "Train", ""]),
        ),
        max_size=20,
    ),
    st.booleans(),
)
def test_a_check_says_whether_training_accepts_texts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], with_splits: bool
) -> None:
    path = tmp_path_factory.mktemp("set") / "reviews.csv"
    lines = [",".join(row if with_splits else row[:2]) for row in rows]
    path.write_text("\n".join(["text,label" + ",split" * with_splits, *lines]))
    report = checked(path)
    message = refusal(lambda: load_texts(str(path), seed=0, log=lambda note: None))
    assert report.trainable == (message is None)
    assert message is None or message in {one.text for one in report.problems}
