"""How good samples are, as a trained classifier sees them: distance, precision, recall, balance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions, ReferenceClassifier
from glassnet.findings import Bars, ClaimRecorder, Table
from glassnet.findings.claims import count, fraction, mean, number, share
from glassnet.inference import latents
from glassnet.stats.intervals import percent, wilson

MOST = 5000
"""Samples, and real images, that are judged at most."""

BLOCK = 500
"""Points whose distances to all others are held at once."""

GROUPS = 10
"""Parts of the samples that are left out in turn for a standard error."""

UNSURE = 0.5
"""The probability of the likeliest class below which an image shows no class."""


@dataclass(frozen=True)
class Agreement:
    """How well one set of images agrees with a real one, in a classifier's features.

    Attributes:
        frechet: Fréchet distance, 0 at best.
        error: its standard error over draws of the images that are judged.
        precision: the share of images that lie among the real ones.
        recall: the share of real images that lie among them.
    """

    frechet: float
    error: float
    precision: float
    recall: float


def sample_quality(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """Fréchet distance, precision and recall of samples, and of training images as the floor."""
    reference_classifier = evidence.reference_classifier
    if reference_classifier is None:
        progress.log(
            "no classifier trained on these data was found, so samples are not judged; "
            "train a classifier on the same data, then explain again"
        )
        return
    n = min(MOST, len(evidence.test), len(evidence.train))
    if n < 2 * GROUPS:
        return
    stored = evidence.cached(
        f"quality-{n}-{options.seed}-{reference_classifier.name}-{reference_classifier.layer}",
        lambda: _scored(evidence, options, reference_classifier, n),
    )
    made, floor = (Agreement(*stored[name].tolist()) for name in ("samples", "training"))
    record, half, alike = ClaimRecorder(), 1.96 * made.error, "Fréchet distance from test images"
    precision = share("precision: samples among test images", round(made.precision * n), n)
    recall = share("recall: test images among samples", round(made.recall * n), n)
    apart = mean(f"{alike}, of samples", made.frechet, half, "{:.2f} ± {:.2f}", n)
    least = number(f"{alike}, of training images", floor.frechet, "{:.2f}", n)
    each = [record(count(what, n)) for what in ("samples", "test images", "training images")]
    yield Table(
        name="sample-quality",
        section="samples",
        title=f"{record(precision)} of the samples lie among real images, {record(recall)} of real "
        "images among samples",
        summary=f"In the features of the classifier {reference_classifier.name} (layer {reference_classifier.layer}) {each[0]} "
        f"samples are at a Fréchet distance of {record(apart)} from {each[1]} test images, where "
        f"{each[2]} training images are at {record(least)}; the numbers depend on classifier and n, "
        "so they compare networks judged alike only.",
        provenance=evidence.provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        columns=("measure", "samples", "training images", "what it says"),
        formats=("", "", "", ""),
        rows=_rows(made, floor, n),
    )


def class_balance(evidence: Evidence, options: ExplainOptions) -> Iterator[Bars]:
    """How often each class comes up among samples, as the judge sees it."""
    reference_classifier = evidence.reference_classifier
    if reference_classifier is None:
        return
    probabilities = _probabilities(evidence, options, reference_classifier)
    n, classes = probabilities.shape
    counts = np.bincount(probabilities.argmax(axis=1), minlength=classes)
    low, high = 100 * np.array([wilson(int(count), n) for count in counts]).T
    train = np.bincount(evidence.train.labels, minlength=classes) / len(evidence.train)
    distance = float(np.abs(counts / n - train).sum()) / 2
    record, unsure = ClaimRecorder(), int((probabilities.max(axis=1) < UNSURE).sum())
    apart = fraction("total variation distance of the classes", distance, n=n)
    vague = share("samples of which it is unsure", unsure, n)
    asked = ", all classes asked for in turn" if latents.model_of(evidence).classes else ""
    yield Bars(
        name="class-balance",
        section="samples",
        title=_extremes(evidence.class_names, counts, low, high),
        summary=f"The total variation distance from the training set's classes is {record(apart)} "
        f"({record(count('samples', n))} samples{asked}, as the classifier {reference_classifier.name} sees them); "
        f"of {record(vague)} it is less than {100 * UNSURE:.0f} % sure.",
        provenance=evidence.provenance(n=n, seed=options.seed),
        claims=record.claims,
        names=evidence.class_names,
        values=100 * counts / n,
        low=low,
        high=high,
        muted=None,
        muted_label="",
        reference=100 / classes,
        reference_label="even",
        x_label="class",
        y_label="share of samples (%)",
    )


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """The squared 2-Wasserstein distance of the Gaussians fitted to two sets of points.

    The covariances may be singular: their product A B has the eigenvalues of the symmetric
    A^1/2 B A^1/2, so nothing but symmetric matrices is taken apart.

    Source: Heusel et al. 2017, "GANs trained by a two time-scale update rule converge to a local
    Nash equilibrium" (FID, there with Inception's features).

    Args:
        a, b: (n, features) and (m, features), at least two points each.
    """
    return Gaussian(a).distance(Gaussian(b))


class Gaussian:
    """A Gaussian fitted to points (n, features), whose dear root is computed once."""

    def __init__(self, points: np.ndarray) -> None:
        points = np.asarray(points, np.float64)
        self.mean = points.mean(axis=0)
        self.covariance = np.atleast_2d(np.cov(points, rowvar=False))

    @cached_property
    def root(self) -> np.ndarray:
        """The symmetric square root of the covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        return (vectors * np.sqrt(values.clip(0))) @ vectors.T

    def distance(self, other: Gaussian) -> float:
        """`frechet_distance` of the two."""
        between = self.root @ other.covariance @ self.root
        cross = np.sqrt(np.linalg.eigvalsh(between).clip(0)).sum()
        gap = self.mean - other.mean
        own = np.trace(self.covariance) + np.trace(other.covariance)
        return max(float(gap @ gap + own - 2 * cross), 0.0)


def precision_recall(real: np.ndarray, made: np.ndarray, k: int = 3) -> tuple[float, float]:
    """The shares of made points among the real ones, and of real points among the made ones.

    A point lies among others if it is in the ball around one of them that reaches to that one's
    k-th nearest neighbour in its own set.

    Source: Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative
    models".

    Args:
        real, made: (n, features) and (m, features) with more than k points each.
    """
    centre = real.mean(axis=0, dtype=np.float64)
    real, made = real - centre, made - centre
    return _among(made, real, k), _among(real, made, k)


def frechet_error(real: Gaussian, made: np.ndarray) -> float:
    """Standard error of the Fréchet distance over draws of `made`: the delete-a-group jackknife."""
    group = np.arange(len(made)) * GROUPS // len(made)
    without = [real.distance(Gaussian(made[group != left_out])) for left_out in range(GROUPS)]
    return float(np.sqrt((GROUPS - 1) * np.var(without)))


def _scored(
    evidence: Evidence, options: ExplainOptions, reference_classifier: ReferenceClassifier, n: int
) -> dict[str, np.ndarray]:
    """`Agreement` with the test images, of as many samples and of as many training images."""
    drawn = np.random.default_rng(options.seed).choice(len(evidence.train), n, replace=False)
    images = {
        "samples": latents.sample(latents.model_of(evidence), n, options.seed),
        "training": evidence.train.inputs[drawn],
    }
    real = reference_classifier.features(evidence.test.inputs[evidence.subsample(n, options.seed)])
    fitted = Gaussian(real)
    agreements = {}
    with progress.stage("quality of samples", len(images)) as advance:
        for name, each in images.items():
            agreements[name] = np.array(
                astuple(_agreement(real, fitted, reference_classifier.features(each)))
            )
            advance(note=name)
    return agreements


def _agreement(real: np.ndarray, fitted: Gaussian, made: np.ndarray) -> Agreement:
    distance = fitted.distance(Gaussian(made))
    return Agreement(distance, frechet_error(fitted, made), *precision_recall(real, made))


def _rows(made: Agreement, floor: Agreement, n: int) -> tuple[tuple[str, str, str, str], ...]:
    def distance(each: Agreement) -> str:
        return f"{each.frechet:.2f} ± {1.96 * each.error:.2f}"

    def share(value: float) -> str:
        low, high = wilson(round(value * n), n)
        return f"{percent(value)} ({100 * low:.1f} to {100 * high:.1f})"

    return (
        ("Fréchet distance", distance(made), distance(floor), "0 is best; training is the floor"),
        (
            "precision",
            share(made.precision),
            share(floor.precision),
            "share of them that lie among test images",
        ),
        (
            "recall",
            share(made.recall),
            share(floor.recall),
            "share of test images that lie among them",
        ),
    )


def _probabilities(
    evidence: Evidence, options: ExplainOptions, reference_classifier: ReferenceClassifier
) -> np.ndarray:
    """The judge's probabilities for samples: (MOST, classes) float32; kept."""

    def make() -> dict[str, np.ndarray]:
        made = latents.sample(latents.model_of(evidence), MOST, options.seed)
        return {"probabilities": reference_classifier.probabilities(made)}

    return evidence.cached(f"judged-{MOST}-{options.seed}-{reference_classifier.name}", make)[
        "probabilities"
    ]


def _extremes(names: tuple[str, ...], counts: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    """The classes that come up most and least, where their intervals tell them apart."""
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] == counts.sum():
        return f"Every sample is taken for {names[most]}"
    if high[least] >= low[most]:
        return "No class is drawn more often than another"
    return f"{names[most]} is drawn most often, {names[least]} least"


def _among(points: np.ndarray, others: np.ndarray, k: int) -> float:
    """The share of points that lie in the ball of at least one of the others."""
    reach = np.concatenate(
        [np.partition(_squared(block, others), k, axis=1)[:, k] for block in _blocks(others)]
    )  # place 0 is the point itself
    inside = [(_squared(block, others) <= reach).any(axis=1) for block in _blocks(points)]
    return float(np.concatenate(inside).mean())


def _blocks(points: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(points), BLOCK):
        yield points[start : start + BLOCK]


def _squared(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, m) squared Euclidean distances."""
    squares = (points**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)
    return (squares - 2 * points @ others.T).clip(0)
