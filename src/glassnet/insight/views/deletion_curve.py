"""Deletion curve: the predicted class's probability as the most important words are replaced."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, MakeProvenance, Model, TextModel
from glassnet.findings import ClaimRecorder, CurvePanel, Curves, Series, count, mean, number
from glassnet.insight.measures.deletion import (
    MAX_LENGTH,
    ORDERS,
    RANDOM_ORDERS,
    SHARES,
    deletion_probabilities,
)
from glassnet.insight.views.branches import of_prediction
from glassnet.stats.intervals import half_width

SECTION = "texts"

POINTS = "{:.1f} ± {:.1f} points"
"""Format of a difference of probabilities."""


def deletion_curve(
    data: Data,
    model: Model,
    text_model: TextModel,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Curves]:
    """Plot the probability of the predicted class against the share of replaced words.

    The words with the highest attributions are replaced first, by integrated gradients and by
    occlusion, compared with words in random order. If the curves differ little, the attributions
    mean little. Yields nothing for a single class or without short test texts.

    Source: Samek et al. 2017, "Evaluating the visualization of what a deep neural network has
    learned".
    """
    if len(data.class_names) < 2:
        return
    cached = cache(
        f"deletion-{options.seed}-temperature-{model.calibration.temperature:.9g}",
        lambda: deletion_probabilities(data, model, text_model, cache, options.seed),
    )
    probabilities = cached["probabilities"]  # (orders, shares, texts)
    n = probabilities.shape[2]
    if not n:
        return
    gaps = np.trapezoid(probabilities[2] - probabilities[:2], SHARES, axis=1) / SHARES[-1]
    means, halves = 100 * gaps.mean(axis=1), 100 * half_width(gaps, axis=1)
    record = ClaimRecorder()
    losses = [
        record(mean(f"probability lost beyond random words, {order}", gap, half, POINTS, n))
        for order, gap, half in zip(ORDERS, means.tolist(), halves.tolist(), strict=False)
    ]
    yield Curves(
        name="deletion-curve",
        section=SECTION,
        title=_title(record, float(means[0]), float(halves[0]), n),
        summary="Compared with replacing random words, replacing the words with the highest "
        f"attributions lowers the probability of the predicted class by {losses[0]} (integrated "
        f"gradients) and {losses[1]} (occlusion). Means over 0 to {100 * SHARES[-1]:.0f} % "
        f"replaced words and over {record(count('test texts', n))} test texts of at most "
        f"{MAX_LENGTH} words, with 95 % intervals; {RANDOM_ORDERS} random orders."
        f"{of_prediction(text_model)}",
        provenance=provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        x_label="words replaced by the unknown word (%)",
        panels=(
            CurvePanel(
                y_label="mean probability of the predicted class (%)",
                series=tuple(
                    Series(label=label, role=role, x=100 * SHARES, y=100 * curve.mean(axis=1))
                    for label, role, curve in zip(
                        ORDERS, ("valid", "test", "other"), probabilities, strict=True
                    )
                ),
                mark=None,
            ),
        ),
    )


def _title(record: ClaimRecorder, gap: float, half: float, n: int) -> str:
    name = f"probability lost beyond random words, {ORDERS[0]}"
    if gap - half > 0:
        lost = number(name, gap, "{:.1f} points", n, low=gap - half, high=gap + half)
        return f"Replacing the strongest words costs {record(lost)} more than replacing others"
    difference = record(mean(name, gap, half, POINTS, n))
    return f"Replacing the strongest words costs no more than replacing others: {difference}"
