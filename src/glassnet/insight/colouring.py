"""Texts coloured by what each word adds to the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from glassnet import progress
from glassnet.contract import Evidence, Options
from glassnet.findings import Passage, TokenStrip
from glassnet.insight.attribution import integrated_gradients, occlusion
from glassnet.insight.intervals import percent
from glassnet.insight.ranks import rank_correlation
from glassnet.insight.reading import (
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
from glassnet.insight.scores import Prediction, prediction

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


def coloured_texts(evidence: Evidence, options: Options) -> Iterator[TokenStrip]:
    """A few test texts, coloured by integrated gradients and then by leaving words out."""
    where = telling_texts(evidence)
    if not len(where) or len(evidence.class_names) < 2:
        return
    texts = colour(evidence, where, left_out=True)
    captions = captions_of(evidence, where)
    yield _by_gradients(evidence, texts, captions)
    short = [i for i, text in enumerate(texts) if text.lost is not None]
    if short:
        yield _by_leaving_out(evidence, [texts[i] for i in short], [captions[i] for i in short])


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


def captions_of(evidence: Evidence, where: np.ndarray) -> list[str]:
    """What test texts at these positions are, and what they were taken for."""
    answer = prediction(evidence)
    sure = answer.probabilities.max(axis=1)
    return [
        caption(
            evidence.class_names,
            int(answer.split.labels[i]),
            int(answer.predicted[i]),
            float(sure[i]),
        )
        for i in where
    ]


def strip(evidence: Evidence, *, section: str = "reading", **facts: object) -> TokenStrip:
    """A strip whose colours mean the log-odds that are spoken of."""
    names = evidence.class_names
    two = len(names) == 2
    return TokenStrip(
        section=section,
        low_label=f"for {names[0]}" if two else "against the predicted class",
        high_label=f"for {names[1]}" if two else "for the predicted class",
        value_label=f"{quantity(evidence)} (nats)",
        **facts,  # type: ignore[arg-type]
    )


def shortened(text: Coloured, most: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Pieces and values of a long text around its strongest words, `most` words or fewer.

    What is left out is told by ` [...] `.
    """
    length = len(text.pieces)
    if length <= most:
        return text.pieces, text.values
    kept = np.zeros(length, bool)
    for place in np.argsort(-np.abs(text.values), kind="stable"):
        more = kept.copy()
        more[max(0, place - ROOM) : place + ROOM + 1] = True
        if more.sum() > most:
            break
        kept = more
    places = np.flatnonzero(kept)
    pieces = [text.pieces[i] for i in places]
    for here, place in enumerate(places):
        if place + 1 < length and not kept[place + 1]:
            pieces[here] = pieces[here].rstrip() + CUT
    if not kept[0]:
        pieces[0] = CUT.lstrip() + pieces[0]
    return tuple(pieces), text.values[places]


def error_in_words(text: Coloured) -> str:
    """How far the values are from adding up."""
    share = 100 * text.relative_error
    of = f"{share:.2g} % of what the words do" if share >= 0.01 else "under 0.01 %"
    return f"completeness error {text.error:.2g} nats, {of}"


def _right(answer: Prediction, where: np.ndarray) -> np.ndarray:
    return answer.predicted[where] == answer.split.labels[where]


def _by_gradients(evidence: Evidence, texts: list[Coloured], captions: list[str]) -> TokenStrip:
    word, value, share, listed = _strongest(texts, [text.values for text in texts])
    lengths = [len(text.pieces) for text in texts]
    worst = max(texts, key=lambda text: text.relative_error)
    return strip(
        evidence,
        name="attribution",
        title=f"{word} moves the {quantity(evidence)} by {value:+.2f}, {percent(share)} of what "
        "its text's words do",
        reading=f"{len(texts)} test texts of {min(lengths)} to {max(lengths)} words. Integrated "
        f"gradients share out the {quantity(evidence)}, less those of as many zero vectors, among "
        f"the words; at worst, {error_in_words(worst)}. Strongest in each text: {listed}.",
        receipt=evidence.receipt(split="test", n=len(texts)),
        passages=tuple(
            Passage(
                pieces=text.pieces,
                values=text.values,
                caption=words,
                note=_note(evidence, text),
            )
            for text, words in zip(texts, captions, strict=True)
        ),
    )


def _by_leaving_out(evidence: Evidence, texts: list[Coloured], captions: list[str]) -> TokenStrip:
    lost = [np.zeros(0) if text.lost is None else text.lost for text in texts]
    word, value, _, listed = _strongest(texts, lost)
    agreement = float(np.mean([text.agreement for text in texts]))
    return strip(
        evidence,
        name="occlusion",
        title=f"Without {word} alone the {quantity(evidence)} {'fall' if value > 0 else 'rise'} by "
        f"{abs(value):.2f}",
        reading="The same texts, coloured by what is lost when one word alone becomes the unknown "
        f"word; the ranks agree with those of integrated gradients by {agreement:.2f} (Spearman, "
        f"mean over {len(texts)} texts). Strongest in each text: {listed}.",
        receipt=evidence.receipt(split="test", n=len(texts)),
        passages=tuple(
            Passage(
                pieces=text.pieces,
                values=values,
                caption=words,
                note=f"rank correlation with integrated gradients {text.agreement:.2f}",
            )
            for text, values, words in zip(texts, lost, captions, strict=True)
        ),
    )


def _note(evidence: Evidence, text: Coloured) -> str:
    words = (
        f"{quantity(evidence)} {text.end:+.2f}, {text.start:+.2f} without words; "
        f"{error_in_words(text)}"
    )
    if text.lost is None:
        return words
    return f"{words}; rank correlation with leaving words out {text.agreement:.2f}"


def _strongest(texts: list[Coloured], values: list[np.ndarray]) -> tuple[str, float, float, str]:
    """The word that does most, what it does, its share of its text, and the first of every text."""
    places = [int(np.abs(each).argmax()) for each in values]
    strengths = [float(each[place]) for each, place in zip(values, places, strict=True)]
    words = [f"“{bare(text.pieces[p])}”" for text, p in zip(texts, places, strict=True)]
    most = int(np.abs(strengths).argmax())
    share = abs(strengths[most]) / max(float(np.abs(values[most]).sum()), 1e-12)
    listed = ", ".join(f"{word} {value:+.2f}" for word, value in zip(words, strengths, strict=True))
    return words[most], strengths[most], share, listed
