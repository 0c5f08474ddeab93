"""The base class of all estimators: training on checked examples, and saving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from glassnet import progress, seeding, tasks
from glassnet.config import TrainingConfig, epochs_for_few_steps, resolve
from glassnet.contract import Calibration, Signature, Split, Splits, Task
from glassnet.data.names import IN_MEMORY
from glassnet.data.splits import stratified_split
from glassnet.errors import ArgumentError, Interrupted, UserError
from glassnet.estimators import parameters, saving
from glassnet.estimators.examples import Examples
from glassnet.estimators.fitted import Fitted
from glassnet.runs.folder import Run
from glassnet.training import in_memory, into_run, run_info
from glassnet.training.progress_display import ProgressDisplay
from glassnet.training.setup import open_fabric
from glassnet.training.threads import threads_for

if TYPE_CHECKING:
    from lightning_fabric import Fabric

Row = dict[str, float]
History = dict[str, list[float]]

Validation = tuple[Any, Any, Any]
"""Examples, labels and weights of a validation set, as the user gives them."""

MIN_STEPS = 16
"""Fewest steps per epoch for few examples, unless the batch size is given."""

MIN_BATCH_SIZE = 8
"""Smallest batch size chosen for that."""


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkEstimator(BaseEstimator):
    """A scikit-learn estimator whose model is the network of a task.

    The constructor only stores its parameters. Subclasses check examples and encode them as inputs
    of the task.
    """

    _task_name: ClassVar[str]

    preset: str = "default"
    random_state: Any = None
    verbose: int = 0
    runs: Any = None

    def save(self, folder: Path | str) -> Path:
        """Save the fitted estimator to a model folder; `gn.load(folder)` restores it.

        The folder has the files that `TrainedRun.save` writes. Its model card has the validation
        metrics, as there is no test set. The optimizer state is not saved: `partial_fit` of the
        restored estimator starts with a new one.

        Args:
            folder: a new folder, or a model folder, which is replaced.

        Returns:
            The folder.

        Raises:
            NotFittedError: the estimator is not fitted.
            ArgumentError: the folder contains something else.
            StorageError: it cannot be written.
        """
        check_is_fitted(self)
        with self._isolated():
            return saving.save(self, self._fitted, Path(folder))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_fitted")

    def _check_rows(self, X: Any) -> np.ndarray:
        """Check examples of a fitted estimator: (n, features) numbers or (n,) texts."""
        raise NotImplementedError

    def _check_examples(
        self, X: Any, y: Any, sample_weight: Any, classes: np.ndarray | None, *, reset: bool
    ) -> Examples:
        """Check the examples of `fit` (`reset`) or of a further `partial_fit`."""
        raise NotImplementedError

    def _check_classes(self, classes: Any, first: bool) -> np.ndarray | None:
        """Check the parameter `classes` of `partial_fit`; None without classes."""
        return None

    def _fit_preprocessing(self, rows: np.ndarray) -> None:
        """Fit what `_encode` needs on the training rows."""

    def _encode(self, rows: np.ndarray) -> np.ndarray:
        """Encode rows as inputs of the task."""
        return rows

    def _preset_overrides(self, preset: Any) -> dict[str, Any]:
        """Values that suit the examples better than those of the preset."""
        return {}

    def _count_features_out(self, rows: np.ndarray) -> int:
        """The number of columns of `transform`."""
        raise NotImplementedError

    def _validation_results(self, row: Row, count: int, weighted: bool) -> dict[str, Any]:
        """The validation metrics for the model card, from the metrics of the best epoch."""
        raise NotImplementedError

    def _inputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return self._encode(self._check_rows(X))

    @contextmanager
    def _isolated(self) -> Iterator[None]:
        """Restore the user's random states and stderr; raise user errors as ValueErrors.

        A seed must be drawn outside, or the next one would be equal.
        """
        with seeding.fork_rng(), progress.silenced(not self.verbose):
            try:
                yield
            except ArgumentError:
                raise
            except UserError as error:
                raise ArgumentError(error.message, error.hint) from None

    def _draw_seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            if self.random_state < 0:
                raise ArgumentError(f"random_state = {self.random_state}", "give 0 or more")
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _config(
        self, n_examples: int, seed: int, preset: TrainingConfig | None = None
    ) -> TrainingConfig:
        """The configuration: the user's parameters, then overrides, then the preset.

        Args:
            preset: adapted to the number of training examples.
        """
        preset = preset or tasks.preset(self._task_name, self.preset)
        overrides = {
            "batch_size": _batch_size(preset.batch_size, n_examples),
            **self._preset_overrides(preset),
            **parameters.given(self, self._task_name),
            "data": IN_MEMORY,
            "seed": seed,
        }
        return resolve(preset, overrides=overrides)

    def _adapted(
        self, config: TrainingConfig, task: Task, n_examples: int, n_train: int
    ) -> TrainingConfig:
        """More epochs for few examples, as the command line gives, unless the user has set them."""
        steps = -(-n_train // config.batch_size)
        epochs = epochs_for_few_steps(config.epochs, steps, task.usual_steps, task.epoch_multiple)
        preset = tasks.preset(self._task_name, self.preset).adapted(epochs, steps)
        return self._config(n_examples, config.seed, preset)

    def _with_threads(
        self, config: TrainingConfig, splits: Splits, signature: Signature
    ) -> TrainingConfig:
        """Of torch's threads, since who runs several fits in parallel has distributed the cores."""
        task = tasks.load(self._task_name)
        needed = threads_for(task, config, splits, signature)
        return replace(config, threads=config.threads or min(needed, torch.get_num_threads()))

    def _fit(self, X: Any, y: Any, sample_weight: Any, validation: Validation | None) -> Self:
        seed = self._draw_seed()
        self.__dict__.pop("_fitted", None)  # a fit that fails leaves an unfitted estimator
        with self._isolated():
            examples = self._check_examples(X, y, sample_weight, None, reset=True)
            held_out = validation and self._check_examples(
                *validation, getattr(self, "classes_", None), reset=False
            )
            self._fit_from_scratch(examples, held_out, seed)
            self._n_features_out = self._count_features_out(examples.rows)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any = None) -> Self:
        first = not hasattr(self, "_fitted")
        seed = self._draw_seed() if first else 0
        with self._isolated():
            known = self._check_classes(classes, first)
            examples = self._check_examples(X, y, sample_weight, known, reset=first)
            self._fit_one_epoch(examples, seed)
            self._n_features_out = self._count_features_out(examples.rows)
        return self

    def _fit_from_scratch(self, examples: Examples, held_out: Examples | None, seed: int) -> None:
        """Train on the examples; those that are held out, or a part of them, select the epoch."""
        n_examples, task = len(examples), tasks.load(self._task_name)
        config = self._config(n_examples, seed)
        if held_out is None:
            train_ids, valid_ids = stratified_split(examples.labels, config.valid_fraction, seed)
        else:
            train_ids = np.arange(len(examples))
            valid_ids = len(examples) + np.arange(len(held_out))
            examples = examples.joined(held_out)
        config = self._adapted(config, task, n_examples, len(train_ids))
        self._fit_preprocessing(examples.rows[train_ids])
        splits = self._splits(examples, train_ids, valid_ids)
        splits = replace(splits, unlabelled=task.unlabelled(config, splits))
        signature = task.signature(splits, config)
        config = self._with_threads(config, splits, signature)
        info = self._run_info(config, splits, signature, "fit")
        with open_fabric(config) as fabric:
            if self.runs is not None:
                trained = self._fit_into_run(fabric, config, splits, signature, info)
            else:
                steps = -(-len(train_ids) // config.batch_size)
                hooks = (
                    [ProgressDisplay(task, config, steps, len(train_ids))] if self.verbose else []
                )
                trained = in_memory.fit(fabric, task, config, splits, signature, hooks)
        row = trained.rows[trained.best_epoch - 1]
        results = self._validation_results(row, len(valid_ids), examples.weights is not None)
        info |= {
            "best": {"epoch": trained.best_epoch, "value": trained.best_value},
            "calibration": asdict(trained.calibration),
            "results": {"valid": results},
        }
        fitted = Fitted(
            self._task_name,
            config,
            signature,
            trained.weights,
            epochs=len(trained.rows),
            info=info,
        )
        self._set_fitted(fitted, trained.rows, {})
        self.best_epoch_ = trained.best_epoch

    def _fit_one_epoch(self, examples: Examples, seed: int) -> None:
        """Train for one epoch over some examples, from the current weights."""
        previous: Fitted | None = getattr(self, "_fitted", None)
        if previous is None:
            self._fit_preprocessing(examples.rows)
        task = tasks.load(self._task_name)
        config = self._config(len(examples), previous.config.seed if previous else seed)
        ids = np.arange(len(examples))
        splits = self._splits(examples, ids, ids[:0])
        splits = replace(splits, unlabelled=task.unlabelled(config, splits))
        signature = previous.signature if previous else task.signature(splits, config)
        config = self._with_threads(config, splits, signature)
        info = self._run_info(config, splits, signature, "partial_fit")
        if previous:
            data = previous.info["data"]
            info["data"] |= {
                "train": data["train"] + data["valid"] + len(examples),
                "fingerprint": examples.fingerprint(data["fingerprint"]),
            }
        with open_fabric(config) as fabric:
            start = previous.training_state if previous else None
            state, row = in_memory.partial_fit(fabric, task, config, splits, signature, start)
        fitted = Fitted(
            self._task_name, config, signature, state.weights, state.moments, state.epochs, info
        )
        self._set_fitted(fitted, [row], self.history_ if previous else {})
        self.__dict__.pop("best_epoch_", None)  # no validation set selected these weights

    def _run_info(
        self, config: TrainingConfig, splits: Splits, signature: Signature, method: str
    ) -> dict[str, Any]:
        """The content of run.json or config.json, with the Python call as its command."""
        make_info = run_info.describe_network if self.runs is None else run_info.describe_run
        task, preset = tasks.load(self._task_name), tasks.preset(self._task_name, self.preset)
        info = make_info(task, self.preset, preset, config, splits, signature)
        return info | {"command": f"glassnet.{self!r}.{method}(...)"}

    def _set_fitted(self, fitted: Fitted, rows: list[Row], history: History) -> None:
        self.history_ = {
            name: [*history.get(name, []), *(row[name] for row in rows)]
            for name in rows[0]
            if name not in ("epoch", "step")
        }
        self.n_iter_ = fitted.epochs
        self._fitted = fitted

    def _splits(self, examples: Examples, train_ids: np.ndarray, valid_ids: np.ndarray) -> Splits:
        ids = np.arange(len(examples))
        split = Split(self._encode(examples.rows), examples.labels, ids, examples.weights)
        return Splits(
            name=IN_MEMORY,
            train=split.take(train_ids),
            valid=split.take(valid_ids),
            test=split.take(ids[:0]),
            class_names=examples.class_names,
            fingerprint=examples.fingerprint(),
        )

    def _fit_into_run(
        self,
        fabric: Fabric,
        config: TrainingConfig,
        splits: Splits,
        signature: Signature,
        info: dict[str, Any],
    ) -> in_memory.TrainingResult:
        """Train into a new run folder."""
        root = Path(self.runs).expanduser()
        run = Run.create(root, f"{self._task_name}-arrays", info, signature.vocabulary)
        try:
            into_run.fit(fabric, tasks.load(self._task_name), config, splits, signature, run)
        except Interrupted:  # its hint suggests --resume, which needs the data in a file
            raise KeyboardInterrupt from None
        columns = run.read_metrics()
        rows = [
            dict(zip(columns, map(float, row), strict=True))
            for row in zip(*columns.values(), strict=True)
        ]
        self.run_ = str(run.path)
        best, calibration = run.info["best"], Calibration(**run.info.get("calibration", {}))
        return in_memory.TrainingResult(
            run.weights(run.best), rows, best["epoch"], best["value"], calibration
        )


def _batch_size(preset_size: int, n_examples: int) -> int:
    """The preset's batch size, or a smaller one if an epoch would have few steps.

    Example:
        >>> [_batch_size(256, n) for n in (50_000, 1_600, 20)]
        [256, 100, 8]
    """
    return min(preset_size, max(MIN_BATCH_SIZE, -(-n_examples // MIN_STEPS)))
