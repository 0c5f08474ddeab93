"""Mirrors: files of a data set, gzipped or in tar archives, in a folder or under a base URL."""

from __future__ import annotations

import io
import re
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from glassnet.data.sources import archive
from glassnet.data.sources.catalogue import File, Members
from glassnet.data.sources.content import BadContent, unpack

TIMEOUT = (3.0, 20.0)
"""Timeouts in seconds: for the connection, and for the next bytes."""

GZIP_OVERHEAD = 1 << 16
"""Number of bytes that gzip can add to incompressible data; ample for the catalogue's sizes."""

TAR_LIMIT = 100_000_000
"""Maximum size of a downloaded tar archive in bytes."""


def copy(folder: Path, file: File) -> tuple[str, bytes]:
    """Read `NAME.gz`, or else the plain `NAME`, so that a cache can serve as a mirror.

    Small files that are stored as one can also be in their tar archive, in the folder or above it.

    Returns:
        The path that was read, and the decompressed content, not verified yet.

    Raises:
        BadContent: it is missing, cannot be read, or is larger than the catalogue says.
    """
    path = _path(folder, file)
    try:
        with path.open("rb") as stream:
            if isinstance(file, Members) and path.name == file.tar:
                return str(path), archive.read(stream, [file], str(path))[0]
            return str(path), unpack(stream, file.size, str(path))
    except OSError as error:
        raise BadContent(f"{path} cannot be read ({error.strerror or error})") from None


def download(base: str, file: File) -> tuple[str, bytes]:
    """Download `NAME.gz`, or the tar archive of small files, from a base URL.

    Returns:
        The URL `without_credentials`, and the decompressed content, not verified yet.

    Raises:
        BadContent: the server does not respond, refuses, stops early, or sends too much.
    """
    if isinstance(file, Members):
        name, received = receive(f"{base}{file.tar}", TAR_LIMIT)
        return name, archive.read(received, [file], name)[0]
    name, received = receive(f"{base}{file.name}.gz", file.size + GZIP_OVERHEAD)
    return name, unpack(received, file.size, name)


def receive(address: str, limit: int) -> tuple[str, IO[bytes]]:
    """Download a file into memory.

    Args:
        address: its URL.
        limit: maximum number of bytes.

    Returns:
        The URL `without_credentials`, and the bytes as a stream at its beginning.

    Raises:
        BadContent: the server does not respond, refuses, stops early, or sends too much.
    """
    import pooch
    import requests

    name = without_credentials(address)
    received = _Bounded(limit, name)
    responses = ExitStack()

    def close_later(response: requests.Response, **_: object) -> None:
        responses.callback(response.close)  # pooch leaves it open after an error

    fetch = pooch.HTTPDownloader(
        chunk_size=1 << 16, timeout=TIMEOUT, hooks={"response": close_later}
    )
    try:
        with responses:
            fetch(address, received, None)
    except requests.HTTPError as error:
        status = getattr(error.response, "status_code", "error")
        raise BadContent(f"{name} is refused (HTTP {status})") from None
    except requests.exceptions.SSLError:
        raise BadContent(f"{name} has no trusted certificate") from None
    except (requests.ConnectionError, requests.Timeout):
        raise BadContent(f"{name} does not respond") from None
    except requests.exceptions.ChunkedEncodingError:
        raise BadContent(f"{name} is truncated") from None
    except (OSError, ValueError) as error:
        raise BadContent(f"{name} cannot be downloaded ({type(error).__name__})") from None
    received.seek(0)
    return name, received


def _path(folder: Path, file: File) -> Path:
    """The first existing path of a file in a mirror folder, or else its preferred path."""
    paths = [folder / f"{file.name}.gz", folder / file.name]
    if isinstance(file, Members):
        paths = [folder.parent / file.tar, folder / file.tar, *paths]
    try:
        return next((path for path in paths if path.exists()), paths[0])
    except OSError:
        return paths[0]


def without_credentials(address: str) -> str:
    """A URL without user name and password."""
    return re.sub("//[^/]*@", "//", address)


class _Bounded(io.BytesIO):
    """A memory buffer of limited size, so that a server cannot exhaust the memory."""

    def __init__(self, limit: int, name: str) -> None:
        super().__init__()
        self.limit = limit
        self.name = name

    def write(self, chunk) -> int:  # type: ignore[no-untyped-def]
        if self.tell() + len(chunk) > self.limit:
            raise BadContent(f"{self.name} is longer than {self.limit:,} bytes")
        return super().write(chunk)
