"""Cards in a notebook: titles, numbers, tables and images as HTML with styles of its own.

A notebook that is not trusted yet drops scripts, style sheets and SVG elements, and its theme may
be dark. So each element has its style, the card has its own background and text colour, and every
image is an `<img>` with a data URI and a text instead.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup, escape

from glassnet.drawing.layout import table as layout
from glassnet.drawing.palette import LIGHT
from glassnet.findings import Table
from glassnet.visible import visible

MAX_ROWS = 30
"""Rows of a table; a line says how many more there are."""

FONT = "font-family:system-ui,sans-serif"

CARD = (
    f"background-color:{LIGHT.ground};color:{LIGHT.ink};border:1px solid {LIGHT.rule};"
    f"border-radius:6px;padding:12px 16px;max-width:760px;{FONT};font-size:13px;"
    "line-height:1.5;text-align:left;overflow-x:auto"
)
TITLE = "font-size:15px;font-weight:600;margin-bottom:2px"
MUTED = f"color:{LIGHT.muted}"
CODE = (
    f"background-color:{LIGHT.raised};color:{LIGHT.ink};padding:1px 4px;border-radius:3px;"
    "font-family:monospace;font-size:12px"
)
CELL = (
    f"background-color:{LIGHT.ground};color:{LIGHT.ink};border-bottom:1px solid {LIGHT.rule};"
    "padding:3px 14px 3px 0;vertical-align:top"
)


def card(title: str, *parts: Markup) -> str:
    """Put parts below a title."""
    return Markup('<div style="{}"><div style="{}">{}</div>{}</div>').format(
        CARD, TITLE, text(title), Markup("").join(parts)
    )


def text(content: str) -> Markup:
    """Escape a text, and make visible what hides in it; a percentage stays on one line."""
    return escape(visible(content).replace(" %", "\N{NO-BREAK SPACE}%"))


def line(*parts: str | Markup, muted: bool = False) -> Markup:
    """A line of texts and elements; nothing if all are empty."""
    shown = [part if isinstance(part, Markup) else text(part) for part in parts if part]
    if not shown:
        return Markup("")
    style = f"margin-top:2px;{MUTED}" if muted else "margin-top:2px"
    return Markup('<div style="{}">{}</div>').format(style, Markup(" ").join(shown))


def code(content: str) -> Markup:
    """A command or a name to type."""
    return Markup('<code style="{}">{}</code>').format(CODE, visible(content))


def link(content: str, address: str) -> Markup:
    """A link to a file beside the notebook."""
    return Markup('<a href="{}" style="color:{}">{}</a>').format(
        address, LIGHT.accent, text(content)
    )


def file(path: Path, name: str = "") -> Markup:
    """A link to a file below the working directory, which a notebook can open; else its path."""
    absolute, here = path.absolute(), Path.cwd()
    if not absolute.is_relative_to(here):
        return code(str(path))
    relative = absolute.relative_to(here).as_posix()
    return link(name or relative, f"./{quote(relative)}")


def numbers(rows: Iterable[tuple[str, str, str]]) -> Markup:
    """Numbers side by side, each with its label above and a note below."""
    cells = [
        Markup(
            '<div style="margin-right:28px;margin-top:8px;max-width:215px">'
            '<div style="{muted};font-size:12px">{label}</div>'
            '<div style="font-size:18px;font-weight:600;line-height:1.3;white-space:nowrap">'
            "{value}</div>"
            '<div style="{muted};font-size:12px;line-height:1.35">{note}</div></div>'
        ).format(muted=MUTED, label=text(label), value=text(value), note=text(note))
        for label, value, note in rows
    ]
    if not cells:
        return Markup("")
    return Markup('<div style="display:flex;flex-wrap:wrap">{}</div>').format(
        Markup("").join(cells)
    )


def bar(share: float, label: str) -> Markup:
    """A progress bar; `share` is in [0, 1]."""
    percent = f"{100 * min(max(share, 0.0), 1.0):.1f}"
    return Markup(
        '<div role="progressbar" aria-label="{}" aria-valuenow="{}" '
        'style="background-color:{};height:4px;margin-top:6px">'
        '<div style="background-color:{};height:4px;width:{}%"></div></div>'
    ).format(text(label), percent, LIGHT.rule, LIGHT.accent, percent)


def image(content: bytes, kind: str, alternative: str, width: float) -> Markup:
    """An image with its alternative text.

    Args:
        content: of the file.
        kind: `svg+xml` or `png`.
        alternative: what a reader hears who cannot see it.
        width: in CSS pixels; narrower notebooks shrink it.
    """
    return Markup(
        '<img src="data:image/{};base64,{}" alt="{}" width="{}" '
        'style="max-width:100%;height:auto;background-color:{};margin:8px 16px 0 0">'
    ).format(
        kind,
        base64.b64encode(content).decode("ascii"),
        text(alternative),
        round(width),
        LIGHT.ground,
    )


def table(finding: Table) -> Markup:
    """The rows of a table, `MAX_ROWS` at most."""
    left = len(finding.rows) - MAX_ROWS
    more = line(f"and {left} more rows", muted=True) if left > 0 else Markup("")
    return (
        rows(
            finding.columns,
            layout.format_cells(finding)[:MAX_ROWS],
            layout.numeric_columns(finding),
        )
        + more
    )


def rows(
    columns: Sequence[str],
    cells: Iterable[Sequence[str | Markup]],
    numeric: Sequence[bool] | None = None,
) -> Markup:
    """A table; `numeric` says which columns are aligned to the right."""
    aligned = ["right" if each else "left" for each in numeric or [False] * len(columns)]
    head = _row("th", columns, [f"{side};font-weight:600" for side in aligned])
    body = Markup("").join(_row("td", row, aligned) for row in cells)
    return Markup(
        '<table style="border-collapse:collapse;margin-top:8px;font-size:12px">'
        "<thead>{}</thead><tbody>{}</tbody></table>"
    ).format(head, body)


def _row(tag: str, cells: Sequence[str | Markup], aligned: Sequence[str]) -> Markup:
    scope = Markup(' scope="col"') if tag == "th" else ""
    made = [
        Markup('<{tag}{scope} style="{style};text-align:{align}">{cell}</{tag}>').format(
            tag=tag,
            scope=scope,
            style=CELL,
            align=align,
            cell=cell if isinstance(cell, Markup) else text(cell),
        )
        for cell, align in zip(cells, aligned, strict=True)
    ]
    return Markup('<tr style="background-color:{}">{}</tr>').format(
        LIGHT.ground, Markup("").join(made)
    )
