"""Texts highlighted by what each word contributes to the prediction."""

from collections.abc import Callable, Iterator

import numpy as np

from glassnet.contract import Cache, Data, MakeProvenance, Model, TextModel
from glassnet.findings import (
    Claim,
    ClaimRecorder,
    HighlightedText,
    HighlightedTexts,
    count,
    fraction,
    number,
)
from glassnet.inference.classification import prediction
from glassnet.inference.texts import (
    MAX_WORDS,
    MIN_WORDS,
    bare,
    caption,
    lengths_of_test,
    near,
    quantity,
)
from glassnet.insight.measures.text_attribution import AttributedText, attribute_test_texts
from glassnet.insight.views.branches import of_prediction, shares_of_branches, sums_of_branches

SECTION = "texts"

N_TEXTS = 6
"""Texts in a figure."""

CONTEXT = 10
"""Words on either side of a strong word that stay where a long text is shortened."""

CUT = " [...] "
"""Stands where words are left out."""


def highlighted_texts(
    data: Data, model: Model, text_model: TextModel, cache: Cache, provenance: MakeProvenance
) -> Iterator[HighlightedTexts]:
    """Highlight a few test texts by integrated gradients and by occlusion.

    If the network has several branches, what each word contributes through the first one is shown
    as well.
    """
    chosen = example_texts(data, model, cache)
    if not len(chosen) or len(data.class_names) < 2:
        return
    texts = attribute_test_texts(data, model, text_model, chosen, with_occlusion=True)
    yield _by_gradients(data, model, text_model, provenance, texts, chosen)
    if len(text_model.branches) > 1:
        yield _through_first_branch(data, model, text_model, provenance, texts, chosen)
    short = [i for i, text in enumerate(texts) if text.occlusion is not None]
    if short:
        texts = [texts[i] for i in short]
        yield _by_occlusion(data, model, text_model, provenance, texts, chosen[short])


def example_texts(data: Data, model: Model, cache: Cache) -> np.ndarray:
    """Choose test texts that show the range of predictions, of a length that can be read.

    Returns:
        Positions in the test set, (n,) int64: the most confident correct texts of each class in
        turn, the least confident text, and the most confident mistake.
    """
    predictions = prediction(data, model)
    candidates = near(lengths_of_test(data, cache), MIN_WORDS, MAX_WORDS, 2 * N_TEXTS)
    confidence = predictions.probabilities[candidates].max(axis=1)
    ordered = candidates[np.argsort(-confidence, kind="stable")]
    is_right = predictions.predicted[ordered] == predictions.split.labels[ordered]
    right, wrong = ordered[is_right], ordered[~is_right]
    labels = predictions.split.labels[right]
    rounds = np.zeros(len(right), np.int64)
    for label in np.unique(labels):
        rounds[labels == label] = np.arange((labels == label).sum())
    in_turn = right[np.lexsort((labels, rounds))]
    n = N_TEXTS - 2
    chosen = [*in_turn[:n], *ordered[-1:], *wrong[:1], *in_turn[n:], *wrong]
    return np.array(list(dict.fromkeys(chosen))[:N_TEXTS], np.int64)


def captions_of(
    data: Data, model: Model, positions: np.ndarray, record: ClaimRecorder
) -> list[str]:
    """Caption test texts with their class, the predicted class and the confidence."""
    predictions = prediction(data, model)
    confidence = predictions.probabilities.max(axis=1)
    return [
        caption(
            data.class_names,
            int(predictions.split.labels[i]),
            int(predictions.predicted[i]),
            record(fraction(f"confidence in text {place}", confidence[i])),
        )
        for place, i in enumerate(positions, 1)
    ]


def highlight(data: Data, *, section: str = SECTION, **fields: object) -> HighlightedTexts:
    """Make a finding whose colours are contributions to the log-odds of a class.

    Args:
        data: names the classes.
        section: the finding's section.
        fields: all other fields of the finding but the labels of its colours.
    """
    names = data.class_names
    two = len(names) == 2
    return HighlightedTexts(
        section=section,
        low_label=f"for {names[0]}" if two else "against the predicted class",
        high_label=f"for {names[1]}" if two else "for the predicted class",
        value_label=f"{quantity(names)} (nats)",
        **fields,  # type: ignore[arg-type]
    )


def shortened(text: AttributedText, max_words: int) -> tuple[tuple[str, ...], np.ndarray]:
    """Cut a long text to the words around its strongest ones.

    Returns:
        The pieces, with ` [...] ` where words are left out, and their values.
    """
    length = len(text.pieces)
    if length <= max_words:
        return text.pieces, text.values
    shown = np.zeros(length, bool)
    for place in np.argsort(-np.abs(text.values), kind="stable"):
        larger = shown.copy()
        larger[max(0, place - CONTEXT) : place + CONTEXT + 1] = True
        if larger.sum() > max_words:
            break
        shown = larger
    places = np.flatnonzero(shown)
    pieces = [text.pieces[i] for i in places]
    for i, place in enumerate(places):
        if place + 1 < length and not shown[place + 1]:
            pieces[i] = pieces[i].rstrip() + CUT
    if not shown[0]:
        pieces[0] = CUT.lstrip() + pieces[0]
    return tuple(pieces), text.values[places]


def completeness_error(
    record: ClaimRecorder, text: AttributedText, name: str = "the worst text"
) -> str:
    """State how far the values are from adding up to the change of the log-odds."""
    claim, percent = f"completeness error of {name}", 100 * text.relative_error
    nats = record(number(claim, text.error, "{:.2g} nats"))
    small = percent < 0.01
    share = record(number(f"{claim} (%)", percent, "under 0.01 %" if small else "{:.2g} %"))
    return f"the completeness error is {nats} ({share} of the contributions of all words)"


def _by_gradients(
    data: Data,
    model: Model,
    text_model: TextModel,
    provenance: MakeProvenance,
    texts: list[AttributedText],
    positions: np.ndarray,
) -> HighlightedTexts:
    record, values = ClaimRecorder(), [text.values for text in texts]
    log_odds = quantity(data.class_names)
    word, value, share = _strongest(texts, values)
    lengths = [len(text.pieces) for text in texts]
    shortest, longest = count("fewest words", min(lengths)), count("most words", max(lengths))
    worst_text = max(texts, key=lambda text: text.relative_error)
    of_all = fraction("its share of the contributions of all words of its text", share)
    return highlight(
        data,
        name="integrated-gradients",
        title=f"{word} changes the {log_odds} by {record(_effect(word, value))}, "
        f"{record(of_all)} of the contributions of all words of its text",
        summary=f"{record(count('texts', len(texts)))} test texts of {record(shortest)} to "
        f"{record(longest)} words. Integrated gradients distribute the {log_odds}, less "
        "those of as many zero vectors, over the words; in the worst case, "
        f"{completeness_error(record, worst_text)}. Strongest word of each text: "
        f"{_listed(record, texts, values)}.{of_prediction(text_model)}"
        f"{shares_of_branches(text_model, record, texts)}",
        provenance=provenance(split="test", n=len(texts)),
        texts=_paragraphs(
            texts,
            values,
            captions_of(data, model, positions, record),
            lambda text, name: _note(data, text_model, record, text, name),
        ),
        claims=record.claims,
    )


def _through_first_branch(
    data: Data,
    model: Model,
    text_model: TextModel,
    provenance: MakeProvenance,
    texts: list[AttributedText],
    positions: np.ndarray,
) -> HighlightedTexts:
    record, branch = ClaimRecorder(), text_model.branches[0]
    values = [text.parts[0] for text in texts]
    word, value, _ = _strongest(texts, values)
    log_odds, n_texts = quantity(data.class_names), record(count("texts", len(texts)))
    return highlight(
        data,
        name=f"integrated-gradients-{branch.lower()}",
        title=f"Through the {branch}, {word} contributes most to the {log_odds}, "
        f"{record(_effect(word, value))}",
        summary=f"The same {n_texts} texts with the part of each contribution that comes from the "
        f"{branch}; the rest comes from the {', '.join(text_model.branches[1:])}, and both add up "
        f"to the values of the figure before. Strongest word of each text: "
        f"{_listed(record, texts, values)}.",
        provenance=provenance(split="test", n=len(texts)),
        texts=_paragraphs(
            texts,
            values,
            captions_of(data, model, positions, record),
            lambda text, name: sums_of_branches(text_model, record, text, name),
        ),
        claims=record.claims,
    )


def _by_occlusion(
    data: Data,
    model: Model,
    text_model: TextModel,
    provenance: MakeProvenance,
    texts: list[AttributedText],
    positions: np.ndarray,
) -> HighlightedTexts:
    record = ClaimRecorder()
    values = [np.zeros(0) if text.occlusion is None else text.occlusion for text in texts]
    word, value, _ = _strongest(texts, values)
    change = number(f"change by replacing {word} (nats)", abs(value), "{:.2f}")
    agreement = float(np.mean([text.agreement for text in texts]))
    correlation = number("mean rank correlation", agreement, "{:.2f}", len(texts))
    return highlight(
        data,
        name="occlusion",
        title=f"With the unknown word in place of {word}, the {quantity(data.class_names)} "
        f"{'fall' if value > 0 else 'rise'} by {record(change)}",
        summary="The same texts, highlighted by the loss of log-odds if this one word is replaced "
        "by the unknown word. The rank correlation with integrated gradients is "
        f"{record(correlation)} (Spearman, mean over {record(count('texts', len(texts)))} texts). "
        f"Strongest word of each text: {_listed(record, texts, values)}."
        f"{of_prediction(text_model)}",
        provenance=provenance(split="test", n=len(texts)),
        texts=_paragraphs(
            texts,
            values,
            captions_of(data, model, positions, record),
            lambda text, name: (
                f"rank correlation with integrated gradients {record(_agreement(text, name))}"
            ),
        ),
        claims=record.claims,
    )


def _paragraphs(
    texts: list[AttributedText],
    values: list[np.ndarray],
    captions: list[str],
    note: Callable[[AttributedText, str], str],
) -> tuple[HighlightedText, ...]:
    """The texts with a value for each word and a note, which is made of a text and its name."""
    return tuple(
        HighlightedText(
            pieces=text.pieces, values=of_text, caption=words, note=note(text, f"text {place}")
        )
        for place, (text, of_text, words) in enumerate(zip(texts, values, captions, strict=True), 1)
    )


def _note(
    data: Data, text_model: TextModel, record: ClaimRecorder, text: AttributedText, name: str
) -> str:
    end = number(f"log-odds of {name} (nats)", text.end, "{:+.2f}")
    start = number(f"log-odds of {name} without words (nats)", text.start, "{:+.2f}")
    note = (
        f"{quantity(data.class_names)} {record(end)}, {record(start)} without words; "
        f"{completeness_error(record, text, name)}"
    )
    if sums := sums_of_branches(text_model, record, text, name):
        note = f"{sums}; {note}"
    if text.occlusion is None:
        return note
    return f"{note}; rank correlation with occlusion {record(_agreement(text, name))}"


def _agreement(text: AttributedText, name: str) -> Claim:
    claim = f"rank correlation of integrated gradients and occlusion, {name}"
    return number(claim, text.agreement, "{:.2f}")


def _effect(word: str, value: float) -> Claim:
    return number(f"contribution of {word} (nats)", value, "{:+.2f}")


def _strongest_words(
    texts: list[AttributedText], values: list[np.ndarray]
) -> list[tuple[str, float]]:
    """The word with the largest contribution in each text, in quotation marks, and its value."""
    places = [int(np.abs(of_text).argmax()) for of_text in values]
    return [
        (f"“{bare(text.pieces[place])}”", float(of_text[place]))
        for text, of_text, place in zip(texts, values, places, strict=True)
    ]


def _strongest(texts: list[AttributedText], values: list[np.ndarray]) -> tuple[str, float, float]:
    """The word with the largest contribution of all, its value, and its share in its text."""
    words = _strongest_words(texts, values)
    top = int(np.abs([value for _, value in words]).argmax())
    word, value = words[top]
    return word, value, abs(value) / max(float(np.abs(values[top]).sum()), 1e-12)


def _listed(record: ClaimRecorder, texts: list[AttributedText], values: list[np.ndarray]) -> str:
    """The strongest word of every text with its contribution."""
    return ", ".join(
        f"{word} {record(_effect(word, value))}" for word, value in _strongest_words(texts, values)
    )
