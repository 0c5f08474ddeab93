from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from glassnet.contract import Signature, Split, Splits
from glassnet.data.texts.vocabulary import train_tokenizer
from glassnet.errors import ConfigError
from glassnet.tasks.lstm import language_model, unlabelled
from glassnet.tasks.lstm.language_model import LanguageModel, LanguageModelLearner, concatenate
from glassnet.tasks.lstm.presets import Config
from glassnet.tasks.lstm.task import TASK
from glassnet.training.setup import load_matching_weights

TEXTS = np.array(["the cat sat", "a dog", "the dog sat down"] * 4, np.dtypes.StringDType())
SIGNATURE = Signature((4,), ("a", "b"), train_tokenizer(TEXTS, 50, 1))
CONFIG = Config(data="./own", embedding_dim=8, hidden_size=6, pretrain_epochs=3, epochs=2)


def splits() -> Splits:
    part = Split(TEXTS, np.arange(12) % 2, np.arange(12))
    return Splits("own", part, part, part, ("a", "b"), "0" * 64)


def model(num_embeddings: int = 12, **options: object) -> LanguageModel:
    torch.manual_seed(0)
    given = {"embedding_dim": 8, "hidden_size": 6, "bidirectional": True, "dropout": 0.0} | options
    return LanguageModel(num_embeddings, **given)  # type: ignore[arg-type]


def test_texts_run_on_with_a_zero_behind_each() -> None:
    row = concatenate(TEXTS[:3], SIGNATURE)
    assert (row == 0).sum() == 3
    assert row[3] == row[6] == row[-1] == 0
    assert len(row) == 3 + 2 + 4 + 3


def test_an_untrained_model_guesses_evenly() -> None:
    network = model().eval()
    nn.init.zeros_(network.decoder.weight)
    windows = torch.randint(0, 12, (3, 20))
    assert network(windows).item() == pytest.approx(math.log(12), abs=1e-4)


def test_no_direction_sees_the_word_that_it_guesses() -> None:
    """Change one word: what stands before it is foretold as before, and after it likewise."""
    network, windows = model().eval(), torch.randint(1, 12, (1, 9))
    other = windows.clone()
    other[0, 4] = (windows[0, 4] + 3) % 12
    states = []
    for each in (windows, other):
        whole = torch.tensor([9])
        states.append(network.layers[0](network.embedding(each), whole).detach())
    before, after = states
    assert torch.equal(before[0, :4, :6], after[0, :4, :6])  # forwards: words 1 to 4 are guessed
    assert torch.allclose(before[0, 5:, 6:], after[0, 5:, 6:])  # backwards
    assert not torch.allclose(before[0, 4:, :6], after[0, 4:, :6])


def test_the_sampled_loss_is_near_the_whole_one() -> None:
    network, windows = model(3000), torch.randint(0, 3000, (4, 40))
    nn.init.normal_(network.decoder.weight)
    whole = network.eval()(windows).item()
    torch.manual_seed(1)
    sampled = np.mean([network.train()(windows).item() for _ in range(30)])
    assert sampled == pytest.approx(whole, rel=0.02)


def test_it_learns_what_comes_next() -> None:
    network = model(6, hidden_size=16).train()
    windows = torch.tensor([[1, 2, 3, 4, 5] * 8])
    optimizer = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(150):
        loss = network(windows)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert network.eval()(windows).item() < 0.1


def test_the_stage_reads_all_training_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    more = np.array(["no label here"], np.dtypes.StringDType())
    monkeypatch.setattr(unlabelled, "load_unlabelled", lambda name: more)
    stage = TASK.pretraining(CONFIG, splits())
    assert stage is not None
    assert len(stage.splits.train) == 13
    assert stage.splits.train.inputs.tolist()[-1] == "no label here"
    assert stage.config.epochs == 3
    windows = stage.learner.tensors(stage.splits.train, stage.config, SIGNATURE)[0][:]
    assert windows.shape[1] == language_model.WINDOW
    assert windows.dtype == torch.int64


def test_without_pretraining_there_is_no_stage() -> None:
    assert TASK.pretraining(replace(CONFIG, pretrain_epochs=0), splits()) is None


def test_stacked_layers_cannot_be_pretrained() -> None:
    with pytest.raises(ConfigError, match="num_layers = 2"):
        TASK.pretraining(replace(CONFIG, num_layers=2), splits())


def test_vectors_and_recurrent_weights_are_handed_on() -> None:
    first = LanguageModelLearner().build(CONFIG, SIGNATURE)
    text_classifier = TASK.build(CONFIG, SIGNATURE)
    before = {name: value.clone() for name, value in text_classifier.state_dict().items()}
    load_matching_weights(text_classifier, first.state_dict())
    now, given = text_classifier.state_dict(), first.state_dict()
    same = {name for name in now if name in given and torch.equal(now[name], given[name])}
    assert same == {name for name in now if name.startswith(("embedding", "layers"))}
    assert torch.equal(now["output.weight"], before["output.weight"])
