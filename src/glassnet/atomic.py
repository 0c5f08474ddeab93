"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from glassnet.errors import StorageError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; when the block ends well, it takes `path`'s place.

    The temporary name is random and starts with a dot, so that two writers do not meet; the file is
    flushed to the disk first, and removed if the block fails.

    Raises:
        StorageError: nothing can be written there (disk full, no permission).
    """
    partial = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        partial.replace(path)
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        with suppress(OSError):
            partial.unlink()


def write(path: Path, data: bytes | str) -> Path:
    """Write a whole file, or leave what was there untouched; text becomes UTF-8.

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
    """Give a new folder beside `path`; when the block ends well, it takes `path`'s place.

    What stood there goes only then, all of it; whether it may go is for the caller to know.

    Raises:
        StorageError: nothing can be written there (disk full, no permission).
    """
    partial = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        partial.mkdir(parents=True)
        yield partial
        if path.exists():
            before = partial.with_suffix(".old")
            path.rename(before)
            partial.rename(path)
            shutil.rmtree(before)
        else:
            partial.rename(path)
    except OSError as error:
        raise _unwritten(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unwritten(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path}: cannot be written ({error.strerror or error})",
        "make room or give another folder, then run it again",
    )
