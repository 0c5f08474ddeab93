"""Bidirectional language model for pretraining: predicts the next and the previous word."""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from glassnet.contract import Learner, Metric, Pretraining, Signature, Split, Splits, StepResult
from glassnet.data.texts.vocabulary import PADDING, Vocabulary
from glassnet.tasks.lstm.network import init_embedding
from glassnet.tasks.lstm.presets import Config
from glassnet.tasks.lstm.recurrent import Recurrent
from glassnet.tasks.lstm.unlabelled import all_texts, without_labels

WINDOW = 160
"""Words per example; the texts are concatenated with a 0 between them."""

NEGATIVE_SAMPLES = 512
"""Words that each step contrasts the true ones with, instead of the whole vocabulary."""

MAX_LENGTH = 1000
"""Words of a text that the language model reads, even if the classifier reads fewer."""

VALID_TEXTS = 200
"""Validation texts on which the loss is measured, over the whole vocabulary."""

CHUNK = 2000
"""Words scored against the whole vocabulary at a time, which bounds the memory."""


class LanguageModel(nn.Module):
    """The classifier's embedding and first recurrent layer, with an output over the vocabulary.

    Args:
        num_embeddings: number of token ids.
        embedding_dim: size of each word vector.
        hidden_size: units per direction.
        bidirectional: whether there is a model in each direction.
        dropout: fraction of values zeroed before and after the recurrent layer.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        hidden_size: int,
        bidirectional: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(num_embeddings, embedding_dim, padding_idx=PADDING)
        self.layers = nn.ModuleList([Recurrent(embedding_dim, hidden_size, bidirectional)])
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Embedding(num_embeddings, hidden_size)
        self.bias = nn.Parameter(torch.zeros(num_embeddings))
        self.hidden_size = hidden_size
        init_embedding(self.embedding)
        nn.init.normal_(self.decoder.weight, std=0.05)

    def forward(self, words: Tensor) -> Tensor:
        """Windows of token ids (B, T) int64 to the mean cross-entropy in nats per word.

        While training it is estimated from `NEGATIVE_SAMPLES` words (Bengio & Sénécal 2008).
        """
        lengths = torch.full((len(words),), words.shape[1], device=words.device)
        states = self.layers[0](self.dropout(self.embedding(words)), lengths)
        states = self.dropout(states)
        contexts = [states[:, :-1, : self.hidden_size].flatten(0, 1)]
        targets = [words[:, 1:].flatten()]
        if states.shape[2] > self.hidden_size:
            contexts.append(states[:, 1:, self.hidden_size :].flatten(0, 1))
            targets.append(words[:, :-1].flatten())
        loss = self._sampled_loss if self.training else self._full_loss
        return loss(torch.cat(contexts), torch.cat(targets))

    def _sampled_loss(self, states: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of each target against a sample shared by all words of the batch.

        Token ids are in order of falling frequency, so log-uniform sampling follows Zipf's law.
        """
        size = len(self.bias)
        uniform = torch.rand(NEGATIVE_SAMPLES, device=states.device)
        sample = (torch.exp(uniform * np.log(size + 1)) - 1).long().clamp(max=size - 1).unique()
        probability = torch.log1p(1 / (sample + 1.0)) / np.log(size + 1)
        expected = torch.log(-torch.expm1(NEGATIVE_SAMPLES * torch.log1p(-probability)))
        negatives = F.linear(states, self.decoder(sample), self.bias[sample] - expected).float()
        column = torch.full((size,), -1, device=states.device)
        column[sample] = torch.arange(len(sample), device=states.device)
        hits = (column[targets] >= 0).nonzero()[:, 0]
        excluded = torch.tensor(-torch.inf, device=states.device)
        negatives = negatives.index_put((hits, column[targets[hits]]), excluded)
        positives = (states * self.decoder(targets)).sum(dim=1) + self.bias[targets]
        return (torch.logaddexp(negatives.logsumexp(dim=1), positives) - positives).mean()

    def _full_loss(self, states: Tensor, targets: Tensor) -> Tensor:
        chunks = zip(states.split(CHUNK), targets.split(CHUNK), strict=True)
        losses = [
            F.cross_entropy(F.linear(part, self.decoder.weight, self.bias), words, reduction="sum")
            for part, words in chunks
        ]
        return torch.stack(losses).sum() / len(targets)


class LanguageModelLearner(Learner):
    """Trains a `LanguageModel` on windows of concatenated texts."""

    metrics = (Metric("perplexity"),)

    def build(self, config: Config, signature: Signature) -> nn.Module:
        """Make the network for this vocabulary."""
        return LanguageModel(
            num_embeddings=len(Vocabulary(signature.vocabulary, 1).words),
            embedding_dim=config.embedding_dim,
            hidden_size=config.hidden_size,
            bidirectional=config.bidirectional,
            dropout=config.dropout,
        )

    def tensors(self, split: Split, config: Config, signature: Signature) -> tuple[Tensor, ...]:
        """Windows of token ids: (n, `WINDOW`) int64; an incomplete last window is dropped."""
        words = concatenate(split.inputs, signature)
        n = max(1, len(words) // WINDOW)
        return (torch.from_numpy(np.resize(words, (n, WINDOW)).astype(np.int64)),)

    def step(
        self, network: nn.Module, batch: tuple[Tensor, ...], config: Config, epoch: float
    ) -> StepResult:
        """Cross-entropy in nats per word, and its exponential."""
        (windows,) = batch
        loss = network(windows)
        return StepResult(loss, {"perplexity": loss.detach().exp()}, len(windows))


def concatenate(texts: np.ndarray, signature: Signature) -> np.ndarray:
    """Texts as one sequence of token ids (n,) int32, with a 0 after each."""
    vocabulary = Vocabulary(signature.vocabulary, MAX_LENGTH)
    return np.concatenate([np.append(ids, PADDING) for ids in vocabulary.encode(texts)])


def make_pretraining(config: Config, splits: Splits) -> Pretraining:
    """Pretraining on all training texts, including unlabelled ones that are not in the test set."""
    texts = all_texts(config.data, splits)
    return Pretraining(
        title=f"a language model on {len(texts):,} texts",
        learner=LanguageModelLearner(),
        config=replace(
            config,
            epochs=config.pretrain_epochs,
            batch_size=48,
            learning_rate=0.003,
            dropout=0.1,
            ema_decay=0.0,
            monitor="loss",
            snapshots=0,
        ),
        splits=replace(
            splits,
            train=texts,
            valid=without_labels(splits.valid.inputs[:VALID_TEXTS]),
        ),
    )
