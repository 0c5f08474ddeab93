from __future__ import annotations

import numpy as np
import pytest
from test_alignment import orthogonal

from glassnet.insight.measures import aligned_projections, alignment
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy

RNG = np.random.default_rng(0)
LABELS = np.repeat(np.arange(4), 40)
BLOBS = RNG.normal(size=(160, 12)) + 9 * np.eye(4, 12)[LABELS]


def spectrum(values: list[float], n: int = 120) -> np.ndarray:
    """Centred features whose principal components have exactly these variances, skewed a little."""
    made = np.random.default_rng(1).exponential(size=(n, len(values)))
    left, _, _ = np.linalg.svd(made - made.mean(axis=0), full_matrices=False)
    return left * np.sqrt(values)


SPECTRA = {
    "far apart": [9, 4, 1, 0.5],
    "first two equal": [4, 4, 1, 0.5],
    "first two nearly equal": [4 * (1 + 1e-9), 4, 1, 0.5],
    "second and third equal": [9, 4, 4, 0.5],
    "second and third nearly equal": [9, 4 * (1 + 1e-12), 4, 0.5],
    "second to fourth equal": [9, 4, 4, 4],
    "all equal": [4, 4, 4, 4],
    "a line": [4, 0, 0, 0],
    "a plane": [4, 1, 0, 0],
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SPECTRA)
def test_pca_of_turned_and_shifted_features_is_the_same_map(name: str, seed: int) -> None:
    features = spectrum(SPECTRA[name])
    shift = np.random.default_rng(seed).normal(size=4) * 20
    other = aligned_projections.plane(
        aligned_projections.components(features @ orthogonal(4, seed) + shift)
    )
    assert (
        alignment.residual(
            other, aligned_projections.plane(aligned_projections.components(features))
        )
        < 1e-6
    )


@pytest.mark.parametrize("width", [3, 40, 400])
def test_pca_of_wide_and_narrow_features_turned(width: int) -> None:
    features = np.random.default_rng(width).normal(size=(90, width)) * np.linspace(3, 1, width)
    turned = features @ orthogonal(width, 7) - 3
    one, other = (
        aligned_projections.plane(aligned_projections.components(each))
        for each in (features, turned)
    )
    assert alignment.residual(other, one) < 1e-6


def test_components_are_scikit_learns_up_to_sign() -> None:
    from sklearn.decomposition import PCA

    for features in (BLOBS, RNG.normal(size=(30, 200)) * np.linspace(4, 1, 200)):
        found = aligned_projections.components(features)
        model = PCA(10, svd_solver="full").fit(features)
        expected = np.abs(model.transform(features))
        np.testing.assert_allclose(np.abs(found.scores[:, :10]), expected, atol=1e-8)
        np.testing.assert_allclose(found.shares[:10], model.explained_variance_ratio_)


def test_a_tie_shows_a_plane_of_no_less_variance() -> None:
    found = aligned_projections.components(spectrum([9, 4, 4, 4]))
    stored = (aligned_projections.plane(found) ** 2).sum()
    assert stored == pytest.approx(13)


def test_what_lies_together_stays_together_from_frame_to_frame() -> None:
    """The first features know nothing of the classes, the second tell them apart."""
    nothing = np.random.default_rng(5).normal(size=BLOBS.shape)
    first = aligned_projections.start(aligned_projections.components(nothing), 0)
    then = aligned_projections.follow(aligned_projections.components(BLOBS), first, 0)
    assert neighbour_accuracy(first, LABELS).accuracy < 0.45
    assert neighbour_accuracy(then, LABELS).accuracy > 0.98


def test_a_map_that_follows_equal_features_moves_far_less_than_one_that_starts_anew() -> None:
    found = aligned_projections.components(BLOBS)
    first = aligned_projections.follow(found, aligned_projections.start(found, 0), 0)
    again = aligned_projections.follow(found, first, 0)
    other = aligned_projections.start(
        aligned_projections.components(BLOBS[:, ::-1] + 0.1 * RNG.normal(size=BLOBS.shape)), 0
    )
    drift = alignment.movement(*alignment.chained(np.stack([first, again]))).mean()
    anew = alignment.movement(*alignment.chained(np.stack([first, other]))).mean()
    assert drift < 0.1
    assert drift < anew / 2


def test_following_gives_the_same_bytes_every_time() -> None:
    found = aligned_projections.components(BLOBS)
    first = aligned_projections.start(found, 3)
    follow = aligned_projections.follow(found, first, 3).tobytes()
    assert (
        follow
        == aligned_projections.follow(aligned_projections.components(BLOBS), first, 3).tobytes()
    )


@pytest.mark.parametrize(
    "features",
    [np.zeros((30, 5)), np.full((30, 1), 7.0), np.arange(30.0)[:, None], np.eye(20), BLOBS[:5]],
    ids=["dead", "dead unit", "unit", "eye", "five points"],
)
def test_odd_layers_get_a_frame_too(features: np.ndarray) -> None:
    found = aligned_projections.components(features)
    first = aligned_projections.start(found, 0)
    frames = [aligned_projections.plane(found), first, aligned_projections.follow(found, first, 0)]
    alive = aligned_projections.follow(
        aligned_projections.components(BLOBS[: len(features)]), first, 0
    )
    for frame in (*frames, alive):
        assert frame.shape == (len(features), 2)
        assert np.isfinite(frame).all()


def finished(method: str, features: np.ndarray) -> tuple[np.ndarray, float]:
    """A frame as a film has it, turned and at unit radius, and its scale."""
    found = aligned_projections.components(features)
    points = (
        aligned_projections.plane(found) if method == "pca" else aligned_projections.start(found, 0)
    )
    way = alignment.standard(points)
    return (way(points) @ orthogonal(2, 4)).astype(np.float32), way.scale


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_stored_example_is_placed_where_it_is(method: str) -> None:
    frame, scale = finished(method, BLOBS)
    placed = aligned_projections.place(BLOBS[::7], BLOBS, frame, method, scale)
    away = np.hypot(*(placed - frame[::7]).T)
    gaps = np.hypot(*(frame[:, None] - frame[::7]).transpose(2, 0, 1))  # (n, placed)
    neighbourhood = np.sort(gaps, axis=0)[20]
    assert (away < neighbourhood).mean() > 0.95


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_a_new_example_is_placed_among_its_class(method: str) -> None:
    frame, scale = finished(method, BLOBS)
    fresh = np.random.default_rng(8).normal(size=(40, 12)) + 9 * np.eye(4, 12)[LABELS[::4]]
    placed = aligned_projections.place(fresh, BLOBS, frame, method, scale)
    nearest = np.hypot(*(placed[:, None] - frame).transpose(2, 0, 1)).argmin(axis=1)
    assert (LABELS[nearest] == LABELS[::4]).mean() > (0.97 if method == "tsne" else 0.7)


def test_pca_places_further_examples_by_the_components() -> None:
    from sklearn.decomposition import PCA

    model = PCA(2, svd_solver="full").fit(BLOBS)
    frame = model.transform(BLOBS)
    fresh = RNG.normal(size=(6, 12)) * 5
    placed = aligned_projections.place(fresh, BLOBS, frame, "pca")
    np.testing.assert_allclose(placed, model.transform(fresh), atol=1e-8)
