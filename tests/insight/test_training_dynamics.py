"""When examples were learned: on courses that are known, and on planted wrong labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import glassnet as gn
from glassnet.contract import TrainingDynamics
from glassnet.data.images.load import load_images
from glassnet.findings import (
    Bars,
    Curves,
    Examples,
    Finding,
    HighlightedTexts,
    ImageGallery,
    Scatter,
    Table,
)
from glassnet.insight.measures import probes
from glassnet.insight.measures.training_dynamics import course, depths
from glassnet.insight.views.training_dynamics import GROUPS, groups, label_issue_scores
from glassnet.runs.folder import Run
from glassnet.stats import ranks


def seen(*courses: str) -> TrainingDynamics:
    """Examples whose courses are given as an `x` for each epoch in which they are right."""
    right = np.array([[letter == "x" for letter in each] for each in courses]).T
    return TrainingDynamics(np.arange(1, len(right) + 1), np.where(right, 0.8, 0.3), right)


def test_the_course_of_an_example() -> None:
    found = course(seen("xxxx", "..xx", "x.x.", ".x.x", "...."))
    assert found.first.tolist() == [1, 3, 0, 4, 0]
    assert found.forgotten.tolist() == [0, 0, 2, 1, 0]
    assert found.right.tolist() == [4, 2, 2, 2, 0]
    np.testing.assert_allclose(found.confidence, [0.8, 0.55, 0.55, 0.55, 0.3])
    np.testing.assert_allclose(found.spread, [0, 0.25, 0.25, 0.25, 0])
    assert [GROUPS[k] for k in groups(found)] == [
        "always right", "learned later", "forgotten", "forgotten", "never right",
    ]  # fmt: skip


def test_one_epoch_is_a_course_too() -> None:
    found = course(seen("x", "."))
    assert found.first.tolist() == [1, 0]
    assert not found.forgotten.any()


def test_a_fitted_probe_answers_as_ridge_regression_does() -> None:
    from sklearn.linear_model import RidgeClassifier

    random = np.random.default_rng(0)
    labels = np.arange(200) % 4
    points = (random.normal(size=(200, 9)) + np.eye(4)[labels] @ random.normal(size=(4, 9))).astype(
        np.float32
    )
    others = random.normal(size=(500, 9)).astype(np.float32)
    weights, bias = probes.fitted_probe(points, labels)
    alpha = probes.penalty(probes.gram(points))
    wanted = RidgeClassifier(alpha=alpha).fit(points, labels).predict(others)
    assert ((others @ weights + bias).argmax(axis=1) == wanted).mean() > 0.998


SHARE = 0.04


@pytest.fixture(scope="module")
def planted(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[gn.TrainedRun, np.ndarray]:
    """A network that learned digits of which some have another label, and which those are."""
    folder = tmp_path_factory.mktemp("planted")
    data = load_images("mnist", seed=0)
    images, labels = data.train.inputs[:1500], data.train.labels[:1500]
    random = np.random.default_rng(0)
    wrong = random.random(len(labels)) < SHARE
    turned = (labels + random.integers(1, 10, len(labels))) % 10
    np.savez(
        folder / "planted.npz",
        x_train=images,
        y_train=np.where(wrong, turned, labels),
        x_test=data.test.inputs[:300],
        y_test=data.test.labels[:300],
    )
    run = gn.train(
        "cnn", data=str(folder / "planted.npz"), runs=folder, epochs=8, batch_size=64, threads=1
    )
    return run, wrong[run.evidence.train.ids]


def test_planted_wrong_labels_come_out_on_top(planted: tuple[gn.TrainedRun, np.ndarray]) -> None:
    run, wrong = planted
    assert wrong.sum() > 20
    learning = run.evidence.learning
    assert learning is not None
    assert learning.right.shape == (8, len(wrong))
    area, _ = ranks.auroc(label_issue_scores(course(learning)), wrong)
    assert area > 0.9


def test_what_was_kept_is_what_training_counted(
    planted: tuple[gn.TrainedRun, np.ndarray],
) -> None:
    run, _ = planted
    assert run.evidence.learning is not None
    share = run.evidence.learning.right.mean(axis=1)
    np.testing.assert_allclose(share, run.metrics["train_accuracy"], atol=1e-6)


def test_the_findings_say_it(planted: tuple[gn.TrainedRun, np.ndarray]) -> None:
    run, wrong = planted
    found = run.explain(points=60, methods=("pca",))
    assert isinstance(found["training-dynamics"], Curves)
    assert isinstance(found["depth"], Bars)
    assert found["depth"].values.sum() == pytest.approx(100)
    assert isinstance(found["data-map"], Scatter)
    examples = found["train-examples"]
    assert isinstance(examples, Examples)
    assert len(examples.labels) == len(found["data-map"].labels)
    suspects = found["label-issues"]
    assert isinstance(suspects, ImageGallery)
    assert all(caption.startswith("labelled ") for caption in suspects.captions)
    table = found["label-issues-table"]
    assert isinstance(table, Table)
    first = {row[0] for row in table.rows[: int(wrong.sum())]}
    planted_ids = set(run.evidence.train.ids[wrong].tolist())
    assert len(first & planted_ids) > 0.6 * len(planted_ids)
    for record in found.values():
        if isinstance(record, Finding) and record.section == "examples":
            for told in record.claims:
                said = (record.title, record.summary, *getattr(record, "captions", ()))
                assert any(told.formatted in words for words in said), record.name
    assert "When each example was learned" in run.report().read_text()


def test_depth_is_where_a_probe_is_first_right(
    planted: tuple[gn.TrainedRun, np.ndarray],
) -> None:
    run, _ = planted
    where = depths(run.evidence, seed=0)
    assert where.layers[0] == "input"
    assert (where.earliest == 0).mean() > 0.5  # most digits can be told by their pixels
    never = where.earliest < 0
    assert never.mean() < 0.2


def test_a_run_without_it_says_nothing(
    planted: tuple[gn.TrainedRun, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "learned_epochs", ())
    run = gn.load(planted[0].path)
    assert run.evidence.learning is None
    assert "learned" not in run.explain(points=60, methods=("pca",))


def test_texts_are_shown_as_texts(reviews: Path, tmp_path: Path) -> None:
    run = gn.train("lstm", data=str(reviews), epochs=2, width=8, units=8, runs=tmp_path, threads=1)
    found = run.explain(points=40, methods=("pca",))
    assert isinstance(found["label-issues"], HighlightedTexts)
    assert found["train-examples"].texts  # type: ignore[union-attr]
