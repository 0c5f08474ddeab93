from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest

from glassnet.training.hooks import Hook, StopOnInterrupt, Stopped

STATE: Any = None
"""The stopper does not look at the state."""


@pytest.fixture
def stopper() -> Any:
    stopper = StopOnInterrupt()
    stopper.before_training(STATE)
    yield stopper
    stopper.after_training(STATE)


def test_a_hook_does_nothing_by_itself() -> None:
    hook = Hook()
    answers = [hook.before_training(STATE), hook.after_step(STATE)]
    answers += [hook.after_epoch(STATE, {}), hook.after_training(STATE)]
    assert answers == [None] * 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_kept_until_the_step_is_done(
    stopper: StopOnInterrupt, number: signal.Signals
) -> None:
    stopper.after_step(STATE)
    os.kill(os.getpid(), number)
    assert stopper.asked
    with pytest.raises(Stopped):
        stopper.after_step(STATE)


def test_a_signal_during_validation_stops_after_the_epoch(stopper: StopOnInterrupt) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Stopped):
        stopper.after_epoch(STATE, {})


def test_the_second_signal_does_not_wait(stopper: StopOnInterrupt) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_the_handlers_come_back_even_without_a_beginning() -> None:
    before = signal.getsignal(signal.SIGINT)
    stopper = StopOnInterrupt()
    stopper.after_training(STATE)
    stopper.before_training(STATE)
    assert signal.getsignal(signal.SIGINT) != before
    stopper.after_training(STATE)
    assert signal.getsignal(signal.SIGINT) == before


def test_in_another_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def work() -> None:
        stopper = StopOnInterrupt()
        stopper.before_training(STATE)
        seen.append(signal.getsignal(signal.SIGINT))
        stopper.after_training(STATE)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]
