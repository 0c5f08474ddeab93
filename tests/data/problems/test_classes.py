from __future__ import annotations

import pytest

from glassnet.data.problems import classes
from glassnet.data.problems.problem import REFUSAL, WARNING, Problem
from glassnet.errors import DataError


def learnable(train: str, valid: str = "", test: str = "") -> tuple[str, list[Problem]]:
    """The labels of learnable classes, a letter each, and the problems."""
    labels = train + valid + test
    splits = ["train"] * len(train) + ["valid"] * len(valid) + ["test"] * len(test)
    problems: list[Problem] = []
    positions = classes.learnable(labels, splits, "set", "texts", problems.append)
    return "".join(labels[k] for k in positions), problems


def test_classes_with_enough_examples_are_learnable() -> None:
    assert learnable("aaabbb") == ("aaabbb", [])
    assert learnable("aabb", test="ab") == ("aabbab", [])
    assert learnable("ab", "ab", "ab") == ("ababab", [])


@pytest.mark.parametrize(
    ("labels", "expected", "text"),
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
            "1 text of the valid split left out; the training split lacks the class c",
        ),
        (
            ("aabb", "a", "ab"),
            "aabbaab",
            "no valid texts of the class b: it is not evaluated",
        ),
        (
            ("a" * 30 + "bbb",),
            "a" * 30 + "bbb",
            "the classes are imbalanced: 30 training texts of 'a', 3 of 'b'; check the recall "
            "of each class, not just the accuracy",
        ),
    ],
)
def test_problems_of_classes_are_reported(
    labels: tuple[str, ...], expected: str, text: str
) -> None:
    stays, (problem,) = learnable(*labels)
    assert stays == expected
    assert problem.severity == WARNING
    assert problem.text == text


@pytest.mark.parametrize(
    ("labels", "text", "hint"),
    [
        (
            ("aaabc",),
            "set: fewer than 3 training texts of the class b, c",
            "give each class at least 3",
        ),
        (
            ("aaabbbcdefghi",),
            "set: fewer than 3 training texts of the class c, d, e and 4 more",
            "give each class at least 3",
        ),
        (
            ("aab", "ab", "acc"),
            "set: the class 'c' of the test split is not in the training split",
            "add training texts of this class, or remove it from the test split",
        ),
        (
            ("aabb", "ab", "aaaaB"),
            "set: the class 'B' of the test split is not in the training split",
            "the training split has 'b': use one name for both",
        ),
        (
            ("aabb", "ab", "aaCAB"),
            "set: the class 'A' of the test split is not in the training split",
            "the training split has 'a': use one name for both",
        ),
    ],
)
def test_data_without_learnable_classes_are_refused(
    labels: tuple[str, ...], text: str, hint: str
) -> None:
    _, problems = learnable(*labels)
    (problem,) = (one for one in problems if one.severity == REFUSAL)
    assert (problem.text, problem.hint) == (text, hint)


def test_classes_that_training_lacks_are_listed_with_the_problem() -> None:
    _, (problem,) = learnable("aaabbb", "ab", "abcd")
    assert (problem.kind, problem.locations) == ("unknown-classes", (("c",), ("d",)))


def test_no_class_with_enough_examples_is_refused() -> None:
    with pytest.raises(DataError, match="set: fewer than 3 training texts of the class a, b"):
        learnable("aabb")


def names_reported(*labels: str) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    problems: list[Problem] = []
    several = [label for label in labels for _ in range(5)]
    classes.learnable(several, ["train"] * len(several), "set", "texts", problems.append)
    assert all(problem.severity == WARNING for problem in problems)
    return [(problem.kind, problem.locations) for problem in problems]


@pytest.mark.parametrize(
    "spellings",
    [
        ("Neg", "neg"),
        ("pos", " POS "),
        ("1", "1.0"),
        ("01", "1"),
        ("Class 7", "class_07"),
        ("５", "5"),
        ("golden retriever", "golden-retriever"),
        ("1e3", "1000"),
    ],
)
def test_classes_that_differ_in_spelling_only_are_named(spellings: tuple[str, str]) -> None:
    ((kind, (group,)),) = names_reported(*spellings, "another")
    assert (kind, sorted(group)) == ("similar-classes", sorted(spellings))


@pytest.mark.parametrize("name", ["nan", "NaN", "null", "None", "N/A", "<NA>"])
def test_classes_that_look_like_missing_labels_are_named(name: str) -> None:
    assert names_reported(name, "good") == [("missing-labels", ((name,),))]


@pytest.mark.parametrize(
    "labels", [("-1", "1"), ("1", "10", "100"), ("0.1", "0.01"), ("v1.05", "v1.5"), ("naan", "nun")]
)
def test_different_classes_are_not_reported(labels: tuple[str, ...]) -> None:
    assert names_reported(*labels) == []


def test_a_number_in_another_form_in_the_test_split_is_refused() -> None:
    problems: list[Problem] = []
    labels, splits = ["1", "2"] * 3 + ["1.0", "2"], ["train"] * 6 + ["test"] * 2
    classes.learnable(labels, splits, "set", "texts", problems.append)
    assert (problems[0].severity, problems[0].hint) == (
        REFUSAL,
        "the training split has '1': use one name for both",
    )
