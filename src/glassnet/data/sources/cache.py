"""The cache: verified files in one folder per data set, and the user's images as decoded arrays."""

from __future__ import annotations

import os
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from glassnet import atomic
from glassnet.data.sources.catalogue import Entry, File
from glassnet.data.sources.content import Unfit, verify
from glassnet.errors import StorageError

MOST_DECODED = 8 << 30
"""The most bytes that decoded images take in the cache, unless a single data set takes more."""


def root() -> Path:
    """The cache folder, absolute: `GLASSNET_CACHE`, or `glassnet` in the user's cache folder.

    The user's cache folder is `XDG_CACHE_HOME` where that is an absolute path, else `~/.cache`.

    Raises:
        StorageError: nothing names a folder and the user has no home.
    """
    try:
        if chosen := os.environ.get("GLASSNET_CACHE"):
            return Path(chosen).expanduser().absolute()
        caches = Path(os.environ.get("XDG_CACHE_HOME", ""))
        if not caches.is_absolute():
            caches = Path.home() / ".cache"
        return caches / "glassnet"
    except RuntimeError:
        raise StorageError(
            "there is no home folder to keep data sets in",
            "set GLASSNET_CACHE to a folder that can be written",
        ) from None


def folder(entry: Entry) -> Path:
    """Where a data set's files are kept, whether or not they are there yet."""
    return root() / entry.name


def holds(entry: Entry) -> bool:
    """Whether every file is there in its right size; quick, for lists: no hash is computed."""
    try:
        return all((folder(entry) / file.name).stat().st_size == file.size for file in entry.files)
    except OSError:
        return False


def read(entry: Entry, file: File) -> bytes | None:
    """The verified content of a cached file, or None where it was never fetched.

    Raises:
        Unfit: it is there, but it is damaged or cannot be read.
    """
    path = folder(entry) / file.name
    try:
        with path.open("rb") as stream:
            content = stream.read(file.size + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unfit(f"{path} cannot be read ({error.strerror or error})") from None
    return verify(content, file, str(path))


def keep(entry: Entry, file: File, content: bytes, origin: str) -> None:
    """Write a file into the cache, whole or not at all, once its content is verified.

    Raises:
        Unfit: the content is not the catalogue's; the sentence names its `origin`.
        StorageError: the cache cannot be written.
    """
    atomic.write(folder(entry) / file.name, verify(content, file, origin))


def arrays(key: str) -> dict[str, np.ndarray] | None:
    """The arrays kept under a key, or None where there are none or they are damaged."""
    path = _arrays_path(key)
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            found = {name: held[name] for name in held.files}
        with suppress(OSError):  # a cache that may only be read serves as well
            os.utime(path)  # so that the one not used for longest is the oldest
        return found
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None


def keep_arrays(key: str, held: dict[str, np.ndarray]) -> None:
    """Keep arrays under a key, whole or not at all; beyond `MOST_DECODED` bytes others go.

    Those that were not used for longest go first, these never.

    Raises:
        StorageError: the cache cannot be written.
    """
    path = _arrays_path(key)
    with atomic.replacing(path) as partial, partial.open("wb") as stream:
        np.savez(stream, **held)  # type: ignore[arg-type]
    with suppress(OSError):  # another process may be tidying up as well
        _prune(path)


def _prune(newest: Path) -> None:
    """Remove what is oldest beyond the limit, and what a killed process left half written."""
    sizes: dict[Path, tuple[float, int]] = {}
    for path in newest.parent.iterdir():
        info = path.stat()
        if path.suffix == ".part" and info.st_mtime < time.time() - 86_400:
            path.unlink()
        elif path.suffix == ".npz" and path != newest:
            sizes[path] = (info.st_mtime, info.st_size)
    left = sum(size for _, size in sizes.values()) + newest.stat().st_size
    for path in sorted(sizes, key=lambda path: sizes[path]):
        if left <= MOST_DECODED:
            break
        path.unlink()
        left -= sizes[path][1]


def _arrays_path(key: str) -> Path:
    return root() / "decoded" / f"{key}.npz"
