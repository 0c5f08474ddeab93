"""HTML page of a report: one file that needs nothing but a browser.

The page contains its styles, its scripts and its images. Its Content-Security-Policy allows nothing
else: no address is requested, and only the script whose hash is in the policy runs.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Container, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import atomic
from glassnet.errors import UsageError
from glassnet.findings import (
    Animation,
    Examples,
    Finding,
    Heatmap,
    Record,
    Scatter,
    label,
)
from glassnet.report.formatting import exact, keep_units, split_name
from glassnet.report.sections import (
    PARTS,
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
    "keyboard.js",
    "examples.js",
    "point_list.js",
    "distorted_points.js",
    "lasso.js",
    "scatter_panel.js",
    "scatter.js",
    "player.js",
    "animated_scatter.js",
    "value_tooltips.js",
    "confusion.js",
    "numbers.js",
    "tables.js",
    "activate.js",
)
"""Scripts of the figures, which the live page uses as well; `activate(element)` starts them."""

PAGE_SCRIPTS = ("page.js",)
"""Scripts of the report alone."""


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

    from glassnet.drawing.screen import theme

    script = script_of((*SCRIPTS, *PAGE_SCRIPTS))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return _template("page.html.j2").render(
        title=title,
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=Markup("\n".join((theme.css(), *map(static, STYLES)))),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        chapters=[
            _chapter_context(content, records, f"run-{index}")
            for index, (content, records) in enumerate(chapters, start=1)
        ],
        comparison=table,
        repeat_title=repeat_title,
        runs_title=RUNS,
    )


def render_part(run: RunView, key: str, link: Callable[[str], str]) -> str:
    """Render the overview or one part of a run as the content of an element of another page.

    Args:
        run: the run.
        key: `overview`, or the key of one of the chapter's parts.
        link: (name of a finding) -> its address.

    Raises:
        UsageError: the run has no such part.
    """
    content = chapter(run)
    parts = {part.key: part for part in content.parts}
    if key != "overview" and key not in parts:
        raise UsageError(f"{run.name} has no {key!r}", f"known: overview, {', '.join(parts)}")
    sections = content.overview if key == "overview" else parts[key].sections
    here = {each.name for section in sections for each in section.findings}
    records = {
        name: record
        for name, record in run.findings.items()
        if name in here or isinstance(record, Examples)
    }
    return _template("part.html.j2").render(
        chapter=_chapter_context(content, records, key, link, {key}),
        key=key,
        repeat_title=REPEAT,
        runs_title=RUNS,
    )


def _chapter_context(
    content: Chapter,
    records: Mapping[str, Record],
    key: str,
    link: Callable[[str], str] | None = None,
    drawn: Container[str] = (*PARTS, "overview"),
) -> dict[str, Any]:
    """Combine a chapter with the drawings of its findings.

    Args:
        content: the chapter.
        records: behind the figures.
        key: starts all addresses of the chapter.
        link: (name of a finding) -> its address; by default, inside the chapter.
        drawn: keys of the parts whose figures are drawn.
    """
    address = link or (lambda name: f"#{key}-{name}")
    examples = _examples(records)

    def part(name: str, title: str, sections: Sequence[Section]) -> dict[str, Any]:
        figures = [_section(each, key, content, examples) for each in sections]
        return {"key": name, "id": f"part-{key}-{name}", "title": title, "sections": figures}

    return {
        "key": key,
        "content": content,
        "highlights": [(address(each.name), each) for each in content.highlights],
        "overview": part("overview", "", content.overview if "overview" in drawn else ()),
        "parts": [
            part(each.key, each.title, each.sections) for each in content.parts if each.key in drawn
        ],
        "examples": [(f"examples-{key}-{name}", embedded(data)) for name, data in examples.items()],
    }


def _examples(records: Mapping[str, Record]) -> dict[str, dict[str, Any]]:
    """The examples that figures of these records refer to, by name."""
    from glassnet.drawing.screen import thumbnails

    referred = {f.examples for f in records.values() if isinstance(f, Scatter | Animation)}
    return {
        name: thumbnails.view(record)
        for name, record in records.items()
        if isinstance(record, Examples) and name in referred
    }


def _section(
    section: Section, key: str, content: Chapter, examples: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
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
                "files": content.files.get(finding.name, ()),
                "examples": _predicted(finding, examples),
            }
        )
    return {"key": f"section-{key}-{section.key}", "title": section.title, "figures": figures}


def _predicted(finding: Finding, examples: Mapping[str, dict[str, Any]]) -> str:
    """Name of the examples whose true and predicted classes are those of a heatmap; or empty."""
    if not isinstance(finding, Heatmap) or finding.row_names != finding.column_names:
        return ""
    return next(
        (
            name
            for name, data in examples.items()
            if data["predicted"] and tuple(data["classNames"]) == finding.row_names
        ),
        "",
    )


def embedded(value: Any) -> Markup:
    """Serialise a value as JSON that cannot end the script element around it."""
    from markupsafe import Markup

    text = json.dumps(
        all_visible(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - no markup is left in it


def script_of(names: Sequence[str] = SCRIPTS) -> str:
    """One script of several files."""
    return "\n".join(map(static, names))


def static(name: str) -> str:
    """A file of the report's styles and scripts."""
    return resources.files("glassnet.report").joinpath("static", name).read_text(encoding="utf-8")


def _visible(value: Any) -> Any:
    """What an expression of the template writes; `Markup` has been through here already."""
    return visible(value) if type(value) is str else value


@cache
def _template(name: str) -> Template:
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
    return environment.get_template(name)
