"""Showing: what was found, as one page about some runs or as lines in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from glassnet import findings
from glassnet.runs.folder import Run


def write_report(runs: Sequence[Run], path: Path | None = None) -> Path:
    """Write one HTML file about some runs, from their findings alone; imports no torch.

    Args:
        runs: each with findings; the first one's folder gets the file by default.
        path: another place for it.

    Raises:
        RunError: a finding is damaged.
        StorageError: the file cannot be written.
    """
    from glassnet.report import RunView, write

    views = [
        RunView(
            name=run.name,
            facts=run.facts,
            findings=findings.load_all(run.findings),
            folder=run.path,
        )
        for run in runs
    ]
    return write(views, path or runs[0].report)


def in_terminal(seen: Sequence[findings.Finding], width: int, colour: bool) -> str:
    """What `look` saw, in lines of at most `width` columns, with ANSI colours or without."""
    from glassnet.drawing import terminal_findings

    return terminal_findings.drawn(seen, width, colour)
