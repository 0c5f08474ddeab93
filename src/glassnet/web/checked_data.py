"""The examples that a problem of uploaded data is about: images small, and lines of tables."""

from __future__ import annotations

import base64
import io
import re
from itertools import islice
from pathlib import Path
from typing import Any

MAX_SHOWN = 24
"""Examples of a problem that are shown at most."""

SIDE = 96
"""Pixels of the longer side of a small image."""

MAX_PIXELS = 64_000_000
"""Pixels of an image that is decoded at most."""

MAX_CHARACTERS = 300
"""Characters of a line that is shown."""

MAX_LINE = 200_000
"""Lines of a table that are searched at most."""

LINE = re.compile(r"(?:(?P<file>[^,]+), )?(?:.* in )?line (?P<number>[0-9]{1,9})\b.*")
"""Where a row of a table is."""


def with_examples(path: Path, problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The problems of `data check`, each with its first examples in place of all locations.

    Args:
        path: the data: a folder, or a table.
        problems: from the JSON of `data check`.

    Returns:
        The problems with `examples`: `text` is where each is, `image` a small PNG as a data URL,
        and `line` the line of the table; empty where there is none.
    """
    shown = []
    for problem in problems:
        places = [place for group in problem["locations"] for place in group]
        examples = [_example(path, place) for place in places[:MAX_SHOWN]]
        rest = {name: value for name, value in problem.items() if name != "locations"}
        shown.append(rest | {"count": len(places), "examples": examples})
    return shown


def _example(path: Path, place: str) -> dict[str, str]:
    image = _thumbnail(path, place) if path.is_dir() else ""
    return {"text": place, "image": image, "line": "" if image else _line(path, place)}


def _thumbnail(folder: Path, place: str) -> str:
    """A small image as a data URL; empty if there is none at this place."""
    from PIL import Image

    file = _file(folder, place)
    if file is None:
        return ""
    try:
        with Image.open(file) as image:
            if image.width * image.height > MAX_PIXELS:
                return ""
            image.thumbnail((SIDE, SIDE))
            content = io.BytesIO()
            image.convert("RGBA").save(content, "PNG")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return ""
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"


def _line(path: Path, place: str) -> str:
    """The line of a table; empty if the place is none."""
    match = LINE.fullmatch(place)
    if match is None or not 0 < (number := int(match["number"])) <= MAX_LINE:
        return ""
    file = path if path.is_file() else _file(path, match["file"] or "")
    if file is None:
        return ""
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            line = next(islice(stream, number - 1, None), "")
    except OSError:
        return ""
    return line.strip()[:MAX_CHARACTERS]


def _file(folder: Path, place: str) -> Path | None:
    """The file that a place begins with: `cats/1.png`, or `cats/1.png (train)`."""
    for name in (place, place.rpartition(" (")[0], place.partition(" (")[0]):
        path = folder / name
        try:
            if name and path.is_file() and path.resolve().is_relative_to(folder.resolve()):
                return path
        except (OSError, ValueError):
            return None
    return None
