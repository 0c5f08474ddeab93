"""A process that has imported what a training needs, and waits for its command line.

The imports take seconds, which would otherwise pass between a click and the first point of a curve.
It ends with whoever has started it, unless it trains by then.
"""

import importlib
import json
import os
import sys
from pathlib import Path

from glassnet import cli, parallel, tasks

MODULES = ("glassnet.cli.train", "glassnet.api.verbs", "lightning_fabric", "sklearn.decomposition")
"""What a training imports, besides its task."""


def main() -> None:
    """Read the words after `glassnet`, a list in JSON on one line, and run that command."""
    parallel.limit_libraries()
    for name in MODULES:
        importlib.import_module(name)
    for name in tasks.names():
        tasks.load(name)
    line = sys.stdin.buffer.readline()
    if not line:
        return
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    sys.argv = ["glassnet", *json.loads(line)]
    cli.main()


if __name__ == "__main__":
    main()
