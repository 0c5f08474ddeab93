"""Layout of network diagrams.

Layers stand in columns behind those that feed them, and columns in rows, in reading order. A layer
with parameters and the layers that only transform its output form a block: it shares a band, and
rows break between blocks where possible. Every layer is a box in proportion to its output: height
and depth follow the spatial size, thickness the logarithm of the number of channels. Lengths are in
points at a text size of 8; y runs downwards.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glassnet.drawing import typeset
from glassnet.drawing.layout import layered_graph
from glassnet.drawing.layout.diagram_links import CHANNEL, TRACK, Geometry, Routes, Spot
from glassnet.findings import Diagram, Layer

LINE = typeset.TEXT_SIZE * typeset.LEADING
TALLEST = 50.0
SMALLEST = 9.0
SKEW = 0.3
"""How far the depth of a box leans to the right and up, as a fraction of its height."""

VOLUME_ROOM = TALLEST * (1 + SKEW) + 12
ROW_GAP = 15.0
BAND_PAD = 3.0

MIN_COLUMNS = 5
"""Columns from which on a row may end before a block that does not fit."""


@dataclass(frozen=True)
class Box:
    """One layer: a box around (x, y), and the lines of text below it, from `text_top` down.

    Attributes:
        x, y: centre of the box's front.
        thickness, height: size of the front.
        lean: how far the depth leans, to the right and up.
        family: one of `LAYER_FAMILIES`, or `input`, which the result has as well.
        name, kind, shape, parameters: the text; the first two are broken into lines, and
            `parameters` is empty for layers without any.
        text_top: where the text starts.
    """

    x: float
    y: float
    thickness: float
    height: float
    lean: float
    family: str
    name: tuple[str, ...]
    kind: tuple[str, ...]
    shape: str
    parameters: str
    text_top: float

    @property
    def left(self) -> float:
        """Left edge of the box."""
        return self.x - self.thickness / 2

    @property
    def right(self) -> float:
        """Right edge of the box at mid-height, its depth included."""
        return self.x + self.thickness / 2 + self.lean

    def faces(self) -> tuple[list[tuple[float, float]], ...]:
        """List the corners of the front, the top and the side."""
        left, right = self.left, self.left + self.thickness
        top, bottom, lean = self.y - self.height / 2, self.y + self.height / 2, self.lean
        front = [(left, top), (right, top), (right, bottom), (left, bottom)]
        roof = [(left, top), (left + lean, top - lean), (right + lean, top - lean), (right, top)]
        side = [
            (right, top),
            (right + lean, top - lean),
            (right + lean, bottom - lean),
            (right, bottom),
        ]
        return front, roof, side

    def lines(self) -> list[tuple[str, str]]:
        """List the lines of text under the box as (role, line), from the top."""
        numbers = [("number", line) for line in (self.shape, self.parameters) if line]
        names = [("name", line) for line in self.name]
        return [*names, *(("kind", line) for line in self.kind), *numbers]


@dataclass(frozen=True)
class Layout:
    """A complete diagram.

    `bands` are (x, y, width, height); `links` are paths from one box to another, which end in an
    arrowhead.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    bands: tuple[tuple[float, float, float, float], ...]
    links: tuple[tuple[tuple[float, float], ...], ...]
    total: str


def layout(diagram: Diagram, columns: int, cell: float) -> Layout:
    """Place the layers of a network in rows of `columns` cells that are `cell` points wide."""
    layers, links = _with_ends(diagram)
    places = layered_graph.place(len(layers), links)
    path = sorted((column, node) for node, (column, lane) in enumerate(places) if not lane)
    rows = _rows(_blocks([layers[node] for _, node in path]), columns)
    spots = _spots(places, rows)
    routes = Routes(spots, links)
    left = TRACK * routes.n_tracks
    cell -= 2 * left / columns
    boxes = _boxes(layers, cell)
    tops, lanes, bottoms = _levels(spots, boxes, routes)
    placed = [
        _moved(box, left + (spot.column + 0.5) * cell, lanes[spot.row][spot.lane])
        for box, spot in zip(boxes, spots, strict=True)
    ]
    width = max(spot.column + 1 for spot in spots) * cell + 2 * left
    geometry = Geometry(
        left=left,
        cell=cell,
        width=width,
        tops=tops,
        bottoms=bottoms,
        exits=[(box.right + 2, box.y) for box in placed],
        entries=[(box.left - 2, box.y) for box in placed],
    )
    return Layout(
        width,
        bottoms[-1],
        tuple(placed),
        tuple(_bands(rows, spots, lanes, left, cell)),
        tuple(routes.path(one, two, geometry) for one, two in links),
        f"{sum(layer.parameters for layer in layers):,d} parameters in total",
    )


def _with_ends(diagram: Diagram) -> tuple[list[Layer], list[tuple[int, int]]]:
    """The layers between the input and, if several layers make it, the result; and their links."""
    entry = Layer(name="input", family="input", kind="", shape=diagram.input_shape, parameters=0)
    layers, result = [entry, *diagram.layers], len(diagram.layers) + 1
    if sum(two == result for _, two in diagram.links) > 1:
        end = Layer(name="result", family="input", kind="", shape=(), parameters=0)
        return [*layers, end], list(diagram.links)
    return layers, [link for link in diagram.links if link[1] != result]


def _spots(places: Sequence[tuple[int, int]], rows: list[list[list[int]]]) -> list[Spot]:
    """Divide the columns among the rows."""
    of_column = [
        (row, column) for row, blocks in enumerate(rows) for column in range(sum(map(len, blocks)))
    ]
    return [Spot(*of_column[column], lane) for column, lane in places]


def _levels(
    spots: Sequence[Spot], boxes: Sequence[Box], routes: Routes
) -> tuple[list[float], list[list[float]], list[float]]:
    """The top of each row, the tops of its lanes and the bottom of the last one, and its bottom."""
    tops, lanes, bottoms = list[float](), list[list[float]](), list[float]()
    top = 0.0
    for row in range(max(spot.row for spot in spots) + 1):
        members = [(spot, box) for spot, box in zip(spots, boxes, strict=True) if spot.row == row]
        height = VOLUME_ROOM + max(len(box.lines()) for _, box in members) * LINE + 5
        first = top + CHANNEL * len(routes.channels[row])
        n_lanes = max(spot.lane for spot, _ in members) + 1
        tops.append(top)
        lanes.append([first + lane * height for lane in range(n_lanes + 1)])
        bottoms.append(lanes[-1][-1])
        top = bottoms[-1] + max(ROW_GAP, TRACK * (len(routes.below[row]) + 1))
    return tops, lanes, bottoms


def _bands(
    rows: list[list[list[int]]],
    spots: Sequence[Spot],
    lanes: list[list[float]],
    left: float,
    cell: float,
) -> list[tuple[float, float, float, float]]:
    """A band behind each block of the longest path, and behind each of the other boxes."""
    bands = []
    for row, blocks in enumerate(rows):
        column = 0
        for block in blocks:
            bands.append((row, 0, column, len(block)))
            column += len(block)
    bands += [(spot.row, spot.lane, spot.column, 1) for spot in spots if spot.lane]
    return [
        (
            left + column * cell + BAND_PAD / 2,
            lanes[row][lane],
            n_columns * cell - BAND_PAD,
            lanes[row][lane + 1] - lanes[row][lane],
        )
        for row, lane, column, n_columns in bands
    ]


def _blocks(layers: list[Layer]) -> list[list[int]]:
    """Group layer numbers into blocks: each layer with parameters, except a norm, starts one."""
    blocks: list[list[int]] = [[0]]
    opened = False
    for index, layer in enumerate(layers[1:], start=1):
        learns = layer.parameters > 0 and layer.family != "norm"
        if learns and opened:
            blocks.append([])
        opened = opened or learns
        blocks[-1].append(index)
    return blocks


def _rows(blocks: list[list[int]], columns: int) -> list[list[list[int]]]:
    """Fill rows with blocks; one that does not fit starts a new row, a longer one is broken.

    Rows of few columns are filled to their end, or there would be too many of them.
    """
    rows: list[list[list[int]]] = [[]]
    for block in blocks:
        taken = sum(map(len, rows[-1]))
        if taken and taken + len(block) > columns >= MIN_COLUMNS:
            rows.append([])
        rest = block
        while rest:
            if not (free := columns - sum(map(len, rows[-1]))):
                rows.append([])
                free = columns
            rows[-1].append(rest[:free])
            rest = rest[free:]
    return rows


def _boxes(layers: Sequence[Layer], cell: float) -> list[Box]:
    """The boxes of the layers for cells of a width, all in one place."""
    largest = max([1, *(max(layer.shape[1:], default=1) for layer in layers)])
    longest = max([1000, *(layer.shape[0] for layer in layers if len(layer.shape) == 1)])
    return [_box(layer, cell, largest, longest) for layer in layers]


def _moved(box: Box, x: float, top: float) -> Box:
    """The box in a cell whose middle is `x`."""
    return replace(
        box,
        x=x - box.lean / 2,
        y=top + VOLUME_ROOM / 2 + TALLEST * SKEW / 2,
        text_top=top + VOLUME_ROOM,
    )


def _box(layer: Layer, cell: float, largest: int, longest: int) -> Box:
    thickness, height, lean = _volume(layer.shape, largest, longest)
    room = cell - 7
    count = f"{layer.parameters:,d} param."
    if typeset.width(count) > room:
        count = f"{layer.parameters / 1000:,.0f}k param."
    return Box(
        x=0.0,
        y=0.0,
        thickness=thickness,
        height=height,
        lean=lean,
        family=layer.family,
        name=_name_lines(layer.name, room),
        kind=tuple(typeset.wrap(layer.kind, room)) if layer.kind else (),
        shape=typeset.shorten("×".join(map(str, layer.shape)), room),
        parameters=typeset.shorten(count, room) if layer.parameters else "",
        text_top=0.0,
    )


def _name_lines(name: str, room: float) -> tuple[str, ...]:
    """A name on one line, or broken before its last part, as `layers.0` and `.forwards`."""
    end = max(name.rfind("."), name.rfind("_"))
    fits = end <= 0 or typeset.width(name, bold=True) <= room
    parts = (name,) if fits else (name[:end], name[end:])
    return tuple(typeset.shorten(part, room, bold=True) for part in parts)


def _volume(shape: tuple[int, ...], largest: int, longest: int) -> tuple[float, float, float]:
    """Compute thickness, height and lean of a box.

    A vector is a thin column, as high as the logarithm of its length.
    """
    if len(shape) < 2:
        length = shape[0] if shape else 1
        share = math.log(length + 1) / math.log(longest + 1)
        return 5.0, max(SMALLEST, TALLEST * share), 2.5
    height = max(SMALLEST, TALLEST * shape[1] / largest)
    deep = max(SMALLEST, TALLEST * shape[2] / largest) if len(shape) > 2 else SMALLEST
    return 3.0 + 2.2 * math.log2(shape[0] + 1), height, SKEW * deep
