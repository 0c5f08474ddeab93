"""Findings about a group of seeds: gathered from its runs, saved, drawn and verified."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from pathlib import Path

from glassnet import findings
from glassnet.contract import ExplainOptions
from glassnet.errors import RunError, VerificationError
from glassnet.explain import report_files, run_views, verify
from glassnet.explain.evidence import RunEvidence
from glassnet.explain.report_files import FigureFiles
from glassnet.findings import Finding
from glassnet.insight.views import probe_map
from glassnet.insight.views.seed_curves import seed_curves
from glassnet.insight.views.seed_evidence import GroupEvidence, SeedEvidence
from glassnet.insight.views.seed_results import seed_results
from glassnet.insight.views.seed_separation import seed_separation
from glassnet.runs import manifest
from glassnet.runs.group import Group

VIEWS = (seed_results, seed_curves, seed_separation)


def seed_evidence(evidence: RunEvidence, options: ExplainOptions) -> SeedEvidence:
    """What the group's findings need of one run; the probe map may be cached by `explain`."""
    measured = None
    if "probe_map" in evidence.task.views and probe_map.is_measurable(evidence.data, options):
        measured = probe_map.measure(
            evidence.data, evidence.model, evidence.networks, evidence.cache, options
        )
    results = evidence.run.info.get("results", {}).get("test", {})
    return SeedEvidence(evidence.log.metrics, evidence.log.best_epoch, results, measured)


def group_evidence(
    group: Group,
    seeds: Mapping[int, SeedEvidence],
    one: RunEvidence,
    options: ExplainOptions,
) -> GroupEvidence:
    """The evidence of a group.

    Args:
        group: the group.
        seeds: seed -> evidence of its run.
        one: any of its runs, for what all of them have in common.
        options: the options of `explain`.
    """
    command = run_views.command(group, options, None)
    return GroupEvidence(
        name=group.name,
        command=command,
        seed=options.seed,
        seeds=seeds,
        curves=tuple(dict.fromkeys([*one.log.curves, one.log.monitor])),
        headline=one.log.headline,
        n_valid=one.log.n_valid,
        n_test=int(one.run.info["data"]["test"]),
        layers=options.layers,
    )


def explain(group: Group, evidence: GroupEvidence, files: FigureFiles | None) -> dict[str, Finding]:
    """Make the findings about a group; write them, their claims and figures to its folder.

    Args:
        files: which files of each figure to write; None draws none.
    """
    records = list(itertools.chain.from_iterable(view(evidence) for view in VIEWS))
    _remove_outdated(group, {record.name for record in records})
    for record in records:
        findings.save(record, group.findings)
    report_files.write_claims(group)
    if files:
        report_files.draw(records, group, files)
    return {record.name: record for record in records}


def _remove_outdated(group: Group, current: set[str]) -> None:
    """Remove findings and figures of earlier calls that this one does not make."""
    outdated = [
        path
        for folder in (group.findings, group.figures)
        for path in folder.glob("*")
        if path.stem not in current
    ]
    with manifest.recording(group.path, outdated):
        for path in outdated:
            path.unlink()


def check(group: Group, data: str | None) -> verify.Verification:
    """Verify every explained run of a group, and the group's findings with what that computes.

    Raises:
        VerificationError: the first difference.
        RunError: there are no findings, the data have changed, or a file is damaged.
    """
    began = time.perf_counter()
    stored = findings.load_all(group.findings)
    hint = f"make the findings again with: glassnet explain {group.path}"
    if not stored:
        raise RunError("there are no findings about the group yet", hint, group.path)
    seeds: dict[int, SeedEvidence] = {}
    n_findings, n_claims, tolerance, one = len(stored), 0, verify.SAME_MACHINE, None
    for seed, run in group.runs.items():
        fresh = verify.FreshEvidence(run, data)
        verified = verify.verify_evidence(fresh)
        n_findings, n_claims = n_findings + verified.findings, n_claims + verified.claims
        record = run_views.read_records(run)[-1]
        tolerance = max(tolerance, verify.tolerance_of(record), key=lambda each: each.number)
        seeds[seed], one = seed_evidence(fresh, record.options), one or (fresh, record.options)
    if one is None:
        raise RunError("no seed is finished", f"resume with: glassnet train --resume {group.path}")
    evidence = group_evidence(group, seeds, *one)
    computed = {each.name: each for view in VIEWS for each in view(evidence)}
    for name in sorted(stored.keys() | computed.keys()):
        if name not in stored or name not in computed:
            raise VerificationError(
                f"{group.name}, {name}: the finding is in one of the stored and the computed alone",
                hint,
            )
        verify.compare(group, name, (stored[name], computed[name]), "", tolerance, hint)
    verify.check_written(group)
    n_claims += sum(len(each.claims) for each in report_files.claimed_findings(group))
    return verify.Verification(n_findings, n_claims, time.perf_counter() - began)


def report(group: Group, path: Path | None) -> Path:
    """Write the report of every explained run into its folder, and that of the group, with links.

    Raises:
        StorageError: a file cannot be written.
    """
    for run in group.runs.values():
        if any(run.findings.glob("*.json")):
            report_files.write_report([run])
    return report_files.write_report([group], path)
