"""`glassnet data check`: the problems of a data set, and what training does about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.data_show import SEED, description_of, options_of, print_description, wrapped
from glassnet.cli.echo import echo, echo_json

if TYPE_CHECKING:
    from glassnet.data.check import Report
    from glassnet.data.problems.problem import Problem

FORMAT = 1
"""The version of the JSON; it increases when a field changes its meaning or is removed."""

HEADINGS = {
    "refusal": "why training refuses the data",
    "warning": "warnings",
    "note": "notes",
}
"""Severity -> heading of its problems."""


def check(name: str, *, json: bool = False, **options: Any) -> None:
    """Check a data set; the exit code is 2 if training would refuse it.

    Args:
        name: a name that `glassnet data list` prints, or the path of the user's images or texts.
        json: print JSON.
        options: own data only: how they are read, see `options_of`.
    """
    from glassnet.data import check as data_check

    report = data_check.check(name, seed=SEED, **options_of(options))
    echo_json(_as_json(report), indent=2) if json else _print_report(report)
    if not report.trainable:
        raise click.exceptions.Exit(2)


def _description(report: Report) -> dict[str, Any]:
    from glassnet.data.sources.catalogue import CATALOGUE

    if report.splits is not None:
        entry = CATALOGUE.get(report.name)
        title = {"title": entry.title} if entry else {}
        return title | description_of(report.splits, report.modality)
    return {
        "name": report.name,
        "modality": report.modality,
        "seed": SEED,
        "classes": [],
        "counts": None,
    }


def _as_json(report: Report) -> dict[str, Any]:
    problems = [
        {
            "kind": problem.kind,
            "severity": problem.severity,
            "text": problem.text,
            "hint": problem.hint,
            "count": len(problem.locations),
            "locations": problem.locations,
        }
        for problem in report.problems
    ]
    result = {"format": FORMAT, "trainable": report.trainable}
    return result | _description(report) | {"problems": problems}


def _print_report(report: Report) -> None:
    if report.splits is not None:
        print_description(_description(report))
    else:
        echo(f"{report.name}: your own {report.modality}")
    counts = []
    for severity, heading in HEADINGS.items():
        if problems := [problem for problem in report.problems if problem.severity == severity]:
            echo(f"\n{heading}")
            _print_problems(problems)
            counts.append(f"{len(problems)} {severity}{'s' * (len(problems) > 1)}")
    echo(f"\n{_verdict(report.trainable, ', '.join(counts))}")


def _verdict(trainable: bool, counts: str) -> str:
    if not counts:
        return "No problems found; ready to train."
    if trainable:
        return f"Ready to train, with {counts}."
    return f"Training would refuse these data: {counts}."


def _print_problems(problems: list[Problem]) -> None:
    hints: dict[str, None] = {}
    for problem in problems:
        echo(wrapped(problem.text, "- "))
        if problem.severity == "refusal":
            echo(wrapped(problem.hint, "  "))
        elif problem.hint:
            hints[problem.hint] = None
    for hint in hints:
        echo(wrapped(hint, "  "))
