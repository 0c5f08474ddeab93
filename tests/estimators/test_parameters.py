from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from glassnet import tasks
from glassnet.estimators import VAE, CNNClassifier, LSTMClassifier, parameters
from glassnet.estimators.base import NetworkEstimator

TASKS = {CNNClassifier: "cnn", VAE: "vae", LSTMClassifier: "lstm"}
KINDS = list(TASKS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_configuration_is_a_parameter_or_excluded(
    kind: type[NetworkEstimator],
) -> None:
    fields = {field.name for field in dataclasses.fields(tasks.config_type(TASKS[kind]))}
    own = {"preset", "random_state", "verbose", "runs"}
    own |= set() if kind is LSTMClassifier else {"image_shape"}
    own |= set() if kind is VAE else {"class_weight"}
    named = set(inspect.signature(kind).parameters)
    assert named - own == fields - parameters.EXCLUDED
    assert set(kind().get_params()) == named
    configs = [tasks.config_type(task) for task in tasks.names()]
    every = {field.name for config in configs for field in dataclasses.fields(config)}
    assert every >= parameters.EXCLUDED


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_documented(kind: type[NetworkEstimator]) -> None:
    words = inspect.getdoc(kind) or ""
    for name in kind().get_params():
        assert f" {name}: " in words, name
    assert max(map(len, words.splitlines())) <= 130


@pytest.mark.parametrize("kind", KINDS)
def test_the_constructor_only_stores_its_parameters(kind: type[NetworkEstimator]) -> None:
    odd: Any = object()
    estimator = kind(epochs=odd, preset="no such")
    assert estimator.get_params()["epochs"] is odd
    assert {name for name in vars(estimator) if name.startswith("_") or name.endswith("_")} == set()
    assert set(vars(estimator)) == set(estimator.get_params())
    with pytest.raises(TypeError, match="epoch"):
        kind(epoch=3)


def test_clone_and_repr_have_the_parameters() -> None:
    estimator = CNNClassifier(epochs=3, channels=(4, 4, 4), random_state=7)
    assert clone(estimator).get_params() == estimator.get_params()
    assert repr(estimator) == "CNNClassifier(channels=(4, 4, 4), epochs=3, random_state=7)"


def test_numpy_scalars_are_accepted() -> None:
    estimator = CNNClassifier(epochs=np.int64(3), learning_rate=np.float32(0.5), dropout=None)
    fields = parameters.given(estimator, "cnn")
    assert fields == {"epochs": 3, "learning_rate": 0.5}
    assert [type(value) for value in fields.values()] == [int, float]
