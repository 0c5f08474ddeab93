"""A run from Python that is evaluated: on its test set, on other data, on altered copies."""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import findings
from glassnet.api.run_predictor import RunPredictor
from glassnet.contract import EvaluateOptions
from glassnet.errors import UsageError
from glassnet.explain import report_files
from glassnet.runs import environment, lock
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from glassnet.data.other_data import OtherData
    from glassnet.explain.evidence import RunEvidence
    from glassnet.run_model import RunData, RunModel


class EvaluatedRun(RunPredictor):
    """A run with its data: predict with its network, and evaluate it.

    Args and attributes: as for `TrainedRun`.
    """

    def __init__(self, run: Run, data: Path | str | None = None) -> None:
        super().__init__(run)
        self.run = run
        self._moved_data = None if data is None else str(data)

    @cached_property
    def evidence(self) -> RunEvidence:
        """The parts of the run that views can ask for, loaded or computed at first use."""
        from glassnet.explain.evidence import RunEvidence

        return RunEvidence(self.run, data=self._moved_data)

    @property
    def data(self) -> RunData:
        """The data of the run, read at first use."""
        return self.evidence.data

    @property
    def model(self) -> RunModel:
        """The network with its configuration and its predictions."""
        return self.evidence.model

    def evaluate(self, samples: int | None = None, examples: int | None = None) -> dict[str, Any]:
        """Evaluate the best checkpoint on the test set and write the results to run.json.

        The predictions are cached, so the test set is read once.

        Args:
            samples: importance samples per example, for a network that estimates a likelihood.
            examples: number of test examples for that estimate.

        Returns:
            The test metrics, each with n and interval.
        """
        from glassnet.runs import checkpoint

        began = time.perf_counter()
        model, options = self.model, {"samples": samples, "examples": examples}
        results = self.evidence.evaluate(EvaluateOptions(samples, examples))
        seconds = round(time.perf_counter() - began, 2)
        with self.run.editing() as info:
            info["results"] = info.get("results", {}) | {"test": results}
            info["seconds"] = {"evaluate": seconds} | info.get("seconds", {})
            info["evaluated"] = {name: n for name, n in options.items() if n is not None}
            info["evaluated_checkpoint"] = {"epoch": model.best_epoch, "digest": model.digest}
            if info.get("status") == "trained" and checkpoint.digest(self.run.best) == model.digest:
                info |= {"status": "finished", "ended": environment.now()}
        report_files.write_claims(self.run)
        measured: dict[str, Any] = self.results["test"]
        return measured

    def evaluate_on(self, data: Path | str | OtherData) -> dict[str, Any]:
        """Evaluate the best checkpoint on another data set, beside the run's own test results.

        Classes are matched by name. The results are stored in run.json under `other_data`, and as
        findings for the report; the run's own results stay as they are.

        Args:
            data: a name of the catalogue, a path, or what `other_data` has read.

        Returns:
            `scores` on the other data with n and interval, their `difference` from the run's own
            with its interval, and the classes that are `unknown` or `missing`.

        Raises:
            UsageError: these are the data that the run was trained on.
            DataError: they cannot be read, or have none of the network's classes.
        """
        from glassnet.explain import elsewhere

        other = self.other_data(data) if isinstance(data, Path | str) else data
        if other is None:
            raise UsageError(f"{self.name} was trained on {data}", "use evaluate for its test set")
        with lock.hold(self.path, lock.EXPLAIN):
            self.run.reload()
            return elsewhere.evaluate(self.evidence, other)

    def other_data(self, data: Path | str) -> OtherData | None:
        """Read a data set in the classes of the network; None if it is the run's own.

        Raises: as for `evaluate_on`.
        """
        from glassnet.explain import elsewhere

        other = elsewhere.load(self.run, str(data))
        return None if other.fingerprint == self.info["data"]["fingerprint"] else other

    def evaluate_shifts(self, seed: int = 0) -> tuple[findings.Finding, ...]:
        """Evaluate a classifier on altered copies of its test set, in five strengths each.

        Args:
            seed: of the alterations; the same seed gives the same copies.

        Returns:
            Accuracy and calibration error by strength, and an example.

        Raises:
            UsageError: the network is no classifier.
        """
        from glassnet.explain import elsewhere

        with lock.hold(self.path, lock.EXPLAIN):
            self.run.reload()
            return elsewhere.evaluate_shifts(self.evidence, seed)
