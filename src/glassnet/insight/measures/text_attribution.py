"""Word attributions of texts by integrated gradients and occlusion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from glassnet import progress
from glassnet.contract import Evidence
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of, model_of, rows, target_of
from glassnet.insight.measures.attribution import integrated_gradients, occlusion
from glassnet.stats.ranks import spearman

STEPS = 64
"""Points of the way at which gradients are taken for a text that is shown."""

LEFT_OUT = 400
"""Words of a text up to which every one of them is left out once."""


@dataclass(frozen=True, eq=False)
class AttributedText:
    """A text with what its words add to the log-odds that are spoken of.

    Attributes:
        pieces: the text, cut before each word.
        values: (T,) float64 in nats, by integrated gradients.
        end: the log-odds of the text; `start` those of as many zero vectors.
        error: completeness error in nats; `relative_error`: as a share of all that the words do.
        lost: (T,) float64 in nats, what goes with each word alone, or None if that was not asked
            or the text is too long for it.
    """

    pieces: tuple[str, ...]
    values: np.ndarray
    start: float
    end: float
    error: float
    relative_error: float
    lost: np.ndarray | None

    @property
    def agreement(self) -> float:
        """Spearman's correlation of the two ways to value words."""
        return 0.0 if self.lost is None else spearman(self.values, self.lost)


def attribute_test_texts(
    evidence: Evidence, where: np.ndarray, *, left_out: bool = False
) -> list[AttributedText]:
    """Test texts at these positions with the values of their words."""
    words, lengths = rows(evidence, where)
    predicted = prediction(evidence).predicted[where]
    coloured = []
    with progress.stage("integrated gradients", int(lengths.sum())) as advance:
        for i, place in enumerate(where):
            text = str(evidence.test.inputs[place])
            row = words[i : i + 1, : int(lengths[i])]
            coloured.append(
                attribute_text(evidence, text, row, int(predicted[i]), left_out=left_out)
            )
            advance(int(lengths[i]))
    return coloured


def attribute_text(
    evidence: Evidence, text: str, words: Tensor, predicted: int, *, left_out: bool = False
) -> AttributedText:
    """One text with the values of its words (1, T), T at least 1."""
    network, target = model_of(evidence), target_of(evidence, predicted)
    lengths = lengths_of(words)
    found = integrated_gradients(network, words, lengths, target, STEPS)
    lost = None
    if left_out and words.shape[1] <= LEFT_OUT:
        lost = occlusion(network, words, lengths, target, evidence.vocabulary.unknown)[0]
    return AttributedText(
        evidence.vocabulary.pieces(text),
        found.values[0],
        float(found.start[0]),
        float(found.end[0]),
        float(found.error[0]),
        float(found.relative_error[0]),
        lost,
    )
