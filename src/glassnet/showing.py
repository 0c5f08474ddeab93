"""Showing: what was found, as one page about some runs or as lines in the terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from glassnet import cores, findings, progress
from glassnet.errors import UsageError, suggest
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.report import RunView

HELPED_FROM = 8
"""Figures from which on a second process saves more than its start costs, which is a second."""


def write_report(runs: Sequence[Run], path: Path | None = None) -> Path:
    """Write one HTML file about some runs, from their findings alone; imports no torch.

    Args:
        runs: each with findings; the first one's folder gets the file by default.
        path: another place for it.

    Raises:
        RunError: a finding is damaged.
        StorageError: the file cannot be written.
    """
    from glassnet.report import write

    return write([view(run) for run in runs], path or runs[0].report)


def view(run: Run) -> RunView:
    """A run as a report sees it.

    Raises:
        RunError: a finding is damaged.
    """
    from glassnet.report import RunView

    return RunView(
        name=run.name, facts=run.facts, findings=findings.load_all(run.findings), folder=run.path
    )


def said(run: Run) -> list[findings.Finding]:
    """All that says numbers of a run: the head of its report, and its findings in their order."""
    from glassnet.report.sections import chapter

    story = chapter(view(run))
    return [*story.head, *(each for section in story.sections for each in section.findings)]


def write_receipts(run: Run) -> Path:
    """Write receipts.json: every number that is said of a run, with what it rests on."""
    return findings.receipts.write(said(run), run.receipts)


def figure(run: Run, name: str) -> Figure:
    """One of a run's findings as a matplotlib figure.

    Raises:
        UsageError: there is no such finding; the nearest name is suggested.
    """
    from glassnet.drawing import paper

    known = {path.stem for path in run.findings.glob("*.json")} - {"examples"}
    if name not in known:
        raise UsageError(f"{run.name} has no figure {name!r}", suggest(name, known))
    record = findings.load(run.findings / f"{name}.json")
    assert isinstance(record, findings.Finding)  # noqa: S101
    return paper.figure(record)


def draw(records: Sequence[findings.Record], folder: Path, kept: Path | None = None) -> None:
    """Draw findings into a folder, as NAME.png and NAME.svg.

    Args:
        kept: the folder of the findings' files. A second process draws every other figure from it
            where there are many, as matplotlib uses one core; what it fails to draw is drawn here.
    """
    from glassnet.drawing import paper

    found = [record for record in records if isinstance(record, findings.Finding)]
    helped = kept is not None and len(found) >= HELPED_FROM and cores.working() > 1
    others = found[1::2] if helped else []
    with progress.stage("figures", len(found)) as advance, _helper(kept, folder, others) as drawn:
        for record in found[::2] if helped else found:
            paper.draw(record, folder)
            advance(note=record.name)
        left = {record.name: record for record in others}
        for name in drawn:
            left.pop(name, None)
            advance(note=name)
        for record in left.values():
            paper.draw(record, folder)
            advance(note=record.name)


@contextmanager
def _helper(
    kept: Path | None, folder: Path, others: Sequence[findings.Finding]
) -> Iterator[Iterator[str]]:
    """A process that draws some findings; gives their names, each when it is drawn."""
    if kept is None or not others:
        yield iter(())
        return
    words = [sys.executable, "-m", "glassnet.drawing", str(kept), str(folder)]
    with subprocess.Popen(
        [*words, *(record.name for record in others)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield (line.strip() for line in process.stdout or ())
        finally:
            process.kill()


def in_terminal(seen: Sequence[findings.Finding], width: int, colour: bool) -> str:
    """What `look` saw, in lines of at most `width` columns, with ANSI colours or without."""
    from glassnet.drawing import terminal_findings

    return terminal_findings.drawn(seen, width, colour)
