"""Each kind of finding is drawn by the modules that have its name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import synthetic

from glassnet.drawing.kinds import drawing_module
from glassnet.drawing.paper import figure as paper
from glassnet.errors import UsageError
from glassnet.findings import KINDS, Finding

DRAWN = sorted(name for name, kind in KINDS.items() if issubclass(kind, Finding))


@dataclass(frozen=True, kw_only=True, eq=False)
class HyperbolicTree(Finding):
    """A kind that nobody draws."""


@pytest.mark.parametrize("name", DRAWN)
def test_a_kind_is_drawn_on_paper_and_on_the_screen(name: str) -> None:
    finding: Finding = object.__new__(KINDS[name])  # fields are not looked at
    assert callable(drawing_module("paper", finding).figure)
    assert callable(drawing_module("screen", finding).view)


def test_a_kind_without_a_drawing_is_named() -> None:
    tree = HyperbolicTree(
        name="a", section="result", title="", summary="", provenance=synthetic.curves().provenance
    )
    with pytest.raises(UsageError, match="HyperbolicTree: no drawing") as caught:
        paper.figure(tree)
    assert caught.value.hint == "add glassnet.drawing.paper.hyperbolic_tree"
