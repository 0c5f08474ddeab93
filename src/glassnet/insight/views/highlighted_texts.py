"""Texts highlighted by what each word contributes to the prediction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Claim, ClaimRecorder, HighlightedText, HighlightedTexts
from glassnet.findings.claims import count, fraction, number
from glassnet.inference.classification import Prediction, prediction
from glassnet.inference.texts import FEWEST, MOST, bare, caption, lengths_of_test, near, quantity
from glassnet.insight.measures.text_attribution import AttributedText, attribute_test_texts

SHOWN = 6
"""Texts that are shown in attribute_test_texts."""

ROOM = 10
"""Words that are kept on either side of a strong one where a long text is shortened."""

CUT = " [...] "
"""Stands where words are left out."""


def highlighted_texts(evidence: Evidence, options: ExplainOptions) -> Iterator[HighlightedTexts]:
    """A few test texts, coloured by integrated gradients and then by leaving words out."""
    where = telling_texts(evidence)
    if not len(where) or len(evidence.class_names) < 2:
        return
    texts = attribute_test_texts(evidence, where, left_out=True)
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


def highlight(evidence: Evidence, *, section: str = "texts", **info: object) -> HighlightedTexts:
    """A highlight whose colours mean the log-odds that are spoken of."""
    names = evidence.class_names
    two = len(names) == 2
    return HighlightedTexts(
        section=section,
        low_label=f"for {names[0]}" if two else "against the predicted class",
        high_label=f"for {names[1]}" if two else "for the predicted class",
        value_label=f"{quantity(evidence)} (nats)",
        **info,  # type: ignore[arg-type]
    )


def shortened(text: AttributedText, most: int) -> tuple[tuple[str, ...], np.ndarray]:
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


def completeness_error(
    record: ClaimRecorder, text: AttributedText, which: str = "the worst text"
) -> str:
    """How far the values are from adding up."""
    what, share = f"completeness error of {which}", 100 * text.relative_error
    nats = record(number(what, text.error, "{:.2g} nats"))
    small = share < 0.01
    part = record(number(f"{what} (%)", share, "under 0.01 %" if small else "{:.2g} %"))
    return f"completeness error {nats}, {part}{'' if small else ' of what the words do'}"


def _right(answer: Prediction, where: np.ndarray) -> np.ndarray:
    return answer.predicted[where] == answer.split.labels[where]


def _by_gradients(
    evidence: Evidence, texts: list[AttributedText], where: np.ndarray
) -> HighlightedTexts:
    record = ClaimRecorder()
    word, value, share = _strongest(texts, [text.values for text in texts])
    lengths = [len(text.pieces) for text in texts]
    shortest, longest = count("fewest words", min(lengths)), count("most words", max(lengths))
    worst = max(texts, key=lambda text: text.relative_error)
    does = fraction("its share of what its text's words do", share)
    return highlight(
        evidence,
        name="integrated-gradients",
        title=f"{word} moves the {quantity(evidence)} by "
        f"{record(number(f'what {word} does (nats)', value, '{:+.2f}'))}, {record(does)} of what "
        "its text's words do",
        summary=f"{record(count('texts', len(texts)))} test texts of {record(shortest)} to "
        f"{record(longest)} words. Integrated gradients share out the {quantity(evidence)}, less "
        "those of as many zero vectors, among the words; at worst, "
        f"{completeness_error(record, worst)}. Strongest in each text: "
        f"{_listed(record, texts, [text.values for text in texts])}.",
        provenance=evidence.provenance(split="test", n=len(texts)),
        texts=tuple(
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
    evidence: Evidence, texts: list[AttributedText], where: np.ndarray
) -> HighlightedTexts:
    record = ClaimRecorder()
    lost = [np.zeros(0) if text.lost is None else text.lost for text in texts]
    word, value, _ = _strongest(texts, lost)
    change = number(f"change without {word} (nats)", abs(value), "{:.2f}")
    agreement = float(np.mean([text.agreement for text in texts]))
    alike = number("mean rank correlation", agreement, "{:.2f}", len(texts))
    return highlight(
        evidence,
        name="occlusion",
        title=f"Without {word} alone the {quantity(evidence)} {'fall' if value > 0 else 'rise'} by "
        f"{record(change)}",
        summary="The same texts, coloured by what is lost when one word alone becomes the unknown "
        f"word; the ranks agree with those of integrated gradients by {record(alike)} (Spearman, "
        f"mean over {record(count('texts', len(texts)))} texts). Strongest in each text: "
        f"{_listed(record, texts, lost)}.",
        provenance=evidence.provenance(split="test", n=len(texts)),
        texts=tuple(
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


def _note(evidence: Evidence, record: ClaimRecorder, text: AttributedText, which: str) -> str:
    end = number(f"log-odds of {which} (nats)", text.end, "{:+.2f}")
    start = number(f"log-odds of {which} without words (nats)", text.start, "{:+.2f}")
    words = (
        f"{quantity(evidence)} {record(end)}, {record(start)} without words; "
        f"{completeness_error(record, text, which)}"
    )
    if text.lost is None:
        return words
    return f"{words}; rank correlation with leaving words out {record(_agreement(text, which))}"


def _agreement(text: AttributedText, which: str) -> Claim:
    return number(f"rank correlation of the two ways, {which}", text.agreement, "{:.2f}")


def _strengths(texts: list[AttributedText], values: list[np.ndarray]) -> list[tuple[str, float]]:
    """The word of each text that does most, in quotation marks, and what it does in nats."""
    places = [int(np.abs(each).argmax()) for each in values]
    return [
        (f"“{bare(text.pieces[place])}”", float(each[place]))
        for text, each, place in zip(texts, values, places, strict=True)
    ]


def _strongest(texts: list[AttributedText], values: list[np.ndarray]) -> tuple[str, float, float]:
    """The word that does most, what it does, and its share of its text."""
    strengths = _strengths(texts, values)
    most = int(np.abs([value for _, value in strengths]).argmax())
    word, value = strengths[most]
    return word, value, abs(value) / max(float(np.abs(values[most]).sum()), 1e-12)


def _listed(record: ClaimRecorder, texts: list[AttributedText], values: list[np.ndarray]) -> str:
    """The strongest word of every text with what it does."""
    return ", ".join(
        f"{word} {record(number(f'what {word} does (nats)', value, '{:+.2f}'))}"
        for word, value in _strengths(texts, values)
    )
