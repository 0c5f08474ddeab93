"""Parts of a run for tests of views: a view gets those that its signature names, and no others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from glassnet.contract import ExplainOptions, View
from glassnet.explain.run_views import run_view
from glassnet.findings import Provenance


@dataclass
class ToyCache:
    """Implements `contract.Cache` in memory.

    Attributes:
        stored: what it holds, by name.
        made: the names of what was computed, not found.
    """

    stored: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    def __call__(
        self, name: str, make: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        if name not in self.stored:
            self.made.append(name)
            self.stored[name] = make()
        return self.stored[name]


def provenance(*, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
    """Implements `contract.MakeProvenance`."""
    return Provenance(run="r", checkpoint="best", split=split, n=n, seed=seed, command="c")


def parts_of_a_run(**parts: Any) -> Any:
    """The given parts, with a cache and provenances, as `run_view` takes them."""
    return SimpleNamespace(**{"cache": ToyCache(), "provenance": provenance} | parts)


def findings_of(view: View, parts: Any, **options: Any) -> list[Any]:
    """What a view makes of some parts of a run; it fails if it asks for any other."""
    return list(run_view(view, parts, ExplainOptions(**{"layers": ()} | options)))
