"""What single words mean to the network: what each says alone, and which are alike."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Bars, ClaimRecorder, Table
from glassnet.findings.claims import count, fraction, interval, number, share
from glassnet.inference.texts import blocks_of, log_odds, model_of
from glassnet.stats.ranks import rank_correlation

ONCE_IN = 500
"""A frequent word occurs at least once in so many training texts, on average ..."""

AT_LEAST = 10
"""... and so often at all."""

BARS = 12
"""Words that are shown for either of two classes."""

OF_CLASS = 8
"""Words that are shown for each of more classes."""

ASKED = 12
"""Words whose neighbours are shown."""

COMMON = 1000
"""The most frequent words, of which the most telling ones are asked for their neighbours."""

NEIGHBOURS = 5
"""Neighbours that are shown for each."""


def telling_words(evidence: Evidence, options: ExplainOptions) -> Iterator[Bars | Table]:
    """The words that say most for a class when they stand alone, beside the unknown word alone."""
    words = frequent_words(evidence)
    if len(evidence.class_names) < 2 or len(words) < 2:
        return
    effects = effects_of(evidence, words)
    yield (_bars if len(evidence.class_names) == 2 else _by_class)(evidence, words, effects)


def nearest_words(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """The words whose vectors point most the same way, for frequent words that say much."""
    words = frequent_words(evidence)
    if len(evidence.class_names) < 2 or len(words) <= NEIGHBOURS:
        return
    effects, counts = effects_of(evidence, words), word_counts(evidence).sum(axis=0)[words]
    places, cosines = _neighbours(evidence, words)
    names = [evidence.vocabulary.words[word] for word in words]
    asked = _asked(effects, counts)
    favoured = effects.argmax(axis=1)
    alike = int((favoured == favoured[places[:, 0]]).sum())
    chance = float((np.bincount(favoured) / len(words) @ np.bincount(favoured)) / len(words))
    first, record = asked[0], ClaimRecorder()
    same = share("words that speak for the class of their nearest word", alike, len(words))
    cosine = number(f"cosine of “{names[first]}” and its nearest word", cosines[first, 0], "{:.2f}")
    yield Table(
        name="nearest-words",
        section="words",
        title=f"{record(same)} of the words speak for the same class as their nearest word",
        summary=f"Of {record(count('frequent words', len(words)))} words that are frequent in the "
        f"training texts (95 % interval {record(interval(same))}; by chance "
        f"{record(fraction('the same by chance', chance))}). Nearest is the greatest cosine between "
        f"vectors: that of “{names[first]}” is “{names[places[first, 0]]}”, {record(cosine)}.",
        provenance=evidence.provenance(split="train", n=len(evidence.train)),
        claims=record.claims,
        columns=("word", "times in the training texts", "speaks for", "nearest words, with cosine"),
        formats=("", ",d", "", ""),
        rows=tuple(
            (
                names[i],
                int(counts[i]),
                evidence.class_names[favoured[i]],
                ", ".join(
                    f"{names[place]} {cosine:.2f}"
                    for place, cosine in zip(places[i], cosines[i], strict=True)
                ),
            )
            for i in asked
        ),
    )


def word_counts(evidence: Evidence) -> np.ndarray:
    """How often each word stands in the training texts: (classes, words) int64; kept."""

    def make() -> dict[str, np.ndarray]:
        classes, known = len(evidence.class_names), len(evidence.vocabulary.words)
        counts, start = np.zeros((classes, known), np.int64), 0
        for block in blocks_of(evidence, evidence.train.inputs, "words of the training texts"):
            labels = evidence.train.labels[start : start + len(block)]
            for label in np.unique(labels):
                read = block.numpy()[labels == label].ravel()
                counts[label] += np.bincount(read, minlength=known)
            start += len(block)
        counts[:, evidence.vocabulary.padding] = 0
        return {"counts": counts}

    return evidence.cached("train-words", make)["counts"]


def frequent_words(evidence: Evidence) -> np.ndarray:
    """Numbers of the words that are frequent in the training texts, the most frequent first.

    A word has a letter; the unknown word is none.
    """
    counts = word_counts(evidence).sum(axis=0)
    least = max(AT_LEAST, -(-len(evidence.train) // ONCE_IN))
    spelt = [any(map(str.isalpha, word)) for word in evidence.vocabulary.words]
    spelt[evidence.vocabulary.unknown] = spelt[evidence.vocabulary.padding] = False
    order = np.argsort(-counts, kind="stable")
    return order[(counts[order] >= least) & np.array(spelt)[order]]


def effects_of(evidence: Evidence, words: np.ndarray) -> np.ndarray:
    """What each word alone does to every class: (n, classes) float64 in nats.

    The log-odds of the class for the word alone, less those for the unknown word alone.
    """
    unknown = np.array([evidence.vocabulary.unknown])
    return _alone(evidence, words) - _alone(evidence, unknown)


def _alone(evidence: Evidence, words: np.ndarray) -> np.ndarray:
    """(n, classes) float64: the log-odds of every class for texts of one word."""
    network, classes = model_of(evidence), len(evidence.class_names)
    with torch.inference_mode():
        texts = torch.from_numpy(words)[:, None]
        logits = network.logits(network.embed(texts), torch.ones(len(words), dtype=torch.int64))
        each = [log_odds(logits, torch.full((len(words),), c)) for c in range(classes)]
        return torch.stack(each, dim=1).double().numpy()


def _bars(evidence: Evidence, words: np.ndarray, effects: np.ndarray) -> Bars:
    first, second = evidence.class_names
    change = effects[:, 1]
    order = np.argsort(change, kind="stable")
    half = min(BARS, len(words) // 2)
    shown = np.concatenate([order[:half], order[::-1][:half][::-1]])
    names = [evidence.vocabulary.words[words[i]] for i in shown]
    counts = word_counts(evidence)[:, words]
    record, agreement = ClaimRecorder(), rank_correlation(change, counts[1] / counts.sum(axis=0))
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
    agreement = np.mean([rank_correlation(effects[:, c], parts[c]) for c in range(len(names))])
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


def _asked(effects: np.ndarray, counts: np.ndarray) -> list[int]:
    """Common words that say most for a class each, the classes in turn."""
    common = np.argsort(-counts, kind="stable")[:COMMON]
    orders = common[np.argsort(-effects[common], axis=0, kind="stable")]
    return list(dict.fromkeys(orders.ravel().tolist()))[:ASKED]


def _neighbours(evidence: Evidence, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions and cosines of the nearest of these words to each: (n, NEIGHBOURS) each."""
    with torch.inference_mode():
        vectors = model_of(evidence).embed(torch.from_numpy(words)[:, None])[:, 0].numpy()
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    places, cosines = [], []
    for start in range(0, len(units), 1000):
        near = units[start : start + 1000] @ units.T
        near[np.arange(len(near)), start + np.arange(len(near))] = -np.inf
        best = np.argpartition(-near, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        cosine = np.take_along_axis(near, best, axis=1)
        order = np.argsort(-cosine, axis=1, kind="stable")
        places.append(np.take_along_axis(best, order, axis=1))
        cosines.append(np.take_along_axis(cosine, order, axis=1))
    return np.concatenate(places), np.concatenate(cosines)
