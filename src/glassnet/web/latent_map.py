"""Maps of the codes of test images, and what a point on them is decoded from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.errors import UsageError, suggest
from glassnet.inference.latents import USED
from glassnet.insight.measures.placement import nearest, place
from glassnet.stats.principal_components import PrincipalAxes, principal_axes
from glassnet.web.layer_maps import find_maps, has_maps, scaled, unscaled

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun
    from glassnet.web.preparations import Report

N_NEIGHBORS = 5
"""Test images whose codes are averaged at a point of a t-SNE map."""

MAX_DISTANCE = 3000.0
"""Coordinates of a point on a map at most; the map itself fills 0 to 1000."""


@dataclass(frozen=True, eq=False)
class CodeMaps:
    """The codes of test images.

    Attributes:
        codes: (n, latent_dim) float32, the means of q(z|x).
        labels: (n,) classes.
        kl: (latent_dim,) mean KL of q(z|x) from N(0, I) in nats, by dimension.
        points: method -> (n, 2), the maps of the codes.
        plane: the axes of the PCA map.
        is_explained: whether the maps are those of the run's findings.
    """

    codes: np.ndarray
    labels: np.ndarray
    kl: np.ndarray
    points: Mapping[str, np.ndarray]
    plane: PrincipalAxes
    is_explained: bool

    def described(self) -> dict[str, Any]:
        """All that a page needs to draw the maps; coordinates are whole numbers from 0 to 1000."""
        order = np.argsort(-self.kl, kind="stable")
        return {
            "labels": self.labels,
            "explained": self.is_explained,
            "neighbours": N_NEIGHBORS,
            "dimensions": [
                {"number": int(k), "kl": float(self.kl[k]), "used": bool(self.kl[k] >= USED)}
                for k in order
            ],
            "maps": {
                method: {"points": scaled(points, points).round().astype(int)}
                for method, points in self.points.items()
            },
        }

    def code_at(self, position: Any) -> np.ndarray:
        """The code (1, latent_dim) of a position: a `method` and a `point` in 0 to 1000.

        On the PCA map it is the code in the plane of the two components. On a t-SNE map, which has
        no inverse, it is the mean of the codes of the nearest test images, weighted by the inverse
        of their squared distance on the map.

        Raises:
            UsageError: there is no such map, or the point is none.
        """
        method, point = _checked(position, self.points)
        on_map = self.points[method]
        there = unscaled(point, on_map)
        if method == "pca":
            return self.plane.inverse_transform(there)
        return place(*nearest(there, on_map, N_NEIGHBORS), self.codes)

    def of_class(self, label: int, noise: np.ndarray) -> np.ndarray:
        """Codes (m, latent_dim) like those of a class: with its mean and standard deviations.

        Raises:
            UsageError: no test image has this class.
        """
        own = self.codes[self.labels == label]
        if not len(own):
            raise UsageError("no test image has this class", "choose another class")
        return np.asarray(own.mean(axis=0) + own.std(axis=0) * noise, np.float32)


def build(run: TrainedRun, report: Report) -> CodeMaps:
    """Make the maps of a generator's codes; they are stored in the run's cache.

    Raises:
        GlassnetError: the data are not there any more.
    """
    from glassnet.inference import latents

    options, maps = find_maps(run, report)
    layer = run.model.feature_layer
    examples = run.data.test.take(run.data.subsample(options.points, options.seed))
    network = run.evidence.latent_model
    report("the codes of the test images", 0.8)
    observed = latents.observe(network, run.data.inputs(examples)[:])
    mean, log_variance = latents.encode(network, observed)
    kl = (mean**2 + np.exp(log_variance) - 1 - log_variance) / 2
    return CodeMaps(
        codes=mean,
        labels=examples.labels,
        kl=kl.mean(axis=0),
        points={method: layers[layer] for method, layers in maps.items() if layer in layers},
        plane=principal_axes(mean, 2, options.seed),
        is_explained=has_maps(run),
    )


def _checked(position: Any, known: Mapping[str, np.ndarray]) -> tuple[str, np.ndarray]:
    """The method and the point (1, 2) of a position."""
    given = position if isinstance(position, dict) else {}
    method, point = given.get("method"), given.get("point")
    hint = 'give {"position": {"method": "pca", "point": [500, 500]}}'
    if not isinstance(method, str) or method not in known:
        raise UsageError(f"there is no map {method!r}", suggest(str(method), known))
    if not isinstance(point, list) or [type(v) in (int, float) for v in point] != [True, True]:
        raise UsageError("the point is no pair of numbers", hint)
    if not all(math.isfinite(value) and abs(value) <= MAX_DISTANCE for value in point):
        raise UsageError("the point is too far from the map", hint)
    return method, np.array([point], np.float32)
