"""HTML page of a report: one file that needs nothing but a browser.

The page contains its styles, its scripts and its images. Its Content-Security-Policy allows nothing
else: no address is requested, and only the script whose hash is in the policy runs.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import atomic
from glassnet.errors import UsageError
from glassnet.findings import Animation, Examples, Record, Scatter, label
from glassnet.report.formatting import exact, keep_units, split_name
from glassnet.report.sections import (
    REPEAT,
    RUNS,
    Cell,
    Chapter,
    Column,
    RunView,
    Section,
    chapter,
    comparison,
    overview,
)
from glassnet.visible import all_visible, visible

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

STYLES = ("page.css", "figures.css", "responsive.css")
SCRIPTS = (
    "tooltip.js",
    "examples.js",
    "distorted_points.js",
    "scatter_panel.js",
    "scatter.js",
    "player.js",
    "animated_scatter.js",
    "value_tooltips.js",
    "page.js",
)


def write(runs: Sequence[RunView], path: Path) -> Path:
    """Write a report on one or more runs as a self-contained HTML file.

    Several runs become chapters below a table that compares them. Equal runs give equal bytes.
    Nothing is computed and no network access is needed.

    Returns:
        The path of the file.

    Raises:
        UsageError: there is no run to report on.
        StorageError: the file cannot be written.
    """
    return atomic.write(path, render(runs))


def render(runs: Sequence[RunView]) -> str:
    """Render a report as HTML.

    Raises:
        UsageError: there is no run to report on.
    """
    if not runs:
        raise UsageError("there is no run to report on", "name one: glassnet report RUN")
    chapters = [(chapter(run), run.findings) for run in runs]
    return render_chapters(
        chapters[0][0].title if len(runs) == 1 else overview(list(runs)),
        chapters,
        comparison(list(runs)) if len(runs) > 1 else None,
    )


def render_chapters(
    title: str,
    chapters: Sequence[tuple[Chapter, Mapping[str, Record]]],
    table: tuple[list[Column], list[list[Cell]]] | None = None,
    repeat_title: str = REPEAT,
) -> str:
    """Render chapters, each with the records behind its figures, as one HTML page.

    Args:
        title: of the page.
        chapters: at least one.
        table: compares several chapters; columns and rows as `sections.comparison` makes them.
        repeat_title: heading of how to reproduce a chapter.
    """
    from markupsafe import Markup

    from glassnet.drawing import tokens
    from glassnet.drawing.palette import DARK, LIGHT, css_variables

    script = "\n".join(_static(name) for name in SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return _template().render(
        title=title,
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=Markup("\n".join(map(_static, STYLES))),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        light=css_variables(LIGHT),
        tokens=tokens.css_variables(),
        line_roles=list(tokens.DASHES),
        series_slots=tokens.series_slots(),
        dark=css_variables(DARK),
        class_count=len(LIGHT.classes),
        families=list(LIGHT.families),
        chapters=[
            _chapter_context(content, records, f"run-{index}")
            for index, (content, records) in enumerate(chapters, start=1)
        ],
        comparison=table,
        repeat_title=repeat_title,
        runs_title=RUNS,
    )


def _chapter_context(content: Chapter, records: Mapping[str, Record], key: str) -> dict[str, Any]:
    """Combine a chapter with the drawings of its findings; `key` starts all its addresses."""
    from glassnet.drawing.screen import thumbnails

    shown = {f.examples for f in records.values() if isinstance(f, Scatter | Animation)}
    examples = {
        name: embedded(thumbnails.view(record))
        for name, record in records.items()
        if isinstance(record, Examples) and name in shown
    }
    return {
        "key": key,
        "content": content,
        "sections": [_section(section, key) for section in content.sections],
        "examples": [(f"examples-{key}-{name}", data) for name, data in examples.items()],
    }


def _section(section: Section, key: str) -> dict[str, Any]:
    from glassnet.drawing.screen import view

    figures = []
    for finding in section.findings:
        drawing = view.view(finding)
        data = drawing.pop("data", None)
        figures.append(
            {
                "key": f"{key}-{finding.name}",
                "finding": finding,
                "view": drawing,
                "data": embedded(data) if data else None,
            }
        )
    return {"key": f"section-{key}-{section.key}", "title": section.title, "figures": figures}


def embedded(value: Any) -> Markup:
    """Serialise a value as JSON that cannot end the script element around it."""
    from markupsafe import Markup

    text = json.dumps(
        all_visible(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no markup is left in it


def _static(name: str) -> str:
    return resources.files("glassnet.report").joinpath("static", name).read_text(encoding="utf-8")


def _visible(value: Any) -> Any:
    """What an expression of the template writes; `Markup` has been through here already."""
    return visible(value) if type(value) is str else value


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("glassnet.report", "static"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        finalize=_visible,
    )
    environment.filters |= {
        "claim_label": label,
        "exact": exact,
        "keep_units": keep_units,
        "split_name": split_name,
    }
    return environment.get_template("page.html.j2")
