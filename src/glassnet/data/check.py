"""Checking: data read once, as training reads it, and looked at more closely than training does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from glassnet import progress
from glassnet.contract import Splits
from glassnet.data import pool
from glassnet.data.images import dataset, local
from glassnet.data.listing import PARTS, some
from glassnet.data.problems import near_duplicate_images, near_duplicate_texts
from glassnet.data.problems.problem import NOTE, REFUSAL, WARNING, Problem, ReportProblem, counted
from glassnet.data.sources import fetch
from glassnet.data.texts import dataset as texts
from glassnet.errors import DataError, UsageError

VALID_FRACTION = 1 / 12
"""The share that is held out for validation, as trainings do unless they are told otherwise."""

NEAR = {
    "images": "near: difference hashes with at most "
    f"{near_duplicate_images.MOST_BITS} of 64 bits different, "
    f"and thumbnails that correlate to {near_duplicate_images.LEAST_ALIKE} or more",
    "texts": "near: the same but for case, signs and spaces, or at least "
    f"{100 * near_duplicate_texts.LEAST_ALIKE:.0f} % of all runs of "
    f"{near_duplicate_texts.RUN} words in both",
}
"""What is meant by near copies."""

NEAR_COPIES = {
    "near-across-parts": (WARNING, " in several parts, which flatters the test"),
    "near-contrary": (WARNING, " with different labels"),
    "near-copies": (NOTE, ""),
}
"""How groups of near copies are told."""


@dataclass(frozen=True, eq=False)
class Report:
    """What a check has found.

    Attributes:
        name: the data set's name, or its path.
        kind: `images` or `texts`.
        problems: all of them; refusals first, then warnings, then notes.
        splits: what a training with this seed would be given; None where it comes to none.
    """

    name: str
    kind: str
    problems: tuple[Problem, ...]
    splits: Splits | None

    @property
    def trainable(self) -> bool:
        """Whether a training would go."""
        return not any(problem.severity == REFUSAL for problem in self.problems)


def check(
    name: str,
    *,
    seed: int,
    size: int | None = None,
    colour: str | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    log: fetch.Log = fetch.on_stderr,
) -> Report:
    """Read a data set as training does, and collect what is wrong or worth knowing.

    Args:
        name: a name of the catalogue, or the path of one's own images or texts.
        seed: chooses the validation examples where there is no validation part.
        size, colour: as `load.load` has them.
        text_column, label_column: as `texts.load` has them.
        say: takes notes for the person who waits, while something is fetched.

    Raises:
        UsageError: there is no such data set, or an option does not fit it.
        DataError: there is no such path.
        FetchError: it is not in the cache, and no source gave it.
    """
    kind = dataset.kind_of(name)
    _check_options(name, kind, size or colour, text_column or label_column)
    found: list[Problem] = []
    splits = None
    if dataset.is_path(name):
        name = str(local.located(name))
        try:
            if kind == "texts":
                read = texts.own_pool(name, text_column, label_column, found.append)
            else:
                read = local.read(name, size, colour, found.append)
            splits = _looked_into(read, name, seed, found.append)
        except DataError as error:
            found.append(Problem("refused", REFUSAL, error.message, error.hint))
    else:
        loader = texts.load if kind == "texts" else dataset.load
        splits = loader(name, seed=seed, valid_fraction=VALID_FRACTION, log=log)
        whole = _pool(splits, kind)
        _report_near(whole, whole.parts, found.append)
    order = (REFUSAL, WARNING, NOTE)
    found.sort(key=lambda problem: order.index(problem.severity))
    return Report(name, kind, tuple(found), splits)


def _check_options(name: str, kind: str, of_images: object, of_texts: object) -> None:
    if kind == "texts" and of_images is not None:
        raise UsageError(
            f"{name} holds texts, which have no size and no colour",
            "leave --image-size and --colour out",
        )
    if kind == "images" and of_texts is not None:
        raise UsageError(f"{name} holds images, which have no columns", "leave the column out")


def _looked_into(read: pool.Pool, name: str, seed: int, report_problem: ReportProblem) -> Splits:
    """Divide a pool, and look for near copies in it."""
    numbered = replace(read, ids=np.arange(len(read.inputs)))
    splits = pool.divide(
        numbered, name, seed=seed, valid_fraction=VALID_FRACTION, report_problem=report_problem
    )
    if read.noun == "images" and len(splits.class_names) == 1:
        text = "all images are of one class: a generator can be trained, a classifier cannot"
        report_problem(Problem("one-class", WARNING, text))
    part_of = [""] * len(read.inputs)
    for part, split in zip(PARTS, (splits.train, splits.valid, splits.test), strict=True):
        for k in split.ids.tolist():
            part_of[k] = part
    _report_near(read, part_of, report_problem)
    return splits


def _pool(splits: Splits, kind: str) -> pool.Pool:
    """The pool of a data set of the catalogue, numbered anew part by part."""
    parts = (splits.train, splits.valid, splits.test)
    names = np.repeat(PARTS, [len(part) for part in parts]).tolist()
    one = kind.removesuffix("s")
    ids = chain.from_iterable(part.ids.tolist() for part in parts)
    return pool.Pool(
        inputs=np.concatenate([part.inputs for part in parts]),
        labels=tuple(splits.class_names[k] for part in parts for k in part.labels),
        parts=tuple(names),
        ids=np.arange(len(names)),
        fingerprint=splits.fingerprint,
        noun=kind,
        places=tuple(f"{part} {one} {k}" for part, k in zip(names, ids, strict=True)),
    )


def _report_near(read: pool.Pool, part_of: Sequence[str], report_problem: ReportProblem) -> None:
    """Tell of near copies: in several parts, of several classes, and all of them.

    Args:
        read: the examples.
        part_of: the part that each has come to; empty where it is left out.
        tell: takes what is told.
    """
    missed = 0
    with progress.stage("looking for near copies", 1):
        if read.noun == "texts":
            groups = near_duplicate_texts.groups(read.inputs.tolist())
        else:
            groups, missed = near_duplicate_images.groups(read.inputs)
    if missed:
        text = (
            f"too many images are alike to compare all: {counted(missed, 'images')} not compared "
            "with each other one"
        )
        report_problem(Problem("not-compared", NOTE, text))
    groups = [[k for k in group if part_of[k]] for group in groups]
    groups = [group for group in groups if len(group) > 1]
    across = [group for group in groups if len({part_of[k] for k in group}) > 1]
    contrary = [group for group in groups if len({read.labels[k] for k in group}) > 1]
    _report_groups("near-across-parts", across, part_of, read, report_problem)
    _report_groups("near-contrary", contrary, read.labels, read, report_problem)
    _report_groups("near-copies", groups, None, read, report_problem)


def _report_groups(
    kind: str,
    groups: list[list[int]],
    differing: Sequence[str] | None,
    read: pool.Pool,
    report_problem: ReportProblem,
) -> None:
    """Tell of groups of near copies, and of what differs within each, their parts or classes."""
    if not groups:
        return
    severity, what = NEAR_COPIES[kind]
    names: Sequence[str] = read.places
    two = [group[:2] for group in groups]
    if differing:
        names = [f"{at} ({told})" for at, told in zip(read.places, differing, strict=True)]
        two = [
            [group[0], next(k for k in group if differing[k] != differing[group[0]])]
            for group in groups
        ]
    text = (
        f"{counted(sum(map(len, groups)), read.noun)} in {counted(len(groups), 'groups')} of near "
        f"copies{what}; all are kept: {some([' ~ '.join(names[k] for k in pair) for pair in two])}"
    )
    places = tuple(tuple(names[k] for k in group) for group in groups)
    report_problem(Problem(kind, severity, text, NEAR[read.noun], places))
