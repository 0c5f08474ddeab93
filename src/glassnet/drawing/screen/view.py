"""Findings on the screen: each kind as plain values that a template and a script draw.

A view is a dict of texts, numbers and lists, ready for a template (and for JSON, if a script needs
it). It holds no markup and no colour: the page takes its colours from the palette's CSS variables,
so that figures follow the theme. Positions are in per cent of a panel, so that panels may have any
width while text keeps its size.
"""

from typing import Any

from glassnet import findings
from glassnet.drawing.kinds import drawing_module
from glassnet.visible import all_visible

View = dict[str, Any]


def view(finding: findings.Finding) -> View:
    """Give what a page needs to draw a finding; `kind` selects the template.

    Raises:
        UsageError: there is no drawing for this kind of finding.

    Example:
        >>> from glassnet.findings import Provenance, Table
        >>> provenance = Provenance(run="", checkpoint="", split="", n=0, seed=None, command="")
        >>> finding = Table(name="t", section="result", title="", summary="", provenance=provenance,
        ...                 columns=("class", "n"), formats=("", ",d"), rows=(("cat", 1200),))
        >>> view(finding)["rows"][0][1]
        {'formatted': '1,200', 'sort_value': 1200}
    """
    describe = drawing_module("screen", finding).view
    return {"kind": type(finding).__name__.lower()} | describe(all_visible(finding))
