"""The sides of a comparison: a run, or a group of runs that differ in their seeds alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from glassnet.contract import Cache, Data, Model
from glassnet.errors import GlassnetError, UsageError
from glassnet.explain.evidence import RunEvidence
from glassnet.runs.folder import Run

ROLES = ("first", "second", "third", "fourth", "fifth", "sixth")
"""Colour and dash of each side's curves."""

MAX_LABEL = 28
"""Characters of a name in tables and beside curves; longer names lose their middle."""


@dataclass(frozen=True, eq=False)
class Side:
    """What is compared with the others.

    Attributes:
        label: its name, which no other side has.
        role: of its curves, one of `ROLES`.
        evidence: of its runs, one or several.
    """

    label: str
    role: str
    evidence: tuple[RunEvidence, ...]

    @property
    def first(self) -> RunEvidence:
        """The run that stands for the side where one network is drawn."""
        return self.evidence[0]

    @property
    def is_group(self) -> bool:
        """Whether there are several runs, one per seed."""
        return len(self.evidence) > 1

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seed of each run."""
        return tuple(int(each.run.info["config"].get("seed", 0)) for each in self.evidence)

    @property
    def model(self) -> Model:
        """The network of the first run."""
        return self.first.model

    @property
    def data(self) -> Data:
        """The data of the first run."""
        return self.first.data

    @property
    def cache(self) -> Cache:
        """The cache of the first run."""
        return self.first.cache

    @cached_property
    def missing(self) -> str:
        """Why nothing can be computed with the networks and data; empty if everything can be."""
        try:
            for each in self.evidence:
                _ = each.model.digest
                _ = each.data.splits
        except GlassnetError as error:
            return f"{error.message}; {error.hint}"
        return ""


def sides(groups: Sequence[tuple[str, Sequence[Run]]], data: str | None = None) -> tuple[Side, ...]:
    """Make the sides of a comparison.

    Args:
        groups: name and runs of each side.
        data: where the data of all runs are now, if they were moved.

    Raises:
        UsageError: there are fewer than two sides, or too many.
    """
    if not 2 <= len(groups) <= len(ROLES):
        raise UsageError(
            f"{len(groups)} {'run' if len(groups) == 1 else 'runs'}: a comparison is of 2 to "
            f"{len(ROLES)}",
            "name them: glassnet compare RUN ANOTHER",
        )
    labels = _labels([(name, runs[0].path) for name, runs in groups])
    return tuple(
        Side(label, role, tuple(RunEvidence(run, data=data) for run in runs))
        for label, role, (_, runs) in zip(labels, ROLES, groups, strict=False)
    )


def _labels(named: Sequence[tuple[str, Path]]) -> list[str]:
    """Names that differ: with the folder of the run, or with a number, where two are equal."""
    names = [name for name, _ in named]
    if len(set(names)) < len(names):
        names = [f"{path.resolve().parent.name}/{name}" for name, path in named]
    if len(set(names)) < len(names):
        names = [f"{name} ({k})" for k, (name, _) in enumerate(named, 1)]
    return [_without_middle(name) for name in names] if _stay_apart(names) else names


def _without_middle(name: str) -> str:
    if len(name) <= MAX_LABEL:
        return name
    end = MAX_LABEL // 2
    return f"{name[: MAX_LABEL - end - 1]}…{name[-end:]}"


def _stay_apart(names: Sequence[str]) -> bool:
    return len(set(map(_without_middle, names))) == len(names)
