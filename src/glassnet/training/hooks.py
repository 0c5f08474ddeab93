"""What may happen beside the loop: a list of moments, each of which does nothing by itself."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from glassnet.training.state import TrainingState


class Stopped(Exception):  # noqa: N818 - a wish, not an error
    """Training was asked to stop, and stands between two steps."""


class Hook:
    """Override the moments that matter; the loop calls them in the order in which hooks stand."""

    def before_training(self, state: TrainingState) -> None:
        """Once, before the first step (of this process: also after a resume)."""

    def after_step(self, state: TrainingState) -> None:
        """After each optimizer step; `state` is whole and may be saved."""

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
        """After validation; `row` is the epoch's line of metrics.csv, `state` may be saved."""

    def after_training(self, state: TrainingState) -> None:
        """Once, however training ended."""


class StopOnInterrupt(Hook):
    """Turns Ctrl-C (and SIGTERM) into a stop between two steps, so that what is saved is whole.

    A second Ctrl-C stops at once. Outside the main thread signals are left alone.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._ask)

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        if self.asked:
            raise Stopped

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self.after_step(state)

    def after_training(self, state: TrainingState) -> None:  # noqa: D102
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
