"""When each training example was learned, as numbers: epochs, forgetting, confidence, depth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, TrainingDynamics
from glassnet.insight.measures import probes as geometry
from glassnet.insight.measures.probe_map import INPUT

FITTED = 1000
"""Validation examples that the probes of the layers learn from, at most."""

DEPTH_OF = 5_000
"""Training examples whose depth is looked for, at most: each passes through the network once."""

AT_ONCE = 500
"""Of these, so many at a time; all layers of them are held."""


@dataclass(frozen=True, eq=False)
class Course:
    """How the training examples were learned; all arrays are (n,).

    Attributes:
        epochs: number of epochs.
        first: the epoch from which on the example was right to the end, 0 where it never was so
            (Baldock, Maennel & Neyshabur 2021 have it as the learning time).
        forgotten: how often it was wrong right after an epoch in which it was right (Toneva et al.
            2019, "An empirical study of example forgetting").
        right: number of epochs in which it was right.
        confidence: mean probability of its own class over the epochs.
        spread: standard deviation of that probability (Swayamdipta et al. 2020, "Dataset
            cartography").
    """

    epochs: int
    first: np.ndarray
    forgotten: np.ndarray
    right: np.ndarray
    confidence: np.ndarray
    spread: np.ndarray


def course(learning: TrainingDynamics) -> Course:
    """Each example's course through the epochs.

    Example:
        >>> right = np.array([[False, True], [True, False], [True, True]])
        >>> seen = Learning(np.arange(1, 4), right.astype(np.float32), right)
        >>> course(seen).first.tolist(), course(seen).forgotten.tolist()
        ([2, 3], [0, 1])
    """
    right, epochs = learning.right, len(learning.epochs)
    backwards = np.logical_and.accumulate(right[::-1])  # right from here to the end
    lasting = backwards.sum(axis=0)
    first = np.where(lasting > 0, learning.epochs[np.minimum(epochs - lasting, epochs - 1)], 0)
    return Course(
        epochs=epochs,
        first=first,
        forgotten=(right[:-1] & ~right[1:]).sum(axis=0),
        right=right.sum(axis=0),
        confidence=learning.probabilities.mean(axis=0),
        spread=learning.probabilities.std(axis=0),
    )


@dataclass(frozen=True, eq=False)
class Depths:
    """The earliest layer whose probe names an example right.

    Attributes:
        layers: names, the raw input first.
        examples: (m,) places in the training part.
        earliest: (m,) places among the layers, -1 where no probe does.
    """

    layers: tuple[str, ...]
    examples: np.ndarray
    earliest: np.ndarray


def depths(evidence: Evidence, seed: int) -> Depths:
    """Where in the network a linear probe first names each training example right; kept.

    The probes are those of `geometry.probe_hits`, learned from validation examples with the chosen
    weights, so that no example is judged by a probe that learned from it (after Baldock, Maennel &
    Neyshabur 2021, "Deep learning through the lens of example difficulty").
    """
    layers = (INPUT, *evidence.all_layers)
    examples = _drawn(len(evidence.train), DEPTH_OF, seed)
    stored = evidence.cached(
        f"depths-{len(examples)}-{seed}", lambda: _depths(evidence, layers, examples, seed)
    )
    return Depths(layers, examples, stored["earliest"])


def _depths(
    evidence: Evidence, layers: Sequence[str], examples: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    fitted = evidence.valid.take(_drawn(len(evidence.valid), FITTED, seed))
    probes = {}
    for layer, features in _seen(evidence, layers, fitted.inputs):
        probes[layer] = geometry.fitted_probe(features, fitted.labels)
    earliest = np.full(len(examples), -1)
    labels = evidence.train.labels[examples]
    with progress.stage("depth of examples", len(examples), "examples") as advance:
        for start in range(0, len(examples), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            inputs = evidence.train.inputs[examples[part]]
            for place, (layer, features) in enumerate(_seen(evidence, layers, inputs)):
                weights, bias = probes[layer]
                right = (features @ weights + bias).argmax(axis=1) == labels[part]
                new = right & (earliest[part] < 0)
                earliest[part][new] = place
            advance(len(inputs))
    return {"earliest": earliest}


def _drawn(n: int, most: int, seed: int) -> np.ndarray:
    """Places of a seeded draw, rising: all of them where there are no more."""
    return np.sort(np.random.default_rng(seed).choice(n, min(n, most), replace=False))


def _seen(
    evidence: Evidence, layers: Sequence[str], inputs: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    """Each layer's values for some examples, the raw input's first."""
    given = evidence.inputs_of(inputs)
    yield INPUT, evidence.raw_inputs(given)
    yield from evidence.activations(given, layers[1:]).items()
