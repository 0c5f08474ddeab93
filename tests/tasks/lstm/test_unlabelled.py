"""Texts without labels: which they are, what they teach, and in which order they come."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import glassnet as gn
from glassnet.contract import Split, Splits
from glassnet.errors import ConfigError, Interrupted
from glassnet.runs.folder import Run, all_runs
from glassnet.tasks.lstm import unlabelled
from glassnet.tasks.lstm.adversarial import divergence, entropy, virtual_adversarial
from glassnet.tasks.lstm.network import LSTMTextClassifier, combine_branches
from glassnet.tasks.lstm.presets import Config
from glassnet.tasks.lstm.task import TASK, TextClassifier

WORDS = torch.tensor([[2, 5, 3, 4], [6, 2, 0, 0]])
LENGTHS = torch.tensor([4, 2])

SMALL: dict[str, Any] = {
    "embedding_dim": 8,
    "hidden_size": 4,
    "epochs": 2,
    "batch_size": 100,
    "unlabelled": True,
    "adversarial": 1.0,
    "virtual_adversarial": 1.0,
    "entropy": 0.1,
    "co_training": 1.0,
    "ngram_epochs": 1,
    "device": "cpu",
    "threads": 1,
    "evaluate": False,
}


def texts(*lines: str) -> np.ndarray:
    return np.array(lines, np.dtypes.StringDType())


def part(*lines: str) -> Split:
    return Split(texts(*lines), np.ones(len(lines), np.int64), np.arange(len(lines)))


def network() -> LSTMTextClassifier:
    torch.manual_seed(0)
    made = LSTMTextClassifier(8, 2, embedding_dim=3, hidden_size=4, max_ngram=2, ngram_buckets=16)
    assert made.ngrams is not None
    for table in made.ngrams.scores:
        torch.nn.init.normal_(table.weight)
    return made.train()


def test_they_are_the_training_texts_and_those_that_are_not_in_the_test_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = texts("no label here", "seen in the test")
    monkeypatch.setattr(unlabelled, "load_unlabelled", lambda name: more)
    splits = Splits(
        "imdb", part("a film"), part("held out"), part("seen in the test"), ("a", "b"), "0" * 64
    )
    found = unlabelled.all_texts("imdb", splits)
    assert found.inputs.tolist() == ["a film", "no label here"]
    assert found.labels.tolist() == [0, 0]


@pytest.mark.parametrize("name", ["virtual_adversarial", "entropy", "co_training"])
def test_a_weight_of_texts_that_are_not_read_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"{name} = 1\.0 is a weight of unlabelled texts"):
        TASK.load(replace(Config(), **{name: 1.0}))  # type: ignore[arg-type]


def test_co_training_without_ngrams_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"co_training = 1\.0 needs n-grams"):
        TASK.load(Config(unlabelled=True, co_training=1.0))


def test_the_loss_is_the_weighted_sum_of_its_parts() -> None:
    made, config = network(), Config(max_ngram=2, epsilon=0.3)
    total, parts = replace(config, virtual_adversarial=2.0, entropy=0.5, co_training=3.0), 0.0
    torch.manual_seed(1)
    branches = made(WORDS, virtual_adversarial(LENGTHS, 0.3))
    lstm, combined = branches[:, 0], combine_branches(branches[:, :2], LENGTHS, 0.5)
    parts = 2 * divergence(lstm, branches[:, 2]) + 0.5 * entropy(lstm)
    parts = (parts + 3 * divergence(combined, lstm)).mean()
    torch.manual_seed(1)
    assert unlabelled.loss(made, WORDS, total, 4.0).item() == pytest.approx(parts.item())


@pytest.mark.parametrize(("epoch", "share"), [(0.0, 0.0), (0.25, 0.25), (1.0, 1.0), (7.5, 1.0)])
def test_the_weight_rises_during_the_first_epoch(epoch: float, share: float) -> None:
    made, config = network(), Config(max_ngram=2, co_training=1.0)
    whole = unlabelled.loss(made, WORDS, config, 1.0).item()
    assert whole > 0
    assert unlabelled.loss(made, WORDS, config, epoch).item() == pytest.approx(share * whole)


def test_co_training_teaches_the_lstm_and_not_the_ngrams() -> None:
    made = network()
    optimizer = torch.optim.Adam(made.parameters(), lr=0.05)
    config = Config(max_ngram=2, co_training=1.0)
    assert made.ngrams is not None
    before = [p.clone() for p in made.ngrams.parameters()]
    first = unlabelled.loss(made, WORDS, config, 1.0).item()
    for _ in range(30):
        optimizer.zero_grad()
        unlabelled.loss(made, WORDS, config, 1.0).backward()
        optimizer.step()
    assert unlabelled.loss(made, WORDS, config, 1.0).item() < first / 10
    assert all(map(torch.equal, before, made.ngrams.parameters()))


def content(run: Run) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (run.best, run.last, run.metrics)}


@pytest.mark.parametrize("number", [1, 4, 6])
def test_a_training_that_was_stopped_reads_them_in_the_same_order(
    number: int, reviews: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = gn.train("lstm", runs=tmp_path / "whole", data=str(reviews), **SMALL).run
    loss, done = TextClassifier.unlabelled_loss, 0

    def counted(self: TextClassifier, *args: Any) -> torch.Tensor:
        nonlocal done
        done += 1
        if done == number:
            os.kill(os.getpid(), signal.SIGINT)
        return loss(self, *args)

    with monkeypatch.context() as patch:
        patch.setattr(TextClassifier, "unlabelled_loss", counted)
        with pytest.raises(Interrupted):
            gn.train("lstm", runs=tmp_path / "stopped", data=str(reviews), **SMALL)
    (stopped,) = all_runs(tmp_path / "stopped")
    assert stopped.info["status"] == "interrupted"
    assert content(gn.resume(stopped, evaluate=False).run) == content(whole)
