"""Paths of findings, figures and reports in the folder of a run or of a group."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class ExplainedFolder:
    """The folder of a run or of a group, and the paths of what `explain` and `report` write."""

    path: Path
    info: dict[str, Any]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def findings(self) -> Path:
        """NAME.json and NAME.npz."""
        return self.path / "findings"

    @property
    def claims(self) -> Path:
        """The claims of all findings with their provenance."""
        return self.path / "claims.json"

    @property
    def figures(self) -> Path:
        """NAME.png, NAME.svg, NAME.csv and, for tables, NAME.tex."""
        return self.path / "figures"

    @property
    def report(self) -> Path:
        """The one-file report."""
        return self.path / "report.html"
