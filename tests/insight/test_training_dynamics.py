"""Training dynamics of known examples, and of examples with planted wrong labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sentences import sentences_of, states

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
from glassnet.insight.measures.training_dynamics import GROUPS, example_dynamics
from glassnet.insight.views import prediction_depth
from glassnet.runs.folder import Run
from glassnet.stats.ranks import auroc
from glassnet.tasks.cnn.task import ImageClassifier
from glassnet.tasks.lstm.task import TextClassifier

pytestmark = pytest.mark.slow


def recorded(*courses: str) -> TrainingDynamics:
    """One example per string, with an `x` for each epoch in which it is correct."""
    right = np.array([[letter == "x" for letter in course] for course in courses]).T
    return TrainingDynamics(np.arange(1, len(right) + 1), np.where(right, 0.8, 0.3), right)


def test_the_dynamics_of_known_examples() -> None:
    found = example_dynamics(recorded("xxxx", "..xx", "x.x.", ".x.x", "...."))
    assert found.learned_epoch.tolist() == [1, 3, 0, 4, 0]
    assert found.n_forgotten.tolist() == [0, 0, 2, 1, 0]
    assert found.n_correct.tolist() == [4, 2, 2, 2, 0]
    np.testing.assert_allclose(found.confidence, [0.8, 0.55, 0.55, 0.55, 0.3])
    np.testing.assert_allclose(found.variability, [0, 0.25, 0.25, 0.25, 0])
    assert [GROUPS[k] for k in found.groups] == [
        "always correct", "learned later", "forgotten", "forgotten", "never correct",
    ]  # fmt: skip


def test_one_epoch_has_dynamics_too() -> None:
    found = example_dynamics(recorded("x", "."))
    assert found.learned_epoch.tolist() == [1, 0]
    assert not found.n_forgotten.any()


def test_a_fitted_probe_predicts_as_ridge_regression_does() -> None:
    from sklearn.linear_model import RidgeClassifier

    random = np.random.default_rng(0)
    labels = np.arange(200) % 4
    points = (random.normal(size=(200, 9)) + np.eye(4)[labels] @ random.normal(size=(4, 9))).astype(
        np.float32
    )
    others = random.normal(size=(500, 9)).astype(np.float32)
    weights, bias = probes.fit_probe(points, labels)
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
    return run, wrong[run.data.train.ids]


@pytest.fixture
def own_views(monkeypatch: pytest.MonkeyPatch, undrawn: list[str]) -> None:
    """Tasks have the views of training examples alone, undrawn; all take seconds."""
    for task in (ImageClassifier, TextClassifier):
        monkeypatch.setattr(task, "views", ("training_dynamics", "label_issues"))


def test_planted_wrong_labels_have_the_highest_label_issue_scores(
    planted: tuple[gn.TrainedRun, np.ndarray],
) -> None:
    run, wrong = planted
    assert wrong.sum() > 20
    learning = run.evidence.log.training_dynamics
    assert isinstance(learning, TrainingDynamics)
    assert learning.correct.shape == (8, len(wrong))
    area, _ = auroc(example_dynamics(learning).label_issue_scores, wrong)
    assert area > 0.9


def test_the_recorded_predictions_match_the_training_accuracy(
    planted: tuple[gn.TrainedRun, np.ndarray],
) -> None:
    run, _ = planted
    dynamics = run.evidence.log.training_dynamics
    assert isinstance(dynamics, TrainingDynamics)
    share = dynamics.correct.mean(axis=1)
    np.testing.assert_allclose(share, run.metrics["train_accuracy"], atol=1e-6)


def test_the_findings_name_the_planted_labels_and_claim_every_number(
    planted: tuple[gn.TrainedRun, np.ndarray], own_views: None
) -> None:
    run, wrong = planted
    found = run.explain(points=60, methods=("pca",))
    assert isinstance(found["training-dynamics"], Curves)
    assert isinstance(found["prediction-depth"], Bars)
    assert found["prediction-depth"].values.sum() == pytest.approx(100)
    assert isinstance(found["data-map"], Scatter)
    examples = found["train-examples"]
    assert isinstance(examples, Examples)
    assert len(examples.labels) == len(found["data-map"].labels)
    issues = found["label-issues"]
    assert isinstance(issues, ImageGallery)
    assert all(caption.startswith("labelled ") for caption in issues.captions)
    table = found["label-issues-table"]
    assert isinstance(table, Table)
    first = {row[0] for row in table.rows[: int(wrong.sum())]}
    planted_ids = set(run.data.train.ids[wrong].tolist())
    assert len(first & planted_ids) > 0.6 * len(planted_ids)
    for record in found.values():
        if isinstance(record, Finding) and record.section == "examples":
            text = "\n".join(sentences_of(record))
            assert all(states(text, claim) for claim in record.claims), record.name
    assert "When it learned each example" in run.report().read_text()


def test_cross_validation_finds_and_counts_the_planted_labels(
    planted: tuple[gn.TrainedRun, np.ndarray], own_views: None
) -> None:
    run, wrong = planted
    run = gn.load(run.path)
    found = run.explain(points=60, methods=("pca",), cross_validation=True)
    issues = found["label-issues"]
    assert isinstance(issues, Finding)
    assert issues.provenance.command.endswith(" --cross-validation")
    estimated = {claim.name: claim for claim in issues.claims}["training labels that may be wrong"]
    assert estimated.value == pytest.approx(wrong.sum(), rel=0.5)
    assert "(5-fold cross-validation)" in issues.summary
    probabilities = run.model.cache("out-of-fold-networks", dict)["probabilities"]
    labels = run.data.train.labels
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    area, _ = auroc(1 - probabilities[np.arange(len(labels)), labels], wrong)
    assert area > 0.9


def test_prediction_depth_is_the_first_layer_with_a_correct_probe(
    planted: tuple[gn.TrainedRun, np.ndarray],
) -> None:
    run, _ = planted
    depths = prediction_depth.measure(run.data, run.model, run.model.cache, seed=0)
    assert depths.layers[0] == "input"
    assert (depths.earliest == 0).mean() > 0.5  # pixels suffice for most digits
    never = depths.earliest < 0
    assert never.mean() < 0.2


def test_a_run_without_recorded_dynamics_has_no_finding(
    planted: tuple[gn.TrainedRun, np.ndarray], own_views: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "training_dynamics_epochs", ())
    run = gn.load(planted[0].path)
    assert run.evidence.log.training_dynamics is None
    assert "training-dynamics" not in run.explain(points=60, methods=("pca",))


def test_texts_are_shown_as_texts(reviews: Path, tmp_path: Path, own_views: None) -> None:
    run = gn.train(
        "lstm",
        data=str(reviews),
        epochs=2,
        embedding_dim=8,
        hidden_size=8,
        runs=tmp_path,
        threads=1,
    )
    found = run.explain(points=40, methods=("pca",))
    assert isinstance(found["label-issues"], HighlightedTexts)
    assert found["train-examples"].texts  # type: ignore[union-attr]
