"""Comparing runs, and groups of runs, from Python and from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glassnet.api.loading import load_run
from glassnet.api.trained_run import METHODS
from glassnet.comparison.comparison import TSNE, Comparison
from glassnet.comparison.sides import sides
from glassnet.data import names
from glassnet.errors import RunError, UsageError, suggest
from glassnet.runs import group
from glassnet.runs.folder import Run
from glassnet.runs.group import Group


def compare(
    *compared: Any,
    runs: Path | str | None = None,
    data: Path | str | None = None,
    method: str = TSNE,
) -> Comparison:
    """Compare two or more runs or groups of runs; what it needs is computed, and cached in them.

    Args:
        compared: two to six of them: runs as `gn.load` gives them, their paths or names, or those
            of groups that `gn.train(..., seeds=...)` made.
        runs: the folder of the runs; the default is `GLASSNET_RUNS`, else `runs`.
        data: where the data of all of them are now, if they were moved.
        method: the projection of the maps, `tsne` or `pca`.

    Raises:
        RunError: there is no such run (the error suggests the nearest name).
        DataError: there is nothing at `data`.
        UsageError: there are fewer than two or more than six, or the method is unknown.

    Example:
        >>> comparison = gn.compare("cnn-mnist", "cnn-mnist-2")  # doctest: +SKIP
        >>> comparison.differences[0].p_holm  # doctest: +SKIP
        0.31
    """
    if method not in METHODS:
        raise UsageError(f"there is no projection {method!r}", suggest(method, METHODS))
    if data is not None:
        names.check_exists(str(data))
    root = None if runs is None else Path(runs)
    named = [_runs_of(each, root) for each in compared]
    made = sides(named, None if data is None else str(data))
    first = made[0]
    path = first.first.run.path
    return Comparison(made, path.parent.parent if first.is_group else path.parent, method)


def _runs_of(compared: Any, root: Path | None) -> tuple[str, Sequence[Run]]:
    """The name and the runs of what is compared.

    Raises:
        RunError: there is no such run, or no run of the group is finished.
    """
    if isinstance(compared, str | Path):
        of: Any = group.search(str(compared), root) or load_run(compared, root).run
    else:
        of = getattr(compared, "group", getattr(compared, "run", compared))
    if isinstance(of, Run):
        return of.name, [of]
    if not isinstance(of, Group):
        raise UsageError(
            f"{type(compared).__name__}: neither a run nor the name of one",
            "give runs as gn.load gives them, or their names",
        )
    finished = list(of.runs.values())
    if not finished:
        raise RunError(
            f"{of.path}: no run of the group is finished",
            f"resume it with: glassnet train --resume {of.path}",
        )
    return of.name, finished
