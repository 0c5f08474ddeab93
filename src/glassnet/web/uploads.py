"""The user's own data, uploaded file by file into a folder beside the runs, and checked there."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from glassnet import atomic
from glassnet.errors import DataError, RunError, StorageError, UsageError
from glassnet.runs import removal
from glassnet.runs.names import free_name
from glassnet.web import checked_data

FOLDER = "uploads"
"""The folder of the uploads, beside the runs."""

PROGRAM = (sys.executable, "-m", "glassnet")
"""What checks the data, in a process of its own: a file that breaks it does not end the server."""

MAX_FILES = 50_000
MAX_BYTES = 2 << 30
"""Files and bytes of one upload at most."""

MAX_OPEN = 4
"""Uploads at a time at most."""

MAX_EXAMPLES = 1_000_000
MAX_VALUES = 4_000_000_000
"""Examples, and pixel values of all of them, at most."""

MAX_IDLE = 600.0
"""Seconds without a file after which an upload is given up."""

MAX_SECONDS = 900.0
"""Seconds of a check at most."""

MAX_PARTS = 8
"""Folders in a path at most, with the file."""

PART = re.compile(r"[^\x00-\x1f\x7f/\\:.][^\x00-\x1f\x7f/\\:]{0,199}")
"""A folder or a file: it does not begin with a dot."""

RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that mean devices on Windows."""


@dataclass
class _Open:
    """An upload that is not complete."""

    folder: Path
    files: int = 0
    size: int = 0
    changed: float = field(default_factory=time.monotonic)


class Uploads:
    """The uploads of a folder of runs.

    An upload is a hidden folder until it is complete. What was given up is removed, at the latest
    by the end of the server or the start of the next one.

    Args:
        root: the folder of the runs.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / FOLDER
        self._open: dict[str, _Open] = {}
        self._checking = asyncio.Lock()
        atomic.remove_abandoned(self.folder)

    def begin(self, name: Any) -> dict[str, Any]:
        """Begin an upload.

        Args:
            name: of the folder or the table.

        Raises:
            UsageError: others are not complete, or the name is no text.
            StorageError: the folder cannot be written.
        """
        if not isinstance(name, str) or len(name) > 1000:
            raise UsageError("`name` must be a text", 'send {"name": "photos"}')
        for other, each in list(self._open.items()):
            if time.monotonic() - each.changed > MAX_IDLE:
                self.delete(other)
        if len(self._open) >= MAX_OPEN:
            raise UsageError(f"{MAX_OPEN} uploads are not complete", "complete or delete one")
        readable = re.sub(r"[^\w-]+", "-", Path(name).stem).strip("-")[:60] or "upload"
        upload = free_name(self.folder, readable, self._open)
        folder = atomic.temporary(self.folder / upload)
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise _not_writable(self.folder, error) from error
        self._open[upload] = _Open(folder)
        return {"upload": upload, "folder": str((self.folder / upload).resolve())}

    async def write(self, upload: str, name: str, content: AsyncIterator[bytes]) -> dict[str, Any]:
        """Write one file of an upload.

        Raises:
            RunError: no such upload was begun.
            DataError: the path leads elsewhere or is there already, or the upload is too large.
            StorageError: the disk is full.
        """
        to = self._opened(upload)
        path = to.folder.joinpath(*_parts(name))
        to.files, to.changed = to.files + 1, time.monotonic()
        if to.files > MAX_FILES:
            raise DataError(f"more than {MAX_FILES:,} files", "upload a part of them")
        size = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                async for chunk in content:
                    size, to.size = size + len(chunk), to.size + len(chunk)
                    if to.size > MAX_BYTES:
                        raise DataError(
                            f"more than {MAX_BYTES >> 30} GiB", "train on it from the command line"
                        )
                    stream.write(chunk)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise DataError(f"{name!r} is there already", "give each file another path") from None
        except OSError as error:
            path.unlink(missing_ok=True)
            raise _not_writable(path, error) from error
        except BaseException:  # the client is gone, or it is too much
            path.unlink(missing_ok=True)
            raise
        return {"path": name, "bytes": size}

    async def check(self, upload: str) -> dict[str, Any]:
        """Complete an upload, if it is not complete yet, and check it as `data check` does.

        Raises:
            RunError: there is no such upload.
            UserError: the data cannot be checked.
        """
        if upload in self._open:
            opened = self._open.pop(upload)
            try:
                opened.folder.rename(self.folder / upload)
            except OSError as error:
                raise _not_writable(self.folder / upload, error) from error
        path = self.path(upload)
        async with self._checking:
            report = await _checked(path)
        counts = report.get("counts") or {}
        examples = sum(map(sum, counts.values()))
        values = examples
        for side in report.get("shape", ()):
            values *= side
        if examples > MAX_EXAMPLES or values > MAX_VALUES:
            raise DataError(
                f"{examples:,} examples are too many for the page",
                f"train on them with: glassnet train TASK --data {path}",
            )
        problems = await asyncio.to_thread(checked_data.with_examples, path, report["problems"])
        return report | {"upload": upload, "folder": str(path), "problems": problems}

    def path(self, upload: str) -> Path:
        """The path to train on: the folder, or its one file.

        Raises:
            RunError: there is no such upload.
        """
        folder = self.folder / upload
        if upload not in self._names():
            raise RunError(f"there is no upload {upload!r}", "list them with GET /api/uploads")
        files = list(folder.iterdir())
        is_file = len(files) == 1 and files[0].is_file()
        return (files[0] if is_file else folder).resolve()

    def all(self) -> list[dict[str, Any]]:
        """The complete uploads, with their size and place."""
        return [
            {"upload": name, "folder": str(path.resolve()), "bytes": removal.size(path)}
            for name in self._names()
            for path in [self.folder / name]
        ]

    def delete(self, upload: str) -> None:
        """Remove an upload, complete or not.

        Raises:
            RunError: there is no such upload.
        """
        if upload in self._open:
            shutil.rmtree(self._open.pop(upload).folder, ignore_errors=True)
        elif upload in self._names():
            removal.delete([self.folder / upload])
        else:
            raise RunError(f"there is no upload {upload!r}", "list them with GET /api/uploads")

    def close(self) -> None:
        """Remove what is not complete."""
        for upload in list(self._open):
            self.delete(upload)

    def _names(self) -> list[str]:
        folders = [path for path in self.folder.glob("[!.]*") if not path.is_symlink()]
        return sorted(path.name for path in folders if path.is_dir())

    def _opened(self, upload: str) -> _Open:
        if upload not in self._open:
            raise RunError(f"no upload {upload!r} is open", "begin one with POST /api/uploads")
        return self._open[upload]


async def _checked(path: Path) -> dict[str, Any]:
    """The JSON of `glassnet data check`."""
    pipe = asyncio.subprocess.PIPE
    command = [*PROGRAM, "data", "check", str(path), "--json"]
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(MAX_SECONDS):
            output, messages = await process.communicate()
        report: dict[str, Any] = json.loads(output)
        return report
    except TimeoutError:
        raise DataError(
            f"the check takes more than {MAX_SECONDS / 60:.0f} minutes", "upload a part of it"
        ) from None
    except ValueError:
        lines = messages.decode("utf-8", "replace").split("glassnet: ")[-1].strip().splitlines()
        reason = lines[0] if lines else f"the check has ended with {process.returncode}"
        raise DataError(reason, " ".join(lines[1:]).strip() or "upload other data") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def _parts(name: str) -> tuple[str, ...]:
    """The folders of a path, and the file.

    Raises:
        DataError: it could lead out of a folder, or is no path on some system.
    """
    parts = tuple(name.split("/"))
    refused = [part for part in parts if not PART.fullmatch(part) or RESERVED.fullmatch(part)]
    if refused or len(parts) > MAX_PARTS or PurePosixPath(name).is_absolute():
        raise DataError(f"{name[:100]!r} cannot be uploaded under this path", "rename the file")
    return parts


def _not_writable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path}: cannot be written ({error.strerror or error})", "free some space, then try again"
    )
