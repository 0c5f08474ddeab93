"""A group of runs from Python: the verbs of a run, for all of its seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import progress
from glassnet.api.results import Results, results
from glassnet.api.trained_run import METHODS, TrainedRun
from glassnet.contract import ExplainOptions
from glassnet.drawing import notebook  # noqa: F401 - findings show themselves by it
from glassnet.drawing.paper.style import DEFAULT_FORMATS
from glassnet.errors import GlassnetError, Interrupted, RunError
from glassnet.explain import report_files
from glassnet.explain.group_view import group_info
from glassnet.explain.report_files import STANDARD_FILES, FigureFiles, figure_files
from glassnet.findings import Finding, Findings, load_all
from glassnet.runs import lock
from glassnet.runs.folder import Run
from glassnet.runs.group import Group
from glassnet.stats.over_seeds import Result, as_json, over_seeds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.data.other_data import OtherData
    from glassnet.explain.evidence import RunEvidence
    from glassnet.explain.verify import Verification
    from glassnet.insight.views.seed_evidence import SeedEvidence

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

    def _repr_html_(self) -> str:
        from glassnet.api import cards

        return cards.group_html(self)

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
    def results(self) -> Results:
        """The test results: `test` -> measure -> mean, sd, interval, n and the values by seed."""
        shown = group_info(self.group)["results"].get("test", {})
        return results({"test": as_json(over_seeds(self.group.test_results))}, shown)

    @property
    def metrics(self) -> dict[int, dict[str, np.ndarray]]:
        """metrics.csv of each finished run: seed -> column -> (epochs,) float64."""
        return {seed: run.read_metrics() for seed, run in self.group.runs.items()}

    @property
    def findings(self) -> Findings:
        """The findings about the group by name; empty before `explain`."""
        return load_all(self.group.findings)

    def evaluate(self, samples: int | None = None, examples: int | None = None) -> dict[str, Any]:
        """Evaluate each trained run on its test set; arguments as for `TrainedRun.evaluate`.

        Returns:
            The test results over the seeds, as in `results`.

        Raises:
            RunError: no seed is trained yet.
            GlassnetError: the first error; the other seeds are evaluated all the same.
        """
        self._for_each("evaluate", lambda run: run.evaluate(samples, examples))
        measured: dict[str, Any] = self.results["test"]
        return measured

    def other_data(self, data: Path | str) -> OtherData | None:
        """Read a data set in the classes of the networks; None if it is their own.

        Raises: as for `TrainedRun.evaluate_on`.
        """
        return self[next(iter(self.group.members()), self.seeds[0])].other_data(data)

    def evaluate_on(self, data: Path | str | OtherData) -> list[Result]:
        """Evaluate each trained run on another data set, beside its own test results.

        Args:
            data: as for `TrainedRun.evaluate_on`.

        Returns:
            The scores on the other data over the seeds, the main one first.

        Raises:
            DataError: they cannot be read, or have none of the networks' classes.
            GlassnetError: the first error; the other seeds are evaluated all the same.
        """
        found: dict[int, dict[str, Any]] = {}

        def evaluate(run: TrainedRun) -> None:
            scores = run.evaluate_on(data)["scores"]
            found[run.info["seed"]] = {"headline": run.results["test"]["headline"]} | scores

        self._for_each("evaluate", evaluate)
        return over_seeds(found)

    def evaluate_shifts(self, seed: int = 0) -> dict[int, tuple[Finding, ...]]:
        """Evaluate each trained run on altered copies of its test set.

        Args:
            seed: of the alterations, the same for all runs.

        Returns:
            Seed of a run -> the findings about it.
        """
        found: dict[int, tuple[Finding, ...]] = {}

        def evaluate(run: TrainedRun) -> None:
            found[run.info["seed"]] = run.evaluate_shifts(seed)

        self._for_each("alter", evaluate)
        return found

    def explain(
        self,
        layers: Sequence[str] | None = None,
        methods: Sequence[str] = METHODS,
        points: int = 5000,
        seed: int = 0,
        reference_classifier: Run | None = None,
        control_networks: bool = False,
        cross_validation: bool = False,
        draw: bool = True,
        files: FigureFiles = STANDARD_FILES,
    ) -> Findings:
        """Explain each finished run, then write what is found over all seeds to the group's folder.

        Args:
            layers, methods, points, seed, reference_classifier, control_networks, cross_validation,
            draw, files: as for `TrainedRun.explain`.

        Returns:
            The findings about the group by name; those of a run are in its folder.

        Raises:
            RunError: no seed is finished, or another process is explaining the group.
            GlassnetError: the first error of a run; the others are explained all the same.
        """

        def explain_run(run: TrainedRun) -> None:
            run.explain(
                *(layers, methods, points, seed, reference_classifier),
                *(control_networks, cross_validation, draw, files),
            )

        with lock.hold(self.path, lock.EXPLAIN):
            return self._explain(explain_run, files if draw else None)

    def _explain(
        self, explain_run: Callable[[TrainedRun], None], files: FigureFiles | None
    ) -> Findings:
        """Do so after each run is explained; one is left out if that fails."""
        from glassnet.explain import group_findings, run_views

        gathered: dict[int, SeedEvidence] = {}
        last: list[tuple[RunEvidence, ExplainOptions]] = []

        def gather(run: TrainedRun) -> None:
            explain_run(run)
            options = run_views.read_records(run.run)[-1].options
            gathered[run.info["seed"]] = group_findings.seed_evidence(run.evidence, options)
            last[:] = [(run.evidence, options)]

        try:
            self._for_each("explain", gather)
        finally:
            if last:
                evidence = group_findings.group_evidence(self.group, gathered, *last[0])
                made = group_findings.explain(self.group, evidence, files)
        return Findings(made)

    def figure(self, name: str, width: str | None = None, caption: bool = True) -> Figure:
        """Draw a finding about the group as a matplotlib figure; explain it first if need be.

        Args:
            name, width, caption: as for `TrainedRun.figure`.
        """
        style = figure_files(width=width, caption=caption).style
        self.ensure_findings()
        return report_files.figure(self.group, name, style)

    def draw_figures(
        self,
        formats: Sequence[str] = DEFAULT_FORMATS,
        width: str | None = None,
        caption: bool = True,
    ) -> list[str]:
        """Draw the figures of the group and its runs again; as `TrainedRun.draw_figures`.

        Returns:
            The names of the figures, with the folders of the runs.
        """
        files = figure_files(formats, width, caption)
        self.ensure_findings()
        names = []
        with lock.hold(self.path, lock.EXPLAIN):
            names += report_files.redraw(self.group, files)
        for run in self.runs.values():
            if run.has_findings:
                drawn = run.draw_figures(formats, width, caption)
                names += [f"{run.path.name}/{name}" for name in drawn]
        return names

    def report(self, path: Path | None = None) -> Path:
        """Write the report with links to those of the runs; explain the group first if need be."""
        from glassnet.explain import group_findings

        self.ensure_findings()
        return group_findings.report(self.group, path)

    def verify(self) -> Verification:
        """Recompute the numbers of every run, and from them those of the group.

        Raises:
            VerificationError: the first difference.
            RunError: there are no findings, or the data have changed.
        """
        from glassnet.explain import group_findings

        return group_findings.check(self.group, None if self._data is None else str(self._data))

    @property
    def has_findings(self) -> bool:
        """Whether the group has been explained, with all runs that are finished by now."""
        explained = all(run.has_findings for run in self.runs.values())
        return explained and any(self.group.findings.glob("*.json"))

    @property
    def has_current_findings(self) -> bool:
        """Whether the group has findings, and each of its runs those of its best checkpoint."""
        return self.has_findings and all(run.has_current_findings for run in self.runs.values())

    @property
    def explain_seconds(self) -> float:
        """About how long it would take to explain the runs that have no findings, in seconds."""
        return sum(run.explain_seconds for run in self.runs.values())

    def prepare_report(self) -> None:
        """Make the findings that a report lacks."""
        self.ensure_findings()

    def ensure_findings(self) -> None:
        """Explain the group if it lacks findings; runs that have some stay as they are."""

        def explain_run(run: TrainedRun) -> None:
            if not run.has_findings:
                run.explain()

        if not self.has_findings:
            from glassnet.explain import duration  # imports torch

            progress.log(
                f"{self.name} lacks findings: explaining it first "
                f"({duration.in_words(self.explain_seconds)})"
            )
            with lock.hold(self.path, lock.EXPLAIN):
                self._explain(explain_run, STANDARD_FILES)

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
