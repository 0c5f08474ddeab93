from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from glassnet.errors import UsageError
from glassnet.insight.measures import projections
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy

RNG = np.random.default_rng(0)
LABELS = np.repeat(np.arange(3), 40)
BLOBS = (RNG.normal(size=(120, 8)) + 6 * np.eye(3, 8)[LABELS] * 3).astype(np.float32)


def test_pca_equals_scikit_learns_up_to_sign() -> None:
    from sklearn.decomposition import PCA

    exact = BLOBS.astype(np.float64)
    model = PCA(2, svd_solver="full").fit(exact)
    made = projections.pca(BLOBS, seed=0)
    np.testing.assert_allclose(np.abs(made.points), np.abs(model.transform(exact)), atol=1e-3)
    assert made.explained == pytest.approx(tuple(model.explained_variance_ratio_), rel=1e-5)
    assert made.points.dtype == np.float32


def test_the_signs_of_pca_are_unique() -> None:
    """Mirroring the data mirrors the projection, which an arbitrary sign would not show."""
    made, mirrored = projections.pca(BLOBS, 0).points, projections.pca(-BLOBS, 0).points
    np.testing.assert_allclose(made, -mirrored, atol=1e-3)


@pytest.mark.parametrize("width", [8, 700])
def test_pca_is_deterministic(width: int) -> None:
    features = np.random.default_rng(1).normal(size=(150, width)).astype(np.float32)
    first = projections.pca(features, 3).points.tobytes()
    assert all(projections.pca(features, 3).points.tobytes() == first for _ in range(3))


def test_components_of_a_wide_layer_explain_as_much_as_exact_ones() -> None:
    from sklearn.decomposition import PCA

    features = RNG.normal(size=(400, 300)).astype(np.float32) * np.linspace(5, 0.1, 300)
    scores, shares = projections.principal_components(features, 50, 0)
    exact = PCA(50, svd_solver="full").fit(features)
    assert scores.shape == (400, 50)
    assert shares.sum() > 0.99 * exact.explained_variance_ratio_.sum()


@pytest.mark.parametrize("method", ["pca", "tsne"])
@pytest.mark.parametrize(
    "features",
    [
        np.zeros((30, 5)),
        np.full((30, 1), 7.0),
        np.arange(30.0)[:, None],
        np.repeat([[0.0, 1.0], [5.0, 5.0]], 15, axis=0),
        np.pad(np.arange(30.0)[:, None], ((0, 0), (0, 60))),
        np.eye(20),
        RNG.normal(size=(20, 2000)),
        RNG.normal(size=(5, 3)),
    ],
    ids=["dead", "dead unit", "unit", "two places", "line", "eye", "wide", "five points"],
)
def test_degenerate_layers_get_a_projection(method: str, features: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = projections.project(features.astype(np.float32), method, seed=0)
    assert made.points.shape == (len(features), 2)
    assert made.points.dtype == np.float32
    assert np.isfinite(made.points).all()
    assert all(0 <= share <= 1.000001 for share in made.explained)


def test_tsne_separates_separate_groups() -> None:
    points = projections.tsne(BLOBS, seed=0).points
    assert neighbour_accuracy(points, LABELS).accuracy > 0.98


def test_a_random_start_is_not_the_one_from_pca() -> None:
    """Stability compares two random starts: from the same start both would be alike."""
    from_pca = projections.SINGLE_THREADED["tsne"](BLOBS, 0).points
    first, other = (projections.RANDOM_START["tsne"](BLOBS, seed) for seed in (0, 1))
    assert not np.allclose(first, from_pca)
    assert not np.allclose(first, other)


@pytest.mark.slow
def test_tsne_gives_the_same_bytes_in_any_process_with_any_number_of_threads(
    tmp_path: Path,
) -> None:
    np.save(tmp_path / "features.npy", BLOBS)
    first = projections.tsne(BLOBS, seed=5).points
    assert projections.tsne(BLOBS, seed=5).points.tobytes() == first.tobytes()
    code = (
        "import os, sys; os.sched_getaffinity = lambda pid: range(4)\n"
        "import numpy as np; from glassnet.insight.measures import projections\n"
        "points = projections.tsne(np.load(sys.argv[1]), seed=5).points\n"
        "np.save(sys.argv[2], points)\n"
    )
    words: list[str | Path] = [
        sys.executable,
        "-c",
        code,
        tmp_path / "features.npy",
        tmp_path / "points.npy",
    ]
    subprocess.run(words, check=True, env=os.environ | {"OMP_NUM_THREADS": "4"})
    assert np.load(tmp_path / "points.npy").tobytes() == first.tobytes()


def test_a_misspelt_method_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="unknown projection 'tnse'") as caught:
        projections.project(BLOBS, "tnse", 0)
    assert caught.value.hint == "did you mean tsne?"
