"""Resuming elsewhere: the settings of the machine that a run began on, and what differs from it."""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from glassnet import config, parallel, progress
from glassnet.runs import environment

PACKAGES = ("torch", "numpy", "lightning-fabric")
"""The packages that the bytes of a training depend on."""


def settings_as_before(
    info: dict[str, Any], chosen: config.TrainingConfig
) -> config.TrainingConfig:
    """The configuration with the precision and threads that `auto` and 0 meant at the start.

    `GLASSNET_THREADS` takes precedence over the threads of the start.

    Args:
        info: the content of run.json.
        chosen: the configuration in it.
    """
    if chosen.precision == "auto" and info.get("precision") in ("32", "bf16"):
        chosen = replace(chosen, precision=info["precision"])
    threads = info.get("hardware", {}).get("threads")
    if threads and not chosen.threads and not os.environ.get(parallel.VARIABLE):
        chosen = replace(chosen, threads=threads)
    return chosen


def log_differences(info: dict[str, Any], threads: int) -> None:
    """Log what differs from the machine that a run began on, in one line, if anything does."""
    if found := list(_differences(info, threads)):
        progress.log(
            f"resuming with {', '.join(found)}: the result may differ from an uninterrupted "
            "training in its last digits, since sums are rounded in another order"
        )


def _differences(info: dict[str, Any], threads: int) -> Iterator[str]:
    now = environment.versions()
    for name in PACKAGES:
        if (before := info.get("versions", {}).get(name)) not in (None, now[name]):
            yield f"{name} {now[name]} (was {before})"
    hardware: dict[str, Any] = info.get("hardware", {})
    present = environment.hardware() | {"threads": threads}
    for name in ("processor", "threads"):
        if (before := hardware.get(name)) not in (None, present[name]):
            yield f"{name} {present[name]} (was {before})"
