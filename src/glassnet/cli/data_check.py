"""`glassnet data check`: what is wrong with a data set, and what training would do about it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import click

from glassnet.cli.data_show import SEED, WIDTH, description_of, print_description
from glassnet.cli.table import print_json

if TYPE_CHECKING:
    from glassnet.data.check import Report
    from glassnet.data.problems.problem import Problem

FORMAT = 1
"""The version of the JSON; it rises when a field changes its meaning or goes."""

HEADINGS = {
    "refusal": "what training refuses",
    "warning": "what training goes on with",
    "note": "notes",
}


def check(
    name: str,
    *,
    size: int | None = None,
    colour: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    json: bool = False,
) -> None:
    """Check one data set; the exit code is 2 if a training would refuse it.

    Args:
        name: a name that `glassnet data list` gives, or the path of one's own images or texts.
        size, colour: own images only: the side in pixels, and `grey` or `rgb`, that all become.
        text_column, label_column: own tables of texts only: the columns' names.
        json: print JSON for a program to read.
    """
    from glassnet.data import check as checking

    report = checking.check(
        name,
        seed=SEED,
        size=size,
        colour=None if colour == "auto" else colour,
        text_column=text_column,
        label_column=label_column,
    )
    print_json(_as_json(report)) if json else _print_report(report)
    if not report.trainable:
        raise click.exceptions.Exit(2)


def _described(report: Report) -> dict[str, Any]:
    from glassnet.data.sources.catalogue import CATALOGUE

    if report.splits is not None:
        entry = CATALOGUE.get(report.name)
        title = {"title": entry.title} if entry else {}
        return title | description_of(report.splits, report.kind)
    return {"name": report.name, "kind": report.kind, "seed": SEED, "classes": [], "counts": None}


def _as_json(report: Report) -> dict[str, Any]:
    problems = [
        {
            "kind": problem.kind,
            "severity": problem.severity,
            "text": problem.text,
            "hint": problem.hint,
            "count": len(problem.places),
            "places": problem.places,
        }
        for problem in report.problems
    ]
    told = {"format": FORMAT, "trainable": report.trainable} | _described(report)
    return told | {"problems": problems}


def _print_report(report: Report) -> None:
    if report.splits is not None:
        print_description(_described(report))
    else:
        print(f"{report.name}: your own {report.kind}")
    numbers = []
    for severity, heading in HEADINGS.items():
        problems = [problem for problem in report.problems if problem.severity == severity]
        if problems:
            print(f"\n{heading}")
            _print_problems(problems)
            numbers.append(f"{len(problems)} {severity}{'s' * (len(problems) > 1)}")
    told = ", ".join(numbers) or "nothing to complain of"
    print(f"\n{'a training would go' if report.trainable else 'a training would refuse'}: {told}")


def _print_problems(problems: list[Problem]) -> None:
    hints: dict[str, None] = {}
    for problem in problems:
        print(_folded(problem.text, "- "))
        if problem.severity == "refusal":
            print(_folded(problem.hint, "  "))
        elif problem.hint:
            hints[problem.hint] = None
    for hint in hints:
        print(_folded(hint, "  "))


def _folded(text: str, first: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
