from __future__ import annotations

import numpy as np
import pytest
from rotations import orthogonal, residual

from glassnet.insight.measures import alignment

RNG = np.random.default_rng(3)
CLOUD = RNG.normal(size=(200, 2)) * (3, 1) + RNG.integers(0, 3, size=(200, 1)) * 5


def test_equal_projections_do_not_move() -> None:
    moved = alignment.movement(*alignment.align_frames(np.stack([CLOUD, CLOUD])))
    assert moved.max() == 0
    assert residual(CLOUD, CLOUD) < 1e-12


@pytest.mark.parametrize("seed", range(6))
def test_a_rotated_mirrored_scaled_and_shifted_projection_is_aligned_exactly(seed: int) -> None:
    other = CLOUD @ orthogonal(2, seed) * 10.0 ** (seed - 3) + (40, -7)
    assert residual(other, CLOUD) < 1e-10


def test_an_aligned_frame_is_centred_and_has_unit_radius() -> None:
    frames = alignment.align_frames(np.stack([CLOUD, CLOUD**2, 100 + CLOUD]))
    np.testing.assert_allclose(frames.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose((frames**2).sum(axis=2).mean(axis=1), 1)


def test_each_frame_is_aligned_to_the_one_before_it() -> None:
    """Shapes that change step by step: the first one suggests another rotation of the third."""
    first, second = CLOUD, CLOUD * (1, 0.2) + RNG.normal(size=CLOUD.shape)
    third = second @ np.diag([0.3, 2.0]) + CLOUD[::-1]
    frames = alignment.align_frames(np.stack([first, second, third]))
    to_second = alignment.procrustes(third, frames[1])(third)
    assert not np.allclose(to_second, alignment.procrustes(third, frames[0])(third), atol=0.1)
    np.testing.assert_allclose(frames[2], to_second, atol=1e-12)


def test_no_other_rotation_is_closer() -> None:
    noisy = CLOUD @ orthogonal(2, 9) + RNG.normal(size=CLOUD.shape)
    smallest = residual(noisy, CLOUD)
    own, other = alignment.standardization(noisy), alignment.standardization(CLOUD)
    for angle in np.linspace(0, 2 * np.pi, 180):
        rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        for candidate in (rotation, rotation * (1, -1)):
            gaps = own(noisy) @ candidate - other(CLOUD)
            assert np.sqrt((gaps**2).sum(axis=1).mean()) >= smallest - 1e-12


def test_movement_is_measured_in_radii() -> None:
    """One of two points moves by one radius."""
    before, after = np.array([[-1.0, 0], [1, 0]]), np.array([[-1.0, 0], [1, 1]])
    assert alignment.movement(before, after).tolist() == [0, 1]


def test_projections_onto_one_point_stay_at_the_centre() -> None:
    frames = alignment.align_frames(np.stack([np.ones((5, 2)), CLOUD[:5], np.zeros((5, 2))]))
    assert np.isfinite(frames).all()
    assert not frames[[0, 2]].any()


@pytest.mark.parametrize("seed", range(4))
def test_a_rotation_leaves_centre_and_scale(seed: int) -> None:
    points = CLOUD - CLOUD.mean(axis=0)
    found = alignment.rotate(points @ orthogonal(2, seed), points, has_axes=False)
    np.testing.assert_allclose(found, points, atol=1e-5)
    assert found.dtype == np.float32
    doubled = alignment.rotate(2 * points @ orthogonal(2, seed), points, has_axes=False)
    np.testing.assert_allclose(doubled, 2 * points, atol=1e-5)


def test_axes_with_a_meaning_are_flipped_at_most() -> None:
    found = alignment.rotate(CLOUD * (-1, 1), CLOUD, has_axes=True)
    np.testing.assert_array_equal(found, CLOUD.astype(np.float32))
    swapped = alignment.rotate(CLOUD[:, ::-1], CLOUD, has_axes=True)
    np.testing.assert_array_equal(np.abs(swapped), np.abs(CLOUD[:, ::-1]).astype(np.float32))
