"""Probe maps with accuracies that are known."""

from __future__ import annotations

import numpy as np

from glassnet.insight.measures.probe_map import MEASURES, Column, ProbeMap


def known_map(accuracies: list[list[float]], n: int = 500) -> ProbeMap:
    """Probes of these accuracies by layer and epoch, each wrong on points of its own."""
    shares = np.array(accuracies)
    correct = np.ones((*shares.shape, n), bool)
    for place in np.ndindex(shares.shape):
        wrong = round(float(1 - shares[place]) * n)
        start = 37 * int(np.ravel_multi_index(place, shares.shape))
        correct[place][np.arange(start, start + wrong) % n] = False
    values = np.zeros((*shares.shape, len(MEASURES)))
    values[:, :, 0] = correct.sum(axis=2)
    layers = ("input", *(f"layer {k}" for k in range(1, len(shares))))
    columns = tuple(Column(epoch) for epoch in range(shares.shape[1]))
    return ProbeMap(
        layers=layers,
        widths=(1,) * len(layers),
        columns=columns,
        values=values,
        correct=correct,
        n=n,
        chance=0.1,
        chosen=len(columns) - 1,
    )
