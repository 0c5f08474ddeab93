from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet.contract import ValueRanges
from glassnet.data.check import check
from glassnet.data.images import pixel_inputs
from glassnet.data.images.load import load_images
from glassnet.data.texts.load import load_texts
from glassnet.errors import DataError, UsageError

N, SIDE = 60, 28
IMAGES = np.random.default_rng(0).integers(0, 256, (N, SIDE, SIDE))
IMAGES[:, 0, 0] = 255
LABELS = [str(k % 3) for k in range(N)]


def lines(
    names: list[str] | None, images: np.ndarray = IMAGES, *, label_last: bool = False
) -> list[str]:
    header = (
        [] if names is None else [",".join([*names, "label"] if label_last else ["label", *names])]
    )
    rows = []
    for image, label in zip(images.reshape(len(images), -1), LABELS, strict=False):
        pixels = list(map(str, image))
        rows.append(",".join([*pixels, label] if label_last else [label, *pixels]))
    return [*header, *rows]


def checked_images(path: Path, **options: Any) -> np.ndarray:
    """All images in the order of the table."""
    splits = load_images(str(path), seed=0, log=lambda line: None, **options)
    parts = (splits.train, splits.valid, splits.test)
    inputs = np.concatenate([part.inputs for part in parts])
    labels = [splits.class_names[k] for part in parts for k in part.labels]
    order = np.concatenate([part.ids for part in parts]).argsort()
    assert [labels[k] for k in order] == LABELS[: len(labels)]
    return inputs[order]


PIXELS = [f"pixel{k}" for k in range(SIDE**2)]
GRID = [f"{y + 1}x{x + 1}" for y in range(SIDE) for x in range(SIDE)]
COUNTED = [str(k) for k in range(SIDE**2)]


@pytest.mark.parametrize(
    "names", [PIXELS, GRID, COUNTED, None], ids=["pixel", "grid", "count", "none"]
)
@pytest.mark.parametrize("label_last", [False, True])
def test_a_column_per_pixel(tmp_path: Path, names: list[str] | None, label_last: bool) -> None:
    images = IMAGES.copy()
    images[:, 0 if label_last else -1, 0 if label_last else -1] = 0
    path = tmp_path / "digits.csv"
    path.write_text("\n".join(lines(names, images, label_last=label_last)))
    np.testing.assert_array_equal(checked_images(path), images)


def test_the_first_and_the_last_column_of_pixels_are_named(tmp_path: Path) -> None:
    path = tmp_path / "digits.csv"
    path.write_text("\n".join(lines(PIXELS)))
    (note,) = [one.text for one in check(str(path), seed=0).problems if one.kind == "columns"]
    assert note == (
        "digits.csv: pixels (784 columns) from 'pixel0' to 'pixel783', "
        "classes from the column 'label'"
    )


def test_a_column_with_all_pixels_and_one_of_splits(tmp_path: Path) -> None:
    path = tmp_path / "faces.csv"
    usage = ["Training", "Training", "PublicTest", "PrivateTest"]
    rows = [
        f"{label},{' '.join(map(str, image.ravel()))},{usage[k // 3 % 4]}"
        for k, (label, image) in enumerate(zip(LABELS, IMAGES, strict=True))
    ]
    path.write_text("\n".join(["emotion,pixels,Usage", *rows]))
    splits = load_images(str(path), seed=0, log=lambda line: None)
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [30, 15, 15]
    np.testing.assert_array_equal(splits.valid.inputs[0], IMAGES[6])


def test_two_tables_are_splits(tmp_path: Path) -> None:
    (tmp_path / "mnist_train.csv").write_text("\n".join(lines(PIXELS, IMAGES[:48])))
    (tmp_path / "mnist_test.csv").write_text("\n".join(lines(PIXELS, IMAGES[48:])))
    splits = load_images(str(tmp_path), seed=0, log=lambda line: None)
    np.testing.assert_array_equal(splits.test.inputs, IMAGES[48:])


def test_other_shapes_are_given(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = [f"pixel{k}" for k in range(20 * 30)]
    images = IMAGES.reshape(N, -1)[:, :600].reshape(N, 20, 30)
    path.write_text("\n".join(lines(names, images)))
    with pytest.raises(DataError, match="600 pixels per image, which is not a square") as caught:
        checked_images(path)
    assert "--image-shape 20x30" in caught.value.hint
    np.testing.assert_array_equal(checked_images(path, image_shape="20x30"), images)
    with pytest.raises(DataError, match="20x20 has 400"):
        checked_images(path, image_shape="20x20")
    with pytest.raises(UsageError, match="--image-shape 20: not a shape"):
        checked_images(path, image_shape="20")


@pytest.mark.parametrize(("shape", "axes"), [("14x14x3", (0, 1, 2, 3)), ("3x14x14", (0, 3, 1, 2))])
def test_images_in_colour(tmp_path: Path, shape: str, axes: tuple[int, ...]) -> None:
    path = tmp_path / "colour.csv"
    images = IMAGES.reshape(N, -1)[:, : 14 * 14 * 3].reshape(N, 14, 14, 3)
    images[:, 0, 0] = 255
    names = [f"pixel{k}" for k in range(14 * 14 * 3)]
    path.write_text("\n".join(lines(names, np.transpose(images, axes))))
    np.testing.assert_array_equal(checked_images(path, image_shape=shape), images)


def test_bad_rows_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "digits.csv"
    rows = lines(PIXELS)
    bad = [
        rows[1].replace(",", ",x", 1),
        rows[2].rpartition(",")[0],
        "," + rows[3].partition(",")[2],
    ]
    path.write_text("\n".join([*rows, *bad]))
    (problem,) = [one for one in check(str(path), seed=0).problems if one.kind == "incomplete-rows"]
    assert problem.text == (
        "digits.csv: 3 of 63 rows left out: a pixel that is no number in line 62, missing pixels "
        "in line 63, no label in line 64"
    )


@pytest.mark.parametrize(
    ("scale", "ranges", "warning"),
    [
        (1, {}, ""),
        (1, {"integers": (0.0, 255.0)}, ""),
        (1 / 255, {"floats": (0.0, 1.0)}, ""),
        (1 / 255, {"integers": (0.0, 255.0)}, "with values (floats) unlike the training images"),
        (16, {"integers": (0.0, 255.0 * 16)}, ""),
        (16, {}, "with values (integers) unlike the training images"),
        (16, {"integers": (0.0, 255.0)}, "with values outside the range"),
    ],
)
@pytest.mark.parametrize("labelled", [True, False])
def test_a_table_of_pixels_is_read_for_prediction(
    tmp_path: Path, scale: float, ranges: ValueRanges, warning: str, labelled: bool
) -> None:
    path = tmp_path / "digits.csv"
    images = IMAGES[:6] * scale if scale != 1 else IMAGES[:6]
    images = images.astype(int) if scale == 16 else images
    rows = lines(PIXELS, images)
    path.write_text("\n".join(rows if labelled else [row.partition(",")[2] for row in rows]))
    log: list[str] = []
    table = pixel_inputs.pixel_table(path, (1, SIDE, SIDE), log=log.append)
    assert log == ["digits.csv: pixels (784 columns) from 'pixel0' to 'pixel783'"]
    assert table.other_columns == ((0,) if labelled else ())
    found = [table.image(row, (1, SIDE, SIDE), ranges) for _, row in table]
    assert all(said.startswith(warning) and bool(said) == bool(warning) for _, said in found)
    if "outside" not in warning:
        images = np.stack([image for image, _ in found]).astype(int)
        own_depth = scale == 16 and not ranges  # 4,080 of 4,095
        np.testing.assert_allclose(images, IMAGES[:6], atol=own_depth)


def test_a_table_for_prediction_has_the_shape_of_the_network_or_a_given_one(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    images = IMAGES.reshape(N, -1)[:3, :600].reshape(3, 20, 30)
    path.write_text("\n".join(lines([f"pixel{k}" for k in range(600)], images)))
    table = pixel_inputs.pixel_table(path, (1, 20, 30), log=print)
    _, first = next(iter(table))
    assert table.shape == (20, 30)
    np.testing.assert_array_equal(table.image(first, (1, 20, 30), {})[0], images[0])
    with pytest.raises(DataError, match="600 pixels per image, which is not a square"):
        pixel_inputs.pixel_table(path, (3, 20, 30), log=print)
    table = pixel_inputs.pixel_table(path, (3, 10, 15), "20x30", log=print)
    assert table.image(first, (3, 10, 15), {})[0].shape == (10, 15, 3)
    with pytest.raises(DataError, match="missing pixels"):
        table.image(first[:100], (3, 10, 15), {})


def test_pixels_are_no_texts(tmp_path: Path) -> None:
    path = tmp_path / "digits.csv"
    path.write_text("\n".join(lines(PIXELS)))
    with pytest.raises(DataError, match="contains images, not texts"):
        load_texts(str(path), seed=0)


def test_numbers_are_neither_pixels_nor_texts(tmp_path: Path) -> None:
    path = tmp_path / "flowers.csv"
    rows = [f"{k / 10},{k % 7},{k * 3 % 11},{k % 2}" for k in range(40)]
    path.write_text("\n".join(["length,width,height,class", *rows]))
    with pytest.raises(DataError, match="no column contains texts"):
        load_texts(str(path), seed=0)
