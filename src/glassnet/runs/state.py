"""The state of a run: its status, or that the process that trained it is gone."""

import time

from glassnet.runs import lock
from glassnet.runs.folder import Run

KILLED = "killed"
"""The state of a training whose process is gone."""

MAX_START = 60.0
"""Seconds from the folder of a run to the lock of its training at most."""


def state(run: Run) -> str:
    """The status of a run; `killed` if it says that it trains, and no process does."""
    status = str(run.info.get("status", ""))
    if status not in ("started", "training") or lock.is_locked(run.path, lock.TRAIN):
        return status
    is_new = status == "started" and time.time() - run.info_file.stat().st_mtime < MAX_START
    return status if is_new else KILLED
