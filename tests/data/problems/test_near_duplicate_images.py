from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from glassnet.data.images.image_files import fit
from glassnet.data.problems import near_duplicate_images
from glassnet.data.problems.near_duplicate_images import (
    difference_hashes,
    find_groups,
    similar_hashes,
)


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
    assert difference_hashes(flat)[1].all()


@pytest.mark.parametrize(("correlation", "is_near"), [(0.992, True), (0.988, False)])
def test_near_duplicates_correlate_by_99_percent(correlation: float, is_near: bool) -> None:
    """A checkerboard of single pixels is added, which the coarse grid of the hash averages out."""
    rows, columns = np.indices((16, 16))
    image = (20 + 10 * columns + 4 * rows).astype(np.float64)
    board = np.where((rows + columns) % 2, 1.0, -1.0)
    board *= image.std() * np.sqrt(1 / correlation**2 - 1)
    pair = np.stack([image, image + board]).round().astype(np.uint8)
    assert np.corrcoef(*pair.reshape(2, -1))[0, 1] == pytest.approx(correlation, abs=1e-3)
    hashes, _ = difference_hashes(pair)
    assert np.bitwise_count(hashes[0] ^ hashes[1]).max() <= near_duplicate_images.MAX_BITS
    assert bool(find_groups(pair)[0]) is is_near


@pytest.mark.parametrize(("contrast", "is_flat"), [(7, True), (9, False)])
def test_an_image_is_flat_below_8_grey_levels(contrast: int, is_flat: bool) -> None:
    image = np.full((18, 18), 100, np.uint8)
    image[:6, :6] += contrast
    assert difference_hashes(image[None])[1].tolist() == [is_flat]
    assert bool(find_groups(np.stack([image, image]))[0]) is not is_flat


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (9, 2), (8, 9), (64, 20)])
def test_any_shape_can_be_compare(shape: tuple[int, int]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, *shape), np.uint8)
    found, _ = find_groups(np.concatenate([images, images]))
    flat = difference_hashes(images)[1]
    assert [group for group in found if len(group) == 2] == found
    assert [k for k, _ in found] == np.flatnonzero(~flat).tolist() or max(shape) < 9


def test_no_images() -> None:
    assert find_groups(np.empty((0, 8, 8), np.uint8)) == ([], 0)


def test_every_pair_of_similar_hashes_is_found_and_no_other() -> None:
    random = np.random.default_rng(1)
    hashes = random.integers(0, 1 << 63, (400, 2), np.uint64)
    for k in range(200):  # 0 to 9 bits away from another, of either kind
        for kind in (0, 1):
            bits = random.choice(64, random.integers(10), replace=False)
            hashes[200 + k, kind] = hashes[k, kind] ^ np.bitwise_or.reduce(
                np.uint64(1) << bits.astype(np.uint64), initial=0
            )
    distances = np.bitwise_count(hashes[:, None] ^ hashes[None]).max(axis=2)
    near = np.argwhere(np.triu(distances <= near_duplicate_images.MAX_BITS, 1))
    found, missed = similar_hashes(hashes, np.arange(400))
    np.testing.assert_array_equal(found, near)
    assert missed == 0
    assert len(near) == 73


def test_the_search_is_bounded_and_counts_what_it_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(2)
    image = random.integers(0, 256, (16, 16)).astype(np.int64)
    alike = (image + random.integers(0, 3, (300, 16, 16))).clip(0, 255).astype(np.uint8)
    (whole,), missed = find_groups(alike)
    assert (whole, missed) == (list(range(300)), 0)
    monkeypatch.setattr(near_duplicate_images, "MAX_COMPARED", 1000)
    assert find_groups(alike)[1] == 300
