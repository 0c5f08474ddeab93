"""Paths of the links of a network diagram, around its boxes and their texts.

A link leads straight to the next box. Where boxes are in between, it leads through a channel above
its row; into another row it leads along the right margin, below the row before and along the left
margin. Links from one box share their way as far as they can.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

TRACK = 4.0
"""Distance between lines that run side by side."""

CHANNEL = 6.0
"""Height of a channel above a row."""

MAX_GAP = 7.0
"""Width between the texts of two columns, which vertical lines share."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """The row, column and lane of a box."""

    row: int
    column: int
    lane: int


@dataclass(frozen=True)
class Geometry:
    """Lengths of a diagram, in points.

    Attributes:
        left: width of the left and right margins.
        cell: width of a column.
        width: of everything.
        tops, bottoms: of each row, channels and texts included.
        exits, entries: (x, y) where links leave each box and where they end.
    """

    left: float
    cell: float
    width: float
    tops: Sequence[float]
    bottoms: Sequence[float]
    exits: Sequence[Point]
    entries: Sequence[Point]


@dataclass
class Routes:
    """Which boxes lead through which channel, gap and margin.

    Args:
        spots: of all boxes.
        links: pairs of boxes, from and to.
    """

    spots: Sequence[Spot]
    links: Sequence[tuple[int, int]]
    channels: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    gaps: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    below: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    tracks: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one, two in self.links:
            self._reserve(one, two)
        self._reserve_margins()

    @property
    def n_tracks(self) -> int:
        """How many lines run side by side in the margins."""
        return max(self.tracks.values(), default=-1) + 1

    def _reserve_margins(self) -> None:
        """Give each box that leads into other rows a track that no other uses beside these rows."""
        rows: dict[int, set[int]] = defaultdict(set)
        for one, two in self.links:
            rows[one] |= set(range(self.spots[one].row, self.spots[two].row))
        for one in filter(rows.get, rows):
            taken = {track for other, track in self.tracks.items() if rows[one] & rows[other]}
            self.tracks[one] = min(set(range(len(taken) + 1)) - taken)

    def _reserve(self, one: int, two: int) -> None:
        start, end = self.spots[one], self.spots[two]
        ways: list[list[int]] = []
        if start.row != end.row:
            ways.append(self.below[end.row - 1])
        if not self.leaves_straight(one, two):
            ways += [self.channels[start.row], self.gaps[start.row, start.column + 1]]
        if self.enters_by_channel(one, two):
            ways.append(self.channels[end.row])
        if end.column and not self.is_straight(one, two):
            ways.append(self.gaps[end.row, end.column])
        for users in ways:
            if one not in users:
                users.append(one)

    def is_straight(self, one: int, two: int) -> bool:
        """Whether a horizontal line connects two boxes."""
        start, end = self.spots[one], self.spots[two]
        same = (start.row, start.lane) == (end.row, end.lane)
        return same and self._is_free(start, start.column + 1, end.column)

    def leaves_straight(self, one: int, two: int) -> bool:
        """Whether a link leaves the first box in its lane, and not through the channel."""
        start, end = self.spots[one], self.spots[two]
        return self._is_free(start, start.column + 1, end.column if start.row == end.row else None)

    def enters_by_channel(self, one: int, two: int) -> bool:
        """Whether a link comes to the second box from the channel above its row."""
        start, end = self.spots[one], self.spots[two]
        if start.row == end.row:
            return not self.leaves_straight(one, two)
        return not self._is_free(end, 0, end.column)

    def _is_free(self, spot: Spot, first: int, end: int | None) -> bool:
        return not any(
            (other.row, other.lane) == (spot.row, spot.lane)
            and other.column >= first
            and (end is None or other.column < end)
            for other in self.spots
        )

    def path(self, one: int, two: int, lengths: Geometry) -> tuple[Point, ...]:
        """The corners of a link."""
        start, end = self.spots[one], self.spots[two]
        (x1, y1), (x2, y2) = lengths.exits[one], lengths.entries[two]
        if self.is_straight(one, two):
            return (x1, y1), (x2, y2)
        points = [(x1, y1)]
        if not self.leaves_straight(one, two):
            x = self._gap(start.row, start.column + 1, one, lengths)
            y1 = self._channel(start.row, one, lengths)
            points += [(x, points[0][1]), (x, y1)]
        if start.row != end.row:
            inset = TRACK * (self.tracks[one] + 0.5)
            below = self.below[end.row - 1]
            y = lengths.bottoms[end.row - 1] + TRACK * (below.index(one) + 1)
            points += [(lengths.width - inset, y1), (lengths.width - inset, y), (inset, y)]
            y1 = self._channel(end.row, one, lengths) if self.enters_by_channel(one, two) else y2
            points.append((inset, y1))
        if y1 != y2:
            x = self._gap(end.row, end.column, one, lengths)
            points += [(x, y1), (x, y2)]
        return (*points, (x2, y2))

    def _channel(self, row: int, user: int, lengths: Geometry) -> float:
        return lengths.tops[row] + CHANNEL * (self.channels[row].index(user) + 0.5)

    def _gap(self, row: int, column: int, user: int, lengths: Geometry) -> float:
        users = self.gaps[row, column]
        offset = users.index(user) - (len(users) - 1) / 2
        step = min(TRACK / 2, MAX_GAP / len(users))
        return lengths.left + column * lengths.cell + step * offset
