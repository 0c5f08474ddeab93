"""How far every frame of a film can be believed: held against its layer, and begun by chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions
from glassnet.insight.measures import aligned_projections, animation_maps
from glassnet.insight.measures import projection_quality as trusting
from glassnet.insight.measures.aligned_projections import Components
from glassnet.insight.measures.animation_maps import Maps, Reduced
from glassnet.insight.measures.projection_quality import (
    STARTS,
    ProjectionQuality,
    shared,
    some,
    trust,
)
from glassnet.insight.measures.projections import NAMES
from glassnet.insight.views.projection_quality import MapQuality
from glassnet.parallel import map_threads


def qualities(
    evidence: Evidence,
    options: ExplainOptions,
    epochs: Sequence[int],
    places: np.ndarray,
    found: Sequence[Maps],
) -> list[list[MapQuality]]:
    """What each frame of each of the maps is worth; kept.

    A frame is held against all values of its layer, as a map that stands alone is. Stable is what
    two further films have in common that go the same way from starts drawn by two seeds.

    Args:
        epochs, places, found: as `tracks.maps` is given them, and what it gives.
    """
    stored = evidence.cached(
        animation_maps.key(options, epochs, "-".join(["trust", *options.methods])),
        lambda: _measured(evidence, options, epochs, places, found),
    )
    return [
        [
            MapQuality(f"{each.name}, epoch {epoch}", held, stable)
            for epoch, held, stable in zip(
                epochs,
                trusting.of_arrays({name: stored[name][place] for name in trusting.FIELDS}),
                stored["stable"][place],
                strict=True,
            )
        ]
        for place, each in enumerate(found)
    ]


def _measured(
    evidence: Evidence,
    options: ExplainOptions,
    epochs: Sequence[int],
    places: np.ndarray,
    found: Sequence[Maps],
) -> dict[str, np.ndarray]:
    """(maps, frames, n) for each of `FIELDS`, and (maps, frames, few) as `stable`."""
    where = evidence.subsample(options.points, options.seed)[places]
    inputs = evidence.inputs(evidence.test.take(where))
    few = some(len(where), STARTS, options.seed)
    held: dict[tuple[str, str], list[ProjectionQuality]] = {
        (each.method, each.layer): [] for each in found
    }
    parts: dict[tuple[str, int], Components] = {}

    with progress.stage("trust through epochs", len(epochs), "epochs") as advance:
        for place, epoch in enumerate(epochs):
            seen = animation_maps.layers_at(evidence, inputs, options.layers, epoch)

            def look(layer: str, seen: dict = seen, place: int = place) -> None:
                drawn = [each for each in found if each.layer == layer]
                made = trust(seen[layer], [each.points[place] for each in drawn])
                for each, one in zip(drawn, made, strict=True):
                    held[each.method, layer].append(one)
                parts[layer, epochs[place]] = aligned_projections.components(seen[layer][few])

            map_threads(look, options.layers)
            advance(note=f"epoch {epoch}")
    rows = [trusting.arrays(held[each.method, each.layer]) for each in found]
    stable = {name: _stable(parts, options, epochs, name) for name in options.methods}
    return {
        **{name: np.stack([row[name] for row in rows]) for name in trusting.FIELDS},
        "stable": np.concatenate([stable[name] for name in options.methods]),
    }


def _stable(
    parts: Reduced, options: ExplainOptions, epochs: Sequence[int], method: str
) -> np.ndarray:
    """(layers, frames, few) float64: the neighbours that two films from two seeds share."""
    total = 2 * len(options.layers) * len(epochs)
    with progress.stage(f"{NAMES[method]} from two seeds", total, "frames") as advance:
        films = map_threads(
            lambda seed: FILMS[method](parts, options.layers, epochs, seed, advance),
            (options.seed, options.seed + 1),
        )
    pairs = zip(*films, strict=True)
    return np.array([list(map(shared, one, other)) for one, other in pairs])


Animation = list[list[np.ndarray]]


def _planes(
    parts: Reduced,
    layers: Sequence[str],
    epochs: Sequence[int],
    seed: int,
    advance: progress.Advance,
) -> Animation:
    """PCA's frames, in which there is no chance."""
    advance(len(layers) * len(epochs))
    return [
        [aligned_projections.plane(parts[layer, epoch]) for epoch in epochs] for layer in layers
    ]


FILMS: Mapping[str, Callable[..., Animation]] = {
    "pca": _planes,
    "tsne": partial(
        animation_maps.followed, begin=partial(aligned_projections.start, by_chance=True)
    ),
}
"""Each method's frames once more, all that is random in them drawn by the seed."""
