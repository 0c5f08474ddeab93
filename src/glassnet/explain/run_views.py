"""The views of a run: their findings, and records of the options that they were made with."""

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, Any

import msgspec

from glassnet import findings, parallel
from glassnet.contract import ExplainOptions, View
from glassnet.errors import RunError, StorageError
from glassnet.explain import missing_views
from glassnet.explain.evidence import RunEvidence
from glassnet.inference.subsample import examples_of
from glassnet.insight import views
from glassnet.runs import environment
from glassnet.runs.folder import Run
from glassnet.runs.group import Group


@dataclasses.dataclass(frozen=True)
class ExplainRecord:
    """The options of one `explain` call, an item of the list `explain_records` in run.json.

    Attributes:
        id: of these options; the findings that they made have it as their `options_id`.
        options: the options of the views.
        command: the command line, for people.
        reference_classifier: name of the run that scored generated images; empty where none did.
        weights: digest of the checkpoint.
        machine: processor, threads, and versions by package.
        views: those that were run; empty for all of the task's, as `explain` runs them.
        other_data: the data set that the network was tested on; empty for the run's own.
    """

    id: str
    options: ExplainOptions
    command: str
    reference_classifier: str
    weights: str
    machine: dict[str, Any]
    views: tuple[str, ...] = ()
    other_data: str = ""


RECORDS = Annotated[list[ExplainRecord], msgspec.Meta(min_length=1)]
"""The type of `explain_records` in run.json."""


def command(run: Run | Group, options: ExplainOptions, reference_classifier: Run | None) -> str:
    """Format the command line that makes the findings again."""
    named = f" --reference-classifier {reference_classifier.name}" if reference_classifier else ""
    return (
        f"glassnet explain {run.name} --layers {','.join(options.layers)} "
        f"--method {','.join(options.methods)} --points {options.points} "
        f"--seed {options.seed}{' --control-networks' * options.control_networks}"
        f"{' --cross-validation' * options.cross_validation}{named}"
    )


def options_id(
    options: ExplainOptions,
    reference_classifier: Run | None = None,
    views: tuple[str, ...] = (),
    other_data: str = "",
) -> str:
    """Identify the options of an `explain` call: equal options have equal ids.

    Args:
        options: the options of the views.
        reference_classifier: the one that the call names; None if it is to be searched.
        views, other_data: as in `ExplainRecord`.
    """
    named = reference_classifier.name if reference_classifier else ""
    content: dict[str, Any] = dataclasses.asdict(options) | {"reference_classifier": named}
    if views or other_data:
        content |= {"views": views, "other_data": other_data}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def run_views(
    evidence: RunEvidence,
    options: ExplainOptions,
    options_id: str,
    names: tuple[str, ...] = (),
) -> Iterator[findings.Record]:
    """Yield the examples of the projections, and then the findings of every view of the task.

    Or, with `names`, the findings of these views alone.

    A view that fails, for example for lack of data, leaves a finding that says why; all others
    stand. With GLASSNET_DEBUG, its error is raised.
    """
    if not names:
        shown = examples_of(evidence.data, evidence.model, options.points, options.seed)
        yield dataclasses.replace(shown, options_id=options_id)
    for name in names or evidence.task.views:
        for finding in _findings_or_reason(name, evidence, options):
            yield dataclasses.replace(finding, options_id=options_id)


def _findings_or_reason(
    name: str, evidence: RunEvidence, options: ExplainOptions
) -> Iterator[findings.Record]:
    view = views.load(name)
    section = getattr(sys.modules[view.__module__], "SECTION", missing_views.OTHER_SECTION)
    try:
        for finding in run_view(view, evidence, options):
            findings.check(finding)
            section = getattr(finding, "section", section)
            yield finding
    except StorageError:
        raise
    except Exception as error:
        if os.environ.get("GLASSNET_DEBUG"):
            raise
        yield missing_views.placeholder(name, error, section, evidence.provenance, options)


def run_view(
    view: View, evidence: RunEvidence, options: ExplainOptions
) -> Iterable[findings.Record]:
    """Call a view with the parts of the run that its parameters name."""
    parts = {
        name: options if name == "options" else getattr(evidence, name)
        for name in views.parts_of(view)
    }
    return view(**parts)


def new_record(
    evidence: RunEvidence,
    options: ExplainOptions,
    options_id: str,
    views: tuple[str, ...] = (),
    other_data: str = "",
) -> ExplainRecord:
    """Describe a call with this evidence."""
    return ExplainRecord(
        id=options_id,
        options=options,
        command=evidence.command,
        reference_classifier=evidence.used_reference_classifier,
        weights=evidence.model.digest,
        machine=machine(),
        views=views,
        other_data=other_data,
    )


def store(run: Run, new: ExplainRecord) -> None:
    """Record a call in run.json, so that `verify` can compute its findings again.

    Records of earlier calls stay as long as there are findings of theirs.
    """
    earlier = {each.options_id for each in findings.load_all(run.findings).values()} - {new.id}
    with run.editing() as info:
        stored = [entry for entry in info.get("explain_records", []) if entry.get("id") in earlier]
        info["explain_records"] = [*stored, dataclasses.asdict(new)]


def machine() -> dict[str, Any]:
    """What the last digits of a number depend on: processor, instructions, threads, versions."""
    return {
        "processor": environment.hardware()["processor"],
        "instructions": environment.instructions(),
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
            "there are no findings yet",
            f"make them with: glassnet explain {run.path}",
            run.path,
        )
    try:
        return msgspec.convert(run.info["explain_records"], RECORDS)
    except (KeyError, msgspec.ValidationError) as error:
        raise RunError(
            f"the options of its findings are missing or damaged ({error})",
            f"make the findings again with: glassnet explain {run.path}",
            run.path / "run.json",
        ) from None
