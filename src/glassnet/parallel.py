"""Parallel maps in threads or processes, and the number of threads to use."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

VARIABLE = "GLASSNET_THREADS"
"""The environment variable with the number of worker threads."""

MIN_RECURRENT_OPERATIONS = 20_000_000
"""Multiply-adds of the states in one time step of a recurrent layer from which several threads are
faster than one: they wait for each other at every step. For batches of 64 texts, these are LSTMs of
280 units and more. With 64 units, two threads take 2.5 times as long as one to train, and 30 times
as long to predict one review (`benchmarks/recurrent_threads.py`)."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def has_small_time_steps(batch_size: int, n_weights: int) -> bool:
    """Whether one thread is faster than several for a recurrent layer.

    Args:
        n_weights: of the matrix that takes the states of a time step to the next.
    """
    return batch_size * n_weights < MIN_RECURRENT_OPERATIONS


def n_cores() -> int:
    """Number of cores that this process may use; containers and job schedulers limit it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def n_threads() -> int:
    """Number of worker threads: `GLASSNET_THREADS`, by default one per available core."""
    return _from_environment() or n_cores()


def limit_libraries() -> None:
    """Limit NumPy and torch to `GLASSNET_THREADS`; call it before they are imported.

    OpenMP's threads that have nothing to do then sleep, unless OMP_WAIT_POLICY says otherwise. If
    they spin, they take the cores from other programs and from the threads that they wait for.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if threads := _from_environment():
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))
        os.environ.setdefault("OPENBLAS_NUM_THREADS", str(threads))


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Use one of torch's threads: faster for small operations, and with one order of each sum."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _from_environment() -> int:
    value = os.environ.get(VARIABLE, "")
    return int(value) if value.isdecimal() else 0


def map_threads(
    function: Callable[[Item], Result], items: Sequence[Item], title: str = "", unit: str = "maps"
) -> list[Result]:
    """Apply a function to each item, in `n_threads()` threads.

    Numerical libraries use one thread each meanwhile. Worth it for functions that release Python's
    lock.

    Args:
        function: must show no progress of its own.
        title: title of the progress; an empty one shows none.

    Example:
        >>> map_threads(abs, [-1, 2, -3])
        [1, 2, 3]
    """
    from threadpoolctl import threadpool_limits

    from glassnet import progress

    def apply(item: Item) -> Result:
        result = function(item)
        advance()
        return result

    with (
        threadpool_limits(1),
        progress.stage(title, len(items), unit) as advance,
        ThreadPoolExecutor(n_threads()) as threads,
    ):
        return list(threads.map(apply, items))


def map_processes(
    function: Callable[[Item], Result], items: Sequence[Item], jobs: int
) -> Iterable[Result]:
    """Apply a function to each item, in this or in other processes; results come unordered.

    Args:
        function: one that can be pickled, as those at the top level of a module.
        jobs: number of processes; 1 uses this one.
    """
    if jobs == 1:
        return map(function, items)
    from joblib import Parallel, delayed

    return Parallel(jobs, return_as="generator_unordered")(
        delayed(function)(item) for item in items
    )
