"""Findings over several seeds, recomputed here from the seeds' own numbers."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
import pytest
from known_maps import known_map
from sentences import unclaimed_in, values_of

from glassnet.contract import Metric
from glassnet.findings import Curves, Finding, Interval, Table
from glassnet.insight.measures.probe_map import ProbeMap
from glassnet.insight.views.seed_curves import seed_curves
from glassnet.insight.views.seed_evidence import GroupEvidence, SeedEvidence
from glassnet.insight.views.seed_results import seed_results
from glassnet.insight.views.seed_separation import seed_separation

ACCURACIES = {0: 0.91, 3: 0.93, 7: 0.98}

CLEAR = [[0.5, 0.5, 0.5], [0.3, 0.6, 0.62], [0.4, 0.978, 0.98], [0.3, 0.97, 0.978]]
"""Accuracies of the input and three layers in three epochs: layer 2 separates from epoch 1."""

LATER = [[0.5, 0.5, 0.5], [0.3, 0.6, 0.62], [0.4, 0.6, 0.65], [0.3, 0.6, 0.96]]
"""Layer 3 separates, from epoch 2 on."""

INPUT_IS_BEST = [[0.9, 0.9, 0.9], [0.3, 0.6, 0.62], [0.4, 0.6, 0.65], [0.3, 0.6, 0.7]]


def seed(accuracy: float = 0.9, epochs: int = 3, probe_map: ProbeMap | None = None) -> SeedEvidence:
    rising = np.linspace(accuracy - 0.2, accuracy, epochs)
    return SeedEvidence(
        metrics={
            "epoch": np.arange(1.0, epochs + 1),
            "train_loss": 1 - rising,
            "valid_loss": 1.1 - rising,
            "train_accuracy": rising,
            "valid_accuracy": rising - 0.01,
        },
        best_epoch=epochs,
        test_results={
            "headline": "accuracy",
            "accuracy": accuracy,
            "negative_log_likelihood": 1 - accuracy,
            "numbers": [["Test accuracy", f"{100 * accuracy:.2f} %", ""]],
        },
        probe_map=probe_map,
    )


def group(seeds: dict[int, SeedEvidence], **changes: Any) -> GroupEvidence:
    accuracy = Metric("accuracy", higher_is_better=True, is_share=True)
    fields: dict[str, Any] = {
        "name": "five",
        "command": "glassnet explain five",
        "seed": 0,
        "seeds": seeds,
        "curves": (Metric("loss"), accuracy),
        "headline": accuracy,
        "n_valid": 100,
        "n_test": 1000,
        "layers": ("layer 1", "layer 3"),
    }
    return GroupEvidence(**fields | changes)


def known(*maps: list[list[float]]) -> GroupEvidence:
    return group({k: seed(probe_map=known_map(each)) for k, each in enumerate(maps)})


def table_of(findings: list[Finding], name: str) -> Table:
    (found,) = (each for each in findings if each.name == name)
    assert isinstance(found, Table)
    return found


def test_every_seed_is_a_point_beside_mean_and_interval() -> None:
    points, table = seed_results(group({k: seed(value) for k, value in ACCURACIES.items()}))
    values = [100 * value for value in ACCURACIES.values()]
    mean, sd = statistics.fmean(values), statistics.stdev(values)
    half = 4.302653 * sd / 3**0.5  # t of 0.975 with two degrees of freedom
    assert isinstance(points, Curves)
    line, drawn = points.panels[0].series
    np.testing.assert_allclose(drawn.y, values)
    assert drawn.x.tolist() == [0, 3, 7]
    assert drawn.points
    np.testing.assert_allclose(line.y, mean)
    assert line.low is not None
    np.testing.assert_allclose(line.low, mean - half, rtol=1e-6)
    assert points.title == (
        f"Test accuracy is {mean:.2f} % on average, with a standard deviation of {sd:.2f} points "
        "over 3 seeds"
    )
    claims = values_of(points)
    assert claims["standard deviation of test accuracy over seeds"] == pytest.approx(sd)
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows[:4]] == ["seed 0", "seed 3", "seed 7", "mean"]
    assert table.rows[4][1] == pytest.approx(sd)
    assert [row[1] for row in table.rows[5:]] == pytest.approx([mean - half, 100])
    assert table.title == "Test accuracy ranges from 91.00 % to 98.00 % over 3 seeds"
    assert unclaimed_in(points) == unclaimed_in(table) == set()


def test_large_seeds_are_drawn_in_their_order() -> None:
    points, _ = seed_results(group({1_000_000: seed(0.9), 4: seed(0.8)}))
    assert isinstance(points, Curves)
    assert points.x_label == "seeds 1000000, 4"
    assert points.panels[0].series[1].x.tolist() == [1, 2]


def test_one_seed_has_no_spread() -> None:
    alone = group({0: seed(probe_map=known_map(CLEAR))})
    for view in (seed_results, seed_curves, seed_separation):
        assert list(view(alone)) == []


def test_curves_have_the_mean_of_the_epochs_that_all_seeds_have() -> None:
    (curves,) = seed_curves(group({0: seed(0.9, epochs=3), 1: seed(0.8, epochs=5)}))
    *faint, train, valid = curves.panels[1].series
    assert [len(each.x) for each in faint] == [3, 5, 3, 5]
    assert all(each.faint for each in faint)
    assert valid.x.tolist() == [1, 2, 3]
    np.testing.assert_allclose(valid.y, (faint[2].y + faint[3].y[:3]) / 2)
    assert valid.low is not None
    spread = np.abs(faint[2].y - faint[3].y[:3]) / 2**0.5
    np.testing.assert_allclose(valid.y - valid.low, spread)
    assert train.role == "train"
    assert "84.00 % on average, with a standard deviation of 7.07 points" in curves.title
    assert "epochs 3 to 5" in curves.summary
    assert unclaimed_in(curves) == set()


@pytest.mark.parametrize(
    ("maps", "title"),
    [
        ((CLEAR, CLEAR), "In all 2 seeds, the classes separate at layer 2 by epoch 1"),
        (
            (CLEAR, LATER, CLEAR),
            "In all 3 seeds, the classes separate somewhere from layer 2 to layer 3",
        ),
        ((LATER, LATER), "In all 2 seeds, the classes separate at layer 3 by epoch 2"),
        (
            (CLEAR, INPUT_IS_BEST),
            "A layer separates the classes clearly better than the raw input in 1 of 2 seeds",
        ),
        (
            (INPUT_IS_BEST, INPUT_IS_BEST),
            "A layer separates the classes clearly better than the raw input in none of 2 seeds",
        ),
    ],
)
def test_the_title_claims_what_holds_in_every_seed(
    maps: tuple[list[list[float]], ...], title: str
) -> None:
    findings = list(seed_separation(known(*maps)))
    table = table_of(findings, "seed-separation")
    assert table.title == title
    assert len(table.rows) == len(maps)
    for finding in findings:
        assert unclaimed_in(finding, ("layer 1", "layer 2", "layer 3")) == set()


def test_each_seed_has_its_layer_and_epoch() -> None:
    table, curves = seed_separation(known(CLEAR, LATER))
    assert isinstance(table, Table)
    assert [row[:3] for row in table.rows] == [("seed 0", "layer 2", 1), ("seed 1", "layer 3", 2)]
    probe = table.rows[0][3]
    assert isinstance(probe, Interval)
    assert probe.value == pytest.approx(97.8)
    assert isinstance(curves, Curves)
    means = [each for each in curves.panels[0].series if not each.faint]
    assert [each.label for each in means] == ["input", "layer 1", "layer 3"]
    np.testing.assert_allclose(means[2].y, [30, 78.5, 96.9])


def test_epochs_over_seeds_are_a_range() -> None:
    early = [*CLEAR[:2], [0.98, 0.98, 0.98], CLEAR[3]]
    table, _ = seed_separation(known(CLEAR, early))
    assert "separate from epoch 0 to epoch 1 on" in table.summary
    assert table.title.endswith("at layer 2 by epoch 1")


def test_without_probes_nothing_is_said_of_layers() -> None:
    assert list(seed_separation(group({0: seed(), 1: seed()}))) == []
