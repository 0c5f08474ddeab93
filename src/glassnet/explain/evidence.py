"""Evidence for the views: the parts of a run that `contract.PARTS` names."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, cast

import numpy as np
from torch import nn

from glassnet import progress
from glassnet.contract import (
    CONTROL_NETWORKS,
    Cache,
    EvaluateOptions,
    ExampleLoss,
    Family,
    LatentModel,
    Metric,
    Phase,
    TextModel,
    TrainingDynamics,
)
from glassnet.errors import TrainingError, UsageError
from glassnet.explain.reference_classifier import (
    RunReferenceClassifier,
    find_reference_classifier,
    is_classifier,
)
from glassnet.findings import Provenance
from glassnet.inference import predict
from glassnet.run_model import RunModel
from glassnet.runs import checkpoint, training_dynamics
from glassnet.runs.folder import Run
from glassnet.stats.folds import Fold
from glassnet.training import control_networks, cross_validation


class RunLog:
    """The log of a run; implements `contract.Log`."""

    def __init__(self, model: RunModel) -> None:
        self._run, self._model = model.run, model

    @cached_property
    def metrics(self) -> dict[str, np.ndarray]:
        """metrics.csv: column -> (epochs,) float64."""
        return self._run.read_metrics()

    @property
    def headline(self) -> Metric:
        """The task's first metric."""
        return self._model.task.metrics[0]

    @property
    def curves(self) -> tuple[Metric, ...]:
        """The loss, and the metrics that have a panel among the training curves."""
        task = self._model.task
        return task.metric("loss"), *(metric for metric in task.metrics if metric.has_curve)

    @property
    def monitor(self) -> Metric:
        """The validation metric that selected the checkpoint."""
        return self._model.task.metric(self._model.config.monitor)

    @property
    def best_epoch(self) -> int:
        """The epoch of the checkpoint, counted from 1."""
        return self._model.best_epoch

    @property
    def later_phase(self) -> Phase | None:
        """The part of the training in which the network learned otherwise, if it came to that."""
        phase = self._model.task.later_phase(self._model.config)
        return phase if phase and phase.first_epoch <= self.metrics["epoch"][-1] else None

    @property
    def n_valid(self) -> int:
        """Number of validation examples."""
        return int(self._run.info["data"]["valid"])

    @cached_property
    def training_dynamics(self) -> TrainingDynamics | ExampleLoss | None:
        """What the network computed for each training example in each epoch, if it was stored."""
        epochs = self._run.training_dynamics_epochs
        values = training_dynamics.read(
            [self._run.training_dynamics_file(epoch) for epoch in epochs]
        )
        if not values:
            return None
        kind = TrainingDynamics if self._model.family == Family.CLASSIFIER else ExampleLoss
        return kind(np.array(epochs), **values)


class RunNetworks:
    """Snapshots and control networks of a run; implements `contract.Networks`.

    Attributes:
        left_out: control networks that could not be made so far, and why.
    """

    def __init__(self, model: RunModel) -> None:
        self._run, self._model = model.run, model
        self._control_networks: dict[str, nn.Module | None] = {}
        self.left_out: dict[str, str] = {}

    @cached_property
    def snapshots(self) -> tuple[int, ...]:
        """The epochs whose weights were stored, in order; 0 is the untrained network."""
        return self._run.snapshots

    @property
    def best_epoch(self) -> int:
        """The epoch of the checkpoint, counted from 1."""
        return self._model.best_epoch

    def network_at(self, epoch: int) -> nn.Module:
        """The network with the weights of a snapshot, or of the best epoch."""
        if epoch == self.best_epoch:
            return self._model.network
        return self._model.network_with(self._run.snapshot(epoch))

    def out_of_fold_probabilities(
        self, folds: Sequence[Fold], epochs: int | None = None
    ) -> np.ndarray:
        """Probabilities of the training examples by networks trained without them: (n, classes).

        The networks are trained once and stored, since other machines train other ones.

        Args:
            folds: of the training split.
            epochs: of each training, by default the run's. Others have batches of half the size,
                since a short training is better with more steps.
        """
        model, pretrained = self._model, self._run.pretraining.best
        config = model.config
        if epochs is not None:
            batch_size = -(-config.batch_size // 2)
            config = dataclasses.replace(config, epochs=epochs, batch_size=batch_size)
        names = (f"fold {k + 1} of {len(folds)}, {config.epochs} epochs" for k in range(len(folds)))
        return cross_validation.out_of_fold_probabilities(
            model.task,
            config,
            model.data.splits,
            model.signature,
            folds,
            checkpoint.load(pretrained)["network"] if pretrained.exists() else None,
            [self._run.control_network(name) for name in names],
        )

    def control_network(self, name: str) -> nn.Module | None:
        """A network of the same build that did not learn the task; see `CONTROL_NETWORKS`."""
        if name not in self._control_networks:
            self._control_networks[name] = self._load_control_network(name)
        return self._control_networks[name]

    def _load_control_network(self, name: str) -> nn.Module | None:
        if name == CONTROL_NETWORKS[0] and 0 in self.snapshots:
            return self.network_at(0)
        model, path = self._model, self._run.control_network(name)
        task, config, signature = model.task, model.config, model.signature
        try:
            weights = control_networks.load_or_train(
                name, task, config, model.data.splits, signature, path
            )
        except TrainingError as error:
            self.left_out[name] = "its training diverged"
            progress.log(f"the network trained on {name} is left out: {error.message}")
            return None
        if weights is None:
            return None
        return predict.build_network(task, config, signature, weights, path)


class RunEvidence:
    """The parts of a run with its best checkpoint, by the names in `contract.PARTS`.

    Args:
        run: a run with at least one finished epoch.
        command: the command line that makes the findings again, for their provenance.
        data: where its data are now, if they were moved.
        cache: stores results; the default stores them in the run folder.
    """

    def __init__(
        self,
        run: Run,
        command: str = "",
        data: str | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.run, self.command = run, command
        self.model = RunModel(run, data, cache)
        self.task, self.data, self.cache = self.model.task, self.model.data, self.model.cache
        self.log, self.networks = RunLog(self.model), RunNetworks(self.model)
        self._choose_classifier: Callable[[], Run | None] = partial(find_reference_classifier, run)
        self._classifier: RunReferenceClassifier | None = None
        self._classifier_is_chosen = False

    @property
    def latent_model(self) -> LatentModel:
        """The network of an image generator."""
        return cast("LatentModel", self.model.network)

    @property
    def text_model(self) -> TextModel:
        """The network of a text classifier."""
        return cast("TextModel", self.model.network)

    @property
    def results(self) -> dict[str, Any]:
        """The test results in run.json if they are of these weights, or else computed."""
        info = self.run.info
        stored = info.get("results", {}).get("test")
        digest = info.get("evaluated_checkpoint", {}).get("digest", self.model.digest)
        return (
            stored if stored and digest == self.model.digest else self.evaluate(EvaluateOptions())
        )

    def evaluate(self, options: EvaluateOptions) -> dict[str, Any]:
        """Compute the test results; see `Task.results`."""
        return self.task.results(self.data, self.model, self.cache, options)

    @property
    def reference_classifier(self) -> RunReferenceClassifier | None:
        """The classifier that scores generated images; searched beside the run on first use."""
        if not self._classifier_is_chosen:
            run = self._choose_classifier()
            self._classifier = None if run is None else RunReferenceClassifier(run)
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
        shape, wanted = run.info["data"]["input_shape"], list(self.model.signature.input_shape)
        if shape != wanted:
            raise UsageError(
                f"{run.name} cannot be the reference classifier: its images have the shape "
                f"{shape}, and those of {self.run.name} {wanted}",
                hint,
            )

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        """The provenance of a finding that is computed from these examples."""
        return Provenance(
            run=self.run.name,
            checkpoint=f"best, epoch {self.model.best_epoch} ({self.model.digest})",
            split=split,
            n=n,
            seed=seed,
            command=self.command,
        )
