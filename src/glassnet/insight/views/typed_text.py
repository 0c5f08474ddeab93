"""Explanation of a text that a person typed: word attributions, prefixes and units."""

import numpy as np
import torch

from glassnet.contract import Cache, Data, MakeProvenance, Model, TextModel
from glassnet.errors import UsageError
from glassnet.findings import (
    ClaimRecorder,
    Finding,
    HighlightedText,
    HighlightedTexts,
    count,
    fraction,
    number,
)
from glassnet.inference.texts import bare, lengths_of, quantity
from glassnet.insight.measures.prefix_probabilities import prefix_probabilities
from glassnet.insight.measures.text_attribution import attribute_text
from glassnet.insight.measures.unit_selectivity import most_selective_units
from glassnet.insight.views.after_each_word import prefix_curves
from glassnet.insight.views.branches import of_prediction, shares_of_branches
from glassnet.insight.views.highlighted_texts import completeness_error, highlight
from glassnet.insight.views.unit_activations import unit_activations

MAX_NAMED = 5
"""Unknown words that an error names."""

INTRO = "The text that was typed"
"""The beginning of a summary."""


def explain_text(
    data: Data,
    model: Model,
    text_model: TextModel,
    cache: Cache,
    provenance: MakeProvenance,
    text: str,
    seed: int = 0,
) -> tuple[Finding, ...]:
    """Explain the prediction for one text.

    Args:
        data, model, text_model, cache, provenance: of a network that classifies texts into two
            classes or more.
        text: as it was typed.
        seed: draws the test texts that select the units to show.

    Returns:
        `typed-integrated-gradients` (`HighlightedTexts`), `typed-after-each-word` (`Curves`) and,
        where units can be selected, `typed-unit-activations` (`Heatmap`).

    Raises:
        UsageError: it has no word, or none that the network knows.
    """
    words = token_ids(data, text)
    prefixes = prefix_probabilities(model.forward, words)
    findings: list[Finding] = [
        _attribution(data, text_model, provenance, text, words, prefixes.probabilities[-1]),
        prefix_curves(
            data,
            text_model,
            provenance,
            ClaimRecorder(),
            words,
            prefixes,
            data.vocabulary.pieces(text),
            name="typed-after-each-word",
            intro=INTRO,
        ),
    ]
    units, n = most_selective_units(data, text_model, cache, seed)
    if units:
        findings.append(
            unit_activations(
                data,
                text_model,
                provenance,
                units,
                words,
                text,
                name="typed-unit-activations",
                intro=INTRO,
                split="test",
                n=n,
                seed=seed,
            )
        )
    return tuple(findings)


def token_ids(data: Data, text: str) -> torch.Tensor:
    """Convert a text to words (1, T), without padding.

    Raises:
        UsageError: it has no word, or none that the network knows.
    """
    words = data.inputs_of(np.array([text], np.dtypes.StringDType()))[:]
    words = words[:, : int(lengths_of(words)[0])]
    if not words.shape[1]:
        raise UsageError(
            "the text has no words",
            "give a sentence, in quotation marks on a command line",
        )
    if bool((words == data.vocabulary.unknown).all()):
        pieces = dict.fromkeys(bare(piece) for piece in data.vocabulary.pieces(text))
        named = ", ".join(f"“{piece}”" for piece in [*pieces][:MAX_NAMED])
        others = " and others" if len(pieces) > MAX_NAMED else ""
        raise UsageError(
            f"the network knows no word of this text: {named}{others}",
            "use words that occur in texts like those that it was trained on",
        )
    return words


def _attribution(
    data: Data,
    text_model: TextModel,
    provenance: MakeProvenance,
    text: str,
    words: torch.Tensor,
    probabilities: np.ndarray,
) -> HighlightedTexts:
    """Highlight the text by integrated gradients, with the prediction in the title."""
    predicted, record = int(probabilities.argmax()), ClaimRecorder()
    name = data.class_names[predicted]
    attributed = attribute_text(data, text_model, text, words, predicted)
    values, pieces = attributed.values, attributed.pieces
    strongest = int(np.abs(values).argmax())
    word, known = bare(pieces[strongest]), int((words != data.vocabulary.unknown).sum())
    confidence = record(fraction(f"probability of {name}", probabilities.max()))
    effect = number(f"contribution of “{word}” (nats)", values[strongest], "{:+.2f}")
    end = number("log-odds of the text (nats)", attributed.end, "{:+.2f}")
    start = number("log-odds without words (nats)", attributed.start, "{:+.2f}")
    prediction = f"{name} ({confidence})"
    return highlight(
        data,
        name="typed-integrated-gradients",
        title=f"The prediction is {prediction}; “{word}” contributes most ({record(effect)})",
        summary=f"Integrated gradients distribute the {quantity(data.class_names)}, "
        f"{record(end)} in all and {record(start)} without words, over "
        f"{record(count('words', len(pieces)))} words, of which the network "
        f"knows {record(count('words that the network knows', known))}.{of_prediction(text_model)}"
        f"{shares_of_branches(text_model, record, [attributed])}",
        provenance=provenance(n=1),
        texts=(
            HighlightedText(
                pieces=pieces,
                values=values,
                caption=prediction,
                note=completeness_error(record, attributed, "the text"),
            ),
        ),
        claims=record.claims,
    )
