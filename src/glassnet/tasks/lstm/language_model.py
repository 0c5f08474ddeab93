"""The language model that a reader may begin as: next word forwards, previous word backwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glassnet.contract import Pretraining, Signature, Split, Splits, StepResult
from glassnet.data.texts import dataset
from glassnet.data.texts.vocabulary import PADDING, Vocabulary
from glassnet.tasks.lstm.network import start_small
from glassnet.tasks.lstm.presets import Config
from glassnet.tasks.lstm.recurrent import Recurrent

WINDOW = 160
"""Words per example; the texts stand one behind the other with a 0 between them."""

SAMPLED = 512
"""Words that each step's true ones are held against, in place of the whole vocabulary."""

WHOLE = 1000
"""Words of a text that the language model reads, also where the reader takes fewer."""

MEASURED = 200
"""Validation texts on which the loss is measured, against the whole vocabulary."""

AT_ONCE = 2000
"""Words that are measured against the whole vocabulary at once."""


class LanguageModel(nn.Module):
    """Word vectors and one recurrent layer, shared with the reader, and an output of its own.

    Args:
        words: numbers that a word can have.
        width: values per word vector.
        units: per direction.
        bidirectional: whether there is a model in each direction.
        dropout: share of values zeroed before and behind the recurrent layer.
    """

    def __init__(
        self,
        words: int,
        width: int,
        units: int,
        bidirectional: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, width, padding_idx=PADDING)
        self.layers = nn.ModuleList([Recurrent(width, units, bidirectional)])
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Embedding(words, units)
        self.bias = nn.Parameter(torch.zeros(words))
        self.units = units
        start_small(self.embedding)
        nn.init.normal_(self.decoder.weight, std=0.05)

    def forward(self, words: Tensor) -> Tensor:
        """Windows of words (B, T) int64 to the mean cross-entropy in nats per word.

        While training it is estimated from `SAMPLED` words (Bengio & Sénécal 2008).
        """
        whole = torch.full((len(words),), words.shape[1], device=words.device)
        states = self.layers[0](self.dropout(self.embedding(words)), whole)
        states = self.dropout(states)
        seen = [states[:, :-1, : self.units].flatten(0, 1)]
        wanted = [words[:, 1:].flatten()]
        if states.shape[2] > self.units:
            seen.append(states[:, 1:, self.units :].flatten(0, 1))
            wanted.append(words[:, :-1].flatten())
        if self.training:
            return self._sampled(torch.cat(seen), torch.cat(wanted))
        return self._whole(torch.cat(seen), torch.cat(wanted))

    def _sampled(self, states: Tensor, wanted: Tensor) -> Tensor:
        """Each word against itself and a sample that all words of the batch share.

        Words are numbered by falling frequency, so that a log-uniform draw follows Zipf's law.
        """
        size = len(self.bias)
        drawn = torch.exp(torch.rand(SAMPLED, device=states.device) * np.log(size + 1)) - 1
        sample = drawn.long().clamp(max=size - 1).unique()
        chance = torch.log1p(1 / (sample + 1.0)) / np.log(size + 1)
        expected = torch.log(-torch.expm1(SAMPLED * torch.log1p(-chance)))
        others = F.linear(states, self.decoder(sample), self.bias[sample] - expected).float()
        place = torch.full((size,), -1, device=states.device)
        place[sample] = torch.arange(len(sample), device=states.device)
        hit = (place[wanted] >= 0).nonzero()[:, 0]
        nothing = torch.tensor(-torch.inf, device=states.device)
        others = others.index_put((hit, place[wanted[hit]]), nothing)
        own = (states * self.decoder(wanted)).sum(dim=1) + self.bias[wanted]
        return (torch.logaddexp(others.logsumexp(dim=1), own) - own).mean()

    def _whole(self, states: Tensor, wanted: Tensor) -> Tensor:
        losses = [
            F.cross_entropy(F.linear(part, self.decoder.weight, self.bias), true, reduction="sum")
            for part, true in zip(states.split(AT_ONCE), wanted.split(AT_ONCE), strict=True)
        ]
        return torch.stack(losses).sum() / len(wanted)


class LearnsLanguage:
    """Windows of running text in, the cross-entropy of its words out; keeps `contract.Learner`."""

    headline = "perplexity"
    maximise: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()
    padding: int | None = None

    def build(self, config: Config, signature: Signature) -> nn.Module:
        """Make the network for this vocabulary."""
        return LanguageModel(
            words=len(Vocabulary(signature.vocabulary, 1).words),
            width=config.width,
            units=config.units,
            bidirectional=config.bidirectional,
            dropout=config.dropout,
        )

    def tensors(self, split: Split, config: Config, signature: Signature) -> tuple[Tensor, ...]:
        """Windows of words: (n, `WINDOW`) int64; what is left over at the end is dropped."""
        words = running(split.inputs, signature)
        n = max(1, len(words) // WINDOW)
        return (torch.from_numpy(np.resize(words, (n, WINDOW)).astype(np.int64)),)

    def prepare(self, network: nn.Module, examples: tuple[Tensor, ...]) -> None:
        """Nothing is counted beforehand."""

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> StepResult:
        """Cross-entropy in nats per word, and its exponential."""
        (windows,) = batch
        loss = network(windows)
        return StepResult(loss, {"perplexity": loss.detach().exp()}, len(windows))


def running(documents: np.ndarray, signature: Signature) -> np.ndarray:
    """Texts as one run of numbers (n,) int32, with a 0 behind each."""
    vocabulary = Vocabulary(signature.vocabulary, WHOLE)
    parts = []
    for start in range(0, len(documents), 5000):
        rows = np.pad(vocabulary.encode(documents[start : start + 5000]), ((0, 0), (0, 1)))
        keep = rows != PADDING
        keep[np.arange(len(rows)), keep.sum(axis=1)] = True
        parts.append(rows[keep])
    return np.concatenate(parts)


def stage(config: Config, splits: Splits) -> Pretraining:
    """What a reader learns first: all training texts, with those that have no labels."""
    documents = [splits.train.inputs]
    unlabelled = dataset.unlabelled(config.data)
    if unlabelled is not None:
        tested = set(splits.test.inputs.tolist())  # no text of the test part may be learned from
        documents.append(unlabelled[[text not in tested for text in unlabelled.tolist()]])
    everything = np.concatenate(documents)
    chosen = replace(
        config,
        epochs=config.pretrain_epochs,
        batch_size=48,
        learning_rate=0.003,
        dropout=0.1,
        average=0.0,
        monitor="loss",
        snapshots=0,
    )
    return Pretraining(
        title=f"a language model of {len(everything):,} texts",
        learner=LearnsLanguage(),
        config=chosen,
        splits=replace(
            splits,
            train=_unlabelled(everything),
            valid=_unlabelled(splits.valid.inputs[:MEASURED]),
        ),
    )


def _unlabelled(documents: np.ndarray) -> Split:
    nothing = np.zeros(len(documents), np.int64)
    return Split(documents, nothing, np.arange(len(documents)))
