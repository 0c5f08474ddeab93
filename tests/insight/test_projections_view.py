from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_parts import provenance

from glassnet.contract import Cache, ExplainOptions, Split
from glassnet.drawing.layout import projection_quality
from glassnet.findings import Interval
from glassnet.insight.views import projections as view
from glassnet.stats.intervals import wilson

RNG = np.random.default_rng(0)
LABELS = np.repeat(np.arange(3), 40)
BLOBS = (RNG.normal(size=(120, 8)) + 6 * np.eye(3, 8)[LABELS] * 3).astype(np.float32)


class GivenValues:
    """As much of `contract.Data` and `contract.Model` as `projections` uses.

    All examples are in the subsample; the input equals the first layer.
    """

    class_names = ("a", "b", "c")

    def __init__(self, layers: dict[str, np.ndarray]) -> None:
        self.layers, n = layers, len(next(iter(layers.values())))
        self.test = Split(np.arange(n), np.arange(n) % 3, np.arange(n))

    def subsample(self, n: int, seed: int) -> np.ndarray:
        return np.arange(len(self.test))

    def inputs(self, split: Split) -> Split:
        return split

    def raw_inputs(self, inputs: Split) -> np.ndarray:
        return next(iter(self.layers.values()))

    def activations(self, inputs: Split, layers: Sequence[str]) -> dict[str, np.ndarray]:
        return {layer: self.layers[layer] for layer in layers}


def stored_in(folder: Path) -> Cache:
    """A cache of files."""

    def cache(name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        path = folder / f"{name}.npz"
        if not path.exists():
            np.savez(path, **make())  # type: ignore[arg-type]
        with np.load(path) as stored:
            return dict(stored)

    return cache


PLACES = RNG.normal(size=(240, 2)).astype(np.float32) * (4, 1)
FLAT = np.pad(PLACES, ((0, 0), (0, 3)))
WIDE = 60 * RNG.normal(size=(240, 2))
INNER = np.flatnonzero(np.linalg.norm(WIDE, axis=1) < 60)[:12]
LIFTED = np.concatenate([WIDE, 170 * np.isin(np.arange(240), INNER)[:, None]], axis=1)
"""A plane with twelve points lifted out of it, far from all others."""


def found_in(layers: dict[str, np.ndarray], folder: Path, **options: Any) -> dict[str, Any]:
    explain = ExplainOptions(layers=tuple(layers), points=240, **options)
    given: Any = GivenValues(layers)
    found = view.projections(given, given, stored_in(folder), provenance, explain)
    return {each.name: each for each in found}


def test_a_title_names_a_later_layer_only_if_it_is_measurably_better(tmp_path: Path) -> None:
    labels = np.arange(240) % 3
    good = (RNG.normal(size=(240, 2)) + 20 * np.eye(3)[labels, :2]).astype(np.float32)
    nearly = good.copy()
    nearly[:4] = good[1:5]  # among the points of another class
    bad = RNG.normal(size=(240, 2)).astype(np.float32)

    def title(name: str, **layers: np.ndarray) -> str:
        folder = tmp_path / name
        folder.mkdir()
        return found_in(layers, folder, methods=("pca",))["pca"].title

    assert title("better", a=bad, b=good) == "PCA: the classes separate best at b"
    both = title("two are better", a=bad, b=good, c=nearly)
    assert both == "PCA: the classes separate better at b than at a"
    same = "PCA: no projection separates the classes clearly better than that of a"
    assert title("worse", a=good, b=bad) == "PCA: the classes separate best at a"
    assert title("not measurably better", a=nearly, b=good) == same
    assert title("alone", a=nearly) == ("PCA: 98.3 % of the points lie among their own class at a")


@pytest.mark.slow
def test_every_panel_has_its_quality_scores_and_every_score_a_claim(tmp_path: Path) -> None:
    found = found_in({"flat": FLAT, "cloud": RNG.normal(size=(240, 6))}, tmp_path)
    for method in ("pca", "tsne"):
        for panel in found[method].panels:
            names = list(projection_quality.LABELS)[: 4 if method == "tsne" else 3]
            assert [score.name for score in panel.quality_scores] == names
            for score in panel.quality_scores:
                assert score.formatted in projection_quality.phrase(score)
                assert 0 <= score.low <= score.value <= score.high <= 1
                [claim] = [
                    each
                    for each in found[method].claims
                    if (each.name, each.method, each.layer)
                    == (score.name.replace("_", " "), method, panel.label)
                ]
                assert (claim.value, claim.formatted, claim.n) == (
                    score.value,
                    score.formatted,
                    240,
                )
            assert panel.neighbours_kept.dtype == np.float32
            assert panel.numbers["trustworthiness"] == panel.quality_scores[0].value
    flat = found["pca"].panels[0]
    assert [score.formatted for score in flat.quality_scores] == ["1.000", "1.000", "100.0 %"]
    assert [score.value for score in flat.quality_scores] == pytest.approx([1, 1, 1])
    assert flat.distorted.tolist() == []
    assert projection_quality.legend(flat).startswith("dimmed: 0 of 240 points")
    assert len(found["projection-quality"].rows) == 4
    assert all(
        claim.formatted in found["projection-quality"].summary + found["projection-quality"].title
        for claim in found["projection-quality"].claims
    )


def test_axes_are_named_and_accuracies_have_their_interval(tmp_path: Path) -> None:
    found = found_in({"flat": FLAT, "lifted": LIFTED}, tmp_path, methods=("pca",))
    for panel in found["pca"].panels:
        assert panel.x_label.startswith("component 1 (")
        assert panel.y_label.startswith("component 2 (")
    (table,) = (each for each in found.values() if "95 % interval" in getattr(each, "columns", ()))
    for row in table.rows:
        low, high = wilson(round(row[2] / 100 * 240), 240)
        assert row[3] == Interval(low=100 * low, high=100 * high)


def test_points_outside_the_plane_are_dimmed_and_counted(tmp_path: Path) -> None:
    found = found_in({"lifted": LIFTED}, tmp_path, methods=("pca",))["pca"]
    panel = found.panels[0]
    assert set(panel.distorted.tolist()) <= set(INNER.tolist())
    assert len(panel.distorted) == 8
    assert set(np.argsort(panel.neighbours_kept)[:12]) == set(INNER)
    assert (
        sorted(panel.neighbours_kept[panel.distorted])
        == panel.neighbours_kept[panel.distorted].tolist()
    )
    shares = {claim.name: claim.value for claim in found.claims}
    lost = shares["share of points that lost most of their neighbours"]
    assert lost == len(panel.distorted) / 240
    legend = projection_quality.legend(panel)
    assert legend.startswith(f"dimmed: {len(panel.distorted)} of 240 points")
    assert projection_quality.full_note(panel).endswith(legend)


@pytest.mark.slow
def test_projections_and_qualities_are_cached(tmp_path: Path) -> None:
    layers = {"flat": FLAT}
    first = found_in(layers, tmp_path)
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    second = found_in(layers, tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == files
    assert first["tsne"].panels[0].note == second["tsne"].panels[0].note
    np.testing.assert_array_equal(
        first["tsne"].panels[0].neighbours_kept, second["tsne"].panels[0].neighbours_kept
    )


def test_a_constant_layer_has_quality_scores(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = found_in({"dead": np.zeros((240, 4), np.float32)}, tmp_path)
    for method in ("pca", "tsne"):
        assert [score.value for score in found[method].panels[0].quality_scores[:3]] == [1, 1, 1]
