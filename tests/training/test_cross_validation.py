"""Cross-validation: no network predicts an example that it was trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glassnet as gn
from glassnet import progress
from glassnet.contract import Split, Splits
from glassnet.runs.folder import Run
from glassnet.stats.folds import stratified_folds
from glassnet.training import in_memory
from glassnet.training.cross_validation import out_of_fold_probabilities


def folds(train: Split) -> list[tuple[np.ndarray, np.ndarray]]:
    return stratified_folds(train.labels, seed=0, n_folds=2)


def test_every_example_is_predicted_by_a_network_that_did_not_see_it(
    trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = gn.load(trained.path).model
    train, fitted, seen = model.data.train, in_memory.fit, []

    def recording(fabric: Any, task: Any, config: Any, splits: Splits, *others: Any) -> Any:
        seen.append(set(splits.train.ids.tolist()))
        assert splits.valid is model.data.valid
        return fitted(fabric, task, config, splits, *others)

    monkeypatch.setattr(in_memory, "fit", recording)
    config = replace(model.config, epochs=2)
    with progress.silenced():
        probabilities = out_of_fold_probabilities(
            model.task, config, model.data.splits, model.signature, folds(train)
        )
    assert seen[0] | seen[1] == set(train.ids.tolist())
    assert not seen[0] & seen[1]
    assert probabilities.shape == (len(train), 10)
    assert (probabilities.argmax(axis=1) == train.labels).mean() > 0.6


def test_the_weights_of_a_pretraining_are_used_again(
    trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = gn.load(trained.path).model
    used: list[Any] = []

    def pretraining(config: Any, splits: Splits) -> None:
        raise AssertionError("it is trained again")

    def start(self: Any, initial: Any = None) -> None:
        used.append(initial)
        raise KeyboardInterrupt

    monkeypatch.setattr(model.task, "pretraining", pretraining)
    monkeypatch.setattr("glassnet.training.loop.Trainer.start", start)
    weights = dict(model.network.state_dict())
    with progress.silenced(), pytest.raises(KeyboardInterrupt):
        out_of_fold_probabilities(
            *(model.task, model.config, model.data.splits, model.signature),
            *(folds(model.data.train), weights),
        )
    assert used == [weights]


def test_the_networks_of_folds_are_stored_and_not_trained_again(
    trained: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = gn.load(trained.path).model
    paths = [tmp_path / "one.safetensors", tmp_path / "two.safetensors"]

    def probabilities() -> np.ndarray:
        with progress.silenced():
            return out_of_fold_probabilities(
                model.task,
                replace(model.config, epochs=1),
                model.data.splits,
                model.signature,
                folds(model.data.train),
                paths=paths,
            )

    first = probabilities()
    fitted, calls = in_memory.fit, []

    def counted(*args: Any) -> Any:
        calls.append(args)
        return fitted(*args)

    monkeypatch.setattr(in_memory, "fit", counted)
    np.testing.assert_array_equal(probabilities(), first)
    assert not calls
    paths[1].write_bytes(b"damaged")
    np.testing.assert_array_equal(probabilities(), first)
    assert len(calls) == 1
