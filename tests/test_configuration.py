from typing import Any

import pytest

from glassnet import config, tasks
from glassnet.api.configuration import adapted
from glassnet.tasks.lstm.presets import Config


@pytest.mark.parametrize(
    ("overrides", "epochs", "ngram_epochs"),
    [
        ({}, 12, 12),
        ({"hidden_size": 8}, 12, 12),
        ({"ngram_epochs": 1}, 12, 1),
        ({"epochs": 5}, 5, 5),
    ],
)
def test_few_texts_have_more_epochs_unless_somebody_chose_them(
    overrides: dict[str, Any], epochs: int, ngram_epochs: int
) -> None:
    base = tasks.preset("lstm", "default")
    chosen = config.resolve(base, overrides=overrides)
    few = adapted(tasks.load("lstm"), base, chosen, 64 * 40, None, overrides)
    assert isinstance(few, Config)
    assert (few.epochs, few.ngram_epochs) == (epochs, ngram_epochs)
    assert all(getattr(few, name) == value for name, value in overrides.items())


def test_many_texts_leave_the_configuration_as_it_is() -> None:
    base = tasks.preset("lstm", "default")
    assert adapted(tasks.load("lstm"), base, base, 64 * 360, None, {}) == base


@pytest.mark.parametrize(("n_images", "epochs"), [(55_000, 50), (27_500, 100), (1_701, 200)])
def test_generators_have_up_to_four_times_the_epochs(n_images: int, epochs: int) -> None:
    base = tasks.preset("vae", "default")
    few = adapted(tasks.load("vae"), base, base, n_images, None, {})
    assert few.epochs == epochs
