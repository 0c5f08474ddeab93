"""Removing runs, and the files of runs that can be made again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from glassnet import atomic
from glassnet.errors import StorageError, UsageError
from glassnet.runs import lock
from glassnet.runs.folder import Run
from glassnet.runs.group import Group


def remove(run: Run | Group) -> None:
    """Remove the folder of a run or a group; a kill leaves either all of it or a hidden folder.

    Raises:
        RunError: another process trains or explains it, or a run of the group.
        StorageError: it cannot be removed.
    """
    if run.path.is_symlink():
        with _alone(run):
            delete([run.path])
    else:
        delete([hide(run)])


def hide(run: Run | Group) -> Path:
    """Rename the folder of a run or a group so that it is none, and `restore` can undo that.

    A process that ends without having removed the hidden folder leaves it to `atomic`, which
    removes it like every temporary folder.

    Returns:
        The hidden folder, beside its former place.

    Raises:
        RunError: another process trains or explains it, or a run of the group.
        StorageError: it cannot be renamed.
    """
    members = list(run.members().values()) if isinstance(run, Group) else []
    hidden = atomic.temporary(run.path)
    with ExitStack() as locks:
        for each in (run, *members):
            locks.enter_context(_alone(each))
        try:
            run.path.rename(hidden)
        except OSError as error:
            raise _not_removable(run.path, error) from error
    for each in (run, *members):  # the locks could not be taken back where they were
        shutil.rmtree(hidden / each.path.relative_to(run.path) / lock.FOLDER, ignore_errors=True)
    return hidden


def restore(hidden: Path, path: Path) -> None:
    """Undo `hide`.

    Raises:
        UsageError: another run has that name now, or the hidden folder is gone.
        StorageError: it cannot be renamed.
    """
    if path.exists() or not hidden.is_dir():
        reason = "there is another run of that name" if path.exists() else "it is gone for good"
        raise UsageError(f"{path.name} cannot be restored: {reason}", "train it again")
    try:
        hidden.rename(path)
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be restored ({error.strerror or error})",
            f"rename the folder yourself: {hidden}",
        ) from error


def remains(root: Path) -> list[Path]:
    """What killed writers and removals left in a folder of runs."""
    return sorted(root.glob(f".*{atomic.PARTIAL}"))


def dispensable(run: Run) -> dict[str, list[Path]]:
    """The files of a run that no result depends on, by what they are.

    Computed results and control networks are made again by `explain`, and a finished training is
    not resumed. Weights of epochs and training dynamics cannot be made again, so they stay.
    """
    finished = run.info.get("status") == "finished"
    trained = (run, run.pretraining) if finished else ()
    found = {
        "cached results": [run.path / "cache"],
        "control networks": [run.path / "control_networks"],
        "state to resume from": [path for each in trained for path in (each.last, each.previous)],
        "temporary files": sorted(run.path.rglob(f".*{atomic.PARTIAL}")),
    }
    there = {what: [path for path in paths if path.exists()] for what, paths in found.items()}
    return {what: paths for what, paths in there.items() if paths}


def free(run: Run) -> None:
    """Remove the dispensable files of a run.

    Raises:
        RunError: another process trains or explains the run.
        StorageError: a file cannot be removed.
    """
    with _alone(run):
        for paths in dispensable(run).values():
            delete(paths)


def delete(paths: list[Path]) -> None:
    """Remove files and folders.

    Raises:
        StorageError: one of them cannot be removed.
    """
    for path in paths:
        try:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        except OSError as error:
            raise _not_removable(path, error) from error


def size(path: Path) -> int:
    """The bytes of a file, or of all files in a folder; links are not followed."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.lstat().st_size for each in files if not each.is_dir())


def _not_removable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path}: cannot be removed ({error.strerror or error})",
        "close the programs that use it, or change its permissions",
    )


@contextmanager
def _alone(run: Run | Group) -> Iterator[None]:
    """Be the only process that trains or explains the run."""
    with ExitStack() as locks:
        for purpose in (lock.TRAIN, lock.EXPLAIN):
            locks.enter_context(lock.hold(run.path, purpose))
        yield
