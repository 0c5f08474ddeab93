"""Mirrors: a data set's files, gzipped or as tar archives, in a folder or behind a base address."""

from __future__ import annotations

import io
import re
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from glassnet.data.sources import archive
from glassnet.data.sources.catalogue import File, Members
from glassnet.data.sources.content import Unfit, unpack

TIMEOUT = (3.0, 20.0)
"""Seconds to wait for a connection, and then for the next bytes."""

GZIP_OVERHEAD = 1 << 16
"""Bytes by which gzip may lengthen what it cannot compress; ample for the catalogue's sizes."""


TAR_LIMIT = 100_000_000
"""The most bytes that a tar archive may have, as it is served."""


def copy(folder: Path, file: File) -> tuple[str, bytes]:
    """Read `NAME.gz`, or else the plain `NAME`, so that a cache can serve as a mirror too.

    Small files that are kept as one may also lie as their tar archive, in the folder or above it.

    Returns:
        The path that was read, and the unpacked content, not verified yet.

    Raises:
        Unfit: it is missing, cannot be read, or unpacks to more than the catalogue's size.
    """
    path = _path(folder, file)
    try:
        with path.open("rb") as stream:
            if isinstance(file, Members) and path.name == file.tar:
                return str(path), archive.read(stream, [file], str(path))[0]
            return str(path), unpack(stream, file.size, str(path))
    except OSError as error:
        raise Unfit(f"{path} cannot be read ({error.strerror or error})") from None


def download(base: str, file: File) -> tuple[str, bytes]:
    """Download `NAME.gz`, or the tar archive of small files, from under a base address.

    Returns:
        The address as `shown`, and the unpacked content, not verified yet.

    Raises:
        Unfit: the server does not answer, refuses, stops early, or sends more than it may.
    """
    if isinstance(file, Members):
        name, received = receive(f"{base}{file.tar}", TAR_LIMIT)
        return name, archive.read(received, [file], name)[0]
    name, received = receive(f"{base}{file.name}.gz", file.size + GZIP_OVERHEAD)
    return name, unpack(received, file.size, name)


def receive(address: str, limit: int) -> tuple[str, IO[bytes]]:
    """Download a file into memory.

    Args:
        address: where it is served.
        limit: the most bytes that may come.

    Returns:
        The address as `shown`, and the bytes as a stream at its beginning.

    Raises:
        Unfit: the server does not answer, refuses, stops early, or sends more than it may.
    """
    import pooch
    import requests

    name = shown(address)
    received = _Bounded(limit, name)
    responses = ExitStack()

    def close_at_the_end(response: requests.Response, **_: object) -> None:
        responses.callback(response.close)  # pooch leaves it open when something goes wrong

    fetch = pooch.HTTPDownloader(
        chunk_size=1 << 16, timeout=TIMEOUT, hooks={"response": close_at_the_end}
    )
    try:
        with responses:
            fetch(address, received, None)
    except requests.HTTPError as error:
        status = getattr(error.response, "status_code", "error")
        raise Unfit(f"{name} is refused (HTTP {status})") from None
    except requests.exceptions.SSLError:
        raise Unfit(f"{name} has no certificate that can be trusted") from None
    except (requests.ConnectionError, requests.Timeout):
        raise Unfit(f"{name} does not answer") from None
    except requests.exceptions.ChunkedEncodingError:
        raise Unfit(f"{name} is cut short") from None
    except (OSError, ValueError) as error:
        raise Unfit(f"{name} cannot be downloaded ({type(error).__name__})") from None
    received.seek(0)
    return name, received


def _path(folder: Path, file: File) -> Path:
    """The first place in a mirror folder that holds a file, or else where it should lie."""
    places = [folder / f"{file.name}.gz", folder / file.name]
    if isinstance(file, Members):
        places = [folder.parent / file.tar, folder / file.tar, *places]
    try:
        return next((place for place in places if place.exists()), places[0])
    except OSError:
        return places[0]


def shown(address: str) -> str:
    """The address without the user name and password that it may hold."""
    return re.sub("//[^/]*@", "//", address)


class _Bounded(io.BytesIO):
    """Memory that refuses to grow past a limit, so that a server cannot fill the machine's."""

    def __init__(self, limit: int, name: str) -> None:
        super().__init__()
        self.limit = limit
        self.name = name

    def write(self, chunk) -> int:  # type: ignore[no-untyped-def]
        if self.tell() + len(chunk) > self.limit:
            raise Unfit(f"{self.name} is longer than the {self.limit:,} bytes that it may have")
        return super().write(chunk)
