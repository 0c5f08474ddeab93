from __future__ import annotations

import numpy as np
import pytest
from glassnet.data.texts.pool import Rows, array, pooled

from glassnet.data.pool import Pool
from glassnet.data.problems.problem import speaker
from glassnet.errors import DataError


def made(*rows: str, faults: dict[int, str] | None = None) -> Rows:
    """Rows as `text|label|part`."""
    cells = [(*row.split("|"), "train")[:3] for row in rows]
    texts, labels, parts = map(list, zip(*cells, strict=True))
    places = [f"line {k + 2}" for k in range(len(rows))]
    return Rows("a.csv", texts, labels, parts, places, faults or {})


def cleaned(rows: Rows) -> tuple[Pool, list[str]]:
    notes: list[str] = []
    return pooled(rows, speaker(notes.append)), notes


def test_clean_rows_pass_as_they_are() -> None:
    pool, notes = cleaned(made("good|a", "bad|b|test", "夏|a|valid"))
    assert notes == []
    assert pool.inputs.tolist() == ["good", "bad", "夏"]
    assert pool.inputs.dtype == np.dtypes.StringDType()
    assert (pool.labels, pool.parts) == (("a", "b", "a"), ("train", "test", "valid"))
    assert pool.ids.tolist() == [0, 1, 2]
    assert pool.noun == "texts"


def test_rows_that_cannot_be_used_are_left_out_and_told() -> None:
    rows = made("a|x", "|y", "c|", "d|y", "e|y", "f|x", faults={5: "more cells than columns"})
    pool, notes = cleaned(rows)
    assert pool.ids.tolist() == [0, 3, 4]
    assert notes == [
        "3 of 6 texts left out: no text in line 3, no label in line 4, more "
        "cells than columns in line 7"
    ]


def test_too_many_rows_that_cannot_be_used() -> None:
    with pytest.raises(DataError) as caught:
        cleaned(made("a|", "b|", "|x", "c|", "d|", "e|x"))
    assert caught.value.message == (
        "a.csv: 5 of 6 texts cannot be used: no label in line 2, no label in line 3, no text in "
        "line 4 and 2 more"
    )


def test_a_text_that_stands_there_again_is_kept_once() -> None:
    pool, notes = cleaned(made("a|x", "b|y", "a|x", "c|y", "a|x"))
    assert pool.ids.tolist() == [0, 1, 3]
    assert notes == [
        "2 texts left out, the same as one before: line 4 (as line 2), line 6 (as line 2)"
    ]


def test_a_text_in_two_parts_stays_in_the_test_part() -> None:
    rows = made("a|x", "b|y", "a|x|test", "c|y|valid", "c|y", "a|x|valid", "d|x", "e|y")
    pool, notes = cleaned(rows)
    assert pool.ids.tolist() == [1, 2, 3, 6, 7]
    assert notes == [
        "1 text left out, the same as one in the valid part: line 6 (as line 5)",
        "2 texts left out, the same as one in the test part: line 2 (as line 4), line 7 (as "
        "line 4)",
    ]


def test_contrary_labels_are_told_and_the_first_counts() -> None:
    pool, notes = cleaned(made("a|x", "b|y", "a|y", "c|y", "a|y"))
    assert pool.labels == ("x", "y", "y")
    assert notes[1] == (
        "1 text with more than one label: 'x' in line 2, which counts, and 'y' in line 4"
    )


def test_one_class_alone() -> None:
    with pytest.raises(DataError, match=r"^a\.csv: all texts are of one class, 'x'\n"):
        cleaned(made("a|x", "b|x"))
    with pytest.raises(DataError, match="all texts are of one class, 'x'"):
        cleaned(made("a|x", "b|x", "a|y"))


def test_the_fingerprint_is_of_content_labels_parts_and_order() -> None:
    prints = {
        cleaned(made(*rows))[0].fingerprint
        for rows in (
            ("a|x", "b|y"), ("b|y", "a|x"), ("a|y", "b|x"), ("a|x", "b|y|test"), ("a|x", "c|y"),
        )
    }  # fmt: skip
    assert len(prints) == 5
    assert cleaned(made("a|x", "b|y"))[0].fingerprint in prints


def test_half_a_surrogate_becomes_a_replacement() -> None:
    assert array(["a\ud800b", "ok"]).tolist() == ["a\ufffdb", "ok"]
    pool, _ = cleaned(made("a\ud800|x", "b|y"))
    assert pool.inputs.tolist() == ["a\ufffd", "b"]
