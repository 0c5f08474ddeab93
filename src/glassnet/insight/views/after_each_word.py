"""Class probabilities after each word of a text."""

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from glassnet import progress
from glassnet.contract import Cache, Data, ExplainOptions, MakeProvenance, Model, TextModel
from glassnet.findings import (
    ClaimRecorder,
    CurvePanel,
    Curves,
    Mark,
    Series,
    count,
    fraction,
    minus_signs,
    number,
)
from glassnet.inference.texts import (
    MAX_WORDS,
    MIN_WORDS,
    bare,
    caption,
    lengths_of_test,
    near,
    rows,
)
from glassnet.insight.measures.prefix_probabilities import (
    PrefixProbabilities,
    first_branch,
    prefix_probabilities,
)
from glassnet.insight.views.branches import of_prediction

SECTION = "texts"

RANKS = ("largest", "second largest", "third largest")
"""One figure each, by the rise of the predicted class's probability along the text."""

MAX_TEXTS = 200
"""Test texts among which the largest rises are searched."""

MAX_CLASSES = 3
"""Classes with a line, those with the highest probability at the end."""


def after_each_word(
    data: Data,
    model: Model,
    text_model: TextModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Curves]:
    """Plot the probabilities along the test texts whose prediction changes most."""
    texts = _largest_rises(data, model, cache, options.seed)
    for rank, (position, words, prefixes) in enumerate(texts[: len(RANKS)], 1):
        text, record = str(data.test.inputs[position]), ClaimRecorder()
        label, final = int(data.test.labels[position]), prefixes.probabilities[-1]
        confidence = record(fraction("confidence at the end", final.max()))
        description = caption(data.class_names, label, prefixes.predicted, confidence)
        searched = record(count("test texts searched", len(texts)))
        yield prefix_curves(
            data,
            text_model,
            provenance,
            record,
            words,
            prefixes,
            data.vocabulary.pieces(text),
            name=f"after-each-word-{rank}",
            intro=f"This text, {description}, has the {RANKS[rank - 1]} rise among {searched} test "
            "texts",
            split="test",
            n=len(texts),
            seed=options.seed,
        )


def prefix_curves(
    data: Data,
    text_model: TextModel,
    provenance: MakeProvenance,
    record: ClaimRecorder,
    ids: Tensor,
    prefixes: PrefixProbabilities,
    pieces: tuple[str, ...],
    *,
    name: str,
    intro: str,
    split: str = "",
    n: int = 1,
    seed: int | None = None,
) -> Curves:
    """Plot the probabilities along one text and mark its turning point.

    If the network has several branches, that of the first one by itself is another line.

    Args:
        data: names the classes.
        text_model: the network, with its branches.
        provenance: of the finding.
        record: holds the claims of `intro`.
        ids: (1, T) int64, the words of the text.
        prefixes: the probabilities of the text's prefixes.
        pieces: the text, cut before each word.
        name: the finding's name.
        intro: the beginning of the summary, without a full stop.
        split: for the provenance, as `n` and `seed`.
    """
    words, names = [bare(pieces[end]) for end in prefixes.ends], data.class_names
    two = len(names) == 2
    probabilities = 100 * prefixes.probabilities.astype(np.float64)
    shown = [1] if two else np.argsort(-probabilities[-1], kind="stable")[:MAX_CLASSES]
    title, turn = _turning_point(record, prefixes, words, names[prefixes.predicted], len(pieces))
    place, rise = prefixes.turning_point
    marked = probabilities[:, 1 if two else prefixes.predicted]
    mark = None
    if rise > 0:
        step = marked[place] - marked[place - 1]
        mark = Mark(x=place, y=marked[place], label=f"{words[place]} {minus_signs(f'{step:+.1f}')}")
    x = np.arange(len(words), dtype=np.float64)
    lines = [
        Series(label=names[c], role=role, x=x, y=probabilities[:, c])
        for c, role in zip(shown, ("valid", "test", "other"), strict=False)
    ]
    of_branches = of_prediction(text_model)
    if len(text_model.branches) > 1:
        line, branch = 1 if two else prefixes.predicted, text_model.branches[0]
        alone = prefix_probabilities(first_branch(text_model), ids).probabilities[:, line]
        end = fraction(f"probability of {names[line]} at the end, {branch} alone", alone[-1])
        label = f"{branch} alone" if two else f"{names[line]}, {branch} alone"
        lines.append(Series(label=label, role="train", x=x, y=100 * alone.astype(np.float64)))
        of_branches += (
            f" For the {branch} alone, which is not calibrated, the probability of {names[line]} "
            f"at the end is {record(end)}."
        )
    return Curves(
        name=name,
        section=SECTION,
        title=title,
        summary=f"{intro}; {turn}.{of_branches}",
        provenance=provenance(split=split, n=n, seed=seed),
        claims=record.claims,
        x_label="last word of the text so far",
        x_names=tuple(words),
        panels=(
            CurvePanel(
                y_label=f"probability of {names[1]} (%)" if two else "probability (%)",
                series=tuple(lines),
                mark=mark,
            ),
        ),
    )


def _turning_point(
    record: ClaimRecorder, prefixes: PrefixProbabilities, words: list[str], name: str, length: int
) -> tuple[str, str]:
    """Describe where the prediction turns to its final class: a title, and part of a summary."""
    probabilities = prefixes.probabilities[:, prefixes.predicted].astype(np.float64)
    lowest, (place, rise) = int(probabilities.argmin()), prefixes.turning_point
    final = record(fraction(f"probability of {name} at the end", probabilities[-1]))
    if not rise > 0:
        highest = record(fraction(f"greatest probability of {name}", probabilities.max()))
        return (
            f"The probability of {name} is lowest at the end of the text, {final}",
            f"the probability of {name} was at most {highest}",
        )
    start = record(fraction(f"least probability of {name}", probabilities[lowest]))
    step = record(number(f"greatest rise of {name} at once", 100 * rise, "{:.1f} points"))
    position = record(number("the word's place", prefixes.ends[place] + 1, "word {:,.0f}"))
    total = record(count("words", length))
    title = f"The prediction stays {name}; “{words[place]}” adds most, {step}"
    if int(prefixes.probabilities[lowest].argmax()) != prefixes.predicted:
        title = f"“{words[place]}” turns the prediction to {name}, by {step}"
    return title, (
        f"the probability of {name} is {start} at its lowest and {final} at the end, and rises "
        f"most, by {step}, at “{words[place]}”, {position} of {total}"
    )


def _largest_rises(
    data: Data, model: Model, cache: Cache, seed: int
) -> list[tuple[int, Tensor, PrefixProbabilities]]:
    """Positions, words and probabilities of some test texts, the largest rise first."""
    if len(data.class_names) < 2:
        return []
    candidates = near(lengths_of_test(data, cache), MIN_WORDS, MAX_WORDS, len(RANKS))
    positions = np.random.default_rng(seed).permutation(candidates)[:MAX_TEXTS]
    if not len(positions):
        return []
    words, lengths = rows(data, positions)
    texts = []
    with progress.stage("predictions along texts", len(positions)) as advance:
        for i, position in enumerate(positions):
            row = words[i : i + 1, : int(lengths[i])]
            texts.append((int(position), row, prefix_probabilities(model.forward, row)))
            advance()
    return sorted(texts, key=lambda text: -text[2].rise)
