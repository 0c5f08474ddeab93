"""Loading of a data set by name: the user's own data, or an entry of the catalogue."""

from collections.abc import Callable
from dataclasses import dataclass

from glassnet.contract import Split, Splits
from glassnet.data import names, paths, pool
from glassnet.data.options import ReadOptions
from glassnet.data.pool import Pool
from glassnet.data.problems.problem import ReportProblem, problem_logger
from glassnet.data.sources import fetch
from glassnet.data.sources.catalogue import Entry


@dataclass(frozen=True)
class Loader:
    """How data sets of one modality are loaded.

    Attributes:
        modality: `images` or `texts`.
        read_pool: reads the user's own data at a path.
        read_entry: reads the training and the test split of a catalogue data set.
    """

    modality: str
    read_pool: Callable[[str, ReadOptions, ReportProblem], Pool]
    read_entry: Callable[[Entry, fetch.Log], tuple[Split, Split]]

    def load(
        self,
        name: str,
        options: ReadOptions,
        *,
        seed: int,
        valid_fraction: float,
        log: fetch.Log,
    ) -> Splits:
        """Load a data set as training, validation and test splits.

        Args:
            name: a name of the catalogue, or a path.
            options: how the user's own data are read.
            seed: chooses the validation examples if there is no validation split; at least 0.
            valid_fraction: the share of the training split to hold out for validation, in (0, 1).
            log: receives a line about what is fetched, and each problem of the user's own data.

        Raises:
            UsageError: there is no such data set, it has the other modality, or a number or an
                option is out of range.
            DataError: what the path leads to is not a usable data set.
            FetchError: it is not in the cache, and no source provides it.
            StorageError: the cache cannot be written.
        """
        options.check_modality(name, self.modality)
        if names.is_path(name):
            report_problem = problem_logger(log)
            return pool.to_splits(
                self.read_pool(name, options, report_problem),
                str(paths.resolve(name)),
                seed=seed,
                valid_fraction=valid_fraction,
                report_problem=report_problem,
            )
        entry = names.find_entry(name, self.modality)
        options.check_own_data(name)
        train, test = self.read_entry(entry, log)
        return pool.entry_splits(entry, train, test, seed=seed, valid_fraction=valid_fraction)
