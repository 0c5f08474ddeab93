"""Evidence for the views: a run's training log, snapshots, control networks and provenance."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

import numpy as np
from torch import nn

from glassnet.contract import (
    CONTROL_NETWORKS,
    EvaluateOptions,
    ExampleLoss,
    Family,
    Metric,
    TrainingDynamics,
)
from glassnet.errors import UsageError
from glassnet.explain.reference_classifier import (
    RunReferenceClassifier,
    find_reference_classifier,
    is_classifier,
)
from glassnet.findings import Provenance
from glassnet.inference import predict
from glassnet.run_model import RunModel
from glassnet.runs import metrics_log, training_dynamics
from glassnet.runs.folder import Run
from glassnet.training import control_networks


class RunEvidence(RunModel):
    """`contract.Evidence` for a run and its best checkpoint.

    Args:
        run: a run with at least one finished epoch.
        command: the command line that makes the findings again, for their provenance.
        data: where its data are now, if they were moved.
    """

    def __init__(self, run: Run, command: str = "", data: str | None = None) -> None:
        super().__init__(run, data)
        self.command = command
        self._control_networks: dict[str, nn.Module | None] = {}
        self._choose_classifier: Callable[[], Run | None] = partial(find_reference_classifier, run)
        self._classifier: RunReferenceClassifier | None = None
        self._classifier_is_chosen = False

    @cached_property
    def training_dynamics(self) -> TrainingDynamics | ExampleLoss | None:
        """What the network computed for each training example in each epoch, if it was stored."""
        epochs = self.run.training_dynamics_epochs
        values = training_dynamics.read(
            [self.run.training_dynamics_file(epoch) for epoch in epochs]
        )
        if not values:
            return None
        kind = TrainingDynamics if self.family == Family.CLASSIFIER else ExampleLoss
        return kind(np.array(epochs), **values)

    @cached_property
    def log(self) -> dict[str, np.ndarray]:
        """metrics.csv: column -> (epochs,) float64."""
        return metrics_log.read(self.run.metrics)

    @property
    def snapshots(self) -> tuple[int, ...]:
        """The epochs whose weights were stored, in order; 0 is the untrained network."""
        return self.run.snapshots

    def network_at(self, epoch: int) -> nn.Module:
        """The network with the weights of a snapshot, or of the best epoch."""
        if epoch == self.best_epoch:
            return self.network
        return self._network(self.run.snapshot(epoch))

    @property
    def headline(self) -> Metric:
        """The task's first metric."""
        return self.task.metrics[0]

    @property
    def monitor(self) -> Metric:
        """The validation metric that selected the checkpoint."""
        return self.task.metric(self.config.monitor)

    @property
    def curves(self) -> tuple[Metric, ...]:
        """The loss, and the metrics that have a panel among the training curves."""
        curves = (metric for metric in self.task.metrics if metric.has_curve)
        return self.task.metric("loss"), *curves

    @property
    def n_valid(self) -> int:
        """Number of validation examples."""
        return int(self.run.info["data"]["valid"])

    @property
    def results(self) -> dict[str, Any]:
        """The test results in run.json, or else computed with the default options."""
        return self.run.info.get("results", {}).get("test") or self.task.results(
            self, EvaluateOptions()
        )

    @property
    def reference_classifier(self) -> RunReferenceClassifier | None:
        """The classifier that scores generated images; searched beside the run on first use."""
        if not self._classifier_is_chosen:
            run = self._choose_classifier()
            self._classifier = None if run is None else RunReferenceClassifier(RunModel(run))
            self._classifier_is_chosen = True
        return self._classifier

    @property
    def used_reference_classifier(self) -> str:
        """Name of the reference classifier if a view has used one, else empty."""
        return self._classifier.name if self._classifier else ""

    def set_reference_classifier(self, run: Run | None) -> None:
        """Choose the classifier that scores generated images; None chooses none.

        Raises:
            UsageError: the run's network is not a classifier, or takes images of another shape.
        """
        if run is not None:
            self._check_reference_classifier(run)
        self._choose_classifier = lambda: run
        self._classifier, self._classifier_is_chosen = None, False

    def _check_reference_classifier(self, run: Run) -> None:
        hint = "name the run of a classifier that was trained on the same data"
        if not is_classifier(run):
            raise UsageError(
                f"{run.name} cannot be the reference classifier: it is not a classifier", hint
            )
        shape, wanted = run.info["data"]["input_shape"], list(self.signature.input_shape)
        if shape != wanted:
            raise UsageError(
                f"{run.name} cannot be the reference classifier: its images have the shape "
                f"{shape}, and those of {self.run.name} {wanted}",
                hint,
            )

    def control_network(self, name: str) -> nn.Module | None:
        """A network of the same build that did not learn the task; see `CONTROL_NETWORKS`."""
        if name not in self._control_networks:
            self._control_networks[name] = self._load_control_network(name)
        return self._control_networks[name]

    def _load_control_network(self, name: str) -> nn.Module | None:
        if name == CONTROL_NETWORKS[0] and 0 in self.snapshots:
            return self.network_at(0)
        path = self.run.control_network(name)
        weights = control_networks.load_or_train(
            name, self.task, self.config, self.splits, self.signature, path
        )
        if weights is None:
            return None
        return predict.build_network(self.task, self.config, self.signature, weights, path)

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        """The provenance of a finding that is computed from these examples."""
        return Provenance(
            run=self.run.name,
            checkpoint=f"best, epoch {self.best_epoch} ({self.digest})",
            split=split,
            n=n,
            seed=seed,
            command=self.command,
        )
