"""Mirrors: a data set's files, gzipped, in a folder or behind a base address."""

from __future__ import annotations

import io
import re
from contextlib import ExitStack
from pathlib import Path

from glassnet.data.catalogue import File
from glassnet.data.content import Unfit, unpack

TIMEOUT = (3.0, 20.0)
"""Seconds to wait for a connection, and then for the next bytes."""

GZIP_OVERHEAD = 1 << 16
"""Bytes by which gzip may lengthen what it cannot compress; ample for the catalogue's sizes."""


def copy(folder: Path, file: File) -> tuple[str, bytes]:
    """Read `NAME.gz`, or else the plain `NAME`, so that a cache can serve as a mirror too.

    Returns:
        The path that was read, and the unpacked content, not verified yet.

    Raises:
        Unfit: it is missing, cannot be read, or unpacks to more than the catalogue's size.
    """
    path = folder / f"{file.name}.gz"
    try:
        if not path.exists() and (folder / file.name).exists():
            path = folder / file.name
        with path.open("rb") as stream:
            return str(path), unpack(stream, file.size, str(path))
    except OSError as error:
        raise Unfit(f"{path} cannot be read ({error.strerror or error})") from None


def download(base: str, file: File) -> tuple[str, bytes]:
    """Download `NAME.gz` from under a base address that ends in a slash.

    Returns:
        The address as `shown`, and the unpacked content, not verified yet.

    Raises:
        Unfit: the server does not answer, refuses, stops early, or sends more than it may.
    """
    import pooch
    import requests

    address = f"{base}{file.name}.gz"
    name = shown(address)
    received = _Bounded(file.size + GZIP_OVERHEAD, name)
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
    return name, unpack(received, file.size, name)


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
