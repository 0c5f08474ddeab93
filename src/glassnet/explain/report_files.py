"""Report, figures and claims of a run, written from its findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from glassnet import findings, parallel, progress
from glassnet.drawing.paper.style import (
    DEFAULT_FORMATS,
    FORMATS,
    STANDARD,
    PageStyle,
    checked_formats,
    points,
)
from glassnet.errors import StorageError, UsageError, suggest
from glassnet.explain import captions, figure_data, group_view
from glassnet.runs import lock, manifest, removal
from glassnet.runs.folder import Run
from glassnet.runs.group import Group

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from glassnet.report import RunView

FIGURE_FILES = (*(f".{each}" for each in FORMATS), ".webp", ".csv", ".tex", ".txt")
"""Extensions of a figure's files. An animation has a `.webp` file in any case, a table a `.tex`
file; without captions, every figure has one, and its caption as `.txt`."""

PARALLEL_FROM = 8
"""Number of figures from which a second process saves more time than it takes to start."""


def write_report(runs: Sequence[Run | Group], path: Path | None = None) -> Path:
    """Write one HTML report on one or more runs, from their findings alone; imports no torch.

    Args:
        runs: runs that have findings; groups as well.
        path: the file to write; by default the report in the first run's folder.

    Raises:
        RunError: a finding is damaged.
        StorageError: the file cannot be written.
    """
    from glassnet.report import write

    file = path or runs[0].report
    with manifest.recording(runs[0].path, [file]):
        return write([run_view(run, file) for run in runs], file)


def run_view(run: Run | Group, file: Path | None = None, addresses: str | None = None) -> RunView:
    """Load what a report shows of a run or a group.

    Args:
        run: the run.
        file: the report, for links to those of a group's runs; by default that in the folder.
        addresses: what the addresses of the figures' files start with; by default, it follows
            from where the report is.

    Raises:
        RunError: a finding is damaged.
    """
    from glassnet.report import RunView

    if addresses is None:
        addresses = _address(run.figures, (file or run.report).parent)
    files = {} if addresses is None else _figure_addresses(run.figures, addresses)
    if isinstance(run, Group):
        return replace(group_view.group_view(run, file or run.report), files=files)
    return RunView(
        name=run.name,
        info=run.info,
        findings=findings.load_all(run.findings),
        folder=run.path,
        files=files,
    )


LINKED = (".png", ".svg", ".pdf", ".csv", ".webp")
"""Extensions of the files of a figure that a report links to, in this order."""


def _address(folder: Path, start: Path) -> str | None:
    """The relative address of a folder in or beside another one; None if it is elsewhere."""
    try:
        relative = folder.resolve().relative_to(start.resolve().parent)
    except ValueError:
        return None
    inside = (
        relative.parts[1:] if relative.parts[0] == start.resolve().name else ("..", *relative.parts)
    )
    return quote("/".join(inside)) + "/"


def _figure_addresses(folder: Path, start: str) -> dict[str, list[tuple[str, str]]]:
    """Name of a figure -> (format, address) of its files."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind in LINKED:
        for path in sorted(folder.glob(f"*{kind}")):
            link = (kind[1:].upper(), f"{start}{quote(path.name)}")
            found.setdefault(path.stem, []).append(link)
    return found


def claimed_findings(run: Run | Group) -> list[findings.Finding]:
    """List everything that makes claims about a run: its report's header, then its findings."""
    from glassnet.report.sections import chapter

    report = chapter(run_view(run))
    return [
        *report.header,
        *(finding for section in report.sections for finding in section.findings),
    ]


def write_claims(run: Run | Group) -> Path:
    """Write claims.json: every number in a run's report with its provenance."""
    with lock.updating(run.path):
        if isinstance(run, Run):
            run.reload()
        with manifest.recording(run.path, [run.claims]):
            return findings.claims_file.write(claimed_findings(run), run.claims)


def figure(run: Run | Group, name: str, style: PageStyle = STANDARD) -> Figure:
    """Draw one of a run's findings as a matplotlib figure.

    Raises:
        UsageError: there is no such finding; the nearest name is suggested.
    """
    from glassnet.drawing.paper import figure as paper

    names = {path.stem for path in run.findings.glob("*.json")}
    record = findings.load(run.findings / f"{name}.json") if name in names else None
    if isinstance(record, findings.Finding):
        return paper.figure(record, style)
    missing, known = f"{run.name} has no figure {name!r}", _figures(run)
    if record is None:
        raise UsageError(missing, suggest(name, known))
    raise UsageError(
        f"{missing}: it contains the examples that figures show", f"known: {', '.join(known)}"
    )


def _figures(run: Run | Group) -> list[str]:
    """The names of a run's findings that can be drawn."""
    records = findings.load_all(run.findings)
    return sorted(name for name, record in records.items() if isinstance(record, findings.Finding))


@dataclass(frozen=True)
class FigureFiles:
    """Which files of a figure are written.

    Attributes:
        style: width and caption; without a caption, files with the caption are written instead.
        formats: some of `FORMATS`.
    """

    style: PageStyle = STANDARD
    formats: tuple[str, ...] = DEFAULT_FORMATS

    def write(self, finding: findings.Finding, folder: Path) -> None:
        """Write a figure, the numbers behind it, and its caption if that is not in it.

        An animation has a moving image as well.
        """
        from glassnet.drawing.paper import figure

        figure.draw(finding, folder, self.style, self.formats)
        if isinstance(finding, findings.Animation):
            figure.draw_animated(finding, folder)
        figure_data.write(finding, folder)
        if not self.style.caption:
            captions.write(finding, folder)


STANDARD_FILES = FigureFiles()


def figure_files(
    formats: Sequence[str] = DEFAULT_FORMATS, width: str | None = None, caption: bool = True
) -> FigureFiles:
    """Choose the files of figures.

    Args:
        formats: some of `FORMATS`.
        width: such as `3.25in`; None for one or two columns.
        caption: write the caption into the figure.

    Raises:
        UsageError: there is no such format, or the width is no length.
    """
    style = PageStyle(None if width is None else points(width), caption)
    return FigureFiles(style, checked_formats(tuple(formats)))


def draw(
    records: Sequence[findings.Record],
    run: Run | Group,
    files: FigureFiles = STANDARD_FILES,
    *,
    are_new: bool = True,
) -> None:
    """Draw findings into a run's folder of figures.

    matplotlib uses one core, so many figures are drawn in as many processes as there are threads
    to use. A figure that cannot be drawn is logged; the others are drawn all the same.

    Args:
        records: the findings.
        run: the run.
        files: which files to write.
        are_new: whether the findings were computed just now. Files of these figures that are not
            written are removed then, since they show earlier findings.

    Raises:
        StorageError: the folder cannot be written to.
    """
    to_draw = [record for record in records if isinstance(record, findings.Finding)]
    paths = [run.figures / f"{each.name}{kind}" for each in to_draw for kind in FIGURE_FILES]
    with manifest.recording(run.path, paths):
        if are_new:
            removal.delete([path for path in paths if path.is_file()])
        _draw_all(to_draw, run.figures, files)


def redraw(run: Run | Group, files: FigureFiles) -> list[str]:
    """Draw all findings of a run again, from their files; returns the names of the figures.

    Raises:
        RunError: a finding is damaged.
        StorageError: the folder cannot be written to.
    """
    draw(list(findings.load_all(run.findings).values()), run, files, are_new=False)
    return _figures(run)


def _draw_all(to_draw: Sequence[findings.Finding], folder: Path, files: FigureFiles) -> None:
    n_jobs = parallel.n_threads() if len(to_draw) >= PARALLEL_FROM else 1
    failures, draw_one = [], partial(_draw, folder=folder, files=files)
    with progress.stage("figures", len(to_draw)) as advance:
        for name, problem in parallel.map_processes(draw_one, to_draw, n_jobs):
            advance(note=name)
            if problem:
                failures.append((name, problem))
    for name, problem in sorted(failures):
        progress.log(f"the figure {name} could not be drawn: {problem}")
    if failures:
        progress.log(f"All other figures are in {folder}; the report is not affected.")


def _draw(finding: findings.Finding, folder: Path, files: FigureFiles) -> tuple[str, str]:
    """Draw one finding; gives its name and what went wrong, or an empty text."""
    try:
        files.write(finding, folder)
    except StorageError:
        raise
    except Exception as error:
        return finding.name, f"{type(error).__name__}: {error}"
    return finding.name, ""


def in_terminal(shown: Sequence[findings.Finding], width: int, colour: bool) -> str:
    """Draw findings about one text in lines of at most `width` columns, in colour or not."""
    from glassnet.drawing.terminal import findings as terminal_findings

    return terminal_findings.render(shown, width, colour)
