"""Class probabilities of every prefix of a text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glassnet.contract import CLASSES, TextModel
from glassnet.inference.texts import by_batch, lengths_of

MAX_PREFIXES = 400
"""Prefixes of a text that are classified, at most."""


@dataclass(frozen=True, eq=False)
class PrefixProbabilities:
    """Class probabilities of the prefixes of one text.

    Attributes:
        ends: (P,) int64, the last word of each prefix, counted from 0; the last prefix is the text.
        probabilities: (P, classes) float32.
    """

    ends: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> int:
        """The class that is predicted for the full text."""
        return int(self.probabilities[-1].argmax())

    @property
    def rise(self) -> float:
        """The rise of the predicted class from its lowest probability to the end, in [0, 1]."""
        probabilities = self.probabilities[:, self.predicted]
        return float(probabilities[-1] - probabilities.min())

    @property
    def turning_point(self) -> tuple[int, float]:
        """The largest single rise of the predicted class after its lowest probability.

        Returns:
            The position in `ends` and the rise; (0, 0.0) if the lowest probability is the last.
        """
        probabilities = self.probabilities[:, self.predicted].astype(np.float64)
        lowest = int(probabilities.argmin())
        rises = np.diff(probabilities[lowest:])
        if not len(rises):
            return 0, 0.0
        return lowest + 1 + int(rises.argmax()), float(rises.max())


def prefix_probabilities(
    forward: Callable[[Tensor], Mapping[str, Tensor]],
    words: Tensor,
    max_prefixes: int = MAX_PREFIXES,
) -> PrefixProbabilities:
    """Classify the prefixes of a text, in batches of bounded size.

    A text of more words than `max_prefixes` is cut after every second, third, ... word, and at its
    end.

    Args:
        forward: words (B, T) to outputs by name, with `probabilities` (B, classes).
        words: (1, T) int64, at least one word and no padding.
        max_prefixes: how many are classified at most.
    """
    length = words.shape[1]
    step = -(-length // max_prefixes)
    ends = torch.arange((length - 1) % step, length, step)

    def classify(batch: Tensor, longest: int) -> Tensor:
        beyond = torch.arange(longest) > ends[batch, None]
        return forward(words[:, :longest].masked_fill(beyond, 0))[CLASSES]

    return PrefixProbabilities(ends.numpy(), by_batch(ends + 1, classify).numpy())


def first_branch(text_model: TextModel) -> Callable[[Tensor], dict[str, Tensor]]:
    """A network's first branch by itself: words (B, T) to its `probabilities` (B, classes).

    They are not calibrated.
    """

    def forward(words: Tensor) -> dict[str, Tensor]:
        logits = text_model.branch_logits(text_model.embed(words), lengths_of(words))
        return {CLASSES: logits[:, 0].softmax(dim=1)}

    return forward
