"""Projection quality of every frame of an animation."""

from collections.abc import Sequence

import numpy as np

from glassnet import progress
from glassnet.contract import Cache, Data, ExplainOptions, Model, Networks
from glassnet.findings import METHOD_NAMES
from glassnet.insight.measures import projection_quality as measure
from glassnet.insight.measures.aligned_projections import (
    Components,
    components,
    tsne_frames,
)
from glassnet.insight.measures.projection_quality import (
    ProjectionQuality,
    projection_quality,
    shared_neighbours,
    stability_points,
)
from glassnet.insight.measures.projections import RANDOM_START, settings_key
from glassnet.insight.views.animation_frames import (
    LayerComponents,
    Track,
    cache_key,
)
from glassnet.insight.views.projection_quality import QualitySummary
from glassnet.parallel import map_threads


def qualities(
    data: Data,
    model: Model,
    networks: Networks,
    cache: Cache,
    options: ExplainOptions,
    epochs: Sequence[int],
    positions: np.ndarray,
    tracks: Sequence[Track],
) -> list[list[QualitySummary]]:
    """Measure the quality of each frame of each track; cached.

    Each frame is compared with all values of its layer, as a single projection is. Stability is
    the share of neighbours that two further animations, from random starts by two seeds, have in
    common in that frame; PCA has none.

    Args:
        epochs, positions: as for `animation_frames.tracks`.
        tracks: what that returned.
    """
    cached = cache(
        cache_key(
            options, epochs, "-".join(["neighbour-quality", *map(settings_key, options.methods)])
        ),
        lambda: _measure(data, model, networks, options, epochs, positions, tracks),
    )
    summaries = []
    for k, track in enumerate(tracks):
        made = measure.from_arrays({name: cached[name][k] for name in measure.FIELDS})
        stable = cached.get(f"stable-{track.method}")
        of_layer = None if stable is None else stable[options.layers.index(track.layer)]
        summaries.append(
            [
                QualitySummary(
                    track.method,
                    track.layer,
                    quality,
                    None if of_layer is None else of_layer[frame],
                    epoch=epochs[frame],
                )
                for frame, quality in enumerate(made)
            ]
        )
    return summaries


def _measure(
    data: Data,
    model: Model,
    networks: Networks,
    options: ExplainOptions,
    epochs: Sequence[int],
    positions: np.ndarray,
    tracks: Sequence[Track],
) -> dict[str, np.ndarray]:
    """Compute (tracks, frames, n) for each of `FIELDS`, and (layers, frames, m) of `_stability`."""
    test_positions = data.subsample(options.points, options.seed)[positions]
    inputs = data.inputs(data.test.take(test_positions))
    subset = stability_points(len(test_positions), options.seed)
    by_track: dict[tuple[str, str], list[ProjectionQuality]] = {
        (track.method, track.layer): [] for track in tracks
    }
    sampled: dict[str, list[Components]] = {layer: [] for layer in options.layers}

    with progress.stage("projection quality of all epochs", len(epochs), "epochs") as advance:
        for frame, epoch in enumerate(epochs):
            activations = model.activations(inputs, options.layers, networks.network_at(epoch))

            def measure_layer(
                layer: str, activations: dict = activations, frame: int = frame
            ) -> None:
                of_layer = [track for track in tracks if track.layer == layer]
                points = [track.points[frame] for track in of_layer]
                made = projection_quality(activations[layer], points)
                for track, quality in zip(of_layer, made, strict=True):
                    by_track[track.method, layer].append(quality)
                sampled[layer].append(components(activations[layer][subset]))

            map_threads(measure_layer, options.layers)
            advance(note=f"epoch {epoch}")
    rows = [measure.arrays(by_track[track.method, track.layer]) for track in tracks]
    layers = [sampled[layer] for layer in options.layers]
    return {
        **{name: np.stack([row[name] for row in rows]) for name in measure.FIELDS},
        **{
            f"stable-{method}": _stability(layers, method, options.seed)
            for method in options.methods
            if method in RANDOM_START
        },
    }


def _stability(layers: LayerComponents, method: str, seed: int) -> np.ndarray:
    """Compute the neighbours that two animations share: (layers, frames, m) float64."""
    with progress.stage(
        f"{METHOD_NAMES[method]} from two seeds", 2 * len(layers) * len(layers[0]), "frames"
    ) as advance:

        def frames(seed: int) -> list[list[np.ndarray]]:
            return tsne_frames(layers, seed, advance, random_start=True)

        pairs = zip(*map_threads(frames, (seed, seed + 1)), strict=True)
    return np.array([list(map(shared_neighbours, one, other)) for one, other in pairs])
