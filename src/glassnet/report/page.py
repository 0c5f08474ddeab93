"""HTML page of a report: one file that needs nothing but a browser.

The page contains its styles, its scripts and its images. Its Content-Security-Policy allows nothing
else: no address is requested, and only the script whose hash is in the policy runs.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
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
from glassnet.report.formatting import count, exact, keep_units, split_name
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
    "figure_state.js",
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

    contexts = [
        _chapter_context(content, records, f"run-{index}")
        for index, (content, records) in enumerate(chapters, start=1)
    ]
    script = script_of((*SCRIPTS, *PAGE_SCRIPTS))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return _template("page.html.j2").render(
        title=title,
        policy=f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        style=Markup("\n".join((theme.css(), *map(static, STYLES)))),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        chapters=contexts,
        examples=_embedded_examples(contexts),
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
    context = _chapter_context(content, run.findings, key, link, {key})
    return _template("part.html.j2").render(
        chapter=context,
        examples=_embedded_examples([context]),
        key=key,
        repeat_title=REPEAT,
        runs_title=RUNS,
    )


def _chapter_context(
    content: Chapter,
    records: Mapping[str, Record],
    key: str,
    link: Callable[[str], str] | None = None,
    drawn: Collection[str] = (*PARTS, "overview"),
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
    sections = {part.key: part.sections for part in content.parts} | {"overview": content.overview}
    shown = [f for name in drawn if name in sections for s in sections[name] for f in s.findings]
    cells = {f.name: _examples_of_cells(f, records) for f in shown if isinstance(f, Heatmap)}
    referred = {f.examples for f in shown if isinstance(f, Scatter | Animation)}
    examples = {
        f"examples-{key}-{name}": record
        for name, record in records.items()
        if isinstance(record, Examples) and name in referred | set(cells.values())
    }

    def part(name: str, title: str) -> dict[str, Any]:
        drawings = [_section(each, key, content, cells) for each in sections[name]]
        return {"key": name, "id": f"part-{key}-{name}", "title": title, "sections": drawings}

    return {
        "key": key,
        "content": content,
        "highlights": [(address(each.name), each) for each in content.highlights],
        "overview": part("overview", "") if "overview" in drawn else {},
        "parts": [part(each.key, each.title) for each in content.parts if each.key in drawn],
        "examples": _example_views(examples),
    }


def _example_views(examples: Mapping[str, Examples]) -> dict[str, dict[str, Any]]:
    """Give what a page needs of examples; those that others contain are their positions there.

    Args:
        examples: by their ids in the page.
    """
    from glassnet.drawing.screen import thumbnails

    views: dict[str, dict[str, Any]] = {}
    for name in sorted(examples, key=lambda name: -len(examples[name].ids)):
        wholes = [each for each in views if "indices" not in views[each]]
        found = {each: thumbnails.positions_in(examples[name], examples[each]) for each in wholes}
        whole = next((each for each in wholes if found[each] is not None), None)
        views[name] = (
            {"subsetOf": whole, "indices": found[whole]}
            if whole
            else thumbnails.view(examples[name])
        )
    return views


def _embedded_examples(contexts: Sequence[Mapping[str, Any]]) -> dict[str, Markup]:
    """The examples of chapters, by their ids; equal sprite sheets are in the page once."""
    scripts = {}
    for context in contexts:
        for name, view in context["examples"].items():
            sprites = view.get("spriteSheet")
            if sprites:
                address = f"sprites-{hashlib.sha256(sprites.encode()).hexdigest()[:16]}"
                scripts[address] = embedded(sprites)
                view = view | {"spriteSheet": address}
            scripts[name] = embedded(view)
    return scripts


def _examples_of_cells(heatmap: Heatmap, records: Mapping[str, Record]) -> str:
    """Name of the examples with the true and predicted classes of a confusion matrix; or empty.

    They are those of a scatter plot of the same split and weights; if there are several, the most.
    """
    plots = [
        plot
        for plot in records.values()
        if isinstance(plot, Scatter)
        and plot.provenance.split == heatmap.provenance.split
        and plot.provenance.checkpoint == heatmap.provenance.checkpoint
    ]
    found = {plot.examples: records.get(plot.examples) for plot in plots}
    sizes = {
        name: len(record.ids)
        for name, record in found.items()
        if isinstance(record, Examples)
        and record.predicted is not None
        and record.class_names == heatmap.row_names == heatmap.column_names
    }
    return max(sizes, key=lambda name: sizes[name], default="")


def _section(
    section: Section, key: str, content: Chapter, cells: Mapping[str, str]
) -> dict[str, Any]:
    """Draw a section; `cells` has the examples of each heatmap, by the name of the finding."""
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
                "examples": cells.get(finding.name, ""),
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


def claim_rows(findings: Sequence[Finding]) -> Markup:
    """The claims of findings as JSON: what is claimed, as written, value, interval, n, split."""
    return embedded(
        [
            [
                keep_units(label(claim)),
                keep_units(claim.formatted),
                exact(claim.value),
                ""
                if claim.low is None or claim.high is None
                else f"{exact(claim.low)} to {exact(claim.high)}",
                count(claim.n) if claim.n else "",
                split_name(finding.provenance.split if claim.split is None else claim.split),
            ]
            for finding in findings
            for claim in finding.claims
        ]
    )


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
        "claim_rows": claim_rows,
        "keep_units": keep_units,
        "split_name": split_name,
    }
    return environment.get_template(name)
