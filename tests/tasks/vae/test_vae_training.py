"""Generators of every kind on real digits: they learn, are measured and explained."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from generators import KINDS, OPTIONS, generator
from PIL import Image
from torch import nn

import glassnet as gn
from glassnet.contract import StepResult
from glassnet.data.images.load import load_images
from glassnet.errors import ConfigError, TrainingError
from glassnet.findings import Finding, Table
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run, all_runs
from glassnet.tasks.vae.task import ImageGenerator

PIXELS = {
    "logistic": "8-bit pixels",
    "static": "statically binarised pixels",
    "conditional": "dynamically binarised pixels, the class given",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_and_explains_itself(
    kind: str,
    digits: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    undrawn: list[str],
) -> None:
    run = generator(kind, tmp_path, tmp_path_factory)
    first, second = run.metrics["valid_negative_elbo"]
    before = valid_bound(run, run.evidence.networks.network_at(0))
    assert second < first < 0.9 * before, "it learns, and is not done learning"
    np.testing.assert_allclose(valid_bound(run, run.model.network), min(first, second), rtol=1e-4)
    for part in ("train", "valid"):
        terms = run.metrics[f"{part}_reconstruction"] + run.metrics[f"{part}_kl"]
        np.testing.assert_allclose(run.metrics[f"{part}_negative_elbo"], terms, rtol=1e-5)
    test = run.results["test"]
    assert test["pixels"] == PIXELS.get(kind, "dynamically binarised pixels")
    assert test["negative_elbo"] == pytest.approx(second, rel=0.1), "test images are as valid ones"
    assert test["iwae_nll"] < test["negative_elbo"]

    made = run.explain(points=40, methods=["pca"])
    assert {
        "likelihood",
        "samples",
        "reconstructions",
        "training-curves",
        "kl-by-dimension",
    } <= set(made)
    assert ("class-grid" in made) == (kind == "conditional")
    assert all(
        record.provenance.run == run.run.name
        for record in made.values()
        if isinstance(record, Finding)
    )
    table = made["likelihood"]
    assert isinstance(table, Table)
    assert table.rows[0][1] == test["iwae_nll"]


def valid_bound(run: gn.TrainedRun, network: nn.Module) -> float:
    """The validation bound of a network as training computes it."""
    task, config = run.model.task, run.model.config
    batch = task.tensors(run.data.valid, config, run.model.signature)
    with torch.inference_mode():
        result = task.step(network, batch, config, config.epochs)
    return result.metrics["negative_elbo"].item()


def test_several_samples_train_a_tighter_bound_than_the_elbo(
    digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    metrics = generator("several", tmp_path, tmp_path_factory).metrics
    assert (metrics["valid_loss"] < metrics["valid_negative_elbo"]).all()
    plain = generator("plain", tmp_path, tmp_path_factory).metrics
    np.testing.assert_allclose(plain["valid_loss"], plain["valid_negative_elbo"], rtol=1e-5)


def test_each_class_of_a_conditional_generator_has_its_own_images(
    digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Ones have less ink than noughts, and that is learned first."""
    run = generator("conditional", tmp_path, tmp_path_factory)
    train = load_images("digits", seed=0).train
    nought, one = (run.generate(60, label=name).mean() for name in "01")
    assert train.inputs[train.labels == 0].mean() > train.inputs[train.labels == 1].mean()
    assert nought > one


@pytest.mark.slow
def test_ones_own_images_in_colour_are_learned_with_all_their_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain red and plain blue pictures: what is made up is neither grey nor green."""
    monkeypatch.setenv("GLASSNET_CACHE", str(tmp_path / "cache"))
    random = np.random.default_rng(0)
    for name, channel in (("red", 0), ("blue", 2)):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(40):
            image = random.integers(0, 40, (12, 16, 3), np.uint8)
            image[..., channel] += random.integers(150, 200, dtype=np.uint8)
            Image.fromarray(image).save(tmp_path / "photos" / name / f"{number}.png")
    options = {"data": str(tmp_path / "photos"), "image_size": 8, "conditional": True}
    options |= {"epochs": 12, "batch_size": 10, "snapshots": 0}
    run = gn.train("vae", runs=tmp_path / "runs", **OPTIONS | options)
    assert run.results["test"]["pixels"] == "8-bit pixels, the class given"
    assert run.results["test"]["bits_per_dimension"] < 7, "less than to write them out"
    red, blue = run.generate(20, label="red"), run.generate(20, label="blue")
    assert red.shape == (20, 8, 8, 3)
    means = np.stack([red.mean((0, 1, 2)), blue.mean((0, 1, 2))])
    assert means.argmax(axis=1).tolist() == [0, 2]
    assert means.max(axis=1).min() > 100 > 60 > means[:, 1].max()
    rebuilt = run.reconstruct(run.data.test.inputs)
    assert rebuilt.shape == run.data.test.inputs.shape
    assert (rebuilt.argmax(3) == run.data.test.inputs.argmax(3)).mean() > 0.95


def test_the_same_seed_trains_the_same_network_and_another_another(
    digits: str, tmp_path: Path
) -> None:
    def weights(seed: int) -> bytes:
        options = OPTIONS | {"epochs": 1, "batch_size": 400, "seed": seed}
        run = gn.train("vae", runs=tmp_path, evaluate=False, **options)
        return run.run.best.read_bytes()

    assert weights(1) == weights(1)
    assert weights(1) != weights(2)


def poisoned(monkeypatch: pytest.MonkeyPatch, steps: int, value: float) -> None:
    """After so many training steps the loss is this value."""
    whole, done = ImageGenerator.step, [0]

    def step(self: ImageGenerator, network: Any, *given: Any) -> StepResult:
        result = whole(self, network, *given)
        done[0] += network.training
        if done[0] <= steps or not network.training:
            return result
        return StepResult(result.loss * value, result.metrics, result.count)

    monkeypatch.setattr(ImageGenerator, "step", step)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_and_leaves_what_was_good(
    value: float, digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three batches in an epoch; the second one of the second epoch goes wrong."""
    poisoned(monkeypatch, 4, value)
    with pytest.raises(TrainingError, match="at batch 2 of epoch 2") as caught:
        gn.train("vae", runs=tmp_path, **OPTIONS | {"batch_size": 400})
    assert "--learning-rate" in caught.value.hint
    assert len(str(caught.value).splitlines()) == 2
    (run,) = all_runs(tmp_path)
    assert run.info["status"] == "failed"
    assert run.info["epochs_done"] == 1
    assert run.info["best"]["epoch"] == 1
    assert checkpoint.load(run.last)["counters"]["step"] == 3
    assert run.snapshots == (0, 1)
    weights = checkpoint.load(run.best)["network"]
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())
    assert gn.load(run.path).generate(2).shape == (2, 28, 28)


def test_a_failed_run_goes_on_from_where_it_was_good(
    digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = OPTIONS | {"batch_size": 400}
    with monkeypatch.context() as patch:
        poisoned(patch, 4, float("nan"))
        with pytest.raises(TrainingError):
            gn.train("vae", runs=tmp_path / "failed", **options)
    (failed,) = all_runs(tmp_path / "failed")
    gn.resume(Run.open(failed.path), evaluate=False)
    whole = gn.train("vae", runs=tmp_path / "whole", evaluate=False, **options).run
    assert failed.last.read_bytes() == whole.last.read_bytes()


@pytest.mark.parametrize("more", [{}, {"likelihood": "logistic"}, {"iwae_samples": 2}], ids=str)
def test_a_learning_rate_beyond_all_bounds_is_named(
    more: dict[str, Any], digits: str, tmp_path: Path
) -> None:
    options = OPTIONS | {"batch_size": 400, "learning_rate": 1e12} | more
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) at batch \d of epoch 1"):
        gn.train("vae", runs=tmp_path, **options)
    (run,) = all_runs(tmp_path)
    assert run.info["status"] == "failed"
    assert run.snapshots == (0,)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"iwae_samples": 2, "free_bits": 0.1},
            "free_bits = 0.1 has no meaning where iwae_samples = 2",
        ),
        ({"channels": (4,) * 5}, "cannot be halved 5 times"),
        ({"latent_dim": 0}, "latent_dim = 0 is out of bounds"),
        ({"nll_examples": 1}, "nll_examples = 1 is out of bounds"),
        ({"monitor": "accuracy"}, "monitor = 'accuracy' is unknown"),
        ({"beta": -1.0}, "beta = -1.0 is out of bounds"),
        ({"conditional": 1}, "conditional = 1 is not true or false"),
    ],
)
def test_what_cannot_be_trained_leaves_no_folder(
    wrong: dict[str, Any], words: str, digits: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        gn.train("vae", runs=tmp_path, **OPTIONS | wrong)
    assert len(str(caught.value).splitlines()) == 2
    assert all_runs(tmp_path) == []


def test_the_command_of_a_run_has_its_differences_from_the_preset(
    digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    words = shlex.split(generator("conditional", tmp_path, tmp_path_factory).run.info["command"])
    assert words[:3] == ["glassnet", "train", "vae"]
    assert "--conditional" in words
    assert words[words.index("--channels") + 1] == "4,8"
    plain = generator("plain", tmp_path, tmp_path_factory).run.info["command"]
    assert "conditional" not in plain
