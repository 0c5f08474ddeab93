"""A run whose network is calibrated: the same probabilities wherever it predicts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_copies import copy_run
from sentences import values_of
from shared_folders import run_made_once
from toy_parts import findings_of

import glassnet as gn
from glassnet import formats, progress
from glassnet.errors import RunError, VerificationError
from glassnet.insight import views
from glassnet.runs.folder import Run

OPTIONS: dict[str, Any] = {
    "data": "digits", "valid_fraction": 0.25, "label_smoothing": 0.2, "epochs": 3, "batch_size": 50,
    "channels": (8, 16, 16), "device": "cpu", "threads": 1, "seed": 1,
}  # fmt: skip


@pytest.fixture
def run(digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A copy of a run with smoothed labels and 300 validation examples."""

    def make(runs: Path) -> None:
        with progress.silenced():
            gn.train("cnn", runs=runs, **OPTIONS)

    return Run.open(copy_run(run_made_once("calibrated", make, tmp_path_factory), tmp_path))


@pytest.fixture
def loaded(run: Run) -> gn.TrainedRun:
    return gn.load(run.path)


def uncalibrated(loaded: gn.TrainedRun, images: np.ndarray) -> np.ndarray:
    model = loaded.model
    return model.uncalibrated(model.inputs_of(images))["probabilities"].numpy()


def test_the_temperature_is_in_run_json_and_improves_the_results(run: Run) -> None:
    assert run.info["calibration"]["n"] == 300
    assert run.info["calibration"]["temperature"] < 0.9
    assert run.info["status"] == "finished"
    test = run.info["results"]["test"]
    before = test["uncalibrated"]
    assert before["confidence_gap"] < -0.08
    assert abs(test["confidence_gap"]) < abs(before["confidence_gap"]) / 2
    assert test["calibration_error"] < before["calibration_error"] / 2
    assert test["negative_log_likelihood"] < before["negative_log_likelihood"]
    (row,) = (row for row in test["numbers"] if row[0] == "Calibration error")
    assert row[1] == f"{100 * test['calibration_error']:.2f} points"
    assert f"{100 * before['calibration_error']:.2f} before calibration" in row[2]


def test_predictions_are_the_same_in_a_run_a_model_folder_and_an_onnx_file(
    loaded: gn.TrainedRun, tmp_path: Path
) -> None:
    images = loaded.data.test.inputs
    own, expected = uncalibrated(loaded, images), loaded.predict_proba(images)
    powers = own.astype(float) ** (1 / loaded.model.calibration.temperature)
    np.testing.assert_allclose(expected, powers / powers.sum(axis=1, keepdims=True), rtol=1e-4)
    np.testing.assert_array_equal(own.argmax(axis=1), expected.argmax(axis=1))
    np.testing.assert_array_equal(loaded.model.predictions["probabilities"], expected)
    folder = gn.load(loaded.save(tmp_path / "model"))
    np.testing.assert_array_equal(folder.predict_proba(images), expected)
    assert "calibrated by a temperature of" in (tmp_path / "model" / "README.md").read_text()
    metadata = loaded.export(tmp_path / "model.onnx")
    assert metadata.provenance["calibration"] == loaded.info["calibration"]
    exported = gn.load(tmp_path / "model.onnx").predict_proba(images)
    np.testing.assert_allclose(exported, expected, atol=1e-5)


def test_a_folder_with_a_damaged_temperature_is_refused(
    loaded: gn.TrainedRun, tmp_path: Path
) -> None:
    folder = loaded.save(tmp_path / "model")
    info = json.loads((folder / "config.json").read_text())
    for damaged in ({"temperature": 0, "n": 300}, {"temperature": "1"}, [1.0]):
        content = formats.json_with_checksum(info | {"calibration": damaged}, indent=2)
        (folder / "config.json").write_bytes(content)
        with pytest.raises(RunError, match="calibration is damaged"):
            gn.load(folder)


def test_the_cached_predictions_fit_any_temperature(run: Run) -> None:
    """An explanation during training has cached them before there is a temperature."""
    run.update(calibration={"temperature": 1.0, "n": 0})
    early = gn.load(run.path)
    images = early.data.test.inputs
    np.testing.assert_allclose(
        early.model.predictions["probabilities"], uncalibrated(early, images), atol=1e-6
    )
    run.update(calibration={"temperature": 0.5, "n": 300})
    late = gn.load(run.path)
    np.testing.assert_allclose(
        late.model.predictions["probabilities"], late.predict_proba(images), atol=1e-6
    )


def test_an_altered_temperature_is_found(run: Run, cheap_views: None, undrawn: list[str]) -> None:
    with progress.silenced():
        gn.load(run.path).explain(points=40, methods=["pca"], layers=["pool2"])
        assert gn.load(run.path).verify().claims
        run.reload()
        run.update(calibration=run.info["calibration"] | {"temperature": 0.7})
        with pytest.raises(VerificationError, match=r"calibration\.temperature is 0\.7"):
            gn.load(run.path).verify()


def test_a_resumed_training_fits_the_same_temperature(run: Run) -> None:
    """It was killed after the last epoch and before the temperature was written."""
    expected = run.info["calibration"]
    with run.editing() as info:
        del info["calibration"], info["results"]
        info["status"] = "training"
    with progress.silenced():
        resumed = gn.resume(gn.load(run.path).run)
    assert resumed.info["calibration"] == expected
    assert resumed.info["status"] == "finished"


def test_the_diagram_shows_both_and_says_why(loaded: gn.TrainedRun) -> None:
    (curves,) = findings_of(views.load("reliability_diagram"), loaded.evidence)
    before, after = curves.panels[0].series
    assert (before.label, after.label) == ("before calibration", "calibrated")
    assert before.low is not None
    assert after.low is not None
    np.testing.assert_allclose(before.y, after.y, atol=10)  # the order may differ within classes
    assert "underconfident by" in curves.summary
    assert "because of label smoothing" in curves.summary
    assert "300 validation examples" in curves.summary
    values = values_of(curves)
    assert values["temperature"] == loaded.model.calibration.temperature
    gap = loaded.results["test"]["uncalibrated"]["confidence_gap"]
    assert values["confidence less accuracy before calibration (points)"] == pytest.approx(
        100 * gap
    )


def test_the_scores_say_what_was_fitted(loaded: gn.TrainedRun) -> None:
    (table,) = findings_of(views.load("scores"), loaded.evidence)
    rows = {name: (value, meaning) for name, value, meaning in table.rows}
    assert "before calibration" in rows["negative log-likelihood"][1]
    assert rows["temperature"][1].endswith("fitted on 300 validation examples")


def test_few_validation_examples_leave_the_network_as_it_is(trained: Run) -> None:
    loaded = gn.load(trained.path)
    n = trained.info["data"]["valid"]
    assert trained.info["calibration"] == {"temperature": 1.0, "n": n}
    assert "uncalibrated" not in trained.info["results"]["test"]
    (curves,) = findings_of(views.load("reliability_diagram"), loaded.evidence)
    assert f"the {n} validation examples are fewer than 200" in curves.summary
    (table,) = findings_of(views.load("scores"), loaded.evidence)
    note = f"not fitted: {n} validation examples are fewer than 200"
    assert table.rows[-1] == ("temperature", "1", note)
