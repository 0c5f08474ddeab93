"""A text that a person typed: coloured, followed word by word, and seen by the units."""

from __future__ import annotations

import numpy as np
import torch

from glassnet.contract import Evidence
from glassnet.errors import UsageError
from glassnet.findings import ClaimRecorder, Finding, HighlightedText
from glassnet.findings.claims import count, fraction, number
from glassnet.inference.texts import bare, lengths_of, quantity
from glassnet.insight.measures.prefix_probabilities import prefix_probabilities
from glassnet.insight.measures.text_attribution import attribute_text
from glassnet.insight.measures.unit_selectivity import most_selective_units
from glassnet.insight.views.after_each_word import prefix_curves
from glassnet.insight.views.highlighted_texts import completeness_error, highlight
from glassnet.insight.views.unit_activations import unit_activations

NAMED = 5
"""Unknown words that an error names at most."""


def explain_text(evidence: Evidence, text: str, seed: int = 0) -> tuple[Finding, ...]:
    """What the network makes of a text: the words' shares, the answer along it, the units.

    Args:
        evidence: of a network that reads texts and names two classes or more.
        text: as it was typed.
        seed: draws the test texts that say which units to show.

    Returns:
        `typed-integrated-gradients` (`HighlightedTexts`), `typed-after-each-word` (`Curves`) and, where units can
        be chosen, `typed-unit-activations` (`Heatmap`).

    Raises:
        UsageError: it has no word, or none that the network knows.
    """
    words = words_of(evidence, text)
    course = prefix_probabilities(evidence.forward, words)
    probabilities = course.probabilities[-1]
    answer = evidence.class_names[course.predicted]
    coloured = attribute_text(evidence, text, words, course.predicted)
    values, pieces = coloured.values, coloured.pieces
    strongest = int(np.abs(values).argmax())
    known = int((words != evidence.vocabulary.unknown).sum())
    record = ClaimRecorder()
    said = f"{answer} ({record(fraction(f'probability of {answer}', probabilities.max()))})"
    most = number(f"what “{bare(pieces[strongest])}” does (nats)", values[strongest], "{:+.2f}")
    end = number("log-odds of the text (nats)", coloured.end, "{:+.2f}")
    start = number("log-odds without words (nats)", coloured.start, "{:+.2f}")
    findings: list[Finding] = [
        highlight(
            evidence,
            name="typed-integrated-gradients",
            title=f"The answer is {said}; “{bare(pieces[strongest])}” moves it most "
            f"({record(most)})",
            summary=f"Integrated gradients share out the {quantity(evidence)}, {record(end)} in "
            f"all and {record(start)} without words, among {record(count('words', len(pieces)))} "
            "words, of which the network knows "
            f"{record(count('words that the network knows', known))}.",
            provenance=evidence.provenance(n=1),
            texts=(
                HighlightedText(
                    pieces=pieces,
                    values=values,
                    caption=said,
                    note=completeness_error(record, coloured, "the text"),
                ),
            ),
            claims=record.claims,
        ),
        prefix_curves(
            evidence,
            ClaimRecorder(),
            course,
            pieces,
            name="typed-after-each-word",
            before="The text that was typed",
        ),
    ]
    units, n = most_selective_units(evidence, seed)
    if units:
        findings.append(
            unit_activations(
                evidence,
                units,
                words,
                text,
                name="typed-unit-activations",
                before="The text that was typed",
                split="test",
                n=n,
                seed=seed,
            )
        )
    return tuple(findings)


def words_of(evidence: Evidence, text: str) -> torch.Tensor:
    """The text as words (1, T), without filling.

    Raises:
        UsageError: it has no word, or none that the network knows.
    """
    words = evidence.inputs_of(np.array([text], np.dtypes.StringDType()))
    words = words[:, : int(lengths_of(words)[0])]
    if not words.shape[1]:
        raise UsageError(
            "the text has no word in it",
            "give a sentence, in quotation marks on a command line",
        )
    if bool((words == evidence.vocabulary.unknown).all()):
        pieces = dict.fromkeys(bare(piece) for piece in evidence.vocabulary.pieces(text))
        named = ", ".join(f"“{piece}”" for piece in [*pieces][:NAMED])
        more = " and others" if len(pieces) > NAMED else ""
        raise UsageError(
            f"the network knows no word of this text: {named}{more}",
            "use words that occur in texts like those that it was trained on",
        )
    return words
