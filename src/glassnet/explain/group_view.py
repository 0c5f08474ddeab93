"""What a report shows of a group of seeds: its results in the form of a run's, and its runs."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet import findings
from glassnet.findings import ClaimRecorder, count, interval, number
from glassnet.runs.group import Group
from glassnet.stats.over_seeds import Result, over_seeds

if TYPE_CHECKING:
    from glassnet.report import RunView

N_NUMBERS = 3
"""Measures among the key numbers."""


def group_view(group: Group, file: Path) -> RunView:
    """Load what a report in this file shows of a group.

    Raises:
        RunError: a finding is damaged.
    """
    from glassnet.report import RunView
    from glassnet.report.sections import Member

    members = tuple(
        Member(
            name=run.path.name,
            link=os.path.relpath(run.report.absolute(), file.absolute().parent)
            if run.report.is_file()
            else "",
            status=str(run.info.get("status", "")),
            result=run.main_result,
        )
        for run in group.members().values()
    )
    return RunView(
        name=group.name,
        info=group_info(group),
        findings=findings.load_all(group.findings),
        folder=group.path,
        members=members,
    )


def group_info(group: Group) -> dict[str, Any]:
    """The content of group.json with status and test results, as run.json has them."""
    results = over_seeds(group.test_results)
    test = _test(results) if results else {}
    return group.info | {"status": group.status, "results": {"test": test} if test else {}}


def _test(results: list[Result]) -> dict[str, Any]:
    record, main = ClaimRecorder(), results[0]
    n = record(count("seeds", len(main.values)))
    rows = [_row(record, result, n) for result in results[:N_NUMBERS]]
    return {
        "headline": main.measure.key,
        "sentence": f"{rows[0][1]} {main.measure.name} over {n} seeds",
        "numbers": rows,
        "claims": [asdict(claim) for claim in record.claims],
        "n": len(main.values),
    }


def _row(record: ClaimRecorder, result: Result, n: str) -> list[str]:
    """Label, mean ± standard deviation, and a note with the interval of the mean."""
    ends, measure = result.interval(), result.measure
    claim = number(
        f"mean and standard deviation of {measure.name} over seeds",
        result.mean,
        str(result),
        len(result.values),
        low=ends and ends[0],
        high=ends and ends[1],
    )
    note = f"mean ± standard deviation of {n} seeds" if ends else "one seed"
    if ends:
        form = f"{{:,.{measure.digits}f}} to {{:,.{measure.digits}f}} {measure.unit}".rstrip()
        note += f", 95 % interval of the mean {record(interval(claim, form, scale=1))}"
    return [f"{measure.name[:1].upper()}{measure.name[1:]}", record(claim), note]
