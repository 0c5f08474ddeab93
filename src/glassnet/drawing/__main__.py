"""Draws findings of a folder on paper, beside a process that draws others.

    python -m glassnet.drawing FINDINGS FIGURES NAME ...

Prints each name once its files are there.
"""

from __future__ import annotations

import sys
from pathlib import Path

from glassnet import findings
from glassnet.drawing import paper


def main(kept: str, folder: str, *names: str) -> None:
    """Draw findings by their names, from one folder into another."""
    for name in names:
        paper.draw(findings.load(Path(kept) / f"{name}.json"), Path(folder))
        print(name, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
