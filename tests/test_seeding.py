from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from glassnet import seeding
from glassnet.runs import checkpoint


def draws() -> list[float]:
    """Some of everything, with the second of a pair of Gaussians left waiting in each generator."""
    return [
        random.random(),
        random.gauss(0, 1),
        *np.random.rand(2),
        np.random.randn(),
        *torch.rand(2).tolist(),
        torch.randn(()).item(),
    ]


@pytest.fixture(autouse=True)
def as_before() -> object:
    before = seeding.get_random_state()
    yield
    seeding.set_random_state(before)


def test_equal_seeds_give_equal_numbers() -> None:
    seeding.seed_everything(7)
    first = draws()
    seeding.seed_everything(7)
    assert draws() == first
    seeding.seed_everything(8)
    assert not set(draws()) & set(first)


@pytest.mark.parametrize("seed", [0, 2**32, 2**63 - 1])
def test_every_seed_that_a_configuration_admits_works(seed: int) -> None:
    seeding.seed_everything(seed)
    first = draws()
    seeding.seed_everything(seed)
    assert draws() == first


def test_a_state_goes_on_where_it_was_taken() -> None:
    seeding.seed_everything(1)
    draws()
    state = seeding.get_random_state()
    first = draws()
    draws()
    seeding.set_random_state(state)
    assert draws() == first


def test_a_state_survives_a_checkpoint(tmp_path: Path) -> None:
    draws()
    checkpoint.save(tmp_path / "a.safetensors", {"random": seeding.get_random_state()})
    first = draws()
    seeding.set_random_state(checkpoint.load(tmp_path / "a.safetensors")["random"])
    assert draws() == first
