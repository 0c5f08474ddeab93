"""A text that is typed on the page: its words, what each contributes, and the prediction so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from glassnet.contract import TextModel
from glassnet.data.texts.vocabulary import GAP
from glassnet.errors import UsageError
from glassnet.inference.texts import lengths_of, quantity, target_of
from glassnet.insight.measures.attribution import integrated_gradients
from glassnet.insight.measures.prefix_probabilities import MAX_PREFIXES, prefix_probabilities
from glassnet.insight.views.typed_text import token_ids
from glassnet.web.predictions import prediction

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun

MAX_STEPS, MIN_STEPS = 32, 8
"""Points at which gradients are taken: fewer than in `explain`, so that the page can follow. The
completeness error is shown."""

MIN_PREFIXES = 50
"""Prefixes of a long text that are classified, at least."""

LONG = 400
"""Words from which on a text has fewer steps and prefixes, so that it takes no longer than one of
this length, or little longer."""


@dataclass(frozen=True, eq=False)
class TypedWords:
    """The words of a text.

    Attributes:
        pieces: the text, cut before each word.
        ids: (1, T) int64, all words.
        places: (t,) int64, those that are not dropped.
        gap: the last word before those that the network leaves out of a text that is too long for
            it; None if it reads all.
    """

    pieces: tuple[str, ...]
    ids: Tensor
    places: np.ndarray
    gap: int | None

    @property
    def remaining(self) -> Tensor:
        """(1, t) int64, the words that are not dropped."""
        return self.ids[:, torch.from_numpy(self.places)]


def split_words(run: TrainedRun, text: str, dropped: Any) -> TypedWords:
    """Split a text into words, and drop some: the network reads the text without them.

    Args:
        run: a text classifier.
        text: as it was typed.
        dropped: the places of the words to drop, counted from 0; places beyond it are ignored.

    Raises:
        UsageError: there is no word, none that the network knows, or all are dropped.
    """
    if not isinstance(dropped, list) or not all(type(place) is int for place in dropped):
        raise UsageError("`dropped` must be a list of places", 'give {"dropped": [0, 3]}')
    ids = token_ids(run.data, text)
    places = np.array([k for k in range(ids.shape[1]) if k not in {*dropped}], np.int64)
    if not len(places):
        raise UsageError("all words are dropped", "take one of them back")
    pieces = run.vocabulary.pieces(text)
    gap = next((place for place, piece in enumerate(pieces) if piece.endswith(GAP)), None)
    return TypedWords(tuple(piece.removesuffix(GAP) for piece in pieces), ids, places, gap)


def described(run: TrainedRun, words: TypedWords, probabilities: np.ndarray) -> dict[str, Any]:
    """Describe the words that remain, with their contributions and the prediction after each.

    Returns:
        `prediction`, and `before`, that of the whole text where words are dropped; `words`, and
        `gap` as in `TypedWords`; `attribution`, what their values mean; `after_each_word`,
        probabilities of the classes, after some of the words if they are more than `LONG`.
    """
    model, remaining = run.model, words.remaining
    at_most = _fewer(MAX_PREFIXES, MIN_PREFIXES, remaining.shape[1])
    prefixes = prefix_probabilities(model.forward, remaining, at_most)
    names = run.data.class_names
    dropped = len(words.places) < len(words.pieces)
    values, attribution = _attribution(run, remaining, int(probabilities.argmax()))
    contributions = dict(zip(words.places.tolist(), values, strict=False))
    known = (words.ids[0] != run.vocabulary.unknown).tolist()
    result: dict[str, Any] = {
        "prediction": prediction(run.class_names, probabilities),
        "words": [
            {"text": piece, "known": is_known, "value": contributions.get(place)}
            for place, (piece, is_known) in enumerate(zip(words.pieces, known, strict=True))
        ],
        "gap": words.gap,
        "attribution": attribution,
        "after_each_word": {
            "places": words.places[prefixes.ends],
            "classes": names,
            "probabilities": prefixes.probabilities.round(4),
        },
    }
    if dropped:
        with torch.inference_mode():
            before = model.forward(words.ids)["probabilities"][0].numpy()
        result["before"] = prediction(run.class_names, before)
    return result


def _attribution(
    run: TrainedRun, words: Tensor, predicted: int
) -> tuple[list[float], dict[str, Any] | None]:
    """What each word contributes to the log-odds of a class, in nats."""
    names, network = run.data.class_names, run.model.network
    if len(names) < 2 or not isinstance(network, TextModel):
        return [], None
    target = target_of(names, predicted)
    steps = _fewer(MAX_STEPS, MIN_STEPS, words.shape[1])
    found = integrated_gradients(network, words, lengths_of(words), target, steps)
    return found.values[0].tolist(), {
        "method": "integrated gradients",
        "steps": steps,
        "quantity": quantity(names),
        "against": names[0] if len(names) == 2 else f"not {names[target]}",
        "for": names[target],
        "start": float(found.start[0]),
        "end": float(found.end[0]),
        "error": float(found.error[0]),
        "branches": [
            {"name": name, "value": float(part.sum())}
            for name, part in zip(network.branches, found.parts[:, 0], strict=True)
        ],
    }


def _fewer(highest: int, lowest: int, n_words: int) -> int:
    """Fewer passes through the network for a longer text, which read as many words in all."""
    return highest if n_words <= LONG else max(lowest, highest * LONG // n_words)
