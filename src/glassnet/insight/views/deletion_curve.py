"""Deletion curve: the predicted class's probability as words are replace_words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, CurvePanel, Curves, Series
from glassnet.findings.claims import count, mean, number
from glassnet.insight.measures.deletion import (
    DRAWS,
    LONGEST,
    ORDERS,
    SHARES,
    deletion_probabilities,
)
from glassnet.stats.intervals import half_width

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
    stored = evidence.cached(
        f"deletion-{options.seed}", lambda: deletion_probabilities(evidence, options.seed)
    )
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
        x_label="words replace_words by the unknown word (%)",
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


def _title(record: ClaimRecorder, gap: float, half: float, n: int) -> str:
    what = f"probability lost beyond random words, {ORDERS[0]}"
    if gap - half > 0:
        lost = number(what, gap, "{:.1f} points", n, low=gap - half, high=gap + half)
        return (
            f"Without its strongest words an answer lies {record(lost)} lower than without others"
        )
    apart = record(mean(what, gap, half, POINTS, n))
    return f"The strongest words carry no more than others do: {apart}"
