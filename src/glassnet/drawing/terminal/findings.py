"""Findings in the terminal: highlighted texts and curves over words."""

from collections.abc import Sequence

import numpy as np

from glassnet.drawing.terminal import text
from glassnet.findings import Curves, Finding, HighlightedText, HighlightedTexts
from glassnet.visible import all_visible

HEIGHT = 8
"""Number of lines of a chart."""


def render(shown: Sequence[Finding], width: int, colour: bool) -> str:
    """Draw highlighted texts and curves over words; other kinds are skipped.

    Args:
        shown: the findings.
        width: columns of the terminal.
        colour: use ANSI colours; otherwise the strongest words are marked.

    Returns:
        Blocks of lines of at most `width` columns, separated by empty lines.
    """
    blocks = []
    for finding in map(all_visible, shown):
        if isinstance(finding, HighlightedTexts):
            blocks += [
                text.render_text(highlighted, width, colour) for highlighted in finding.texts
            ]
            blocks.append(legend(finding, width, colour))
        elif isinstance(finding, Curves) and finding.x_names:
            blocks.append(_chart(finding, width))
    return "\n\n".join(filter(None, blocks))


def legend(finding: HighlightedTexts, width: int, colour: bool) -> str:
    """Explain the colours or marks of highlighted texts; empty if no word has one."""
    if not any(np.any(text_.values) for text_ in finding.texts):
        return ""
    if not colour:
        return f"-word- {finding.low_label}, +word+ {finding.high_label}: {finding.value_label}"
    low, high = finding.low_label.split(), finding.high_label.split()
    labels = HighlightedText(
        pieces=tuple(f"{word} " for word in low + high),
        values=np.repeat([-1.0, 1.0], [len(low), len(high)]),
        caption="",
        note=finding.value_label,
    )
    return text.render_text(labels, width, colour)


def _chart(finding: Curves, width: int) -> str:
    """Draw the first curve of the first panel: the second of two classes, or the predicted."""
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
