"""Installed fonts for the letters of a figure that DejaVu Sans, the font of all figures, lacks."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

SCRIPTS = {"CJK": "Chinese characters", "ZERO": "", "VARIATION": "", "COMBINING": ""}
"""First word in the names of a script's characters -> what it is called, where that differs."""


def covering(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find installed fonts that have the letters of a text which DejaVu Sans lacks.

    Fonts that were installed since the last figure are noticed. Each font is opened once.

    Returns:
        Families in addition to DejaVu Sans, as few as possible of those that come first by name;
        and the names of scripts that no installed font has.
    """
    base = _characters(font_manager.findfont("DejaVu Sans"))
    missing = {ord(c) for c in text if not c.isspace() and _is_visible(c)} - base
    families: list[str] = []
    for path in sorted(font_manager.findSystemFonts()) if missing else ():
        if found := missing & _characters(path):
            missing -= found
            families.append(_family(path))
        if not missing:
            break
    return tuple(dict.fromkeys(families)), scripts(map(chr, missing))


def scripts(characters: Iterable[str]) -> tuple[str, ...]:
    """The names of the scripts of some characters.

    Example:
        >>> scripts("ก😀猫")
        ('Chinese characters', 'Thai', 'emoji')
    """
    names = set()
    for c in characters:
        if unicodedata.category(c) in {"So", "Sk"}:
            names.add("emoji" if ord(c) >= 0x2600 else "symbols")
            continue
        word = unicodedata.name(c, "UNKNOWN").split()[0].split("-")[0]
        names.add(SCRIPTS.get(word, word.capitalize()))
    return tuple(sorted(names - {""}))


def _is_visible(c: str) -> bool:
    return unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Mn", "Me", "Zl", "Zp"}


@lru_cache(maxsize=4096)
def _characters(path: str) -> frozenset[int]:
    """The characters of a font file; none if it cannot be read, or has bitmaps of one size."""
    try:
        font = FT2Font(path)
        return frozenset(font.get_charmap() if font.scalable else ())
    except (OSError, RuntimeError, ValueError):
        return frozenset()


@lru_cache(maxsize=4096)
def _family(path: str) -> str:
    """The family of a font file, which matplotlib knows from now on."""
    known = {font.fname: font.name for font in font_manager.fontManager.ttflist}
    if path not in known:
        font_manager.fontManager.addfont(path)
        known = {font.fname: font.name for font in font_manager.fontManager.ttflist}
    return known.get(path, Path(path).stem)
