"""What each word on its own contributes to each class."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Bars, ClaimRecorder, Table
from glassnet.findings.claims import count, number
from glassnet.insight.measures.single_words import frequent_words, single_word_effects, word_counts
from glassnet.stats.ranks import spearman

BARS = 12
"""Words that are shown for either of two classes."""

OF_CLASS = 8
"""Words that are shown for each of more classes."""


def word_effects(evidence: Evidence, options: ExplainOptions) -> Iterator[Bars | Table]:
    """The words that say most for a class when they stand alone, beside the unknown word alone."""
    words = frequent_words(evidence)
    if len(evidence.class_names) < 2 or len(words) < 2:
        return
    effects = single_word_effects(evidence, words)
    yield (_bars if len(evidence.class_names) == 2 else _by_class)(evidence, words, effects)


def _bars(evidence: Evidence, words: np.ndarray, effects: np.ndarray) -> Bars:
    first, second = evidence.class_names
    change = effects[:, 1]
    order = np.argsort(change, kind="stable")
    half = min(BARS, len(words) // 2)
    shown = np.concatenate([order[:half], order[::-1][:half][::-1]])
    names = [evidence.vocabulary.words[words[i]] for i in shown]
    counts = word_counts(evidence)[:, words]
    record, agreement = ClaimRecorder(), spearman(change, counts[1] / counts.sum(axis=0))
    most, least = (
        number(f"what “{names[place]}” does alone (nats)", change[shown[place]], "{:+.2f}")
        for place in (-1, 0)
    )
    return Bars(
        name="word-effects",
        section="words",
        title=f"Alone, “{names[-1]}” says most for {second} ({record(most)}), “{names[0]}” for "
        f"{first} ({record(least)})",
        summary=f"Change of the log-odds of {second} from the unknown word alone to the word "
        f"alone, the {record(count('words shown', len(shown)))} most extreme of "
        f"{record(count('frequent words', len(words)))} words that are frequent in the training "
        "texts. Over all of them its ranks agree with the share of a word's occurrences that are "
        f"in texts of {second} by "
        f"{record(number('rank correlation', agreement, '{:.2f}', len(words)))} (Spearman).",
        provenance=evidence.provenance(split="train", n=len(evidence.train)),
        claims=record.claims,
        names=tuple(names),
        values=change[shown],
        low=None,
        high=None,
        muted=None,
        muted_label="",
        reference=None,
        reference_label="",
        x_label="word",
        y_label=f"change of the log-odds of {second} (nats)",
    )


def _by_class(evidence: Evidence, words: np.ndarray, effects: np.ndarray) -> Table:
    order = np.argsort(-effects, axis=0, kind="stable")[:OF_CLASS]
    names, known = evidence.class_names, evidence.vocabulary.words
    top = int(effects.max(axis=0).argmax())
    counts = word_counts(evidence)[:, words]
    record, parts = ClaimRecorder(), counts / counts.sum(axis=0)
    agreement = np.mean([spearman(effects[:, c], parts[c]) for c in range(len(names))])
    word = known[words[order[0, top]]]
    most = number(f"what “{word}” does alone (nats)", effects[order[0, top], top], "{:+.2f}")
    alike = number("mean rank correlation", agreement, "{:.2f}", len(words))
    return Table(
        name="word-effects",
        section="words",
        title=f"Alone, “{word}” says most for any class, {names[top]} ({record(most)})",
        summary="Change of a class's log-odds from the unknown word alone to the word alone, in "
        f"nats, over {record(count('frequent words', len(words)))} words that are frequent in the "
        "training texts. Its ranks agree with the share of a word's occurrences that are in texts "
        f"of the class by {record(alike)} (Spearman, mean over the classes).",
        provenance=evidence.provenance(split="train", n=len(evidence.train)),
        claims=record.claims,
        columns=("class", "words that say most for it"),
        formats=("", ""),
        rows=tuple(
            (name, ", ".join(f"{known[words[i]]} {effects[i, c]:+.2f}" for i in order[:, c]))
            for c, name in enumerate(names)
        ),
    )
