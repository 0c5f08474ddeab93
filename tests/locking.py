"""Another process that has a lock of a run folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CODE = """\
import sys
from pathlib import Path
from glassnet.runs import lock

with lock.hold(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_elsewhere(folder: Path, purpose: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds a lock until the block ends, or it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, str(folder), purpose],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.communicate()
