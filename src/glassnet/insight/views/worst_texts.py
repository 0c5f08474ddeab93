"""The most confident misclassified texts, highlighted by integrated gradients."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, MakeProvenance, Model, TextModel
from glassnet.findings import ClaimRecorder, HighlightedText, HighlightedTexts, count, fraction
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of_test
from glassnet.insight.measures.text_attribution import AttributedText, attribute_test_texts
from glassnet.insight.views.highlighted_texts import (
    captions_of,
    completeness_error,
    highlight,
    shortened,
)
from glassnet.insight.views.worst_mistakes import confident_mistakes

SECTION = "mistakes"

N_TEXTS = 12
"""Texts in the figure."""

MAX_WORDS = 120
"""Words of one text in the figure; a longer text is cut to the words around its strongest ones."""


def worst_texts(
    data: Data, model: Model, text_model: TextModel, cache: Cache, provenance: MakeProvenance
) -> Iterator[HighlightedTexts]:
    """The most confident mistakes among the test texts, highlighted; the worst comes first."""
    predictions = prediction(data, model)
    confidence = predictions.probabilities.max(axis=1)
    wrong = np.flatnonzero(predictions.predicted != predictions.split.labels)
    with_words = wrong[lengths_of_test(data, cache)[wrong] > 0]
    chosen = with_words[np.argsort(-confidence[with_words], kind="stable")][:N_TEXTS]
    if not len(chosen):
        return
    record = ClaimRecorder()
    title = confident_mistakes(record, predictions.probabilities[wrong])
    highest, lowest = (
        record(fraction(f"confidence of {name}", confidence[chosen[place]]))
        for name, place in (("the most confident mistake", 0), ("the least of those shown", -1))
    )
    shown = record(count("mistakes shown", len(chosen)))
    texts = attribute_test_texts(data, model, text_model, chosen)
    worst_text = max(texts, key=lambda text: text.relative_error)
    captions = captions_of(data, model, chosen, record)
    highlighted = tuple(
        _highlighted_text(record, text, caption)
        for text, caption in zip(texts, captions, strict=True)
    )
    yield highlight(
        data,
        section=SECTION,
        name="worst-texts",
        title=title,
        summary=f"The {shown} mistakes with the highest confidence, from {highest} to {lowest}, "
        "highlighted by integrated gradients. In the worst case, "
        f"{completeness_error(record, worst_text)}.",
        provenance=provenance(split="test", n=len(predictions.split)),
        claims=record.claims,
        texts=highlighted,
    )


def _highlighted_text(record: ClaimRecorder, text: AttributedText, caption: str) -> HighlightedText:
    """One text of the figure; its note says how many words are left out."""
    pieces, values = shortened(text, MAX_WORDS)
    note, left_out = "", len(text.pieces) - len(pieces)
    if left_out:
        removed, total = count("words left out", left_out), count("words", len(text.pieces))
        note = f"{record(removed)} of {record(total)} words left out"
    return HighlightedText(pieces=pieces, values=values, caption=caption, note=note)
