from __future__ import annotations

import numpy as np
import pytest

from glassnet.data.pool import Pool
from glassnet.data.problems.problem import problem_logger
from glassnet.data.texts.cleaning import TextRows, clean
from glassnet.data.texts.strings import string_array
from glassnet.errors import DataError


def rows_of(*rows: str, faults: dict[int, str] | None = None) -> TextRows:
    """Rows from `text|label|split`."""
    cells = [(*row.split("|"), "train")[:3] for row in rows]
    texts, labels, splits = map(list, zip(*cells, strict=True))
    locations = [f"line {k + 2}" for k in range(len(rows))]
    return TextRows("a.csv", texts, labels, splits, locations, faults or {})


def cleaned(rows: TextRows) -> tuple[Pool, list[str]]:
    notes: list[str] = []
    return clean(rows, problem_logger(notes.append)), notes


def test_clean_rows_are_unchanged() -> None:
    pool, notes = cleaned(rows_of("good|a", "bad|b|test", "夏|a|valid"))
    assert notes == []
    assert pool.inputs.tolist() == ["good", "bad", "夏"]
    assert pool.inputs.dtype == np.dtypes.StringDType()
    assert (pool.labels, pool.splits) == (("a", "b", "a"), ("train", "test", "valid"))
    assert pool.ids.tolist() == [0, 1, 2]
    assert pool.noun == "texts"


def test_incomplete_rows_are_left_out_and_reported() -> None:
    rows = rows_of("a|x", "|y", "c|", "d|y", "e|y", "f|x", faults={5: "more cells than columns"})
    pool, notes = cleaned(rows)
    assert pool.ids.tolist() == [0, 3, 4]
    assert notes == [
        "a.csv: 3 of 6 texts left out: no text in line 3, no label in line 4, more "
        "cells than columns in line 7"
    ]


def test_texts_without_a_word_are_left_out_as_predict_leaves_them_out() -> None:
    """A tokenizer finds nothing in a line break; a smiley or a full stop is a word to it."""
    pool, notes = cleaned(rows_of("a|x", "<br /><BR>|y", "d|y", "…|y", "\N{WHITE SMILING FACE}|x"))
    assert pool.ids.tolist() == [0, 2, 3, 4]
    assert notes == ["a.csv: 1 of 5 texts left out: no word in line 3"]


def test_more_than_half_of_the_rows_incomplete_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        cleaned(rows_of("a|", "b|", "|x", "c|", "d|", "e|x"))
    assert caught.value.message == (
        "a.csv: 5 of 6 texts cannot be used: no label in line 2, no label in line 3, no text in "
        "line 4 and 2 more"
    )


def test_duplicates_within_a_split_are_left_out() -> None:
    pool, notes = cleaned(rows_of("a|x", "b|y", "a|x", "c|y", "a|x"))
    assert pool.ids.tolist() == [0, 1, 3]
    assert notes == [
        "2 texts left out, the same as an earlier one: line 4 (same as line 2), line 6 (same as "
        "line 2)"
    ]


def test_a_text_in_two_splits_stays_in_the_test_split() -> None:
    rows = rows_of("a|x", "b|y", "a|x|test", "c|y|valid", "c|y", "a|x|valid", "d|x", "e|y")
    pool, notes = cleaned(rows)
    assert pool.ids.tolist() == [1, 2, 3, 6, 7]
    assert notes == [
        "1 text left out, the same as one in the valid split: line 6 (same as line 5)",
        "2 texts left out, the same as one in the test split: line 2 (same as line 4), line 7 "
        "(same as line 4)",
    ]


def test_conflicting_labels_are_reported_and_the_first_is_used() -> None:
    pool, notes = cleaned(rows_of("a|x", "b|y", "a|y", "c|y", "a|y"))
    assert pool.labels == ("x", "y", "y")
    assert notes[1] == (
        "1 text with more than one label: 'x' in line 2, which is used, and 'y' in line 4"
    )


def test_a_single_class_is_refused() -> None:
    with pytest.raises(DataError, match=r"^a\.csv: all texts have the same class, 'x'\n"):
        cleaned(rows_of("a|x", "b|x"))
    with pytest.raises(DataError, match="all texts have the same class, 'x'"):
        cleaned(rows_of("a|x", "b|x", "a|y"))


def test_the_fingerprint_depends_on_content_labels_splits_and_order() -> None:
    fingerprints = {
        cleaned(rows_of(*rows))[0].fingerprint
        for rows in (
            ("a|x", "b|y"), ("b|y", "a|x"), ("a|y", "b|x"), ("a|x", "b|y|test"), ("a|x", "c|y"),
        )
    }  # fmt: skip
    assert len(fingerprints) == 5
    assert cleaned(rows_of("a|x", "b|y"))[0].fingerprint in fingerprints


def test_a_lone_surrogate_is_replaced() -> None:
    assert string_array(["a\ud800b", "ok"]).tolist() == ["a\ufffdb", "ok"]
    pool, _ = cleaned(rows_of("a\ud800|x", "b|y"))
    assert pool.inputs.tolist() == ["a\ufffd", "b"]
