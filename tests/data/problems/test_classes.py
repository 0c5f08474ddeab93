from __future__ import annotations

import pytest

from glassnet.data.problems import classes
from glassnet.data.problems.problem import REFUSAL, WARNING, Problem
from glassnet.errors import DataError


def kept(train: str, valid: str = "", test: str = "") -> tuple[str, list[Problem]]:
    """The labels that are kept, a letter each, and what is told."""
    labels = train + valid + test
    parts = ["train"] * len(train) + ["valid"] * len(valid) + ["test"] * len(test)
    record: list[Problem] = []
    positions = classes.neighbours_kept(labels, parts, "set", "texts", record.append)
    return "".join(labels[k] for k in positions), record


def test_classes_with_enough_examples_are_kept() -> None:
    assert kept("aaabbb") == ("aaabbb", [])
    assert kept("aabb", test="ab") == ("aabbab", [])
    assert kept("ab", "ab", "ab") == ("ababab", [])


@pytest.mark.parametrize(
    ("given", "left", "text"),
    [
        (("aaaabbbbcd",), "aaaabbbb", "2 classes left out, with fewer than 3 training texts: c, d"),
        (
            ("aaabbbc", "", "abc"),
            "aaabbbab",
            "1 class left out, with fewer than 2 training texts: c",
        ),
        (
            ("aaabbb", "abc", "ab"),
            "aaabbbabab",
            "1 text of the valid part left out, the training part has none of the class c",
        ),
        (
            ("aabb", "a", "ab"),
            "aabbaab",
            "no valid texts of the class b: nothing is measured on it",
        ),
        (
            ("a" * 30 + "bbb",),
            "a" * 30 + "bbb",
            "the classes are uneven: 30 training texts of 'a', 3 of 'b'; look at each class's "
            "recall, not at the accuracy alone",
        ),
    ],
)
def test_what_is_odd_is_told(given: tuple[str, ...], left: str, text: str) -> None:
    labels, (problem,) = kept(*given)
    assert labels == left
    assert problem.severity == WARNING
    assert problem.text == text


@pytest.mark.parametrize(
    ("given", "text", "hint"),
    [
        (
            ("aaabc",),
            "set: fewer than 3 training texts of the class b, c",
            "give each class 3 or more",
        ),
        (
            ("aaabbbcdefghi",),
            "set: fewer than 3 training texts of the class c, d, e and 4 more",
            "give each class 3 or more",
        ),
        (
            ("aab", "ab", "acc"),
            "set: the class 'c' of the test part is not in the training part",
            "give it training texts, or take it away",
        ),
        (
            ("aabb", "ab", "aaaaB"),
            "set: the class 'B' of the test part is not in the training part",
            "it has 'b': give both one name",
        ),
    ],
)
def test_what_is_refused(given: tuple[str, ...], text: str, hint: str) -> None:
    _, record = kept(*given)
    (problem,) = (one for one in record if one.severity == REFUSAL)
    assert (problem.text, problem.hint) == (text, hint)


def test_no_class_with_enough_examples() -> None:
    with pytest.raises(DataError, match="set: fewer than 3 training texts of the class a, b"):
        kept("aabb")
