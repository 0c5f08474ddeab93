"""Archives: thousands of small files read from a tar stream in memory, and packed into one."""

from __future__ import annotations

import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from glassnet.data.sources.catalogue import Members
from glassnet.data.sources.content import Unfit
from glassnet.data.sources.packs import pack

MAX_MEMBER = 10_000_000
"""The most bytes that one small file may have."""

MAX_UNPACKED = 1 << 30
"""The most bytes that an archive may unpack to, with all that is passed over."""


def read(stream: IO[bytes], wanted: Sequence[Members], name: str) -> list[bytes]:
    """Read a tar archive once, from its first byte to its last, and pack what is wanted of it.

    Nothing is written to disk, and a member's path serves to recognise it and for nothing else.

    Args:
        stream: the archive, plain or compressed by gzip, bzip2 or xz.
        wanted: what is looked for; the first whose pattern a path matches takes the file.
        name: what an error calls the archive.

    Returns:
        A pack for each of `wanted`, not verified yet.

    Raises:
        Unfit: the archive is damaged or cut short, holds a path twice, or is too large.
    """
    patterns = [re.compile(members.pattern) for members in wanted]
    found: list[dict[str, bytes]] = [{} for _ in wanted]
    try:
        with tarfile.open(fileobj=stream, mode="r|*") as tar:
            for member, content in _files(tar, name):
                for pattern, files in zip(patterns, found, strict=True):
                    if pattern.fullmatch(member.name):
                        if member.name in files:
                            raise Unfit(f"{name} holds {member.name} twice")
                        files[member.name] = content.read()
                        break
    except (EOFError, tarfile.TarError, zlib.error, lzma.LZMAError, OSError) as error:
        raise Unfit(f"{name} is damaged or cut short ({error})") from None
    return [pack(files) for files in found]


def _files(tar: tarfile.TarFile, name: str) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """The regular files of an archive, as long as they keep the limits."""
    size = 0
    for member in tar:
        size += member.size
        if size > MAX_UNPACKED:
            raise Unfit(f"{name} unpacks to more than {MAX_UNPACKED:,} bytes")
        content = tar.extractfile(member) if member.isreg() else None
        if content is not None and member.size <= MAX_MEMBER:
            yield member, content
