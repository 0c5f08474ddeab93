"""Linear probes, nearest neighbours, Fisher ratio and effective dimension from inner products.

All of these follow from the (n, n) matrix of centred inner products of a layer's points, whatever
the layer's width, and do not change if the layer is rotated or shifted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import one_hot

from glassnet.stats.folds import Fold

N_NEIGHBORS = 10

DECIMALS = 9
"""Decimals by which the scores of two classes must differ; otherwise the first class wins. In a
constant layer all classes tie, and rounding errors would reveal the true one."""

TIE_DECIMALS, TIE_STEP = 8, 1e-14
"""Squared distances, as multiples of the mean one from the mean, that do not differ in these
decimals are equal; by this much, the first of two such points is nearer."""

MAX_CORRECTION = 10
"""The effective dimension is not corrected where this would be more than tenfold."""

N_BLOCKS = 4
"""Blocks of rows in which inner products are computed, each from the diagonal on: 62 % of all."""


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error."""

    value: float
    error: float


def gram(features: np.ndarray) -> Tensor:
    """Compute the inner products of points about their mean: (n, n) float64.

    Args:
        features: (n, d) float32.

    Example:
        >>> gram(np.array([[0.0, 1.0], [0.0, 3.0]], np.float32)).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    points = torch.from_numpy(features)
    n, mean = len(points), points.mean(dim=0)
    spread = torch.linalg.vector_norm(points - mean, dim=0) / n**0.5  # in half the time of std
    # Products of counts, such as bags of words, stay exact where the mean is on a grid, so that
    # equal distances are equal on any machine; the rest of the mean is subtracted below.
    step = 2.0 ** (math.floor(math.log2(float(spread.max()) or 1.0)) - 4)
    points = points - step * (mean / step).round()
    products, height = torch.empty(n, n), -(-n // N_BLOCKS)
    for start in range(0, n, height):
        end = start + height
        products[start:end, start:] = points[start:end] @ points[start:].T
        products[end:, start:end] = products[start:end, end:].T
    products = products.double()
    offset = products.mean(dim=0)  # what is left of the mean
    return products - offset - offset.unsqueeze(1) + offset.mean()


def probe_correct(products: Tensor, labels: np.ndarray, folds: Sequence[Fold]) -> np.ndarray:
    """Find the points that a cross-validated linear probe classifies correctly: (n,) bool.

    The probe is ridge regression onto one-hot classes, with an intercept; it predicts the class of
    the largest output. The penalty is the points' mean squared distance from their mean, so that it
    suits layers of any scale. It is scikit-learn's `RidgeClassifier(alpha)` in its dual form (Alain
    & Bengio 2017, "Understanding intermediate layers using linear classifier probes").

    One inversion serves all folds: the residuals in fold B of the probe fitted on the others are
    (I - H)_BB^-1 r_B, where r are the residuals of the probe fitted on all points and H maps the
    targets to its outputs (Allen 1974, "The relationship between variable selection and data
    augmentation and a method for prediction").

    Args:
        products: (n, n), from `gram`.
        labels: (n,) int64.
        folds: from `stratified_folds`.
    """
    truth = torch.from_numpy(labels)
    targets = one_hot(truth).double()
    alpha = penalty(products)
    shifted = products.clone()
    shifted.diagonal().add_(alpha)
    residual_maker = alpha * torch.cholesky_inverse(torch.linalg.cholesky(shifted))  # I - H + 1 / n
    residuals = residual_maker @ (targets - targets.mean(dim=0))
    correct = torch.zeros(len(truth), dtype=torch.bool)
    for _, test in folds:
        fold = torch.from_numpy(test)
        own = residual_maker[fold][:, fold] - 1 / len(labels)
        outputs = targets[fold] - torch.linalg.solve(own, residuals[fold])
        correct[fold] = outputs.round(decimals=DECIMALS).argmax(dim=1) == truth[fold]
    return correct.numpy()


def fit_probe(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit the probe of `probe_correct` on all points, to classify other points.

    Returns:
        Weights (d, classes) and bias (classes,), float32: the predicted class is the largest of
        `x @ weights + bias`.
    """
    products = gram(features)
    targets = one_hot(torch.from_numpy(labels)).double()
    mean_target = targets.mean(dim=0)
    products.diagonal().add_(penalty(products))
    factor = torch.linalg.cholesky(products)
    coefficients = torch.cholesky_solve(targets - mean_target, factor).float()
    points = torch.from_numpy(features)
    centre = points.mean(dim=0)
    weights = (points - centre).T @ coefficients
    return weights.numpy(), (mean_target.float() - centre @ weights).numpy()


def penalty(products: Tensor) -> float:
    """Compute the probe's penalty: the mean squared distance of the points from their mean.

    It is 1 if all points are equal.
    """
    return float(products.diagonal().mean()) or 1.0


def neighbours_correct(
    products: Tensor, labels: np.ndarray, folds: Sequence[Fold], n_neighbors: int = N_NEIGHBORS
) -> np.ndarray:
    """Find the points whose nearest neighbours in the other folds vote for their class: (n,) bool.

    Distances are Euclidean; of equally near points the first ones are neighbours, and if several
    classes are equally frequent among these, the first one wins.
    """
    products = products / penalty(products)
    squares = products.diagonal()
    truth = torch.from_numpy(labels)
    n_classes = int(truth.max()) + 1
    correct = torch.zeros(len(truth), dtype=torch.bool)
    for fit, test in map(_tensors, folds):
        distances = squares[fit] - 2 * products[test][:, fit]  # less each test point's own square
        distances = distances.round(decimals=TIE_DECIMALS) + TIE_STEP * torch.arange(len(fit))
        nearest = distances.topk(min(n_neighbors, len(fit)), largest=False).indices
        votes = one_hot(truth[fit][nearest], n_classes).sum(dim=1)
        correct[test] = votes.argmax(dim=1) == truth[test]
    return correct.numpy()


def _tensors(fold: Fold) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(fold[0]), torch.from_numpy(fold[1])


def fisher_ratio(products: Tensor, labels: np.ndarray) -> Estimate:
    """Compute the scatter between the class means over the scatter within classes: tr(B) / tr(W).

    It is 0 if the class means coincide, or if all points are equal. The standard error is that of
    the ratio's influence function.

    Source: Fisher 1936, "The use of multiple measurements in taxonomic problems"; with traces in
    place of one direction as in Fukunaga 1990, "Introduction to statistical pattern recognition".
    """
    members = one_hot(torch.from_numpy(labels)).double()
    members = members[:, members.any(dim=0)]  # (n, classes that occur)
    counts = members.sum(dim=0)
    to_means = products @ members / counts  # inner products with the class means: (n, classes)
    mean_squares = (members * to_means).sum(dim=0) / counts
    total = products.diagonal()
    within = total - 2 * (members * to_means).sum(dim=1) + members @ mean_squares
    t, w = float(total.mean()), float(within.mean())
    if t <= 0 or w <= 1e-9 * t:
        return Estimate(0.0 if t <= 0 else float("inf"), 0.0)
    influences = (total - t) / w - t * (within - w) / w**2
    return Estimate(max(0.0, t / w - 1), _standard_error(influences))


def effective_dimension(products: Tensor) -> Estimate:
    """Estimate the participation ratio of the covariance C of the points' population.

    The ratio tr(C)^2 / tr(C^2) is 1 for points on a line, up to the layer's width for points that
    spread evenly, and 0 if all points are equal (Gao et al. 2017, "A theory of multineuronal
    dimensionality, dynamics and measurement"). With the covariance of a sample it is too small, the
    more the fewer points there are. Numerator and denominator are therefore estimated without bias:
    averages over all sets of four distinct points, written as sums over the inner products (as Chun
    et al. 2025, "Estimating dimensionality of neural representations from finite samples", for
    sampled rows). The standard error is that of the sample's ratio by its influence function, in
    the same proportion to the estimate.
    """
    total, n = products.diagonal(), len(products)
    t = float(total.mean())
    if t <= 0:
        return Estimate(0.0, 0.0)
    squares = products.square().mean(dim=1)
    s = float(squares.mean())
    influences = 2 * t * (total - t) / s - t**2 * 2 * (squares - s) / s**2
    of_sample, error = t**2 / s, _standard_error(influences)
    trace, own, pairs = n * t, float(total.square().sum()), n**2 * s
    numerator = (n * n - 3 * n + 1) * trace**2 - n * (n - 1) * own + 2 * pairs
    denominator = (n - 1) * (n - 2) * pairs - n * (n - 1) * own + trace**2
    # Too few points for the dimension: the estimate of tr(C^2) can be any small number.
    if n < 4 or denominator * of_sample * MAX_CORRECTION < numerator:
        return Estimate(of_sample, error)
    value = max(numerator / denominator, 1.0)
    return Estimate(value, error * value / of_sample)


def _standard_error(influences: Tensor) -> float:
    return float(influences.std(correction=0)) / len(influences) ** 0.5
