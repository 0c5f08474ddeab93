"""Test examples that one of two classifiers gets right and the other one does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.comparison.differences import Pair
from glassnet.comparison.sides import Side
from glassnet.contract import CLASSES, Family, Modality, Vocabulary
from glassnet.findings import (
    ClaimRecorder,
    HighlightedText,
    HighlightedTexts,
    ImageGallery,
    Provenance,
    Table,
    count,
    fraction,
    share,
)

SECTION = "mistakes"

N_IMAGES, N_TEXTS = 24, 8
"""Images and texts of one figure."""

MAX_WORDS = 80
"""Words of a text that are shown."""


@dataclass(frozen=True, eq=False)
class _Predictions:
    """What both networks predict for the test examples of the first one, in its order.

    Attributes:
        labels: (n,) int64.
        predicted: names of the predicted classes of both, (n,) str each.
        right: whether they are right, (n,) bool each.
        confidence: (n,) float each.
    """

    labels: np.ndarray
    predicted: tuple[np.ndarray, np.ndarray]
    right: tuple[np.ndarray, np.ndarray]
    confidence: tuple[np.ndarray, np.ndarray]


def disagreements(
    pair: Pair, index: int, provenance: Provenance
) -> Iterator[Table | ImageGallery | HighlightedTexts]:
    """Count on what two classifiers agree, and show what one alone gets right, each in turn."""
    sides = pair.first, pair.second
    if pair.shared.order is None or any(
        side.first.task.family != Family.CLASSIFIER for side in sides
    ):
        return
    found = _predictions(pair)
    yield _agreement(pair, found, index, provenance)
    for k, side in enumerate(sides):
        where = np.flatnonzero(found.right[k] & ~found.right[1 - k])
        if len(where):
            yield _shown(side, sides[1 - k], found, k, where, index, provenance)


def _predictions(pair: Pair) -> _Predictions:
    one, other, order = pair.first, pair.second, pair.shared.order
    assert order is not None  # noqa: S101
    own, others = one.model.predictions[CLASSES], other.model.predictions[CLASSES][order]
    predicted = own.argmax(axis=1), others.argmax(axis=1)
    labels, other_labels = one.data.test.labels, other.data.test.labels[order]
    return _Predictions(
        labels=labels,
        predicted=(
            np.array(one.data.class_names)[predicted[0]],
            np.array(other.data.class_names)[predicted[1]],
        ),
        right=(predicted[0] == labels, predicted[1] == other_labels),
        confidence=(own.max(axis=1), others.max(axis=1)),
    )


def _agreement(pair: Pair, found: _Predictions, index: int, provenance: Provenance) -> Table:
    record, n = ClaimRecorder(), len(found.labels)
    one, other = found.right
    same = int((found.predicted[0] == found.predicted[1]).sum())
    first, second = pair.first.label, pair.second.label
    cells = {
        "both right": int((one & other).sum()),
        f"only {first} right": int((one & ~other).sum()),
        f"only {second} right": int((other & ~one).sum()),
        "both wrong, same class": int(
            (~one & ~other & (found.predicted[0] == found.predicted[1])).sum()
        ),
        "both wrong, other classes": int(
            (~one & ~other & (found.predicted[0] != found.predicted[1])).sum()
        ),
    }
    agreed = share(f"predictions that {first} and {second} share", same, n)
    return Table(
        name=f"agreement-{index}",
        section=SECTION,
        title=f"{first} and {second} predict the same class for {record(agreed)} of the test "
        "examples",
        summary=f"How many of the {record(count('test examples', n))} test examples each gets "
        "right."
        + (
            " Of a group, the network of its first seed."
            if pair.first.is_group or pair.second.is_group
            else ""
        ),
        provenance=provenance,
        claims=record.claims,
        columns=("test examples", "n", "share (%)"),
        formats=("", ",d", ".2f"),
        rows=tuple((name, value, 100 * value / n) for name, value in cells.items()),
    )


def _shown(
    side: Side,
    other: Side,
    found: _Predictions,
    k: int,
    where: np.ndarray,
    index: int,
    provenance: Provenance,
) -> ImageGallery | HighlightedTexts:
    """Show what a side alone gets right, the surest mistakes of the other first."""
    record = ClaimRecorder()
    lead = found.confidence[1 - k][where]
    chosen = where[np.argsort(-lead, kind="stable")]
    texts = side.first.task.modality == Modality.TEXTS
    chosen = chosen[: N_TEXTS if texts else N_IMAGES]
    n, label = len(found.labels), f"only {side.label} right"
    total = record(count(f"test examples, {label}", len(where), n=n))
    of = record(count("test examples", n))
    title = f"{side.label} alone is right on {total} of {of} test examples"
    shown = record(count("examples shown", len(chosen)))
    summary = (
        f"The {shown} on which {other.label} is most confident of its mistake, with its confidence."
    )
    name = f"right-{index}-{k + 1}"
    captions = [_caption(record, other, found, k, i) for i in chosen]
    inputs = side.data.test.inputs if k == 0 else other.data.test.inputs  # in the first's order
    if texts:
        return HighlightedTexts(
            name=name,
            section=SECTION,
            title=title,
            summary=summary,
            provenance=provenance,
            claims=record.claims,
            texts=tuple(
                _plain_text(side.data.vocabulary, str(inputs[i]), caption)
                for i, caption in zip(chosen, captions, strict=True)
            ),
            low_label="",
            high_label="",
            value_label="",
        )
    return ImageGallery(
        name=name,
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance,
        claims=record.claims,
        images=inputs[chosen],
        captions=tuple(captions),
        probabilities=None,
        labels=None,
        predicted=None,
        class_names=(),
    )


def _caption(record: ClaimRecorder, other: Side, found: _Predictions, k: int, i: int) -> str:
    confidence = fraction(
        f"confidence of {other.label} in example {i}", found.confidence[1 - k][i], digits=0
    )
    return f"{found.predicted[k][i]}, taken for {found.predicted[1 - k][i]} ({record(confidence)})"


def _plain_text(vocabulary: Vocabulary, text: str, caption: str) -> HighlightedText:
    """A text without colours, cut where it is long."""
    pieces = vocabulary.pieces(text) or (text,)
    if len(pieces) > MAX_WORDS:
        pieces = (*pieces[:MAX_WORDS], "[...]")
    return HighlightedText(
        pieces=pieces, values=np.zeros(len(pieces), np.float32), caption=caption, note=""
    )
