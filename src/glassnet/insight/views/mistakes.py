"""Where the classifier is wrong: by pair of classes, by class, and example by example."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import (
    ClaimRecorder,
    Heatmap,
    HighlightedText,
    HighlightedTexts,
    ImageGallery,
    Table,
)
from glassnet.findings.claims import count, fraction, number, share
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of_test
from glassnet.insight.views import highlighted_texts
from glassnet.stats.intervals import wilson

WORST = 24
"""How many mistakes are shown."""

WORST_TEXTS = 12
"""How many, where they are texts ..."""

WORDS = 120
"""... and how many words of each; of a longer one, those around its strongest words."""


def confusion_matrix(evidence: Evidence, options: ExplainOptions) -> Iterator[Heatmap]:
    """Counts of true class by predicted class, coloured by the share of the true class."""
    counts = confusion(evidence)
    names, n = evidence.class_names, int(counts.sum())
    errors = n - int(np.trace(counts))
    off = counts - np.diag(np.diag(counts))
    true, predicted = np.unravel_index(off.argmax(), off.shape)
    record = ClaimRecorder()
    examples = record(count("test examples", n))
    title = "Every test example is right"
    summary = f"All {examples} test examples lie on the diagonal."
    if errors:
        ties = int((off == off.max()).sum())
        rank = "the commonest mistake" if ties == 1 else "one of the commonest mistakes"
        title = f"{names[true]} taken for {names[predicted]} is {rank}"
        pair, back = f"{names[true]} taken for {names[predicted]}", int(off[predicted, true])
        summary = (
            f"It accounts for {record(count(pair, int(off.max())))} of the "
            f"{record(count('mistakes', errors))} mistakes among {examples} test examples; the "
            f"reverse accounts for {record(count(f'the reverse of {pair}', back))}."
        )
    yield Heatmap(
        name="confusion-matrix",
        section="mistakes",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=n),
        claims=record.claims,
        values=counts,
        scale=counts / np.maximum(counts.sum(axis=1, keepdims=True), 1),
        row_names=names,
        column_names=names,
        row_label="true class",
        column_label="predicted class",
        unit="examples",
    )


def class_table(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """Recall with its interval, precision and F1 of every class."""
    counts = confusion(evidence)
    right, of_class, of_guess = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    recall = right / np.maximum(of_class, 1)
    precision = right / np.maximum(of_guess, 1)
    f1 = 2 * right / np.maximum(of_class + of_guess, 1)
    rows = []
    for k, label in enumerate(evidence.class_names):
        low, high = wilson(int(right[k]), int(of_class[k]))
        rows.append(
            (
                label,
                int(of_class[k]),
                int(of_class[k] - right[k]),
                100 * float(recall[k]) if of_class[k] else None,
                f"{100 * low:.1f} to {100 * high:.1f}" if of_class[k] else None,
                100 * float(precision[k]),
                100 * float(f1[k]),
            )
        )
    hardest = int(np.where(of_class > 0, recall, 2).argmin())
    name = evidence.class_names[hardest]
    even = (right == of_class).all()
    record = ClaimRecorder()
    hits, n = int(right[hardest]), int(of_class[hardest])
    average = fraction("mean recall over the classes", recall[of_class > 0].mean())
    yield Table(
        name="classification-report",
        section="mistakes",
        title="Every class is right throughout" if even else f"{name} is the hardest class",
        summary=f"{record(share(f'recall of {name}', hits, n))} of the "
        f"{record(count(f'test examples of {name}', n))} test examples of {name} are right; the mean "
        f"over the classes is {record(average)}.",
        provenance=evidence.provenance(split="test", n=int(counts.sum())),
        claims=record.claims,
        columns=(
            "class",
            "examples",
            "mistakes",
            "recall (%)",
            "95 % interval",
            "precision (%)",
            "F1 (%)",
        ),
        formats=("", ",d", ",d", ".2f", "", ".2f", ".2f"),
        rows=tuple(rows),
    )


def worst_mistakes(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGallery]:
    """The mistakes whose true class got the least probability, worst first."""
    answer = prediction(evidence)
    labels, predicted = answer.split.labels, answer.predicted
    own = answer.probabilities[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(predicted != labels)
    chosen = wrong[np.argsort(own[wrong], kind="stable")][:WORST]
    if not len(chosen):
        return
    names, record = evidence.class_names, ClaimRecorder()
    least = fraction("the least probability of a true class", own[chosen[0]])
    yield ImageGallery(
        name="worst-mistakes",
        section="mistakes",
        title=_how_sure(record, answer.probabilities[wrong]),
        summary=f"The {record(count('mistakes shown', len(chosen)))} mistakes that gave the true "
        f"class the least probability; the worst gave it {record(least)}.",
        provenance=evidence.provenance(split="test", n=len(labels)),
        claims=record.claims,
        images=answer.split.inputs[chosen],
        captions=tuple(f"{names[labels[i]]}, taken for {names[predicted[i]]}" for i in chosen),
        probabilities=answer.probabilities[chosen],
        labels=labels[chosen],
        predicted=predicted[chosen],
        class_names=names,
    )


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
    title = _how_sure(record, answer.probabilities[wrong])
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


def confusion(evidence: Evidence) -> np.ndarray:
    """(classes, classes) int64 counts, true class by predicted class."""
    classes = len(evidence.class_names)
    counts = np.zeros((classes, classes), np.int64)
    answer = prediction(evidence)
    np.add.at(counts, (answer.split.labels, answer.predicted), 1)
    return counts


def _how_sure(record: ClaimRecorder, wrong: np.ndarray) -> str:
    """How many of the mistakes (n, classes) were confident ones."""
    sure = int((wrong.max(axis=1) > 0.9).sum())
    confident = number("mistakes of over 90 % confidence", sure, f"{sure or 'None'}")
    return (
        f"{record(confident)} of the {record(count('mistakes', len(wrong)))} mistakes had over 90 % "
        "confidence"
    )
