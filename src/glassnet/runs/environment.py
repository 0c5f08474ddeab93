"""Environment of a run: versions, hardware and commit. Nothing leaves the machine."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from glassnet import parallel

PACKAGES = ("glassnet", "torch", "lightning-fabric", "numpy", "scikit-learn", "openTSNE")

RESTRICTIONS = (
    *("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "OPENBLAS_CORETYPE"),
    *("MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR"),
)
"""Environment variables that choose the instructions of matrix libraries."""


def now() -> str:
    """The current time, as in run.json."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    return {"python": platform.python_version()} | dict(_packages())


@cache
def _packages() -> tuple[tuple[str, str], ...]:
    return tuple((name, metadata.version(name)) for name in PACKAGES)


def hardware() -> dict[str, Any]:
    """Processor, number of cores that this process may use, memory in GiB, operating system."""
    return {
        "processor": _processor(),
        "cores": parallel.n_cores(),
        "memory_gib": _memory_gib(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def instructions() -> str:
    """The instruction set that torch uses, and the variables that restrict it, such as `AVX2`."""
    import torch

    restricted = [f"{name}={os.environ[name]}" for name in RESTRICTIONS if name in os.environ]
    return " ".join([torch.backends.cpu.get_cpu_capability(), *restricted])


def commit() -> str | None:
    """The commit of glassnet's checkout, with `+` if it has changes; None if installed."""
    root = Path(__file__).resolve().parents[3]
    if not (root / ".git").exists():
        return None
    try:
        revision = _git(root, "rev-parse", "--short=12", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return revision + ("+" if changed else "")


def _git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10, check=True
    ).stdout.strip()


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, ValueError, OSError):
        return None
