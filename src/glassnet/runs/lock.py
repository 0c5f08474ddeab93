"""Locks of a run folder: one training and one explanation at a time, and short updates.

Readers take no lock and never wait: every file is replaced as a whole. The operating system
releases a lock when its process ends, however it ends, and shares it with other hosts where the
file system does (NFS, Lustre with `flock`). `locks/PURPOSE.json` names the holder for people.
"""

from __future__ import annotations

import json
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from glassnet import atomic, progress
from glassnet.errors import RunError, StorageError
from glassnet.runs import environment

if TYPE_CHECKING:
    from filelock import BaseFileLock

TRAIN, EXPLAIN = "train", "explain"
"""Purposes of which a run folder has one at a time; they do not exclude each other."""

FOLDER = "locks"

UPDATE_TIMEOUT = 60.0
"""Seconds to wait for another process's update, which takes milliseconds."""


@contextmanager
def hold(folder: Path, purpose: str) -> Iterator[None]:
    """Be the only process with this purpose while the block runs; a nested call changes nothing.

    Raises:
        RunError: another process has the lock; the message has its number and host.
        StorageError: the folder cannot be written.
    """
    lock, path = _open(folder, purpose), _holder_file(folder, purpose)
    nested = lock.is_locked
    _acquire(lock, 0, _busy(folder, purpose))
    try:
        if nested:
            yield
            return
        _report_killed(folder, purpose)
        atomic.remove_partial(path.parent, path.name)
        atomic.remove_abandoned(folder, recursive=True)
        atomic.write(path, json.dumps(_this_process() | {"since": environment.now()}) + "\n")
        try:
            yield
        finally:
            with suppress(OSError):
                if _is_this_process(_holder(path)):
                    path.unlink()
    finally:
        lock.release()


@contextmanager
def updating(folder: Path) -> Iterator[None]:
    """Be the only process that changes run.json and claims.json while the block runs, briefly.

    Raises:
        RunError: the folder is not there any more, or another process does not end its update.
        StorageError: the folder cannot be written.
    """
    lock = _open(folder, "update")
    busy = RunError(
        f"another process has been writing to it for {UPDATE_TIMEOUT:.0f} s",
        "stop that process, then try again",
        folder,
    )
    _acquire(lock, UPDATE_TIMEOUT, busy)
    try:
        yield
    finally:
        lock.release()


def is_locked(folder: Path, purpose: str) -> bool:
    """Whether a process has the lock, as far as can be known without taking it.

    A holder on another host counts; one on this host that was killed does not.
    """
    holder = _holder(_holder_file(folder, purpose))
    if not holder:
        return False
    number, is_here = holder["process"], holder["host"] == socket.gethostname()
    return not is_here or not isinstance(number, int) or atomic.process_exists(number)


def check(folder: Path, purpose: str) -> None:
    """Check that a folder is still where it was, and that no other host has taken its lock.

    A file system that does not share locks between hosts lets two of them hold the same one; the
    first of them stops here.

    Raises:
        RunError: it was moved or removed, or another process has the lock.
    """
    if not folder.is_dir():
        raise _moved(folder)
    holder = _holder(_holder_file(folder, purpose))
    if holder and not _is_this_process(holder):
        raise _busy(folder, purpose)


def _open(folder: Path, name: str) -> BaseFileLock:
    from filelock import FileLock  # readers do without

    path = folder.resolve() / FOLDER / f"{name}.lock"
    try:
        path.parent.mkdir(exist_ok=True)
    except FileNotFoundError:
        raise _moved(folder) from None
    except OSError as error:
        raise _not_writable(folder, error) from None
    return FileLock(path, is_singleton=True)


def _acquire(lock: BaseFileLock, timeout: float, busy: RunError) -> None:
    from filelock import Timeout

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a file system without locks: a lock file serves
            lock.acquire(timeout=timeout, poll_interval=0.01)
    except Timeout:
        raise busy from None
    except OSError as error:
        raise _not_writable(Path(lock.lock_file).parent.parent, error) from None


def _busy(folder: Path, purpose: str) -> RunError:
    holder = _holder(_holder_file(folder, purpose))
    who = f"process {holder['process']} on {holder['host']}" if holder else "another process"
    since = f" since {holder['since']}" if holder else ""
    return RunError(
        f"{who} is running glassnet {purpose} on it{since}",
        "wait until it has ended, or stop it; glassnet show, predict and report do not wait",
        folder,
    )


def _report_killed(folder: Path, purpose: str) -> None:
    """Log the holder before this one, if it did not release its lock."""
    holder = _holder(_holder_file(folder, purpose))
    if not holder:
        return
    where = f"process {holder['process']} on {holder['host']}"
    if holder["host"] == _this_process()["host"]:
        progress.log(f"{folder}: {where} was killed during glassnet {purpose}; its lock is removed")
    else:
        progress.log(
            f"{folder}: {where} was running glassnet {purpose} and has not released its lock; "
            "if it still runs, it stops at its next checkpoint"
        )


def _holder_file(folder: Path, purpose: str) -> Path:
    return folder / FOLDER / f"{purpose}.json"


def _holder(path: Path) -> dict[str, object]:
    """`process`, `host` and `since` of a lock's holder; empty if the file is missing or damaged."""
    try:
        holder = json.loads(path.read_bytes()[:10_000])
        return {name: holder[name] for name in ("process", "host", "since")}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _this_process() -> dict[str, object]:
    return {"process": os.getpid(), "host": socket.gethostname()}


def _is_this_process(holder: dict[str, object]) -> bool:
    return _this_process().items() <= holder.items()


def _moved(folder: Path) -> RunError:
    return RunError(
        "the run folder was moved or removed",
        "resume it where it is now: glassnet train --resume RUN",
        folder,
    )


def _not_writable(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{folder}: cannot be written ({error.strerror or error})",
        "free some space or change its permissions, then try again",
    )
