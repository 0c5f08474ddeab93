"""Packs: many small files stored as one, with a SHA-256 that does not depend on the packing."""

import hashlib

HEAD = b"\n\n"
"""Separates the paths and sizes at the start of a pack from the contents."""


def pack(files: dict[str, bytes]) -> bytes:
    """Pack files: a line with path and size for each, sorted by path, followed by their bytes.

    Example:
        >>> pack({"b.txt": b"two", "a.txt": b"one"})
        b'a.txt\\t3\\nb.txt\\t3\\n\\nonetwo'
    """
    names = sorted(files)
    lines = "\n".join(f"{name}\t{len(files[name])}" for name in names)
    return b"".join([lines.encode(), HEAD, *(files[name] for name in names)])


def unpack(content: bytes) -> dict[str, bytes]:
    """Unpack the files of a pack, by path, in its order.

    Raises:
        ValueError: it is not a pack, or truncated.

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
        raise ValueError("the sizes do not match the contents")
    return files


def digest(content: bytes) -> str:
    """SHA-256 of the files of a pack as hex: over each path, a NUL and the SHA-256 of its content.

    The paths are sorted, so it does not depend on the order of the files.

    Raises:
        ValueError: it is not a pack, or truncated.
    """
    result = hashlib.sha256()
    for path, file in sorted(unpack(content).items()):
        result.update(path.encode() + b"\0" + hashlib.sha256(file).digest())
    return result.hexdigest()
