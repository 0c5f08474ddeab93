"""Work in parallel: how many threads there are, and maps over items in threads or processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def n_cores() -> int:
    """Cores that this process may run on, which containers and job schedulers limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def n_threads() -> int:
    """Threads that share work: as `GLASSNET_THREADS` says, by default one per available core."""
    return _said() or n_cores()


def limit_libraries() -> None:
    """Have NumPy and torch, which have not been imported yet, keep to `GLASSNET_THREADS`."""
    if threads := _said():
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))
        os.environ.setdefault("OPENBLAS_NUM_THREADS", str(threads))


def _said() -> int:
    said = os.environ.get("GLASSNET_THREADS", "")
    return int(said) if said.isdecimal() else 0


def map_threads(
    make: Callable[[Item], Made], items: Sequence[Item], title: str = "", unit: str = "maps"
) -> list[Made]:
    """What `make` makes of each item, as many at a time as there are cores.

    Libraries keep to one thread meanwhile: several that set their numbers of threads for a while
    would undo each other's. It pays where what is made is small, or lets go of Python's lock.

    Args:
        make: must show no progress of its own.
        title: what to show progress as; without one none is shown.

    Example:
        >>> map_threads(abs, [-1, 2, -3])
        [1, 2, 3]
    """
    from threadpoolctl import threadpool_limits

    from glassnet import progress

    def one(item: Item) -> Made:
        made = make(item)
        advance()
        return made

    with (
        threadpool_limits(1),
        progress.stage(title, len(items), unit) as advance,
        ThreadPoolExecutor(n_threads()) as threads,
    ):
        return list(threads.map(one, items))


def map_processes(make: Callable[[Item], Made], items: Sequence[Item], jobs: int) -> Iterable[Made]:
    """What `make` makes of each item, as it comes, in this process or in so many others.

    Args:
        make: a function that can be sent to another process, as one at a module's top level.
        jobs: processes; 1 stays in this one.
    """
    if jobs == 1:
        return map(make, items)
    from joblib import Parallel, delayed

    return Parallel(jobs, return_as="generator_unordered")(delayed(make)(item) for item in items)
