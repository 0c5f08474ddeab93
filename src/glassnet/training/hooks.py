"""Hooks: code that runs before, during and after training without being part of the loop."""

import signal
import threading
from dataclasses import dataclass
from types import FrameType
from typing import Any

from glassnet import progress
from glassnet.training.state import TrainingState


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """Training was asked to stop, and has stopped between two steps."""


class Hook:
    """Base class whose methods do nothing; the loop calls hooks in their order."""

    def before_training(self, state: TrainingState) -> None:
        """Called once, before the first step, also when resuming."""

    def after_step(self, state: TrainingState) -> None:
        """Called after each optimizer step; `state` is complete and may be saved."""

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
        """Called after validation; `row` is the epoch's line of metrics.csv."""

    def after_training(self, state: TrainingState) -> None:
        """Called once, however training ended."""


@dataclass
class StepProgress(Hook):
    """Advances a progress line with every step.

    Attributes:
        advance: of the line's stage.
    """

    advance: progress.Advance

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        self.advance()


class JointHook(Hook):
    """A hook whose `after_step` acts after the same step in all processes, or in none.

    Attributes:
        agreed: whether any process wanted it to act when they last exchanged this; None in a
            process alone.
    """

    agreed: bool | None = None

    @property
    def requested(self) -> bool:
        """Whether this process wants it to act."""
        return False

    @property
    def is_due(self) -> bool:
        """Whether to act."""
        return self.requested if self.agreed is None else self.agreed


class StopOnInterrupt(JointHook):
    """Turns Ctrl-C (and SIGTERM) into a stop between two steps, when the state is complete.

    A second Ctrl-C stops at once. Outside the main thread it does nothing.
    """

    requested = False

    def __init__(self) -> None:
        self._handlers: dict[int, Any] = {}

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._handlers[number] = signal.signal(number, self._request)

    def after_step(self, state: TrainingState) -> None:  # noqa: D102
        if self.is_due:
            raise Stopped

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self.after_step(state)

    def after_training(self, state: TrainingState) -> None:  # noqa: D102
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._handlers.clear()

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
