"""The data cache: verified files of catalogue data sets, and decoded images of the user."""

import os
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

from glassnet import atomic, formats
from glassnet.data.sources.catalogue import Entry, File
from glassnet.data.sources.content import BadContent, verify
from glassnet.errors import StorageError

MAX_DECODED = 8 << 30
"""Maximum size of all cached decoded images in bytes, unless a single data set is larger."""


def root() -> Path:
    """The cache folder, absolute: `GLASSNET_CACHE`, or `glassnet` in the user's cache folder.

    The user's cache folder is `XDG_CACHE_HOME` if that is an absolute path, else `~/.cache`.

    Raises:
        StorageError: no folder is given and the user has no home folder.
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
            "there is no home folder in which to cache data sets",
            "set GLASSNET_CACHE to a writable folder",
        ) from None


def folder(entry: Entry) -> Path:
    """The folder of the files of a data set, which need not exist yet."""
    return root() / entry.name


def is_cached(entry: Entry) -> bool:
    """Whether all files of a data set are cached with the right size; hashes are not computed."""
    try:
        return all((folder(entry) / file.name).stat().st_size == file.size for file in entry.files)
    except OSError:
        return False


def read(entry: Entry, file: File) -> bytes | None:
    """The verified content of a cached file, or None if it was never fetched.

    Raises:
        BadContent: it is damaged or cannot be read.
    """
    path = folder(entry) / file.name
    try:
        with path.open("rb") as stream:
            content = stream.read(file.size + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise BadContent(f"{path} cannot be read ({error.strerror or error})") from None
    return verify(content, file, str(path))


def write(entry: Entry, file: File, content: bytes, origin: str) -> None:
    """Verify the content of a file and write it to the cache, atomically.

    Raises:
        BadContent: the content is not that of the catalogue; the message names its `origin`.
        StorageError: the cache cannot be written.
    """
    atomic.write(folder(entry) / file.name, verify(content, file, origin))


def read_arrays(key: str) -> dict[str, np.ndarray] | None:
    """The arrays cached under a key, or None if there are none or they are damaged."""
    path = _arrays_path(key)
    try:
        with formats.open_npz(path) as archive:
            arrays = {
                name: formats.read_array(archive, name) for name in formats.array_names(archive)
            }
        with suppress(OSError):  # the cache can be read-only
            os.utime(path)  # marks it as the most recently used
        return arrays
    except ValueError:
        return None


def write_arrays(key: str, arrays: dict[str, np.ndarray]) -> None:
    """Cache arrays under a key, atomically; beyond `MAX_DECODED` bytes older ones are deleted.

    The least recently used are deleted first, these never.

    Raises:
        StorageError: the cache cannot be written.
    """
    path = _arrays_path(key)
    with atomic.replacing(path) as partial, partial.open("wb") as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]
    with suppress(OSError):  # another process can be pruning as well
        _prune(path)


def _prune(newest: Path) -> None:
    """Delete the oldest arrays beyond the limit, and partial files of killed processes."""
    sizes: dict[Path, tuple[float, int]] = {}
    for path in newest.parent.iterdir():
        info = path.stat()
        if path.suffix == ".part" and info.st_mtime < time.time() - 86_400:
            path.unlink()
        elif path.suffix == ".npz" and path != newest:
            sizes[path] = (info.st_mtime, info.st_size)
    total = sum(size for _, size in sizes.values()) + newest.stat().st_size
    for path in sorted(sizes, key=lambda path: sizes[path]):
        if total <= MAX_DECODED:
            break
        path.unlink()
        total -= sizes[path][1]


def _arrays_path(key: str) -> Path:
    return root() / "decoded" / f"{key}.npz"
