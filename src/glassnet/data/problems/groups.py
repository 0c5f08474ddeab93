"""Problems of groups: one in several splits, too few of them, and classes that they leave out."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from glassnet.data.listing import SPLITS
from glassnet.data.problems.classes import natural_order
from glassnet.data.problems.problem import (
    NOTE,
    WARNING,
    Problem,
    ReportProblem,
    counted,
    first_few,
    ungrouped,
)
from glassnet.errors import DataError

HINT = "give more groups, or splits of your own, or leave out --group-column or --group-pattern"


def report_across_splits(
    groups: Sequence[str],
    splits: Sequence[str],
    locations: Sequence[str],
    report_problem: ReportProblem,
) -> None:
    """Report groups that the data have in several splits.

    Args:
        groups, splits: n of each; the group is empty for an example that is in none.
        locations: n names, or none.
        report_problem: receives the problem.
    """
    members: dict[str, list[int]] = {}
    for k, group in enumerate(groups):
        if group:
            members.setdefault(group, []).append(k)
    across = {
        group: positions
        for group, positions in members.items()
        if len({splits[k] for k in positions}) > 1
    }
    if not across:
        return
    named = []
    for group, positions in across.items():
        in_splits = {splits[k] for k in positions}
        named.append(f"{group} ({', '.join(split for split in SPLITS if split in in_splits)})")
    text = (
        f"{counted(len(across), 'groups')} of {len(members):,} in several splits, which inflates "
        f"the test results; none is left out: {first_few(named)}"
    )
    where = tuple(
        tuple(locations[k] for k in positions) if locations else (group,)
        for group, positions in across.items()
    )
    report_problem(Problem("groups-across-splits", WARNING, text, locations=where))


def check_enough(name: str, train_groups: np.ndarray, splits: Sequence[str]) -> None:
    """Refuse training data with fewer groups than splits that they are to fill.

    Args:
        name: the data set.
        train_groups: (n,) numbers of the groups of the training examples.
        splits: the splits that are to be held out of them.

    Raises:
        DataError: there are too few.
    """
    n = len(np.unique(train_groups))
    if splits and n <= len(splits):
        needed = ", ".join(("train", *splits))
        raise DataError(
            f"{counted(n, 'groups')} for {len(splits) + 1} splits ({needed}), while each "
            "stays in one split",
            HINT,
            name,
        )


def report_divided(
    groups: np.ndarray, positions: Mapping[str, np.ndarray], report_problem: ReportProblem
) -> None:
    """Report how many groups each split has, unless one is in several.

    Args:
        groups: (n,) group numbers.
        positions: split -> positions of its examples.
        report_problem: receives the problem.
    """
    counts = {split: len(np.unique(groups[positions[split]])) for split in SPLITS}
    if sum(counts.values()) == len(np.unique(groups)):
        listed = ", ".join(f"{n:,} {split}" for split, n in counts.items())
        report_problem(Problem("groups", NOTE, f"groups, each in one split: {listed}"))


def report_missing(
    labels_of: Mapping[str, Sequence[str]],
    class_names: Collection[str],
    noun: str,
    report_problem: ReportProblem,
) -> None:
    """Report classes of which nothing could be held out, as their examples are in too few groups.

    Args:
        labels_of: split -> the classes of its examples, of the splits that were held out.
        class_names: all classes.
        noun: what the examples are called.
        report_problem: receives each problem.
    """
    for split, labels in labels_of.items():
        if missing := sorted(set(class_names) - set(labels), key=natural_order):
            text = (
                f"no {split} {noun} of the class {first_few(missing)}, which is in too few "
                "groups: it is not evaluated"
            )
            report_problem(Problem("missing-classes", WARNING, text, locations=ungrouped(missing)))
