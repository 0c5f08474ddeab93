from __future__ import annotations

import numpy as np
import pytest
from rotations import orthogonal, residual

from glassnet.insight.measures import alignment
from glassnet.insight.measures.aligned_projections import (
    components,
    drift,
    first_tsne_frame,
    next_tsne_frame,
    pca_frame,
    tsne_frames,
)
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy

RNG = np.random.default_rng(0)
LABELS = np.repeat(np.arange(4), 40)
NOISE = np.random.default_rng(5).normal(size=(160, 12))
BLOBS = RNG.normal(size=(160, 12)) + 9 * np.eye(4, 12)[LABELS]


def spectrum(values: list[float], n: int = 120) -> np.ndarray:
    """Centred features whose principal components have exactly these variances, skewed a little."""
    made = np.random.default_rng(1).exponential(size=(n, len(values)))
    left, _, _ = np.linalg.svd(made - made.mean(axis=0), full_matrices=False)
    return left * np.sqrt(values)


SPECTRA: dict[str, list[float]] = {
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
def test_pca_of_rotated_and_shifted_features_is_the_same(name: str, seed: int) -> None:
    features = spectrum(SPECTRA[name])
    shift = np.random.default_rng(seed).normal(size=4) * 20
    other = pca_frame(components(features @ orthogonal(4, seed) + shift))
    assert residual(other, pca_frame(components(features))) < 1e-6


@pytest.mark.parametrize("width", [3, 40, 400])
def test_pca_is_invariant_to_rotation_for_any_width(width: int) -> None:
    features = np.random.default_rng(width).normal(size=(90, width)) * np.linspace(3, 1, width)
    rotated = features @ orthogonal(width, 7) - 3
    one, other = (pca_frame(components(each)) for each in (features, rotated))
    assert residual(other, one) < 1e-6


def test_components_equal_scikit_learns_up_to_sign() -> None:
    from sklearn.decomposition import PCA

    for features in (BLOBS, RNG.normal(size=(30, 200)) * np.linspace(4, 1, 200)):
        found = components(features)
        model = PCA(10, svd_solver="full").fit(features)
        expected = np.abs(model.transform(features))
        np.testing.assert_allclose(np.abs(found.scores[:, :10]), expected, atol=1e-8)
        np.testing.assert_allclose(found.explained[:10], model.explained_variance_ratio_)


def test_equal_points_have_no_components() -> None:
    found = components(np.full((9, 5), 3.0))
    assert found.scores.tolist() == [[0.0, 0.0]] * 9
    assert found.explained.tolist() == [0.0, 0.0]
    assert found.constant


def test_a_tie_is_resolved_without_losing_variance() -> None:
    found = components(spectrum([9, 4, 4, 4]))
    variance = (pca_frame(found) ** 2).sum()
    assert variance == pytest.approx(13)


def test_the_next_frame_separates_what_the_features_separate() -> None:
    """The first features are independent of the classes, the second separate them."""
    first = first_tsne_frame(components(NOISE), 0)
    then = next_tsne_frame(components(BLOBS), first, 0)
    assert neighbour_accuracy(first, LABELS).accuracy < 0.45
    assert neighbour_accuracy(then, LABELS).accuracy > 0.98


@pytest.mark.slow
def test_a_continued_tsne_moves_far_less_than_one_that_starts_anew() -> None:
    found = components(BLOBS)
    first = next_tsne_frame(found, first_tsne_frame(found, 0), 0)
    again = next_tsne_frame(found, first, 0)
    other = first_tsne_frame(components(BLOBS[:, ::-1] + 0.1 * RNG.normal(size=BLOBS.shape)), 0)
    own = alignment.movement(*alignment.align_frames(np.stack([first, again]))).mean()
    assert drift(found, first, 0).mean() == own
    anew = alignment.movement(*alignment.align_frames(np.stack([first, other]))).mean()
    assert own < 0.1
    assert own < anew / 2


def test_the_next_frame_is_deterministic() -> None:
    found = components(BLOBS)
    first = first_tsne_frame(found, 3)
    follow = next_tsne_frame(found, first, 3).tobytes()
    assert follow == next_tsne_frame(components(BLOBS), first, 3).tobytes()


@pytest.mark.parametrize(
    "features",
    [np.zeros((30, 5)), np.full((30, 1), 7.0), np.arange(30.0)[:, None], np.eye(20), BLOBS[:5]],
    ids=["dead", "dead unit", "unit", "eye", "five points"],
)
def test_degenerate_layers_get_a_frame(features: np.ndarray) -> None:
    found = components(features)
    first = first_tsne_frame(found, 0)
    frames = [pca_frame(found), first, next_tsne_frame(found, first, 0)]
    alive = next_tsne_frame(components(BLOBS[: len(features)]), first, 0)
    for frame in (*frames, alive):
        assert frame.shape == (len(features), 2)
        assert np.isfinite(frame).all()


@pytest.mark.slow
def test_tsne_frames_continue_from_layer_to_layer_and_from_epoch_to_epoch() -> None:
    early, late = components(NOISE), components(BLOBS)
    layers = [[early, late, late], [late, early, late]]
    advanced: list[int] = []
    frames = tsne_frames(layers, 0, lambda: advanced.append(1))
    first = first_tsne_frame(early, 0)
    expected = next_tsne_frame(late, first, 0)
    np.testing.assert_array_equal(frames[0][0], first)
    np.testing.assert_array_equal(frames[0][1], expected)
    np.testing.assert_array_equal(frames[0][2], expected)  # equal features do not move
    np.testing.assert_array_equal(frames[1][0], expected)
    np.testing.assert_array_equal(frames[1][1], next_tsne_frame(early, expected, 0))
    assert len(advanced) == 6


def test_components_have_the_same_sign_however_the_features_are_turned() -> None:
    """Another machine may turn a component around; the map must not be mirrored."""
    rng = np.random.default_rng(0)
    for width in (6, 90):
        features = rng.normal(size=(40, width)) * np.linspace(3, 1, width)
        turned = np.linalg.qr(rng.normal(size=(width, width)))[0]
        one, other = (components(each).scores[:, :5] for each in (features, -features @ turned))
        np.testing.assert_allclose(one, other, atol=1e-9)
        assert (one.max(axis=0) >= -one.min(axis=0)).all()
