"""Evidence: what insights may look at, gathered from a run when it is first asked for.

What is dear (predictions on the test set, neighbours, coordinates) is kept in the run folder under
the digest of the weights that it rests on, so that it is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from glassnet import atomic, config, progress, tasks
from glassnet.contract import Prediction, Signature, Splits
from glassnet.data import splits as drawing_lots
from glassnet.errors import RunError, UsageError, suggest
from glassnet.findings import Examples, Receipt, arrays_of, bytes_of
from glassnet.insight import capture
from glassnet.runs import checkpoint, log
from glassnet.runs.folder import Run

BATCH = 500
"""Examples that pass through the network at once when nothing is learned."""


def check_same_data(run: Run, splits: Splits) -> None:
    """Refuse other data than the run began with.

    Raises:
        RunError: the fingerprints differ.
    """
    before = run.facts["data"]["fingerprint"]
    if before != splits.fingerprint:
        raise RunError(
            f"{splits.name}: the data have changed since {run.name} began "
            f"({before[:12]} then, {splits.fingerprint[:12]} now)",
            "restore the data, or start a new run",
        )


class RunEvidence:
    """Keeps `contract.Evidence` for one run and its best checkpoint.

    Args:
        run: a run with at least one epoch done.
        command: what makes the findings again; goes into their receipts.
    """

    def __init__(self, run: Run, command: str = "") -> None:
        self.run = run
        self.command = command
        self.task = tasks.load(run.facts["task"])
        self._memory: dict[tuple[Any, ...], dict[str, np.ndarray]] = {}

    @cached_property
    def config(self) -> config.TrainingConfig:
        """The run's configuration."""
        kind = tasks.config_type(self.run.facts["task"])
        return kind(
            **config.checked(kind, self.run.facts["config"], str(self.run.path / "run.json"))
        )

    @cached_property
    def splits(self) -> Splits:
        """The data, as training saw them.

        Raises:
            RunError: they have changed since.
        """
        splits = self.task.load(self.config)
        check_same_data(self.run, splits)
        return splits

    @cached_property
    def signature(self) -> Signature:
        """What the network was built for."""
        data = self.run.facts["data"]
        return Signature(tuple(data["input_shape"]), tuple(data["class_names"]))

    @cached_property
    def network(self) -> nn.Module:
        """The network with the chosen weights, on the CPU, at rest."""
        saved = checkpoint.load(self.run.best)
        network = self.task.build(self.config, self.signature)
        try:
            network.load_state_dict(saved["network"])
        except RuntimeError as error:
            reason = str(error).splitlines()[-1].strip()
            raise RunError(
                f"{self.run.best}: does not fit the network of run.json ({reason})",
                "restore both from the same run",
            ) from None
        return network.eval().requires_grad_(False)

    @cached_property
    def digest(self) -> str:
        """Which weights: the beginning of their file's SHA-256."""
        if not self.run.best.exists():
            raise RunError(
                f"{self.run.path}: no epoch is done yet",
                f"go on with: glassnet train --resume {self.run.path}",
            )
        return checkpoint.digest(self.run.best)

    @cached_property
    def best_epoch(self) -> int:
        """The checkpoint's epoch, counted from 1."""
        return int(checkpoint.header(self.run.best)["epoch"])

    @cached_property
    def log(self) -> dict[str, np.ndarray]:
        """metrics.csv."""
        return log.read(self.run.metrics)

    @property
    def headline(self) -> str:
        """The task's first metric."""
        return self.task.headline

    @property
    def monitor(self) -> str:
        """The metric that chose the checkpoint."""
        return self.config.monitor

    @property
    def shares(self) -> frozenset[str]:
        """The metrics that are shown in per cent."""
        return self.task.shares

    @property
    def n_valid(self) -> int:
        """Number of validation examples."""
        return int(self.run.facts["data"]["valid"])

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class."""
        return self.signature.class_names

    @cached_property
    def example_input(self) -> Tensor:
        """A batch of one: the first test example."""
        return self.task.tensors(self.splits.test.take(np.arange(1)))[0]

    def forward(self, inputs: Tensor) -> Tensor:
        """(B, classes) probabilities."""
        return self.task.predict(self.network, inputs)

    def predict(self, inputs: Tensor) -> np.ndarray:
        """(n, classes) float32 probabilities for any number of inputs, in batches."""
        answers = []
        with (
            torch.inference_mode(),
            progress.stage("prediction", len(inputs), "examples") as advance,
        ):
            for batch in inputs.split(BATCH):
                answers.append(self.forward(batch).numpy())
                advance(len(batch))
        return np.concatenate(answers)

    @cached_property
    def prediction(self) -> Prediction:
        """The answers on the whole test set; computed once for these weights, then read."""

        def make() -> dict[str, np.ndarray]:
            return {"probabilities": self.predict(self.task.tensors(self.splits.test)[0])}

        return Prediction(self.splits.test, self.keep("test", make)["probabilities"])

    def examples(self, n: int, seed: int) -> Examples:
        """A seeded, stratified draw of test examples with the network's answers."""
        where = self._draw(n, seed)
        test, probabilities = self.splits.test.take(where), self.prediction.probabilities[where]
        return Examples(
            name="examples",
            ids=test.ids,
            images=test.inputs,
            labels=test.labels,
            predicted=probabilities.argmax(axis=1),
            confidence=probabilities.max(axis=1),
            class_names=self.class_names,
        )

    def activations(self, n: int, seed: int, layers: Sequence[str]) -> Mapping[str, np.ndarray]:
        """Layer -> (n, features) float32 for the examples; `input` is the raw input in [0, 255]."""
        key = (n, seed, *layers)
        if key not in self._memory:
            inputs = self.task.tensors(self.splits.test.take(self._draw(n, seed)))[0]
            raw = {"input": inputs.flatten(1).float().numpy()}
            self._memory = {
                key: raw
                | capture.activations(self.network, self.forward, inputs, layers, batch_size=BATCH)
            }
        return self._memory[key]

    def check_layers(self, layers: Sequence[str]) -> None:
        """Refuse a name that the network does not have.

        Raises:
            UsageError: the nearest name is suggested.
        """
        known = [name for name, _ in self.network.named_modules() if name]
        for layer in layers:
            if layer not in known:
                raise UsageError(f"the network has no layer {layer!r}", suggest(layer, known))

    def keep(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        """Arrays that were computed before for these weights, or else `make()`, which is kept.

        A damaged file is made again.
        """
        path = self.run.path / "kept" / self.digest / f"{name}.npz"
        try:
            return arrays_of(path.read_bytes())
        except (OSError, ValueError):
            arrays = make()
        atomic.write(path, bytes_of(arrays))
        return arrays

    def receipt(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Receipt:
        """What a finding rests on."""
        return Receipt(
            run=self.run.name,
            checkpoint=f"best, epoch {self.best_epoch} ({self.digest})",
            split=split,
            n=n,
            seed=seed,
            command=self.command,
        )

    def _draw(self, n: int, seed: int) -> np.ndarray:
        return drawing_lots.draw(self.splits.test.labels, n, seed)
