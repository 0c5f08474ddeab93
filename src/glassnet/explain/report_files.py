"""Showing: what was found, as one page about some runs or as lines in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from glassnet import findings, parallel, progress
from glassnet.errors import UsageError, suggest
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.report import RunView

PARALLEL_FROM = 8
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
        name=run.name, info=run.info, findings=findings.load_all(run.findings), folder=run.path
    )


def said(run: Run) -> list[findings.Finding]:
    """All that says numbers of a run: the head of its report, and its findings in their order."""
    from glassnet.report.sections import chapter

    story = chapter(view(run))
    return [*story.head, *(each for section in story.sections for each in section.findings)]


def write_claims(run: Run) -> Path:
    """Write claims.json: every number that the page of a run states, with its provenance."""
    return findings.claims_file.write(said(run), run.claims)


def figure(run: Run, name: str) -> Figure:
    """One of a run's findings as a matplotlib figure.

    Raises:
        UsageError: there is no such finding; the nearest name is suggested.
    """
    from glassnet.drawing.paper import figure as paper

    known = {path.stem for path in run.findings.glob("*.json")} - {"examples"}
    if name not in known:
        raise UsageError(f"{run.name} has no figure {name!r}", suggest(name, known))
    record = findings.load(run.findings / f"{name}.json")
    assert isinstance(record, findings.Finding)  # noqa: S101
    return paper.figure(record)


def draw(records: Sequence[findings.Record], folder: Path) -> None:
    """Draw findings into a folder, as NAME.png and NAME.svg.

    matplotlib uses one core: where there are many figures, as many processes draw as there are
    threads to use.
    """
    found = [record for record in records if isinstance(record, findings.Finding)]
    jobs = parallel.n_threads() if len(found) >= PARALLEL_FROM else 1
    with progress.stage("figures", len(found)) as advance:
        for name in parallel.map_processes(partial(_draw, folder=folder), found, jobs):
            advance(note=name)


def _draw(finding: findings.Finding, folder: Path) -> str:
    """Draw one finding; gives its name."""
    from glassnet.drawing.paper import figure

    figure.draw(finding, folder)
    return finding.name


def in_terminal(seen: Sequence[findings.Finding], width: int, colour: bool) -> str:
    """What `look` saw, in lines of at most `width` columns, with ANSI colours or without."""
    from glassnet.drawing.terminal import findings as terminal_findings

    return terminal_findings.drawn(seen, width, colour)
