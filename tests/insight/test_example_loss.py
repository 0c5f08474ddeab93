"""When a generator learned each training example: what was noted, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from generators import OPTIONS

import glassnet as gn
from glassnet.contract import ExampleLoss
from glassnet.data.images.load import load_images
from glassnet.findings import Bars, Curves, Examples, ImageGallery, Scatter, Table
from glassnet.insight.views.example_loss import course
from glassnet.insight.views.training_dynamics import ON_MAP, on_map
from glassnet.runs.folder import Run

EPOCHS = 4
STRANGE = 20


def test_the_course_of_an_example() -> None:
    nats = np.array([[200, 100, 90, 50, 90.0], [105, 190, 90, 60, 100], [100, 100, 90, 50, 80]])
    found = course(ExampleLoss(np.array([1, 2, 4]), nats))
    assert found.first.tolist() == [2, 4, 1, 4, 4]  # of epochs 1, 2 and 4
    assert found.forgotten.tolist() == [0, 1, 0, 1, 1]
    np.testing.assert_allclose(found.mean, nats.mean(axis=0))
    np.testing.assert_allclose(found.spread, nats.std(axis=0))


def test_one_epoch_is_a_course_too() -> None:
    found = course(ExampleLoss(np.array([1]), np.array([[90.0, 80.0]])))
    assert found.first.tolist() == [1, 1]
    assert not found.forgotten.any()


def test_the_map_has_the_hardest_and_a_draw_of_the_others() -> None:
    merit = np.random.default_rng(0).permutation(5000)
    chosen = on_map(merit, 1)
    assert len(set(chosen.tolist())) == ON_MAP
    assert set(merit.argsort()[: ON_MAP // 2].tolist()) <= set(chosen.tolist())
    assert on_map(merit[:30], 1).tolist() == list(range(30))


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> tuple[gn.TrainedRun, set[int]]:
    """A generator that learned digits, and the places of the noise that was among them."""
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


def test_what_was_kept_is_what_training_paid(strange: tuple[gn.TrainedRun, set[int]]) -> None:
    run, _ = strange
    costs = run.evidence.learning
    assert isinstance(costs, ExampleLoss)
    assert costs.nats.shape == (EPOCHS, len(run.evidence.train))
    np.testing.assert_allclose(
        costs.nats.mean(axis=1), run.metrics["train_negative_elbo"], rtol=1e-4
    )


def test_noise_among_digits_comes_out_on_top(strange: tuple[gn.TrainedRun, set[int]]) -> None:
    run, noise = strange
    found = run.explain(points=60, methods=("pca",))
    assert isinstance(found["training-dynamics"], Curves)
    assert isinstance(found["data-map"], Scatter)
    assert isinstance(found["depth"], Bars)
    examples = found["train-examples"]
    assert isinstance(examples, Examples)
    assert len(examples.labels) == len(found["data-map"].labels)
    assert isinstance(found["label-issues"], ImageGallery)
    table = found["label-issues-table"]
    assert isinstance(table, Table)
    there = noise & set(run.evidence.train.ids.tolist())
    assert {row[0] for row in table.rows[: len(there)]} == there
    for record in found.values():
        if getattr(record, "section", "") == "examples":
            said = (record.title, record.summary, *getattr(record, "captions", ()))
            for told in record.claims:
                assert any(told.formatted in words for words in said), record.name


def test_a_run_without_it_says_nothing(
    strange: tuple[gn.TrainedRun, set[int]], tmp_path: Path
) -> None:
    import shutil

    run, _ = strange
    copy = Path(shutil.copytree(run.path, tmp_path / run.path.name))
    shutil.rmtree(copy / "learned")
    again = gn.TrainedRun(Run.open(copy))
    assert again.evidence.learning is None
    assert "learned" not in again.explain(points=60, methods=("pca",))
