"""Trainings of few steps: statistics of batch normalisation, number of epochs, and advice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import glassnet as gn
from glassnet.cli.show import still_improving
from glassnet.contract import Signature
from glassnet.data.batches import Batches
from glassnet.runs.folder import Run
from glassnet.tasks.cnn.presets import Config
from glassnet.tasks.cnn.task import TASK
from glassnet.training import norm_statistics


def blobs(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, 64) that are brighter above or below, with values far from 0 to 1."""
    random, labels = np.random.default_rng(seed), np.arange(n) % 2
    images = random.normal(size=(n, 8, 8))
    images[labels == 0, :4] += 2
    images[labels == 1, 4:] += 2
    return images.reshape(n, 64), labels


def test_an_estimator_learns_from_standardised_features_in_two_epochs() -> None:
    """Running statistics would still be those of the first steps."""
    images, labels = blobs(300, 0)
    classifier = gn.CNNClassifier(epochs=2, random_state=0).fit(images, labels)
    assert classifier.score(*blobs(200, 1)) > 0.9


def test_the_statistics_are_those_of_the_current_weights() -> None:
    config = Config(channels=(2, 3, 4))
    network = TASK.build(config, Signature((1, 8, 8), ("a", "b"), "", 0))
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (64, 1, 8, 8), np.uint8))
    batches = Batches((pixels, torch.arange(64) % 2), 16, seed=0)
    state = torch.get_rng_state()
    norm_statistics.estimate(network.eval(), TASK, config, batches, 0)
    assert not network.training
    assert torch.equal(torch.get_rng_state(), state)
    norm = network.get_submodule("norm1")
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.momentum == 0.1
    with torch.no_grad():
        values = network.get_submodule("conv1")(pixels / 255)
    torch.testing.assert_close(norm.running_mean, values.mean(dim=(0, 2, 3)), atol=1e-4, rtol=1e-3)


def test_small_data_get_more_epochs_unless_somebody_chose_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, labels = blobs(60, 0)
    scaled = (40 * images + 100).clip(0, 255).astype(np.uint8).reshape(-1, 8, 8)
    np.savez(tmp_path / "a.npz", x=scaled, y=labels)
    chosen: dict[str, Any] = {
        "data": str(tmp_path / "a.npz"),
        "runs": tmp_path,
        "snapshots": 0,
        "threads": 1,
    }
    run = gn.train("cnn", evaluate=False, channels=(2, 3, 4), **chosen)
    assert run.info["config"]["epochs"] == 200
    assert "200 epochs instead of 8" in capsys.readouterr().err
    run = gn.train("cnn", evaluate=False, channels=(2, 3, 4), epochs=2, **chosen)
    assert run.info["config"]["epochs"] == 2


@pytest.mark.parametrize(
    ("losses", "advice"),
    [
        ((0.5, 0.4), "--epochs 4: the validation loss still fell by 20 % in the last epoch"),
        ((0.5, 0.495), ""),
        ((0.5, 0.6), ""),
    ],
)
def test_the_last_line_says_what_to_try_where_validation_still_improves(
    losses: tuple[float, ...], advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = 1 + int(np.argmin(losses))
    run = Run.create(tmp_path, "cnn-a", {"best": {"epoch": best}, "config": {"epochs": 2}})
    run.metrics.touch()
    monkeypatch.setattr(Run, "read_metrics", lambda _: {"valid_loss": np.array(losses)})
    assert still_improving(run) == advice
