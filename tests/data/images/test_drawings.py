"""Drawings brought into the form of centred digits."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.data.images.drawings import centred, drawing_box, is_centred

SHAPE = (28, 28)


def bar(height: int, width: int, top: int, left: int, side: int = 280) -> np.ndarray:
    """A white bar on a black pad."""
    pad = np.zeros((side, side), np.uint8)
    pad[top : top + height, left : left + width] = 255
    return pad


def box_and_centre(image: np.ndarray) -> tuple[int, int, float, float]:
    rows, columns = (np.flatnonzero((image > 40).any(axis=axis)) for axis in (1, 0))
    mass = image.astype(float)
    y, x = (
        np.arange(28) @ mass.sum(axis=1) / mass.sum(),
        mass.sum(axis=0) @ np.arange(28) / mass.sum(),
    )
    return len(rows), len(columns), float(y), float(x)


def boxed(n: int = 60) -> np.ndarray:
    """Images whose ink was scaled to a box of 20 pixels and centred by its mass."""
    random = np.random.default_rng(0)
    bars = [bar(*random.integers(60, 200, 2), *random.integers(0, 40, 2)) for _ in range(n)]
    images = [centred(each, 20, SHAPE) for each in bars]
    return np.stack([image for image in images if image is not None])


@pytest.mark.parametrize(("height", "width"), [(100, 20), (20, 100), (10, 10)])
def test_ink_fills_the_box_with_its_mass_at_the_centre(height: int, width: int) -> None:
    image = centred(bar(height, width, 0, 0), 20, SHAPE)
    assert image is not None
    rows, columns, y, x = box_and_centre(image)
    assert max(rows, columns) == 20
    assert rows / columns == pytest.approx(height / width, rel=0.3)
    assert [y, x] == pytest.approx([14, 14], abs=0.6)


def test_dark_ink_on_grey_paper_is_the_same_as_white_on_black() -> None:
    pad = bar(140, 30, 50, 90)
    random = np.random.default_rng(0)
    shade = np.linspace(0, 25, 280)[None] + random.normal(0, 4, pad.shape)
    paper = (200 - 0.6 * pad + shade).clip(0, 255).astype(np.uint8)
    one, other = centred(pad, 20, SHAPE), centred(paper, 20, SHAPE)
    assert one is not None
    assert other is not None
    assert np.abs(one.astype(int) - other).mean() < 8


@pytest.mark.parametrize("value", [0, 130, 255])
def test_without_ink_there_is_no_image(value: int) -> None:
    noise = np.random.default_rng(0).integers(-5, 5, (280, 280))
    assert (
        centred((np.full((280, 280), value) + noise).clip(0, 255).astype(np.uint8), 20, SHAPE)
        is None
    )


def test_the_box_of_centred_drawings_is_measured() -> None:
    assert drawing_box(boxed()) == 20


def test_other_images_have_no_box() -> None:
    random = np.random.default_rng(0)
    photos = random.integers(0, 255, (20, 28, 28)).astype(np.uint8)
    assert drawing_box(photos) is None
    assert drawing_box(np.repeat(boxed()[..., None], 3, axis=3)) is None
    assert drawing_box(np.roll(boxed(), 3, axis=2)) is None
    assert drawing_box(np.zeros((5, 28, 28), np.uint8)) is None
    assert drawing_box(np.zeros((0, 28, 28), np.uint8)) is None


def test_an_image_of_the_data_set_is_told_from_a_drawing_of_the_same_size() -> None:
    images = boxed()
    assert np.mean([is_centred(image, 20) for image in images]) > 0.9
    assert not any(is_centred(np.roll(image, 3, axis=1), 20) for image in images)
    assert not any(is_centred(255 - image, 20) for image in images)
    assert not is_centred(np.zeros(SHAPE, np.uint8), 20)
    assert not is_centred(bar(8, 8, 10, 10, side=28), 20)
