from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from toy_parts import provenance

from glassnet import findings
from glassnet.contract import Metric, Phase
from glassnet.insight.views.training_curves import training_curves

METRICS = {
    "accuracy": Metric("accuracy", higher_is_better=True, is_share=True),
    "bce": Metric("bce", title="binary cross-entropy"),
}


def curves(
    epochs: int,
    monitor: str = "bce",
    best: int = 1,
    same: bool = False,
    phase: Phase | None = None,
) -> Any:
    accuracy = METRICS["accuracy"]
    metrics = {"epoch": np.arange(1.0, epochs + 1)}
    for part, offset in (("train", 0.0), ("valid", 0.1)):
        metrics[f"{part}_loss"] = np.linspace(1, 0.5, epochs) + offset
        metrics[f"{part}_bce"] = metrics[f"{part}_loss"] * (1 if same else 0.2)
        metrics[f"{part}_accuracy"] = np.linspace(0.5, 0.9, epochs) + offset / 2

    log: Any = SimpleNamespace(
        metrics=metrics,
        headline=accuracy,
        curves=(Metric("loss"), accuracy),
        monitor=METRICS.get(monitor, Metric(monitor)),
        best_epoch=best,
        n_valid=200,
        later_phase=phase,
    )
    (found,) = training_curves(log, provenance)
    return found


@pytest.mark.parametrize("epochs", [1, 2, 30])
def test_any_number_of_epochs(epochs: int, tmp_path: Path) -> None:
    found = curves(epochs, best=epochs)
    assert f"{epochs} of {epochs}" in found.title
    for panel in found.panels:
        assert [series.role for series in panel.series] == ["train", "valid"]
        assert all(len(series.x) == len(series.y) == epochs for series in panel.series)
    assert isinstance(findings.load(findings.save(found, tmp_path)), findings.Curves)


def test_the_mark_is_on_the_validation_curve_at_the_chosen_epoch() -> None:
    for panel in curves(5, best=3).panels:
        assert panel.mark.x == 3
        assert panel.mark.y == panel.series[1].y[2]
    by_label = {panel.y_label: panel.mark.label for panel in curves(5, best=3).panels}
    assert list(by_label) == ["loss", "accuracy (%)", "binary cross-entropy"]
    assert [label.endswith("chosen") for label in by_label.values()] == [False, False, True]


def test_a_line_is_before_the_epochs_that_learned_otherwise() -> None:
    found = curves(5, phase=Phase(4, "the prior is learned"))
    assert {panel.boundary for panel in found.panels} == {3.5}
    assert "From epoch 4 on (vertical line) the prior is learned" in found.summary
    assert {panel.boundary for panel in curves(5).panels} == {None}
    assert "vertical line" not in curves(5).summary


def test_shares_are_in_per_cent() -> None:
    panel = curves(5).panels[1]
    assert panel.y_label == "accuracy (%)"
    assert panel.series[0].y == pytest.approx(np.linspace(50, 90, 5))


def test_a_loss_that_equals_the_monitor_has_one_panel() -> None:
    assert [panel.y_label for panel in curves(3, same=True).panels] == [
        "binary cross-entropy",
        "accuracy (%)",
    ]
    assert [panel.y_label for panel in curves(3, monitor="loss").panels] == ["loss", "accuracy (%)"]


def test_the_summary_has_the_interval_and_the_provenance_the_number() -> None:
    found = curves(4, best=2)
    assert "over 200 examples" in found.summary
    assert "95 % interval" in found.summary
    assert (found.provenance.split, found.provenance.n) == ("valid", 200)
