"""Columns and lanes for the nodes of a graph without cycles."""

from collections.abc import Sequence
from itertools import count

MAX_SHIFT = 4
"""How many columns later than necessary a node may stand, so that no further lane is needed.

A node that leads to no other stands as near as possible."""

Place = tuple[int, int]
"""Column and lane."""


def place(n: int, links: Sequence[tuple[int, int]]) -> list[Place]:
    """Place nodes in columns, each behind all that lead to it, and in lanes.

    The longest path is lane 0; other nodes take the first lane where they fit.

    Args:
        n: number of nodes; links lead from lower to higher ones.
        links: pairs of nodes.

    Example:
        >>> place(4, [(0, 1), (0, 2), (1, 3), (2, 3)])
        [(0, 0), (1, 0), (1, 1), (2, 0)]
    """
    before: list[list[int]] = [[] for _ in range(n)]
    after: list[list[int]] = [[] for _ in range(n)]
    for one, two in links:
        before[two].append(one)
        after[one].append(two)
    column = [0] * n
    for node in range(n):
        column[node] = max((column[other] + 1 for other in before[node]), default=0)
    latest = [max(column)] * n
    for node in reversed(range(n)):
        latest[node] = min((latest[other] - 1 for other in after[node]), default=max(column))
    places = {node: (column[node], 0) for node in _longest_path(column, before)}
    others = [node for node in range(n) if node not in places]
    for node in sorted(others, key=lambda node: (latest[node] > column[node], node)):
        placed = [places[other] for other in before[node] if other in places]
        first = max([column[node], *(earlier + 1 for earlier, _ in placed)])
        shift = MAX_SHIFT if after[node] else 0
        columns = range(first, min(latest[node], first + shift) + 1)
        preferred = [lane for _, lane in placed if lane]
        places[node] = next(
            (each, lane)
            for lanes in (preferred, count(1))
            for lane in lanes
            for each in columns
            if (each, lane) not in places.values()
        )
    return [places[node] for node in range(n)]


def _longest_path(column: list[int], before: list[list[int]]) -> list[int]:
    """The nodes of a longest path, from its end."""
    node = column.index(max(column))
    path = [node]
    while before[node]:
        node = next(other for other in before[node] if column[other] == column[node] - 1)
        path.append(node)
    return path
