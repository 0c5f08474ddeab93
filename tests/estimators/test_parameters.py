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

KINDS = [CNNClassifier, VAE, LSTMClassifier]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_configuration_is_a_parameter_or_left_out_on_purpose(
    kind: type[NetworkEstimator],
) -> None:
    fields = {field.name for field in dataclasses.fields(tasks.config_type(kind._task))}
    own = {"preset", "random_state", "verbose", "runs"}
    own |= set() if kind is LSTMClassifier else {"image_shape"}
    named = set(inspect.signature(kind).parameters)
    assert named - own == fields - parameters.LEFT_OUT
    assert set(kind().get_params()) == named
    configs = [tasks.config_type(task) for task in tasks.names()]
    every = {field.name for config in configs for field in dataclasses.fields(config)}
    assert every >= parameters.LEFT_OUT


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_explained(kind: type[NetworkEstimator]) -> None:
    words = inspect.getdoc(kind) or ""
    for name in kind().get_params():
        assert f" {name}: " in words, name
    assert max(map(len, words.splitlines())) <= 130


@pytest.mark.parametrize("kind", KINDS)
def test_the_constructor_stores_and_nothing_else(kind: type[NetworkEstimator]) -> None:
    odd: Any = object()
    estimator = kind(epochs=odd, preset="no such")
    assert estimator.get_params()["epochs"] is odd
    assert {name for name in vars(estimator) if name.startswith("_") or name.endswith("_")} == set()
    assert set(vars(estimator)) == set(estimator.get_params())
    with pytest.raises(TypeError, match="epoch"):
        kind(epoch=3)


def test_clones_and_repr() -> None:
    estimator = CNNClassifier(epochs=3, channels=(4, 4, 4), random_state=7)
    assert clone(estimator).get_params() == estimator.get_params()
    assert repr(estimator) == "CNNClassifier(channels=(4, 4, 4), epochs=3, random_state=7)"


def test_numpys_numbers_will_do() -> None:
    estimator = CNNClassifier(epochs=np.int64(3), learning_rate=np.float32(0.5), dropout=None)
    found = parameters.given(estimator, "cnn")
    assert found == {"epochs": 3, "learning_rate": 0.5}
    assert [type(value) for value in found.values()] == [int, float]
