"""What paper, page and terminal share of a passage: its words, their colours, its lines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from glassnet.findings import HighlightedText

MIN_WEIGHT = 0.05
"""Words whose value is a smaller share of the largest have no ground."""

STRONG_WEIGHT = 0.4
"""From this share of the largest on, a word is marked by more than its ground's colour."""

_BREAKS = re.compile(r"(?:[^\S\n]*<br\s*/?>[^\S\n]*)+", re.IGNORECASE)
_WORD = re.compile(r"(\S*\w\S*)")
_SIGN = re.compile(r"(\S+)")
_CORE = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)
_MIRROR = str.maketrans("()[]{}<>«»", ")(][}{><»«")
_CONTROL = dict.fromkeys((*range(9), *range(14, 32), *range(127, 160)), "\ufffd")
_CONTROL |= dict.fromkeys(map(ord, "\t\v\f\x85\N{NO-BREAK SPACE}"), " ")


@dataclass(frozen=True)
class Word:
    """One word of a passage; put end to end, `before`, `text` and `after` are how it is written.

    `weight` is its value as a fraction of the passage's largest one, in [-1, 1].
    """

    before: str
    text: str
    after: str
    value: float
    weight: float


@dataclass(frozen=True)
class TextRun:
    """Letters that are drawn in one go, and the gap before them: nothing, a space or a new line.

    `weight` is 0 where they have no ground; `word` is the number of their word, -1 for what stands
    between words.
    """

    text: str
    weight: float
    gap: str
    word: int = -1


def clean_text(text: str) -> str:
    """Write text as it is to be seen: HTML's line breaks broken, control characters shown as such.

    Example:
        >>> clean_text("one<br /><br />two")
        'one\\ntwo'
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
    return re.sub(r"\n{3,}", "\n\n", _BREAKS.sub("\n", plain))


def weights(passage: HighlightedText) -> np.ndarray:
    """Give each word's value as a share of the largest absolute one: (words,) in [-1, 1]."""
    values = np.asarray(passage.values, float)
    values = np.where(np.isfinite(values), values, 0.0)
    largest = float(np.abs(values).max(initial=0.0))
    return values / largest if largest else values


def split_words(passage: HighlightedText) -> tuple[Word, ...]:
    """Cut a passage's pieces into the words and what stands around them.

    Example:
        >>> passage = Passage(pieces=("so ", "good!"), values=np.array([0.1, 0.2]),
        ...                   caption="", note="")
        >>> [(word.text, word.after, word.weight) for word in split_words(passage)]
        [('so', ' ', 0.5), ('good!', '', 1.0)]
    """
    words = []
    for piece, value, weight in zip(passage.pieces, passage.values, weights(passage), strict=True):
        plain = clean_text(piece)
        parts = _WORD.split(plain, 1) if _WORD.search(plain) else _SIGN.split(plain, 1)
        before, text, after = parts if len(parts) == 3 else (plain, "", "")
        words.append(Word(before, text, after, float(value), float(weight)))
    return tuple(words)


def format_signed(value: float) -> str:
    """Write a value with its sign and three digits.

    Example:
        >>> format_signed(-0.43129)
        '−0.431'
    """
    return f"{value:+.3g}".replace("-", "\N{MINUS SIGN}") if value else "0"


def has_colours(passages: Sequence[HighlightedText]) -> bool:
    """Say whether any word of the passages has a colour, so that a key is needed."""
    return any(bool(np.any(weights(passage))) for passage in passages)


def text_direction(text: str) -> str:
    """Say by its first letter whether a text runs from the left (`ltr`) or the right (`rtl`).

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


def text_runs(passage: HighlightedText) -> list[TextRun]:
    """List what is drawn of a passage, in reading order, for those who set the lines themselves."""
    words: list[TextRun] = []
    gap = ""
    for index, word in enumerate(split_words(passage)):
        weight = word.weight if abs(word.weight) >= MIN_WEIGHT else 0.0
        parts = (word.before, 0.0, -1), (word.text, weight, index), (word.after, 0.0, -1)
        for part, depth, place in parts:
            for space, text in re.findall(r"(\s*)(\S*)", part):
                gap = "\n" if "\n" in gap + space else (" " if gap + space else "")
                if text:
                    words.append(TextRun(text, depth, gap, place))
                    gap = ""
    return words


def break_lines(
    parts: Sequence[TextRun], limit: float, width: Callable[[str], float]
) -> list[list[TextRun]]:
    """Break runs into lines of at largest `limit`, in the unit of `width`.

    Lines break at gaps, and between letters of scripts that are written without any; what is longer
    than a line is broken where the line ends.
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
    """Give the runs that a line's end must not part."""
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
    """Cut runs that are longer than a line."""
    for run in unit:
        text, gap = "", run.gap
        for letter in run.text:
            if text and width(text + letter) > limit:
                yield replace(run, text=text, gap=gap)
                text, gap = "", ""
            text += letter
        yield replace(run, text=text, gap=gap)


def visual_order(row: Sequence[TextRun], base: str) -> list[TextRun]:
    """Order a line's runs from left to right, as scripts of both directions stand in it.

    `base` is the passage's direction. What has no letters follows it, unless it stands between two
    runs of the other direction. The gap of each run is the one on its left.
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
    """Part signs from the ends of a word of the other direction: they follow the line."""
    if _direction(run.text) in ("", base):
        return [run]
    front, core, back = _CORE.fullmatch(run.text).groups()  # type: ignore[union-attr]
    texts = [text for text in (front, core, back) if text]
    gaps = [run.gap, *[""] * (len(texts) - 1)]
    return [replace(run, text=text, gap=gap) for text, gap in zip(texts, gaps, strict=True)]


def _is_reversed(directions: list[str], base: str) -> list[bool]:
    """Say which runs run against the line."""
    words = []
    for place, kind in enumerate(directions):
        before = next(filter(None, directions[place::-1]), base)
        after = next(filter(None, directions[place:]), base)
        words.append(kind != base if kind else before != base and after != base)
    return words


def _mirror(text: str) -> str:
    """Write signs as they look from the right; words turn themselves."""
    if re.search(r"\w", text):
        return text
    return text[::-1].translate(_MIRROR)


def truncate(rows: list[list[TextRun]], largest: int) -> tuple[list[list[TextRun]], bool]:
    """Keep at largest so many lines, an ellipsis at the end of the last; say whether any was cut."""
    if len(rows) <= largest:
        return rows, False
    last = rows[largest - 1]
    kept = last[:-1] if len(last) > 1 else last
    return [*rows[: largest - 1], [*kept, TextRun("…", 0.0, " ")]], True
