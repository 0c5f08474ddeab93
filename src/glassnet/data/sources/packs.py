"""Packs: thousands of small files kept as one, with a SHA-256 that no form of packing changes."""

from __future__ import annotations

import hashlib

HEAD = b"\n\n"
"""Ends the list of paths and sizes that a pack begins with."""


def pack(files: dict[str, bytes]) -> bytes:
    """Files as one: a line with path and size for each, sorted by path, and then their bytes.

    Example:
        >>> pack({"b.txt": b"two", "a.txt": b"one"})
        b'a.txt\\t3\\nb.txt\\t3\\n\\nonetwo'
    """
    names = sorted(files)
    lines = "\n".join(f"{name}\t{len(files[name])}" for name in names)
    return b"".join([lines.encode(), HEAD, *(files[name] for name in names)])


def unpack(content: bytes) -> dict[str, bytes]:
    """The files of a pack, by path, in its order.

    Raises:
        ValueError: it is no pack, or not a whole one.

    Example:
        >>> unpack(pack({"b.txt": b"two", "a.txt": b"one"}))
        {'a.txt': b'one', 'b.txt': b'two'}
    """
    lines, _, rest = content.partition(HEAD)
    files = {}
    start = 0
    for line in lines.decode().split("\n"):
        path, _, size = line.rpartition("\t")
        end = start + int(size)
        files[path] = rest[start:end]
        start = end
    if start != len(rest):
        raise ValueError("its sizes are not those of its files")
    return files


def digest(content: bytes) -> str:
    """SHA-256 of a pack's files, as hex: over each path, a NUL and the SHA-256 of the file's bytes.

    Paths are sorted, so that no order of files or form of packing changes it.

    Raises:
        ValueError: it is no pack, or not a whole one.
    """
    result = hashlib.sha256()
    for path, held in sorted(unpack(content).items()):
        result.update(path.encode() + b"\0" + hashlib.sha256(held).digest())
    return result.hexdigest()
