"""Class probabilities of every prefix of a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from glassnet.inference.texts import by_batch

PLACES = 400
"""Words after which an answer is asked for at most."""


@dataclass(frozen=True, eq=False)
class PrefixProbabilities:
    """The answers along one text.

    Attributes:
        places: (P,) int64, the words after which it was asked, from 0 on; the last one is always
            among them.
        probabilities: (P, classes) float32.
    """

    places: np.ndarray
    probabilities: np.ndarray

    @property
    def predicted(self) -> int:
        """The class at the end."""
        return int(self.probabilities[-1].argmax())

    @property
    def swing(self) -> float:
        """How far the class at the end has risen from its lowest point, in [0, 1]."""
        probabilities = self.probabilities[:, self.predicted]
        return float(probabilities[-1] - probabilities.min())

    @property
    def turn(self) -> tuple[int, float]:
        """Where the class at the end rises most at once after its lowest point, and by how much.

        The first is a position in `places`; it is 0, with no rise, where the lowest point is last.
        """
        probabilities = self.probabilities[:, self.predicted].astype(np.float64)
        low = int(probabilities.argmin())
        rises = np.diff(probabilities[low:])
        if not len(rises):
            return 0, 0.0
        return low + 1 + int(rises.argmax()), float(rises.max())


def prefix_probabilities(
    forward: Callable[[Tensor], Mapping[str, Tensor]], words: Tensor
) -> PrefixProbabilities:
    """The answers to a text that ends after each of its words; asked in batches of bounded size.

    A text of over 400 words is asked after every second, third, ... word, and at its end.

    Args:
        forward: words (B, T) to answers by name, `probabilities` (B, classes) among them.
        words: (1, T) int64, one word at least and no filling.
    """
    length = words.shape[1]
    every = -(-length // PLACES)
    places = torch.arange((length - 1) % every, length, every)

    def ask(part: Tensor, longest: int) -> Tensor:
        ends = places[part, None]
        beginnings = words[:, :longest].masked_fill(torch.arange(longest) > ends, 0)
        return forward(beginnings)["probabilities"]

    return PrefixProbabilities(places.numpy(), by_batch(places + 1, ask).numpy())
