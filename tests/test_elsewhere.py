"""Tests of a run on another data set and on altered copies of its test set."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, call, done, refused, write_table
from PIL import Image

import glassnet as gn
from glassnet import findings
from glassnet.errors import UsageError
from glassnet.runs.folder import Run
from glassnet.stats.comparisons import unpaired_difference

pytestmark = pytest.mark.slow


def save_images(folder: Path, images: np.ndarray, names: list[str]) -> Path:
    for k, (image, name) in enumerate(zip(images, names, strict=True)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / name / f"{k:04}.png")
    return folder


@pytest.fixture
def other(verifiable: Run, tmp_path: Path) -> Path:
    """Training digits without the 9, and with 8 called `eight`, which the network does not know."""
    train = gn.load(verifiable.path).data.train.take(np.arange(200))
    chosen = train.labels != 9
    names = ["eight" if label == 8 else str(label) for label in train.labels[chosen]]
    return save_images(tmp_path / "other", train.inputs[chosen], names)


def test_the_other_data_are_measured_beside_the_own(
    verifiable: Run, other: Path, capsys: Capture, undrawn: list[str]
) -> None:
    own = json.loads(json.dumps(verifiable.info["results"]))
    out, _ = done(capsys, "evaluate", verifiable.path, "--data", other)
    run = gn.load(verifiable.path)
    (results,) = run.info["other_data"].values()

    files = [path for path in sorted(other.rglob("*.png")) if path.parent.name != "eight"]
    images = np.stack([np.asarray(Image.open(path)) for path in files])
    right = run.predict(images) == [int(path.parent.name) for path in files]
    scores = results["scores"]
    assert (scores["n"], scores["errors"]) == (len(files), int((~right).sum()))
    assert results["unknown"] == {"eight": len([*(other / "eight").iterdir()])}
    assert results["missing"] == ["8", "9"]
    assert results["part"] == "all"
    test = own["test"]
    expected = unpaired_difference(
        int(right.sum()), len(files), test["n"] - test["errors"], test["n"]
    )
    assert results["difference"]["value"] == pytest.approx(expected.value)
    assert (results["difference"]["low"], results["difference"]["high"]) == pytest.approx(
        (expected.low, expected.high)
    )
    assert run.results == own, "the run's own results stay"
    assert "classes that the network does not know: eight" in out
    assert "It has no examples of 8, 9" in out

    shown, _ = done(capsys, "show", verifiable.path)
    assert f"Accuracy on other {100 * scores['accuracy']:.2f} %" in " ".join(shown.split())
    key = f"other-data-{results['fingerprint'][:8]}"
    names = {key, f"{key}-confusion-matrix", f"{key}-reliability-diagram"}
    assert names <= {path.stem for path in verifiable.findings.glob("*.json")}
    assert names == set(undrawn)
    heatmap = findings.load(verifiable.findings / f"{key}-confusion-matrix.json")
    assert isinstance(heatmap, findings.Heatmap)
    assert np.trace(heatmap.values) == right.sum()


def test_what_was_measured_elsewhere_is_reported_and_verified(
    verifiable: Run, other: Path, capsys: Capture, undrawn: list[str]
) -> None:
    run = gn.load(verifiable.path)
    run.evaluate_on(other)
    run.evaluate_shifts()
    page = run.report().read_text(encoding="utf-8")
    assert "On other data" in page
    assert "strength of the alteration" in page
    n = run.verify().findings
    assert n == len([*verifiable.findings.glob("*.json")])
    (other / "0" / next((other / "0").iterdir()).name).unlink()
    code, _, err = call(capsys, "report", verifiable.path, "--verify")
    assert code == 1
    assert "the fingerprint of its data" in err
    for path in sorted(other.rglob("*.png")):
        path.unlink()
    assert gn.load(verifiable.path).verify().findings == n, "what is gone is said and left out"


def test_a_test_split_is_taken_alone_and_images_are_scaled(
    trained: Run, tmp_path: Path, capsys: Capture, undrawn: list[str]
) -> None:
    train = gn.load(trained.path).data.train.take(np.arange(60))
    doubled = train.inputs.repeat(2, axis=1).repeat(2, axis=2)
    names = [f"{'test' if k < 40 else 'train'}/{label}" for k, label in enumerate(train.labels)]
    folder = save_images(tmp_path / "large", np.stack([doubled] * 3, axis=-1), names)
    out, err = done(capsys, "evaluate", trained.path, "--data", folder, "--json")
    results = json.loads(out)
    assert (results["part"], results["scores"]["n"]) == ("test", 40)
    assert "images of 56 × 56 pixels" in err
    same = gn.load(trained.path).predict(train.inputs[:40]) == train.labels[:40]
    assert results["scores"]["errors"] == pytest.approx((~same).sum(), abs=2)


def test_data_without_a_class_in_common_are_refused(
    trained: Run, tmp_path: Path, capsys: Capture
) -> None:
    images = np.random.default_rng(0).integers(0, 255, (20, 28, 28)).astype(np.uint8)
    folder = save_images(tmp_path / "pets", images, ["cat", "dog"] * 10)
    message, hint = refused(capsys, "evaluate", trained.path, "--data", folder)
    assert "none of its classes is one of the network's: cat, dog" in message
    assert "0, 1, 2" in hint
    message, _ = refused(capsys, "evaluate", trained.path, "--data", folder, "--shifts")
    assert "none of its classes" in message


def test_the_own_data_are_no_other_data(trained: Run, digits: str) -> None:
    run = gn.load(trained.path)
    assert run.other_data(digits) is None
    with pytest.raises(UsageError, match="was trained on"):
        run.evaluate_on(digits)


def test_texts_are_tested_elsewhere_and_altered(
    text_classifier: Run, tmp_path: Path, capsys: Capture, undrawn: list[str]
) -> None:
    run = gn.load(text_classifier.path)
    names, test = run.class_names, run.data.test
    rows = [("text", "label")]
    rows += [
        (f"{text} indeed", names[label])
        for text, label in zip(test.inputs, test.labels, strict=True)
    ]
    path = write_table(tmp_path / "new.csv", rows)
    done(capsys, "evaluate", run.path, "--data", path)
    (results,) = gn.load(run.path).info["other_data"].values()
    assert 0 < results["scores"]["n"] <= len(test)
    out, _ = done(capsys, "evaluate", run.path, "--shifts")
    assert "words missing" in out
    curves = findings.load(run.run.findings / "shifts.json")
    assert isinstance(curves, findings.Curves)
    assert [series.label for series in curves.panels[0].series] == [
        *("words missing", "typos", "words swapped", "end missing")
    ]
