"""Texts in the terminal: words on coloured backgrounds, and curves over words as block charts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rich.cells import cell_len

from glassnet.drawing.layout import highlighted_text
from glassnet.drawing.layout.highlighted_text import format_signed
from glassnet.drawing.palette import LIGHT, mix
from glassnet.findings import HighlightedText, minus_signs

GREY = "#a5a9ad"
"""Background of a word of little weight, as bright as the two colours: terminals vary in colour."""

BARS_UP, BARS_DOWN = " ▁▂▃▄▅▆▇█", " ▔▔▀▀▀███"
"""Eighths of a cell, from zero on, that grow up from its bottom and down from its top.

Few of the latter have a character of their own."""

MAX_COLUMNS = 4
"""Largest number of columns that one word takes of a chart."""

MAX_CHANGES, MIN_CHANGE = 4, 0.1
"""Number of words at which a curve changes most that are named, and the smallest such change, as a
fraction of the largest."""


def render_text(highlighted: HighlightedText, width: int, colour: bool) -> str:
    """Write a highlighted text in lines of at most `width` columns, with its caption and note.

    Args:
        highlighted: the words and their values.
        width: columns of the terminal.
        colour: put the words on 24-bit backgrounds (ANSI escapes); otherwise the strongest words
            are written as `+word+` or `-word-`.

    Example:
        >>> from glassnet.findings import HighlightedText, minus_signs
        >>> text = HighlightedText(pieces=("not ", "bad"), values=np.array([0.1, 0.4]), caption="",
        ...                        note="")
        >>> print(render_text(text, 40, colour=False))
        not +bad+
    """
    parts = highlighted_text.text_runs(highlighted)
    if not colour:
        parts = [_add_signs(run) for run in parts]
    rows = highlighted_text.break_lines(parts, max(width, 8), cell_len)
    texts = [
        "".join(_format_run(run, place, colour) for place, run in enumerate(row)) for row in rows
    ]
    around = [
        highlighted_text.clean_text(line).replace("\n", " ")
        for line in (highlighted.caption, highlighted.note)
    ]
    return "\n".join(filter(None, [around[0], *texts, around[1]]))


def _add_signs(run: highlighted_text.TextRun) -> highlighted_text.TextRun:
    if abs(run.weight) < highlighted_text.STRONG_WEIGHT:
        return run
    sign = "+" if run.weight > 0 else "-"
    return highlighted_text.TextRun(f"{sign}{run.text}{sign}", run.weight, run.gap, run.word)


def _format_run(run: highlighted_text.TextRun, place: int, colour: bool) -> str:
    gap = " " if run.gap and place else ""
    if not colour or not run.weight:
        return gap + run.text
    ground = _rgb(mix(LIGHT.high if run.weight > 0 else LIGHT.low, GREY, abs(run.weight)))
    return f"{gap}\x1b[38;2;{_rgb(LIGHT.ink)};48;2;{ground}m{run.text}\x1b[0m"


def _rgb(colour: str) -> str:
    return ";".join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5))


def render_curve(
    names: Sequence[str],
    values: np.ndarray,
    width: int,
    height: int = 8,
    label: str = "",
    base: float = 0.0,
) -> str:
    """Draw one value per word as columns of blocks that start at `base`, with labels at the axis.

    Below the columns, digits point at the words where the values change most, which are listed with
    their change. If there are more words than columns, a column is the mean of its words.

    Args:
        names: (n) words.
        values: (n,) float.
        width: columns of the terminal.
        height: lines of the chart.
        label: what the values are, with the unit; written above.
        base: the value from which the columns grow up and down, such as 0.5 for a probability.

    Returns:
        The chart, in lines of at most `width` columns; empty without words.

    Example:
        >>> print(render_curve(["not", "so", "bad"], np.array([-1.0, -1.0, 2.0]), 20, height=3))
         2.0 ┤        ████
         0.0 ┤        ████
        −1.0 ┤████████
                       1
        1 bad +3
    """
    if not len(names):
        return ""
    values = np.nan_to_num(np.asarray(values, float))
    axis = _axis(values, height, base)
    numbers = _axis_labels(axis)
    gutter = max(map(cell_len, numbers)) + 2
    columns = _columns(len(names), max(width - gutter, 8))
    means = np.array([values[start:end].mean() for start, end in columns])
    rows = [_row(means, axis, row) for row in range(height)]
    chart = [
        f"{number:>{gutter - 2}} ┤{row}".rstrip() for number, row in zip(numbers, rows, strict=True)
    ]
    pointers, changes = _largest_changes(names, values, columns)
    below = [
        "".join(_format_run(run, place, False) for place, run in enumerate(row))
        for row in highlighted_text.break_lines(changes, width, cell_len)
    ]
    foot = [" " * gutter + pointers, *below] if changes else []
    return "\n".join([*filter(None, [label]), *chart, *foot])


@dataclass(frozen=True)
class Axis:
    """A chart's axis: `up` and `down` lines above and below `base`, each worth `step`."""

    base: float
    up: int
    down: int
    step: float


def _axis(values: np.ndarray, height: int, base: float) -> Axis:
    """Place the base between two lines, from which columns grow up and down."""
    above, below = max(float(values.max()) - base, 0.0), max(base - float(values.min()), 0.0)
    if not above and not below:
        return Axis(base, height, 0, 1.0 / height)
    down = round(height * below / (above + below))
    down = min(max(down, int(below > 0)), height - int(above > 0))
    up = height - down
    return Axis(base, up, down, max(above / up if up else 0.0, below / down if down else 0.0))


def _axis_labels(axis: Axis) -> list[str]:
    """Format the value of the chart's upper edge, of its base and of its lower edge."""
    height = axis.up + axis.down
    digits = max(0, 1 - math.floor(math.log10(height * axis.step)))
    numbers = [""] * height
    base = max(axis.up - 1, 0) if axis.up != 1 or axis.down < 2 else 1
    line_labels = {base: axis.base}
    if axis.up:
        line_labels[0] = axis.base + axis.up * axis.step
    if axis.down:
        line_labels[height - 1] = axis.base - axis.down * axis.step
    for place, value in line_labels.items():
        numbers[place] = minus_signs(f"{round(value, digits) + 0.0:.{digits}f}")
    return numbers


def _columns(count: int, room: int) -> list[tuple[int, int]]:
    """List the range of words, from start to end, that each column of the chart stands for."""
    if count > room:
        return list(pairwise([count * place // room for place in range(room + 1)]))
    wide = min(room // count, MAX_COLUMNS)
    return [(index, index + 1) for index in range(count) for _ in range(wide)]


def _row(values: np.ndarray, axis: Axis, row: int) -> str:
    """Draw one line of the chart; the topmost is row 0."""
    eighths = np.rint(8 * (values - axis.base) / axis.step).astype(int)
    if row < axis.up:
        filled = np.clip(eighths - 8 * (axis.up - 1 - row), 0, 8)
        return "".join(BARS_UP[part] for part in filled)
    filled = np.clip(-eighths - 8 * (row - axis.up), 0, 8)
    return "".join(BARS_DOWN[part] for part in filled)


def _largest_changes(
    names: Sequence[str], values: np.ndarray, columns: list[tuple[int, int]]
) -> tuple[str, list[highlighted_text.TextRun]]:
    """Point at the words at which the values change most, and list them with their change."""
    steps = np.diff(values, prepend=values[:1])
    middles = [
        float(
            np.mean([place for place, (start, end) in enumerate(columns) if start <= index < end])
        )
        for index in range(len(names))
    ]
    sizes = np.abs(steps)
    selected: list[int] = []
    for index in map(int, np.argsort(-sizes, kind="stable")):
        large = sizes[index] > 0 and sizes[index] >= MIN_CHANGE * sizes.max()
        if large and all(abs(middles[index] - middles[other]) >= 2 for other in selected):
            selected.append(index)
    chosen = sorted(selected[:MAX_CHANGES])
    pointers = [" "] * len(columns)
    for number, index in enumerate(chosen, 1):
        pointers[int(middles[index])] = str(number)
    words = [
        f"{number} {' '.join(highlighted_text.clean_text(names[index]).split())} "
        f"{format_signed(float(steps[index]))}"
        for number, index in enumerate(chosen, 1)
    ]
    ends = [","] * (len(words) - 1) + [""]
    legend = [
        highlighted_text.TextRun(f"{word}{end}", 0.0, " ")
        for word, end in zip(words, ends, strict=False)
    ]
    return "".join(pointers).rstrip(), legend
