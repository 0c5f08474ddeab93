from __future__ import annotations

import os
import signal
import threading
from typing import Any

import pytest

from glassnet.training.hooks import Hook, StopOnInterrupt, Stopped

STATE: Any = None
"""The hook does not use the state."""


@pytest.fixture
def stopper() -> Any:
    stopper = StopOnInterrupt()
    stopper.before_training(STATE)
    yield stopper
    stopper.after_training(STATE)


def test_a_hook_does_nothing_by_itself() -> None:
    hook, row = Hook(), {"loss": 1.0}
    hook.before_training(STATE)
    hook.after_step(STATE)
    hook.after_epoch(STATE, row)
    hook.after_training(STATE)
    assert (vars(hook), row) == ({}, {"loss": 1.0})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_step(stopper: StopOnInterrupt, number: signal.Signals) -> None:
    stopper.after_step(STATE)
    os.kill(os.getpid(), number)
    assert stopper.requested
    with pytest.raises(Stopped):
        stopper.after_step(STATE)


def test_a_signal_during_validation_stops_after_the_epoch(stopper: StopOnInterrupt) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(Stopped):
        stopper.after_epoch(STATE, {})


def test_a_second_signal_stops_at_once(stopper: StopOnInterrupt) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_handlers_are_restored_even_if_training_did_not_begin() -> None:
    before = signal.getsignal(signal.SIGINT)
    stopper = StopOnInterrupt()
    stopper.after_training(STATE)
    stopper.before_training(STATE)
    assert signal.getsignal(signal.SIGINT) != before
    stopper.after_training(STATE)
    assert signal.getsignal(signal.SIGINT) == before


def test_signal_handlers_stay_unchanged_in_other_threads() -> None:
    before = signal.getsignal(signal.SIGINT)
    observed = []

    def work() -> None:
        stopper = StopOnInterrupt()
        stopper.before_training(STATE)
        observed.append(signal.getsignal(signal.SIGINT))
        stopper.after_training(STATE)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert observed == [before]
