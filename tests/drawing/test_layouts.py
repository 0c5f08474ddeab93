"""What paper and screen share: curves' plans, diagrams, bars, matrices, tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import synthetic

from glassnet.drawing.layout import curves, diagram, heatmap, image_gallery, scatter, table
from glassnet.findings import CurvePanel, Interval, Series


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
    assert [box.name for box in plan.boxes] == ["input", *(layer.name for layer in network.layers)]
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
    boxes = {box.name: box for box in diagram.layout(synthetic.diagram(), 7, 71.0).boxes}
    assert boxes["pool1"].height == pytest.approx(boxes["conv1"].height / 2)
    assert boxes["conv2"].thickness > boxes["conv1"].thickness > boxes["input"].thickness
    assert "18,496 param." in [line for _, line in boxes["conv2"].lines()]
    assert "32×28×28" in [line for _, line in boxes["conv1"].lines()]


def test_a_block_does_not_break_where_it_fits_a_row() -> None:
    plan = diagram.layout(synthetic.diagram(), 7, 71.0)
    tops = {box.name: box.text_top for box in plan.boxes}
    assert len({tops[name] for name in ("conv2", "norm2", "relu2", "pool2", "drop2")}) == 1
    assert len(plan.bands) == 3


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
