from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from glassnet.data.images import decode, image_files, value_range
from glassnet.data.images.labelled import read_pool
from glassnet.data.images.load import load_images
from glassnet.data.options import ReadOptions
from glassnet.data.problems.problem import Problem, problem_logger
from glassnet.errors import DataError

GREY, GREY_ALPHA, RGB, RGBA = 0, 4, 2, 6
"""Types of colour of a PNG file."""


def save_16_bit_png(path: Path, pixels: np.ndarray, colour: int) -> Path:
    """Save (H, W[, channels]) uint16, which Pillow cannot write in colour."""
    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
            for name, content in chunks
        )
    )
    return path


def save_tiff(path: Path, pixels: np.ndarray) -> Path:
    """Save (H, W) or (H, W, channels) of any type, also of those that Pillow cannot write."""
    height, width, *channels = pixels.shape
    n = (*channels, 1)[0]
    kind = {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    content, bits = pixels.tobytes(), 8 * pixels.dtype.itemsize
    start = 8 + 2 + 10 * 12 + 4
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, n, bits if n == 1 else start),
        (259, 3, 1, 1),
        (262, 3, 1, 1 if n == 1 else 2),
        (273, 4, 1, start + 16),
        (277, 3, 1, n),
        (278, 4, 1, height),
        (279, 4, 1, len(content)),
        (339, 3, 1, kind),
    ]
    directory = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    lists = struct.pack("<8H", *[bits] * 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4) + lists + content
    )
    return path


def noise(k: int, shape: tuple[int, ...] = (12, 10)) -> np.ndarray:
    """Values in [0, 1], the first 0 and the last 1."""
    values = np.random.default_rng(k).random(shape)
    values.flat[0], values.flat[-1] = 0, 1
    return values


def two_classes(root: Path, save: object, scale: float, dtype: str, ending: str) -> Path:
    for k in range(10):
        pixels = (noise(k) * scale).astype(dtype)
        save(root / ("cat", "dog")[k % 2] / f"{k}.{ending}", pixels)  # type: ignore[operator]
    return root


def save_pillow(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def problems_of(root: Path) -> list[Problem]:
    found: list[Problem] = []
    read_pool(str(root), ReadOptions(), found.append)
    return found


@pytest.mark.parametrize(
    ("save", "scale", "dtype", "ending", "sentence"),
    [
        (save_pillow, 4095, "uint16", "png", "values reach 4,095 of 65,535; scaled by 4,095"),
        (save_pillow, 1023, "uint16", "tif", "values reach 1,023 of 65,535; scaled by 1,023"),
        (save_pillow, 9, "uint16", "png", "values reach 9 of 65,535; scaled by 9"),
        (save_pillow, 1, "float32", "tif", "values reach 1; scaled by 1"),
        (save_pillow, 255, "float32", "tif", "values reach 255; scaled by 255"),
        (save_pillow, 0.01, "float32", "tif", "values reach 0.01; scaled by 0.01"),
        (save_pillow, 3000, "int32", "tiff", "values reach 3,000; scaled by 3,000"),
        (save_tiff, 70000, "uint32", "tiff", "values reach 70,000; scaled by 70,000"),
        (save_tiff, -800, "int16", "tiff", "values from -800 to 0; scaled to 0 to 255"),
    ],
)
def test_the_range_of_the_data_set_decides(
    tmp_path: Path, save: object, scale: float, dtype: str, ending: str, sentence: str
) -> None:
    root = two_classes(tmp_path, save, scale, dtype, ending)
    lines: list[str] = []
    pool = read_pool(str(root), ReadOptions(), problem_logger(lines.append))
    assert lines == [f"10 images with more than 8 bits per channel: {sentence}: {first(ending)}"]
    assert (pool.inputs.min(), pool.inputs.max()) == (0, 255)
    shown = pool.inputs[pool.locations.index(f"cat/0.{ending}")].squeeze()
    stored = (noise(0) * scale).astype(dtype).astype(float)
    expected = 255 * (stored - min(scale, 0)) / abs(scale)
    np.testing.assert_allclose(shown, expected, atol=0.5 + 1e-4)  # rounded to a whole number


def first(ending: str) -> str:
    return f"cat/0.{ending}, cat/2.{ending}, cat/4.{ending} and 7 more"


@pytest.mark.parametrize(
    ("colour", "channels"), [(RGB, 3), (RGBA, 4), (GREY_ALPHA, 2), (GREY, None)]
)
def test_colours_of_12_bits_are_not_black(
    tmp_path: Path, colour: int, channels: int | None
) -> None:
    """Pillow alone reads the upper byte of each channel, which is at most 15 of 255 here."""
    shape = (12, 10, channels) if channels else (12, 10)
    pixels = np.random.default_rng(0).integers(0, 4096, shape).astype(np.uint16)
    if channels in (2, 4):
        pixels[..., -1] = 65535
    path = save_16_bit_png(tmp_path / "a.png", pixels, colour)
    read = image_files.read_images([path], (3, 12, 10), {"integers": (0, 4095)})[0]
    colours = pixels.reshape(12, 10, -1)[..., : 3 if channels in (3, 4) else 1]
    expected = np.rint(colours * (255 / 4095)).astype(np.uint8)
    np.testing.assert_array_equal(read, np.broadcast_to(expected, (12, 10, 3)))


def test_a_tiff_of_16_bit_colours(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 4096, (12, 10, 3)).astype(np.uint16)
    read = image_files.read_images(
        [save_tiff(tmp_path / "a.tif", pixels)], (3, 12, 10), {"integers": (0, 4095)}
    )
    np.testing.assert_array_equal(read[0], np.rint(pixels * (255 / 4095)))


def test_what_is_transparent_does_not_count(tmp_path: Path) -> None:
    pixels = np.full((12, 10, 4), 1000, np.uint16)
    pixels[..., 3] = 65535
    pixels[0, 0] = (60000, 60000, 60000, 0)
    path = save_16_bit_png(tmp_path / "a.png", pixels, RGBA)
    assert image_files.read_extent(path) == (1000, 1000)


def test_8_bit_images_keep_their_values(tmp_path: Path) -> None:
    for k in range(4):
        save_pillow(tmp_path / f"cat/{k}.png", (noise(k) * 90).astype(np.uint8))
    pool = read_pool(str(tmp_path), ReadOptions(), problem_logger(lambda line: None))
    np.testing.assert_array_equal(pool.inputs[0], (noise(0) * 90).astype(np.uint8))
    assert pool.value_ranges == {}


def test_train_and_test_have_one_scale(tmp_path: Path) -> None:
    for split, top in (("train", 3000), ("test", 1500)):
        for k in range(8):
            pixels = (noise(k + top) * top).astype(np.uint16)
            save_pillow(tmp_path / split / ("cat", "dog")[k % 2] / f"{k}.png", pixels)
    splits = load_images(str(tmp_path), seed=0, valid_fraction=0.25)
    assert splits.value_ranges == {"integers": (0, 3000)}
    assert (splits.train.inputs.max(), splits.test.inputs.max()) == (255, 128)


def test_splits_in_different_scales_are_refused(tmp_path: Path) -> None:
    for split, top in (("train", 1), ("test", 255)):
        for k in range(6):
            pixels = (noise(k + top) * top).astype(np.float32)
            save_pillow(tmp_path / split / ("cat", "dog")[k % 2] / f"{k}.tif", pixels)
    with pytest.raises(DataError, match="train images reach 1, those of the test images 255\n"):
        load_images(str(tmp_path), seed=0, valid_fraction=0.25)


def test_integers_and_floats_have_a_range_each(tmp_path: Path) -> None:
    two_classes(tmp_path, save_pillow, 4095, "uint16", "png")
    two_classes(tmp_path / "cat", save_pillow, 1, "float32", "tif")
    save_pillow(tmp_path / "dog" / "plain.png", np.full((12, 10), 7, np.uint8))
    texts = [problem.text for problem in problems_of(tmp_path)]
    wanted = "images of several types of values (10 integers, 10 floats, 1 images of 8 bits)"
    assert f"{wanted}, each scaled by its own range" in texts
    pool = read_pool(str(tmp_path), ReadOptions(), lambda problem: None)
    assert pool.value_ranges == {"integers": (0, 4095), "floats": (0, 1)}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers(tmp_path: Path, bad: float) -> None:
    two_classes(tmp_path, save_pillow, 1, "float32", "tif")
    pixels = noise(99).astype(np.float32)
    pixels[0, :3] = bad
    save_pillow(tmp_path / "cat" / "99.tif", pixels)
    wanted = "1 of 11 images cannot be read and are left out: cat/99.tif (3 of 120 pixels are NaN"
    assert any(problem.text.startswith(wanted) for problem in problems_of(tmp_path))


@pytest.mark.parametrize(
    ("dtype", "reason"),
    [
        ("float64", "a TIFF file of 64-bit floats, which Pillow cannot read"),
        ("float16", "a TIFF file of 16-bit floats, which Pillow cannot read"),
        ("uint64", "a TIFF file of 64-bit unsigned integers, which Pillow cannot read"),
    ],
)
def test_types_that_cannot_be_read_are_named(tmp_path: Path, dtype: str, reason: str) -> None:
    two_classes(tmp_path, save_tiff, 100, dtype, "tif")
    with pytest.raises(DataError) as caught:
        read_pool(str(tmp_path), ReadOptions(), lambda problem: None)
    assert reason in caught.value.message


def test_images_of_one_colour_are_refused_for_that(tmp_path: Path) -> None:
    two_classes(tmp_path, save_pillow, 0, "uint16", "png")
    with pytest.raises(DataError, match="10 of 10 images have the single colour 0 of 0 to 255"):
        load_images(str(tmp_path), seed=0)


def test_copies_are_named_as_the_cause_of_too_few_examples(tmp_path: Path) -> None:
    for k in range(12):
        pixels = (noise(k if k % 2 else 0) * 255).astype(np.uint8)
        save_pillow(tmp_path / ("cat", "dog")[k % 2] / f"{k}.png", pixels)
    message = "fewer than 3 different training images of the class cat: 5 of 6 are the same as ano"
    with pytest.raises(DataError, match=f"{message}.*\ngive each class at least 3 that differ"):
        load_images(str(tmp_path), seed=0)


def test_without_a_data_set_the_bit_depth_decides(tmp_path: Path) -> None:
    path = save_pillow(tmp_path / "a.png", (noise(0) * 3900).astype(np.uint16))
    assert image_files.read_images([path], (1, 12, 10)).max() == round(3900 / 4095 * 255)
    for ranges, warning in (
        ({}, "with values (integers) unlike the training images, scaled by their own bit depth"),
        ({"integers": (0.0, 4000.0)}, ""),
        ({"integers": (0.0, 3000.0)}, "with values outside the range of the training images"),
    ):
        pixels, said = image_files.read_with_warning(path, (1, 12, 10), ranges)
        np.testing.assert_array_equal(pixels, image_files.read_image(path, (1, 12, 10), ranges))
        assert said == warning


def test_the_cache_keeps_the_ranges(tmp_path: Path) -> None:
    root = two_classes(tmp_path, save_pillow, 4095, "uint16", "png")
    first, second = (
        read_pool(str(root), ReadOptions(), lambda problem: None).value_ranges for _ in range(2)
    )
    assert first == second == {"integers": (0, 4095)}
    assert decode.VERSION >= 4


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.sampled_from((value_range.INTEGERS, "floats")))
def test_every_range_can_be_scaled(low: float, width: float, kind: str) -> None:
    black, white = value_range.choose(low, low + width, kind)
    assert black < white
    assert black <= low
    assert white >= low + width
    pixels = value_range.to_bytes(np.array([low, low + width]), (black, white))
    if width > abs(low):
        assert pixels.max() > 100
