"""What learning added: the trained network beside its twins, on the same held-out points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from torch import nn

from glassnet import progress
from glassnet.contract import CONTROL_NETWORKS, Evidence, ExplainOptions
from glassnet.findings import Claim, Examples, Finding, Scatter, ScatterPanel, Table, claims
from glassnet.insight.measures import alignment, probes
from glassnet.insight.measures.projections import BESIDE, NAMES, Projection
from glassnet.insight.views.projection_quality import MapQuality, measured, restored
from glassnet.insight.views.projections import axes
from glassnet.parallel import map_threads
from glassnet.stats.intervals import percent, wilson

POINTS = 800
"""Held-out points: t-SNE of them takes two seconds a map."""

TRAINED = "trained"


@dataclass(frozen=True, eq=False)
class Side:
    """One layer of one network: hits of its 10 nearest neighbours, in full and on a map."""

    hits: int
    n: int
    dimensions: int

    @property
    def claim(self) -> Claim:
        """The share as a record."""
        return claims.share("10-NN accuracy", self.hits, self.n)


def control_networks(evidence: Evidence, options: ExplainOptions) -> Iterator[Finding | Examples]:
    """The main layer of the trained network and of its twins, and what each layer owes to learning.

    With `options.control_networks` every layer and method that was asked for is shown, not the main one alone.
    """
    networks = _networks(evidence)
    n = min(POINTS, options.points)
    where = evidence.subsample(n, options.seed)
    labels = evidence.test.labels[where]
    if len(networks) < 2 or len(labels) < 20 or len(np.unique(labels)) < 2:
        return
    shown = options.layers if options.control_networks else (evidence.feature_layer,)
    layers = tuple(dict.fromkeys((*options.layers, evidence.feature_layer)))
    views = _Views(evidence, networks, layers, where, options)
    yield replace(evidence.examples(n, options.seed), name="control-network-examples")
    for method in options.methods:
        for layer in shown:
            yield _scatter(evidence, views, method, layer, options)
    yield _table(evidence, views, layers, options)


def _networks(evidence: Evidence) -> dict[str, nn.Module]:
    """The trained network and those of its twins that there are."""
    control_networks = {name: evidence.control_network(name) for name in CONTROL_NETWORKS}
    return {TRAINED: evidence.network} | {
        name: network for name, network in control_networks.items() if network is not None
    }


class _Views:
    """The layers of all networks at the same points, as far as they are asked for."""

    def __init__(
        self,
        evidence: Evidence,
        networks: Mapping[str, nn.Module],
        layers: Sequence[str],
        where: np.ndarray,
        options: ExplainOptions,
    ) -> None:
        self.evidence, self.networks, self.layers = evidence, networks, layers
        self.methods, self.seed = options.methods, options.seed
        self.inputs = evidence.inputs(evidence.test.take(where))
        self.labels = evidence.test.labels[where]
        self.parts = probes.folds(self.labels, self.seed)
        self.chance = float(np.bincount(self.labels).max() / len(self.labels))

    @cached_property
    def seen(self) -> dict[str, dict[str, np.ndarray]]:
        """Network -> layer -> (n, d)."""
        return {
            name: self.evidence.activations(self.inputs, self.layers, network)
            for name, network in self.networks.items()
        }

    @cached_property
    def sides(self) -> dict[tuple[str, str], Side]:
        """Network and layer, `input` among them, -> its numbers in all dimensions; kept."""
        places = [(name, layer) for name in self.networks for layer in self.layers]
        stored = self.evidence.cached(
            self._key("hits", *self.layers, *self.networks),
            lambda: {"hits": np.array([self._hits(self.seen[n][layer]) for n, layer in places])},
        )
        return {
            place: Side(int(hits), len(self.labels), self.seen[place[0]][place[1]].shape[1])
            for place, hits in zip(places, stored["hits"], strict=True)
        }

    def map(self, name: str, layer: str, method: str) -> tuple[Projection, Side]:
        """A network's layer in the plane, and how well its neighbours there name the class."""
        found = self._maps(layer, method)[name]
        return found, Side(self._hits(found.points), len(self.labels), 2)

    def _maps(self, layer: str, method: str) -> dict[str, Projection]:
        """All networks' maps of a layer, made at the same time; kept.

        A twin's map faces the trained one's, so that what looks different is.
        """
        names = list(self.networks)

        def make() -> dict[str, np.ndarray]:
            features = [seen[layer] for seen in self.seen.values()]
            title = f"{NAMES[method]} of {layer} and its twins"
            found = map_threads(lambda values: BESIDE[method](values, self.seed), features, title)
            trained, *others = found
            facing = [_facing(each.points, trained.points, bool(each.explained)) for each in others]
            return {
                "points": np.stack([trained.points, *facing]),
                "explained": np.array([each.explained for each in found]),
            }

        stored = self.evidence.cached(self._key("maps", method, layer, *names), make)
        parts = zip(names, stored["points"], stored["explained"].tolist(), strict=True)
        return {name: Projection(points, tuple(shares)) for name, points, shares in parts}

    def qualities(self, name: str, layer: str) -> dict[str, MapQuality]:
        """How far its maps can be believed, by method; kept."""
        title = f"{layer}, {name}"

        def make() -> dict[str, np.ndarray]:
            drawn = {each: self._maps(layer, each)[name].points for each in self.methods}
            return measured(self.seen[name][layer], drawn, self.seed, title)

        stored = self.evidence.cached(self._key("trust", *self.methods, name, layer), make)
        return restored(stored, self.methods, title)

    def _key(self, *what: str) -> str:
        """What something of the networks at these points is kept under."""
        return "-".join(["twins", *what, str(len(self.labels)), str(self.seed)]).replace(" ", "-")

    def _hits(self, features: np.ndarray) -> int:
        return probes.neighbour_hits(probes.gram(features), self.labels, self.parts)


def _scatter(
    evidence: Evidence, views: _Views, method: str, layer: str, options: ExplainOptions
) -> Scatter:
    panels, record = [], []
    with progress.stage("twins", len(views.networks), "maps") as advance:
        for name in views.networks:
            found, plane = views.map(name, layer, method)
            x_label, y_label = axes(found.explained)
            full = views.sides[name, layer]
            wide = claims.count(f"dimensions of {layer}, {name}", full.dimensions)
            quality = views.qualities(name, layer)[method]
            record += [full.claim, plane.claim, wide, *quality.claims]
            panels.append(
                ScatterPanel(
                    label=name,
                    points=found.points,
                    x_label=x_label,
                    y_label=y_label,
                    note=f"10-NN accuracy {full.claim.formatted} in all {wide.formatted} "
                    f"dimensions, {plane.claim.formatted} on this map; {quality.note}",
                    numbers={
                        "neighbour_accuracy_full": full.claim.value,
                        "neighbour_accuracy_plane": plane.claim.value,
                        **quality.numbers,
                    },
                    quality_scores=quality.quality_scores,
                    neighbours_kept=quality.trust.neighbours_kept,
                    distorted=quality.trust.distorted,
                    distorted_label=quality.dimmed,
                )
            )
            advance(note=name)
    n = claims.number("held-out points", len(views.labels), f"{len(views.labels):,}")
    own = views.sides[TRAINED, layer].claim
    others = [(name, views.sides[name, layer].claim) for name in views.networks if name != TRAINED]
    listed = " and ".join(f"{claim.formatted} {_of(name)}" for name, claim in others)
    chance = claims.number("chance", views.chance, percent(views.chance), len(views.labels))
    return Scatter(
        name=f"control-networks-{method}"
        if not options.control_networks
        else f"control-networks-{method}-{layer}",
        section="dynamics",
        title=_title(views, layer),
        summary=f"{NAMES[method]} of {layer}, of the same {n.formatted} held-out points: 10 nearest "
        f"neighbours name {own.formatted} of them in the trained network, {listed}; chance is "
        f"{chance.formatted}. What a twin shows as well comes with the architecture.",
        provenance=evidence.provenance(split="test", n=len(views.labels), seed=options.seed),
        claims=(*record, own, n, chance, *(claim for _, claim in others)),
        panels=tuple(panels),
        labels=views.labels,
        class_names=evidence.class_names,
        examples="twin-examples",
    )


def _facing(points: np.ndarray, other: np.ndarray, fixed: bool) -> np.ndarray:
    """A map turned and mirrored to lie closest to another one of the same points: (n, 2) float32.

    Args:
        fixed: whether its axes mean something (PCA); then they are mirrored at most.
    """
    turn = alignment.onto(points, other).turn
    if fixed:
        own, reference = alignment.standard(points), alignment.standard(other)
        alike = (own(points) * reference(other)).sum(axis=0)
        turn = np.diag(np.where(alike < 0, -1.0, 1.0))
    return (points @ turn).astype(np.float32)


def _of(name: str) -> str:
    return "in the untrained one" if name == CONTROL_NETWORKS[0] else f"in the one with {name}"


def _title(views: _Views, layer: str) -> str:
    """Whether learning added something at a layer that can be measured."""
    untrained = views.sides.get((CONTROL_NETWORKS[0], layer))
    trained = views.sides[TRAINED, layer]
    if untrained is None:
        return f"{layer} in the trained network, and where labels were shuffled"
    low = wilson(trained.hits, trained.n)[0]
    high = wilson(untrained.hits, untrained.n)[1]
    if low > high:
        return f"Learning pulls the classes apart at {layer}; its twins show what was there before"
    return f"At {layer} learning adds nothing that {trained.n:,} points can show"


def _table(
    evidence: Evidence, views: _Views, layers: Sequence[str], options: ExplainOptions
) -> Table:
    rows: list[tuple[str | float | int | None, ...]] = []
    for layer in layers:
        cells = []
        for name in views.networks:
            side = views.sides[name, layer]
            low, high = wilson(side.hits, side.n)
            cells.append(f"{100 * side.hits / side.n:.1f} ({100 * low:.1f} to {100 * high:.1f})")
        rows.append((layer, *cells))
    layer = evidence.feature_layer
    own = views.sides[TRAINED, layer].claim
    n = claims.number("held-out points", len(views.labels), f"{len(views.labels):,}")
    name = next(each for each in views.networks if each != TRAINED)
    before = views.sides[name, layer].claim
    gain = 100 * (own.value - before.value)
    points = claims.number("difference", gain, f"{gain:+.1f} points", len(views.labels))
    return Table(
        name="control-networks-table",
        section="dynamics",
        title=f"At {layer} learning changes 10-NN accuracy by {points.formatted}",
        summary=f"In % of {n.formatted} held-out points (5-fold) with the 95 % interval: "
        f"{before.formatted} {_of(name)}, {own.formatted} in the trained network.",
        provenance=evidence.provenance(split="test", n=len(views.labels), seed=options.seed),
        claims=(points, n, before, own),
        columns=("layer", *(f"{name} (%)" for name in views.networks)),
        formats=("", *("" for _ in views.networks)),
        rows=tuple(rows),
    )
