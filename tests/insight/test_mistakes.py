from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glassnet import findings
from glassnet.contract import ExplainOptions, Split
from glassnet.findings import Provenance
from glassnet.inference.classification import prediction
from glassnet.insight.views import scores, worst_mistakes
from glassnet.insight.views.classification_report import classification_report
from glassnet.insight.views.confusion_matrix import confusion_matrix
from glassnet.stats.intervals import wilson

OPTIONS = ExplainOptions(layers=())


@dataclass
class Answers:
    """As much of `contract.Evidence` as these insights look at."""

    labels: list[int]
    predicted: list[int]
    class_names: tuple[str, ...]
    confidence: float = 0.8

    @cached_property
    def predictions(self) -> dict[str, np.ndarray]:
        n, classes = len(self.labels), len(self.class_names)
        probabilities = np.full((n, classes), (1 - self.confidence) / max(classes - 1, 1))
        probabilities[np.arange(n), self.predicted] = self.confidence
        return {"probabilities": probabilities.astype(np.float32)}

    @cached_property
    def test(self) -> Split:
        n = len(self.labels)
        images = np.arange(n, dtype=np.uint8)[:, None, None] + np.zeros((n, 2, 2), np.uint8)
        return Split(images, np.array(self.labels), np.arange(n) + 100)

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        return Provenance(run="r", checkpoint="best", split=split, n=n, seed=seed, command="c")


def made(insight: Any, answers: Answers) -> list[Any]:
    return list(insight(answers, OPTIONS))


#                 truth 0: five, one taken for 1; truth 1: three, two taken for 2; truth 2: two
SOME = Answers([0, 0, 0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 0, 0, 1, 1, 2, 2, 2, 2], ("a", "b", "c"))


def test_the_confusion_matrix_counts_true_by_predicted() -> None:
    (found,) = made(confusion_matrix, SOME)
    np.testing.assert_array_equal(found.values, [[4, 1, 0], [0, 1, 2], [0, 0, 2]])
    np.testing.assert_allclose(found.scale, [[0.8, 0.2, 0], [0, 1 / 3, 2 / 3], [0, 0, 1]])
    assert (found.row_label, found.column_label) == ("true class", "predicted class")
    assert found.title.startswith("b taken for c")
    assert "2 of the 3 mistakes among 10" in found.summary
    assert (found.provenance.split, found.provenance.n) == ("test", 10)


def test_the_class_table_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import precision_recall_fscore_support

    labels, predicted = SOME.test.labels, prediction(SOME).predicted
    precision, recall, f1, support = precision_recall_fscore_support(labels, predicted)
    (table,) = made(classification_report, SOME)
    assert [row[0] for row in table.rows] == ["a", "b", "c"]
    assert [row[1] for row in table.rows] == support.tolist()
    assert [row[2] for row in table.rows] == [1, 2, 0]
    for column, expected in ((3, recall), (5, precision), (6, f1)):
        assert [row[column] for row in table.rows] == pytest.approx(100 * expected)
    low, high = wilson(4, 5)
    assert table.rows[0][4] == f"{100 * low:.1f} to {100 * high:.1f}"
    assert table.title == "b is the hardest class"
    assert len(table.columns) == len(table.formats) == len(table.rows[0])


def test_the_worst_mistakes_come_first() -> None:
    answers = Answers([0, 0, 0, 1], [1, 1, 0, 0], ("a", "b"))
    probabilities = answers.predictions["probabilities"]
    probabilities[:] = [[0.4, 0.6], [0.05, 0.95], [0.9, 0.1], [0.8, 0.2]]
    (grid,) = made(worst_mistakes.worst_mistakes, answers)
    assert grid.images[:, 0, 0].tolist() == [1, 3, 0]
    assert grid.captions == ("a, taken for b", "b, taken for a", "a, taken for b")
    assert (grid.labels.tolist(), grid.predicted.tolist()) == ([0, 1, 0], [1, 0, 1])
    np.testing.assert_array_equal(grid.probabilities, probabilities[[1, 3, 0]])
    assert grid.title.startswith("1 of the 3 mistakes")
    assert "5.0 %" in grid.summary


def test_no_more_mistakes_are_shown_than_can_be_looked_at() -> None:
    (grid,) = made(worst_mistakes.worst_mistakes, Answers([0] * 100, [1] * 100, ("a", "b")))
    assert len(grid.images) == len(grid.captions) == worst_mistakes.MAX_IMAGES
    assert "100" in grid.title


CASES = {
    "no mistakes": Answers([0, 1, 2], [0, 1, 2], ("a", "b", "c")),
    "all wrong": Answers([0, 1, 2], [1, 2, 0], ("a", "b", "c")),
    "a class without examples": Answers([0, 0, 2], [0, 2, 2], ("a", "b", "c")),
    "a class that is never guessed": Answers([0, 1, 2], [0, 0, 2], ("a", "b", "c")),
    "guessed but never there": Answers([0, 0, 2], [0, 1, 2], ("a", "b", "c")),
    "two classes": Answers([0, 1, 1], [1, 1, 0], ("no", "yes")),
    "one example": Answers([1], [1], ("no", "yes")),
    "one class": Answers([0, 0], [0, 0], ("all",), confidence=1.0),
}


@pytest.mark.parametrize("answers", CASES.values(), ids=CASES)
def test_every_case_gives_findings_that_can_be_kept(answers: Answers, tmp_path: Path) -> None:
    for insight in (
        confusion_matrix,
        classification_report,
        worst_mistakes.worst_mistakes,
        scores.scores,
    ):
        for record in made(insight, answers):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.Finding)
            assert "nan" not in (again.title + again.summary).lower()
            assert again.summary.endswith(".")


def test_no_mistakes_are_said_to_be_none() -> None:
    (matrix,) = made(confusion_matrix, CASES["no mistakes"])
    assert matrix.title == "Every test example is classified correctly"
    assert made(worst_mistakes.worst_mistakes, CASES["no mistakes"]) == []
    (table,) = made(classification_report, CASES["no mistakes"])
    assert "hardest" not in table.title, "no class is harder than another"


def test_a_class_without_examples_has_no_recall() -> None:
    """0 of 0 is not 0 %: neither in its row nor in the mean over the classes."""
    (table,) = made(classification_report, CASES["a class without examples"])
    assert table.title == "a is the hardest class"
    assert table.rows[1][1:4] == (0, 0, None)
    assert "75.0 %" in table.summary
