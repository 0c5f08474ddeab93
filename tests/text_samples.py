"""Small text files and archives for tests."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

GOOD = ("a fine film", "I laughed and cried", "see it twice", "bright, warm and wise", "a joy")
BAD = ("a dull film", "I slept", "spare yourself", "loud, long and empty", "a chore")


def text_folders(root: Path, classes: Mapping[str, tuple[str, ...]]) -> Path:
    """A folder per class, with a text file for each of its texts."""
    for name, texts in classes.items():
        (root / name).mkdir(parents=True, exist_ok=True)
        for k, text in enumerate(texts):
            (root / name / f"{k}.txt").write_text(text, encoding="utf-8")
    return root


def tar(files: Mapping[str, bytes], mode: str = "w:xz") -> bytes:
    """A tar archive of files, with their folders."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for name in sorted({str(Path(name).parent) for name in files}):
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE
            archive.addfile(member)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()
