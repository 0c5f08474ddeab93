"""Small generators, each kind trained once for all the tests that look at one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from shared_folders import run_made_once

import glassnet as gn
from glassnet import progress

OPTIONS: dict[str, Any] = {
    "data": "digits",
    "epochs": 2,
    "batch_size": 50,
    "learning_rate": 0.01,
    "schedule": "constant",
    "ema_decay": 0.0,
    "channels": (4, 8),
    "hidden_size": 32,
    "latent_dim": 4,
    "joint_prior": 0.0,
    "prior_epochs": 0,
    "nll_samples": 20,
    "nll_examples": 10,
    "device": "cpu",
    "threads": 1,
}
"""What a generator is trained with that has to be there within a second."""

KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "conditional": {"conditional": True},
    "logistic": {"likelihood": "logistic"},
    "static": {"binarisation": "static"},
    "perceptron": {"network": "perceptron"},
    "several": {"iwae_samples": 3},
}


def generator(kind: str, root: Path, tmp_path_factory: pytest.TempPathFactory) -> gn.TrainedRun:
    """A copy under this root of a finished run of one of the kinds; wants the digits at hand."""

    def make(runs: Path) -> None:
        with progress.silenced():
            gn.train("vae", runs=runs, **OPTIONS | KINDS[kind])

    folder = run_made_once(f"generator-{kind}", make, tmp_path_factory)
    name = folder.name
    if (root / name).exists():  # another kind was trained within the same second
        name = f"{name}-{kind}"
    return gn.load(shutil.copytree(folder, root / name))
