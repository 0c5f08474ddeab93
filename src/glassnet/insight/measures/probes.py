"""What the inner products of a layer's points tell: probes, neighbours, spread, dimension.

All of it follows from the matrix of centred inner products (n, n), whatever the width of the layer,
and is the same for a layer that was rotated or shifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

Fold = tuple[np.ndarray, np.ndarray]
"""Positions to learn from, and positions to judge."""

FOLDS = 5
NEIGHBOURS = 10
TIED = 9
"""Decimals in which two classes must differ, or the first is taken: in a dead layer all tie, and
what rounding leaves would tell the true one."""

STRIPS = 4
"""Rows of inner products are made in so many strips, each from its own diagonal on: 62 % of all."""


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error."""

    value: float
    error: float


def gram(features: np.ndarray) -> Tensor:
    """Inner products of the points about their mean: (n, n) float64.

    Args:
        features: (n, d) float32.

    Example:
        >>> gram(np.array([[0.0, 1.0], [0.0, 3.0]], np.float32)).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    points = torch.from_numpy(features)
    points = points - points.mean(dim=0)
    n = len(points)
    products, height = torch.empty(n, n), -(-n // STRIPS)
    for start in range(0, n, height):
        end = start + height
        products[start:end, start:] = points[start:end] @ points[start:].T
        products[end:, start:end] = products[start:end, end:].T
    products = products.double()
    off = products.mean(dim=0)  # what rounding left of the mean
    return products - off - off.unsqueeze(1) + off.mean()


def folds(labels: np.ndarray, seed: int, count: int = FOLDS) -> list[Fold]:
    """Cut points into stratified parts, each of which is judged once by what the others say."""
    from sklearn.model_selection import KFold, StratifiedKFold

    smallest = int(np.unique(labels, return_counts=True)[1].min())
    cutter = StratifiedKFold if smallest > 1 else KFold  # a class of one cannot be spread
    parts = min(count, smallest if smallest > 1 else len(labels))
    return list(cutter(parts, shuffle=True, random_state=seed).split(labels, labels))


def probe_hits(products: Tensor, labels: np.ndarray, parts: Sequence[Fold]) -> int:
    """How many points a linear probe names right, each learned without the point's own part.

    The probe is ridge regression onto the classes, one-hot, with an intercept; the likeliest class
    is its answer. The penalty is the points' mean squared distance from their mean, so that it
    suits layers of any scale. It is scikit-learn's `RidgeClassifier(alpha)` in its dual form (Alain
    & Bengio 2017, "Understanding intermediate layers using linear classifier probes").

    One inversion does for all parts: what the probe of the others misses by in part B is
    (I - H)_BB^-1 r_B, where r are the residuals of the probe of all points and H takes what is
    wanted to what it answers (Allen 1974, "The relationship between variable selection and data
    augmentation and a method for prediction").

    Args:
        products: (n, n), as `gram` gives them.
        labels: (n,) int64.
        parts: as `folds` gives them.
    """
    truth = torch.from_numpy(labels)
    wanted = torch.nn.functional.one_hot(truth).double()
    alpha = penalty(products)
    shifted = products.clone()
    shifted.diagonal().add_(alpha)
    left = alpha * torch.cholesky_inverse(torch.linalg.cholesky(shifted))  # I - H, less its 1 / n
    missed = left @ (wanted - wanted.mean(dim=0))
    hits = 0
    for _, scored in parts:
        part = torch.from_numpy(scored)
        own = left[part][:, part] - 1 / len(labels)
        answers = wanted[part] - torch.linalg.solve(own, missed[part])
        likeliest = answers.round(decimals=TIED).argmax(dim=1)
        hits += int((likeliest == truth[part]).sum())
    return hits


def fitted_probe(features: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The probe of `probe_hits`, learned from all points: its weights, to be used on others.

    Returns:
        (d, classes) and (classes,) float32: the answer is the largest of `x @ weights + bias`.
    """
    products = gram(features)
    wanted = torch.nn.functional.one_hot(torch.from_numpy(labels)).double()
    mean = wanted.mean(dim=0)
    alpha = penalty(products)
    products.diagonal().add_(alpha)
    shares = torch.cholesky_solve(wanted - mean, torch.linalg.cholesky(products)).float()
    points = torch.from_numpy(features)
    middle = points.mean(dim=0)
    weights = (points - middle).T @ shares
    return weights.numpy(), (mean.float() - middle @ weights).numpy()


def penalty(products: Tensor) -> float:
    """The probe's: the mean squared distance of the points from their mean; 1 where all are one."""
    return float(products.diagonal().mean()) or 1.0


def neighbour_hits(
    products: Tensor, labels: np.ndarray, parts: Sequence[Fold], neighbours: int = NEIGHBOURS
) -> int:
    """How many points the majority of their nearest neighbours in the other parts names right.

    Distances are Euclidean; of classes that are equally frequent among the neighbours the first one
    counts, as in scikit-learn's `KNeighborsClassifier`.
    """
    squares = products.diagonal()
    truth = torch.from_numpy(labels)
    classes = int(truth.max()) + 1
    hits = 0
    for learned, scored in parts:
        own, other = torch.from_numpy(learned), torch.from_numpy(scored)
        near = squares[own] - 2 * products[other][:, own]  # but for each point's own square
        nearest = near.topk(min(neighbours, len(own)), largest=False).indices
        votes = torch.nn.functional.one_hot(truth[own][nearest], classes).sum(dim=1)
        hits += int((votes.argmax(dim=1) == truth[other]).sum())
    return hits


def fisher_ratio(products: Tensor, labels: np.ndarray) -> Estimate:
    """Scatter of the classes' means over scatter within the classes: tr(B) / tr(W).

    0 where the classes lie in one place; 0 as well where no point differs from another. The
    standard error is that of the ratio's influence function.

    Source: Fisher 1936, "The use of multiple measurements in taxonomic problems"; with traces in
    place of one direction as in Fukunaga 1990, "Introduction to statistical pattern recognition".
    """
    own = torch.nn.functional.one_hot(torch.from_numpy(labels)).double()
    own = own[:, own.any(dim=0)]  # (n, classes that occur)
    counts = own.sum(dim=0)
    to_class = products @ own / counts  # each point with the mean of each class: (n, classes)
    squares = (own * to_class).sum(dim=0) / counts  # of the classes' means
    whole = products.diagonal()
    within = whole - 2 * (own * to_class).sum(dim=1) + own @ squares
    t, w = float(whole.mean()), float(within.mean())
    if t <= 0 or w <= 1e-9 * t:
        return Estimate(0.0 if t <= 0 else float("inf"), 0.0)
    influence = (whole - t) / w - t * (within - w) / w**2
    return Estimate(max(0.0, t / w - 1), _error(influence))


def effective_dimension(products: Tensor) -> Estimate:
    """In how many directions the points spread evenly: tr(C)^2 / tr(C^2), C the covariance.

    From 1 for points on a line up to the layer's width; 0 where no point differs from another. The
    standard error is that of the ratio's influence function.

    Source: the participation ratio, as in Gao et al. 2017, "A theory of multineuronal
    dimensionality, dynamics and measurement".
    """
    whole = products.diagonal()
    t = float(whole.mean())
    if t <= 0:
        return Estimate(0.0, 0.0)
    each = products.square().mean(dim=1)
    s = float(each.mean())
    influence = 2 * t * (whole - t) / s - t**2 * 2 * (each - s) / s**2
    return Estimate(t**2 / s, _error(influence))


def _error(influence: Tensor) -> float:
    return float(influence.std(correction=0)) / len(influence) ** 0.5
