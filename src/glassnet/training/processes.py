"""The processes of a training: started together, connected, and ended together.

The first process starts the others, which run the same program again. They write nothing and say
nothing: the first one speaks for all. Where another program such as torchrun has started them, it
is the one to end them.
"""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from torch import distributed

from glassnet.errors import ProcessError

if TYPE_CHECKING:
    from lightning_fabric.strategies import DDPStrategy

HOST = "127.0.0.1"
RANK, PORT, FIRST = "LOCAL_RANK", "MASTER_PORT", "GLASSNET_FIRST_PROCESS"
"""Environment variables of the other processes; the last one has the number of the first one."""

LOST = 3
"""Exit code of a process that has lost its connection to the others."""

CONNECT_TIMEOUT = timedelta(minutes=1)

GRACE = 2.0
"""Seconds in which the first process notices by itself that another one has ended; after that it
is interrupted."""

LAST_GRACE = 10.0
"""Seconds from then on, after which it ends whatever it waits for."""


def is_first() -> bool:
    """Whether this is the first process of a training, or the only one."""
    from lightning_fabric.utilities.rank_zero import rank_zero_only

    return bool(rank_zero_only.rank == 0)


@contextmanager
def connected(strategy: object) -> Iterator[None]:
    """Start the other processes of a distributed strategy and connect them while the block runs.

    Whatever ends the block or the first process ends the others. In the others, the end of the
    first one is the end.

    Raises:
        ProcessError: another process has ended.
    """
    from lightning_fabric.strategies import DDPStrategy

    if not isinstance(strategy, DDPStrategy) or _started_by_another_program(strategy):
        with _naming_lost_connection():
            yield
    elif FIRST in os.environ:
        threading.Thread(target=_end_with, args=[int(os.environ[FIRST])], daemon=True).start()
        try:
            with _naming_lost_connection():
                store = _store(int(os.environ[PORT]))
                store.set(os.environ[RANK], "ready")
                with _group(strategy, store, int(os.environ[RANK])):
                    yield
        except ProcessError:
            raise SystemExit(LOST) from None  # the first process reports who has ended
    else:
        store = _store(0)
        with _others(strategy.num_processes, store) as others:
            others.wait_for(store)
            os.environ[RANK] = "0"  # or Lightning starts processes, too
            with _group(strategy, store, 0):
                yield


class Others:
    """The other processes, which the first one has started and watches."""

    def __init__(self, environments: Sequence[dict[str, str]]) -> None:
        self.ended = threading.Event()
        self.reasons: dict[int, str] = {}
        self.interruptible = threading.current_thread() is threading.main_thread()
        self.processes = [_start(environment) for environment in environments]
        watched = enumerate(self.processes, start=1)
        self.threads = [
            threading.Thread(target=self._watch, args=item, daemon=True) for item in watched
        ]
        for thread in self.threads:
            thread.start()

    def wait_for(self, store: distributed.Store) -> None:
        """Wait until all have loaded the program, or one has ended."""
        names = [str(rank) for rank in range(1, len(self.processes) + 1)]
        while not store.check(names):
            if self.reasons:
                raise ProcessError(*_ERROR)
            time.sleep(0.02)

    def reason(self) -> str:
        """Which one has ended and why, if one has, or is about to."""
        until = time.monotonic() + GRACE
        while not self.reasons and time.monotonic() < until:
            time.sleep(0.02)
        for rank, reason in sorted(self.reasons.items(), key=lambda item: item[1] == _LOST):
            return f"process {rank + 1} of {len(self.processes) + 1} has ended ({reason})"
        return ""

    def end(self) -> None:
        """End all of them; they have nothing to save."""
        self.ended.set()
        for process in self.processes:
            process.kill()
        for thread in self.threads:
            thread.join()

    def _watch(self, rank: int, process: subprocess.Popen[str]) -> None:
        _, messages = process.communicate()
        if process.returncode and not self.ended.is_set():
            self.reasons[rank] = _reason(process.returncode, messages)
            if not self.ended.wait(GRACE) and self.interruptible:
                _thread.interrupt_main()
                if not self.ended.wait(LAST_GRACE):
                    os.write(2, f"glassnet: {self.reason()}\n  {_ERROR[1]}\n".encode())
                    os._exit(1)


_LOST = "it lost its connection"
_ERROR = ("another process of the training has ended", "run the command again")


@contextmanager
def _others(count: int, store: distributed.TCPStore) -> Iterator[Others]:
    """Run the other processes while the block runs; their end becomes its error."""
    variables = {FIRST: str(os.getpid()), PORT: str(store.port), "MASTER_ADDR": HOST}
    others = Others([variables | {RANK: str(rank)} for rank in range(1, count)])
    try:
        with _naming_lost_connection():
            yield others
    except ProcessError as error:
        raise ProcessError(others.reason() or error.message, error.hint) from None
    except KeyboardInterrupt:
        if others.reasons:  # it was not Ctrl-C
            raise ProcessError(others.reason(), _ERROR[1]) from None
        raise
    finally:
        others.end()
        os.environ.pop(RANK, None)


def _started_by_another_program(strategy: DDPStrategy) -> bool:
    environment = strategy.cluster_environment
    is_external = environment is not None and environment.creates_processes_externally
    return is_external and FIRST not in os.environ


def is_lost_connection(error: BaseException) -> bool:
    """Whether a collective operation failed because another process has ended."""
    return isinstance(error, distributed.DistError) or (
        isinstance(error, RuntimeError) and "gloo" in str(error)
    )


def _start(environment: dict[str, str]) -> subprocess.Popen[str]:
    """Run this program again; Ctrl-C, which reaches all processes, is for the first one alone."""
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return subprocess.Popen(
            [sys.executable, *_program(), *sys.argv[1:]],
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def _program() -> list[str]:
    spec = sys.modules["__main__"].__spec__
    return [str(Path(sys.argv[0]).absolute())] if spec is None else ["-m", spec.name]


def _reason(code: int, messages: str) -> str:
    """Why a process has ended: the signal, or the first line of its error."""
    if code == LOST:
        return _LOST
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    own = [line.removeprefix("glassnet: ") for line in lines if line.startswith("glassnet: ")]
    return (own or lines or [f"exit code {code}"])[-1]


def _end_with(first: int) -> None:
    """End this process as soon as the first one is gone."""
    while os.getppid() == first:
        time.sleep(0.5)
    os._exit(1)


@contextmanager
def _naming_lost_connection() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if is_lost_connection(error):
            raise ProcessError(*_ERROR) from None
        raise


def _store(port: int) -> distributed.TCPStore:
    """Where processes find each other; 0 opens one at a free port."""
    return distributed.TCPStore(
        HOST, port, None, is_master=not port, timeout=CONNECT_TIMEOUT, wait_for_workers=False
    )


_groups: list[object] = []
"""Groups of processes, kept until the program ends. The end of a group waits for its thread, which
waits for Python's lock to free tensors. torch gives up the lock where Python is the last to hold a
group, and not where the gradients' reducer is: then both would wait forever."""

atexit.register(_groups.clear)


@contextmanager
def _group(strategy: DDPStrategy, store: distributed.Store, rank: int) -> Iterator[None]:
    """Connect this process with the others while the block runs."""
    device = strategy.root_device
    distributed.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        store=store,
        rank=rank,
        world_size=strategy.num_processes,
        device_id=device if device.type == "cuda" else None,
    )
    _groups.append(distributed.group.WORLD)
    try:
        yield
    finally:
        # An interpreter that ends while gloo's threads run may abort.
        with suppress(ValueError, AssertionError):  # it may be closed
            distributed.destroy_process_group()
