"""Atomic writes: files and folders are written completely or not at all."""

import glob
import os
import re
import secrets
import shutil
import socket
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glassnet.errors import StorageError

PARTIAL = ".part"
"""The extension of temporary files and folders."""

WRITER = re.compile(rf"\..*\.([0-9a-f]{{8}})-([0-9]+)-[0-9a-f]{{12}}{re.escape(PARTIAL)}")
"""Name of a temporary file, with a checksum of the writer's host and the number of its process."""

MAX_AGE = 86_400.0
"""Seconds without a change after which nobody writes a temporary file of another host any more."""


@contextmanager
def replacing(path: Path, previous: Path | None = None) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which replaces `path` when the block succeeds.

    The temporary name is a dot, the file's name, the writer and a random part: two writers do not
    collide, and what a killed one left is removed by the next one. The file is flushed to the disk
    before it is renamed, its folder after that, and it is removed if the block fails.

    Args:
        path: the file.
        previous: the new name of the file that was there, in the same folder; a power cut may leave
            that one alone.

    Raises:
        StorageError: it cannot be written (disk full, no permission).
    """
    partial = temporary(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path.parent, path.name)
        yield partial
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        if previous is not None and path.exists():
            path.replace(previous)
        partial.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _storage_error(path, error) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def write(path: Path, data: bytes | str) -> Path:
    """Write a file completely, or leave the existing one unchanged; text is encoded as UTF-8.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write(folder / "a.txt", "one").read_text()
        'one'
    """
    with replacing(path) as partial:
        partial.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path`, which replaces `path` when the block succeeds.

    An existing folder is removed only then. Callers check that it may be removed.

    Raises:
        StorageError: it cannot be written (disk full, no permission).
    """
    partial = temporary(path)
    try:
        partial.mkdir(parents=True)
        remove_abandoned(path.parent, path.name)
        yield partial
        if path.exists():
            old = partial.with_suffix(".old")
            path.rename(old)
            partial.rename(path)
            shutil.rmtree(old)
        else:
            partial.rename(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _storage_error(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def remove_partial(folder: Path, name: str = "*") -> None:
    """Remove what killed writers left of files that no other process writes now.

    Args:
        folder: where they are.
        name: of one file; all files by default.
    """
    for path in folder.glob(f".{name}.*{PARTIAL}"):
        with suppress(OSError):
            path.unlink()


def remove_abandoned(folder: Path, name: str = "*", recursive: bool = False) -> None:
    """Remove temporary files and folders whose writers have ended.

    Those are processes of this host that are not there any more, and writers of other hosts that
    have changed nothing for a day.

    Args:
        folder: where they are.
        name: what they would have become; anything by default.
        recursive: whether to look into the folders in it, too.
    """
    known = name if name == "*" else glob.escape(name[:100])
    pattern = f".{known}.*{PARTIAL}"
    for path in list(folder.rglob(pattern) if recursive else folder.glob(pattern)):
        with suppress(OSError):
            if (match := WRITER.fullmatch(path.name)) and _has_ended(path, match[1], int(match[2])):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def process_exists(number: int) -> bool:
    """Whether a process of this host has the number; True where that cannot be known."""
    if os.name != "posix" or number <= 0:
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _has_ended(path: Path, host: str, process: int) -> bool:
    if host == _host() and os.name == "posix":
        return not process_exists(process)
    return time.time() - path.stat().st_mtime > MAX_AGE


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def temporary(path: Path) -> Path:
    """A name beside `path` for what this process writes; once it has ended, others remove it."""
    writer = f"{_host()}-{os.getpid()}-{secrets.token_hex(6)}"
    return path.with_name(f".{path.name[:100]}.{writer}{PARTIAL}")


def _sync_folder(folder: Path) -> None:
    """Flush a folder's entries, so that a power cut does not undo a rename."""
    with suppress(OSError):  # not every system can
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _storage_error(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path}: cannot be written ({error.strerror or error})",
        "free some space or choose another folder, then try again",
    )
