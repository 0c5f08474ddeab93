"""Tests of a run on another data set, and on altered copies of its test set."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet import findings
from glassnet.class_labels import class_labels
from glassnet.contract import Cache, EvaluateOptions, ExplainOptions, Family, Split, Splits
from glassnet.data import other_data
from glassnet.data.options import chosen_in
from glassnet.data.other_data import OtherData
from glassnet.errors import UsageError
from glassnet.explain import report_files, run_views
from glassnet.explain.evidence import RunEvidence
from glassnet.findings import Finding, Provenance
from glassnet.inference.classification import classification_scores, prediction
from glassnet.insight import views
from glassnet.insight.views.other_data import (
    SECTION,
    Description,
    compare_accuracy,
    compare_likelihood,
    numbers_of,
)
from glassnet.run_model import LoadedNetwork, RunData
from glassnet.runs.folder import Run

SHIFTS = ("shifts",)
"""The view of altered copies."""

VIEWS = ("confusion_matrix", "reliability_diagram")
"""Views of a classifier that are made of the other data, too."""


class OtherRunData(RunData):
    """The data of a run with another test set; its own data are read only where a view asks."""

    def __init__(self, run: Run, network: LoadedNetwork, other: OtherData) -> None:
        super().__init__(run, network)
        self._other = other

    @cached_property
    def splits(self) -> Splits:
        """The run's own data with the other test set."""
        return replace(super().splits, test=self._other.split)

    @property
    def test(self) -> Split:
        """The examples of the other data set."""
        return self._other.split


class OtherEvidence(RunEvidence):
    """Evidence of a run whose test set is another data set.

    Args:
        run: the run.
        other: the data set.
        command: the command line that measures it again.
        cache: stores results; the default stores them in the run folder.
    """

    def __init__(
        self, run: Run, other: OtherData, command: str, cache: Cache | None = None
    ) -> None:
        super().__init__(run, command, cache=cache)
        plain, prefix = self.model.cache, f"other-{key_of(other)}"
        self.data = self.model.data = OtherRunData(run, self.model, other)
        self.cache = self.model.cache = _prefixed(plain, prefix)

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        """The provenance of a finding about the other data."""
        return super().provenance(split=split and "other data", n=n, seed=seed)


@dataclass(frozen=True)
class Test:
    """The outcome of a test on another data set.

    Attributes:
        results: for run.json.
        findings: the comparison first.
    """

    results: dict[str, Any]
    findings: tuple[Finding, ...]


def load(run: Run, name: str) -> OtherData:
    """Read a data set in the classes and the form that a run's network needs.

    Raises:
        UsageError: there is no such data set, or it has the other modality.
        DataError: it cannot be read, or has none of the network's classes.
    """
    network = LoadedNetwork(run)
    needs_classes = network.family == Family.CLASSIFIER or getattr(
        network.config, "conditional", False
    )
    return other_data.load(
        name,
        network.modality,
        network.signature,
        chosen_in(network.config),
        needs_classes=needs_classes,
    )


def key_of(other: OtherData) -> str:
    """What names of files have of a data set: the beginning of its fingerprint."""
    return other.fingerprint[:8]


def evaluate(own: RunEvidence, other: OtherData) -> dict[str, Any]:
    """Measure a run's network on another data set; write results, findings and figures.

    Returns:
        The results, as run.json has them.
    """
    run, options = own.run, ExplainOptions(own.task.layers)
    options_id = run_views.options_id(options, other_data=other.name)
    own.command = f"glassnet evaluate {run.name} --data {shlex.quote(other.name)}"
    record = run_views.new_record(own, options, options_id, other_data=other.name)
    tested = test(own, other, record)
    with run.editing() as info:
        results = {other.fingerprint: tested.results}
        info["other_data"] = info.get("other_data", {}) | results
    _write(run, tested.findings, record)
    return tested.results


def evaluate_shifts(own: RunEvidence, seed: int) -> tuple[Finding, ...]:
    """Measure a run's network on altered copies of its test set; write findings and figures.

    Raises:
        UsageError: the network is no classifier.
    """
    run = own.run
    if own.task.family != Family.CLASSIFIER:
        raise UsageError(
            f"{run.name} ({own.task.name}) does not classify, and --shifts measures accuracy",
            "use a classifier",
        )
    options = ExplainOptions(own.task.layers, seed=seed)
    options_id = run_views.options_id(options, views=SHIFTS)
    own.command = f"glassnet evaluate {run.name} --shifts{f' --seed {seed}' if seed else ''}"
    made = run_views.run_views(own, options, options_id, SHIFTS)
    records = tuple(each for each in made if isinstance(each, Finding))
    _write(run, records, run_views.new_record(own, options, options_id, views=SHIFTS))
    return records


def _write(run: Run, made: Sequence[Finding], record: run_views.ExplainRecord) -> None:
    for finding in made:
        findings.save(finding, run.findings)
    run_views.store(run, record)
    report_files.write_claims(run)
    report_files.draw(made, run)


def test(own: RunEvidence, other: OtherData, record: run_views.ExplainRecord) -> Test:
    """Measure a run's network on another data set, beside its own test results.

    Args:
        own: the evidence of the run; its own test results are read or computed.
        other: the data set.
        record: what the findings are recorded under.
    """
    evidence = OtherEvidence(own.run, other, record.command, own.cache)
    described = Description(_short(other.name), other.part, other.unknown, other.missing)
    name, options = f"other-data-{key_of(other)}", EvaluateOptions()
    made: list[Finding] = []
    if evidence.task.family == Family.CLASSIFIER:
        scores = classification_scores(prediction(evidence.data, evidence.model))
        table, difference, row = compare_accuracy(
            own.results, scores, described, name, evidence.provenance
        )
        for view in VIEWS:
            made += _of_other(
                run_views.run_view(views.load(view), evidence, record.options), described, name
            )
    else:
        scores = evidence.task.results(evidence.data, evidence.model, evidence.cache, options)
        scores = {key: value for key, value in scores.items() if key not in DISPLAY}
        table, difference, row = compare_likelihood(
            own.results, scores, described, name, evidence.provenance
        )
    results = {
        "name": other.name,
        "fingerprint": other.fingerprint,
        "part": other.part,
        "unknown": dict(other.unknown),
        "missing": list(other.missing),
        "scores": scores,
        "difference": {
            "value": difference.value,
            "low": difference.low,
            "high": difference.high,
            "p": difference.p,
        },
        "checkpoint": {"epoch": own.model.best_epoch, "digest": own.model.digest},
        "numbers": [list(row)],
        **numbers_of(table),
    }
    return Test(results, tuple(replace(each, options_id=record.id) for each in (table, *made)))


DISPLAY = ("headline", "sentence", "numbers", "claims")
"""Keys of results that are words about the run's own test set."""


def _of_other(
    made: Iterable[findings.Record], described: Description, name: str
) -> Iterator[Finding]:
    """Findings about the other data, named and titled accordingly."""
    for finding in made:
        if isinstance(finding, Finding):
            yield replace(
                finding,
                name=f"{name}-{finding.name}",
                section=SECTION,
                title=f"{described.name}: {finding.title}",
            )


def _short(name: str) -> str:
    """The last part of a path, or a name of the catalogue."""
    (label,) = class_labels((name.rstrip("/").rpartition("/")[2] or name,))
    return label


def _prefixed(cache: Cache, prefix: str) -> Cache:
    def cached(name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        return cache(f"{prefix}-{name}", make)

    return cached
