"""Memory of the C library: blocks that are freed and taken again in every step stay here."""

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Numbers of these settings in glibc's malloc.h."""

MAX_BLOCK = 32 << 20
"""Bytes of a block up to which it is reused; glibc's own bound."""

MAX_FREE = 256 << 20
"""Free bytes at the end of the heap from which on they are returned."""


def reuse_freed_blocks() -> bool:
    """Let glibc reuse freed blocks, in place of returning them to the system first.

    A block that comes anew from the system is filled with zeros page by page, which takes longer
    than what a cheap layer computes in it. A step of the default image classifier takes a fifth
    less processor time so, one of the text classifier as much as before, with 3 to 8 % more memory
    in all (`benchmarks/allocator.py`). Results are the same. It holds for the whole process.

    Returns:
        Whether the C library has these settings; only glibc has.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    settings = ((MMAP_THRESHOLD, MAX_BLOCK), (TRIM_THRESHOLD, MAX_FREE))
    return mallopt is not None and all(mallopt(*setting) for setting in settings)
