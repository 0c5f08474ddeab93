"""Temperatures with which the scores of linear probes become calibrated probabilities."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from glassnet.data.splits import subsample
from glassnet.inference import temperature
from glassnet.insight.measures.probe_map import INPUT

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun
    from glassnet.contract import Split
    from glassnet.web.layer_maps import LayerMaps

N_EXAMPLES = 500
"""Validation examples that the temperatures are fitted on, at most."""

MIN_EXAMPLES = 30
"""With fewer, probes are not calibrated. A probe's scores, in [0, 1] or so, are so far from logits
that a temperature helps long before it does for a network."""

SEED = 0


def calibrated(run: TrainedRun, maps: LayerMaps) -> LayerMaps:
    """The maps with a temperature for each probe, fitted on examples that no probe was fitted on.

    What is computed is stored in the run's cache.

    Args:
        run: a classifier.
        maps: the maps and probes of its layers.
    """
    valid = run.data.valid
    if len(valid) < MIN_EXAMPLES:
        return maps
    chosen = valid.take(subsample(valid.labels, N_EXAMPLES, SEED))
    probes = b"".join(layer.weights.tobytes() for layer in maps.layers.values())
    name = f"probe-temperatures-{hashlib.sha256(probes).hexdigest()[:16]}"
    found = run.model.cache(name, lambda: _temperatures(run, maps, chosen))
    temperatures = {layer: float(value) for layer, value in found.items()}
    return replace(maps, temperatures=temperatures, n_calibration=len(chosen))


def _temperatures(run: TrainedRun, maps: LayerMaps, examples: Split) -> dict[str, np.ndarray]:
    inputs = run.data.inputs_of(examples.inputs)
    layers = tuple(name for name in maps.layers if name != INPUT)
    features = {INPUT: run.data.raw_inputs(inputs), **run.model.activations(inputs, layers)}
    return {
        name: np.array(
            temperature.fit(
                softmax(layer.scores(features[name]), axis=1),
                examples.labels,
                min_examples=MIN_EXAMPLES,
            )
        )
        for name, layer in maps.layers.items()
    }
