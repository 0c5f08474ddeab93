from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentences import unclaimed_in, values_of
from toy_parts import findings_of
from toy_predictions import CASES, SOME, predicting

from glassnet import findings
from glassnet.inference.classification import prediction
from glassnet.insight.views import scores, worst_mistakes
from glassnet.insight.views.classification_report import classification_report
from glassnet.insight.views.confusion_matrix import confusion_matrix
from glassnet.stats.intervals import wilson


def test_the_confusion_matrix_counts_true_by_predicted_class() -> None:
    (found,) = findings_of(confusion_matrix, SOME)
    np.testing.assert_array_equal(found.values, [[4, 1, 0], [0, 1, 2], [0, 0, 2]])
    np.testing.assert_allclose(found.scale, [[0.8, 0.2, 0.0], [0.0, 1 / 3, 2 / 3], [0.0, 0.0, 1.0]])
    assert (found.row_label, found.column_label) == ("true class", "predicted class")
    assert found.title == "No mistake is clearly the most frequent"
    assert found.summary.startswith("b taken for c accounts for 2 of the 3 mistakes among 10")
    assert (found.provenance.split, found.provenance.n) == ("test", 10)


def test_the_most_frequent_mistake_is_compared_with_its_reverse() -> None:
    """a is taken for b three times, b for a twice, and c for b twice."""
    labels, predicted = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2], [1, 1, 1, 0, 0, 0, 1, 1, 1, 2]
    (found,) = findings_of(confusion_matrix, predicting(labels, predicted, ("a", "b", "c")))
    assert values_of(found)["a taken for b"] == 3
    assert values_of(found)["the reverse of a taken for b"] == 2


@pytest.mark.parametrize(("rest", "stands_out"), [(1, True), (19, False)])
def test_a_mistake_is_the_most_frequent_one_if_a_test_says_so(rest: int, stands_out: bool) -> None:
    """a is taken for b twenty times, c for b now and then."""
    toy = predicting(
        [0] * 20 + [2] * rest + [1, 2], [1] * 20 + [1] * rest + [1, 2], ("a", "b", "c")
    )
    (found,) = findings_of(confusion_matrix, toy)
    assert (found.title == "a taken for b is the most frequent mistake") is stands_out
    assert found.stands_out is stands_out
    assert ("not clearly" in found.summary) is not stands_out


@pytest.mark.parametrize(("right", "stands_out"), [(70, True), (93, False)])
def test_a_class_is_the_hardest_one_if_a_test_says_so(right: int, stands_out: bool) -> None:
    """Of 100 examples each, 95 of a, 96 of c and fewer of b are right."""
    labels = np.repeat([0, 1, 2], 100)
    predicted = labels.copy()
    for k, n in enumerate((95, right, 96)):
        predicted[100 * k + n : 100 * (k + 1)] = (k + 1) % 3
    toy = predicting(labels.tolist(), predicted.tolist(), ("a", "b", "c"))
    (table,) = findings_of(classification_report, toy)
    assert (table.title == "b is the hardest class") is stands_out
    assert table.stands_out is stands_out
    assert values_of(table)["recall of b"] == right / 100
    assert ("not clearly" in table.summary) is not stands_out


def test_the_classification_report_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import precision_recall_fscore_support

    labels, predicted = SOME.data.test.labels, prediction(SOME.data, SOME.model).predicted
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted)
    (table,) = findings_of(classification_report, SOME)
    assert [row[0] for row in table.rows] == ["a", "b", "c"]
    assert [row[1] for row in table.rows] == support.tolist()
    assert [row[2] for row in table.rows] == [1, 2, 0]
    for column, expected in ((3, recall), (5, precision), (6, f1)):
        assert [row[column] for row in table.rows] == pytest.approx(100 * expected)
    low, high = wilson(4, 5)
    assert table.rows[0][4] == findings.Interval(low=100 * low, high=100 * high)
    assert table.title == "No class is clearly the hardest"
    assert len(table.columns) == len(table.formats) == len(table.rows[0])


def test_the_worst_mistakes_come_first() -> None:
    toy = predicting([0, 0, 0, 1], [1, 1, 0, 0], ("a", "b"))
    probabilities = toy.model.predictions["probabilities"]
    probabilities[:] = [[0.4, 0.6], [0.05, 0.95], [0.9, 0.1], [0.8, 0.2]]
    (grid,) = findings_of(worst_mistakes.worst_mistakes, toy)
    assert grid.images[:, 0, 0].tolist() == [1, 3, 0]
    assert grid.captions == ("a, taken for b", "b, taken for a", "a, taken for b")
    assert (grid.labels.tolist(), grid.predicted.tolist()) == ([0, 1, 0], [1, 0, 1])
    np.testing.assert_array_equal(grid.probabilities, probabilities[[1, 3, 0]])
    assert grid.title.startswith("1 of the 3 mistakes")
    assert "5.0 %" in grid.summary


def test_the_number_of_worst_mistakes_is_bounded() -> None:
    (grid,) = findings_of(
        worst_mistakes.worst_mistakes, predicting([0] * 100, [1] * 100, ("a", "b"))
    )
    assert len(grid.images) == len(grid.captions) == worst_mistakes.MAX_IMAGES
    assert "100" in grid.title


@pytest.mark.parametrize("toy", CASES.values(), ids=CASES)
def test_every_case_gives_findings_that_can_be_saved(toy: Any, tmp_path: Path) -> None:
    for view in (
        confusion_matrix,
        classification_report,
        worst_mistakes.worst_mistakes,
        scores.scores,
    ):
        for record in findings_of(view, toy):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.Finding)
            assert "nan" not in (again.title + again.summary).lower()
            assert unclaimed_in(again) == set()
            assert again.summary.endswith(".")


def test_a_perfect_classifier_is_reported_as_such() -> None:
    (matrix,) = findings_of(confusion_matrix, CASES["no mistakes"])
    assert matrix.title == "Every test example is classified correctly"
    assert findings_of(worst_mistakes.worst_mistakes, CASES["no mistakes"]) == []
    (table,) = findings_of(classification_report, CASES["no mistakes"])
    assert "hardest" not in table.title, "no class is harder than another"


def test_a_class_without_examples_has_no_recall() -> None:
    """0 of 0 is not 0 %: neither in its row nor in the mean over the classes."""
    (table,) = findings_of(classification_report, CASES["a class without examples"])
    assert values_of(table)["recall of a"] == pytest.approx(0.5)
    assert table.rows[1][1:4] == (0, 0, None)
    assert "75.0 %" in table.summary
