"""The nearest neighbours of words, by the cosine of their embeddings."""

from collections.abc import Iterator

import numpy as np
import torch

from glassnet.contract import Cache, Data, MakeProvenance, TextModel
from glassnet.findings import (
    ClaimRecorder,
    Table,
    count,
    fraction,
    interval,
    minus_signs,
    number,
    share,
)
from glassnet.insight.measures.single_words import (
    frequent_words,
    single_word_effects,
    word_counts,
)

SECTION = "words"

ROWS = 12
"""Words in the table."""

COMMON = 1000
"""The words in the table are among this many most frequent ones."""

N_NEIGHBORS = 5
"""Neighbours of each word in the table."""

QUERIES_AT_ONCE = 1000
"""Words whose cosines with all others are in memory at once."""


def nearest_words(
    data: Data, text_model: TextModel, cache: Cache, provenance: MakeProvenance
) -> Iterator[Table]:
    """Tabulate the nearest neighbours of frequent words with large effects.

    Yields nothing for a single class or for fewer than 6 frequent words.
    """
    words = frequent_words(data, cache)
    if len(data.class_names) < 2 or len(words) <= N_NEIGHBORS:
        return
    effects = single_word_effects(data, text_model, words)
    counts = word_counts(data, cache).sum(axis=0)[words]
    places, cosines = _neighbors(text_model, words)
    names = [data.vocabulary.words[word] for word in words]
    shown = _shown_words(effects, counts)
    favoured = effects.argmax(axis=1)
    same = int((favoured == favoured[places[:, 0]]).sum())
    chance = float((np.bincount(favoured) / len(words) @ np.bincount(favoured)) / len(words))
    first, record = shown[0], ClaimRecorder()
    agreement = share("words that speak for the class of their nearest word", same, len(words))
    expected = fraction("the same by chance", chance)
    cosine = number(f"cosine of “{names[first]}” and its nearest word", cosines[first, 0], "{:.2f}")
    yield Table(
        name="nearest-words",
        section=SECTION,
        title=f"{record(agreement)} of the words speak for the same class as their nearest word",
        summary=f"Among {record(count('frequent words', len(words)))} words that are frequent in "
        f"the training texts (95 % interval {record(interval(agreement))}; by chance "
        f"{record(expected)}). The nearest word has the highest cosine of embeddings: for "
        f"“{names[first]}” it is “{names[places[first, 0]]}” ({record(cosine)}).",
        provenance=provenance(split="train", n=len(data.train)),
        claims=record.claims,
        columns=("word", "count in the training texts", "speaks for", "nearest words, with cosine"),
        formats=("", ",d", "", ""),
        rows=tuple(
            (
                names[i],
                int(counts[i]),
                data.class_names[favoured[i]],
                ", ".join(
                    f"{names[place]} {minus_signs(f'{cosine:.2f}')}"
                    for place, cosine in zip(places[i], cosines[i], strict=True)
                ),
            )
            for i in shown
        ),
    )


def _shown_words(effects: np.ndarray, counts: np.ndarray) -> list[int]:
    """Positions of the common words with the largest effects, the classes in turn."""
    common = np.argsort(-counts, kind="stable")[:COMMON]
    orders = common[np.argsort(-effects[common], axis=0, kind="stable")]
    return list(dict.fromkeys(orders.ravel().tolist()))[:ROWS]


def _neighbors(text_model: TextModel, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions and cosines of the nearest of these words to each: (n, N_NEIGHBORS) each."""
    with torch.inference_mode():
        vectors = text_model.embed(torch.from_numpy(words)[:, None])[:, 0].numpy()
    units = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    places, cosines = [], []
    for start in range(0, len(units), QUERIES_AT_ONCE):
        similarity = units[start : start + QUERIES_AT_ONCE] @ units.T
        queries = np.arange(len(similarity))
        similarity[queries, start + queries] = -np.inf
        best = np.argpartition(-similarity, N_NEIGHBORS, axis=1)[:, :N_NEIGHBORS]
        cosine = np.take_along_axis(similarity, best, axis=1)
        order = np.argsort(-cosine, axis=1, kind="stable")
        places.append(np.take_along_axis(best, order, axis=1))
        cosines.append(np.take_along_axis(cosine, order, axis=1))
    return np.concatenate(places), np.concatenate(cosines)
