from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.measures import alignment

RNG = np.random.default_rng(3)
CLOUD = RNG.normal(size=(200, 2)) * (3, 1) + RNG.integers(0, 3, size=(200, 1)) * 5


def orthogonal(size: int, seed: int) -> np.ndarray:
    """A random rotation or reflection, by QR with signs made uniform."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(size, size)))
    return q * np.sign(np.diag(r))


def test_equal_maps_do_not_move() -> None:
    moved = alignment.movement(*alignment.chained(np.stack([CLOUD, CLOUD])))
    assert moved.max() == 0
    assert alignment.residual(CLOUD, CLOUD) < 1e-12


@pytest.mark.parametrize("seed", range(6))
def test_turned_mirrored_scaled_and_shifted_maps_come_back(seed: int) -> None:
    other = CLOUD @ orthogonal(2, seed) * 10.0 ** (seed - 3) + (40, -7)
    assert alignment.residual(other, CLOUD) < 1e-10


def test_an_aligned_map_has_its_centre_at_nought_and_radius_one() -> None:
    frames = alignment.chained(np.stack([CLOUD, CLOUD**2, 100 + CLOUD]))
    np.testing.assert_allclose(frames.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose((frames**2).sum(axis=2).mean(axis=1), 1)


def test_no_other_turn_leaves_less() -> None:
    noisy = CLOUD @ orthogonal(2, 9) + RNG.normal(size=CLOUD.shape)
    least = alignment.residual(noisy, CLOUD)
    own, other = alignment.standard(noisy), alignment.standard(CLOUD)
    for angle in np.linspace(0, 2 * np.pi, 180):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        for each in (turn, turn * (1, -1)):
            gaps = own(noisy) @ each - other(CLOUD)
            assert np.sqrt((gaps**2).sum(axis=1).mean()) >= least - 1e-12


def test_movement_is_in_radii() -> None:
    """One of two points goes once around the other: the map is a line before and after."""
    before, after = np.array([[-1.0, 0], [1, 0]]), np.array([[-1.0, 0], [1, 1]])
    assert alignment.movement(before, after).tolist() == [0, 1]


def test_maps_that_are_one_point_stay_there() -> None:
    frames = alignment.chained(np.stack([np.ones((5, 2)), CLOUD[:5], np.zeros((5, 2))]))
    assert np.isfinite(frames).all()
    assert not frames[[0, 2]].any()
