"""Progress of training in a notebook: one output with numbers and curves that updates itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from glassnet.config import TrainingConfig
from glassnet.contract import Learner, Metric
from glassnet.drawing.notebook import card, curves
from glassnet.errors import RunError
from glassnet.findings import CurvePanel, Series
from glassnet.jupyter import Output
from glassnet.progress import clock
from glassnet.runs.folder import Run
from glassnet.runs.metrics_log import SPLITS, column
from glassnet.training.hooks import Hook
from glassnet.training.state import TrainingState

INTERVAL = 0.5
"""Seconds between two updates at least; one takes about four milliseconds."""

MAX_SAMPLES = 60
"""Points of a curve within an epoch; every second one is dropped when there are more."""


class NotebookDisplay(Hook):
    """Shows epoch, loss, headline metric, speed and curves; the last state stays.

    Args:
        learner: names the metrics.
        config: the planned epochs.
        run: the run folder, whose epochs before a resumption are shown as well.
        n_batches, n_examples: of an epoch.
    """

    def __init__(
        self, learner: Learner, config: TrainingConfig, run: Run, n_batches: int, n_examples: int
    ) -> None:
        self.config, self.run = config, run
        self.metrics = tuple(dict.fromkeys((learner.metric("loss"), learner.metrics[0])))
        self.n_batches, self.n_examples = n_batches, n_examples
        self.output = Output()
        self.rows: list[dict[str, float]] = []
        self.samples: list[dict[str, float]] = []

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        self.start, self.first_step = time.perf_counter(), state.step
        with suppress(RunError):  # no epoch is complete yet
            columns = self.run.read_metrics()
            rows = zip(*(values.tolist() for values in columns.values()), strict=True)
            self.rows = [dict(zip(columns, row, strict=True)) for row in rows]
        self._show(state)

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        if time.perf_counter() - self.shown < INTERVAL:
            return
        done = state.epoch + state.batch / self.n_batches
        self.samples.append({"epoch": done, **state.running.means()})
        if len(self.samples) > MAX_SAMPLES:
            del self.samples[::2]
        self._show(state)

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self.rows.append(row)
        self.samples.clear()
        if time.perf_counter() - self.shown >= INTERVAL:
            self._show(state)

    def after_training(self, state: TrainingState) -> None:  # noqa: D102
        self._show(state, ended=True)

    def _show(self, state: TrainingState, *, ended: bool = False) -> None:
        title, numbers = self._title(state, ended), list(self._numbers(state, ended))
        share = state.step / (self.config.epochs * self.n_batches)
        self.output.show(
            card.card(
                title,
                card.line() if ended else card.bar(share, title),
                card.numbers(numbers),
                curves.images(map(self._panel, self.metrics), "epoch"),
            ),
            ", ".join([title, *(f"{label} {value}" for label, value, _ in numbers)]),
        )
        self.shown = time.perf_counter()

    def _title(self, state: TrainingState, ended: bool) -> str:
        epochs = self.config.epochs
        if not ended:
            return f"{self.run.name}: epoch {min(state.epoch + 1, epochs)} of {epochs}"
        if state.finished:
            return f"{self.run.name}: trained for {state.epoch} of {epochs} epochs"
        return f"{self.run.name}: stopped in epoch {state.epoch + 1} of {epochs}"

    def _numbers(self, state: TrainingState, ended: bool) -> Iterator[tuple[str, str, str]]:
        """Label, value and note: of the last epoch, of the steps since then, and the speed."""
        loss, metric = self.metrics[0], self.metrics[-1]
        if self.rows:
            best = f"best: epoch {state.best_epoch}" if state.best_epoch else ""
            value = self.rows[-1][column("valid", metric.name)]
            yield f"Validation {metric.text}", metric.format(value), best
        means = self.samples[-1] if self.samples else {}
        if not means and self.rows:
            means = {each.name: self.rows[-1][column("train", each.name)] for each in self.metrics}
        if means:
            note = f"training {metric.text} {metric.format(means[metric.name])}"
            yield "Training loss", loss.format(means["loss"]), note
        done, seconds = state.step - self.first_step, time.perf_counter() - self.start
        if done:
            rate = done * self.n_examples / self.n_batches / seconds
            left = (self.config.epochs * self.n_batches - state.step) * seconds / done
            note = f"for {clock(seconds)}" if ended else f"{clock(left)} left"
            yield "Speed", f"{rate:,.0f} examples/s", note

    def _panel(self, metric: Metric) -> CurvePanel:
        """A metric by epoch; its training curve ends in the means within the current epoch."""
        factor, lines = 100 if metric.is_share else 1, []
        for split in SPLITS:
            name = column(split, metric.name)
            points = [(row["epoch"], row[name]) for row in self.rows]
            if split == "train":
                points += [(sample["epoch"], sample[metric.name]) for sample in self.samples]
            x, y = np.array(points, float).reshape(-1, 2).T
            lines.append(Series(label=split, role=split, x=x, y=y * factor))
        return CurvePanel(y_label=metric.label, series=tuple(lines), mark=None)
