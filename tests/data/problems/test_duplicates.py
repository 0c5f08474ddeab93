from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glassnet.data.listing import PARTS
from glassnet.data.problems.duplicates import once
from glassnet.data.problems.problem import Problem

ROWS = st.lists(st.tuples(st.integers(0, 5), st.sampled_from("xy"), st.sampled_from(PARTS)))


def called(rows: list[tuple[int, str, str]]) -> tuple[list[int], list[Problem]]:
    keys, labels, parts = zip(*rows, strict=True) if rows else ((), (), ())
    record: list[Problem] = []
    places = [f"{k}.png" for k in range(len(rows))]
    return once(keys, labels, parts, places, "images", record.append).tolist(), record


@given(ROWS)
def test_each_is_kept_once_in_the_last_part_that_has_it(rows: list[tuple[int, str, str]]) -> None:
    kept, record = called(rows)
    assert kept == sorted(kept)
    keys = [rows[k][0] for k in kept]
    assert sorted(keys) == sorted({key for key, _, _ in rows})
    for k in kept:
        same = [j for j, row in enumerate(rows) if row[0] == rows[k][0]]
        best = max(PARTS.index(rows[j][2]) for j in same)
        assert k == next(j for j in same if PARTS.index(rows[j][2]) == best)
    left = {
        place
        for problem in record
        if problem.kind in {"copies", "across-parts"}
        for group in problem.places
        for place in group[1:]
    }
    assert left == {f"{k}.png" for k in set(range(len(rows))) - set(kept)}
    contrary = any(
        len({label for key, label, _ in rows if key == wanted}) > 1 for wanted in np.unique(keys)
    )
    assert contrary == any(problem.kind == "contrary-labels" for problem in record)


def test_groups_name_what_belongs_together() -> None:
    rows = [(0, "x", "train"), (1, "x", "train"), (0, "y", "train"), (0, "x", "train")]
    kept, (copies, contrary) = called([*rows, (1, "x", "test")][:4])
    assert kept == [0, 1]
    assert copies.text == (
        "2 images left out, the same as one before: 2.png (as 0.png), 3.png (as 0.png)"
    )
    assert copies.places == (("0.png", "2.png", "3.png"),)
    assert contrary.text == (
        "1 image with more than one label: 'x' in 0.png, which counts, and 'y' in 2.png"
    )
    assert contrary.places == (("0.png: x", "2.png: y"),)
    kept, (copies, across, _) = called([*rows, (1, "x", "test")])
    assert kept == [0, 4]
    assert across.text == "1 image left out, the same as one in the test part: 1.png (as 4.png)"
