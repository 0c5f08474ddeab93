"""Networks that stay loaded, and the one thread in which they run."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun

MAX_WAITING = 2000
"""Calls that wait at most; more are refused."""

MAX_LOADED = 4
"""Networks in memory at most; the one that was used longest ago is dropped first."""

Result = TypeVar("Result")


class TooBusy(Exception):  # noqa: N818 - the client's to handle
    """More requests wait than the server accepts."""


class Networks:
    """Trained networks by run folder.

    All work is done in one thread, so that a result never depends on what else is requested, and no
    forward pass runs through the hooks of another one. torch adds no threads: for a single input,
    waking them takes longer than they save.
    """

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "networks", limit_threads, (1,))
        self._loaded: OrderedDict[tuple[str, int], TrainedRun] = OrderedDict()
        self._waiting = 0

    async def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Call a function in the thread of the networks.

        Raises:
            TooBusy: too many calls wait.
        """
        if self._waiting >= MAX_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._worker, function, *arguments
            )
        finally:
            self._waiting -= 1

    async def load(self, path: Path) -> TrainedRun:
        """The run with its network: loaded anew when its best weights have changed.

        Raises:
            UsageError: it has no weights yet.
        """
        return await self.call(self._load, path)

    def close(self) -> None:
        """End the thread; calls that wait are not made."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _load(self, path: Path) -> TrainedRun:
        key = str(path), modified(path)
        if key not in self._loaded:
            for old in [each for each in self._loaded if each[0] == key[0]]:
                del self._loaded[old]
            self._loaded[key] = open_run(path)
        self._loaded.move_to_end(key)
        while len(self._loaded) > MAX_LOADED:
            self._loaded.popitem(last=False)
        return self._loaded[key]


def limit_threads(count: int) -> None:
    """Let torch use this number of threads for what it computes in the calling one."""
    import torch  # by the first request that needs it

    torch.set_num_threads(count)


def modified(path: Path) -> int:
    """When the best weights of a run folder were written, in nanoseconds.

    Raises:
        UsageError: there are none yet.
    """
    from glassnet.runs.folder import find

    run = find(str(path))
    if not run.best.exists():
        raise UsageError(f"{run.name} has no weights yet", "wait until its first epoch is complete")
    return run.best.stat().st_mtime_ns


def open_run(path: Path) -> TrainedRun:
    """The run with its network in memory."""
    from glassnet.api.loading import load_run

    run = load_run(path)
    _ = run.model.network
    return run
