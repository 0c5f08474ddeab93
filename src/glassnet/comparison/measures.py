"""What is compared on the test set: a value for each test example of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from glassnet.contract import CLASSES, Family, LatentModel
from glassnet.explain.evidence import RunEvidence
from glassnet.inference import latents
from glassnet.inference.classification import prediction
from glassnet.stats.intervals import wilson

MIN_PROBABILITY = 1e-12
"""Probabilities are raised to it before their logarithm, as in the test results."""


@dataclass(frozen=True)
class Measure:
    """A mean over test examples.

    Attributes:
        name: in texts, such as `accuracy`.
        unit: as `nats`; empty for a share, which is shown in per cent and points.
        higher_is_better: the direction; None where neither is better.
        if_higher, if_lower: how a network with a clearly higher or lower value is described; by
            default, that it has a higher or lower one.
    """

    name: str
    unit: str = ""
    higher_is_better: bool | None = False
    if_higher: str = ""
    if_lower: str = ""

    @property
    def is_share(self) -> bool:
        """Whether it counts examples."""
        return not self.unit

    def describe(self, *, higher: bool) -> str:
        """Describe a network with the higher or the lower value.

        Example:
            >>> Measure("KL", "nats").describe(higher=False)
            'has a lower KL'
        """
        default = f"has a {'higher' if higher else 'lower'} {self.name}"
        return (self.if_higher if higher else self.if_lower) or default

    def format(self, value: float, sign: str = "") -> str:
        """Format a value of it without its unit, or a difference with the sign `+`.

        Example:
            >>> ACCURACY.format(0.9712), NLL.format(0.03127), ELBO.format(-6.5912, "+")
            ('97.12', '0.0313', '-6.59')
        """
        digits = 2 if self.is_share or abs(value) >= 1 else 4
        rounded = round(100 * value if self.is_share else value, digits)
        return f"{rounded + 0.0:{sign}.{digits}f}"  # + 0.0 makes 0 of -0

    def format_difference(self, value: float, sign: str = "") -> str:
        """Format a difference with its unit."""
        return f"{self.format(value, sign)} {self.unit or 'points'}"

    @property
    def label(self) -> str:
        """Its name with the unit."""
        return f"{self.name} ({self.unit or '%'})"


ACCURACY = Measure("accuracy", "", True, "is more accurate", "is less accurate")
NLL = Measure("negative log-likelihood", "nats")
BOUND = Measure(
    "bound on −log p(x)",
    "nats",
    False,
    "has a larger bound on −log p(x)",
    "has a smaller bound on −log p(x)",
)
ELBO = Measure("−ELBO", "nats")
RECONSTRUCTION = Measure("reconstruction term", "nats", None)
KL = Measure("KL", "nats", None)

Scores = Mapping[Measure, np.ndarray]
"""Measure -> (n,) float64, one value per test example; NaN where it was not measured."""


def scores(evidence: RunEvidence) -> Scores:
    """Measure every test example of a run; cached in its folder.

    A classifier has its accuracy (1 or 0) and its negative log-likelihood, of calibrated
    probabilities; an image generator its bounds and their parts.
    """
    if evidence.task.family == Family.CLASSIFIER:
        return _of_classifier(evidence)
    return _of_generator(evidence)


def observations(evidence: RunEvidence) -> str:
    """What the likelihood of a generator is of: likelihoods of other pixels are not comparable."""
    if evidence.task.family == Family.CLASSIFIER:
        return ""
    return str(evidence.results.get("pixels", ""))


def stored(info: Mapping[str, Any]) -> dict[Measure, tuple[float, float, float]]:
    """Read the test results in run.json: measure -> mean and the ends of its 95 % interval."""
    results, found = info.get("results", {}).get("test", {}), {}
    if "errors" in results:
        n, hits = int(results["n"]), int(results["n"]) - int(results["errors"])
        found[ACCURACY] = (hits / n, *wilson(hits, n))
    if "iwae_nll" in results:
        low, high = results["interval"]
        found[BOUND] = (float(results["iwae_nll"]), float(low), float(high))
    for measure, name in ((ELBO, "negative_elbo"), (KL, "kl")):
        if name in results:
            mean, half = float(results[name]), 1.96 * float(results[f"{name}_standard_error"])
            found[measure] = (mean, mean - half, mean + half)
    return found


def _of_classifier(evidence: RunEvidence) -> Scores:
    split = evidence.data.test
    found = prediction(evidence.data, evidence.model)
    own = evidence.model.predictions[CLASSES][np.arange(len(split)), split.labels]
    nll = -np.log(own.astype(np.float64).clip(MIN_PROBABILITY))
    return {ACCURACY: found.right.astype(np.float64), NLL: nll}


def _of_generator(evidence: RunEvidence) -> Scores:
    results = evidence.results
    terms = latents.likelihood(
        evidence.data,
        cast("LatentModel", evidence.model.network),
        evidence.cache,
        int(results["samples"]),
        int(results["images"]),
    )
    bound = np.full(len(terms.reconstruction), np.nan)
    bound[terms.where] = -terms.log_likelihood
    kl = (terms.kl.sum(axis=1) - terms.gain).astype(np.float64)
    reconstruction = terms.reconstruction.astype(np.float64)
    return {BOUND: bound, ELBO: reconstruction + kl, RECONSTRUCTION: reconstruction, KL: kl}


def samples_of(evidence: RunEvidence) -> int:
    """Importance samples behind a generator's bound, which falls with their number; else 0."""
    if evidence.task.family == Family.CLASSIFIER:
        return 0
    return int(evidence.results.get("samples", 0))
