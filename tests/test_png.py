"""Images as PNG files: pixel for pixel where they should be."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from glassnet import png
from glassnet.errors import StorageError, UsageError

shapes = st.tuples(st.integers(1, 9), st.integers(1, 9), st.booleans())


def images(n: int, height: int, width: int, colour: bool = False) -> np.ndarray:
    """No pixel of these is black, as the gaps are."""
    shape = (n, height, width, 3) if colour else (n, height, width)
    return np.random.default_rng(n).integers(1, 256, shape, np.uint8)


@given(st.integers(1, 20), shapes, st.integers(1, 25) | st.none())
@settings(max_examples=80)
def test_a_grid_has_every_image_in_its_place_and_black_between(
    n: int, shape: tuple[int, int, bool], columns: int | None
) -> None:
    given_images = images(n, *shape)
    canvas = png.grid(given_images, columns)
    height, width, across = shape[0], shape[1], columns or int(np.ceil(np.sqrt(n)))
    down = int(np.ceil(n / across))
    assert canvas.shape[:2] == (down * (height + 2) - 2, across * (width + 2) - 2)
    assert canvas.shape[2:] == given_images.shape[3:]
    assert canvas.dtype == np.uint8
    for index, image in enumerate(given_images):
        top, left = index // across * (height + 2), index % across * (width + 2)
        part = canvas[top : top + height, left : left + width]
        np.testing.assert_array_equal(part, image)
        part[:] = 0
    assert not canvas.any(), "there is nothing else on it"


@pytest.mark.parametrize(("n", "rows", "columns"), [(1, 1, 1), (4, 2, 2), (5, 2, 3), (64, 8, 8)])
def test_a_grid_is_as_good_as_square(n: int, rows: int, columns: int) -> None:
    canvas = png.grid(images(n, 3, 4))
    assert canvas.shape == (5 * rows - 2, 6 * columns - 2)


@given(shapes)
@settings(max_examples=30)
def test_a_png_gives_its_pixels_back_and_equal_images_give_equal_bytes(
    shape: tuple[int, int, bool],
) -> None:
    (image,) = images(1, *shape)
    content = png.encode(image)
    assert content.startswith(b"\x89PNG")
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(content))), image)
    assert png.encode(image.copy()) == content


def test_a_grid_is_saved_at_the_given_path(tmp_path: Path) -> None:
    given_images = images(5, 6, 7, colour=True)
    for name in ("new/folder/grid.png", "GRID.PNG"):
        assert png.save_grid(given_images, tmp_path / name, 5) == tmp_path / name
        found = np.asarray(Image.open(tmp_path / name))
        np.testing.assert_array_equal(found, png.grid(given_images, 5))


@pytest.mark.parametrize("name", ["samples", "samples.jpg", "samples.png.gif"])
def test_a_name_that_is_no_pngs_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="images are written as PNG") as caught:
        png.save_grid(images(1, 2, 2), tmp_path / name)
    assert caught.value.hint.startswith("name it samples.png")
    assert list(tmp_path.iterdir()) == []


def test_each_is_saved_under_its_own_name(tmp_path: Path) -> None:
    given_images = images(3, 6, 7)
    paths = png.save_images(given_images, tmp_path / "new" / "folder", ["a", "b.c", "3"])
    assert [path.name for path in paths] == ["a.png", "b.c.png", "3.png"]
    for path, image in zip(paths, given_images, strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(path)), image)


def test_existing_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("dear")
    with pytest.raises(UsageError, match="is a file, not a folder"):
        png.save_images(images(1, 2, 2), tmp_path / "file", ["a"])
    for path in (tmp_path / "file" / "a.png", tmp_path / "folder.png"):
        (tmp_path / "folder.png").mkdir(exist_ok=True)
        with pytest.raises(StorageError) as caught:
            png.save_grid(images(1, 2, 2), path)
        assert len(str(caught.value).splitlines()) == 2
    assert (tmp_path / "file").read_text() == "dear"
