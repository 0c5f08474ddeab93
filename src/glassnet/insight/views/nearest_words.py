"""The nearest neighbours of words by the cosine of their embeddings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Table
from glassnet.findings.claims import count, fraction, interval, number, share
from glassnet.inference.texts import model_of
from glassnet.insight.measures.single_words import frequent_words, single_word_effects, word_counts

ASKED = 12
"""Words whose neighbours are shown."""

COMMON = 1000
"""The most frequent words, of which the most telling ones are asked for their neighbours."""

NEIGHBOURS = 5
"""Neighbours that are shown for each."""


def nearest_words(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """The words whose vectors point most the same way, for frequent words that say much."""
    words = frequent_words(evidence)
    if len(evidence.class_names) < 2 or len(words) <= NEIGHBOURS:
        return
    effects, counts = single_word_effects(evidence, words), word_counts(evidence).sum(axis=0)[words]
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
        f"{record(fraction('the same by chance', chance))}). Nearest is the greatest cosine "
        f"between vectors: that of “{names[first]}” is “{names[places[first, 0]]}”, "
        f"{record(cosine)}.",
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
