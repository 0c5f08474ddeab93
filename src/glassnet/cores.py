"""How many cores there are, and how many of them work."""

from __future__ import annotations

import os


def available() -> int:
    """Cores that this process may run on, which containers and job schedulers limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def working() -> int:
    """Threads that share work: as `GLASSNET_THREADS` says, by default one per available core."""
    return _said() or available()


def limit_libraries() -> None:
    """Have NumPy and torch, which have not been imported yet, keep to `GLASSNET_THREADS`."""
    if threads := _said():
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))
        os.environ.setdefault("OPENBLAS_NUM_THREADS", str(threads))


def _said() -> int:
    said = os.environ.get("GLASSNET_THREADS", "")
    return int(said) if said.isdecimal() else 0
