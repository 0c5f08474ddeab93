from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from glassnet.data.listing import SPLITS
from glassnet.data.problems.duplicates import deduplicate
from glassnet.data.problems.problem import Problem

ROWS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("xy"), st.sampled_from(SPLITS)))


def deduplicated(rows: list[tuple[int, str, str]]) -> tuple[list[int], list[Problem]]:
    keys, labels, splits = zip(*rows, strict=True) if rows else ((), (), ())
    problems: list[Problem] = []
    locations = [f"{k}.png" for k in range(len(rows))]
    positions = deduplicate(keys, labels, splits, locations, "images", problems.append)
    return positions.tolist(), problems


@given(ROWS)
def test_each_example_stays_once_in_the_last_split_that_has_it(
    rows: list[tuple[int, str, str]],
) -> None:
    positions, problems = deduplicated(rows)
    assert positions == sorted(positions)
    keys = [rows[k][0] for k in positions]
    assert sorted(keys) == sorted({key for key, _, _ in rows})
    for k in positions:
        same = [j for j, row in enumerate(rows) if row[0] == rows[k][0]]
        best = max(SPLITS.index(rows[j][2]) for j in same)
        assert k == next(j for j in same if SPLITS.index(rows[j][2]) == best)
    left_out = {
        location
        for problem in problems
        if problem.kind in {"duplicates", "duplicates-across-splits"}
        for group in problem.locations
        for location in group[1:]
    }
    assert left_out == {f"{k}.png" for k in set(range(len(rows))) - set(positions)}
    conflicts = any(
        len({label for key, label, _ in rows if key == wanted}) > 1 for wanted in np.unique(keys)
    )
    assert conflicts == any(problem.kind == "conflicting-labels" for problem in problems)


def test_duplicates_are_reported_in_groups() -> None:
    rows = [(0, "x", "train"), (1, "x", "train"), (0, "y", "train"), (0, "x", "train")]
    positions, (duplicates, conflicts) = deduplicated([*rows, (1, "x", "test")][:4])
    assert positions == [0, 1]
    assert duplicates.text == (
        "2 images left out, the same as an earlier one: 2.png (same as 0.png), 3.png (same "
        "as 0.png)"
    )
    assert duplicates.locations == (("0.png", "2.png", "3.png"),)
    assert conflicts.text == (
        "1 image with more than one label: 'x' in 0.png, which is used, and 'y' in 2.png"
    )
    assert conflicts.locations == (("0.png: x", "2.png: y"),)
    positions, (duplicates, across, _) = deduplicated([*rows, (1, "x", "test")])
    assert positions == [0, 4]
    assert (
        across.text == "1 image left out, the same as one in the test split: 1.png (same as 4.png)"
    )
