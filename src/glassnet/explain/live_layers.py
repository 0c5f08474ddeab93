"""Training hook that follows the layers: linear probes of each and the PCA map of the last one.

It writes to `live/` in the run folder, for the page, and changes nothing of the training: the
random state is restored, the weights are only read. It measures its own time and waits while that
is more than `SHARE` of the training's.
"""

import json
import time
from contextlib import suppress
from typing import Any

import numpy as np
import torch

from glassnet import atomic, progress, seeding
from glassnet.contract import Signature, Splits, Task
from glassnet.errors import GlassnetError
from glassnet.inference.activations import activations
from glassnet.insight.measures import alignment, probes
from glassnet.runs import step_rows
from glassnet.runs.folder import Run
from glassnet.training.hooks import Hook
from glassnet.training.state import TrainingState

MAX_POINTS = 400
"""Validation examples at most; half of them fit the probes, and the others are classified."""

SHARE = 0.08
"""Share of the time since training began that the hook may take."""

FIRST_SECONDS = 0.2
"""What the first measurement is expected to take."""

MIN_INTERVAL = 0.5
"""Seconds between two measurements at least."""


class LiveLayers(Hook):
    """Writes live/probes.csv, a row per measurement, and live/map.json, the newest map.

    Args:
        run: the run folder.
        task, config, signature: what is trained.
        splits: its data, of which validation examples are taken.
    """

    def __init__(
        self, run: Run, task: Task, config: Any, signature: Signature, splits: Splits
    ) -> None:
        self.run, self.task = run, task
        chosen = np.random.default_rng(0).permutation(len(splits.valid))[:MAX_POINTS]
        examples = splits.valid.take(chosen)
        self.inputs = task.tensors(examples, config, signature)[0]
        self.labels, self.class_names = examples.labels, signature.class_names
        self.n_batches = -(-len(splits.train) // config.batch_size)
        self.spent = 0.0
        self.reference: np.ndarray | None = None

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        modules = dict(state.network.named_modules())
        self.is_active = set(self.task.layers) <= set(modules)  # a pretraining may have others
        self.start, self.last, self.expected = time.monotonic(), 0.0, FIRST_SECONDS
        self.spent, self.reference = 0.0, None
        rows = [row for row in step_rows.read(self.run.live_probes) if row["step"] <= state.step]
        with suppress(GlassnetError):
            atomic.write(self.run.live_probes, step_rows.encoded(rows))

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        now = time.monotonic()
        is_affordable = self.spent + self.expected <= SHARE * (now - self.start)
        if self.is_active and is_affordable and now - self.last >= MIN_INTERVAL:
            self._measure(state, now)

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self.after_step(state)

    def after_training(self, state: TrainingState) -> None:  # noqa: D102
        if self.spent:
            with suppress(GlassnetError):
                self.run.update(seconds={"live_layers": round(self.spent, 2)})

    def _measure(self, state: TrainingState, began: float) -> None:
        random_state = seeding.get_random_state()
        try:
            with progress.silenced(True):
                self._write(state)
        except Exception as error:  # what is watched must not cost what is trained
            self.is_active = False
            progress.log(f"the layers are not followed any more ({error})")
        finally:
            seeding.set_random_state(random_state)
        self.last = time.monotonic()
        self.expected = self.last - began
        self.spent += self.expected

    def _write(self, state: TrainingState) -> None:
        network = state.evaluated
        device = next(network.parameters()).device
        features = activations(
            network,
            lambda batch: self.task.forward_pass(network, batch.to(device)),
            self.inputs,
            self.task.layers,
        )
        position = {"step": state.step, "epochs": state.epoch + state.batch / self.n_batches}
        accuracies = {name: _probe_accuracy(each, self.labels) for name, each in features.items()}
        step_rows.append(self.run.live_probes, position | accuracies)
        points = _principal_plane(features[self.task.layers[-1]])
        align = (
            alignment.standardization(points)
            if self.reference is None
            else alignment.procrustes(points, self.reference)
        )
        self.reference = placed = align(points)
        content = position | {
            "layer": self.task.layers[-1],
            "points": placed.round(3).tolist(),
            "labels": self.labels.tolist(),
            "class_names": list(self.class_names),
        }
        atomic.write(self.run.live_map, json.dumps(content))


def _probe_accuracy(features: np.ndarray, labels: np.ndarray) -> float:
    """The share of one half of the points that a probe of the other half classifies correctly."""
    half = len(labels) // 2
    weights, bias = probes.fit_probe(features[:half], labels[:half])
    return float(((features[half:] @ weights + bias).argmax(axis=1) == labels[half:]).mean())


def _principal_plane(features: np.ndarray) -> np.ndarray:
    """The scores of points on their first two principal components: (n, 2) float64."""
    values, vectors = torch.linalg.eigh(probes.gram(features))
    scores = vectors[:, -2:] * values[-2:].clamp(min=0).sqrt()
    return scores.flip(1).numpy()
