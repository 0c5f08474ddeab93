from __future__ import annotations

import gzip
import re
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import formats
from glassnet.data.images import arrays, idx
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import Problem
from glassnet.errors import DataError

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (6, 9, 7), np.uint8)
COLOUR = RANDOM.integers(0, 256, (6, 9, 7, 3), np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2], np.uint8)


def npz(folder: Path, **content: Any) -> Path:
    np.savez(folder / "set.npz", **content)
    return folder / "set.npz"


def read(path: Path, image_size: int | None = None, colour: str | None = None) -> Pool:
    read_arrays = arrays.read_idx if path.is_dir() else arrays.read_npz
    return read_arrays(path.resolve(), image_size, colour)


def idx_pair(folder: Path, split: str, n: int, packed: bool = False, dot: str = "-") -> None:
    for what, axes, array in (("images", 3, GREY), ("labels", 1, LABELS)):
        content = idx.pack(array[:n])
        name = f"{split}-{what}{dot}idx{axes}-ubyte{'.gz' if packed else ''}"
        (folder / name).write_bytes(gzip.compress(content) if packed else content)


def test_an_npz_file_with_three_splits(tmp_path: Path) -> None:
    sizes = {"train": 6, "val": 2, "test": 3}
    content = {f"x_{split}": GREY[:n] for split, n in sizes.items()}
    content |= {f"y_{split}": LABELS[:n] for split, n in sizes.items()}
    pool = read(npz(tmp_path, **content))
    assert pool.splits == ("train",) * 6 + ("valid",) * 2 + ("test",) * 3
    assert pool.labels == (*"012012", *"01", *"012")
    assert pool.ids.tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 0, 1, 2]
    np.testing.assert_array_equal(pool.inputs, np.concatenate([GREY, GREY[:2], GREY[:3]]))


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (("train_images", "val_images", "test_images"), ("train", "valid", "test")),
        (("X_train", "X_dev", "X_test"), ("train", "valid", "test")),
        (("x_train", "x_eval"), ("train", "test")),
        (("data",), ("train",)),
    ],
)
def test_arrays_under_usual_names(
    tmp_path: Path, names: tuple[str, ...], splits: tuple[str, ...]
) -> None:
    words = {"images": "labels", "data": "target", "X_": "y_", "x_": "y_"}
    labels = [re.sub("|".join(words), lambda found: words[found[0]], name) for name in names]
    content = dict.fromkeys(names, GREY) | dict.fromkeys(labels, LABELS)
    problems: list[Problem] = []
    pool = arrays.read_npz(npz(tmp_path, **content, mean=LABELS), None, None, problems.append)
    assert list(dict.fromkeys(pool.splits)) == list(splits)
    assert pool.labels == tuple("012012") * len(splits)
    assert [(one.kind, one.severity, one.text) for one in problems] == [
        ("other-arrays", "warning", "set.npz: 1 array left out: mean")
    ]


def test_labels_without_images_are_left_out(tmp_path: Path) -> None:
    problems: list[Problem] = []
    path = npz(tmp_path, x_train=GREY, y_train=LABELS, y_test=LABELS, x_foo=GREY)
    assert set(arrays.read_npz(path, None, None, problems.append).splits) == {"train"}
    assert problems[0].text == "set.npz: 2 arrays left out: y_test, x_foo"


def test_the_name_of_a_file_is_not_in_the_fingerprint(tmp_path: Path) -> None:
    path = npz(tmp_path, images=GREY, labels=LABELS)
    before = read(path).fingerprint
    assert read(path.rename(tmp_path / "other.npz")).fingerprint == before
    assert read(npz(tmp_path, images=GREY[::-1], labels=LABELS)).fingerprint != before


def test_the_range_of_numbers_is_that_of_all_splits(tmp_path: Path) -> None:
    train = np.linspace(-100, 3000, GREY.size).reshape(GREY.shape).astype(np.int16)
    test = np.linspace(-600, 2000, GREY.size).reshape(GREY.shape).astype(np.int16)
    content = {"x_train": train, "y_train": LABELS, "x_test": test, "y_test": LABELS}
    problems: list[Problem] = []
    pool = arrays.read_npz(npz(tmp_path, **content), None, None, problems.append)
    expected = np.rint((np.concatenate([train, test]) + 600.0) * 255 / 3600)
    np.testing.assert_array_equal(pool.inputs, expected)
    assert [problem.kind for problem in problems] == ["deep"]


@pytest.mark.parametrize("largest", [1.0, 255.0])
def test_floats_in_a_usual_range_need_no_note(tmp_path: Path, largest: float) -> None:
    path = npz(tmp_path, x_train=np.linspace(0, largest, GREY.size).reshape(GREY.shape))
    problems: list[Problem] = []
    pool = arrays.read_npz(path, None, None, problems.append)
    assert problems == []
    assert (pool.inputs.min(), pool.inputs.max()) == (0, 255)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (LABELS, "012012"),
        (LABELS[:, None].astype(np.int64), "012012"),
        (np.array(["é", "b", "é", "b", "é", "b"]), "ébébéb"),
    ],
)
def test_an_npz_file_with_images_and_labels(
    tmp_path: Path, labels: np.ndarray, expected: str
) -> None:
    pool = read(npz(tmp_path, images=COLOUR, labels=labels, other=np.zeros(3)))
    assert pool.labels == tuple(expected)
    np.testing.assert_array_equal(pool.inputs, COLOUR)


def test_an_npz_file_without_labels(tmp_path: Path) -> None:
    assert read(npz(tmp_path, images=GREY)).labels == ("image",) * 6


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (GREY[..., None], GREY),
        (GREY.astype(np.int64), GREY),
        (GREY > 99, (GREY > 99) * 255),
        (GREY / np.float32(255), GREY),
        ((GREY / 255).astype(np.float64), GREY),
        (GREY.astype(np.float32), GREY),
        (GREY.astype(np.uint16) * 16, GREY),
        (GREY.astype(np.int64) * 9 - 1000, GREY),
        (GREY / np.float32(255) * 2 - 1, GREY),
    ],
)
def test_other_types_of_pixels(tmp_path: Path, images: np.ndarray, expected: np.ndarray) -> None:
    inputs = read(npz(tmp_path, images=images)).inputs
    assert inputs.dtype == np.uint8
    np.testing.assert_array_equal(inputs, expected)


def test_a_fourth_channel_is_transparency(tmp_path: Path) -> None:
    alpha = np.concatenate([COLOUR, np.zeros((6, 9, 7, 1), np.uint8)], axis=3)
    inputs = read(npz(tmp_path, images=alpha)).inputs
    assert inputs.shape == COLOUR.shape
    assert inputs.min() == 255  # only the background is visible


def test_size_and_colour(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = npz(tmp_path, x_train=GREY, x_test=COLOUR[:2])
    assert read(path).inputs.shape == (8, 9, 7, 3)
    assert capsys.readouterr().err == ""
    assert read(path, image_size=4, colour="grey").inputs.shape == (8, 4, 4)
    record = "8 images of 7 x 9 resized to 4 x 4 pixels and cropped\n"
    assert capsys.readouterr().err == record


def test_the_fingerprint_is_of_the_content(tmp_path: Path) -> None:
    path = npz(tmp_path, images=GREY, labels=LABELS)
    before = read(path).fingerprint
    assert read(path).fingerprint == before
    assert read(path, colour="rgb").fingerprint != before
    assert read(npz(tmp_path, images=GREY, labels=LABELS[::-1])).fingerprint != before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"images": GREY, "labels": np.array([{}] * 6)}, "it contains pickled objects"),
        ({"images": GREY.astype(object)}, "it contains pickled objects"),
        ({"faces": GREY, "names": LABELS}, "contains faces, names, but no array of images"),
        ({"x_test": GREY}, "no training images"),
        ({"images": GREY, "labels": LABELS[:5]}, r"labels are uint8 of shape \(5,\) for 6 im"),
        ({"images": GREY, "labels": np.eye(6)}, r"labels are float64 of shape \(6, 6\)"),
        ({"images": GREY.reshape(6, -1)}, r"train images have shape \(6, 63\)"),
        ({"images": COLOUR.transpose(0, 3, 1, 2)}, r"have shape \(6, 3, 9, 7\)"),
        ({"images": GREY[:0]}, r"have shape \(0, 9, 7\)"),
        ({"images": GREY / np.float32(255) * np.nan}, "378 of 378 pixels are NaN or infinite"),
        (
            {"x_train": GREY / np.float32(255), "x_test": GREY.astype(np.float32)},
            r"of the train images reach 1, those of the test images 255\nwrite the images of all",
        ),
        ({"images": GREY.astype("U3")}, "are of type <U3"),
    ],
)
def test_arrays_that_are_not_a_data_set_are_refused(
    tmp_path: Path, content: dict[str, Any], message: str
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read(npz(tmp_path, **content))
    assert caught.value.message.startswith(str(tmp_path / "set.npz"))
    assert len(str(caught.value).splitlines()) == 2


def test_a_damaged_npz_file_is_refused(tmp_path: Path) -> None:
    path = npz(tmp_path, images=GREY, labels=LABELS)
    whole = path.read_bytes()
    path.write_bytes(whole[:300])
    with pytest.raises(DataError, match=r"damaged, or not an \.npz file"):
        read(path)
    random = np.random.default_rng(0)
    for _ in range(200):
        torn = bytearray(whole)
        for place in random.integers(0, len(whole), 4):
            torn[place] = random.integers(256)
        path.write_bytes(torn)
        with suppress(DataError):
            read(path)


def test_an_npz_file_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "set.npz", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("images.npy", bytes(1 << 22))
    monkeypatch.setattr(formats, "memory_limit", lambda: 1 << 21)
    with pytest.raises(DataError, match=r"more than half of this machine's memory"):
        read(tmp_path / "set.npz")


@pytest.mark.parametrize("packed", [False, True])
def test_idx_files_in_the_layout_of_mnist(tmp_path: Path, packed: bool) -> None:
    idx_pair(tmp_path, "train", 6, packed)
    idx_pair(tmp_path, "t10k", 2, packed)
    pool = read(tmp_path)
    assert pool.splits == ("train",) * 6 + ("test",) * 2
    assert pool.labels == (*"012012", *"01")
    np.testing.assert_array_equal(pool.inputs, np.concatenate([GREY, GREY[:2]]))
    assert pool.ids.tolist() == [0, 1, 2, 3, 4, 5, 0, 1]


def test_idx_file_names_with_a_dot(tmp_path: Path) -> None:
    idx_pair(tmp_path, "train", 6, dot=".")
    assert read(tmp_path).splits == ("train",) * 6


def test_idx_images_in_colour_without_labels(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx4-ubyte").write_bytes(idx.pack(COLOUR))
    pool = read(tmp_path)
    assert pool.labels == ("image",) * 6
    np.testing.assert_array_equal(pool.inputs, COLOUR)


def test_idx_files_that_are_not_a_data_set_are_refused(tmp_path: Path) -> None:
    idx_pair(tmp_path, "t10k", 6)
    with pytest.raises(DataError, match="no training images"):
        read(tmp_path)
    idx_pair(tmp_path, "train", 6)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx.pack(LABELS[:5]))
    with pytest.raises(DataError, match=r"for 6 images"):
        read(tmp_path)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03")
    with pytest.raises(DataError, match="train-images-idx3-ubyte: ends within its header"):
        read(tmp_path)


def test_an_idx_file_that_links_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    idx_pair(tmp_path, "train", 6)
    (tmp_path / "link").mkdir()
    link = tmp_path / "link" / "train-images-idx3-ubyte"
    link.symlink_to(tmp_path / "train-images-idx3-ubyte")
    with pytest.raises(DataError, match="leads out of"):
        read(tmp_path / "link")


def test_a_folder_of_images_has_no_idx_files(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").mkdir()
    (tmp_path / "a.png").write_text("")
    assert arrays.idx_files(tmp_path) == {}
    assert arrays.idx_files(tmp_path / "none") == {}
