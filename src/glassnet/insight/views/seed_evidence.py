"""What the findings about a group of seeds are made from: the log and measures of each run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glassnet.contract import Metric
from glassnet.insight.measures.probe_map import ProbeMap


@dataclass(frozen=True, eq=False)
class SeedEvidence:
    """One run of a group.

    Attributes:
        metrics: the columns of metrics.csv: name -> (epochs,) float64.
        best_epoch: the epoch of the chosen weights, counted from 1.
        test_results: as in run.json; empty if it was not evaluated.
        probe_map: None if the task has no such view, or there are too few points.
    """

    metrics: Mapping[str, np.ndarray]
    best_epoch: int
    test_results: Mapping[str, Any]
    probe_map: ProbeMap | None


@dataclass(frozen=True, eq=False)
class GroupEvidence:
    """A group of runs that differ in their seed.

    Attributes:
        name: the group's name.
        command: the command line that makes its findings again.
        seed: of the subsample and of the redraws of the points.
        seeds: the evidence of each run, by its seed.
        curves: the metrics of the training curves; the first one is the loss.
        headline: the task's first metric.
        n_valid, n_test: number of validation and test examples of each run.
        layers: the layers whose probes are drawn.
    """

    name: str
    command: str
    seed: int
    seeds: Mapping[int, SeedEvidence]
    curves: tuple[Metric, ...]
    headline: Metric
    n_valid: int
    n_test: int
    layers: tuple[str, ...]
