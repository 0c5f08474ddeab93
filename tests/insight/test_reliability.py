"""Accuracy by length, ROC curves, and whether confidence comes true."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_mistakes import CASES, SOME, Answers
from toy_text import THREE, Bag, ToyEvidence, evidence, split_of

from glassnet import findings
from glassnet.contract import ExplainOptions
from glassnet.inference.classification import prediction
from glassnet.insight.views import accuracy_by_length, reliability_diagram, roc_curve
from glassnet.stats.intervals import wilson

OPTIONS = ExplainOptions(layers=())


def made(insight: Any, seen: Any) -> list[Any]:
    return list(insight(seen, OPTIONS))


def drawn(n: int, classes: int, seed: int, sharpness: float = 1.0) -> Answers:
    """Examples whose classes come true as often as their probabilities say, at sharpness 1."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (n, classes))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = [int(random.choice(classes, p=row)) for row in probabilities]
    sharp = np.exp(sharpness * logits)
    answers = Answers(labels, labels, tuple(f"class {c}" for c in range(classes)))
    answers.predictions["probabilities"][:] = sharp / sharp.sum(axis=1, keepdims=True)
    return answers


def test_the_curve_and_its_area_are_scikit_learns() -> None:
    from sklearn.metrics import auc, roc_auc_score

    answers = drawn(3000, 2, 0)
    (curves,) = made(roc_curve.roc_curve, answers)
    area = roc_auc_score(answers.test.labels, answers.predictions["probabilities"][:, 1])
    assert f"area under the ROC curve, {area:.4f}," in curves.summary
    assert f"in {100 * area:.2f} % of the pairs" in curves.title
    (line,) = curves.panels[0].series
    assert auc(line.x / 100, line.y / 100) == pytest.approx(area, abs=2e-3)
    assert len(line.x) <= roc_curve.POINTS + 1
    assert (line.x[0], line.y[0], line.x[-1], line.y[-1]) == (0, 0, 100, 100)
    assert curves.diagonal


def test_the_mark_is_where_the_network_decides() -> None:
    answers = drawn(500, 2, 1)
    (curves,) = made(roc_curve.roc_curve, answers)
    predicted, labels = prediction(answers).predicted, answers.test.labels
    mark = curves.panels[0].mark
    assert mark.x == pytest.approx(100 * predicted[labels == 0].mean())
    assert mark.y == pytest.approx(100 * predicted[labels == 1].mean())


def test_more_classes_are_held_against_the_rest_each() -> None:
    from sklearn.metrics import roc_auc_score

    answers = drawn(2000, 4, 2)
    curves, table = made(roc_curve.roc_curve, answers)
    labels, probabilities = answers.test.labels, answers.predictions["probabilities"]
    macro = roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
    assert f"{macro:.4f}" in curves.summary
    assert "the mean over 4 classes" in curves.summary
    for c, row in enumerate(table.rows):
        assert row[2] == pytest.approx(roc_auc_score(labels == c, probabilities[:, c]))
        assert row[1] == (labels == c).sum()
    (line,) = curves.panels[0].series
    assert np.trapezoid(line.y, line.x) / 1e4 == pytest.approx(macro, abs=3e-3)


def test_probabilities_that_come_true_lie_on_the_diagonal() -> None:
    (curves,) = made(reliability_diagram.reliability_diagram, drawn(20_000, 3, 3))
    (line,) = curves.panels[0].series
    np.testing.assert_allclose(line.x, line.y, atol=3)
    assert len(line.x) == 10
    assert float(curves.title.split(" points")[0].split()[-1]) < 1


@pytest.mark.parametrize(("sharpness", "word"), [(2.5, "Overconfident"), (0.4, "Underconfident")])
def test_too_much_confidence_is_told_from_too_little(sharpness: float, word: str) -> None:
    answers = drawn(5000, 2, 4, sharpness)
    (curves,) = made(reliability_diagram.reliability_diagram, answers)
    assert curves.title.startswith(f"{word} by ")
    answer = prediction(answers)
    sure, right = answer.probabilities.max(axis=1), answer.predicted == answer.split.labels
    gap = 100 * abs(sure.mean() - right.mean())
    assert f"by {gap:.1f} points on average" in curves.title


def test_the_calibration_error_is_that_of_its_bins() -> None:
    answers = drawn(1000, 3, 5, 2.0)
    (curves,) = made(reliability_diagram.reliability_diagram, answers)
    (line,) = curves.panels[0].series
    assert f"{np.abs(line.x - line.y).mean():.2f} points over 10 bins" in curves.summary


def test_the_groups_by_length_hold_all_texts_once() -> None:
    seen = evidence()
    groups = accuracy_by_length.length_groups(seen)
    assert len(groups) == 6
    assert sum(group.n for group in groups) == len(seen.test)
    assert all(30 < group.n < 70 for group in groups)
    assert all(a.longest < b.shortest for a, b in pairwise(groups))
    answer = prediction(seen)
    right = int((answer.predicted == answer.split.labels).sum())
    assert sum(group.right for group in groups) == right


def test_the_table_and_the_curve_show_the_groups() -> None:
    seen = evidence()
    curves, table = made(accuracy_by_length.accuracy_by_length, seen)
    groups = accuracy_by_length.length_groups(seen)
    accuracy, confidence = curves.panels[0].series
    np.testing.assert_allclose(accuracy.y, [100 * group.accuracy for group in groups])
    np.testing.assert_allclose(confidence.x, [group.median for group in groups])
    for group, row in zip(groups, table.rows, strict=True):
        low, high = wilson(group.right, group.n)
        assert row[0] == f"{group.shortest} to {group.longest}"
        assert row[3] == f"{100 * low:.1f} to {100 * high:.1f}"
    gaps = confidence.y - accuracy.y
    assert f"{gaps[np.abs(gaps).argmax()]:+.1f} points" in table.title


def test_texts_of_one_length_are_one_group() -> None:
    seen = evidence(test=split_of(["good film", "bad film", "..."], [1, 1, 0]))
    (table,) = made(accuracy_by_length.accuracy_by_length, seen)
    assert len(table.rows) == 1
    assert table.rows[0][:3] == ("2 to 2", 2, 50.0)


TEXTS: dict[str, Any] = {
    "two": lambda: evidence(),
    "three": lambda: evidence(class_names=THREE),
    "one text": lambda: evidence(test=split_of(["a superb film"], [0])),
    "no text has a word": lambda: evidence(test=split_of(["...", "?"], [0, 1])),
    "one class": lambda: evidence(
        Bag(1), class_names=("all",), test=split_of(["a film", "bad"], [0, 0])
    ),
}
ALL: dict[str, Any] = {name: lambda case=case: case for name, case in CASES.items()} | TEXTS


@pytest.mark.parametrize("make", ALL.values(), ids=ALL)
def test_every_case_gives_findings_that_can_be_kept(make: Any, tmp_path: Path) -> None:
    seen = make()
    insights = [roc_curve.roc_curve, reliability_diagram.reliability_diagram]
    if isinstance(seen, ToyEvidence):
        insights.append(accuracy_by_length.accuracy_by_length)
    for insight in insights:
        for record in made(insight, seen):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.Finding)
            assert again.section == "mistakes"
            assert "nan" not in (again.title + again.summary).lower()
            assert again.summary.endswith(".")


def test_a_handful_of_images_has_a_curve_too() -> None:
    curves, table = made(roc_curve.roc_curve, SOME)
    assert curves.provenance.n == 10
    assert len(table.rows) == 3
