"""N-gram scores with hashed tables and NB-SVM scaling: a linear text classifier as a layer."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from glassnet.data.ragged import RaggedTensor
from glassnet.data.texts.vocabulary import PADDING

PRIME = 2_147_483_647
FACTORS = (1_000_003, 7_919, 31)
"""Multipliers of the hash of an n-gram; any odd numbers would do."""

GAIN = 10.0
"""Factor on the learned scores: sparse scores need ten times the learning rate of recurrent layers,
and with it one rate serves both."""

MIN_TEXTS = 2
"""N-grams in fewer training texts score nothing: most of them are names from a single film."""

MAX_SCORES = 2**24
"""Scores of a table: 64 MB, and three times as much in a checkpoint with the optimizer's state."""

CHUNK = 1 << 19
"""Words counted at a time, with padding, which bounds the memory."""


class NGrams(nn.Module):
    """Class scores of every n-gram of 1 to `max_ngram` words, at its first occurrence in a text.

    An n-gram counts once per text. N-grams of two words and more share a table of `buckets` rows
    by their hash (Weinberger et al. 2009). All scores start at 0. The scores of n-grams that
    separate the classes in the training texts learn faster: they are scaled by the absolute
    log-count ratio of two classes (Wang & Manning 2012), or by `separation` where there are more or
    where words are characters.

    Args:
        num_embeddings: number of token ids.
        classes: number of classes; for two, only the second one's score is stored and the first
            one's is its negative.
        max_ngram: length of the longest n-grams, at least 1.
        buckets: rows of each table of longer n-grams.
        dropout: fraction of the n-grams that are left out of each batch.
        characters: whether words are characters.
    """

    is_layer = True

    def __init__(
        self,
        num_embeddings: int,
        classes: int,
        max_ngram: int,
        buckets: int,
        dropout: float = 0.0,
        characters: bool = False,
    ) -> None:
        super().__init__()
        self.log_ratio = classes == 2 and not characters
        self.classes = classes
        self.columns = 1 if classes == 2 else classes
        self.one_rate_per_row = self.columns > 1  # see `training.rowwise_adam`
        rows = [num_embeddings, *[buckets] * (max_ngram - 1)]
        self.scores = nn.ModuleList(nn.Embedding(count, self.columns) for count in rows)
        self.dropout = dropout
        for order, table in enumerate(self.scores, start=1):
            nn.init.zeros_(table.weight)
            self.register_buffer(f"ratios{order}", torch.ones(table.weight.shape))

    def forward(self, words: Tensor) -> Tensor:
        """Token ids (B, T) int64 to the scores of the n-grams that end there: (B, T, classes)."""
        total = torch.zeros(*words.shape, self.columns, device=words.device)
        for index, (rows, counted) in enumerate(self._ngrams(words)):
            if self.training and self.dropout:
                retained = torch.rand(counted.shape, device=words.device) >= self.dropout
                counted = counted & retained
            scale = GAIN / (1 - self.dropout if self.training else 1)
            scores = self.scores[index](rows) * F.embedding(rows, self._ratios(index))
            scores = scores * (counted.unsqueeze(2) * scale)
            total = total + F.pad(scores, (0, 0, words.shape[1] - scores.shape[1], 0))
        return torch.cat([-total, total], dim=2) if self.columns == 1 else total

    @torch.no_grad()
    def count(self, words: RaggedTensor, labels: Tensor, weights: Tensor | None = None) -> None:
        """Set the log-count ratios from the training texts.

        Args:
            words: token ids of n texts.
            labels: (n,) int64.
            weights: (n,) weight of each text; None counts each text once.
        """
        device = labels.device  # the network may not be on it yet
        texts = F.one_hot(labels, self.classes).float()
        texts = texts if weights is None else texts * weights.unsqueeze(1)
        counts = [
            torch.zeros(table.num_embeddings, self.classes, device=device) for table in self.scores
        ]
        for chunk in words.slices(CHUNK):
            for (rows, counted), table in zip(self._ngrams(words[chunk]), counts, strict=True):
                table.index_add_(0, rows[counted], texts[chunk][counted.nonzero()[:, 0]])
        shares = texts.sum(dim=0) / texts.sum()
        for index, table in enumerate(counts):
            rare = table.sum(dim=1, keepdim=True) < MIN_TEXTS
            scale = log_ratio(table) if self.log_ratio else separation(table, shares)
            self._ratios(index).copy_(scale.masked_fill(rare, 0.0))

    def _ratios(self, index: int) -> Tensor:
        ratios = getattr(self, f"ratios{index + 1}")
        assert isinstance(ratios, Tensor)  # noqa: S101
        return ratios

    def _ngrams(self, words: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """For n-grams of n = 1, 2, ... words: their rows in the table, and which of them count.

        Both are (B, T - n + 1).
        """
        hashes = words
        yield hashes, first_occurrences(hashes, words != PADDING)
        for index, table in enumerate(list(self.scores)[1:], start=1):
            hashes = _extended(hashes[:, :-1], words[:, index:], index)
            rows = hashes % table.num_embeddings
            yield rows, first_occurrences(rows, words[:, index:] != PADDING)


def count_ngrams(texts: RaggedTensor, max_ngram: int) -> int:
    """Number of different n-grams of 2 to `max_ngram` words, of the length that has most of them.

    Example:
        >>> count_ngrams(RaggedTensor.from_rows([[2, 3, 2, 3], [2, 3, 4]]), max_ngram=3)
        3
    """
    words, rows = texts.flat()
    hashes, most = words, 0
    for index in range(1, max_ngram):
        hashes = _extended(hashes[:-1], words[index:], index)
        in_one_text = rows[index:] == rows[: len(hashes)]
        most = max(most, len(hashes[in_one_text].unique()))
    return most


def n_buckets(n_ngrams: int, classes: int) -> int:
    """Rows of a table for this many different n-grams: a power of two, two to four for each.

    At least six in ten then share their row with no other. Half as many rows raise the validation
    loss of sentences, and twice as many do not lower it (`benchmarks/ngram_buckets.py`). Tables of
    many classes have fewer rows, so that they have at most `MAX_SCORES`.

    Example:
        >>> n_buckets(1000, classes=2), n_buckets(3_000_000, classes=20)
        (2048, 524288)
    """
    wanted = 2 * 2 ** n_ngrams.bit_length()
    return min(wanted, 2 ** (MAX_SCORES // classes).bit_length() // 2)


def _extended(hashes: Tensor, words: Tensor, index: int) -> Tensor:
    """Hashes of n-grams of `index` words, extended by the word that follows each."""
    multiplier, factor, shift = FACTORS
    return (hashes * multiplier + words * factor + index * shift) % PRIME


def first_occurrences(numbers: Tensor, counted: Tensor) -> Tensor:
    """Mask of the first occurrence of each number in its row (B, T), among those `counted`.

    Example:
        >>> numbers = torch.tensor([[4, 7, 4, 0]])
        >>> first_occurrences(numbers, numbers != 0).tolist()
        [[True, True, False, False]]
    """
    ordered, order = numbers.masked_fill(~counted, -1).sort(dim=1, stable=True)
    new = torch.cat([torch.ones_like(counted[:, :1]), ordered[:, 1:] != ordered[:, :-1]], dim=1)
    return torch.zeros_like(counted).scatter(1, order, new) & counted


def log_ratio(counts: Tensor) -> Tensor:
    """Absolute log-count ratio of two classes, as in NB-SVM, with one text added to each count.

    Args:
        counts: (n, 2) texts of each class that have an n-gram.

    Returns:
        (n, 1), at least 0.

    Example:
        >>> ratios = log_ratio(torch.tensor([[8.0, 0.0], [2.0, 10.0]]))
        >>> [f"{value:.2f}" for value in ratios[:, 0]]
        ['2.20', '1.30']
    """
    first, second = ((1 + counts) / (1 + counts).sum(dim=0)).log().split(1, dim=1)
    return (second - first).abs()


def separation(counts: Tensor, shares: Tensor) -> Tensor:
    """How well each n-gram separates the classes, from the texts of each class that have it.

    It is the root of twice the Kullback-Leibler divergence of the classes of the n-gram's texts
    from those of all texts, with two texts added that have the classes of all texts. Small values
    are half of the log-count ratio; large ones grow less, so that n-grams of few texts overfit
    less.

    Args:
        counts: (n, classes) texts.
        shares: (classes,) of all texts; a class without texts has 0.

    Returns:
        (n, 1), at least 0.

    Example:
        >>> counts = torch.tensor([[8.0, 0.0, 0.0], [2.0, 2.0, 2.0]])
        >>> [f"{value:.2f}" for value in separation(counts, torch.full((3,), 1 / 3))[:, 0]]
        ['1.11', '0.00']
    """
    mixed = (counts + 2 * shares) / (counts.sum(dim=1, keepdim=True) + 2)
    terms = torch.xlogy(mixed, mixed / shares.clamp(min=1e-12))
    return (2 * terms.sum(dim=1, keepdim=True)).clamp(min=0).sqrt()
