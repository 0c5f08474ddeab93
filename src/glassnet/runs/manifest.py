"""manifest.json: the SHA-256 of files of a run folder that have no checksum of their own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from glassnet import atomic, formats, progress
from glassnet.runs import lock

NAME = "manifest.json"


@contextmanager
def recording(folder: Path, paths: Iterable[Path]) -> Iterator[None]:
    """Record the files that the block writes; files outside the run folder are left out.

    While they are written, and after a kill, they are not listed.
    """
    inside = [path for path in paths if path.absolute().is_relative_to(folder.absolute())]
    names = {path.absolute().relative_to(folder.absolute()).as_posix(): path for path in inside}
    if not names:  # a report elsewhere about a run that cannot be written to
        yield
        return
    _edit(folder, dict.fromkeys(names, ""))
    yield
    written = {name: path for name, path in names.items() if path.is_file()}
    _edit(folder, {name: sha256(path) for name, path in written.items()})


def read(folder: Path) -> dict[str, str]:
    """Name of a file -> SHA-256; empty if there is no manifest.

    Raises:
        ValueError: it is damaged.
    """
    try:
        files = formats.parse_json_with_checksum(formats.read(folder / NAME)).get("files")
    except FileNotFoundError:
        return {}
    if not isinstance(files, dict):
        raise ValueError("it lists no files")
    return {str(name): str(digest) for name, digest in files.items()}


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _edit(folder: Path, changes: dict[str, str]) -> None:
    """Set digests, or remove those that are empty."""
    with lock.updating(folder):
        try:
            before = read(folder)
        except (OSError, ValueError) as error:
            progress.log(f"{folder / NAME}: cannot be read ({error}); it is begun again")
            before = {}
        files = {name: digest for name, digest in (before | changes).items() if digest}
        if files != before:
            content = formats.json_with_checksum({"files": dict(sorted(files.items()))}, indent=1)
            atomic.write(folder / NAME, content)
