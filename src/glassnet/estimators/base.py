"""What all estimators share: from checked examples to a fitted network, and its model folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from lightning_fabric import Fabric
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_random_state
from sklearn.utils.validation import check_is_fitted

from glassnet import config, progress, seeding, tasks
from glassnet.contract import Signature, Split, Splits
from glassnet.data.names import IN_MEMORY
from glassnet.data.splits import stratified_split
from glassnet.errors import ArgumentError, Interrupted, UserError
from glassnet.estimators import parameters, saving
from glassnet.estimators.fitted import Fitted
from glassnet.runs import metrics_log
from glassnet.runs.folder import Run
from glassnet.training import in_memory, pretraining, run_info
from glassnet.training.progress_display import Display
from glassnet.training.train import open_fabric

Row = dict[str, float]
History = dict[str, list[float]]

STEPS = 16
"""Steps of an epoch at least, where the batch size is not given and there are few examples."""

SMALLEST_BATCH = 8
"""To which batches shrink for that."""


@dataclass(frozen=True, eq=False)
class Examples:
    """What was given to fit, checked.

    Attributes:
        rows: (n, features) numbers or (n,) texts.
        labels: (n,) int64.
        class_names: one per class.
        weights: (n,) float64, none of them 0; None where all are the same.
    """

    rows: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    weights: np.ndarray | None

    def __len__(self) -> int:
        return len(self.rows)

    def fingerprint(self, before: str = "") -> str:
        """SHA-256 over all that is learned from, as hex, and over what came before."""
        total = hashlib.sha256(repr((before, self.class_names)).encode())
        for values in (self.rows, self.labels, self.weights):
            if values is not None and values.dtype.kind == "T":
                for text in values.tolist():
                    total.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
            elif values is not None:
                total.update(f"{values.dtype.str}{values.shape}".encode())
                total.update(np.ascontiguousarray(values).data)
        return total.hexdigest()


@dataclass(kw_only=True, eq=False, repr=False)
class NetworkEstimator(BaseEstimator):
    """A network as an estimator: the constructor stores, `fit` learns."""

    _task: ClassVar[str]

    preset: str = "default"
    random_state: Any = None
    verbose: int = 0
    runs: Any = None

    def save(self, folder: Path | str) -> Path:
        """Write the fitted estimator to a model folder; `gn.load(folder)` gives it back, fitted.

        The folder is as `TrainedRun.save` writes it. Its model card has the validation numbers:
        there was no test part. What the optimizer remembers for `partial_fit` stays behind.

        Args:
            folder: a new folder, or a model folder, which is replaced.

        Returns:
            The folder.

        Raises:
            NotFittedError: nothing has been learned yet.
            ArgumentError: something else stands there.
            StorageError: it cannot be written.
        """
        check_is_fitted(self)
        with self._at_work():
            return saving.save(self, self._fitted, Path(folder))

    def _defaults(self, base: Any) -> dict[str, Any]:
        """Values that suit the examples better than those of the preset `base`."""
        return {}

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_fitted")

    def _forget(self) -> None:
        """Be as not fitted, so that a fit that fails leaves nothing that answers."""
        self.__dict__.pop("_fitted", None)

    def _rows(self, X: Any) -> np.ndarray:
        """Checked rows of examples like those of fit."""
        raise NotImplementedError

    def _asked(self, X: Any) -> np.ndarray:
        """Checked examples as the task takes them."""
        check_is_fitted(self)
        return self._inputs(self._rows(X))

    def _look(self, rows: np.ndarray) -> None:
        """Learn from training rows what `_inputs` needs."""

    def _inputs(self, rows: np.ndarray) -> np.ndarray:
        """Rows as the task takes examples."""
        return rows

    def _results(self, row: Row, count: int, weighted: bool) -> dict[str, Any]:
        """The validation numbers of the model card, from the chosen epoch's row."""
        raise NotImplementedError

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """What is the user's stays as it is: random states and stderr; and errors are ValueErrors.

        A seed has to be drawn outside, or it would be the same again next time.
        """
        with seeding.untouched(), progress.silenced(not self.verbose):
            try:
                yield
            except ArgumentError:
                raise
            except UserError as error:
                raise ArgumentError(error.message, error.hint) from None

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            if self.random_state < 0:
                raise ArgumentError(f"random_state = {self.random_state}", "give 0 or more")
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _chosen(self, examples: int, seed: int) -> config.TrainingConfig:
        """The whole configuration: what the user says, else what suits, else the preset's."""
        base = tasks.preset(self._task, self.preset)
        said = parameters.given(self, self._task)
        suits = {"batch_size": _batch_size(base.batch_size, examples), **self._defaults(base)}
        fixed = {"data": IN_MEMORY, "seed": seed}
        chosen = config.resolve(base, overrides={**suits, **said, **fixed})
        # Whoever runs many fits at once has shared out the cores already.
        return replace(chosen, threads=chosen.threads or torch.get_num_threads())

    def _learn(self, examples: Examples, seed: int) -> None:
        """Hold a part out, train on the rest, keep the weights that the part chooses."""
        chosen, task = self._chosen(len(examples), seed), tasks.load(self._task)
        left, held = stratified_split(examples.labels, chosen.valid_fraction, seed)
        self._look(examples.rows[left])
        data = self._splits(examples, left, held)
        signature = task.signature(data, chosen)
        told = self._run_info(chosen, data, signature, "fit")
        with _device(chosen) as fabric:
            if self.runs is not None:
                learned = self._into_run(fabric, chosen, data, signature, told)
            else:
                steps = -(-len(left) // chosen.batch_size)
                hooks = [Display(task, chosen, steps, len(left))] if self.verbose else []
                learned = in_memory.learn(fabric, task, chosen, data, signature, hooks)
        best = {"epoch": learned.best_epoch, "value": learned.best_value}
        row = learned.rows[learned.best_epoch - 1]
        results = self._results(row, len(held), examples.weights is not None)
        told |= {"best": best, "results": {"valid": results}}
        self._keep(
            Fitted(
                self._task,
                chosen,
                signature,
                learned.weights,
                epochs=len(learned.rows),
                info=told,
            ),
            learned.rows,
            {},
        )
        self.best_epoch_ = learned.best_epoch

    def _go_on(self, examples: Examples, seed: int) -> None:
        """One epoch over some examples, from where the weights stand."""
        before: Fitted | None = getattr(self, "_fitted", None)
        if before is None:
            self._look(examples.rows)
        task = tasks.load(self._task)
        chosen = self._chosen(len(examples), before.config.seed if before else seed)
        everything = np.arange(len(examples))
        data = self._splits(examples, everything, everything[:0])
        signature = before.signature if before else task.signature(data, chosen)
        told = self._run_info(chosen, data, signature, "partial_fit")
        if before:
            seen = before.info["data"]
            told["data"] |= {
                "train": seen["train"] + seen["valid"] + len(examples),
                "fingerprint": examples.fingerprint(seen["fingerprint"]),
            }
        with _device(chosen) as fabric:
            standing, row = in_memory.go_on(
                fabric, task, chosen, data.train, signature, before.standing if before else None
            )
        fitted = Fitted(
            self._task,
            chosen,
            signature,
            standing.weights,
            standing.moments,
            standing.epochs,
            told,
        )
        self._keep(fitted, [row], self.history_ if before else {})
        self.__dict__.pop("best_epoch_", None)  # the last epoch's weights stand, chosen by nothing

    def _run_info(
        self, chosen: config.TrainingConfig, data: Splits, signature: Signature, verb: str
    ) -> dict[str, Any]:
        """What run.json or config.json will say, with the Python that repeats it."""
        about = run_info.of_network if self.runs is None else run_info.of
        task, base = tasks.load(self._task), tasks.preset(self._task, self.preset)
        info = about(task, self.preset, base, chosen, data, signature)
        return info | {"command": f"glassnet.{self!r}.{verb}(...)"}

    def _keep(self, fitted: Fitted, rows: list[Row], before: History) -> None:
        names = [name for name in rows[0] if name not in ("epoch", "step")]
        self.history_ = {
            name: [*before.get(name, []), *(row[name] for row in rows)] for name in names
        }
        self.n_iter_ = fitted.epochs
        self._fitted = fitted

    def _splits(self, examples: Examples, left: np.ndarray, held: np.ndarray) -> Splits:
        ids = np.arange(len(examples))
        whole = Split(self._inputs(examples.rows), examples.labels, ids, examples.weights)
        return Splits(
            name=IN_MEMORY,
            train=whole.take(left),
            valid=whole.take(held),
            test=whole.take(ids[:0]),
            class_names=examples.class_names,
            fingerprint=examples.fingerprint(),
        )

    def _into_run(
        self,
        fabric: Fabric,
        chosen: config.TrainingConfig,
        data: Splits,
        signature: Signature,
        told: dict[str, Any],
    ) -> in_memory.Learned:
        """Train into a run folder that stays, and give what is in it."""
        run = Run.create(Path(self.runs).expanduser(), f"{self._task}-arrays", told)
        run.write_vocabulary(signature.vocabulary)
        try:
            pretraining.train(fabric, tasks.load(self._task), chosen, data, signature, run)
        except Interrupted:  # its hint says how to resume, which wants the data in a file
            raise KeyboardInterrupt from None
        columns = metrics_log.read(run.metrics)
        rows = [
            dict(zip(columns, map(float, row), strict=True))
            for row in zip(*columns.values(), strict=True)
        ]
        self.run_ = str(run.path)
        best = run.info["best"]
        return in_memory.Learned(run.weights(run.best), rows, best["epoch"], best["value"])


def weighed(
    rows: np.ndarray, labels: np.ndarray, given: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Rows and labels that count, with their weights: (n,) float64, none where none are given.

    Raises:
        ValueError: `sample_weight` has another shape, holds something below 0 or no number, or is
            all zeros.
    """
    if given is None:
        return rows, labels, None
    count = len(rows)
    weights = check_array(
        given, ensure_2d=False, allow_nd=True, dtype=np.float64, input_name="sample_weight"
    )
    if weights.shape != (count,):
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected {(count,)}!")
    if (weights < 0).any():
        raise ValueError("Negative values in data passed to `sample_weight`.")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    kept = weights > 0
    return rows[kept], labels[kept], weights[kept]


def _batch_size(wanted: int, examples: int) -> int:
    """The preset's batch size, or less where an epoch would have few steps.

    Example:
        >>> [_batch_size(256, n) for n in (50_000, 1_600, 20)]
        [256, 100, 8]
    """
    return min(wanted, max(SMALLEST_BATCH, -(-examples // STEPS)))


@contextmanager
def _device(chosen: config.TrainingConfig) -> Iterator[Fabric]:
    threads = torch.get_num_threads()
    try:
        yield open_fabric(chosen)
    finally:
        torch.set_num_threads(threads)
