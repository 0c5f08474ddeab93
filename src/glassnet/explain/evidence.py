"""Evidence: what insights may look at, gathered from a run when it is first asked for.

What is dear (predictions on the test set, neighbours, coordinates) is kept in the run folder under
the digest of the weights that it rests on, so that it is computed once.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from torch import nn

from glassnet.contract import (
    CONTROL_NETWORKS,
    EvaluateOptions,
    ExampleLoss,
    ExplainOptions,
    TrainingDynamics,
)
from glassnet.contract.task import CLASSES
from glassnet.errors import UsageError
from glassnet.explain.reference_classifier import find_reference_classifier, is_classifier
from glassnet.findings import Provenance
from glassnet.inference import predict
from glassnet.run_model import RunModel
from glassnet.runs import metrics_log as log
from glassnet.runs import training_dynamics
from glassnet.runs.folder import Run
from glassnet.training import control_networks


class RunReferenceClassifier:
    """Keeps `contract.ReferenceClassifier` for a classifier's run."""

    def __init__(self, evidence: RunEvidence) -> None:
        self.evidence = evidence
        self.name = evidence.run.name
        self.layer = evidence.task.features

    def features(self, images: np.ndarray) -> np.ndarray:
        """(n, features) float32."""
        return self.evidence.activations(self.evidence.inputs_of(images), [self.layer])[self.layer]

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """(n, classes) float32."""
        return self.evidence.predict(self.evidence.inputs_of(images))[CLASSES]


class RunEvidence(RunModel):
    """Keeps `contract.Evidence` for one run and its best checkpoint.

    Args:
        run: a run with at least one epoch done.
        command: what makes the findings again; goes into their receipts.
    """

    def __init__(self, run: Run, command: str = "") -> None:
        super().__init__(run)
        self.command = command
        self._named_classifier: Run | None = None
        self._control_networks: dict[str, nn.Module | None] = {}

    @cached_property
    def learning(self) -> TrainingDynamics | ExampleLoss | None:
        """What the network said of each training example as it learned."""
        epochs = self.run.training_dynamics_epochs
        said = training_dynamics.read([self.run.learned(epoch) for epoch in epochs])
        if not said:
            return None
        return (TrainingDynamics if "right" in said else ExampleLoss)(np.array(epochs), **said)

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
        return int(self.run.info["data"]["valid"])

    def ask(self, options: ExplainOptions, reference_classifier: Run | None) -> None:
        """Note what is asked, for the receipts, and appoint the judge if one is named."""
        if reference_classifier is not None:
            self.set_reference_classifier(reference_classifier)
        named = (
            f" --reference-classifier {reference_classifier.name}" if reference_classifier else ""
        )
        self.command = (
            f"glassnet explain {self.run.name} --layers {','.join(options.layers)} "
            f"--method {','.join(options.methods)} --points {options.points} "
            f"--seed {options.seed}{' --control-networks' * options.control_networks}{named}"
        )

    def set_reference_classifier(self, reference_classifier: Run) -> None:
        """Name the classifier that judges images.

        Raises:
            UsageError: the run is none, or was trained on images of another shape.
        """
        if not is_classifier(reference_classifier):
            raise UsageError(
                f"{reference_classifier.name} cannot judge images: it names no classes",
                "name the run of a classifier on the same data",
            )
        wanted = list(self.signature.input_shape)
        if reference_classifier.info["data"]["input_shape"] != wanted:
            raise UsageError(
                f"{reference_classifier.name} cannot judge these images: it takes "
                f"{reference_classifier.info['data']['input_shape']}, they are {wanted}",
                "name the run of a classifier on the same data",
            )
        self._named_classifier = reference_classifier
        self.__dict__.pop("reference_classifier", None)

    @property
    def curves(self) -> tuple[str, ...]:
        """The metrics that have a panel among the training curves."""
        return self.task.curves

    @property
    def results(self) -> dict[str, Any]:
        """The test numbers in run.json; measured with the run's own effort where there are none."""
        return self.run.info.get("results", {}).get("test") or self.task.results(
            self, EvaluateOptions()
        )

    @cached_property
    def reference_classifier(self) -> RunReferenceClassifier | None:
        """The classifier that judges images: the one that was named, or `find_reference_classifier`'s."""
        chosen = self._named_classifier or find_reference_classifier(self.run)
        return None if chosen is None else RunReferenceClassifier(RunEvidence(chosen))

    def control_network(self, name: str) -> nn.Module | None:
        """A network of the same build that did not learn the task; see `control_networks`."""
        if name not in self._control_networks:
            self._control_networks[name] = self._control_network(name)
        return self._control_networks[name]

    def _control_network(self, name: str) -> nn.Module | None:
        if name == CONTROL_NETWORKS[0] and 0 in self.snapshots:
            return self.network_at(0)
        path = self.run.control_network(name)
        weights = control_networks.weights(
            name, self.task, self.config, self.splits, self.signature, path
        )
        if weights is None:
            return None
        return predict.build_network(self.task, self.config, self.signature, weights, path)

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        """What a finding rests on."""
        return Provenance(
            run=self.run.name,
            checkpoint=f"best, epoch {self.best_epoch} ({self.digest})",
            split=split,
            n=n,
            seed=seed,
            command=self.command,
        )
