"""First word vectors, from the company that words keep in the training texts."""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse
from sklearn.utils.extmath import randomized_svd
from torch import Tensor

from glassnet.data.texts.vocabulary import UNKNOWN

WINDOW = 5
"""Words on either side that count as company, the nearer the more: one at distance d as 1/d."""

SMOOTHING = 0.75
"""The power on how often a neighbour occurs; it keeps rare ones from looking telling."""

AT_ONCE = 5000
"""Texts that are counted at once, which bounds the memory."""


def ppmi_vectors(texts: Tensor, words: int, width: int) -> Tensor:
    """Vectors in which words that stand among the same neighbours are alike.

    The positive pointwise mutual information of words and neighbours, reduced by a truncated
    singular value decomposition (Levy, Goldberg & Dagan 2015, with symmetric weights). On 5 million
    words this takes half a minute.

    Args:
        texts: (n, T) int64 numbers of words, filled up with 0; unknown words are nobody's company.
        words: numbers that a word can have.
        width: values per vector, at most `words`.

    Returns:
        (words, width) float32; each of length 1, or 0 for a word without company.

    Example:
        >>> texts = torch.tensor([[2, 4, 5], [3, 4, 5], [6, 7, 7]])
        >>> vectors = of_company(texts, words=8, width=3)
        >>> round(float(vectors[2] @ vectors[3]), 3), round(abs(float(vectors[2] @ vectors[6])), 3)
        (1.0, 0.0)
    """
    information = _positive_information(_cooccurrences(texts.cpu().numpy(), words))
    left, sizes, _ = randomized_svd(information, min(width, words - 1), n_iter=2, random_state=0)
    vectors = np.zeros((words, width), np.float32)
    vectors[:, : len(sizes)] = left * np.sqrt(sizes)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return torch.from_numpy(np.divide(vectors, norms, out=vectors, where=norms > 1e-6))


def _cooccurrences(texts: np.ndarray, words: int) -> sparse.csr_array:
    """How often words stand near each other, the nearer the more: (words, words), symmetric."""
    total = sparse.csr_array((words, words), dtype=np.float32)
    for start in range(0, len(texts), AT_ONCE):
        part = texts[start : start + AT_ONCE]
        for distance in range(1, min(WINDOW, part.shape[1] - 1) + 1):
            one, other = part[:, :-distance].ravel(), part[:, distance:].ravel()
            known = (one > UNKNOWN) & (other > UNKNOWN)
            weights = np.full(known.sum(), 1 / distance, np.float32)
            pairs = sparse.coo_array((weights, (one[known], other[known])), total.shape)
            total = total + pairs.tocsr()
    return total + total.T.tocsr()


def _positive_information(ppmi: sparse.csr_array) -> sparse.csr_array:
    """log p(word, neighbour) / (p(word) p(neighbour)) where it is above 0."""
    pairs = ppmi.tocoo()
    sums = ppmi.sum(axis=1)
    neighbours = sums**SMOOTHING
    neighbours *= sums.sum() / max(neighbours.sum(), 1)
    row, column = pairs.coords
    information = np.log(pairs.data * sums.sum() / (sums[row] * neighbours[column]))
    positive = information > 0
    kept = (information[positive].astype(np.float32), (row[positive], column[positive]))
    return sparse.csr_array(kept, shape=ppmi.shape)
