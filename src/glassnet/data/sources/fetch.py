"""Fetching of catalogue data sets: from the cache, else from each source in turn, verified."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from glassnet import progress
from glassnet.data.sources import archive, cache, mirror, wheel
from glassnet.data.sources.catalogue import Archive, Entry, File, Members, Mirror, Source, Wheel
from glassnet.data.sources.content import BadContent
from glassnet.errors import FetchError

Log = Callable[[str], None]
"""Receives one line for the user who waits."""


def contents(
    entry: Entry, log: Log = progress.log, files: tuple[File, ...] | None = None
) -> tuple[bytes, ...]:
    """The verified content of the files of a data set, in the order of the catalogue.

    Files that are missing or damaged in the cache are fetched into it: first from the folder or URL
    in `GLASSNET_MIRROR`, then from the sources of the catalogue. After a failure the next source is
    tried. `GLASSNET_OFFLINE` forbids the use of the network.

    Args:
        entry: the data set.
        log: receives a line about each source that is tried.
        files: those of its files that are wanted; None for all labelled ones.

    Raises:
        FetchError: a file is neither in the cache nor available from a source.
        StorageError: the cache cannot be written.
    """
    contents: dict[File, bytes] = {}
    missing: dict[File, str] = {}
    wanted = entry.files if files is None else files
    for file in wanted:
        try:
            content = cache.read(entry, file)
        except BadContent as reason:
            log(f"{reason}; fetching it again")
            missing[file] = str(reason)
        else:
            if content is None:
                missing[file] = f"{cache.folder(entry) / file.name} is missing"
            else:
                contents[file] = content
    if missing:
        contents |= _fetch(entry, missing, log)
    return tuple(contents[file] for file in wanted)


def offline() -> bool:
    """Whether `GLASSNET_OFFLINE` forbids the network: any value except 0, no, off and false."""
    return os.environ.get("GLASSNET_OFFLINE", "").lower() not in {"", "0", "no", "off", "false"}


def _fetch(entry: Entry, missing: dict[File, str], log: Log) -> dict[File, bytes]:
    fetched: dict[File, bytes] = {}
    reasons: list[str] = []
    for source in _sources(entry):
        log(f"fetching {entry.name} from {_label(source)}")
        wanted = [file for file in missing if file not in fetched]
        try:
            for file, origin, content in _read_source(source, entry, wanted):
                cache.write(entry, file, content, origin)
                fetched[file] = content
        except BadContent as reason:
            reasons.append(str(reason))
            log(str(reason))
        if missing.keys() <= fetched.keys():
            return fetched
    if offline():
        reasons.append("GLASSNET_OFFLINE forbids the network")
    first = next(reason for file, reason in missing.items() if file not in fetched)
    raise FetchError(
        f"{first}, and {entry.name} cannot be fetched: {'; '.join(reasons)}",
        f"{'unset GLASSNET_OFFLINE' if offline() else 'check the network'}, or point "
        f"GLASSNET_MIRROR at a folder that contains {_on_mirror(entry, next(iter(missing)))}",
    )


def _on_mirror(entry: Entry, file: File) -> str:
    return file.tar if isinstance(file, Members) else f"{entry.name}/{file.name}.gz"


def _sources(entry: Entry) -> list[Path | Source]:
    """The sources to try in turn: the user's mirror, then those of the catalogue."""
    sources: list[Path | Source] = list(entry.sources)
    if chosen := os.environ.get("GLASSNET_MIRROR"):
        if chosen.lower().startswith(("http://", "https://")):
            sources.insert(0, Mirror(f"{chosen.rstrip('/')}/{entry.name}/"))
        else:
            sources.insert(0, Path(chosen, entry.name))
    return [source for source in sources if isinstance(source, Path) or not offline()]


def _label(source: Path | Source) -> str:
    if isinstance(source, Wheel):
        return f"the wheel {source.requirement} on the Python package index"
    return str(source) if isinstance(source, Path) else mirror.without_credentials(source.url)


def _read_source(
    source: Path | Source, entry: Entry, wanted: list[File]
) -> Iterator[tuple[File, str, bytes]]:
    """Read files from a source one at a time: the file, its origin and its content.

    An archive is read once, so its other files are returned, too, after those that are wanted.
    """
    if isinstance(source, Wheel):
        files = dict(zip(entry.files, wheel.fetch(source), strict=True))
        for file in wanted:
            yield file, f"{file.name} of {source.file}", files[file]
    elif isinstance(source, Archive):
        name, stream = mirror.receive(source.url, source.limit)
        known = [file for file in (*entry.files, entry.unlabelled) if isinstance(file, Members)]
        contents = dict(zip(known, archive.read(stream, known, name), strict=True))
        for file in sorted(known, key=lambda file: file not in wanted):
            yield file, f"{file.name} of {name}", contents[file]
    elif isinstance(source, Mirror):
        for file in wanted:
            yield file, *mirror.download(source.url, file)
    else:
        for file in wanted:
            yield file, *mirror.copy(source, file)
