"""Out-of-distribution (OOD) detection: an input's distance from a classifier's training data."""

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import progress
from glassnet.contract import Cache, Data, Modality, TrainedNetwork
from glassnet.errors import GlassnetError
from glassnet.inference import pixel_statistics
from glassnet.inference.activations import capture

FALSE_POSITIVE_RATE = 0.01
"""The share of in-distribution inputs that may score above 1."""

PIXEL_RATE = 0.001
"""The part of it that is left to the pixel statistics of images."""

MIN_PER_CLASS = 100
"""Validation examples that give a class a threshold of its own; smaller classes share one."""

RANK = 16
"""Directions with a variance of their own; all others share one."""

PIXEL_ARRAYS = ("pixel_median", "pixel_below", "pixel_above", "pixel_threshold")

MAX_TRAIN, MAX_VALID = 2000, 5000
"""Training examples for the covariance and validation examples for the threshold, at most."""

MAX_VALUES = 1 << 26
"""Features of all examples together; the detector of a large layer is fitted on fewer examples."""

MIN_VARIANCE = 1e-4
"""The least variance along a direction, relative to the mean variance of a feature."""

ROUNDING = 1e-10
"""The same relative to the mean square, which counts where all features are nearly constant: their
32 bits round at some 1e-7."""

MIN_THRESHOLD = 1e-3
"""The least threshold, in standard deviations per feature."""

Forward = Callable[[Tensor], Mapping[str, Tensor]]


class OODDetector(nn.Module):
    """Score inputs by their distance from the training data; above 1 means out of distribution.

    The score of features is their Mahalanobis distance from the nearest class mean, with a
    covariance shared by all classes (Lee, Lee, Lee & Shin 2018, "A simple unified framework for
    detecting out-of-distribution samples and adversarial attacks"), divided by the threshold of
    that class. The covariance has the `RANK` strongest directions and equal variance in all others
    (probabilistic PCA, Tipping & Bishop 1999), so that it needs few examples and little storage.
    Images are also scored by their brightness, contrast and roughness, since a network may have no
    feature that tells a black image from a dark one; the larger score counts. All sums are in 64
    bits.

    Args:
        centre: (features,) the mean of all examples.
        means: (classes, features) the class means, less the centre.
        directions: (rank, features) of unit length.
        variances: (rank,) along them.
        rest: (1,) the variance along every other direction.
        thresholds: (classes,) the distance that counts as 1.
        pixel_median: (k,) of images' statistics; missing for texts.
        pixel_below, pixel_above: (k,) the distances to their limits.
        pixel_threshold: (1,) the distance, in these units, that counts as 1.
        false_positive_rate: (1,) the share of in-distribution inputs that score above 1.
        examples: (1,) the number of validation examples behind the thresholds.
    """

    def __init__(self, **arrays: np.ndarray) -> None:
        super().__init__()
        self.false_positive_rate, self.examples = (
            float(arrays["false_positive_rate"][0]),
            int(arrays["examples"][0]),
        )
        means, directions = arrays["means"], arrays["directions"]
        self.has_pixel_statistics = "pixel_median" in arrays
        names = ["centre", "variances", "rest", "thresholds", *PIXEL_ARRAYS]
        buffers = {name: arrays[name] for name in names if name in arrays}
        buffers |= {
            "means": means.T,
            "directions": directions.T,
            "along": means @ directions.T,
            "lengths": np.square(means).sum(axis=1),
        }
        for name, values in buffers.items():
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(values, np.float64)))

    def forward(self, features: Tensor, inputs: Tensor) -> Tensor:
        """Features (B, ...) and the inputs that they are of (B, ...) to scores (B,) float32."""
        distances = self.distances(features)  # (B, C)
        nearest = distances.argmin(1)
        scores = distances.gather(1, nearest.unsqueeze(1)).squeeze(1) / self.thresholds[nearest]
        if self.has_pixel_statistics:
            limits = (self.pixel_median, self.pixel_below, self.pixel_above)
            statistics = pixel_statistics.pixel_statistics(inputs)
            beyond = pixel_statistics.distance(statistics, *limits) / self.pixel_threshold
            scores = torch.maximum(scores, beyond)
        return scores.float()

    def distances(self, features: Tensor) -> Tensor:
        """Features (B, ...) to Mahalanobis distances from the class means (B, classes) float64."""
        values = features.flatten(1).double() - self.centre  # (B, D)
        squared = ((values @ self.directions).unsqueeze(1) - self.along).square()  # (B, C, rank)
        # |v - m|^2 = |v|^2 - 2 v.m + |m|^2, which needs no (B, classes, D) array.
        total = values.square().sum(1, keepdim=True) - 2 * values @ self.means + self.lengths
        outside = (total - squared.sum(2)).clamp(min=0)  # (B, C)
        return ((squared / self.variances).sum(2) + outside / self.rest).sqrt()


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
        return {**outputs, "ood_score": ood_detector(activations[layer], inputs)}

    return forward


def detector_of(data: Data, model: TrainedNetwork, cache: Cache) -> OODDetector | None:
    """Fit the detector of a classifier on its training data; cached.

    Returns:
        None if there are too few examples, or if the data cannot be read any more; a note says so.
    """
    try:
        arrays = cache("ood_detector", lambda: _fit_detector(data, model))
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
    features = features.astype(np.float64)
    centre = features.mean(axis=0)
    classes, places = np.unique(labels, return_inverse=True)
    means = np.stack([features[labels == label].mean(axis=0) for label in classes])
    min_variance = (
        MIN_VARIANCE * features.var(axis=0).mean() + ROUNDING * np.square(features).mean()
    )
    min_variance = max(min_variance, np.finfo(np.float32).tiny)
    with np.errstate(invalid="ignore"):  # 0 / 0 if all examples are equal
        pca = PCA(rank, svd_solver="randomized", random_state=0).fit(features - means[places])
    return {
        "centre": centre,
        "means": means - centre,
        "directions": pca.components_,
        "variances": pca.explained_variance_.clip(min_variance),
        "rest": np.array([pca.noise_variance_]).clip(min_variance),
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


def thresholds_by_class(
    distances: np.ndarray, false_positive_rate: float = FALSE_POSITIVE_RATE
) -> tuple[np.ndarray, float]:
    """Choose a threshold for the examples nearest to each class (Mondrian conformal prediction).

    Classes that are nearest to fewer than `MIN_PER_CLASS` examples share one threshold, which all
    examples choose together if those are too few, too.

    Args:
        distances: (n, classes) of validation examples from the class means.
        false_positive_rate: the share of each group that may exceed its threshold.

    Returns:
        The thresholds (classes,), and the mean rate that they have.

    Example:
        >>> near = np.arange(1.0, 1000)[:, np.newaxis]
        >>> thresholds, rate = thresholds_by_class(np.hstack([near, near + 1]))
        >>> thresholds.tolist(), rate
        ([990.0, 990.0], 0.01)
    """
    nearest, smallest = distances.argmin(axis=1), distances.min(axis=1)
    counts = np.bincount(nearest, minlength=distances.shape[1])
    is_small = counts < MIN_PER_CLASS
    among_small = is_small[nearest]
    if among_small.sum() < MIN_PER_CLASS:
        among_small = np.ones(len(smallest), bool)
    shared, shared_rate = conformal_threshold(smallest[among_small], false_positive_rate)
    thresholds = np.full(len(counts), shared)
    rates = np.full(len(counts), shared_rate)
    for label in np.flatnonzero(~is_small):
        thresholds[label], rates[label] = conformal_threshold(
            smallest[nearest == label], false_positive_rate
        )
    return thresholds, float(rates @ counts / len(smallest))


def _fit_detector(data: Data, model: TrainedNetwork) -> dict[str, np.ndarray]:
    train, valid, layer = data.train, data.valid, model.feature_layer
    width = model.activations(data.inputs(train.take(np.arange(1))), [layer])[layer].size
    max_examples = max(3, MAX_VALUES // width)
    fit_split = train.take(class_balanced(train.labels, min(MAX_TRAIN, max_examples)))
    held_out = valid.take(_subsample(len(valid), min(MAX_VALID, max_examples)))
    fit_inputs, valid_inputs = data.inputs(fit_split), data.inputs(held_out)
    fitted = fit(model.activations(fit_inputs, [layer])[layer], fit_split.labels)
    if not fitted or not len(held_out):
        return {}
    is_image = data.modality == Modality.IMAGES
    pixel_arrays: dict[str, np.ndarray] = {}
    pixel_rate = 0.0
    if is_image:
        pixel_arrays, pixel_rate = _fit_pixels(torch.cat([fit_inputs[:], valid_inputs[:]]))
    features = torch.from_numpy(model.activations(valid_inputs, [layer])[layer])
    thresholds, rate = thresholds_by_class(
        _distances(fitted, features), FALSE_POSITIVE_RATE - (PIXEL_RATE if is_image else 0)
    )
    min_threshold = MIN_THRESHOLD * math.sqrt(features.shape[1])
    return (
        fitted
        | pixel_arrays
        | {
            "thresholds": thresholds.clip(min_threshold),
            "false_positive_rate": np.array([rate + pixel_rate]),
            "examples": np.array([len(held_out)]),
        }
    )


def _distances(fitted: dict[str, np.ndarray], features: Tensor) -> np.ndarray:
    """The distances of features (n, D) from the class means, before there are thresholds."""
    names = ("thresholds", "false_positive_rate", "examples")
    detector = OODDetector(**fitted, **dict.fromkeys(names, np.ones(1)))
    with torch.inference_mode():
        return torch.cat([detector.distances(part) for part in features.split(500)]).numpy()


def _fit_pixels(images: Tensor) -> tuple[dict[str, np.ndarray], float]:
    """Limits of the statistics of images (n, C, H, W), and the share of images beyond them.

    Training images may choose the threshold as well, since no weight depends on the statistics.
    """
    with torch.inference_mode():
        statistics = torch.cat(
            [pixel_statistics.pixel_statistics(part) for part in images.split(500)]
        )
        limits = pixel_statistics.limits_of(statistics.numpy())
        distances = pixel_statistics.distance(statistics, *map(torch.from_numpy, limits)).numpy()
    threshold, rate = conformal_threshold(distances, PIXEL_RATE)
    arrays = (*limits, np.array([max(threshold, 1.0)]))
    return dict(zip(PIXEL_ARRAYS, arrays, strict=True)), rate


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
