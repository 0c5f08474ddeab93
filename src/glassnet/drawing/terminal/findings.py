"""Findings in the terminal: those that speak of one text, word by word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.drawing.terminal import text
from glassnet.findings import Curves, Finding, HighlightedText, HighlightedTexts

HEIGHT = 8
"""Lines of a chart."""


def render(seen: Sequence[Finding], width: int, colour: bool) -> str:
    """Draw coloured texts and curves over words; kinds that have no such form are left out.

    Args:
        seen: the findings.
        width: columns of the terminal.
        colour: use ANSI colours; else the strongest words are marked.

    Returns:
        Blocks of lines of at most `width` columns, an empty line between them.
    """
    blocks = []
    for finding in seen:
        if isinstance(finding, HighlightedTexts):
            blocks += [text.render_text(each, width, colour) for each in finding.texts]
            blocks.append(legend(finding, width, colour))
        elif isinstance(finding, Curves) and finding.x_names:
            blocks.append(_chart(finding, width))
    return "\n\n".join(filter(None, blocks))


def legend(strip: HighlightedTexts, width: int, colour: bool) -> str:
    """Say what the colours or marks of a strip mean; empty where no word has one."""
    if not any(np.any(each.values) for each in strip.texts):
        return ""
    if not colour:
        return f"-word- {strip.low_label}, +word+ {strip.high_label}: {strip.value_label}"
    low, high = strip.low_label.split(), strip.high_label.split()
    labels = HighlightedText(
        pieces=tuple(f"{word} " for word in low + high),
        values=np.repeat([-1.0, 1.0], [len(low), len(high)]),
        caption="",
        note=strip.value_label,
    )
    return text.render_text(labels, width, colour)


def _chart(finding: Curves, width: int) -> str:
    """The first line of the first panel: of two classes the second, of several the answer."""
    panel = finding.panels[0]
    series, several = panel.series[0], len(panel.series) > 1
    label = f"{series.label}: {panel.y_label}" if several else panel.y_label
    return text.render_curve(
        finding.x_names,
        series.y,
        width,
        HEIGHT,
        label=f"{label} if {finding.x_label}",
        base=0.0 if several else 50.0,
    )
