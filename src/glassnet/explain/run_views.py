"""Explaining: what the insights find in a run, and what they were asked for."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from glassnet import findings, parallel
from glassnet.contract import Options
from glassnet.errors import RunError
from glassnet.explain.evidence import RunEvidence
from glassnet.insight import views
from glassnet.runs import environment
from glassnet.runs.folder import Run


@dataclasses.dataclass(frozen=True)
class Asked:
    """What `explain` was asked for, as run.json keeps it in the list `explained`.

    Attributes:
        options: for the insights.
        command: stands in the receipts.
        judge: the run that judged images; empty where none did, None where that is not known.
        weights: the digest of the checkpoint; None where it is not known.
        machine: the processor, and versions by package.
    """

    options: Options
    command: str
    judge: str | None
    weights: str | None
    machine: dict[str, Any]


def found(evidence: RunEvidence, options: Options) -> Iterator[findings.Record]:
    """The examples that projections point at, and then what each insight of the task finds."""
    yield evidence.examples(options.points, options.seed)
    for name in evidence.task.views:
        yield from views.load(name)(evidence, options)


def note(evidence: RunEvidence, options: Options) -> None:
    """Keep in run.json what was asked for, so that it can be asked again.

    What was asked for before stays there as long as there are findings of it.
    """
    judge = vars(evidence).get("judge")  # not looked for where no insight did
    now = Asked(
        options=options,
        command=evidence.command,
        judge=judge.name if judge else "",
        weights=evidence.digest,
        machine=machine(),
    )
    run, there = evidence.run, commands(findings.load_all(evidence.run.findings)) - {now.command}
    before = [kept for kept in run.facts.get("explained", []) if kept["command"] in there]
    run.update(explained=[*before, dataclasses.asdict(now)])


def commands(records: Mapping[str, findings.Record]) -> set[str]:
    """The commands that findings say they were made by."""
    return {each.receipt.command for each in records.values() if isinstance(each, findings.Finding)}


def machine() -> dict[str, Any]:
    """What the last digits of a number may depend on: processor, threads, versions by package."""
    processor = environment.hardware()["processor"]
    return {"processor": processor, "threads": parallel.working(), **environment.versions()}


def asked(run: Run) -> list[Asked]:
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
        kept = run.facts.get("explained")
        if kept:
            return [_restored(each) for each in kept]
        return [_parsed(run, each) for each in sorted(commands(findings.load_all(run.findings)))]
    except (KeyError, ValueError, TypeError, AttributeError):
        raise RunError(
            f"{run.path}: nothing says what its findings were made with",
            f"make them again with: glassnet explain {run.path}",
        ) from None


def _restored(kept: dict[str, Any]) -> Asked:
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in kept["options"].items()
    }
    return Asked(**kept | {"options": Options(**given)})


def _parsed(run: Run, command: str) -> Asked:
    """From the command in the receipts, for findings of before run.json kept it."""
    words = shlex.split(command)[3:]
    given = dict(zip(words[::2], words[1::2], strict=True))
    options = Options(
        layers=tuple(given["--layers"].split(",")),
        methods=tuple(given["--method"].split(",")),
        points=int(given["--points"]),
        seed=int(given["--seed"]),
    )
    made_on = {"processor": run.facts.get("hardware", {}).get("processor")}
    return Asked(
        options, command, given.get("--judge"), None, made_on | run.facts.get("versions", {})
    )
