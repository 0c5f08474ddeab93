"""Whether the colours are true: the answer as the words that are said to matter go."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, CurvePanel, Curves, Series
from glassnet.findings.claims import count, mean, number
from glassnet.inference.classification import prediction
from glassnet.inference.texts import lengths_of, lengths_of_test, model_of, probabilities, rows
from glassnet.insight.measures.attribution import integrated_gradients, occlusion
from glassnet.stats.intervals import half_width

TEXTS = 100
"""Test texts behind the curve at most."""

LONGEST = 150
"""Words that such a text has at most."""

READ = 1_200_000
"""Words that may be read to leave out every word of every text once; it bounds their number."""

STEPS = 16
"""Points of the way at which gradients are taken; ranks need fewer than sums."""

DRAWS = 3
"""Random orders that are averaged."""

SHARES = np.array([0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5])
"""Shares of a text's words that are replaced."""

CHUNK = 10
"""Texts that are worked on at once."""

ORDERS = ("integrated gradients", "leaving one word out", "random words")
"""Whose order the words go in."""

POINTS = "{:.1f} ± {:.1f} points"
"""How a difference of probabilities is written."""


def deletion_curve(evidence: Evidence, options: ExplainOptions) -> Iterator[Curves]:
    """The probability of the answer as more and more of a text's words become unknown.

    The words that speak most for the answer go first, as integrated gradients and occlusion say,
    beside words in random order: if the orders differ little, the colours say little.

    Source: Samek et al. 2017, "Evaluating the visualization of what a deep neural network has
    learned".
    """
    if len(evidence.class_names) < 2:
        return
    stored = evidence.cached(f"deletion-{options.seed}", lambda: measure(evidence, options.seed))
    probabilities = stored["probabilities"]  # (orders, shares, texts)
    texts = probabilities.shape[2]
    if not texts:
        return
    gaps = np.trapezoid(probabilities[2] - probabilities[:2], SHARES, axis=1) / SHARES[-1]
    means, halves = 100 * gaps.mean(axis=1), 100 * half_width(gaps, axis=1)
    record = ClaimRecorder()
    losses = [
        record(mean(f"probability lost beyond random words, {order}", gap, half, POINTS, texts))
        for order, gap, half in zip(ORDERS, means.tolist(), halves.tolist(), strict=False)
    ]
    yield Curves(
        name="deletion-curve",
        section="texts",
        title=_title(record, float(means[0]), float(halves[0]), texts),
        summary=f"Mean over 0 to {100 * SHARES[-1]:.0f} % of the words, and over "
        f"{record(count('test texts', texts))} test texts of at most {LONGEST} words: without the "
        f"words that speak most for it, the probability of the predicted class lies {losses[0]} "
        "below that without as many random words where integrated gradients choose them, and "
        f"{losses[1]} where leaving one word out does (95 % intervals; {DRAWS} random orders).",
        provenance=evidence.provenance(split="test", n=texts, seed=options.seed),
        claims=record.claims,
        x_label="words replaced by the unknown word (%)",
        panels=(
            CurvePanel(
                y_label="mean probability of the predicted class (%)",
                series=tuple(
                    Series(label=label, role=role, x=100 * SHARES, y=100 * line.mean(axis=1))
                    for label, role, line in zip(
                        ORDERS, ("valid", "test", "other"), probabilities, strict=True
                    )
                ),
                mark=None,
            ),
        ),
    )


def measure(evidence: Evidence, seed: int) -> dict[str, np.ndarray]:
    """The probability of the answer by order, share and text.

    Returns:
        `probabilities` (orders, shares, texts) float64 in [0, 1] of the class that is predicted for the
        whole text; `where` (texts,) int64, their positions in the test set.
    """
    where = _drawn(evidence, seed)
    predicted = prediction(evidence).predicted
    parts = [np.zeros((len(ORDERS), len(SHARES), 0))]
    random = np.random.default_rng(seed)
    with progress.stage("taking words away", len(where)) as advance:
        for start in range(0, len(where), CHUNK):
            chunk = where[start : start + CHUNK]
            words, _ = rows(evidence, chunk)
            target = torch.from_numpy(predicted[chunk])
            parts.append(_probabilities(evidence, words, target, random))
            advance(len(chunk))
    return {"probabilities": np.concatenate(parts, axis=2), "where": where}


def replaced(words: Tensor, values: np.ndarray, share: float, unknown: int) -> Tensor:
    """The texts with this share of their words unknown, those of the greatest values first.

    Args:
        words: (B, T) int64, filled up with 0 at the end.
        values: (B, T) float.
        share: in [0, 1]; of each text, the number is rounded.

    Example:
        >>> replaced(torch.tensor([[7, 8, 9, 0]]), np.array([[1.0, 3.0, 2.0, 0.0]]), 2 / 3, 1)
        tensor([[7, 1, 1, 0]])
    """
    present = (words != 0).numpy()
    order = np.argsort(np.where(present, -values, np.inf), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    count = np.floor(share * present.sum(axis=1, keepdims=True) + 0.5)
    return words.masked_fill(torch.from_numpy(present & (rank < count)), unknown)


def _drawn(evidence: Evidence, seed: int) -> np.ndarray:
    """Texts short enough, as many as the bound on the work allows, in the order of the draw."""
    lengths = lengths_of_test(evidence)
    fit = np.flatnonzero((lengths > 0) & (lengths <= LONGEST))
    where = np.random.default_rng(seed).permutation(fit)[:TEXTS]
    return where[np.cumsum(lengths[where] ** 2) <= READ]


def _probabilities(
    evidence: Evidence, words: Tensor, target: Tensor, random: np.random.Generator
) -> np.ndarray:
    """(orders, shares, B) float64."""
    network, lengths = model_of(evidence), lengths_of(words)
    unknown = evidence.vocabulary.unknown
    values = [
        integrated_gradients(network, words, lengths, target, STEPS).values,
        occlusion(network, words, lengths, target, unknown),
        *(random.random(tuple(words.shape)) for _ in range(DRAWS)),
    ]
    changed = [replaced(words, each, share, unknown) for each in values for share in SHARES]
    own = np.tile(target.numpy(), len(changed))
    probabilities = probabilities(evidence, torch.cat(changed))[np.arange(len(own)), own]
    lines = probabilities.reshape(len(values), len(SHARES), -1).astype(np.float64)
    return np.stack([lines[0], lines[1], lines[2:].mean(axis=0)])


def _title(record: ClaimRecorder, gap: float, half: float, n: int) -> str:
    what = f"probability lost beyond random words, {ORDERS[0]}"
    if gap - half > 0:
        lost = number(what, gap, "{:.1f} points", n, low=gap - half, high=gap + half)
        return (
            f"Without its strongest words an answer lies {record(lost)} lower than without others"
        )
    apart = record(mean(what, gap, half, POINTS, n))
    return f"The strongest words carry no more than others do: {apart}"
