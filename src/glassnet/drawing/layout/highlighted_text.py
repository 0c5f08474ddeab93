"""Layout of highlighted texts: words, their weights, text runs and line breaks."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from glassnet.findings import HighlightedText, minus_signs
from glassnet.visible import visible

MIN_WEIGHT = 0.05
"""Smallest absolute weight of a word that is highlighted."""

STRONG_WEIGHT = 0.4
"""Absolute weight from which a word is marked by more than its background colour."""

_BREAKS = re.compile(r"(?:[^\S\n]*<br\s*/?>[^\S\n]*)+", re.IGNORECASE)
_WORD = re.compile(r"(\S*\w\S*)")
_SYMBOL = re.compile(r"(\S+)")
_CORE = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
_MIRROR = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_SPACES = str.maketrans("\t\N{NO-BREAK SPACE}", "  ")


@dataclass(frozen=True)
class Word:
    """One word of a text; `before`, `text` and `after`, joined, are the text as written.

    `weight` is its value as a fraction of the text's largest absolute value, in [-1, 1].
    """

    before: str
    text: str
    after: str
    value: float
    weight: float


@dataclass(frozen=True)
class TextRun:
    """Characters that are drawn together, and the gap before them: empty, a space or a new line.

    `weight` is 0 without a highlight; `word` is the index of its word, or -1 between words.
    """

    text: str
    weight: float
    gap: str
    word: int = -1


def clean_text(text: str) -> str:
    r"""Replace `<br>` by line breaks, and characters that hide or steer by escapes, for display.

    Example:
        >>> clean_text("one<br /><br />two")
        'one\ntwo'
    """
    plain = visible(text).translate(_SPACES)
    return re.sub(r"\n{3,}", "\n\n", _BREAKS.sub("\n", plain))


def weights(highlighted: HighlightedText) -> np.ndarray:
    """Divide each word's value by the largest absolute one: (words,) in [-1, 1]."""
    values = np.asarray(highlighted.values, float)
    values = np.where(np.isfinite(values), values, 0.0)
    largest = float(np.abs(values).max(initial=0.0))
    return values / largest if largest else values


def split_words(highlighted: HighlightedText) -> tuple[Word, ...]:
    """Split a text's pieces into words and the characters around them.

    Example:
        >>> text = HighlightedText(pieces=("so ", "good!"), values=np.array([0.1, 0.2]),
        ...                        caption="", note="")
        >>> [(word.text, word.after, word.weight) for word in split_words(text)]
        [('so', ' ', 0.5), ('good!', '', 1.0)]
    """
    words = []
    for piece, value, weight in zip(
        highlighted.pieces, highlighted.values, weights(highlighted), strict=True
    ):
        plain = clean_text(piece)
        parts = _WORD.split(plain, 1) if _WORD.search(plain) else _SYMBOL.split(plain, 1)
        before, text, after = parts if len(parts) == 3 else (plain, "", "")
        words.append(Word(before, text, after, float(value), float(weight)))
    return tuple(words)


def format_signed(value: float) -> str:
    """Format a value with its sign and three significant digits.

    Example:
        >>> format_signed(-0.43129)
        '−0.431'
    """
    return minus_signs(f"{value:+.3g}") if value else "0"


def has_colours(texts: Sequence[HighlightedText]) -> bool:
    """Check whether any word of the texts is highlighted, so that a legend is needed."""
    return any(bool(np.any(weights(highlighted))) for highlighted in texts)


def text_direction(text: str) -> str:
    """Determine from its first letter whether a text is left-to-right (`ltr`) or not (`rtl`).

    Example:
        >>> text_direction("שלום!")
        'rtl'
    """
    return _direction(text) or "ltr"


def _direction(text: str) -> str:
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return ""


def text_runs(highlighted: HighlightedText) -> list[TextRun]:
    """List the runs of a text in logical order."""
    runs: list[TextRun] = []
    gap = ""
    for index, word in enumerate(split_words(highlighted)):
        weight = word.weight if abs(word.weight) >= MIN_WEIGHT else 0.0
        parts = (word.before, 0.0, -1), (word.text, weight, index), (word.after, 0.0, -1)
        for part, depth, place in parts:
            for space, text in re.findall(r"(\s*)(\S*)", part):
                gap = "\n" if "\n" in gap + space else (" " if gap + space else "")
                if text:
                    runs.append(TextRun(text, depth, gap, place))
                    gap = ""
    return runs


def break_lines(
    parts: Sequence[TextRun], limit: float, width: Callable[[str], float]
) -> list[list[TextRun]]:
    """Break runs into lines of at most `limit`, in the unit of `width`.

    Lines break at gaps, and between characters of scripts that are written without spaces; a word
    that is longer than a line is broken at its end.
    """
    rows: list[list[TextRun]] = [[]]
    left = 0.0
    for unit in _unbreakable(parts):
        size = sum(width(run.text) for run in unit)
        space = width(" ") if unit[0].gap and rows[-1] else 0.0
        fits = left + space + size <= limit
        if rows[-1] and (unit[0].gap == "\n" or not fits):
            rows.append([])
            left, space, fits = 0.0, 0.0, size <= limit
        if fits:
            rows[-1] += unit
            left += space + size
            continue
        for piece in _split_run(unit, limit, width):
            size = width(piece.text)
            if rows[-1] and left + size > limit:
                rows.append([])
                left = 0.0
            rows[-1].append(piece)
            left += size
    return [row for row in rows if row]


def _unbreakable(parts: Sequence[TextRun]) -> Iterator[list[TextRun]]:
    """Group the runs between which no line may break."""
    unit: list[TextRun] = []
    for run in parts:
        if unit and (run.gap or _is_wide(unit[-1].text[-1]) or _is_wide(run.text[0])):
            yield unit
            unit = []
        unit.append(run)
    if unit:
        yield unit


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _split_run(
    unit: Sequence[TextRun], limit: float, width: Callable[[str], float]
) -> Iterator[TextRun]:
    """Split runs that are longer than a line."""
    for run in unit:
        text, gap = "", run.gap
        for letter in run.text:
            if text and width(text + letter) > limit:
                yield replace(run, text=text, gap=gap)
                text, gap = "", ""
            text += letter
        yield replace(run, text=text, gap=gap)


def visual_order(row: Sequence[TextRun], base: str) -> list[TextRun]:
    """Order a line's runs from left to right, as bidirectional text is displayed.

    `base` is the text's direction. Runs without letters follow it, unless they stand between two
    runs of the other direction. The gap of each returned run is the one on its left.
    """
    if base == "ltr" and not any(_direction(run.text) == "rtl" for run in row):
        return [replace(run, gap=run.gap if place else "") for place, run in enumerate(row)]
    parts = [part for run in row for part in _split_punctuation(run, base)]
    is_reversed = _is_reversed([_direction(run.text) for run in parts], base)
    order: list[int] = []
    first: list[int] = []
    for reversed_, group in groupby(range(len(parts)), key=is_reversed.__getitem__):
        places = list(group)
        first += [places[0]] * len(places)
        order += places[::-1] if reversed_ else places
    if base == "rtl":
        order.reverse()
    later = [
        max(one, two) if first[one] == first[two] else first[max(one, two)]
        for one, two in pairwise(order)
    ]
    gaps = ["", *(parts[place].gap for place in later)]
    texts = [
        _mirror(parts[place].text) if is_reversed[place] == (base == "ltr") else parts[place].text
        for place in order
    ]
    return [
        replace(parts[place], text=text, gap=gap)
        for place, text, gap in zip(order, texts, gaps, strict=True)
    ]


def _split_punctuation(run: TextRun, base: str) -> list[TextRun]:
    """Split symbols from the ends of a word of the other direction; they follow the line."""
    if _direction(run.text) in ("", base):
        return [run]
    front, core, back = _CORE.fullmatch(run.text).groups()  # type: ignore[union-attr]
    texts = [text for text in (front, core, back) if text]
    gaps = [run.gap, *[""] * (len(texts) - 1)]
    return [replace(run, text=text, gap=gap) for text, gap in zip(texts, gaps, strict=True)]


def _is_reversed(directions: list[str], base: str) -> list[bool]:
    """List for each run whether it runs against the line's direction."""
    is_reversed = []
    for place, kind in enumerate(directions):
        before = next(filter(None, directions[place::-1]), base)
        after = next(filter(None, directions[place:]), base)
        is_reversed.append(kind != base if kind else before != base and after != base)
    return is_reversed


def _mirror(text: str) -> str:
    """Mirror symbols for right-to-left display; fonts and viewers reverse words themselves."""
    return text if re.search(r"\w", text) else text[::-1].translate(_MIRROR)


def truncate(rows: list[list[TextRun]], max_lines: int) -> tuple[list[list[TextRun]], bool]:
    """Keep at most `max_lines` lines, ending in an ellipsis if some were removed.

    Returns:
        The lines, and whether any were removed.
    """
    if len(rows) <= max_lines:
        return rows, False
    last = rows[max_lines - 1]
    start = last[:-1] if len(last) > 1 else last
    return [*rows[: max_lines - 1], [*start, TextRun("…", 0.0, " ")]], True
