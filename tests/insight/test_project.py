from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from glassnet.contract import Evidence, Options
from glassnet.errors import UsageError
from glassnet.findings import Examples, Receipt, Told
from glassnet.insight import badge, project
from glassnet.insight.separability import Separability, neighbour_accuracy

RNG = np.random.default_rng(0)
LABELS = np.repeat(np.arange(3), 40)
BLOBS = (RNG.normal(size=(120, 8)) + 6 * np.eye(3, 8)[LABELS] * 3).astype(np.float32)


def test_pca_is_scikit_learns_up_to_sign() -> None:
    from sklearn.decomposition import PCA

    exact = BLOBS.astype(np.float64)
    model = PCA(2, svd_solver="full").fit(exact)
    made = project.pca(BLOBS, seed=0)
    np.testing.assert_allclose(np.abs(made.points), np.abs(model.transform(exact)), atol=1e-3)
    assert made.explained == pytest.approx(tuple(model.explained_variance_ratio_), rel=1e-5)
    assert made.points.dtype == np.float32


def test_pcas_signs_are_unique() -> None:
    """Turning the data about their mean turns the map, which an arbitrary sign would not show."""
    made, turned = project.pca(BLOBS, 0).points, project.pca(-BLOBS, 0).points
    np.testing.assert_allclose(made, -turned, atol=1e-3)


@pytest.mark.parametrize("width", [8, 700])
def test_pca_gives_the_same_bytes_every_time(width: int) -> None:
    features = np.random.default_rng(1).normal(size=(150, width)).astype(np.float32)
    first = project.pca(features, 3).points.tobytes()
    assert all(project.pca(features, 3).points.tobytes() == first for _ in range(3))


def test_components_of_a_wide_layer_are_as_good_as_exact_ones() -> None:
    from sklearn.decomposition import PCA

    features = RNG.normal(size=(400, 300)).astype(np.float32) * np.linspace(5, 0.1, 300)
    scores, shares = project.principal_components(features, 50, 0)
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
def test_odd_layers_get_a_plane_too(method: str, features: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = project.project(features.astype(np.float32), method, seed=0)
    assert made.points.shape == (len(features), 2)
    assert made.points.dtype == np.float32
    assert np.isfinite(made.points).all()
    assert all(0 <= share <= 1.000001 for share in made.explained)


def test_tsne_shows_what_lies_together() -> None:
    points = project.tsne(BLOBS, seed=0).points
    assert neighbour_accuracy(points, LABELS).accuracy > 0.98


def test_tsne_gives_the_same_bytes_in_any_process_with_any_threads(tmp_path: Path) -> None:
    np.save(tmp_path / "features.npy", BLOBS)
    first = project.tsne(BLOBS, seed=5).points
    assert project.tsne(BLOBS, seed=5).points.tobytes() == first.tobytes()
    code = (
        "import os, sys; os.sched_getaffinity = lambda pid: range(4)\n"
        "import numpy as np; from glassnet.insight import project\n"
        "points = project.tsne(np.load(sys.argv[1]), seed=5).points\n"
        "np.save(sys.argv[2], points)\n"
    )
    words = [sys.executable, "-c", code, tmp_path / "features.npy", tmp_path / "points.npy"]
    subprocess.run(words, check=True, env=os.environ | {"OMP_NUM_THREADS": "4"})
    assert np.load(tmp_path / "points.npy").tobytes() == first.tobytes()


def test_a_misspelt_method() -> None:
    with pytest.raises(UsageError, match="no projection 'tnse'") as caught:
        project.project(BLOBS, "tnse", 0)
    assert caught.value.hint == "did you mean tsne?"


def test_a_title_names_a_later_layer_only_where_it_is_better() -> None:
    good, bad = Separability.of_hits(990, 1000, 2), Separability.of_hits(500, 1000, 2)
    verdict = partial(project._verdict, Told())
    assert verdict({"a": bad, "b": good}) == "the classes come apart best at b"
    assert verdict({"a": good, "b": bad}).endswith("better than that of a")
    nearly = Separability.of_hits(988, 1000, 2)
    assert verdict({"a": nearly, "b": good}).endswith("better than that of a")
    assert verdict({"a": good}) == "99.0 % of the points lie among their class at a"


def evidence_of(layers: dict[str, np.ndarray], folder: Path) -> Evidence:
    """What `projections` asks of the evidence, for layers whose values are given."""

    class Given:
        def examples(self, n: int, seed: int) -> Examples:
            labels = np.arange(len(next(iter(layers.values())))) % 3
            unknown: dict[str, Any] = dict.fromkeys(("images", "predicted", "confidence"))
            ids, names = np.arange(len(labels)), ("a", "b", "c")
            return Examples(name="examples", ids=ids, labels=labels, class_names=names, **unknown)

        def activations(self, n: int, seed: int, names: Sequence[str]) -> dict[str, np.ndarray]:
            return layers | {"input": layers[names[0]]}

        def keep(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> Any:
            path = folder / f"{name}.npz"
            if not path.exists():
                np.savez(path, **make())
            with np.load(path) as kept:
                return dict(kept)

        def receipt(self, **what: Any) -> Receipt:
            return Receipt(run="r", checkpoint="", command="", **what)

    return cast("Evidence", Given())


PLACES = RNG.normal(size=(240, 2)).astype(np.float32) * (4, 1)
FLAT = np.pad(PLACES, ((0, 0), (0, 3)))
WIDE = 60 * RNG.normal(size=(240, 2))
INNER = np.flatnonzero(np.linalg.norm(WIDE, axis=1) < 60)[:12]
LIFTED = np.concatenate([WIDE, 170 * np.isin(np.arange(240), INNER)[:, None]], axis=1)
"""A plane above which twelve of its points have only each other for neighbours."""


def found_in(layers: dict[str, np.ndarray], folder: Path, **options: Any) -> dict[str, Any]:
    asked = Options(layers=tuple(layers), points=240, **options)
    return {each.name: each for each in project.projections(evidence_of(layers, folder), asked)}


def test_every_panel_carries_its_badge_and_every_number_its_record(tmp_path: Path) -> None:
    found = found_in({"flat": FLAT, "cloud": RNG.normal(size=(240, 6))}, tmp_path)
    for method in ("pca", "tsne"):
        for panel in found[method].panels:
            assert [gauge.label for gauge in panel.gauges] == list(badge.LABELS.values())
            for gauge in panel.gauges:
                assert gauge.phrase in panel.note
                assert gauge.words in gauge.phrase
                assert 0 <= gauge.low <= gauge.value <= gauge.high <= 1
                [record] = [
                    claim
                    for claim in found[method].claims
                    if claim.what == f"{gauge.label}, {project.NAMES[method]} of {panel.label}"
                ]
                assert (record.value, record.words, record.n) == (gauge.value, gauge.words, 240)
            assert panel.kept.dtype == np.float32
            assert panel.numbers["trustworthiness"] == panel.gauges[0].value
    flat = found["pca"].panels[0]
    assert [gauge.value for gauge in flat.gauges] == pytest.approx([1, 1, 1, 1])
    assert (flat.distorted.tolist(), flat.distorted_label) == ([], "")
    assert len(found["trust"].rows) == 4
    assert all(
        claim.words in found["trust"].reading + found["trust"].title
        for claim in found["trust"].claims
    )


def test_points_that_leave_the_plane_are_dimmed_and_counted(tmp_path: Path) -> None:
    panel = found_in({"lifted": LIFTED}, tmp_path, methods=("pca",))["pca"].panels[0]
    assert set(panel.distorted.tolist()) <= set(INNER.tolist())
    assert len(panel.distorted) >= 5
    assert set(np.argsort(panel.kept)[:12]) == set(INNER)
    assert sorted(panel.kept[panel.distorted]) == panel.kept[panel.distorted].tolist()
    assert panel.distorted_label.startswith(f"dimmed: {len(panel.distorted)} of 240 points")
    assert panel.note.endswith(panel.distorted_label)


def test_badges_are_made_once_and_kept(tmp_path: Path) -> None:
    layers = {"flat": FLAT}
    first = found_in(layers, tmp_path)
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    second = found_in(layers, tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files
    assert first["tsne"].panels[0].note == second["tsne"].panels[0].note
    np.testing.assert_array_equal(first["tsne"].panels[0].kept, second["tsne"].panels[0].kept)


def test_a_dead_layer_has_a_badge_too(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = found_in({"dead": np.zeros((240, 4), np.float32)}, tmp_path)
    for method in ("pca", "tsne"):
        assert [gauge.value for gauge in found[method].panels[0].gauges[:3]] == [1, 1, 1]
