"""Loading of a data set by name: the user's own data, or an entry of the catalogue."""

from collections.abc import Callable

from glassnet.contract import Split, Splits
from glassnet.data import names, paths, pool
from glassnet.data.options import ReadOptions
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import ReportProblem, problem_logger
from glassnet.data.sources import fetch
from glassnet.data.sources.catalogue import Entry

ReadPool = Callable[[str, ReadOptions, ReportProblem], Pool]
"""Reads the user's own data at a path."""

ReadEntry = Callable[[Entry, fetch.Log], tuple[Split, Split]]
"""Reads the training and the test split of a catalogue data set."""


def load_splits(
    name: str,
    modality: str,
    options: ReadOptions,
    *,
    seed: int,
    valid_fraction: float,
    log: fetch.Log,
    read_pool: ReadPool,
    read_entry: ReadEntry,
) -> Splits:
    """Load a data set as training, validation and test splits.

    Args:
        name: a name of the catalogue, or a path.
        modality: what it must contain, `images` or `texts`.
        options: how the user's own data are read.
        seed: chooses the validation examples if there is no validation split; at least 0.
        valid_fraction: the share of the training split to hold out for validation, in (0, 1).
        log: receives a line about what is fetched, and each problem of the user's own data.
        read_pool, read_entry: read it.

    Raises:
        UsageError: there is no such data set, it has the other modality, or a number or an option
            is out of range.
        DataError: what the path leads to is not a usable data set.
        FetchError: it is not in the cache, and no source provides it.
        StorageError: the cache cannot be written.
    """
    options.check_modality(name, modality)
    if names.is_path(name):
        names.check_path(name, modality, options.splits)
        report_problem = problem_logger(log)
        return pool.to_splits(
            read_pool(name, options, report_problem),
            str(paths.resolve(name)),
            seed=seed,
            valid_fraction=valid_fraction,
            report_problem=report_problem,
        )
    entry = names.find_entry(name, modality)
    options.check_own_data(name)
    train, test = read_entry(entry, log)
    return pool.entry_splits(entry, train, test, seed=seed, valid_fraction=valid_fraction)
