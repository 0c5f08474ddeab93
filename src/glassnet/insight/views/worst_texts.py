"""The most confident misclassified texts, highlighted by integrated gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, HighlightedText, HighlightedTexts
from glassnet.findings.claims import count, fraction
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of_test
from glassnet.insight.views import highlighted_texts
from glassnet.insight.views.worst_mistakes import confident_mistakes

WORST_TEXTS = 12
"""How many, where they are texts ..."""

WORDS = 120
"""... and how many words of each; of a longer one, those around its strongest words."""


def worst_texts(evidence: Evidence, options: ExplainOptions) -> Iterator[HighlightedTexts]:
    """The most confident mistakes as texts, coloured by integrated gradients, worst first."""
    answer = prediction(evidence)
    sure = answer.probabilities.max(axis=1)
    wrong = np.flatnonzero(answer.predicted != answer.split.labels)
    readable = wrong[lengths_of_test(evidence)[wrong] > 0]
    chosen = readable[np.argsort(-sure[readable], kind="stable")][:WORST_TEXTS]
    if not len(chosen):
        return
    record = ClaimRecorder()
    title = confident_mistakes(record, answer.probabilities[wrong])
    most, least = (
        record(fraction(f"confidence of {what}", sure[chosen[place]]))
        for what, place in (("the most confident mistake", 0), ("the least of those shown", -1))
    )
    shown = record(count("mistakes shown", len(chosen)))
    texts = highlighted_texts.colour(evidence, chosen)
    worst = max(texts, key=lambda text: text.relative_error)
    captions = highlighted_texts.captions_of(evidence, chosen, record)
    passages = []
    for text, caption in zip(texts, captions, strict=True):
        pieces, values = highlighted_texts.shortened(text, WORDS)
        left_out = len(text.pieces) - len(pieces)
        note = ""
        if left_out:
            gone, whole = count("words left out", left_out), count("words", len(text.pieces))
            note = f"{record(gone)} of {record(whole)} words left out"
        passages.append(HighlightedText(pieces=pieces, values=values, caption=caption, note=note))
    yield highlighted_texts.strip(
        evidence,
        section="mistakes",
        name="worst-texts",
        title=title,
        summary=f"The {shown} most confident of them, from {most} to {least}, coloured by "
        f"integrated gradients; at worst, {highlighted_texts.error_in_words(record, worst)}.",
        provenance=evidence.provenance(split="test", n=len(answer.split)),
        claims=record.claims,
        passages=tuple(passages),
    )
