"""Texts coloured by what each word adds to the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Claim, ClaimRecorder, HighlightedText, HighlightedTexts
from glassnet.findings.claims import count, fraction, number
from glassnet.inference.classification import Prediction, prediction
from glassnet.inference.texts import (
    FEWEST,
    MOST,
    bare,
    caption,
    lengths_of,
    lengths_of_test,
    model_of,
    near,
    quantity,
    rows,
    target_of,
)
from glassnet.insight.measures.attribution import integrated_gradients, occlusion
from glassnet.stats.ranks import rank_correlation

SHOWN = 6
"""Texts that are shown in colour."""

STEPS = 64
"""Points of the way at which gradients are taken for a text that is shown."""

LEFT_OUT = 400
"""Words of a text up to which every one of them is left out once."""

ROOM = 10
"""Words that are kept on either side of a strong one where a long text is shortened."""

CUT = " [...] "
"""Stands where words are left out."""


@dataclass(frozen=True, eq=False)
class Coloured:
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
        return 0.0 if self.lost is None else rank_correlation(self.values, self.lost)


def highlighted_texts(evidence: Evidence, options: ExplainOptions) -> Iterator[HighlightedTexts]:
    """A few test texts, coloured by integrated gradients and then by leaving words out."""
    where = telling_texts(evidence)
    if not len(where) or len(evidence.class_names) < 2:
        return
    texts = colour(evidence, where, left_out=True)
    yield _by_gradients(evidence, texts, where)
    short = [i for i, text in enumerate(texts) if text.lost is not None]
    if short:
        yield _by_leaving_out(evidence, [texts[i] for i in short], where[short])


def telling_texts(evidence: Evidence) -> np.ndarray:
    """Positions of test texts of a length to be read: sure and right ones of each class in turn,
    the least sure one, and the most confident mistake.
    """
    answer = prediction(evidence)
    room = near(lengths_of_test(evidence), FEWEST, MOST, 2 * SHOWN)
    sure = room[np.argsort(-answer.probabilities[room].max(axis=1), kind="stable")]
    right = sure[_right(answer, sure)]
    wrong = sure[~_right(answer, sure)]
    labels = answer.split.labels[right]
    rounds = np.zeros(len(right), np.int64)
    for label in np.unique(labels):
        rounds[labels == label] = np.arange((labels == label).sum())
    of_classes = right[np.lexsort((labels, rounds))]
    chosen = [*of_classes[: SHOWN - 2], *sure[-1:], *wrong[:1], *of_classes[SHOWN - 2 :], *wrong]
    return np.array(list(dict.fromkeys(chosen))[:SHOWN], np.int64)


def colour(evidence: Evidence, where: np.ndarray, *, left_out: bool = False) -> list[Coloured]:
    """Test texts at these positions with the values of their words."""
    words, lengths = rows(evidence, where)
    predicted = prediction(evidence).predicted[where]
    coloured = []
    with progress.stage("integrated gradients", int(lengths.sum())) as advance:
        for i, place in enumerate(where):
            text = str(evidence.test.inputs[place])
            row = words[i : i + 1, : int(lengths[i])]
            coloured.append(colour_text(evidence, text, row, int(predicted[i]), left_out=left_out))
            advance(int(lengths[i]))
    return coloured


def colour_text(
    evidence: Evidence, text: str, words: Tensor, predicted: int, *, left_out: bool = False
) -> Coloured:
    """One text with the values of its words (1, T), T at least 1."""
    network, target = model_of(evidence), target_of(evidence, predicted)
    lengths = lengths_of(words)
    found = integrated_gradients(network, words, lengths, target, STEPS)
    lost = None
    if left_out and words.shape[1] <= LEFT_OUT:
        lost = occlusion(network, words, lengths, target, evidence.vocabulary.unknown)[0]
    return Coloured(
        evidence.vocabulary.pieces(text),
        found.values[0],
        float(found.start[0]),
        float(found.end[0]),
        float(found.error[0]),
        float(found.relative_error[0]),
        lost,
    )


def captions_of(evidence: Evidence, where: np.ndarray, record: ClaimRecorder) -> list[str]:
    """What test texts at these positions are, and what they were taken for."""
    answer = prediction(evidence)
    sure = answer.probabilities.max(axis=1)
    return [
        caption(
            evidence.class_names,
            int(answer.split.labels[i]),
            int(answer.predicted[i]),
            record(fraction(f"confidence in text {place}", sure[i])),
        )
        for place, i in enumerate(where, 1)
    ]


def strip(evidence: Evidence, *, section: str = "texts", **info: object) -> HighlightedTexts:
    """A strip whose colours mean the log-odds that are spoken of."""
    names = evidence.class_names
    two = len(names) == 2
    return HighlightedTexts(
        section=section,
        low_label=f"for {names[0]}" if two else "against the predicted class",
        high_label=f"for {names[1]}" if two else "for the predicted class",
        value_label=f"{quantity(evidence)} (nats)",
        **info,  # type: ignore[arg-type]
    )


def shortened(text: Coloured, most: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Pieces and values of a long text around its strongest words, `most` words or fewer.

    What is left out is told by ` [...] `.
    """
    length = len(text.pieces)
    if length <= most:
        return text.pieces, text.values
    stored = np.zeros(length, bool)
    for place in np.argsort(-np.abs(text.values), kind="stable"):
        more = stored.copy()
        more[max(0, place - ROOM) : place + ROOM + 1] = True
        if more.sum() > most:
            break
        stored = more
    places = np.flatnonzero(stored)
    pieces = [text.pieces[i] for i in places]
    for here, place in enumerate(places):
        if place + 1 < length and not stored[place + 1]:
            pieces[here] = pieces[here].rstrip() + CUT
    if not stored[0]:
        pieces[0] = CUT.lstrip() + pieces[0]
    return tuple(pieces), text.values[places]


def error_in_words(record: ClaimRecorder, text: Coloured, which: str = "the worst text") -> str:
    """How far the values are from adding up."""
    what, share = f"completeness error of {which}", 100 * text.relative_error
    nats = record(number(what, text.error, "{:.2g} nats"))
    small = share < 0.01
    part = record(number(f"{what} (%)", share, "under 0.01 %" if small else "{:.2g} %"))
    return f"completeness error {nats}, {part}{'' if small else ' of what the words do'}"


def _right(answer: Prediction, where: np.ndarray) -> np.ndarray:
    return answer.predicted[where] == answer.split.labels[where]


def _by_gradients(evidence: Evidence, texts: list[Coloured], where: np.ndarray) -> HighlightedTexts:
    record = ClaimRecorder()
    word, value, share = _strongest(texts, [text.values for text in texts])
    lengths = [len(text.pieces) for text in texts]
    shortest, longest = count("fewest words", min(lengths)), count("most words", max(lengths))
    worst = max(texts, key=lambda text: text.relative_error)
    does = fraction("its share of what its text's words do", share)
    return strip(
        evidence,
        name="integrated-gradients",
        title=f"{word} moves the {quantity(evidence)} by "
        f"{record(number(f'what {word} does (nats)', value, '{:+.2f}'))}, {record(does)} of what its "
        "text's words do",
        summary=f"{record(count('texts', len(texts)))} test texts of {record(shortest)} to "
        f"{record(longest)} words. Integrated gradients share out the {quantity(evidence)}, less "
        f"those of as many zero vectors, among the words; at worst, {error_in_words(record, worst)}. "
        f"Strongest in each text: {_listed(record, texts, [text.values for text in texts])}.",
        provenance=evidence.provenance(split="test", n=len(texts)),
        passages=tuple(
            HighlightedText(
                pieces=text.pieces,
                values=text.values,
                caption=words,
                note=_note(evidence, record, text, f"text {place}"),
            )
            for place, (text, words) in enumerate(
                zip(texts, captions_of(evidence, where, record), strict=True), 1
            )
        ),
        claims=record.claims,
    )


def _by_leaving_out(
    evidence: Evidence, texts: list[Coloured], where: np.ndarray
) -> HighlightedTexts:
    record = ClaimRecorder()
    lost = [np.zeros(0) if text.lost is None else text.lost for text in texts]
    word, value, _ = _strongest(texts, lost)
    change = number(f"change without {word} (nats)", abs(value), "{:.2f}")
    agreement = float(np.mean([text.agreement for text in texts]))
    alike = number("mean rank correlation", agreement, "{:.2f}", len(texts))
    return strip(
        evidence,
        name="occlusion",
        title=f"Without {word} alone the {quantity(evidence)} {'fall' if value > 0 else 'rise'} by "
        f"{record(change)}",
        summary="The same texts, coloured by what is lost when one word alone becomes the unknown "
        f"word; the ranks agree with those of integrated gradients by {record(alike)} (Spearman, "
        f"mean over {record(count('texts', len(texts)))} texts). Strongest in each text: "
        f"{_listed(record, texts, lost)}.",
        provenance=evidence.provenance(split="test", n=len(texts)),
        passages=tuple(
            HighlightedText(
                pieces=text.pieces,
                values=values,
                caption=words,
                note=f"rank correlation with integrated gradients "
                f"{record(_agreement(text, f'text {place}'))}",
            )
            for place, (text, values, words) in enumerate(
                zip(texts, lost, captions_of(evidence, where, record), strict=True), 1
            )
        ),
        claims=record.claims,
    )


def _note(evidence: Evidence, record: ClaimRecorder, text: Coloured, which: str) -> str:
    end = number(f"log-odds of {which} (nats)", text.end, "{:+.2f}")
    start = number(f"log-odds of {which} without words (nats)", text.start, "{:+.2f}")
    words = (
        f"{quantity(evidence)} {record(end)}, {record(start)} without words; "
        f"{error_in_words(record, text, which)}"
    )
    if text.lost is None:
        return words
    return f"{words}; rank correlation with leaving words out {record(_agreement(text, which))}"


def _agreement(text: Coloured, which: str) -> Claim:
    return number(f"rank correlation of the two ways, {which}", text.agreement, "{:.2f}")


def _strengths(texts: list[Coloured], values: list[np.ndarray]) -> list[tuple[str, float]]:
    """The word of each text that does most, in quotation marks, and what it does in nats."""
    places = [int(np.abs(each).argmax()) for each in values]
    return [
        (f"“{bare(text.pieces[place])}”", float(each[place]))
        for text, each, place in zip(texts, values, places, strict=True)
    ]


def _strongest(texts: list[Coloured], values: list[np.ndarray]) -> tuple[str, float, float]:
    """The word that does most, what it does, and its share of its text."""
    strengths = _strengths(texts, values)
    most = int(np.abs([value for _, value in strengths]).argmax())
    word, value = strengths[most]
    return word, value, abs(value) / max(float(np.abs(values[most]).sum()), 1e-12)


def _listed(record: ClaimRecorder, texts: list[Coloured], values: list[np.ndarray]) -> str:
    """The strongest word of every text with what it does."""
    return ", ".join(
        f"{word} {record(number(f'what {word} does (nats)', value, '{:+.2f}'))}"
        for word, value in _strengths(texts, values)
    )
