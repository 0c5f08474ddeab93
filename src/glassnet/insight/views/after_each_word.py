"""Class probabilities after each word of a text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, CurvePanel, Curves, Mark, Series
from glassnet.findings.claims import count, fraction, number
from glassnet.inference.texts import FEWEST, MOST, bare, caption, lengths_of_test, near, rows
from glassnet.insight.measures.prefix_probabilities import PrefixProbabilities, prefix_probabilities

RANKS = ("most", "second most", "third most")

SHOWN = len(RANKS)
"""Texts whose curves are shown."""

SEARCHED = 200
"""Test texts among which those that turn most are sought."""

LINES = 3
"""Classes that have a line at most, the likeliest ones at the end."""


def after_each_word(evidence: Evidence, options: ExplainOptions) -> Iterator[Curves]:
    """The answer after each word of the test texts that turn most while they are read."""
    found = _sought(evidence, options.seed)
    for rank, (place, course) in enumerate(found[:SHOWN], 1):
        text, record = str(evidence.test.inputs[place]), ClaimRecorder()
        label = int(evidence.test.labels[place])
        sure = record(fraction("confidence at the end", course.probabilities[-1].max()))
        words = caption(evidence.class_names, label, course.predicted, sure)
        searched = record(count("test texts searched", len(found)))
        yield prefix_curves(
            evidence,
            record,
            course,
            evidence.vocabulary.pieces(text),
            name=f"after-each-word-{rank}",
            before=f"Among {searched} test texts this one, {words}, turns {RANKS[rank - 1]}",
            split="test",
            n=len(found),
            seed=options.seed,
        )


def prefix_curves(
    evidence: Evidence,
    record: ClaimRecorder,
    course: PrefixProbabilities,
    pieces: tuple[str, ...],
    *,
    name: str,
    before: str,
    split: str = "",
    n: int = 1,
    seed: int | None = None,
) -> Curves:
    """The answers along one text as curves, with the word at which it turns.

    Args:
        told: has the claims of `before`.
        pieces: the text, cut before each word.
        name: the finding's.
        before: what the reading begins with, without a full stop.
        split, n, seed: for the receipt.
    """
    words = [bare(pieces[place]) for place in course.places]
    classes = evidence.class_names
    two = len(classes) == 2
    probabilities = 100 * course.probabilities.astype(np.float64)
    shown = [1] if two else np.argsort(-probabilities[-1], kind="stable")[:LINES]
    title, turn = _turn(record, course, words, classes[course.predicted], len(pieces))
    where, rise = course.turn
    spoken = 1 if two else course.predicted
    mark = None
    if rise > 0:
        step = probabilities[where, spoken] - probabilities[where - 1, spoken]
        mark = Mark(x=where, y=probabilities[where, spoken], label=f"{words[where]} {step:+.1f}")
    return Curves(
        name=name,
        section="texts",
        title=title,
        summary=f"{before}; {turn}.",
        provenance=evidence.provenance(split=split, n=n, seed=seed),
        claims=record.claims,
        x_label="the text ends after this word",
        x_names=tuple(words),
        panels=(
            CurvePanel(
                y_label=f"probability of {classes[1]} (%)" if two else "probability (%)",
                series=tuple(
                    Series(
                        label=classes[c],
                        role=role,
                        x=np.arange(len(words), dtype=np.float64),
                        y=probabilities[:, c],
                    )
                    for c, role in zip(shown, ("valid", "test", "other"), strict=False)
                ),
                mark=mark,
            ),
        ),
    )


def _turn(
    record: ClaimRecorder, course: PrefixProbabilities, words: list[str], name: str, length: int
) -> tuple[str, str]:
    """Whether and where the answer turns to the class at the end: title, and part of a reading."""
    probabilities = course.probabilities[:, course.predicted].astype(np.float64)
    low, (where, rise) = int(probabilities.argmin()), course.turn
    end = record(fraction(f"probability of {name} at the end", probabilities[-1]))
    if not rise > 0:
        most = record(fraction(f"greatest probability of {name}", probabilities.max()))
        return (
            f"The text ends where {name} is least likely, {end}",
            f"the probability of {name} was at most {most}",
        )
    least = record(fraction(f"least probability of {name}", probabilities[low]))
    step = record(number(f"greatest rise of {name} at once", 100 * rise, "{:.1f} points"))
    place = record(number("the word's place", course.places[where] + 1, "word {:,.0f}"))
    whole = record(count("words", length))
    turned = int(course.probabilities[low].argmax()) != course.predicted
    title = f"The answer stays {name}; “{words[where]}” adds most, {step}"
    if turned:
        title = f"“{words[where]}” turns the answer to {name}, by {step}"
    return title, (
        f"the probability of {name}, {least} at the lowest, {end} at the end, rises most at once, "
        f"by {step}, with “{words[where]}”, {place} of {whole}"
    )


def _sought(evidence: Evidence, seed: int) -> list[tuple[int, PrefixProbabilities]]:
    """Positions and courses of a draw of test texts, those that turn most first."""
    if len(evidence.class_names) < 2:
        return []
    room = near(lengths_of_test(evidence), FEWEST, MOST, SHOWN)
    where = np.random.default_rng(seed).permutation(room)[:SEARCHED]
    if not len(where):
        return []
    words, lengths = rows(evidence, where)
    found = []
    with progress.stage("answers along texts", len(where)) as advance:
        for i, place in enumerate(where):
            row = words[i : i + 1, : int(lengths[i])]
            found.append((int(place), prefix_probabilities(evidence.forward, row)))
            advance()
    return sorted(found, key=lambda each: -each[1].swing)
