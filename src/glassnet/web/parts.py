"""Parts of a run's report for the tabs of the page, and the files of its figures."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from glassnet.errors import RunError, suggest
from glassnet.explain import report_files
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from glassnet.report import RunView

MAX_LOADED = 4
"""Runs whose findings stay in memory, at most."""

_importing = Lock()


def titles(run: Run, name: str) -> list[dict[str, Any]]:
    """Key and title of each part of a run's report that has findings; the overview is not listed.

    Args:
        run: the run.
        name: under which the page knows it.

    Raises:
        RunError: a finding is damaged.
    """
    return _titles(_view(run, f"runs/{quote(name)}/figures/"))


def _titles(view: RunView) -> list[dict[str, Any]]:
    from glassnet.report.sections import chapter

    return [
        {
            "key": part.key,
            "title": part.title,
            "findings": [each.name for section in part.sections for each in section.findings],
        }
        for part in chapter(view).parts
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

    view = _view(run, f"runs/{quote(name)}/figures/")
    owner = {finding: each["key"] for each in _titles(view) for finding in each["findings"]}

    def link(finding: str) -> str:
        tab = owner.get(finding, "overview")
        return f"#/run/{quote(name)}?{urlencode({'tab': tab, 'finding': finding})}"

    return render_part(view, part, link)


def _view(run: Run, addresses: str) -> RunView:
    """What a report shows of a run; its findings are read again when one has changed."""
    import_matplotlib()
    files = sorted(run.findings.glob("*.json"))
    stamp = tuple((path.name, path.stat().st_mtime_ns) for path in files)
    loaded = _loaded(run.path, addresses, stamp)
    return replace(loaded, info=run.info)


def import_matplotlib() -> None:
    """Import matplotlib in one thread, for which the others wait.

    Its modules import each other in a circle: threads that began with one each would get modules
    that are incomplete.
    """
    with _importing:
        import_module("matplotlib")


@lru_cache(maxsize=MAX_LOADED)
def _loaded(path: Path, addresses: str, stamp: tuple[tuple[str, int], ...]) -> RunView:
    return report_files.run_view(Run.open(path), addresses=addresses)


def figure_file(run: Run, name: str) -> Path:
    """The path of a file of a run's figure.

    Raises:
        RunError: there is none of this name.
    """
    files = {path.name: path for path in run.figures.glob("*") if path.is_file()}
    if name not in files:
        raise RunError(f"{run.name} has no file {name!r} of a figure", suggest(name, files))
    return files[name]
