"""Word attribution by integrated gradients and by occlusion."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glassnet.contract import TextModel
from glassnet.inference.texts import batches, by_batch, log_odds


@dataclass(frozen=True, eq=False)
class Attribution:
    """Contributions of words to the log-odds of a class, for several texts.

    Attributes:
        parts: (branches, B, T) float64 in nats, what a word contributes through each branch of the
            network; 0 on the padding.
        start: (B,) float64, the log-odds at the baseline.
        end: (B,) float64, the log-odds of the text itself.
    """

    parts: np.ndarray
    start: np.ndarray
    end: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """(B, T) float64 in nats: the contributions through all branches."""
        return np.asarray(self.parts.sum(axis=0))

    @property
    def error(self) -> np.ndarray:
        """(B,) completeness error in nats: how far the values are from adding up to the change."""
        return np.abs(self.values.sum(axis=1) - (self.end - self.start))

    @property
    def relative_error(self) -> np.ndarray:
        """(B,) the same as a share of all contributions, for the class and against it.

        The change of the log-odds alone is not suitable: it is near 0 where the two sides are even.
        """
        moved = np.abs(self.values).sum(axis=1)
        return self.error / np.maximum(np.maximum(moved, np.abs(self.end - self.start)), 1e-12)


def integrated_gradients(
    network: TextModel,
    words: Tensor,
    lengths: Tensor,
    target: Tensor | int,
    steps: int = 64,
) -> Attribution:
    """Distribute the log-odds of a class over a text's words.

    The gradient with respect to the words' embeddings is integrated along the straight line from a
    baseline to the text and multiplied by the difference between the two; a word's value is the
    sum over its embedding. The values add up to the change of the log-odds, up to the error of the
    integration (Gauss-Legendre, exact for polynomials up to the degree 2 * steps - 1).

    The baseline is zero vectors, as many as there are words: a zero vector is what stands where no
    word is, it carries no direction and so favours no word, and it is the same in every network.
    The vector of the unknown word would be another choice, but it has learned a meaning of its own.

    Source: Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks".

    Args:
        network: in evaluation mode.
        words: (B, T) or (1, T) int64, padded with 0 at the end.
        lengths: (B,) int64, at least 1.
        target: the class, or (B,) int64.
        steps: points of the line at which the gradient is taken.
    """
    targets = torch.as_tensor(target).expand(len(words))
    with torch.inference_mode(False), torch.no_grad():
        vectors = network.embed(words)
        start = torch.zeros_like(vectors)
        parts = _integral(network, start, vectors - start, lengths, targets, steps)
    first, last = (_log_odds(network, point, lengths, targets) for point in (start, vectors))
    return Attribution(parts, first, last)


def occlusion(
    network: TextModel, words: Tensor, lengths: Tensor, target: Tensor | int, unknown: int
) -> np.ndarray:
    """Compute the loss of a class's log-odds if a single word is replaced by the unknown word.

    Source: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", with
    words in place of patches; Li, Monroe and Jurafsky 2016, "Understanding neural networks through
    representation erasure".

    Args:
        words: (B, T) int64, padded with 0 at the end.
        lengths: (B,) int64, at least 1.
        target: the class, or (B,) int64.
        unknown: the number of the unknown word.

    Returns:
        (B, T) float64 in nats: positive where the word speaks for the class; 0 on the padding.
    """
    targets = torch.as_tensor(target).expand(len(words))
    texts, places = (words != 0).nonzero(as_tuple=True)

    def without(part: Tensor, longest: int) -> Tensor:
        changed = words[texts[part], :longest]
        changed[torch.arange(len(part)), places[part]] = unknown
        logits = network.logits(network.embed(changed), lengths[texts[part]])
        return log_odds(logits, targets[texts[part]]).double()

    def complete(part: Tensor, longest: int) -> Tensor:
        logits = network.logits(network.embed(words[part, :longest]), lengths[part])
        return log_odds(logits, targets[part]).double()

    values = np.zeros(tuple(words.shape))
    lost = by_batch(lengths, complete)[texts] - by_batch(lengths[texts], without)
    values[texts.numpy(), places.numpy()] = lost.numpy()
    return values


def _integral(
    network: TextModel, start: Tensor, way: Tensor, lengths: Tensor, targets: Tensor, steps: int
) -> np.ndarray:
    """(branches, B, T): every text at every point of its line, in batches of bounded size."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    shares, weights = (torch.from_numpy(values) / 2 for values in (nodes + 1, weights))
    texts = torch.arange(len(way)).repeat_interleave(steps)
    ends = np.cumsum(network.branch_sizes[:-1]).tolist()
    values = torch.zeros(len(network.branches), *way.shape[:2], dtype=torch.float64)
    for batch in batches(lengths[texts].numpy()):
        part = torch.from_numpy(batch)
        positions, step = texts[part], part % steps
        longest = int(lengths[positions].max())
        ahead = way[positions, :longest]
        point = start[positions, :longest] + shares[step, None, None].to(way.dtype) * ahead
        point.requires_grad_()
        with torch.enable_grad():
            target_log_odds = log_odds(
                network.logits(point, lengths[positions]), targets[positions]
            )
            (gradient,) = torch.autograd.grad(target_log_odds.sum(), point)
        products = (gradient * ahead).tensor_split(ends, dim=-1)
        for branch, product in enumerate(products):
            contributions = product.sum(dim=-1).double() * weights[step, None]
            values[branch, :, :longest].index_add_(0, positions, contributions)
    return values.numpy()


def _log_odds(network: TextModel, vectors: Tensor, lengths: Tensor, targets: Tensor) -> np.ndarray:
    """(B,) float64 in nats, of texts as vectors."""

    def of_batch(part: Tensor, longest: int) -> Tensor:
        logits = network.logits(vectors[part, :longest], lengths[part])
        return log_odds(logits, targets[part]).double()

    return by_batch(lengths, of_batch).numpy()
