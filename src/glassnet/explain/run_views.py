"""Explaining: what the insights find in a run, and what they were asked for."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from glassnet import findings, parallel
from glassnet.contract import ExplainOptions
from glassnet.errors import RunError
from glassnet.explain.evidence import RunEvidence
from glassnet.insight import views
from glassnet.runs import environment
from glassnet.runs.folder import Run


@dataclasses.dataclass(frozen=True)
class ExplainRecord:
    """What `explain` was asked for, as run.json keeps it in the list `explained`.

    Attributes:
        options: for the insights.
        command: stands in the receipts.
        judge: the run that judged images; empty where none did, None where that is not known.
        weights: the digest of the checkpoint; None where it is not known.
        machine: the processor, and versions by package.
    """

    options: ExplainOptions
    command: str
    reference_classifier: str | None
    weights: str | None
    machine: dict[str, Any]


def found(evidence: RunEvidence, options: ExplainOptions) -> Iterator[findings.Record]:
    """The examples that projections point at, and then what each insight of the task finds."""
    yield evidence.examples(options.points, options.seed)
    for name in evidence.task.views:
        yield from views.load(name)(evidence, options)


def note(evidence: RunEvidence, options: ExplainOptions) -> None:
    """Keep in run.json what was asked for, so that it can be asked again.

    What was asked for before stays there as long as there are findings of it.
    """
    reference_classifier = vars(evidence).get(
        "reference_classifier"
    )  # not looked for where no insight did
    now = ExplainRecord(
        options=options,
        command=evidence.command,
        reference_classifier=reference_classifier.name if reference_classifier else "",
        weights=evidence.digest,
        machine=machine(),
    )
    run, there = evidence.run, commands(findings.load_all(evidence.run.findings)) - {now.command}
    before = [kept for kept in run.info.get("explained", []) if kept["command"] in there]
    run.update(explained=[*before, dataclasses.asdict(now)])


def commands(records: Mapping[str, findings.Record]) -> set[str]:
    """The commands that findings say they were made by."""
    return {
        each.provenance.command for each in records.values() if isinstance(each, findings.Finding)
    }


def machine() -> dict[str, Any]:
    """What the last digits of a number may depend on: processor, threads, versions by package."""
    processor = environment.hardware()["processor"]
    return {"processor": processor, "threads": parallel.n_threads(), **environment.versions()}


def asked(run: Run) -> list[ExplainRecord]:
    """What a run's findings were made with, the newest last; several where options differed.

    Raises:
        RunError: it has none, or it is not known how they were made.
    """
    if not any(run.findings.glob("*.json")):
        raise RunError(
            f"{run.path}: there are no findings yet",
            f"make them with: glassnet explain {run.path}",
        )
    try:
        kept = run.info.get("explained")
        if kept:
            return [_restored(each) for each in kept]
        return [_parsed(run, each) for each in sorted(commands(findings.load_all(run.findings)))]
    except (KeyError, ValueError, TypeError, AttributeError):
        raise RunError(
            f"{run.path}: nothing says what its findings were made with",
            f"make them again with: glassnet explain {run.path}",
        ) from None


def _restored(kept: dict[str, Any]) -> ExplainRecord:
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in kept["options"].items()
    }
    return ExplainRecord(**kept | {"options": ExplainOptions(**given)})


def _parsed(run: Run, command: str) -> ExplainRecord:
    """From the command in the receipts, for findings of before run.json kept it."""
    words = shlex.split(command)[3:]
    given = dict(zip(words[::2], words[1::2], strict=True))
    options = ExplainOptions(
        layers=tuple(given["--layers"].split(",")),
        methods=tuple(given["--method"].split(",")),
        points=int(given["--points"]),
        seed=int(given["--seed"]),
    )
    made_on = {"processor": run.info.get("hardware", {}).get("processor")}
    return ExplainRecord(
        options,
        command,
        given.get("--reference-classifier"),
        None,
        made_on | run.info.get("versions", {}),
    )
