from __future__ import annotations

import numpy as np

from glassnet.insight.measures.roc_band import roc_band


def test_the_band_contains_the_true_curve_and_narrows_with_the_examples() -> None:
    rng, rates = np.random.default_rng(3), np.array([0.1, 0.3, 0.5])
    widths = []
    for n in (100, 2000):
        labels = np.arange(n) % 2
        scores = rng.uniform(size=n) ** np.where(labels == 1, 0.5, 1.0)  # ROC: 1 - (1 - x)^2
        low, high = roc_band(np.stack([1 - scores, scores], axis=1), labels, [1], rates)
        truth = 1 - (1 - rates) ** 2
        assert (low <= truth).all()
        assert (truth <= high).all()
        widths.append(high - low)
    assert (widths[1] < 0.5 * widths[0]).all()
