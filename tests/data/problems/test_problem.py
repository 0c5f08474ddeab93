from __future__ import annotations

import re
from pathlib import Path

import pytest

import glassnet
from glassnet.data.problems.problem import (
    NOTE,
    REFUSAL,
    SEVERITIES,
    WARNING,
    Problem,
    first_few,
    problem_logger,
)
from glassnet.errors import DataError

PAGE = Path(__file__).parents[3] / "docs" / "checking-data.md"
SOURCE = Path(glassnet.__file__).parent / "data"


def test_training_logs_problems_and_stops_at_a_refusal() -> None:
    log: list[str] = []
    report_problem = problem_logger(log.append)
    report_problem(Problem("resized", NOTE, "a note"))
    report_problem(Problem("enlarged", WARNING, "a warning", "a hint that is not logged"))
    with pytest.raises(DataError) as caught:
        report_problem(Problem("unusable", REFUSAL, "no", "do something"))
    assert log == ["a note", "a warning"]
    assert (caught.value.message, caught.value.hint) == ("no", "do something")


def test_every_kind_of_problem_is_documented_and_no_other() -> None:
    table = PAGE.read_text().partition("## Problems")[2].partition("## JSON output")[0]
    documented = dict(re.findall(r"^\| `([a-z-]+)` \| ([a-z, ]+) \|", table, re.M))
    severities = {word for cell in documented.values() for word in cell.split(", ")}
    assert severities == set(SEVERITIES)
    code = "\n".join(path.read_text() for path in SOURCE.rglob("*.py"))
    reported = set(re.findall(r'Problem\(\s*"([a-z-]+)"', code))
    assert len(reported) > 15
    assert reported <= set(documented)
    assert {kind for kind in documented if f'"{kind}"' not in code} == set()


def test_the_first_few_names() -> None:
    assert first_few([]) == ""
    assert first_few(["a", "b"]) == "a, b"
    assert first_few([str(k) for k in range(1234)], 2) == "0, 1 and 1,232 more"
