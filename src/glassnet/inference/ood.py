"""Familiarity: how far an input lies from what a classifier was trained on, and when to warn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import progress
from glassnet.contract import Model
from glassnet.errors import GlassnetError
from glassnet.inference.activations import capture

FALSE_POSITIVE_RATE = 0.01
"""The share of inputs like the training data that may be called unlike them."""

RANK = 16
"""Directions in which the features' spread is told apart; in all others it is taken to be even."""

TRAINING, VALIDATION = 2000, 5000
"""Examples that the distance and its threshold are learned from, at most."""

VALUES = 1 << 26
"""Features that are held at once, over all examples; large layers are learned from fewer."""

LEAST = 1e-12
"""Stands for a variance or a distance of nought."""

Ask = Callable[[Tensor], Mapping[str, Tensor]]


class OODDetector(nn.Module):
    """From features to a distance from the training data; above 1 they are unlike them.

    The distance is Mahalanobis's from the nearest class's mean, by a covariance that all classes
    share (Lee, Lee, Lee & Shin 2018, "A simple unified framework for detecting out-of-distribution
    samples and adversarial attacks"). Of the covariance the widest directions are kept, and it is
    even in all others (probabilistic PCA, Tipping & Bishop 1999), so that few examples are enough
    and little has to be stored. It is divided by the threshold.

    Args:
        centre: (features,) the mean of all.
        means: (classes, features) each class's, less the centre.
        directions: (rank, features) of unit length.
        variances: (rank,) along them.
        rest: (1,) the variance along every other one.
        threshold: (1,) the distance that counts as 1.
        alarms: (1,) the share of inputs like the training data that lie beyond it.
        examples: (1,) how many validation examples the threshold was taken from.
    """

    def __init__(self, **arrays: np.ndarray) -> None:
        super().__init__()
        self.false_positive_rate, self.examples = (
            float(arrays["false_positive_rate"][0]),
            int(arrays["examples"][0]),
        )
        means, directions = arrays["means"], arrays["directions"]
        held = {name: arrays[name] for name in ("centre", "variances", "rest", "threshold")}
        held |= {"means": means.T, "directions": directions.T, "along": means @ directions.T}
        held |= {"lengths": np.square(means).sum(axis=1)}
        for name, values in held.items():
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(values, np.float32)))

    def forward(self, features: Tensor) -> Tensor:
        """(B, ...) to (B,)."""
        values = features.flatten(1) - self.centre  # (B, D)
        squared = ((values @ self.directions).unsqueeze(1) - self.along).square()  # (B, C, rank)
        # |v - m|^2 = |v|^2 - 2 v.m + |m|^2, so that no (B, classes, D) is ever held.
        whole = values.square().sum(1, keepdim=True) - 2 * values @ self.means + self.lengths
        beside = (whole - squared.sum(2)).clamp(min=0)  # (B, C)
        distances = (squared / self.variances).sum(2) + beside / self.rest
        return distances.amin(1).sqrt() / self.threshold


def asking(model: Model, ood_detector: OODDetector | None) -> Ask:
    """What answers as the network does, with `distance` (B,) beside, in one pass; without if None.

    Example:
        >>> ask = asking(model, learned(model))  # doctest: +SKIP
        >>> sorted(ask(model.example_input))  # doctest: +SKIP
        ['ood_score', 'probabilities']
    """
    if ood_detector is None:
        return model.forward
    layer = model.feature_layer

    def ask(inputs: Tensor) -> Mapping[str, Tensor]:
        with capture(model.network, [layer]) as seen:
            answers = model.forward(inputs)
        return {**answers, "ood_score": ood_detector(seen[layer])}

    return ask


def learned(model: Model) -> OODDetector | None:
    """What the training data of a classifier say of familiarity, learned once and kept.

    Returns:
        None where there are too few examples, or no data to learn from any more, which is said.
    """
    try:
        arrays = model.cached("ood", lambda: _measured(model))
    except GlassnetError as error:
        progress.log(f"no warning of inputs unlike the training data: {error.message}")
        return None
    return OODDetector(**arrays) if arrays else None


def fit(features: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """The means and the covariance of features (n, D) with labels (n,); empty where n is below 3.

    Example:
        >>> drawn = np.random.default_rng(0).normal(size=(100, 5)) * [9, 1, 1, 1, 1]
        >>> found = fit(drawn, np.arange(100) % 2)
        >>> found["means"].shape, found["directions"].shape
        ((2, 5), (4, 5))
    """
    from sklearn.decomposition import PCA

    rank = min(RANK, len(features) - 1, features.shape[1] - 1)
    if rank < 1:
        return {}
    centre = features.mean(axis=0)
    known, places = np.unique(labels, return_inverse=True)
    means = np.stack([features[labels == label].mean(axis=0) for label in known])
    with np.errstate(invalid="ignore"):  # where all examples are alike, it divides nought by nought
        found = PCA(rank, svd_solver="randomized", random_state=0).fit(features - means[places])
    return {
        "centre": centre,
        "means": means - centre,
        "directions": found.components_,
        "variances": found.explained_variance_.clip(LEAST),
        "rest": np.array([found.noise_variance_]).clip(LEAST),
    }


def limit(
    distances: np.ndarray, false_positive_rate: float = FALSE_POSITIVE_RATE
) -> tuple[float, float]:
    """The distance beyond which a new input like these lies with this chance, and that chance.

    It is one of the distances themselves, so that the chance is exact for whatever distribution
    they have (split conformal prediction, Vovk, Gammerman & Shafer 2005); few distances cannot give
    a small one.

    Example:
        >>> limit(np.arange(1, 1000)), limit(np.array([5.0, 3.0, 4.0]))
        ((990.0, 0.01), (5.0, 0.25))
    """
    n = len(distances)
    rank = min(n, math.ceil(round((n + 1) * (1 - false_positive_rate), 6)))
    return float(np.sort(distances)[rank - 1]), (n + 1 - rank) / (n + 1)


def _measured(model: Model) -> dict[str, np.ndarray]:
    train, valid, layer = model.train, model.valid, model.feature_layer
    width = model.activations(model.inputs(train.take(np.arange(1))), [layer])[layer].size
    most = max(3, VALUES // width)
    known = train.take(_spread(train.labels, min(TRAINING, most)))
    held = valid.take(_drawn(len(valid), min(VALIDATION, most)))
    found = fit(model.activations(model.inputs(known), [layer])[layer], known.labels)
    if not found or not len(held):
        return {}
    whole = found | {
        "threshold": np.ones(1),
        "false_positive_rate": np.ones(1),
        "examples": np.ones(1),
    }
    seen = model.activations(model.inputs(held), [layer])[layer]
    with torch.inference_mode():
        parts = torch.from_numpy(seen).split(500)
        distances = torch.cat([OODDetector(**whole)(part) for part in parts]).numpy()
    threshold, false_positive_rate = limit(distances)
    return found | {
        "threshold": np.array([threshold]).clip(LEAST),
        "false_positive_rate": np.array([false_positive_rate]),
        "examples": np.array([len(held)]),
    }


def _drawn(n: int, most: int) -> np.ndarray:
    """Positions of a seeded draw of so many of n, in order."""
    return np.sort(np.random.default_rng(0).permutation(n)[:most])


def _spread(labels: np.ndarray, most: int) -> np.ndarray:
    """Positions of a seeded draw, of each class as many as of the others while it has as many."""
    order = np.random.default_rng(0).permutation(len(labels))
    turn = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        where = order[labels[order] == label]
        turn[where] = np.arange(len(where))
    return np.sort(order[turn[order].argsort(kind="stable")[:most]])
