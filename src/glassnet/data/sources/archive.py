"""Tar archives of many small files, read from a stream in memory and packed into one file."""

import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from typing import IO

from glassnet.data.sources.catalogue import Members
from glassnet.data.sources.content import BadContent
from glassnet.data.sources.packs import pack

MAX_MEMBER = 10_000_000
"""Maximum size of one small file in bytes."""

MAX_UNPACKED = 1 << 30
"""Maximum unpacked size of an archive in bytes, skipped files included."""


def read(stream: IO[bytes], members: Sequence[Members], name: str) -> list[bytes]:
    """Read a tar archive once, from start to end, and pack the files that are wanted.

    Nothing is written to disk: a path in the archive is only compared with patterns.

    Args:
        stream: the archive, plain or compressed by gzip, bzip2 or xz.
        members: the files that are wanted; a file belongs to the first whose pattern it matches.
        name: what errors call the archive.

    Returns:
        A pack for each of `members`, not verified yet.

    Raises:
        BadContent: the archive is damaged, truncated or too large, or contains a path twice.
    """
    patterns = [re.compile(one.pattern) for one in members]
    packs: list[dict[str, bytes]] = [{} for _ in members]
    try:
        with tarfile.open(fileobj=stream, mode="r|*") as tar:
            for member, content in _files(tar, name):
                for pattern, files in zip(patterns, packs, strict=True):
                    if pattern.fullmatch(member.name):
                        if member.name in files:
                            raise BadContent(f"{name} contains {member.name} twice")
                        files[member.name] = content.read()
                        break
    except (EOFError, tarfile.TarError, zlib.error, lzma.LZMAError, OSError) as error:
        raise BadContent(f"{name} is damaged or truncated ({error})") from None
    return [pack(files) for files in packs]


def _files(tar: tarfile.TarFile, name: str) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """The regular files of an archive within the limits."""
    size = 0
    for member in tar:
        size += member.size
        if size > MAX_UNPACKED:
            raise BadContent(f"{name} unpacks to more than {MAX_UNPACKED:,} bytes")
        content = tar.extractfile(member) if member.isreg() else None
        if content is not None and member.size <= MAX_MEMBER:
            yield member, content
