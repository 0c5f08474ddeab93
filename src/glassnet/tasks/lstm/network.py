"""The reader: word vectors, recurrent layers, pooling, linear; scores of n-grams beside them.

The two branches learn each by a loss of its own. With one loss for their sum the LSTM, which soon
knows the training texts by heart, leaves the n-grams nothing to learn from, and both together are
worse than the n-grams alone.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from glassnet.data import batches
from glassnet.data.texts.vocabulary import PADDING, UNKNOWN
from glassnet.tasks.lstm.ngrams import NGrams
from glassnet.tasks.lstm.pooling import Last, Mean, pooling
from glassnet.tasks.lstm.recurrent import Recurrent
from glassnet.tasks.lstm.word_vectors import ppmi_vectors


class LSTMTextClassifier(nn.Module):
    """Texts as numbers of words in, log-odds of classes out; keeps `contract.TextModel`.

    Args:
        words: numbers that a word can have, padding (0) and unknown (1) among them.
        classes: number of classes.
        width: values per word vector.
        units: of each recurrent layer, per direction.
        layers: recurrent layers, one on the other.
        bidirectional: whether each of them reads in both directions.
        pool: how the words' states become the text's, one of `pooling.KINDS`.
        word_dropout: share of the words that are read as unknown.
        vector_dropout: share of the word vectors' values that are zeroed.
        weight_dropout: share of the recurrent weights that are zeroed.
        dropout: share of values zeroed between recurrent layers and before the output.
        ngrams: words in the longest runs that have scores of their own; 0 for none.
        buckets: rows of each table of such scores.
        ngram_dropout: share of the runs that are left out.
        say: what n-grams have to say beside the LSTM, times the root of the text's words.
        company: whether the word vectors begin alike for words that keep the same company, or at
            random.

    Example:
        >>> reader = TextReader(words=9, classes=2, width=4, units=3)
        >>> reader(torch.tensor([[5, 8, 0], [2, 3, 4]])).shape
        torch.Size([2, 1, 2])
    """

    def __init__(
        self,
        words: int,
        classes: int,
        width: int = 128,
        units: int = 128,
        layers: int = 1,
        bidirectional: bool = True,
        pool: str = "max-mean",
        word_dropout: float = 0.0,
        vector_dropout: float = 0.0,
        weight_dropout: float = 0.0,
        dropout: float = 0.0,
        ngrams: int = 0,
        buckets: int = 2**20,
        ngram_dropout: float = 0.0,
        log: float = 0.5,
        ppmi: bool = False,
    ) -> None:
        super().__init__()
        self.word_dropout = WordDropout(word_dropout)
        self.embedding = nn.Embedding(words, width, padding_idx=PADDING)
        self.width = width
        self.mean_embedding = Mean()
        self.vector_dropout = nn.Dropout(vector_dropout)
        wide = units * (1 + bidirectional)
        self.layers = nn.ModuleList(
            Recurrent(wide if above else width, units, bidirectional, weight_dropout)
            for above in range(layers)
        )
        self.between = nn.Dropout(dropout)
        self.last_state = Last(units)
        self.pool, pooled = pooling(pool, wide, units)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(pooled, classes)
        self.log = log
        self.ppmi = ppmi
        self.ngrams = None
        if ngrams:
            self.ngrams = NGrams(words, classes, ngrams, buckets, ngram_dropout)
        start_small(self.embedding)

    @torch.no_grad()
    def prepare(self, words: Tensor, labels: Tensor, weights: Tensor | None = None) -> None:
        """Count in the training texts what needs no learning.

        Args:
            words: (n, T) int64, filled up with 0.
            labels: (n,) int64.
            weights: (n,) how often each text counts; once where none are given.
        """
        if self.ppmi:
            told = words if weights is None else words[weights > 0]
            vectors = ppmi_vectors(told, self.embedding.num_embeddings, self.width)
            self.embedding.weight[UNKNOWN + 1 :] = vectors[UNKNOWN + 1 :]
        if self.ngrams is not None:
            self.ngrams.count(words, labels, weights)

    def forward(self, words: Tensor) -> Tensor:
        """Numbers of words (B, T) int64, filled up with 0 at the end, to logits.

        Returns:
            (B, 1, classes), or (B, 2, classes) where n-grams stand beside the LSTM; `combine`
            makes one answer of them.
        """
        lengths = batches.lengths(words, PADDING)
        if not torch.jit.is_tracing():  # a traced graph cannot go by what is in its inputs
            words = words[:, : max(1, int(lengths.max()))]
        vectors = self._embed(self.word_dropout(words), words)  # (B, T, width [+ classes])
        self.mean_embedding(vectors[..., : self.width], lengths)  # for those who look
        return self._branches(vectors, lengths)

    def embed(self, words: Tensor) -> Tensor:
        """(B, T) int64 to (B, T, width), or wider by the scores of the n-grams that end there."""
        return self._embed(words, words)

    def _embed(self, seen: Tensor, written: Tensor) -> Tensor:
        vectors = self.embedding(seen)
        if self.ngrams is None:
            return vectors
        # Words that are dropped are not taken out of n-grams, which have a dropout of their own.
        return torch.cat([vectors, self.ngrams(written)], dim=2)

    def hidden_states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors (B, T, ...) and lengths (B,) to the last recurrent layer's (B, T, units)."""
        first, *others = self.layers
        states = first(self.vector_dropout(vectors[..., : self.width]), lengths)
        for layer in others:
            states = layer(self.between(states), lengths)
        return states

    def logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors (B, T, ...) and lengths (B,) to logits (B, classes)."""
        return combined(self._branches(vectors, lengths), lengths, self.log)

    def combine(self, branches: Tensor, words: Tensor) -> Tensor:
        """What `forward` makes of words (B, T) to the answer's logits (B, classes)."""
        return combined(branches, batches.lengths(words, PADDING), self.log)

    def _branches(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        states = self.hidden_states(vectors, lengths)
        self.last_state(states, lengths)  # for those who look
        logits = [self.output(self.dropout(self.pool(states, lengths)))]
        if self.ngrams is not None:
            # A text's scores add up as a walk's steps do: by the root of their number.
            scale = lengths.clamp(min=1).sqrt().unsqueeze(1)
            logits.append(vectors[..., self.width :].sum(dim=1) / scale)
        return torch.stack(logits, dim=1)


def start_small(vectors: nn.Embedding) -> None:
    """Give every word a small random vector, and the padding zeros, which stay so."""
    nn.init.normal_(vectors.weight, std=0.1)
    nn.init.zeros_(vectors.weight[PADDING])


def combined(branches: Tensor, lengths: Tensor, log: float) -> Tensor:
    """Logits of one or two branches (B, branches, classes) to those of the answer (B, classes).

    Of a text of T words it is a mean in which the LSTM counts once and the n-grams `log` times the
    root of T: their evidence grows with the text, an LSTM's does not.

    Args:
        lengths: (B,) words of each text.

    Example:
        >>> combined(torch.tensor([[[3.0, 0.0], [0.0, 3.0]]]), torch.tensor([16]), 0.5).tolist()
        [[1.0, 2.0]]
    """
    if branches.shape[1] == 1:
        return branches[:, 0]
    weight = log * lengths.clamp(min=1).sqrt().unsqueeze(1)  # (B, 1)
    return (branches[:, 0] + weight * branches[:, 1]) / (1 + weight)


class WordDropout(nn.Module):
    """Reads a share of the words as unknown, others at every look (Iyyer et al. 2015).

    Args:
        p: the share, in [0, 1).
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, words: Tensor) -> Tensor:
        """(B, T) int64 to the same; padding stays padding."""
        if not self.training or not self.p:
            return words
        drawn = torch.rand(words.shape, device=words.device) < self.p
        return words.masked_fill(drawn & (words != PADDING), UNKNOWN)
