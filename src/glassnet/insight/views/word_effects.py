"""What each word on its own contributes to each class."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, MakeProvenance, TextModel
from glassnet.findings import Bars, ClaimRecorder, Table, count, minus_signs, number
from glassnet.insight.measures.single_words import (
    frequent_words,
    single_word_effects,
    word_counts,
)
from glassnet.stats.ranks import spearman

SECTION = "words"

WORDS_OF_TWO = 12
"""Words in the figure for either of two classes."""

WORDS_OF_MORE = 8
"""Words in the table for each of more classes."""


def word_effects(
    data: Data, text_model: TextModel, cache: Cache, provenance: MakeProvenance
) -> Iterator[Bars | Table]:
    """Show the words with the largest effects on the log-odds as texts of their own.

    Yields bars for two classes, a table for more, and nothing for a single class.
    """
    words = frequent_words(data, cache)
    if len(data.class_names) < 2 or len(words) < 2:
        return
    effects = single_word_effects(data, text_model, words)
    if len(data.class_names) == 2:
        yield _bars(data, cache, provenance, words, effects)
    else:
        yield _table(data, cache, provenance, words, effects)


def _bars(
    data: Data, cache: Cache, provenance: MakeProvenance, words: np.ndarray, effects: np.ndarray
) -> Bars:
    first, second = data.class_names
    change = effects[:, 1]
    order = np.argsort(change, kind="stable")
    half = min(WORDS_OF_TWO, len(words) // 2)
    shown = np.concatenate([order[:half], order[::-1][:half][::-1]])
    names = [data.vocabulary.words[words[i]] for i in shown]
    counts = word_counts(data, cache)[:, words]
    record, agreement = ClaimRecorder(), spearman(change, counts[1] / counts.sum(axis=0))
    highest, lowest = (
        number(f"effect of “{names[place]}” (nats)", change[shown[place]], "{:+.2f}")
        for place in (-1, 0)
    )
    correlation = number("rank correlation", agreement, "{:.2f}", len(words))
    return Bars(
        name="word-effects",
        section=SECTION,
        title=f"On its own, “{names[-1]}” speaks most for {second} ({record(highest)}), "
        f"“{names[0]}” for {first} ({record(lowest)})",
        summary=f"Change of the log-odds of {second} from the unknown word on its own to the word "
        f"on its own, for the {record(count('words shown', len(shown)))} most extreme of "
        f"{record(count('frequent words', len(words)))} words that are frequent in the training "
        "texts. Over all of them, the rank correlation with the share of a word's occurrences in "
        f"texts of {second} is {record(correlation)} (Spearman).",
        provenance=provenance(split="train", n=len(data.train)),
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


def _table(
    data: Data, cache: Cache, provenance: MakeProvenance, words: np.ndarray, effects: np.ndarray
) -> Table:
    order = np.argsort(-effects, axis=0, kind="stable")[:WORDS_OF_MORE]
    names, vocabulary = data.class_names, data.vocabulary.words
    top = int(effects.max(axis=0).argmax())
    counts = word_counts(data, cache)[:, words]
    record, shares = ClaimRecorder(), counts / counts.sum(axis=0)
    agreement = np.mean([spearman(effects[:, c], shares[c]) for c in range(len(names))])
    word = vocabulary[words[order[0, top]]]
    highest = number(f"effect of “{word}” (nats)", effects[order[0, top], top], "{:+.2f}")
    correlation = number("mean rank correlation", agreement, "{:.2f}", len(words))
    return Table(
        name="word-effects",
        section=SECTION,
        title=f"On its own, “{word}” speaks most for any class, {names[top]} ({record(highest)})",
        summary="Change of a class's log-odds from the unknown word on its own to the word on its "
        f"own, in nats, over {record(count('frequent words', len(words)))} words that are frequent "
        "in the training texts. The rank correlation with the share of a word's occurrences in "
        f"texts of the class is {record(correlation)} (Spearman, mean over the classes).",
        provenance=provenance(split="train", n=len(data.train)),
        claims=record.claims,
        columns=("class", "words that speak most for it"),
        formats=("", ""),
        rows=tuple(
            (
                name,
                ", ".join(
                    f"{vocabulary[words[i]]} {minus_signs(f'{effects[i, c]:+.2f}')}"
                    for i in order[:, c]
                ),
            )
            for c, name in enumerate(names)
        ),
    )
