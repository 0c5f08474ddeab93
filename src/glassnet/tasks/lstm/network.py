"""LSTM text classifier with an optional branch of n-gram scores.

Each of the two branches is trained with a loss of its own. With one loss on their sum the LSTM,
which soon memorises the training texts, leaves the n-grams nothing to learn from, and the two
together are worse than the n-grams alone.
"""

import torch
from torch import Tensor, nn

from glassnet.data.ragged import RaggedTensor, lengths as lengths_of
from glassnet.data.texts.vocabulary import PADDING, UNKNOWN
from glassnet.tasks.lstm.adversarial import Perturb
from glassnet.tasks.lstm.ngrams import NGrams
from glassnet.tasks.lstm.pooling import Last, Mean, make_pooling
from glassnet.tasks.lstm.recurrent import Recurrent
from glassnet.tasks.lstm.word_vectors import ppmi_vectors


class LSTMTextClassifier(nn.Module):
    """Maps token ids to class logits; implements `contract.TextModel`.

    Args:
        num_embeddings: number of token ids, including padding (0) and unknown (1).
        classes: number of classes.
        embedding_dim: size of each word vector.
        hidden_size: units of each recurrent layer, per direction.
        num_layers: number of stacked recurrent layers.
        bidirectional: whether each recurrent layer runs in both directions.
        pooling: how a text's states become one vector, one of `pooling.KINDS`.
        word_dropout: fraction of words replaced by the unknown word.
        embedding_dropout: fraction of the word vectors' values that are zeroed.
        weight_dropout: fraction of the recurrent weights that are zeroed.
        dropout: fraction of values zeroed between recurrent layers and before the output.
        max_ngram: length of the longest n-grams with scores of their own; 0 for none.
        ngram_buckets: rows of each hash table of n-gram scores.
        ngram_dropout: fraction of the n-grams that are left out.
        ngram_weight: weight of the n-gram branch relative to the LSTM, times the square root of
            the text's length.
        characters: whether words are characters.
        ppmi: initialise the word vectors from co-occurrence counts (PPMI) instead of at random.

    Example:
        >>> network = LSTMTextClassifier(9, classes=2, embedding_dim=4, hidden_size=3)
        >>> network(torch.tensor([[5, 8, 0], [2, 3, 4]])).shape
        torch.Size([2, 1, 2])
    """

    def __init__(
        self,
        num_embeddings: int,
        classes: int,
        embedding_dim: int = 128,
        hidden_size: int = 128,
        num_layers: int = 1,
        bidirectional: bool = True,
        pooling: str = "max-mean",
        word_dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        weight_dropout: float = 0.0,
        dropout: float = 0.0,
        max_ngram: int = 0,
        ngram_buckets: int = 2**20,
        ngram_dropout: float = 0.0,
        ngram_weight: float = 0.5,
        characters: bool = False,
        ppmi: bool = False,
    ) -> None:
        super().__init__()
        self.word_dropout = WordDropout(word_dropout)
        self.embedding = nn.Embedding(num_embeddings, embedding_dim, padding_idx=PADDING)
        self.embedding_dim = embedding_dim
        self.mean_embedding = Mean()
        self.embedding_dropout = nn.Dropout(embedding_dropout)
        state_size = hidden_size * (1 + bidirectional)
        self.layers = nn.ModuleList(
            Recurrent(
                state_size if layer else embedding_dim, hidden_size, bidirectional, weight_dropout
            )
            for layer in range(num_layers)
        )
        self.layer_dropout = nn.Dropout(dropout)
        self.last_state = Last(hidden_size)
        self.pool, pooled_size = make_pooling(pooling, state_size, hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(pooled_size, classes)
        self.ngram_weight = ngram_weight
        self.ppmi = ppmi
        self.branches: tuple[str, ...] = ("LSTM",)
        self.branch_sizes: tuple[int, ...] = (embedding_dim,)
        self.ngrams = None
        if max_ngram:
            self.branches = ("LSTM", "n-grams")
            self.branch_sizes = (embedding_dim, classes)
            self.ngrams = NGrams(
                num_embeddings, classes, max_ngram, ngram_buckets, ngram_dropout, characters
            )
        init_embedding(self.embedding)

    @torch.no_grad()
    def prepare(
        self,
        words: RaggedTensor,
        labels: Tensor,
        weights: Tensor | None = None,
        unlabelled: RaggedTensor | None = None,
    ) -> None:
        """Set the word vectors and n-gram ratios that are counted in the training texts.

        Args:
            words: token ids of n texts.
            labels: (n,) int64.
            weights: (n,) weight of each text; None counts each text once.
            unlabelled: token ids of the texts for the word vectors, in place of `words`.
        """
        if self.ppmi:
            texts = words if weights is None else words.take(weights > 0)
            texts = texts if unlabelled is None else unlabelled
            vectors = ppmi_vectors(texts, self.embedding.num_embeddings, self.embedding_dim)
            self.embedding.weight[UNKNOWN + 1 :] = vectors[UNKNOWN + 1 :]
        if self.ngrams is not None:
            self.ngrams.count(words, labels, weights)

    def forward(self, words: Tensor, perturb: Perturb | None = None) -> Tensor:
        """Token ids (B, T) int64, padded with 0 at the end, to the logits of each branch.

        Args:
            words: the token ids.
            perturb: also give the LSTM's logits of word vectors that it changes, as one more
                branch. Its gradients are taken in here, where mixed precision and several
                processes see a single forward pass.

        Returns:
            (B, 1, classes), or (B, 2, classes) with n-grams; `combine` merges the branches.
        """
        lengths = lengths_of(words)
        if not torch.jit.is_tracing():  # a traced graph must not depend on the values of its input
            words = words[:, : max(1, int(lengths.max()))]
        # Word dropout does not apply to n-grams, which have a dropout of their own.
        vectors = self.embedding(self.word_dropout(words))  # (B, T, embedding_dim)
        scores = None if self.ngrams is None else self.ngrams(words)  # (B, T, classes)
        self.mean_embedding(vectors, lengths)  # a layer to capture
        branches = self._branches(vectors, scores, lengths)
        if perturb is None:
            return branches

        def classify(changed: Tensor) -> Tensor:
            return self._branches(changed, None, lengths)[:, 0]

        perturbed = perturb(classify, vectors, branches[:, 0])
        return torch.cat([branches, perturbed.unsqueeze(1)], dim=1)

    def embed(self, words: Tensor) -> Tensor:
        """(B, T) int64 to word vectors (B, T, embedding_dim [+ classes]).

        With n-grams, the scores of those that end at each word follow the word vector.
        """
        vectors = self.embedding(words)
        return vectors if self.ngrams is None else torch.cat([vectors, self.ngrams(words)], dim=2)

    def hidden_states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors (B, T, ...) and lengths (B,) to states of the last layer (B, T, state size)."""
        first, *others = self.layers
        states = first(self.embedding_dropout(vectors[..., : self.embedding_dim]), lengths)
        for layer in others:
            states = layer(self.layer_dropout(states), lengths)
        return states

    def logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors (B, T, ...) and lengths (B,) to logits (B, classes)."""
        branches = self.branch_logits(vectors, lengths)
        return combine_branches(branches, lengths, self.ngram_weight)

    def branch_logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Vectors (B, T, ...) and lengths (B,) to logits (B, branches, classes)."""
        vectors, scores = vectors.tensor_split([self.embedding_dim], dim=2)
        return self._branches(vectors, None if self.ngrams is None else scores, lengths)

    def combine(self, branches: Tensor, words: Tensor) -> Tensor:
        """Merge the branches' logits for token ids (B, T) into logits (B, classes)."""
        return combine_branches(branches, lengths_of(words), self.ngram_weight)

    def _branches(self, vectors: Tensor, scores: Tensor | None, lengths: Tensor) -> Tensor:
        states = self.hidden_states(vectors, lengths)
        self.last_state(states, lengths)  # a layer to capture
        logits = [self.output(self.dropout(self.pool(states, lengths)))]
        if scores is not None:
            # The sum of a text's scores grows with the square root of their number.
            scale = lengths.clamp(min=1).sqrt().unsqueeze(1)
            logits.append(scores.sum(dim=1) / scale)
        return torch.stack(logits, dim=1)


def init_embedding(embedding: nn.Embedding) -> None:
    """Initialise word vectors from N(0, 0.1^2), and padding with zeros, which stay zero."""
    nn.init.normal_(embedding.weight, std=0.1)
    nn.init.zeros_(embedding.weight[PADDING])


def combine_branches(branches: Tensor, lengths: Tensor, ngram_weight: float) -> Tensor:
    """Weighted mean of the branches' logits (B, branches, classes): (B, classes).

    For a text of T words the LSTM has weight 1 and the n-grams `ngram_weight * sqrt(T)`: their
    evidence grows with the text, an LSTM's does not.

    Args:
        lengths: (B,) number of words of each text.

    Example:
        >>> branches = torch.tensor([[[3.0, 0.0], [0.0, 3.0]]])
        >>> combine_branches(branches, torch.tensor([16]), 0.5).tolist()
        [[1.0, 2.0]]
    """
    if branches.shape[1] == 1:
        return branches[:, 0]
    weight = ngram_weight * lengths.clamp(min=1).sqrt().unsqueeze(1)  # (B, 1)
    return (branches[:, 0] + weight * branches[:, 1]) / (1 + weight)


class WordDropout(nn.Module):
    """Replaces random words by the unknown word while training (Iyyer et al. 2015).

    Args:
        p: probability of each word to be replaced, in [0, 1).
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, words: Tensor) -> Tensor:
        """(B, T) int64 to the same; padding stays padding."""
        if not self.training or not self.p:
            return words
        dropped = torch.rand(words.shape, device=words.device) < self.p
        return words.masked_fill(dropped & (words != PADDING), UNKNOWN)
