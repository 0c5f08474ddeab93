"""Word vectors from co-occurrence counts: PPMI reduced by a truncated SVD."""

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from glassnet.data.ragged import RaggedTensor
from glassnet.data.texts.vocabulary import UNKNOWN

WINDOW = 5
"""Words on either side that count as neighbours; one at distance d counts 1/d."""

SMOOTHING = 0.75
"""Exponent on the neighbours' frequencies, which keeps rare ones from dominating."""

CHUNK = 5000
"""Texts counted at a time, which bounds the memory."""


def ppmi_vectors(texts: RaggedTensor, num_embeddings: int, embedding_dim: int) -> Tensor:
    """Word vectors that are similar for words with similar neighbours.

    Positive pointwise mutual information (PPMI) of words and neighbours, reduced by a truncated
    singular value decomposition (Levy, Goldberg & Dagan 2015, with symmetric weights). Takes half
    a minute for 5 million words.

    Args:
        texts: token ids of n texts; unknown words are not counted.
        num_embeddings: number of token ids.
        embedding_dim: size of each vector, at most `num_embeddings`.

    Returns:
        (num_embeddings, embedding_dim) float32 of norm 1, or 0 for a word without neighbours.

    Example:
        >>> texts = RaggedTensor.from_rows([[2, 4, 5], [3, 4, 5], [6, 7, 7]])
        >>> vectors = ppmi_vectors(texts, num_embeddings=8, embedding_dim=3)
        >>> round(float(vectors[2] @ vectors[3]), 3), round(abs(float(vectors[2] @ vectors[6])), 3)
        (1.0, 0.0)
    """
    information = ppmi(cooccurrences(texts, num_embeddings))
    rank = min(embedding_dim, num_embeddings - 1)
    from sklearn.utils.extmath import randomized_svd  # a network that is read needs none

    left, singular_values, _ = randomized_svd(information, rank, n_iter=2, random_state=0)
    vectors = np.zeros((num_embeddings, embedding_dim), np.float32)
    vectors[:, : len(singular_values)] = left * np.sqrt(singular_values)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return torch.from_numpy(np.divide(vectors, norms, out=vectors, where=norms > 1e-6))


def cooccurrences(texts: RaggedTensor, num_embeddings: int) -> sparse.csr_array:
    """Count words that stand near each other, weighted by 1 / distance.

    Args:
        texts: token ids of n texts; unknown words are not counted.

    Returns:
        Symmetric, (num_embeddings, num_embeddings) float32.

    Example:
        >>> cooccurrences(RaggedTensor.from_rows([[2, 3, 4]]), 5).toarray()[2].tolist()
        [0.0, 0.0, 0.0, 1.0, 0.5]
    """
    total = sparse.csr_array((num_embeddings, num_embeddings), dtype=np.float32)
    for start in range(0, len(texts), CHUNK):
        part = texts.take(slice(start, start + CHUNK))
        words, rows = (values.cpu().numpy() for values in part.flat())
        for distance in range(1, WINDOW + 1):
            one, other = words[:-distance], words[distance:]
            known = (one > UNKNOWN) & (other > UNKNOWN) & (rows[:-distance] == rows[distance:])
            weights = np.full(known.sum(), 1 / distance, np.float32)
            pairs = sparse.coo_array((weights, (one[known], other[known])), total.shape)
            total = total + pairs.tocsr()
    return total + total.T.tocsr()


def ppmi(counts: sparse.csr_array) -> sparse.csr_array:
    """Positive pointwise mutual information of symmetric co-occurrence counts.

    This is log p(word, neighbour) / (p(word) p(neighbour)) where it is above 0, in nats, with
    smoothed frequencies of the neighbours.
    """
    pairs = counts.tocoo()
    sums = counts.sum(axis=1)
    smoothed = sums**SMOOTHING
    smoothed *= sums.sum() / max(smoothed.sum(), 1)
    row, column = pairs.coords
    information = np.log(pairs.data * sums.sum() / (sums[row] * smoothed[column]))
    positive = information > 0
    values = (information[positive].astype(np.float32), (row[positive], column[positive]))
    return sparse.csr_array(values, shape=counts.shape)
