"""Class names as labels of figures, tables and terminals: on one line, and short."""

import unicodedata
from collections.abc import Sequence

from glassnet.visible import visible_line

MAX_WIDTH = 28
"""Longest label, in columns of a terminal; a Chinese character or an emoji has two."""

TAIL = 8
"""Columns at the end of a shortened label: names often differ there."""

ELLIPSIS = "…"
JOINER = "\u200d"


def class_labels(names: Sequence[str]) -> tuple[str, ...]:
    """One label per class name, each on one line, at most `MAX_WIDTH` wide, and different.

    White space becomes single spaces, and characters that hide or steer become escapes. Letters
    keep their accents, and emoji their parts.

    Example:
        >>> class_labels(["cat", "a\\nb", "x" * 40])
        ('cat', 'a b', 'xxxxxxxxxxxxxxxxxxx…xxxxxxxx')
    """
    labels: list[str] = []
    for number, name in enumerate(names):
        label = shortened(name)
        if label in labels:
            label = shortened(name, MAX_WIDTH - len(ending := f" ({number})")) + ending
        labels.append(label)
    return tuple(labels)


def shortened(name: str, max_width: int = MAX_WIDTH) -> str:
    """A name on one line, at most `max_width` columns wide; its middle is left out if necessary."""
    line = visible_line(" ".join(name.split())) or "(empty)"
    clusters = _clusters(line)
    if sum(map(_cluster_width, clusters)) <= max_width:
        return line
    tail: list[str] = []
    room = min(TAIL, max_width // 3)
    while clusters and _cluster_width(clusters[-1]) <= room:
        room -= _cluster_width(clusters[-1])
        tail.insert(0, clusters.pop())
    head: list[str] = []
    room = max_width - 1 - sum(map(_cluster_width, tail))
    for cluster in clusters:
        if _cluster_width(cluster) > room:
            break
        room -= _cluster_width(cluster)
        head.append(cluster)
    return "".join(head).rstrip() + ELLIPSIS + "".join(tail).lstrip()


def width(text: str) -> int:
    """The width of a text in columns of a terminal.

    Example:
        >>> width("cat"), width("猫"), width("e\u0301"), width("👩\u200d🔬")
        (3, 2, 1, 2)
    """
    return sum(map(_cluster_width, _clusters(text)))


def _cluster_width(cluster: str) -> int:
    if JOINER in cluster:
        return 2
    return sum(
        0
        if unicodedata.combining(c) or unicodedata.category(c) in {"Mn", "Me", "Cf"}
        else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in cluster
    )


def _clusters(text: str) -> list[str]:
    """The characters of a text, each with its accents, and joined emoji as one."""
    clusters: list[str] = []
    for c in text:
        joins = c == JOINER or unicodedata.category(c) in {"Mn", "Me", "Mc"}
        is_skin_tone = "\U0001f3fb" <= c <= "\U0001f3ff"
        if clusters and (joins or is_skin_tone or clusters[-1].endswith(JOINER)):
            clusters[-1] += c
        else:
            clusters.append(c)
    return clusters
