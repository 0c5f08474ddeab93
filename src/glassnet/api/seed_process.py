"""One seed of a group, trained in a process of its own that `api.seeds` starts.

The run folder is the only channel: what happens is in it, and all output is in the group's logs.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from glassnet import parallel, progress
from glassnet.errors import GlassnetError
from glassnet.visible import visible_line

INTERVAL = 0.5
"""Seconds between two checks of whether the process that has started this one still runs."""


def main() -> int:
    """Train or resume the seed that the command line names; returns the exit code."""
    parallel.limit_libraries()
    parent, group, seed, evaluate, data = sys.argv[1:]
    threading.Thread(target=_stop_with, args=[int(parent)], daemon=True).start()
    try:
        _train(Path(group), int(seed), bool(int(evaluate)), data or None)
    except GlassnetError as error:
        progress.log(f"glassnet: {visible_line(error.message)}\n{visible_line(error.hint)}")
        return error.exit_code
    return 0


def _train(path: Path, seed: int, evaluate: bool, data: str | None) -> None:
    from glassnet.api import verbs  # imports torch, after the number of threads is limited
    from glassnet.runs import removal
    from glassnet.runs.folder import Run
    from glassnet.runs.group import Group

    group = Group.open(path)
    member = group.member(seed)
    if (member / "run.json").exists():
        verbs.resume(Run.open(member), data=data, evaluate=evaluate)
        return
    if member.exists():  # a kill has left it without run.json
        removal.delete([member])
    fields = group.info["config"] | {"data": data or group.info["data"]["name"], "seed": seed}
    verbs.train(
        group.info["task"],
        preset=group.info["preset"],
        runs=path,
        name=member.name,
        evaluate=evaluate,
        **fields,
    )


def _stop_with(parent: int) -> None:
    """Stop this process, which saves its state, as soon as the one that has started it is gone."""
    while os.getppid() == parent:
        time.sleep(INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
