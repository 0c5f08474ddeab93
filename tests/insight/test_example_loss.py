"""Loss of each training example of an image generator: known cases, and noise among digits."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from generators import OPTIONS
from run_copies import copy_run
from sentences import sentences_of, states

import glassnet as gn
from glassnet.contract import ExampleLoss
from glassnet.data.images.load import load_images
from glassnet.findings import Bars, Curves, Examples, Finding, ImageGallery, Scatter, Table
from glassnet.insight.measures.example_loss import loss_dynamics
from glassnet.insight.views.training_examples import MAP_SIZE, map_positions
from glassnet.runs.folder import Run
from glassnet.tasks.vae.task import ImageGenerator

pytestmark = pytest.mark.slow

EPOCHS = 4
STRANGE = 20


def test_the_loss_dynamics_of_known_examples() -> None:
    nats = np.array([[200, 100, 90, 50, 90.0], [105, 190, 90, 60, 100], [100, 100, 90, 50, 80]])
    found = loss_dynamics(ExampleLoss(np.array([1, 2, 4]), nats))
    assert found.learned_epoch.tolist() == [2, 4, 1, 4, 4]  # of epochs 1, 2 and 4
    assert found.n_forgotten.tolist() == [0, 1, 0, 1, 1]
    np.testing.assert_allclose(found.mean, nats.mean(axis=0))
    np.testing.assert_allclose(found.std, nats.std(axis=0))


def test_one_epoch_has_dynamics_too() -> None:
    found = loss_dynamics(ExampleLoss(np.array([1]), np.array([[90.0, 80.0]])))
    assert found.learned_epoch.tolist() == [1, 1]
    assert not found.n_forgotten.any()


def test_the_map_has_the_hardest_examples_and_a_subsample_of_the_others() -> None:
    ease = np.random.default_rng(0).permutation(5000)
    chosen = map_positions(ease, 1)
    assert len(set(chosen.tolist())) == MAP_SIZE
    assert set(ease.argsort()[: MAP_SIZE // 2].tolist()) <= set(chosen.tolist())
    assert map_positions(ease[:30], 1).tolist() == list(range(30))


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> tuple[gn.TrainedRun, set[int]]:
    """A generator trained on digits with noise among them, and the positions of the noise."""
    folder = tmp_path_factory.mktemp("strange")
    data = load_images("mnist", seed=0)
    images = data.train.inputs[:1000].copy()
    noise = np.random.default_rng(0).choice(1000, STRANGE, replace=False)
    images[noise] = np.random.default_rng(1).integers(0, 256, images[noise].shape)
    np.savez(
        folder / "strange.npz",
        x_train=images,
        y_train=data.train.labels[:1000],
        x_test=data.test.inputs[:200],
        y_test=data.test.labels[:200],
    )
    options = OPTIONS | {"data": str(folder / "strange.npz"), "epochs": EPOCHS}
    return gn.train("vae", runs=folder, **options), set(noise.tolist())


def test_the_recorded_losses_match_the_training_loss(
    strange: tuple[gn.TrainedRun, set[int]],
) -> None:
    run, _ = strange
    losses = run.evidence.log.training_dynamics
    assert isinstance(losses, ExampleLoss)
    assert losses.nats.shape == (EPOCHS, len(run.data.train))
    np.testing.assert_allclose(
        losses.nats.mean(axis=1), run.metrics["train_negative_elbo"], rtol=1e-4
    )


@pytest.fixture
def own_views(monkeypatch: pytest.MonkeyPatch, undrawn: list[str]) -> None:
    """The generator has the view of training examples alone, undrawn; all take seconds."""
    monkeypatch.setattr(ImageGenerator, "views", ("example_loss",))


def test_noise_among_digits_has_the_highest_loss(
    strange: tuple[gn.TrainedRun, set[int]], own_views: None
) -> None:
    run, noise = strange
    found = run.explain(points=60, methods=("pca",))
    assert isinstance(found["training-dynamics"], Curves)
    assert isinstance(found["data-map"], Scatter)
    assert isinstance(found["prediction-depth"], Bars)
    examples = found["train-examples"]
    assert isinstance(examples, Examples)
    assert len(examples.labels) == len(found["data-map"].labels)
    assert isinstance(found["label-issues"], ImageGallery)
    table = found["label-issues-table"]
    assert isinstance(table, Table)
    there = noise & set(run.data.train.ids.tolist())
    assert {row[0] for row in table.rows[: len(there)]} == there
    for record in found.values():
        if isinstance(record, Finding) and record.section == "examples":
            text = "\n".join(sentences_of(record))
            assert all(states(text, claim) for claim in record.claims), record.name


def test_a_run_without_recorded_losses_has_no_finding(
    strange: tuple[gn.TrainedRun, set[int]], own_views: None, tmp_path: Path
) -> None:
    run, _ = strange
    copy = copy_run(run.path, tmp_path)
    shutil.rmtree(copy / "training_dynamics")
    again = gn.TrainedRun(Run.open(copy))
    assert again.evidence.log.training_dynamics is None
    assert "training-dynamics" not in again.explain(points=60, methods=("pca",))
