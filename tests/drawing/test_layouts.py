"""What paper and screen share: curves' plans, diagrams, bars, matrices, tables."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import synthetic
from hypothesis import given, strategies as st

from glassnet.drawing import typeset
from glassnet.drawing.layout import (
    curves,
    diagram,
    heatmap,
    image_gallery,
    layered_graph,
    scatter,
    table,
)
from glassnet.findings import CurvePanel, Diagram, Interval, Layer, ScatterPanel, Series


@pytest.mark.parametrize("epochs", [1, 2, 3, 30, 200])
def test_a_plan_has_whole_ticks_inside_its_range(epochs: int) -> None:
    for panel in synthetic.curves(epochs).panels:
        plan = curves.panel_layout(panel, (200, 130), (80, 10), 10)
        values = [value for value, _ in plan.x_ticks]
        assert values
        assert values == [round(value) for value in values]
        assert all(plan.y_range[0] <= value <= plan.y_range[1] for value, _ in plan.y_ticks)
        assert len(plan.y_ticks) >= 2
        assert abs(plan.ends[0] - plan.ends[1]) >= 10 / 130 - 1e-9


def test_a_constant_curve_has_a_range() -> None:
    flat = Series(label="a", role="other", x=np.arange(3.0), y=np.ones(3))
    plan = curves.panel_layout(
        CurvePanel(y_label="", series=(flat,), mark=None), (100, 100), (0, 0), 10
    )
    assert plan.y_range[0] < 1 < plan.y_range[1]


@pytest.mark.parametrize(("columns", "cell"), [(7, 71.0), (3, 72.0), (1, 72.0)])
@pytest.mark.parametrize("blocks", [1, 2, 3, 4])
def test_every_layer_has_its_own_place_in_the_diagram(
    blocks: int, columns: int, cell: float
) -> None:
    network = synthetic.diagram(blocks)
    plan = diagram.layout(network, columns, cell)
    names = ["".join(box.name) for box in plan.boxes]
    assert names == ["input", *(layer.name for layer in network.layers)]
    places = {(round(box.x + box.lean / 2, 3), box.text_top) for box in plan.boxes}
    assert len(places) == len(plan.boxes)
    assert len(plan.links) == len(network.layers)
    for box in plan.boxes:
        bottom = box.text_top + len(box.lines()) * diagram.LINE
        assert box.left >= 0
        assert box.right <= plan.width
        assert bottom <= plan.height
        assert box.y + box.height / 2 < box.text_top


def test_volumes_shrink_with_the_image_and_thicken_with_the_channels() -> None:
    boxes = {box.name[0]: box for box in diagram.layout(synthetic.diagram(), 7, 71.0).boxes}
    assert boxes["pool1"].height == pytest.approx(boxes["conv1"].height / 2)
    assert boxes["conv2"].thickness > boxes["conv1"].thickness > boxes["input"].thickness
    assert "18,496 param." in [line for _, line in boxes["conv2"].lines()]
    assert "32×28×28" in [line for _, line in boxes["conv1"].lines()]


def test_a_block_does_not_break_where_it_fits_a_row() -> None:
    plan = diagram.layout(synthetic.diagram(), 7, 71.0)
    tops = {box.name[0]: box.text_top for box in plan.boxes}
    assert len({tops[name] for name in ("conv2", "norm2", "relu2", "pool2", "drop2")}) == 1
    assert len(plan.bands) == 3


@st.composite
def networks(draw: st.DrawFn) -> Diagram:
    """Any graph of layers with long texts; each layer is fed by one or more before it."""
    n = draw(st.integers(1, 14))
    fed_by = [draw(st.sets(st.integers(0, k - 1), min_size=1, max_size=3)) for k in range(1, n + 2)]
    layers = [
        Layer(name=f"a.long_name{k}", family="conv", kind="x" * 30, shape=(9, 9, 9), parameters=k)
        for k in range(n)
    ]
    links = tuple((one, two) for two, ones in enumerate(fed_by, 1) for one in sorted(ones))
    return replace(synthetic.diagram(1), layers=tuple(layers), links=links)


@given(networks(), st.sampled_from([(7, 71.0), (3, 72.0)]))
def test_links_cross_no_box_and_no_text(network: Diagram, size: tuple[int, float]) -> None:
    plan = diagram.layout(network, *size)
    shown = [link for link in network.links if link[1] < len(plan.boxes)]
    assert len(plan.links) == len(shown)
    for (one, two), path in zip(shown, plan.links, strict=True):
        assert path[0] == (plan.boxes[one].right + 2, plan.boxes[one].y)
        assert path[-1] == (plan.boxes[two].left - 2, plan.boxes[two].y)
        for (x1, y1), (x2, y2) in pairwise(path):
            assert x1 == x2 or y1 == y2
            assert 0 <= min(x1, x2) <= max(x1, x2) <= plan.width
            assert 0 <= min(y1, y2) <= max(y1, y2) <= plan.height
            for box in plan.boxes:
                bottom = box.text_top + len(box.lines()) * diagram.LINE
                beside = max(x1, x2) <= box.left or min(x1, x2) >= box.right
                above = max(y1, y2) < box.y - box.height / 2 - box.lean
                assert beside or above or min(y1, y2) > bottom or y1 == y2 > bottom
                half = max(typeset.width(t, bold=role == "name") for role, t in box.lines()) / 2
                clear = x1 == x2 and abs(x1 - box.x - box.lean / 2) >= half
                assert clear or max(y1, y2) < box.text_top or min(y1, y2) > bottom


def test_a_layered_graph_has_its_longest_path_in_one_lane() -> None:
    skip = [(0, 1), (1, 2), (2, 3), (1, 3)]
    assert layered_graph.place(4, skip) == [(0, 0), (1, 0), (2, 0), (3, 0)]
    sink = [(0, 1), (1, 2), (2, 3), (1, 4)]
    assert layered_graph.place(5, sink)[4] == (2, 1)
    late = [(0, 1), (1, 2), (2, 5), (0, 3), (0, 4), (3, 5), (4, 5)]
    assert layered_graph.place(6, late)[3:5] == [(1, 1), (2, 1)]


def test_bars_always_show_the_true_class() -> None:
    grid = synthetic.image_gallery()
    assert grid.labels is not None
    for index in range(len(grid.captions)):
        bars = image_gallery.top_classes(grid, index)
        true = grid.class_names[grid.labels[index]]
        assert [bar.name for bar in bars if bar.role == "true"] == [true]
        assert bars[0].role == "predicted"
        assert len(bars) == image_gallery.N_CLASSES


def test_an_enlarged_image_keeps_its_pixels() -> None:
    image = synthetic.glyphs()[4]
    large = image_gallery.upscale(image)
    assert large.shape == (112, 112)
    np.testing.assert_array_equal(large[::4, ::4], image)


def test_matrix_words_and_colours() -> None:
    heat = synthetic.confusion(scale=12_000)
    words = heatmap.format_values(heat)
    assert words[0][0] == f"{int(heat.values[0, 0]):,d}"
    assert {word for row in words for word in row} >= {"·", "11"}
    assert heatmap.is_confusion(heat)
    assert heatmap.is_row_share(heat)
    depth = heatmap.intensity(np.array([0.0, 0.001, 1.0]))
    assert depth == pytest.approx([0, 0.1, 1])


def test_an_interval_in_a_table_has_the_format_of_its_column() -> None:
    cells = (Interval(low=1.25, high=2.5), Interval(value=2, low=1.25, high=2.5))
    finding = replace(synthetic.table(), columns=("a", "b"), formats=(".1f", ".2f"), rows=(cells,))
    assert table.format_cells(finding) == [["1.2 to 2.5", "2.00 (1.25 to 2.50)"]]
    assert [table.sort_value(cell) for cell in cells] == [1.25, 2]


def test_table_words_and_alignment() -> None:
    finding = synthetic.table()
    assert table.format_cells(finding)[0][1] == f"{finding.rows[0][1]:,d}"
    assert table.numeric_columns(finding) == [False, True, True, True, True]


def test_the_square_holds_every_point_at_one_scale() -> None:
    points = np.array([[0, 0], [10, 2]], np.float32)
    left, bottom, side = scatter.bounding_square(points)
    assert (points >= (left, bottom)).all()
    assert (points <= (left + side, bottom + side)).all()
    assert scatter.bounding_square(np.zeros((0, 2), np.float32))[2] == 1
    equal = scatter.bounding_square(np.ones((3, 2), np.float32))
    assert equal == pytest.approx((1 - 0.525, 1 - 0.525, 1.05)), "a margin of 5 %"


def test_axes_with_ticks_each_fill_the_panel() -> None:
    """Probability and standard deviation have ranges of their own; a projection has one scale."""
    points = np.array([[0.0, 0.0], [0.3, 1.0], [0.1, 0.5]], np.float32)
    panel = ScatterPanel(label="", points=points, note="", numbers={}, has_ticks=True)
    drawn = scatter.positions(panel)
    assert drawn.min(axis=0).tolist() == [0, 0]
    assert drawn.max(axis=0) == pytest.approx([1, 1])
    left, bottom, side = scatter.bounding_square(drawn)
    for ticks, start, extent in zip(scatter.ticks(panel), (left, bottom), (0.3, 1.0), strict=True):
        assert len(ticks) >= 2
        for share, label in ticks:
            assert share == pytest.approx((float(label) / extent - start) / side, abs=1e-6)
    assert scatter.positions(replace(panel, has_ticks=False)) is points
