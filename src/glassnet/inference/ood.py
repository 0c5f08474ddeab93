"""Out-of-distribution (OOD) detection: an input's distance from a classifier's training data."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import progress
from glassnet.contract import Cache, Data, Split, TrainedNetwork
from glassnet.errors import GlassnetError
from glassnet.inference.activations import capture

FALSE_POSITIVE_RATE = 0.01
"""The share of in-distribution inputs that may score above the threshold."""

RANK = 16
"""Directions with a variance of their own; all others share one."""

MAX_TRAIN, MAX_VALID = 2000, 5000
"""Training examples for the covariance and validation examples for the threshold, at most."""

MAX_VALUES = 1 << 26
"""Features of all examples together; the detector of a large layer is fitted on fewer examples."""

MIN_VALUE = 1e-12
"""Replaces a variance or a distance of 0."""

Forward = Callable[[Tensor], Mapping[str, Tensor]]


class OODDetector(nn.Module):
    """Score features by their distance from the training data; above 1 means out of distribution.

    The score is the Mahalanobis distance from the nearest class mean, with a covariance shared by
    all classes (Lee, Lee, Lee & Shin 2018, "A simple unified framework for detecting
    out-of-distribution samples and adversarial attacks"), divided by a threshold. The covariance
    has the `RANK` strongest directions and equal variance in all others (probabilistic PCA, Tipping
    & Bishop 1999), so that it needs few examples and little storage.

    Args:
        centre: (features,) the mean of all examples.
        means: (classes, features) the class means, less the centre.
        directions: (rank, features) of unit length.
        variances: (rank,) along them.
        rest: (1,) the variance along every other direction.
        threshold: (1,) the distance that counts as 1.
        false_positive_rate: (1,) the share of in-distribution inputs beyond the threshold.
        examples: (1,) the number of validation examples behind the threshold.
    """

    def __init__(self, **arrays: np.ndarray) -> None:
        super().__init__()
        self.false_positive_rate, self.examples = (
            float(arrays["false_positive_rate"][0]),
            int(arrays["examples"][0]),
        )
        means, directions = arrays["means"], arrays["directions"]
        buffers = {name: arrays[name] for name in ("centre", "variances", "rest", "threshold")}
        buffers |= {
            "means": means.T,
            "directions": directions.T,
            "along": means @ directions.T,
            "lengths": np.square(means).sum(axis=1),
        }
        for name, values in buffers.items():
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(values, np.float32)))

    def forward(self, features: Tensor) -> Tensor:
        """Features (B, ...) to scores (B,)."""
        values = features.flatten(1) - self.centre  # (B, D)
        squared = ((values @ self.directions).unsqueeze(1) - self.along).square()  # (B, C, rank)
        # |v - m|^2 = |v|^2 - 2 v.m + |m|^2, which needs no (B, classes, D) array.
        total = values.square().sum(1, keepdim=True) - 2 * values @ self.means + self.lengths
        outside = (total - squared.sum(2)).clamp(min=0)  # (B, C)
        distances = (squared / self.variances).sum(2) + outside / self.rest
        return distances.amin(1).sqrt() / self.threshold


def with_ood_scores(model: TrainedNetwork, ood_detector: OODDetector | None) -> Forward:
    """Return a forward function that adds `ood_score` (B,) to the network's outputs, in one pass.

    Without a detector, it is the network's own forward function.

    Example:
        >>> forward = with_ood_scores(model, detector_of(data, model, cache))  # doctest: +SKIP
        >>> sorted(forward(data.example_input))  # doctest: +SKIP
        ['ood_score', 'probabilities']
    """
    if ood_detector is None:
        return model.forward
    layer = model.feature_layer

    def forward(inputs: Tensor) -> Mapping[str, Tensor]:
        with capture(model.network, [layer]) as activations:
            outputs = model.forward(inputs)
        return {**outputs, "ood_score": ood_detector(activations[layer])}

    return forward


def detector_of(data: Data, model: TrainedNetwork, cache: Cache) -> OODDetector | None:
    """Fit the detector of a classifier on its training data; cached.

    Returns:
        None if there are too few examples, or if the data cannot be read any more; a note says so.
    """
    try:
        arrays = cache("ood", lambda: _fit_detector(data, model))
    except GlassnetError as error:
        progress.log(f"no out-of-distribution detection: {error.message}")
        return None
    return OODDetector(**arrays) if arrays else None


def fit(features: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Fit class means and the shared covariance of features (n, D); empty for fewer than 3.

    Example:
        >>> features = np.random.default_rng(0).normal(size=(100, 5)) * [9, 1, 1, 1, 1]
        >>> arrays = fit(features, np.arange(100) % 2)
        >>> arrays["means"].shape, arrays["directions"].shape
        ((2, 5), (4, 5))
    """
    from sklearn.decomposition import PCA

    rank = min(RANK, len(features) - 1, features.shape[1] - 1)
    if rank < 1:
        return {}
    centre = features.mean(axis=0)
    classes, places = np.unique(labels, return_inverse=True)
    means = np.stack([features[labels == label].mean(axis=0) for label in classes])
    with np.errstate(invalid="ignore"):  # 0 / 0 if all examples are equal
        pca = PCA(rank, svd_solver="randomized", random_state=0).fit(features - means[places])
    return {
        "centre": centre,
        "means": means - centre,
        "directions": pca.components_,
        "variances": pca.explained_variance_.clip(MIN_VALUE),
        "rest": np.array([pca.noise_variance_]).clip(MIN_VALUE),
    }


def conformal_threshold(
    distances: np.ndarray, false_positive_rate: float = FALSE_POSITIVE_RATE
) -> tuple[float, float]:
    """Choose the threshold that in-distribution inputs exceed with the given probability.

    It is one of the distances themselves, so that the probability is exact for any distribution
    (split conformal prediction, Vovk, Gammerman & Shafer 2005). Few distances cannot give a small
    probability.

    Returns:
        The threshold, and the probability that it has.

    Example:
        >>> conformal_threshold(np.arange(1, 1000)), conformal_threshold(np.array([5.0, 3.0, 4.0]))
        ((990.0, 0.01), (5.0, 0.25))
    """
    n = len(distances)
    rank = min(n, math.ceil(round((n + 1) * (1 - false_positive_rate), 6)))
    return float(np.sort(distances)[rank - 1]), (n + 1 - rank) / (n + 1)


def _fit_detector(data: Data, model: TrainedNetwork) -> dict[str, np.ndarray]:
    train, valid, layer = data.train, data.valid, model.feature_layer

    def features_of(split: Split) -> np.ndarray:
        return model.activations(data.inputs(split), [layer])[layer]

    width = features_of(train.take(np.arange(1))).size
    max_examples = max(3, MAX_VALUES // width)
    fit_split = train.take(class_balanced(train.labels, min(MAX_TRAIN, max_examples)))
    held_out = valid.take(_subsample(len(valid), min(MAX_VALID, max_examples)))
    fitted = fit(features_of(fit_split), fit_split.labels)
    if not fitted or not len(held_out):
        return {}
    unscaled = fitted | {
        "threshold": np.ones(1),
        "false_positive_rate": np.ones(1),
        "examples": np.ones(1),
    }
    features = features_of(held_out)
    with torch.inference_mode():
        parts = torch.from_numpy(features).split(500)
        distances = torch.cat([OODDetector(**unscaled)(part) for part in parts]).numpy()
    threshold, false_positive_rate = conformal_threshold(distances)
    return fitted | {
        "threshold": np.array([threshold]).clip(MIN_VALUE),
        "false_positive_rate": np.array([false_positive_rate]),
        "examples": np.array([len(held_out)]),
    }


def _subsample(n: int, size: int) -> np.ndarray:
    """Draw positions without replacement, ascending."""
    return np.sort(np.random.default_rng(0).permutation(n)[:size])


def class_balanced(labels: np.ndarray, size: int) -> np.ndarray:
    """Draw positions with equally many of each class, as far as it has as many; ascending.

    Example:
        >>> labels = np.array([0, 0, 0, 0, 1, 1])
        >>> labels[class_balanced(labels, 4)].tolist()
        [0, 0, 1, 1]
    """
    order = np.random.default_rng(0).permutation(len(labels))
    turn = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        where = order[labels[order] == label]
        turn[where] = np.arange(len(where))
    return np.sort(order[turn[order].argsort(kind="stable")[:size]])
