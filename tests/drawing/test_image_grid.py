"""Mosaics: where images and names go, on paper and on the screen."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import synthetic
from PIL import Image

from glassnet.drawing.layout import image_grid
from glassnet.drawing.screen import view as screen

NOISE = np.random.default_rng(0).integers(0, 256, (1, 3, 4, 10, 10), np.uint8)


def opened(view: dict[str, Any]) -> tuple[np.ndarray, str]:
    """The picture behind a view, as RGBA."""
    content = base64.b64decode(view["uri"].removeprefix("data:image/png;base64,"))
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGBA")), image.mode


def test_images_stand_a_gap_apart() -> None:
    rows, columns = image_grid.grid_axes(synthetic.image_grid(NOISE), (10, 10), 2)
    assert rows.starts == (0, 12, 24)
    assert (rows.length, columns.length) == (34, 46)
    assert rows.middles() == pytest.approx([5 / 34, 0.5, 29 / 34])


def test_a_plane_has_no_gaps() -> None:
    rows, columns = image_grid.grid_axes(synthetic.plane(), (28, 28), 2)
    assert rows.length == columns.length == 20 * 28
    rows, _ = image_grid.grid_axes(replace(synthetic.plane(), is_plane=False), (28, 28), 2)
    assert rows.length == 20 * 28 + 19 * 2


def test_every_image_is_at_its_place() -> None:
    rows, columns = image_grid.grid_axes(synthetic.image_grid(NOISE), (10, 10), 2)
    pixels, solid = image_grid.compose(NOISE[0], rows, columns)
    for row, top in enumerate(rows.starts):
        for column, left in enumerate(columns.starts):
            tile = pixels[top : top + 10, left : left + 10]
            np.testing.assert_array_equal(tile, NOISE[0, row, column])
    assert solid.sum() == NOISE.size


def test_scaled_images_repeat_or_drop_whole_pixels() -> None:
    larger = image_grid.resize(NOISE, (30, 20))
    np.testing.assert_array_equal(larger[..., ::3, ::2], NOISE)
    assert set(np.unique(image_grid.resize(NOISE, (7, 5)))) <= set(np.unique(NOISE))


def test_numbers_are_a_scale_and_words_are_not() -> None:
    assert image_grid.is_numeric(("−3.0", "", "+3"))
    assert not image_grid.is_numeric(("original", "1"))
    assert not image_grid.is_numeric(())


def test_an_animation_without_names_becomes_a_film_strip_of_samples() -> None:
    animation = synthetic.animated_image_grid(30)
    ((caption, strip),) = image_grid.still_grids(animation)
    assert caption == ""
    assert strip.images.shape == (1, 8, 12, 28, 28)
    assert (strip.column_label, strip.column_names[0], strip.column_names[-1]) == (
        "epoch",
        "0",
        "29",
    )
    np.testing.assert_array_equal(strip.images[0, 2, 0], animation.images[0, 0, 2])
    np.testing.assert_array_equal(strip.images[0, 2, -1], animation.images[-1, 0, 2])


def test_an_animation_with_named_rows_shows_one_sample_of_each() -> None:
    animation = synthetic.animated_image_grid(3, 10, 5, synthetic.DIGITS)
    ((_, strip),) = image_grid.still_grids(animation)
    assert strip.row_names == synthetic.DIGITS
    np.testing.assert_array_equal(strip.images[0, :, -1], animation.images[-1, :, 0])
    turned = replace(
        animation,
        images=animation.images.swapaxes(1, 2),
        row_names=(),
        column_names=synthetic.DIGITS,
    )
    np.testing.assert_array_equal(image_grid.still_grids(turned)[0][1].images, strip.images)


def test_an_animation_with_rows_and_columns_named_is_shown_frame_by_frame() -> None:
    animation = synthetic.plane(10, 9)
    stills = image_grid.still_grids(animation)
    assert [caption for caption, _ in stills] == ["0", "2", "3", "5", "6", "8"]
    np.testing.assert_array_equal(stills[-1][1].images[0], animation.images[-1])


def test_frames_are_named_with_their_unit() -> None:
    epochs = synthetic.animated_image_grid(2)
    assert image_grid.frame_names(epochs) == ["epoch 0", "epoch 1"]
    classes = replace(epochs, frame_names=("cat", "dog"), frame_label="")
    assert image_grid.frame_names(classes) == ["cat", "dog"]
    assert image_grid.frame_names(replace(epochs, frame_names=("",))) == [""]


def test_the_screen_shows_the_same_pixels_and_gaps_to_see_through() -> None:
    finding = synthetic.image_grid(NOISE)
    pixels, mode = opened(screen.view(finding))
    assert mode == "P"
    assert pixels.shape[:2] == (32, 43)
    assert (pixels[10, :, 3] == 0).all()
    tile = pixels[11:21, 22:32]
    assert (tile[..., 3] == 255).all()
    np.testing.assert_allclose(tile[..., 0].astype(int), finding.images[0, 1, 2], atol=1)


def test_colours_are_preserved_on_the_screen() -> None:
    images = np.random.default_rng(1).integers(0, 256, (1, 2, 3, 32, 32, 3), np.uint8)
    pixels, _ = opened(screen.view(synthetic.image_grid(images)))
    np.testing.assert_array_equal(pixels[:32, 33:65, :3], images[0, 0, 1])
    assert (pixels[32, :, 3] == 0).all()


@pytest.mark.parametrize("channels", [(), (3,)])
def test_the_frames_of_a_animation_lie_below_each_other(channels: tuple[int, ...]) -> None:
    images = np.random.default_rng(2).integers(0, 256, (3, 2, 2, 8, 8, *channels), np.uint8)
    animation = synthetic.image_grid(images, frame_names=("a", "b", "c"))
    view = screen.view(animation)
    pixels, _ = opened(view)
    width, height = view["size"]
    step = (len(pixels) - height) // 2
    assert view["frames"] == ["a", "b", "c"]
    assert len(pixels) == 2 * step + height
    for frame in range(3):
        top = frame * step
        shown = pixels[top : top + 8, width - 8 : width, :3]
        shown = shown if channels else shown[..., 0]
        np.testing.assert_allclose(shown.astype(int), images[frame, 0, 1], atol=2)
        assert (pixels[top + height : (frame + 1) * step, :, 3] == 0).all()


def test_an_animation_of_digits_is_small() -> None:
    animation = synthetic.animated_image_grid(14)
    rough = np.random.default_rng(3).integers(0, 60, animation.images.shape, np.uint8)
    noisy = np.where(animation.images[-1] > 0, animation.images + rough, animation.images)
    uri = screen.view(replace(animation, images=noisy.astype(np.uint8)))["uri"]
    assert len(uri) < 400_000
    assert uri == screen.view(replace(animation, images=noisy.astype(np.uint8)))["uri"]


def test_an_image_grid_has_an_alternative_text() -> None:
    alt = screen.view(synthetic.reconstructions(2))["alt_text"]
    assert alt == "40 images in 4 rows and 10 columns; rows: original, rebuilt"
    assert "latent dimension 1: −" not in alt
    assert "columns: its value" in screen.view(synthetic.traversal())["alt_text"]


def test_names_stand_at_their_images() -> None:
    view = screen.view(synthetic.traversal(16, 11))
    assert [name["text"] for name in view["row_names"]] == list(synthetic.traversal().row_names)
    places = [name["position"] for name in view["column_names"]]
    assert places == sorted(places)
    assert places[5] == pytest.approx(50, abs=0.01)


def test_a_phone_shows_fewer_numbers_and_turns_words() -> None:
    numbers = screen.view(synthetic.traversal())
    assert not numbers["upright"]
    shown = [name["text"] for name in numbers["column_names"] if not name["wide_only"]]
    assert shown[0] == "-3.0"
    assert shown[-1] == "+3.0"
    assert len(shown) < len(numbers["column_names"])
    words = screen.view(synthetic.image_grid(synthetic.drawn(1, 4, 10), (), synthetic.CLOTHES))
    assert words["upright"]
    assert not any(name["wide_only"] for name in words["column_names"])


def test_few_images_are_not_blown_up_and_many_still_fit() -> None:
    few = screen.view(synthetic.image_grid(synthetic.drawn(1, 1, 2)))
    assert few["max_width"] == 2 * few["size"][0]
    many = screen.view(synthetic.plane())
    assert many["max_width"] == 700
    assert many["smoothing"] == "smoothed-on-phones"
