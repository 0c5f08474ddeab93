"""ROC curve, reliability diagram, and accuracy by length."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentences import unclaimed_in, values_of
from toy_parts import findings_of
from toy_predictions import CASES, SOME, predicting
from toy_text import THREE, Bag, split_of, text_classifier

from glassnet import findings
from glassnet.inference.classification import prediction
from glassnet.insight.views import accuracy_by_length, reliability_diagram, roc_curve
from glassnet.stats.intervals import wilson


def drawn(n: int, classes: int, seed: int, sharpness: float = 1.0) -> Any:
    """Examples whose classes come true as often as their probabilities say, at sharpness 1."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (n, classes))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = [int(random.choice(classes, p=row)) for row in probabilities]
    sharp = np.exp(sharpness * logits)
    toy = predicting(labels, labels, tuple(f"class {c}" for c in range(classes)))
    toy.model.predictions["probabilities"][:] = sharp / sharp.sum(axis=1, keepdims=True)
    return toy


def test_the_roc_curve_and_its_area_agree_with_scikit_learn() -> None:
    from sklearn.metrics import auc, roc_auc_score

    toy = drawn(3000, 2, 0)
    (curves,) = findings_of(roc_curve.roc_curve, toy)
    area = roc_auc_score(toy.data.test.labels, toy.model.predictions["probabilities"][:, 1])
    assert f"area under the ROC curve, {area:.4f}," in curves.summary
    assert f"in {100 * area:.2f} % of the pairs" in curves.title
    (line,) = curves.panels[0].series
    assert auc(line.x / 100, line.y / 100) == pytest.approx(area, abs=2e-3)
    assert len(line.x) <= roc_curve.POINTS + 1
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0, 0, 100, 100)
    assert curves.diagonal


def test_the_mark_is_at_the_decision_threshold() -> None:
    toy = drawn(500, 2, 1)
    (curves,) = findings_of(roc_curve.roc_curve, toy)
    predicted, labels = prediction(toy.data, toy.model).predicted, toy.data.test.labels
    mark = curves.panels[0].mark
    assert mark.x == pytest.approx(100 * predicted[labels == 0].mean())
    assert mark.y == pytest.approx(100 * predicted[labels == 1].mean())


def test_more_classes_are_averaged_one_against_the_rest() -> None:
    from sklearn.metrics import roc_auc_score

    toy = drawn(2000, 4, 2)
    curves, table = findings_of(roc_curve.roc_curve, toy)
    labels, probabilities = toy.data.test.labels, toy.model.predictions["probabilities"]
    macro = roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
    assert f"{macro:.4f}" in curves.summary
    assert "the mean over 4 classes" in curves.summary
    for c, row in enumerate(table.rows):
        assert row[2] == pytest.approx(roc_auc_score(labels == c, probabilities[:, c]))
        assert row[1] == (labels == c).sum()
    (line,) = curves.panels[0].series
    assert np.trapezoid(line.y, line.x) / 1e4 == pytest.approx(macro, abs=3e-3)


@pytest.mark.parametrize("is_hard", [True, False])
def test_the_smallest_area_is_named_and_in_the_title_if_a_test_says_so(is_hard: bool) -> None:
    toy = drawn(300, 5, 6)
    if is_hard:  # scores of one class that say nothing
        toy.model.predictions["probabilities"][:, 2] = np.random.default_rng(0).random(300)
    _, table = findings_of(roc_curve.roc_curve, toy)
    name, _, area, _ = min(table.rows, key=lambda row: row[2])
    assert area < max(row[2] for row in table.rows)
    assert table.title.startswith(f"{name} is the hardest class") is is_hard
    values = values_of(table)
    assert values[f"AUC of {name}"] == area
    assert values["mean AUC"] == pytest.approx(np.mean([row[2] for row in table.rows]))


def test_calibrated_probabilities_lie_on_the_diagonal() -> None:
    (curves,) = findings_of(reliability_diagram.reliability_diagram, drawn(20_000, 3, 3))
    (line,) = curves.panels[0].series
    np.testing.assert_allclose(line.x, line.y, atol=3)
    assert len(line.x) == 10
    assert abs(values_of(curves)["confidence less accuracy (points)"]) < 1
    assert curves.title.startswith("Confidence is not clearly off on average")
    assert not curves.stands_out
    assert line.low is not None
    assert line.high is not None
    assert ((line.low < line.y) & (line.y < line.high)).all()


@pytest.mark.parametrize(("sharpness", "word"), [(2.5, "Overconfident"), (0.4, "Underconfident")])
def test_overconfidence_is_distinguished_from_underconfidence(sharpness: float, word: str) -> None:
    toy = drawn(5000, 2, 4, sharpness)
    (curves,) = findings_of(reliability_diagram.reliability_diagram, toy)
    assert curves.title.startswith(f"{word} by ")
    assert curves.stands_out
    reply = prediction(toy.data, toy.model)
    sure, right = reply.probabilities.max(axis=1), reply.predicted == reply.split.labels
    gap = 100 * abs(sure.mean() - right.mean())
    assert f"by {gap:.1f} points on average" in curves.title


def test_the_calibration_error_is_the_mean_gap_of_the_bins() -> None:
    toy = drawn(1000, 3, 5, 2.0)
    (curves,) = findings_of(reliability_diagram.reliability_diagram, toy)
    (line,) = curves.panels[0].series
    assert f"{np.abs(line.x - line.y).mean():.2f} points over 10 bins" in curves.summary


def test_each_text_is_in_one_length_group() -> None:
    toy = text_classifier()
    groups = accuracy_by_length.length_groups(toy.data, toy.model, toy.cache)
    assert len(groups) == 6
    assert sum(group.n for group in groups) == len(toy.data.test)
    assert [group.n for group in groups] == [54, 46, 53, 50, 55, 42]
    assert all(a.longest < b.shortest for a, b in pairwise(groups))
    reply = prediction(toy.data, toy.model)
    right = int((reply.predicted == reply.split.labels).sum())
    assert sum(group.right for group in groups) == right


def test_the_table_and_the_curve_show_the_groups() -> None:
    toy = text_classifier()
    curves, table = findings_of(accuracy_by_length.accuracy_by_length, toy)
    groups = accuracy_by_length.length_groups(toy.data, toy.model, toy.cache)
    accuracy, confidence = curves.panels[0].series
    np.testing.assert_allclose(accuracy.y, [100 * group.accuracy for group in groups])
    np.testing.assert_allclose(confidence.x, [group.median for group in groups])
    for group, row in zip(groups, table.rows, strict=True):
        low, high = wilson(group.right, group.n)
        assert row[0] == f"{group.shortest} to {group.longest}"
        assert row[3] == findings.Interval(low=100 * low, high=100 * high)
    gaps = confidence.y - accuracy.y
    assert f"{gaps[np.abs(gaps).argmax()]:+.1f} points" in table.title


@pytest.mark.parametrize(("confidence", "is_off"), [(0.5, False), (0.9, True)])
def test_confidence_is_off_by_length_only_if_a_test_says_so(
    confidence: float, is_off: bool
) -> None:
    """Of classes drawn at random, half are right at any length."""
    random, written = np.random.default_rng(0), text_classifier().data.test.inputs.tolist()
    toy = text_classifier(test=split_of(written, random.integers(0, 2, len(written)).tolist()))
    predicted = random.integers(0, 2, len(written))
    rows = np.where(predicted[:, None] == np.arange(2), confidence + 1e-6, 1 - confidence)
    toy.model.predictions["probabilities"] = rows.astype(np.float32)
    _, table = findings_of(accuracy_by_length.accuracy_by_length, toy)
    assert table.title.startswith("Confidence is not clearly off") is not is_off


def test_texts_of_one_length_are_one_group() -> None:
    toy = text_classifier(test=split_of(["good film", "bad film", "..."], [1, 1, 0]))
    (table,) = findings_of(accuracy_by_length.accuracy_by_length, toy)
    assert len(table.rows) == 1
    assert table.rows[0][:3] == ("2 to 2", 2, 50.0)


TEXTS: dict[str, Any] = {
    "two": lambda: text_classifier(),
    "three": lambda: text_classifier(class_names=THREE),
    "one text": lambda: text_classifier(test=split_of(["a superb film"], [0])),
    "no text has a word": lambda: text_classifier(test=split_of(["...", "?"], [0, 1])),
    "one class": lambda: text_classifier(
        Bag(1), class_names=("all",), test=split_of(["a film", "bad"], [0, 0])
    ),
}
ALL: dict[str, Any] = {name: lambda case=case: case for name, case in CASES.items()} | TEXTS


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_every_case_gives_findings_that_can_be_saved(make: Any, tmp_path: Path) -> None:
    toy = make()
    views: list[Any] = [roc_curve.roc_curve, reliability_diagram.reliability_diagram]
    if hasattr(toy, "text_model"):
        views.append(accuracy_by_length.accuracy_by_length)
    for view in views:
        for record in findings_of(view, toy):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.Finding)
            assert again.section == "mistakes"
            assert "nan" not in (again.title + again.summary).lower()
            assert unclaimed_in(again) == set()
            assert again.summary.endswith(".")


def test_a_few_images_have_a_roc_curve() -> None:
    curves, table = findings_of(roc_curve.roc_curve, SOME)
    assert curves.provenance.n == 10
    assert len(table.rows) == 3
