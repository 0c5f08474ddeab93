"""Data check: a data set read as training reads it, with all its problems collected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from glassnet import progress
from glassnet.contract import Splits
from glassnet.data import names, paths
from glassnet.data.images import labelled as labelled_images
from glassnet.data.images.load import load_images
from glassnet.data.listing import SPLITS
from glassnet.data.options import ReadOptions
from glassnet.data.pool import Pool, to_splits
from glassnet.data.problems import near_duplicate_images, near_duplicate_texts
from glassnet.data.problems.problem import (
    NOTE,
    REFUSAL,
    SEVERITIES,
    WARNING,
    Problem,
    ReportProblem,
    counted,
    first_few,
)
from glassnet.data.sources import fetch
from glassnet.data.texts import labelled as labelled_texts
from glassnet.data.texts.load import load_texts
from glassnet.errors import DataError

VALID_FRACTION = 1 / 12
"""The share held out for validation, the default of training."""

DEFINITIONS = {
    "images": "near duplicates: blurred thumbnails of "
    f"{near_duplicate_images.CELLS} x {near_duplicate_images.CELLS} cells that correlate to "
    f"{near_duplicate_images.MIN_CORRELATION} or more, at any shift by a pixel",
    "texts": "near duplicates: the same except for case, punctuation and spaces, or at least "
    f"{100 * near_duplicate_texts.MIN_RESEMBLANCE:.0f} % of their runs of "
    f"{near_duplicate_texts.RUN} words in common",
}
"""What near duplicates are, by modality."""

NEAR_DUPLICATES = {
    "near-duplicates-across-splits": (WARNING, " across splits, which inflates the test results"),
    "near-duplicates-conflicting": (WARNING, " with different labels"),
    "near-duplicates": (NOTE, ""),
}
"""Kind of problem -> its severity, and how it is worded."""


@dataclass(frozen=True, eq=False)
class Report:
    """The result of a check.

    Attributes:
        name: the name or path of the data set.
        modality: `images` or `texts`.
        problems: all of them; refusals first, then warnings, then notes.
        splits: the splits that training with this seed would get; None if there are none.
    """

    name: str
    modality: str
    problems: tuple[Problem, ...]
    splits: Splits | None

    @property
    def trainable(self) -> bool:
        """Whether training would accept the data set."""
        return not any(problem.severity == REFUSAL for problem in self.problems)


def check(name: str, *, seed: int, log: fetch.Log = progress.log, **options: Any) -> Report:
    """Read a data set as training does, and collect its problems.

    Args:
        name: a name of the catalogue, or the path of the user's own images or texts.
        seed: chooses the validation examples if there is no validation split.
        log: receives a line about what is fetched.
        options: own data only: fields of `ReadOptions`.

    Raises:
        UsageError: there is no such data set, or an option does not apply to it.
        DataError: there is no such path.
        FetchError: it is not in the cache, and no source provides it.
    """
    chosen = ReadOptions(**options)
    modality = names.modality_of(name, chosen.splits)
    chosen.check_modality(name, modality)
    problems: list[Problem] = []
    splits = None
    if names.is_path(name):
        name = str(paths.resolve(name))
        labelled = labelled_texts if modality == "texts" else labelled_images
        try:
            pool = labelled.read_pool(name, chosen, problems.append)
            splits = _check_pool(pool, name, seed, problems.append)
        except DataError as error:
            problems.append(Problem("unusable", REFUSAL, error.message, error.hint))
    else:
        load = load_texts if modality == "texts" else load_images
        splits = load(name, seed=seed, valid_fraction=VALID_FRACTION, log=log, **options)
        pool = _pool_of(splits, modality)
        _report_near_duplicates(pool, pool.splits, problems.append)
    problems.sort(key=lambda problem: SEVERITIES.index(problem.severity))
    return Report(name, modality, tuple(problems), splits)


def _check_pool(pool: Pool, name: str, seed: int, report_problem: ReportProblem) -> Splits:
    """Divide a pool into splits, and search it for near duplicates."""
    numbered = replace(pool, ids=np.arange(len(pool.inputs)))
    splits = to_splits(
        numbered, name, seed=seed, valid_fraction=VALID_FRACTION, report_problem=report_problem
    )
    if pool.noun == "images" and len(splits.class_names) == 1:
        text = "all images have the same class: they can train a generator, but no classifier"
        report_problem(Problem("single-class", WARNING, text))
    split_of = [""] * len(pool.inputs)
    for name_of_split, split in zip(SPLITS, (splits.train, splits.valid, splits.test), strict=True):
        for k in split.ids.tolist():
            split_of[k] = name_of_split
    _report_near_duplicates(pool, split_of, report_problem)
    return splits


def _pool_of(splits: Splits, modality: str) -> Pool:
    """The pool of a catalogue data set, with ids that count through all splits."""
    parts = (splits.train, splits.valid, splits.test)
    split_of = np.repeat(SPLITS, [len(part) for part in parts]).tolist()
    ids = chain.from_iterable(part.ids.tolist() for part in parts)
    one = modality.removesuffix("s")
    return Pool(
        inputs=np.concatenate([part.inputs for part in parts]),
        labels=tuple(splits.class_names[k] for part in parts for k in part.labels),
        splits=tuple(split_of),
        ids=np.arange(len(split_of)),
        fingerprint=splits.fingerprint,
        noun=modality,
        locations=tuple(f"{split} {one} {k}" for split, k in zip(split_of, ids, strict=True)),
    )


def _report_near_duplicates(
    pool: Pool, split_of: Sequence[str], report_problem: ReportProblem
) -> None:
    """Report near duplicates: across splits, with conflicting labels, and all of them.

    Args:
        pool: the examples.
        split_of: the split of each; empty if it is left out.
        report_problem: receives each problem.
    """
    n_missed = 0
    if pool.noun == "texts":
        groups = near_duplicate_texts.find_groups(pool.inputs.tolist())
    else:
        groups, n_missed = near_duplicate_images.find_groups(pool.inputs)
    if n_missed:
        text = (
            f"too many images look alike: {counted(n_missed, 'images')} not compared with all "
            "others"
        )
        report_problem(Problem("not-compared", NOTE, text))
    groups = [[k for k in group if split_of[k]] for group in groups]
    groups = [group for group in groups if len(group) > 1]
    across = [group for group in groups if len({split_of[k] for k in group}) > 1]
    conflicting = [group for group in groups if len({pool.labels[k] for k in group}) > 1]
    _report_groups("near-duplicates-across-splits", across, split_of, pool, report_problem)
    _report_groups("near-duplicates-conflicting", conflicting, pool.labels, pool, report_problem)
    _report_groups("near-duplicates", groups, None, pool, report_problem)


def _report_groups(
    kind: str,
    groups: list[list[int]],
    differing: Sequence[str] | None,
    pool: Pool,
    report_problem: ReportProblem,
) -> None:
    """Report groups of near duplicates, with the splits or labels that differ within each."""
    if not groups:
        return
    severity, what = NEAR_DUPLICATES[kind]
    locations: Sequence[str] = pool.locations
    pairs = [group[:2] for group in groups]
    if differing:
        locations = [f"{at} ({value})" for at, value in zip(locations, differing, strict=True)]
        pairs = [
            [group[0], next(k for k in group if differing[k] != differing[group[0]])]
            for group in groups
        ]
    pair_names = [" ~ ".join(locations[k] for k in pair) for pair in pairs]
    text = (
        f"{counted(sum(map(len, groups)), pool.noun)} in {counted(len(groups), 'groups')} of near "
        f"duplicates{what}; none is left out: {first_few(pair_names)}"
    )
    grouped = tuple(tuple(locations[k] for k in group) for group in groups)
    report_problem(Problem(kind, severity, text, DEFINITIONS[pool.noun], grouped))
