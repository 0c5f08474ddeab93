"""Parts of a run's report for the tabs of the page, and the files of its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from glassnet.errors import RunError, suggest
from glassnet.explain import report_files
from glassnet.runs.folder import Run


def titles(run: Run) -> list[dict[str, Any]]:
    """Key and title of each part of a run's report that has findings; the overview is not listed.

    Raises:
        RunError: a finding is damaged.
    """
    from glassnet.report.sections import chapter

    found = chapter(report_files.run_view(run))
    return [
        {
            "key": part.key,
            "title": part.title,
            "findings": [each.name for section in part.sections for each in section.findings],
        }
        for part in found.parts
    ]


def render(run: Run, name: str, part: str) -> str:
    """Render a part of a run's report as HTML, the content of an element.

    Args:
        run: the run.
        name: under which the page knows it.
        part: `overview`, or the key of a part.

    Raises:
        RunError: a finding is damaged.
        UsageError: the run has no such part.
    """
    from glassnet.report.page import render_part

    view = report_files.run_view(run, addresses=f"runs/{quote(name)}/figures/")
    owner = {finding: each["key"] for each in titles(run) for finding in each["findings"]}

    def link(finding: str) -> str:
        tab = owner.get(finding, "overview")
        return f"#/run/{quote(name)}?{urlencode({'tab': tab, 'finding': finding})}"

    return render_part(view, part, link)


def figure_file(run: Run, name: str) -> Path:
    """The path of a file of a run's figure.

    Raises:
        RunError: there is none of this name.
    """
    files = {path.name: path for path in run.figures.glob("*") if path.is_file()}
    if name not in files:
        raise RunError(f"{run.name} has no file {name!r} of a figure", suggest(name, files))
    return files[name]
