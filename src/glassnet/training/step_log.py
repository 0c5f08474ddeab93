"""Hook that writes steps.csv: the running means of the epoch, a few times a second."""

import time
from contextlib import suppress

from glassnet import atomic
from glassnet.runs import step_rows
from glassnet.runs.folder import Run
from glassnet.training.hooks import Hook
from glassnet.training.state import TrainingState

INTERVAL = 0.25
"""Seconds between two rows; a row takes less than a millisecond."""


class StepLog(Hook):
    """Writes what can be watched while an epoch lasts; nothing reads it but people and the page.

    Args:
        run: the run folder.
        n_batches: steps per epoch.
    """

    def __init__(self, run: Run, n_batches: int) -> None:
        self.path, self.n_batches = run.steps, n_batches

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        before = [row for row in step_rows.read(self.path) if row["step"] <= state.step]
        atomic.write(self.path, step_rows.encoded(before))
        self.start, self.written = time.monotonic(), 0.0

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        now = time.monotonic()
        if now - self.written < INTERVAL:
            return
        self.written = now
        done = state.epoch + state.batch / self.n_batches
        row = {"step": state.step, "epochs": done, **state.running.means()}
        with suppress(OSError):  # the next checkpoint says what is wrong with the folder
            step_rows.append(self.path, row)
