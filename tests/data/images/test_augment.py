from __future__ import annotations

import pytest
import torch
from torch import Tensor

from glassnet.data.images.augment import affine


def dot(count: int, row: int = 14, column: int = 14, side: int = 29) -> Tensor:
    """Black images with one white pixel."""
    images = torch.zeros(count, 1, side, side)
    images[:, :, row, column] = 1
    return images


def centres(images: Tensor) -> Tensor:
    """(B, 2): where the light of every image lies, as row and column."""
    places = torch.arange(images.shape[-1], dtype=torch.float32)
    light = images.sum((1, 2, 3))
    rows = (images.sum((1, 3)) * places).sum(1) / light
    columns = (images.sum((1, 2)) * places).sum(1) / light
    return torch.stack([rows, columns], 1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


def test_no_augmentation_changes_nothing() -> None:
    images = torch.rand(3, 1, 8, 8)
    state = torch.get_rng_state()
    assert affine(images, 0, 0, 0) is images
    assert torch.equal(torch.get_rng_state(), state)


def test_a_shift_is_bounded_uniform_and_differs_between_images() -> None:
    moved = centres(affine(dot(400), 0, 0, 3.0)) - 14
    assert moved.abs().max() <= 3.001
    assert moved.amax(0) == pytest.approx(torch.full((2,), 3.0), abs=0.1)
    assert moved.amin(0) == pytest.approx(torch.full((2,), -3.0), abs=0.1)
    assert moved.mean(0).abs().max() < 0.3
    assert moved.std(0) == pytest.approx(torch.full((2,), 3**0.5), abs=0.15)  # uniform in [-3, 3]
    assert len(moved.unique(dim=0)) == 400


def test_a_shift_is_in_pixels_on_images_that_are_not_square() -> None:
    images = torch.zeros(300, 1, 20, 60)
    images[:, :, 10, 30] = 1
    out = affine(images, 0, 0, 2.0)
    places = (out.flatten(1) * torch.arange(1200)).sum(1) / out.sum((1, 2, 3))
    assert out.sum((1, 2, 3)) == pytest.approx(torch.ones(300), abs=1e-4)
    assert (places - (10 * 60 + 30)).abs().max() <= 2 * 60 + 2.001
    columns = (out.sum((1, 2)) * torch.arange(60)).sum(1)
    assert (columns - 30).abs().max() == pytest.approx(2.0, abs=0.1)


def test_a_rotation_is_bounded_goes_both_ways_and_preserves_the_centre() -> None:
    assert centres(affine(dot(50), 20, 0, 0)) == pytest.approx(torch.full((50, 2), 14.0), abs=1e-3)
    right = centres(affine(dot(400, column=24), 20, 0, 0)) - 14
    angle = torch.rad2deg(torch.atan2(right[:, 0], right[:, 1]))
    assert angle.abs().max() <= 21
    assert (angle.min(), angle.max()) == (pytest.approx(-20, abs=1), pytest.approx(20, abs=1))
    assert right.norm(dim=1) == pytest.approx(torch.full((400,), 10.0), abs=0.5)


def test_a_turn_is_rigid_on_images_that_are_not_square() -> None:
    """A bar of 3 x 21 pixels turned by a right angle stays 21 pixels long."""
    images = torch.zeros(200, 1, 29, 57)
    images[:, :, 13:16, 18:39] = 1
    light = affine(images, 90, 0, 0).sum((1, 2, 3))
    assert light == pytest.approx(torch.full((200,), 63.0), rel=0.05)


def test_a_scale_is_bounded_and_goes_both_ways() -> None:
    square = torch.zeros(300, 1, 41, 41)
    square[:, :, 11:30, 11:30] = 1
    side = affine(square, 0, 0.1, 0).sum((1, 2, 3)).sqrt() / 19
    assert (side.min(), side.max()) == (pytest.approx(0.9, abs=0.02), pytest.approx(1.1, abs=0.02))


def test_it_never_flips() -> None:
    """Four quarters of falling brightness keep their places; any mirror image would swap two."""
    image = torch.zeros(1, 1, 28, 28)
    image[..., :14, :14], image[..., :14, 14:], image[..., 14:, 14:] = 1.0, 0.7, 0.4
    out = affine(image.expand(300, -1, -1, -1), 10, 0.1, 1)
    quarters = [out[..., :14, :14], out[..., :14, 14:], out[..., 14:, 14:], out[..., 14:, :14]]
    means = torch.stack([quarter.mean((1, 2, 3)) for quarter in quarters], 1)
    assert (means.diff(dim=1) < 0).all()


def test_values_stay_in_range_and_the_border_goes_on() -> None:
    images = torch.rand(50, 3, 9, 9)
    out = affine(images, 45, 0.5, 4)
    assert out.shape == images.shape
    assert out.min() >= 0
    assert out.max() <= 1
    assert affine(torch.ones(5, 1, 9, 9), 45, 0.5, 4) == pytest.approx(torch.ones(5, 1, 9, 9))


def test_the_same_random_state_gives_the_same_images() -> None:
    images = torch.rand(4, 1, 9, 9)
    torch.manual_seed(3)
    first = affine(images, 10, 0.1, 1)
    torch.manual_seed(3)
    assert torch.equal(affine(images, 10, 0.1, 1), first)
