"""Several things at a time, each on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from glassnet import cores, progress

Item = TypeVar("Item")
Made = TypeVar("Made")


def together(
    make: Callable[[Item], Made], items: Sequence[Item], title: str = "", unit: str = "maps"
) -> list[Made]:
    """What `make` makes of each item, as many at a time as there are cores.

    Libraries keep to one thread meanwhile: several that set their numbers of threads for a while
    would undo each other's. It pays where what is made is small, or lets go of Python's lock.

    Args:
        make: must show no progress of its own.
        title: what to show progress as; without one none is shown.

    Example:
        >>> together(abs, [-1, 2, -3])
        [1, 2, 3]
    """
    from threadpoolctl import threadpool_limits

    def one(item: Item) -> Made:
        made = make(item)
        advance()
        return made

    with (
        threadpool_limits(1),
        progress.stage(title, len(items), unit) as advance,
        ThreadPoolExecutor(cores.working()) as threads,
    ):
        return list(threads.map(one, items))
