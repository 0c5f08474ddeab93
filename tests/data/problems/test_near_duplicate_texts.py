from __future__ import annotations

import numpy as np
import pytest

from glassnet.data.problems import near_duplicate_texts
from glassnet.data.problems.near_duplicate_texts import find_groups


def written(seed: int, words: int) -> list[str]:
    numbers = np.random.default_rng(seed).integers(0, 3000, words)
    return [f"w{number}" for number in numbers]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A joy, from start to end!", "a joy from start to end"),
        ("Straße\nfrei", "STRASSE -- frei..."),
        ("夏は 夜。", "夏は夜"),
        ("don't", "don t"),
        ("10/10", "10 10"),
    ],
)
def test_case_signs_and_spaces_do_not_matter(one: str, other: str) -> None:
    assert find_groups(["other", one, "different", other]) == [[1, 3]]


def test_texts_without_a_word_are_in_no_group() -> None:
    assert find_groups(["...", "...", "", "", "!"]) == []
    assert find_groups([]) == []


@pytest.mark.parametrize(
    ("words", "changed", "near"), [(400, 8, True), (60, 1, True), (60, 9, False)]
)
def test_texts_that_share_most_of_their_runs(words: int, changed: int, near: bool) -> None:
    texts = []
    for seed in range(20):
        first = written(seed, words)
        second = list(first)
        for k in range(changed):
            second[(k + 1) * words // (changed + 1)] = "another"
        texts += [" ".join(first), " ".join(second)]
    assert find_groups(texts) == ([[2 * k, 2 * k + 1] for k in range(20)] if near else [])


def test_a_text_within_another_is_not_near_if_it_is_much_shorter() -> None:
    long = written(0, 300)
    assert find_groups([" ".join(long), " ".join(long[:200])]) == []
    assert find_groups([" ".join(long), " ".join(long[:280])]) == [[0, 1]]


def test_only_the_beginnings_of_texts_are_compared_if_there_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(near_duplicate_texts, "MAX_RUNS", 200)
    start = written(0, 100)
    texts = [" ".join(start + written(1, 100)), " ".join(start + written(2, 100))]
    assert find_groups(texts) == [[0, 1]]


def test_many_alike_are_joined() -> None:
    shared = written(0, 200)
    texts = [" ".join([*shared, str(k)]) for k in range(300)]
    assert find_groups(texts) == [list(range(300))]
