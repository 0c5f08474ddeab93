"""A group of runs from Python: the verbs of a run, for all of its seeds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import progress
from glassnet.api.trained_run import TrainedRun
from glassnet.errors import GlassnetError, Interrupted, RunError
from glassnet.runs import group_results
from glassnet.runs.group import Group

DONE = ("trained", "finished")
"""Statuses of runs whose training is done."""


class TrainedGroup:
    """A group of runs that differ in their seed alone.

    Args:
        group: the group's folder.
        data: where its data are now, if they were moved.

    Attributes:
        group: the group's folder.

    Example:
        >>> group = gn.train("cnn", data="mnist", seeds=5)  # doctest: +SKIP
        >>> group.results["test"]["accuracy"]["mean"]  # doctest: +SKIP
        99.38
        >>> group[3].predict(images)  # doctest: +SKIP
    """

    def __init__(self, group: Group, data: Path | str | None = None) -> None:
        self.group, self._data = group, data

    def __repr__(self) -> str:
        return f"<glassnet group {self.name}, {len(self.runs)} of {len(self.seeds)} seeds finished>"

    def __getitem__(self, seed: int) -> TrainedRun:
        """The run of a seed.

        Raises:
            KeyError: there is no such run, or it is not finished.
        """
        return TrainedRun(self.group.runs[seed], self._data)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.group.name

    @property
    def path(self) -> Path:
        """The folder."""
        return self.group.path

    @property
    def info(self) -> dict[str, Any]:
        """The content of group.json."""
        return self.group.info

    @property
    def seeds(self) -> tuple[int, ...]:
        """All seeds, in the order in which they were given."""
        return self.group.seeds

    @property
    def runs(self) -> dict[int, TrainedRun]:
        """The finished runs by seed."""
        return {seed: TrainedRun(run, self._data) for seed, run in self.group.runs.items()}

    @property
    def results(self) -> dict[str, Any]:
        """The test results: `test` -> measure -> mean, sd, interval, n and the values by seed."""
        return {"test": group_results.as_json(group_results.over_seeds(self.group.runs))}

    @property
    def metrics(self) -> dict[int, dict[str, np.ndarray]]:
        """metrics.csv of each finished run: seed -> column -> (epochs,) float64."""
        return {seed: run.read_metrics() for seed, run in self.group.runs.items()}

    def evaluate(self, samples: int | None = None, examples: int | None = None) -> dict[str, Any]:
        """Evaluate each trained run on its test set; arguments as for `TrainedRun.evaluate`.

        Returns:
            The test results over the seeds, as in `results`.

        Raises:
            RunError: no seed is trained yet.
            GlassnetError: the first error; the other seeds are evaluated all the same.
        """
        self._for_each("evaluate", lambda run: run.evaluate(samples, examples))
        results: dict[str, Any] = self.results["test"]
        return results

    def _for_each(self, verb: str, action: Callable[[TrainedRun], object]) -> None:
        """Do something with each trained run; an error waits until all had their turn."""
        members = self.group.members()
        trained = {seed: run for seed, run in members.items() if run.info["status"] in DONE}
        if not trained:
            raise RunError(
                f"{self.path}: no seed is trained yet",
                f"resume with: glassnet train --resume {self.path}",
            )
        errors: list[GlassnetError] = []
        for seed, run in trained.items():
            progress.log(f"{verb}: seed {seed}")
            try:
                action(TrainedRun(run, self._data))
            except Interrupted:
                raise
            except GlassnetError as error:
                progress.log(f"seed {seed}: {error.message}")
                errors.append(error)
        if errors:
            raise errors[0]
