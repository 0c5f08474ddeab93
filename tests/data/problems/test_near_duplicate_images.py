from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from glassnet.data.images.image_files import fit
from glassnet.data.problems import near_duplicate_images
from glassnet.data.problems.near_duplicate_images import find_groups, find_pairs, thumbnails


def scene(seed: int, size: tuple[int, int] = (200, 150)) -> Image.Image:
    """A picture with large forms and small ones, as photos have them."""
    random = np.random.default_rng(seed)
    layers = [
        Image.fromarray(random.integers(0, 256, (n, n, 3), np.uint8)).resize(size, 3)
        for n in (4, 7, 30)
    ]
    return Image.blend(Image.blend(layers[0], layers[1], 0.4), layers[2], 0.2)


def resaved(image: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "jpeg", quality=quality)
    return Image.open(stream).convert("RGB")


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "resaved": lambda image: resaved(image, 40),
    "smaller": lambda image: image.resize((90, 67)),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "flatter": lambda image: ImageEnhance.Contrast(image).enhance(0.8),
    "cut by a pixel": lambda image: image.crop((1, 1, image.width - 1, image.height - 1)),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_changed_copy_is_found(change: str, channels: int) -> None:
    scenes = [scene(k) for k in range(30)]
    images = [fit(image, (channels, 64, 64)) for image in scenes]
    images += [fit(CHANGES[change](image), (channels, 64, 64)) for image in scenes[:20]]
    assert find_groups(np.stack(images)) == ([[k, 30 + k] for k in range(20)], 0)


def test_other_colours_make_another_image() -> None:
    image = fit(scene(0), (3, 32, 32))
    swapped = image[..., ::-1]
    assert find_groups(np.stack([image, swapped])) == ([], 0)
    assert find_groups(np.stack([image, image])) == ([[0, 1]], 0)


def test_images_of_a_single_colour_are_not_compare() -> None:
    flat = np.zeros((5, 16, 16), np.uint8) + np.arange(0, 250, 50, dtype=np.uint8)[:, None, None]
    assert find_groups(flat) == ([], 0)
    assert not thumbnails(flat)[1].any()


@pytest.mark.parametrize(("correlation", "is_near"), [(0.9995, True), (0.9975, False)])
def test_near_duplicates_correlate_by_more_than_998_in_a_thousand(
    correlation: float, is_near: bool
) -> None:
    """Waves of two cells are added, which the blur leaves a part of."""
    rows, columns = np.indices((60, 60))
    image = 60 + 2 * columns + 0.5 * rows
    wave = np.sin(columns * np.pi / 30) * np.cos(rows * np.pi / 30)
    (unit, other), _ = thumbnails(np.stack([image, 128 + 100 * wave]).astype(np.uint8))
    share = float(unit @ other)
    weight = np.sqrt(1 / correlation**2 - 1) * image.std() / (wave.std() * np.sqrt(1 - share**2))
    pair = np.stack([image, image + weight * wave]).round().astype(np.uint8)
    one, two = thumbnails(pair)[0]
    assert float(one @ two) == pytest.approx(correlation, abs=6e-4)
    assert bool(find_groups(pair)[0]) is is_near


@pytest.mark.parametrize("shift", [(0, 0), (0, 1), (1, 0), (-1, 0), (0, -1), (1, 1), (-1, 1)])
def test_a_copy_shifted_by_a_pixel_is_found(shift: tuple[int, int]) -> None:
    random = np.random.default_rng(3)
    digits = np.zeros((40, 28, 28), np.uint8)
    strokes = random.integers(0, 256, (40, 5, 5), np.uint8)
    digits[:, 4:24, 4:24] = strokes.repeat(4, axis=1).repeat(4, axis=2)
    copies = np.roll(digits[7:9], shift, axis=(1, 2))
    pairs, missed = find_pairs(np.concatenate([digits, copies]))
    assert pairs.tolist() == [[7, 40], [8, 41]]
    assert missed == 0


@pytest.mark.parametrize(("contrast", "is_flat"), [(7, True), (9, False)])
def test_an_image_is_flat_below_8_grey_levels(contrast: int, is_flat: bool) -> None:
    image = np.full((18, 18), 100, np.uint8)
    image[:, :9] += contrast
    assert thumbnails(image[None])[1].tolist() == [not is_flat]
    assert bool(find_groups(np.stack([image, image]))[0]) is not is_flat


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (9, 2), (8, 9), (64, 20)])
def test_any_shape_can_be_compare(shape: tuple[int, int]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, *shape), np.uint8)
    found, _ = find_groups(np.concatenate([images, images]))
    has_contrast = thumbnails(images)[1]
    assert {k for group in found for k in group if k < 6} == set(np.flatnonzero(has_contrast))
    assert all(k + 6 in group for group in found for k in group if k < 6)


def test_no_images() -> None:
    assert find_groups(np.empty((0, 8, 8), np.uint8)) == ([], 0)


def test_the_search_is_bounded_and_counts_what_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    image = random.integers(0, 256, (16, 16)).astype(np.int64)
    alike = (image + random.integers(0, 3, (300, 16, 16))).clip(0, 255).astype(np.uint8)
    (whole,), missed = find_groups(alike)
    assert (whole, missed) == (list(range(300)), 0)
    monkeypatch.setattr(near_duplicate_images, "MAX_PAIRS", 1000)
    assert find_groups(alike)[1] == 300
