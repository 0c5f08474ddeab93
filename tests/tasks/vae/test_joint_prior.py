"""The last epochs of a generator, in which it learns with the mixture that its codes get."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from generators import KINDS, OPTIONS

import glassnet as gn
from glassnet.errors import Interrupted
from glassnet.runs.folder import Run, all_runs
from glassnet.training.hooks import Hook, Stopped
from glassnet.training.state import TrainingState

JOINT: dict[str, Any] = OPTIONS | {
    "epochs": 4,
    "prior_gaussians": 5,
    "joint_prior": 0.5,
    "evaluate": False,
}


class Diary(Hook):
    """The Gaussians of both networks after each step."""

    def __init__(self, stop_after: int = 0) -> None:
        self.stop_after = stop_after
        self.priors: list[tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]] = []

    def after_step(self, state: TrainingState) -> None:
        first, second = (
            copy.deepcopy(network.get_submodule("prior").state_dict())
            for network in (state.network, state.evaluated)
        )
        self.priors.append((first, second))
        if state.step == self.stop_after:
            raise Stopped


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_epochs_learn_with_the_mixture(kind: str, digits: str, tmp_path: Path) -> None:
    options = JOINT | KINDS[kind] | {"epochs": 12}
    normal = gn.train("vae", runs=tmp_path / "normal", **options | {"joint_prior": 0.0})
    joint = gn.train("vae", runs=tmp_path / "joint", **options)
    for name, values in normal.metrics.items():
        assert (values[:6] == joint.metrics[name][:6]).all(), "the first half is the same training"
    phases = [run.evidence.log.later_phase for run in (joint, normal)]
    assert [phase and phase.first_epoch for phase in phases] == [7, None]
    bounds = [run.metrics["valid_negative_elbo"][6:].mean() for run in (joint, normal)]
    assert bounds[0] < bounds[1]
    batch = joint.model.task.tensors(joint.data.valid, joint.model.config, joint.model.signature)
    with torch.inference_mode():
        again = joint.model.task.step(joint.model.network, batch, joint.model.config, 12)
    best = joint.metrics["valid_negative_elbo"].min()
    assert again.metrics["negative_elbo"].item() == pytest.approx(best, rel=1e-4)
    assert joint.model.network.prior.n_gaussians == 5
    for part in ("train", "valid"):
        terms = joint.metrics[f"{part}_reconstruction"] + joint.metrics[f"{part}_kl"]
        np.testing.assert_allclose(joint.metrics[f"{part}_negative_elbo"], terms, rtol=1e-5)


@pytest.mark.parametrize("joint_prior", [0.0, 0.5])
def test_the_mixture_is_reweighted_after_the_training_alone(
    joint_prior: float, digits: str, tmp_path: Path
) -> None:
    options = JOINT | {"joint_prior": joint_prior, "prior_gaussians": 1}
    plain = gn.train("vae", runs=tmp_path / "plain", **options)
    options |= {"prior_epochs": 60, "evaluate": True}
    run = gn.train("vae", runs=tmp_path / "reweighted", **options)
    priors = [each.model.network.prior for each in (plain, run)]
    assert [prior.is_reweighted for prior in priors] == [False, True]
    assert torch.equal(priors[0].means, priors[1].means)
    for name, values in plain.metrics.items():
        np.testing.assert_array_equal(values, run.metrics[name])
    results = run.results["test"]
    assert results["prior_reweighted"]
    assert "a reweighted mixture of 1 Gaussian" in results["numbers"][0][2]
    assert run.generate(3, seed=1).shape == (3, 28, 28)


@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_both_networks_have_the_same_gaussians_which_change_between_epochs(
    ema_decay: float, digits: str, tmp_path: Path
) -> None:
    diary = Diary()
    gn.train("vae", runs=tmp_path, hooks=[diary], **JOINT | {"ema_decay": ema_decay})
    per_epoch = len(diary.priors) // 4
    for learning, average in diary.priors:
        for name, value in learning.items():
            torch.testing.assert_close(value, average[name])
    means = [learning["means"] for learning, _ in diary.priors[per_epoch - 1 :: per_epoch]]
    assert not means[0].any()
    assert not means[1].any()
    assert means[2].any()
    assert not torch.equal(means[2], means[3])


def test_a_training_that_was_stopped_among_them_ends_as_if_it_never_had_been(
    digits: str, tmp_path: Path
) -> None:
    diary = Diary()
    whole = gn.train("vae", runs=tmp_path / "whole", hooks=[diary], **JOINT).run
    in_the_third_epoch = len(diary.priors) * 3 // 4 - 2
    with pytest.raises(Interrupted):
        gn.train("vae", runs=tmp_path / "stopped", hooks=[Diary(in_the_third_epoch)], **JOINT)
    (stopped,) = all_runs(tmp_path / "stopped")
    gn.resume(Run.open(stopped.path), evaluate=False)
    assert stopped.best.read_bytes() == whole.best.read_bytes()
    assert stopped.metrics.read_bytes() == whole.metrics.read_bytes()


def test_two_dimensions_have_a_map_and_learn_with_the_normal_distribution(
    digits: str, tmp_path: Path
) -> None:
    diary = Diary()
    run = gn.train("vae", runs=tmp_path, hooks=[diary], **JOINT | {"latent_dim": 2})
    assert run.evidence.log.later_phase is None
    assert not any(learning["means"].any() for learning, _ in diary.priors)
