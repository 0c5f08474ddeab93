from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from image_samples import class_folders, save_noise
from PIL import Image

from glassnet.data.images import idx, image_files
from glassnet.data.images.load import load_images
from glassnet.errors import DataError, UsageError
from glassnet.tasks.cnn.presets import PRESETS
from glassnet.tasks.cnn.task import TASK

pytestmark = pytest.mark.usefixtures("cache_folder")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return class_folders(tmp_path / "my photos", "10", "9", "ä", n=10)


def test_a_folder_becomes_three_splits(photos: Path) -> None:
    splits = load_images(str(photos), seed=0)
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [24, 3, 3]
    assert splits.class_names == ("9", "10", "ä")
    assert splits.name == str(photos.resolve())
    for part in (splits.train, splits.valid, splits.test):
        for pixels, label, k in zip(part.inputs, part.labels, part.ids, strict=True):
            name = ("10", "9", "ä")[k // 10]
            file = photos / name / f"{k % 10}.png"
            np.testing.assert_array_equal(pixels, np.asarray(Image.open(file)))
            assert splits.class_names[label] == name


def test_duplicates_are_found_in_any_file_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A duplicate can have another format, and be in another split or class."""
    root = tmp_path / "photos"
    for part in ("train", "test"):
        for k, name in enumerate(("cat", "dog")):
            for i in range(4):
                save_noise(
                    root / part / name / f"{i}.png", seed=100 * k + i + 10 * (part == "test")
                )
    pixels = Image.open(root / "test" / "cat" / "1.png")
    pixels.save(root / "train" / "cat" / "copy.tiff")
    pixels.save(root / "train" / "dog" / "copy.bmp")
    splits = load_images(str(root), seed=0, valid_fraction=0.3)
    assert len(splits.train) + len(splits.valid) == 8
    assert len(splits.test) == 8
    trained_on = np.concatenate([splits.train.inputs, splits.valid.inputs])
    assert not (trained_on == np.asarray(pixels)).all(axis=(1, 2)).any()
    assert capsys.readouterr().err.splitlines() == [
        "2 images left out, the same as one in the test split: train/cat/copy.tiff (same as "
        "test/cat/1.png), train/dog/copy.bmp (same as test/cat/1.png)",
        "1 image with more than one label: 'cat' in test/cat/1.png, which is used, and 'dog' in "
        "train/dog/copy.bmp",
    ]


def test_images_of_a_single_colour_are_reported(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.new("L", (12, 12), 30).save(photos / "9" / "flat.png")
    Image.new("L", (12, 12), 31).save(photos / "10" / "flat.png")
    load_images(str(photos), seed=0)
    record = "2 images of a single colour: 10/flat.png, 9/flat.png\n"
    assert capsys.readouterr().err == record


def test_a_class_with_too_few_images_is_left_out(
    photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_noise(photos / "rare" / "a.png", seed=9999)
    assert load_images(str(photos), seed=0).class_names == ("9", "10", "ä")
    record = "1 class left out, with fewer than 3 training images: rare\n"
    assert capsys.readouterr().err == record


def test_another_seed_changes_only_the_validation_split(photos: Path) -> None:
    first, other = (
        load_images(str(photos), seed=1),
        load_images(str(photos), seed=2, valid_fraction=0.3),
    )
    np.testing.assert_array_equal(first.test.ids, other.test.ids)
    np.testing.assert_array_equal(first.test.inputs, other.test.inputs)
    assert first.valid.ids.tolist() != other.valid.ids.tolist()
    assert first.fingerprint == other.fingerprint


@pytest.mark.parametrize("name", ["my photos", "./my photos", "../{}/my photos", "~/my photos"])
def test_the_name_is_the_absolute_path(
    photos: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(photos.parent)
    monkeypatch.setenv("HOME", str(photos.parent))
    assert load_images(name.format(photos.parent.name), seed=0).name == str(photos.resolve())


def test_a_path_takes_precedence_only_if_it_is_written_like_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSNET_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    class_folders(tmp_path / "mnist", "a")
    assert load_images("./mnist", seed=0).class_names == ("a",)
    (tmp_path / "mnist").rename(tmp_path / "mnits")
    assert load_images("mnits", seed=0).class_names == ("a",)


def test_every_format_gives_the_same_examples(photos: Path, tmp_path: Path) -> None:
    expected = load_images(str(photos), seed=0)
    files = sorted(photos.glob("*/*.png"))
    rows = "".join(f"{path.relative_to(photos)};{path.parent.name}\n" for path in files)
    (photos / "labels.csv").write_text(f"image;label\n{rows}")
    pixels = np.stack([np.asarray(Image.open(path)) for path in files])
    names = np.array([path.parent.name for path in files])
    np.savez(tmp_path / "set.npz", images=pixels, labels=names)
    (tmp_path / "idx").mkdir()
    numbers = np.array([expected.class_names.index(name) for name in names], np.uint8)
    for what, array in (("images-idx3", pixels), ("labels-idx1", numbers)):
        packed = gzip.compress(idx.pack(array))
        (tmp_path / "idx" / f"train-{what}-ubyte.gz").write_bytes(packed)
    for form in (photos / "labels.csv", tmp_path / "set.npz", tmp_path / "idx"):
        splits = load_images(str(form), seed=0)
        for part in ("train", "valid", "test"):
            mine, other = getattr(splits, part), getattr(expected, part)
            np.testing.assert_array_equal(mine.ids, other.ids)
            np.testing.assert_array_equal(mine.inputs, other.inputs)


def test_prediction_reads_a_file_as_training_does(tmp_path: Path) -> None:
    """Whatever the format, size and orientation."""
    root = tmp_path / "photos"
    exif = Image.Exif()
    exif[0x0112] = 6
    save_noise(root / "a.jpg", (900, 700), "RGB", quality=90, exif=exif)
    save_noise(root / "b.png", (70, 300), "RGB")
    save_noise(root / "c.gif", (40, 40), "L")
    save_noise(root / "d.webp", (64, 64), "RGB", lossless=True)
    splits = load_images(str(root), seed=0, image_size=48)
    files = sorted(root.iterdir())
    for part in (splits.train, splits.valid, splits.test):
        read = image_files.read_images([files[k] for k in part.ids], (3, 48, 48))
        np.testing.assert_array_equal(part.inputs, read)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("./fotos", "'./fotos': there is no such file or folder", "did you mean photos?"),
        ("./zzz", "'./zzz': there is no such file or folder", "check the path; "),
        ("/no/such", "'/no/such': there is no such file or folder", "check the path; "),
        ("./photos/1/a.png/b", "cannot be read (Not a directory)", "check the path"),
        ("./a\0b", "cannot be read (embedded null byte)", "check the path"),
        ("~nobody-by-this-name/a", "cannot be read", "check the path"),
        (f"./{'x' * 300}", "cannot be read (File name too long)", "check the path"),
        ("./photos/1/a.png", "a.png: a single image, not a data set", "give a folder of images"),
        ("./notes.txt", "notes.txt: contains texts, not images", "use a network for texts"),
        ("./notes.xls", "notes.xls: unsupported file type '.xls'", "give a folder of images"),
    ],
)
def test_paths_that_are_not_a_data_set_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str, hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    save_noise(tmp_path / "photos" / "1" / "a.png")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "notes.xls").write_text("")
    with pytest.raises(DataError) as caught:
        load_images(name, seed=0)
    assert message in caught.value.message
    assert caught.value.hint.startswith(hint)
    assert len(str(caught.value).splitlines()) == 2


def test_numbers_out_of_range_are_refused(photos: Path) -> None:
    with pytest.raises(UsageError, match="--image-size is -1"):
        load_images(str(photos), seed=0, image_size=-1)
    with pytest.raises(UsageError, match="the seed is -1"):
        load_images(str(photos), seed=-1)


def test_the_classifier_uses_size_and_colour(photos: Path) -> None:
    config = replace(PRESETS["default"], data=str(photos), valid_fraction=0.1)
    assert TASK.load(config).train.inputs.shape == (24, 12, 12)
    shape = TASK.load(replace(config, image_size=9, colour="rgb")).train.inputs.shape
    assert shape == (24, 9, 9, 3)


def test_a_classifier_needs_two_classes(tmp_path: Path) -> None:
    class_folders(tmp_path / "photos", ".", n=5)
    config = replace(PRESETS["default"], data=str(tmp_path / "photos"))
    with pytest.raises(DataError, match=r"photos: all images are of one class, 'image'"):
        TASK.load(config)
