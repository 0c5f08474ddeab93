"""SHA-256 digests of the user's files, cached by path, size and time."""

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from glassnet.data.sources import cache
from glassnet.errors import StorageError

SETTLED = 2.0
"""Seconds since the last change of a file from which its digest is cached: a file that is changed
again within the resolution of the clock would keep its time."""

MAX_FILES = 1_000_000
"""Number of files above which all of them are forgotten."""

TABLE = "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, stamp TEXT, sha256 TEXT)"

Sha256 = Callable[[Path], str]


@contextmanager
def cached() -> Iterator[Sha256]:
    """A function from a path to the SHA-256 of the file as hex; threads can share it.

    A file is read unless one with its path, inode, size and times was read before. The result is an
    empty text if it cannot be read. Without a writable cache, every file is read.

    Example:
        >>> with cached() as sha256:  # doctest: +SKIP
        ...     sha256(Path("photo.png"))
        'b8...'
    """
    store = _open()
    if store is None:
        yield _read
        return
    lock, fresh = Lock(), dict[str, tuple[str, str]]()

    def sha256(path: Path) -> str:
        name = os.path.abspath(path)  # noqa: PTH100 - links stay, since their target can change
        stamp = _stamp(path)
        if stamp:
            with lock:
                known = _rows(store, "SELECT stamp, sha256 FROM files WHERE path = ?", name)
            if known and known[0][0] == stamp:
                return known[0][1]
        result = _read(path)
        if stamp and result and _stamp(path) == stamp:
            fresh[name] = (stamp, result)
        return result

    try:
        yield sha256
    finally:
        _save(store, fresh)
        store.close()


def _open() -> sqlite3.Connection | None:
    try:
        folder = cache.root()
        folder.mkdir(parents=True, exist_ok=True)
        store = sqlite3.connect(folder / "digests.sqlite", timeout=5, check_same_thread=False)
    except (sqlite3.Error, OSError, StorageError):
        return None
    try:
        store.execute(TABLE)
    except sqlite3.Error:  # damaged, or on a file system that cannot lock
        store.close()
        return None
    return store


def _rows(store: sqlite3.Connection, query: str, *values: str) -> list[tuple[str, ...]]:
    try:
        return store.execute(query, values).fetchall()
    except sqlite3.Error:
        return []


def _save(store: sqlite3.Connection, fresh: dict[str, tuple[str, str]]) -> None:
    if not fresh:
        return
    try:
        with store:
            if store.execute("SELECT count(*) FROM files").fetchone()[0] > MAX_FILES:
                store.execute("DELETE FROM files")
            store.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?)",
                [(name, *row) for name, row in fresh.items()],
            )
    except sqlite3.Error:  # the next reader hashes them again
        pass


def _stamp(path: Path) -> str:
    """What changes with the content of a file; empty if it changed just now, or is no file."""
    try:
        info = path.stat()
        str(path).encode()
    except (OSError, ValueError):
        return ""
    newest = max(info.st_mtime, info.st_ctime)
    if not path.is_file() or time.time() - newest < SETTLED:
        return ""
    return f"{info.st_dev} {info.st_ino} {info.st_size} {info.st_mtime_ns} {info.st_ctime_ns}"


def _read(path: Path) -> str:
    try:
        if path.is_file():  # reading a pipe would block
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        pass
    return ""
