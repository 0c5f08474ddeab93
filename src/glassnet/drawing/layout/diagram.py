"""Layout of network diagrams.

Layers stand in rows, in reading order. A layer with parameters and the layers that only transform
its output form a block: it shares a band, and rows break between blocks where possible. Every layer
is a box in proportion to its output: height and depth follow the spatial size, thickness the
logarithm of the number of channels. Lengths are in points at a text size of 8; y runs downwards.
"""

import math
from dataclasses import dataclass
from itertools import accumulate, pairwise

from glassnet.drawing import typeset
from glassnet.findings import Diagram, Layer

LINE = typeset.TEXT_SIZE * typeset.LEADING
TALLEST = 50.0
SMALLEST = 9.0
SKEW = 0.3
"""How far the depth of a box leans to the right and up, as a fraction of its height."""

VOLUME_ROOM = TALLEST * (1 + SKEW) + 12
ROW_GAP = 15.0
BAND_PAD = 3.0


@dataclass(frozen=True)
class Box:
    """One layer: a box around (x, y), and the lines of text below it, from `text_top` down.

    Attributes:
        x, y: centre of the box's front.
        thickness, height: size of the front.
        lean: how far the depth leans, to the right and up.
        family: one of `LAYER_FAMILIES`, or `input`.
        name, kind, shape, parameters: the text; `kind` is broken into lines, and `parameters` is
            empty for layers without any.
        text_top: where the text starts.
    """

    x: float
    y: float
    thickness: float
    height: float
    lean: float
    family: str
    name: str
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
        return [("name", self.name), *(("kind", line) for line in self.kind), *numbers]


@dataclass(frozen=True)
class Layout:
    """A complete diagram.

    `bands` are (x, y, width, height); `links` are paths from one box to the next, which end in an
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
    entry = Layer(name="input", family="input", kind="", shape=diagram.input_shape, parameters=0)
    layers = [entry, *diagram.layers]
    rows = _rows(_blocks(layers), columns)
    largest = max([1, *(max(layer.shape[1:], default=1) for layer in layers)])
    longest = max([1000, *(layer.shape[0] for layer in layers if len(layer.shape) == 1)])
    boxes: list[Box] = []
    bands = []
    bottoms = []
    top = 0.0
    for row in rows:
        start = len(boxes)
        for column, index in enumerate(index for piece in row for index in piece):
            middle = (column + 0.5) * cell
            boxes.append(_box(layers[index], index, middle, top, cell, largest, longest))
        height = VOLUME_ROOM + max(len(box.lines()) for box in boxes[start:]) * LINE + 5
        column = 0
        for piece in row:
            bands.append((column * cell + BAND_PAD / 2, top, len(piece) * cell - BAND_PAD, height))
            column += len(piece)
        top += height
        bottoms.append(top)
        top += ROW_GAP
    ends = [sum(map(len, row)) for row in rows]
    return Layout(
        max(ends) * cell,
        bottoms[-1],
        tuple(boxes),
        tuple(bands),
        tuple(_links(boxes, ends, bottoms, cell)),
        f"{sum(layer.parameters for layer in layers):,d} parameters in total",
    )


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
    """Fill rows with blocks; one that does not fit starts a new row, a longer one is broken."""
    rows: list[list[list[int]]] = [[]]
    for block in blocks:
        taken = sum(map(len, rows[-1]))
        if taken and taken + len(block) > columns:
            rows.append([])
        for start in range(0, len(block), columns):
            if start:
                rows.append([])
            rows[-1].append(block[start : start + columns])
    return rows


def _box(
    layer: Layer, index: int, x: float, top: float, cell: float, largest: int, longest: int
) -> Box:
    thickness, height, lean = _volume(layer.shape, largest, longest)
    room = cell - 7
    count = f"{layer.parameters:,d} param."
    if typeset.width(count) > room:
        count = f"{layer.parameters / 1000:,.0f}k param."
    return Box(
        x=x - lean / 2,
        y=top + VOLUME_ROOM / 2 + TALLEST * SKEW / 2,
        thickness=thickness,
        height=height,
        lean=lean,
        family=layer.family,
        name=typeset.shorten(layer.name, room, bold=True),
        kind=tuple(typeset.wrap(layer.kind, room)) if layer.kind else (),
        shape=typeset.shorten("×".join(map(str, layer.shape)), room),
        parameters=typeset.shorten(count, room) if layer.parameters else "",
        text_top=top + VOLUME_ROOM,
    )


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


def _links(
    boxes: list[Box], ends: list[int], bottoms: list[float], cell: float
) -> list[tuple[tuple[float, float], ...]]:
    """Connect each box to the next, around the text where a row ends."""
    row_ends = list(accumulate(ends))
    paths: list[tuple[tuple[float, float], ...]] = []
    for index, (one, two) in enumerate(pairwise(boxes), start=1):
        if index not in row_ends:
            level = one.y
            paths.append(((one.right + 2, level), (two.left - 2, level)))
            continue
        row = row_ends.index(index)
        turn = ends[row] * cell - 2
        between = bottoms[row] + ROW_GAP / 2
        paths.append(
            (
                (one.right + 2, one.y),
                (turn, one.y),
                (turn, between),
                (2.0, between),
                (2.0, two.y),
                (two.left - 2, two.y),
            )
        )
    return paths
