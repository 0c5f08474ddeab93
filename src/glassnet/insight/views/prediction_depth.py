"""Prediction depth: the earliest layer at which a linear probe classifies an example correctly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet import progress
from glassnet.contract import Cache, Data, ExplainOptions, MakeProvenance, Model
from glassnet.findings import Bars, ClaimRecorder, count, number, share
from glassnet.insight.measures.probe_map import INPUT
from glassnet.insight.measures.probes import fit_probe
from glassnet.insight.measures.training_dynamics import ExampleDynamics
from glassnet.stats.intervals import wilson

MAX_FIT = 1000
"""Validation examples on which the probes are fitted, at most."""

MAX_EXAMPLES = 5_000
"""Training examples whose depth is measured, at most: each passes through the network once."""

BATCH = 500
"""Training examples at a time; the activations of all layers are in memory."""


@dataclass(frozen=True, eq=False)
class PredictionDepth:
    """The earliest layer whose probe classifies each example correctly.

    Attributes:
        layers: names, the raw input first.
        examples: (m,) positions in the training split.
        earliest: (m,) positions among the layers, -1 if no probe is correct.
    """

    layers: tuple[str, ...]
    examples: np.ndarray
    earliest: np.ndarray


def prediction_depth(
    data: Data,
    model: Model,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
    dynamics: ExampleDynamics | None = None,
) -> Iterator[Bars]:
    """Show the prediction depth of training examples, and how it relates to when they were learned.

    There is nothing to show for a single class, or for fewer validation examples than classes.
    """
    if len(data.valid) < len(data.class_names) or len(data.class_names) < 2:
        return
    depths = measure(data, model, cache, options.seed)
    n = len(depths.examples)
    names = (*depths.layers, "none")
    place = np.where(depths.earliest < 0, len(depths.layers), depths.earliest)
    counts = np.bincount(place, minlength=len(names))
    ends = 100 * np.array([wilson(int(count), n) for count in counts])
    record, most = ClaimRecorder(), int(counts[1:-1].argmax()) + 1
    first, later = (
        record(share("first correct at this layer", int(counts[k]), n, layer=names[k]))
        for k in (0, most)
    )
    total = record(count("training examples", n, n=n))
    by_ease = _by_ease(record, dynamics, depths.examples, place) if dynamics else ""
    yield Bars(
        name="prediction-depth",
        section="examples",
        title=f"A linear probe of the raw {names[0]} classifies {first} of the training examples",
        summary="The earliest layer whose probe (fitted on validation examples) classifies an "
        f"example correctly; for {later} it is {names[most]}{by_ease} (n = {total}).",
        provenance=provenance(split="train", n=n, seed=options.seed),
        claims=record.claims,
        names=names,
        values=100 * counts / n,
        low=ends[:, 0],
        high=ends[:, 1],
        muted=np.arange(len(names)) == len(names) - 1,
        muted_label="no probe is correct",
        reference=None,
        reference_label="",
        x_label="earliest layer",
        y_label="training examples (%)",
    )


def _by_ease(
    record: ClaimRecorder, dynamics: ExampleDynamics, examples: np.ndarray, place: np.ndarray
) -> str:
    """Compare the mean depth of the examples that were always correct with that of the others."""
    always = dynamics.n_correct[examples] == dynamics.n_epochs
    if always.all() or not always.any():
        return ""
    easy, hard = (
        record(number(f"mean depth of those {name}", place[part].mean(), "{:.1f}", part.sum()))
        for name, part in (("always correct", always), ("not always correct", ~always))
    )
    return (
        f"; examples that were correct in every epoch need {easy} layers on average, the others "
        f"{hard}"
    )


def measure(data: Data, model: Model, cache: Cache, seed: int) -> PredictionDepth:
    """Find the earliest layer whose probe classifies each training example correctly; cached.

    The probes are those of `probes.probe_correct`, fitted on validation examples with the chosen
    weights, so that no example is classified by a probe that was fitted on it (after Baldock,
    Maennel & Neyshabur 2021, "Deep learning through the lens of example difficulty").
    """
    layers = (INPUT, *model.all_layers)
    examples = _sample(len(data.train), MAX_EXAMPLES, seed)
    cached = cache(
        f"prediction-depth-{len(examples)}-{seed}",
        lambda: {"earliest": _earliest(data, model, layers, examples, seed)},
    )
    return PredictionDepth(layers, examples, cached["earliest"])


def _earliest(
    data: Data, model: Model, layers: Sequence[str], examples: np.ndarray, seed: int
) -> np.ndarray:
    fit = data.valid.take(_sample(len(data.valid), MAX_FIT, seed))
    probes = [
        fit_probe(features, fit.labels)
        for features in _layer_values(data, model, layers, fit.inputs)
    ]
    earliest = np.full(len(examples), -1)
    labels = data.train.labels[examples]
    with progress.stage("prediction depth", len(examples), "examples") as advance:
        for start in range(0, len(examples), BATCH):
            part = slice(start, start + BATCH)
            inputs = data.train.inputs[examples[part]]
            for layer, ((weights, bias), features) in enumerate(
                zip(probes, _layer_values(data, model, layers, inputs), strict=True)
            ):
                correct = (features @ weights + bias).argmax(axis=1) == labels[part]
                earliest[part][correct & (earliest[part] < 0)] = layer
            advance(len(inputs))
    return earliest


def _sample(n: int, max_size: int, seed: int) -> np.ndarray:
    """Draw positions without replacement, ascending; all of them if there are no more."""
    return np.sort(np.random.default_rng(seed).choice(n, min(n, max_size), replace=False))


def _layer_values(
    data: Data, model: Model, layers: Sequence[str], examples: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield the values of each layer, (n, d), those of the raw input first."""
    inputs = data.inputs_of(examples)
    yield data.raw_inputs(inputs)
    activations = model.activations(inputs, layers[1:])
    yield from (activations[layer] for layer in layers[1:])
