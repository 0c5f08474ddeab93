"""Processes of trainings: they outlive the server, and one may be ready before it is needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SPARE_PROGRAM = (sys.executable, "-m", "glassnet.cli.spare")
"""What waits for its command line with its imports done."""


@dataclass(frozen=True, eq=False)
class Started:
    """A process and the file of its messages."""

    process: subprocess.Popen[bytes]
    messages: IO[bytes]


def start(command: list[str], root: Path, stdin: int = subprocess.DEVNULL) -> Started:
    """Start a process, which neither Ctrl-C in the server nor the server's end reaches.

    It has a session of its own, and its messages go to a file.
    """
    root.mkdir(parents=True, exist_ok=True)
    messages = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
    process = subprocess.Popen(
        command,
        env=os.environ | {"GLASSNET_RUNS": str(root.resolve())},
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=messages,
        start_new_session=True,
    )
    return Started(process, messages)


class Spare:
    """One process at most that waits for its command line, and ends with the server without one.

    Args:
        root: the folder of the runs.

    Attributes:
        waiting: that process, if there is one.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.waiting: Started | None = None

    def prepare(self) -> None:
        """Start one, unless one waits."""
        if self.waiting is None or self.waiting.process.poll() is not None:
            self.close()
            self.waiting = start([*SPARE_PROGRAM], self._root, subprocess.PIPE)

    def take(self, words: list[str]) -> Started | None:
        """Let the process that waits run `glassnet` with these words; None if there is none."""
        started, self.waiting = self.waiting, None
        if started is None or started.process.stdin is None:
            return None
        try:
            with started.process.stdin as stdin:
                stdin.write(json.dumps(words).encode() + b"\n")
        except OSError:  # it has ended
            started.messages.close()
            return None
        return started

    def close(self) -> None:
        """End the process that waits."""
        started, self.waiting = self.waiting, None
        if started is not None:
            started.process.kill()
            started.process.wait()
            started.messages.close()
            if started.process.stdin:
                with suppress(OSError):
                    started.process.stdin.close()
