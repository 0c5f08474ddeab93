"""The views of a run: their findings, and records of the options that they were made with."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec

from glassnet import findings, parallel
from glassnet.contract import ExplainOptions
from glassnet.errors import RunError
from glassnet.explain.evidence import RunEvidence
from glassnet.insight import views
from glassnet.runs import environment
from glassnet.runs.folder import Run


@dataclasses.dataclass(frozen=True)
class ExplainRecord:
    """The options of one `explain` call, an item of the list `explain_records` in run.json.

    Attributes:
        options: the options of the views.
        command: the command line, as in the provenance of the findings.
        reference_classifier: name of the run that scored generated images; empty where none did.
        weights: digest of the checkpoint.
        machine: processor, threads, and versions by package.
    """

    options: ExplainOptions
    command: str
    reference_classifier: str
    weights: str
    machine: dict[str, Any]


RECORDS = Annotated[list[ExplainRecord], msgspec.Meta(min_length=1)]
"""The type of `explain_records` in run.json."""


def command(run: Run, options: ExplainOptions, reference_classifier: Run | None) -> str:
    """Format the command line that makes the findings again."""
    named = f" --reference-classifier {reference_classifier.name}" if reference_classifier else ""
    return (
        f"glassnet explain {run.name} --layers {','.join(options.layers)} "
        f"--method {','.join(options.methods)} --points {options.points} "
        f"--seed {options.seed}{' --control-networks' * options.control_networks}{named}"
    )


def run_views(evidence: RunEvidence, options: ExplainOptions) -> Iterator[findings.Record]:
    """Yield the examples of the projections, and then the findings of every view of the task."""
    yield evidence.examples(options.points, options.seed)
    for name in evidence.task.views:
        yield from views.load(name)(evidence, options)


def record(evidence: RunEvidence, options: ExplainOptions) -> None:
    """Record the options in run.json, so that `verify` can compute the findings again.

    Records of earlier calls stay as long as there are findings of theirs.
    """
    run = evidence.run
    new = ExplainRecord(
        options=options,
        command=evidence.command,
        reference_classifier=evidence.used_reference_classifier,
        weights=evidence.digest,
        machine=machine(),
    )
    earlier = commands(findings.load_all(run.findings)) - {new.command}
    stored = [entry for entry in run.info.get("explain_records", []) if entry["command"] in earlier]
    run.update(explain_records=[*stored, dataclasses.asdict(new)])


def commands(records: Mapping[str, findings.Record]) -> set[str]:
    """Collect the commands in the provenance of findings."""
    return {
        finding.provenance.command
        for finding in records.values()
        if isinstance(finding, findings.Finding)
    }


def machine() -> dict[str, Any]:
    """What the last digits of a number depend on: processor, threads, versions by package."""
    return {
        "processor": environment.hardware()["processor"],
        "threads": parallel.n_threads(),
        **environment.versions(),
    }


def read_records(run: Run) -> list[ExplainRecord]:
    """Read the options that a run's findings were made with, the newest last.

    Raises:
        RunError: there are no findings, or their options are missing or damaged.
    """
    if not any(run.findings.glob("*.json")):
        raise RunError(
            f"{run.path}: there are no findings yet",
            f"make them with: glassnet explain {run.path}",
        )
    try:
        return msgspec.convert(run.info["explain_records"], RECORDS)
    except (KeyError, msgspec.ValidationError) as error:
        raise RunError(
            f"{run.path / 'run.json'}: the options of its findings are missing or damaged "
            f"({error})",
            f"make the findings again with: glassnet explain {run.path}",
        ) from None
