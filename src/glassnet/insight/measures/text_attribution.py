"""Word attributions of texts, by integrated gradients and by occlusion."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from glassnet import progress
from glassnet.contract import Data, Model, TextModel
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of, rows, target_of
from glassnet.insight.measures.attribution import integrated_gradients, occlusion
from glassnet.stats.ranks import spearman

STEPS = 64
"""Points at which gradients are taken."""

MAX_OCCLUSION_LENGTH = 400
"""Words of a text for which occlusion is computed."""


@dataclass(frozen=True, eq=False)
class AttributedText:
    """A text with the contribution of each word to the log-odds of a class.

    Attributes:
        pieces: the text, cut before each word.
        parts: (branches, T) float64 in nats, by integrated gradients, through each branch.
        start: the log-odds of as many zero vectors.
        end: the log-odds of the text.
        error: completeness error in nats.
        relative_error: the same as a share of the contributions of all words.
        occlusion: (T,) float64 in nats, by occlusion, or None where it was not computed.
    """

    pieces: tuple[str, ...]
    parts: np.ndarray
    start: float
    end: float
    error: float
    relative_error: float
    occlusion: np.ndarray | None

    @property
    def values(self) -> np.ndarray:
        """(T,) float64 in nats: the contributions of each word through all branches."""
        return np.asarray(self.parts.sum(axis=0))

    @property
    def agreement(self) -> float:
        """Spearman's correlation of integrated gradients and occlusion; 0 without occlusion."""
        return 0.0 if self.occlusion is None else spearman(self.values, self.occlusion)


def attribute_test_texts(
    data: Data,
    model: Model,
    text_model: TextModel,
    positions: np.ndarray,
    *,
    with_occlusion: bool = False,
) -> list[AttributedText]:
    """Attribute the predictions for some test texts to their words.

    Args:
        data, model, text_model: of a network that classifies texts.
        positions: (n,) int64 in the test set; each text has at least one word.
        with_occlusion: computes occlusion, too, for texts of at most 400 words.
    """
    words, lengths = rows(data, positions)
    predicted = prediction(data, model).predicted[positions]
    texts = []
    with progress.stage("integrated gradients", int(lengths.sum())) as advance:
        for i, position in enumerate(positions):
            text, label = str(data.test.inputs[position]), int(predicted[i])
            row = words[i : i + 1, : int(lengths[i])]
            texts.append(
                attribute_text(data, text_model, text, row, label, with_occlusion=with_occlusion)
            )
            advance(int(lengths[i]))
    return texts


def attribute_text(
    data: Data,
    text_model: TextModel,
    text: str,
    words: Tensor,
    predicted: int,
    *,
    with_occlusion: bool = False,
) -> AttributedText:
    """Attribute the prediction for one text to its words (1, T), at least one of them."""
    target = target_of(data.class_names, predicted)
    lengths = lengths_of(words)
    gradients, occluded = integrated_gradients(text_model, words, lengths, target, STEPS), None
    if with_occlusion and words.shape[1] <= MAX_OCCLUSION_LENGTH:
        occluded = occlusion(text_model, words, lengths, target, data.vocabulary.unknown)[0]
    return AttributedText(
        data.vocabulary.pieces(text),
        gradients.parts[:, 0],
        float(gradients.start[0]),
        float(gradients.end[0]),
        float(gradients.error[0]),
        float(gradients.relative_error[0]),
        occluded,
    )
