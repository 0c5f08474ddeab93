from __future__ import annotations

import re
from pathlib import Path

import pytest

import glassnet
from glassnet.data.problems.problem import NOTE, REFUSAL, SEVERITIES, WARNING, Problem, speaker
from glassnet.errors import DataError

PAGE = Path(__file__).parents[2] / "docs" / "checking-data.md"
SOURCE = Path(glassnet.__file__).parent / "data"


def test_training_says_problems_and_stops_at_a_refusal() -> None:
    said: list[str] = []
    report_problem = speaker(said.append)
    report_problem(Problem("sizes", NOTE, "a note"))
    report_problem(Problem("flat", WARNING, "a warning", "a hint that is not said"))
    with pytest.raises(DataError) as caught:
        report_problem(Problem("refused", REFUSAL, "no", "do something"))
    assert said == ["a note", "a warning"]
    assert (caught.value.message, caught.value.hint) == ("no", "do something")


def test_every_kind_is_documented_and_no_other() -> None:
    table = PAGE.read_text().partition("## What it looks for")[2].partition("## As JSON")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| ([a-z, ]+) \|", table, re.M)
    documented = dict(rows)
    assert {word for record in documented.values() for word in record.split(", ")} == set(
        SEVERITIES
    )
    code = "\n".join(path.read_text() for path in SOURCE.glob("*.py"))
    made = set(re.findall(r'Problem\(\s*"([a-z-]+)"', code))
    assert len(made) > 15
    assert made <= set(documented)
    assert {kind for kind in documented if f'"{kind}"' not in code} == set()
