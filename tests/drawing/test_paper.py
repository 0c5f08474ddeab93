from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import cast
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import synthetic
import synthetic_texts
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image

from glassnet import findings
from glassnet.drawing.paper import figure as paper
from glassnet.drawing.paper.style import PageStyle
from glassnet.errors import UsageError
from glassnet.findings import Finding

pytestmark = pytest.mark.slow

NAMES_16 = tuple(f"class {number}" for number in range(16))
HARD = [
    synthetic.curves(1),
    synthetic.curves(3, panels=1),
    synthetic.curves(15, panels=3),
    synthetic.scatter(300, 1, ("cat", "dog")),
    synthetic.scatter(300, 8, NAMES_16),
    synthetic.scatter(300, 4, tuple(f"k{number}" for number in range(30))),
    synthetic.scatter(300, 3, synthetic.CLOTHES, axes=True),
    synthetic.animation(200, ("mean",), 2, synthetic.CLOTHES),
    synthetic.animation(200, ("mean",), 4, ("cat", "dog")),
    synthetic.animation(300, ("a layer of a long name indeed",) * 5, 9, NAMES_16),
    synthetic.with_quality_scores(synthetic.scatter(300, 3, synthetic.CLOTHES, axes=True)),
    synthetic.with_quality_scores(synthetic.scatter(300, 4, ("cat", "dog")), few=0),
    synthetic.with_quality_scores(
        synthetic.scatter(300, 1, tuple(f"k{number}" for number in range(30)))
    ),
    synthetic.image_gallery(12, synthetic.CLOTHES),
    synthetic.image_gallery(2, ("cat", "dog")),
    synthetic.image_gallery(5, probabilities=False),
    synthetic.confusion(synthetic.CLOTHES),
    synthetic.confusion(("cat", "dog")),
    synthetic.confusion(tuple(f"class {number}" for number in range(26))),
    synthetic.table(synthetic.CLOTHES),
    synthetic.table(tuple(f"class {number}" for number in range(60))),
    synthetic.diagram(4),
    synthetic.reconstructions(),
    synthetic.reconstructions(2, 16),
    synthetic.traversal(),
    synthetic.traversal(2, 9),
    synthetic.plane(),
    synthetic.plane(10, 8),
    synthetic.animated_image_grid(),
    synthetic.animated_image_grid(3, 10, 4, synthetic.CLOTHES),
    synthetic.animated_image_grid(9, 2, 6, ("original", "rebuilt"), tuple("abcdef")),
    synthetic.image_grid(
        synthetic.drawn(1, 4, 10), (), synthetic.CLOTHES, column_label="asked for"
    ),
    synthetic.image_grid(synthetic.drawn(1, 1, 1), ("one",), ("alone",), row_label="a long label"),
    synthetic.bars(),
    synthetic.bars(count=128),
    synthetic.bars(count=12),
    synthetic.bars(count=16, reference=1.0, reference_label="what one bit of the image takes"),
    synthetic.bars(("a", "b"), values=np.array([-1.5, 2.0]), low=None, high=None),
    synthetic.bars(tuple(f"a name of several words, the number {n}" for n in range(5))),
    synthetic.shares(),
    synthetic_texts.highlighted_texts(
        synthetic_texts.highlighted_text(synthetic_texts.LONG, 3, note="a note")
    ),
    synthetic_texts.highlighted_texts(synthetic_texts.highlighted_text("x" * 400, 1, caption="")),
    synthetic_texts.languages(),
    synthetic_texts.word_curve(),
    synthetic_texts.word_curve(synthetic_texts.CHINESE),
    synthetic_texts.word_curve(synthetic_texts.LONG, 2),
    synthetic_texts.reliability(),
    synthetic_texts.units(),
    synthetic_texts.units(3, synthetic_texts.GERMAN),
    synthetic_texts.units(2, synthetic_texts.ARABIC),
    synthetic_texts.neighbours(),
    synthetic_texts.texts_apart(),
]


def visible_texts(figure: Figure) -> list[tuple[Text, Bbox]]:
    with matplotlib.rc_context(paper.settings()):
        figure.draw_without_rendering()
        renderer = cast(FigureCanvasAgg, figure.canvas).get_renderer()
        return [
            (text, text.get_window_extent(renderer))
            for text in figure.findobj(Text)
            if text.get_visible() and text.get_text().strip()
        ]


def assert_nothing_is_clipped(figure: Figure, texts: list[tuple[Text, Bbox]]) -> None:
    width, height = figure.bbox.size
    for text, box in texts:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, text.get_text()


def assert_no_words_overlap(texts: list[tuple[Text, Bbox]]) -> None:
    for index, (one, box) in enumerate(texts):
        for other, other_box in texts[:index]:
            across = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
            down = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
            assert across < 2 or down < 4, (one.get_text(), other.get_text())


@pytest.fixture(autouse=True)
def agg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give figures a canvas that can measure text."""
    original = paper.figure

    def measured(finding: Finding, *style: PageStyle) -> Figure:
        figure = original(finding, *style)
        FigureCanvasAgg(figure)
        return figure

    monkeypatch.setattr(paper, "figure", measured)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Finding], list[Path]]:
    """Draws a finding, once for all tests of this module."""
    folder = tmp_path_factory.mktemp("figures")
    paths: dict[str, list[Path]] = {}

    def draw(finding: Finding) -> list[Path]:
        if finding.name not in paths:
            paths[finding.name] = paper.draw(finding, folder / finding.name)
        return paths[finding.name]

    return draw


def test_files_are_complete_and_the_same_every_time(
    finding: Finding, drawn: Callable[[Finding], list[Path]], tmp_path: Path
) -> None:
    first, second = drawn(finding), paper.draw(finding, tmp_path)
    assert [path.name for path in first] == [f"{finding.name}.png", f"{finding.name}.svg"]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert sorted(tmp_path.iterdir()) == second


def test_png_has_300_dpi_and_column_width_on_white(
    finding: Finding, drawn: Callable[[Finding], list[Path]]
) -> None:
    with Image.open(drawn(finding)[0]) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert image.width in (1050, 2130)
        assert image.convert("RGB").getpixel((2, 2)) == (255, 255, 255)
        assert image.info["Title"] == finding.title


def test_svg_keeps_text_as_text(finding: Finding, drawn: Callable[[Finding], list[Path]]) -> None:
    svg = drawn(finding)[1].read_text(encoding="utf-8")
    root = ElementTree.fromstring(svg)
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    shown = " ".join(filter(None, texts)).replace("\N{NO-BREAK SPACE}", " ")
    assert finding.title in shown
    assert finding.summary in shown
    assert "<dc:date>" not in svg
    assert "DejaVu Sans" in svg


def test_points_inside_the_svg_are_one_image(drawn: Callable[[Finding], list[Path]]) -> None:
    svg = drawn(synthetic.scatter())[1].read_text(encoding="utf-8")
    assert len(re.findall("<image", svg)) == 3
    assert len(svg) < 2_000_000


@pytest.mark.parametrize("hard", [*synthetic.every_kind(), *HARD], ids=lambda f: f.name)
def test_words_are_neither_clipped_nor_overlapping_nor_tiny(hard: Finding) -> None:
    figure = paper.figure(hard)
    texts = visible_texts(figure)
    assert_nothing_is_clipped(figure, texts)
    crowded = isinstance(hard, findings.Scatter) and len(hard.class_names) > 10
    if not crowded:
        assert_no_words_overlap(texts)
    assert min(float(text.get_fontsize()) for text, _ in texts) >= 8


@pytest.mark.parametrize("inches", [3.25, 6.5])
@pytest.mark.parametrize("hard", [*synthetic.every_kind(), *HARD], ids=lambda f: f.name)
def test_a_given_width_holds_everything_without_a_caption(hard: Finding, inches: float) -> None:
    figure = paper.figure(hard, PageStyle(72 * inches, caption=False))
    assert figure.get_figwidth() == pytest.approx(inches)
    texts = visible_texts(figure)
    assert_nothing_is_clipped(figure, texts)
    crowded = isinstance(hard, findings.Scatter) and len(hard.class_names) > 10
    if not crowded:
        assert_no_words_overlap(texts)
    assert min((float(text.get_fontsize()) for text, _ in texts), default=8) >= 7
    assert hard.title not in {text.get_text() for text, _ in texts}


def test_long_titles_and_summaries_wrap(finding: Finding) -> None:
    long = replace(finding, title=finding.title * 4, summary=finding.summary * 5)
    figure = paper.figure(long)
    assert_nothing_is_clipped(figure, visible_texts(figure))


def test_text_is_never_read_as_mathematics() -> None:
    finding = synthetic.table(("$\\frac{1}$", "100$", "a_b^c"))
    figure = paper.figure(replace(finding, title="costs $5, or $6"))
    assert "costs $5, or $6" in [text.get_text() for text, _ in visible_texts(figure)]


def test_drawing_leaves_matplotlib_as_it_was(finding: Finding) -> None:
    before = dict(matplotlib.rcParams)
    paper.figure(finding)
    assert dict(matplotlib.rcParams) == before


def test_the_best_epoch_is_written_at_its_mark() -> None:
    finding = synthetic.curves()
    words = " ".join(text.get_text() for text, _ in visible_texts(paper.figure(finding)))
    mark = finding.panels[0].mark
    assert mark is not None
    assert mark.label in words
    assert {"train", "validation"} <= set(words.split())


def test_colour_images_keep_their_colours_and_shape() -> None:
    images = np.zeros((3, 20, 40, 3), np.uint8)
    images[..., 0] = 255
    grid = synthetic.image_gallery(3, images=images)
    figure = paper.figure(grid)
    drawn = [axes for axes in figure.axes if axes.images]
    assert len(drawn) == 3
    for axes in drawn:
        box = axes.get_window_extent()
        assert box.width / box.height == pytest.approx(2, rel=0.01)
        assert axes.images[0].get_interpolation() == "nearest"


def test_examples_give_no_file(tmp_path: Path) -> None:
    assert paper.draw(synthetic.examples(20), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_kind_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True, eq=False)
    class Smell(findings.Finding):
        pass

    provenance = synthetic.provenance()
    smell = Smell(name="s", section="result", title="t", summary="r", provenance=provenance)
    with pytest.raises(UsageError, match="Smell"):
        paper.figure(smell)


def image_of(figure: Figure) -> tuple[np.ndarray, Axes]:
    """The one picture of a figure, (height, width, 4), and its axes."""
    (axes,) = [axes for axes in figure.axes if axes.images]
    return np.asarray(axes.images[0].get_array()), axes


def test_an_image_grid_is_one_unsmoothed_image_with_transparent_gaps() -> None:
    finding = synthetic.image_grid()
    pixels, axes = image_of(paper.figure(finding))
    box = axes.get_window_extent()
    assert axes.images[0].get_interpolation() == "nearest"
    assert pixels.shape[1] * 72 / 300 == pytest.approx(box.width * 72 / axes.figure.dpi, rel=0.01)
    side = int((pixels[0, :, 3] > 0).argmin())
    factor = side // 28
    np.testing.assert_array_equal(pixels[:side:factor, :side:factor, 0], finding.images[0, 0, 0])


def test_images_of_an_image_grid_keep_their_shape() -> None:
    colour = np.zeros((1, 3, 4, 20, 40, 3), np.uint8)
    colour[..., 0] = 255
    pixels, _ = image_of(paper.figure(synthetic.image_grid(colour)))
    assert (pixels[pixels[..., 3] > 0] == (255, 0, 0, 255)).all()
    height = int((pixels[:, 0, 3] > 0).argmin())
    assert int((pixels[0, :, 3] > 0).argmin()) == 2 * height


def test_an_animation_on_paper_follows_samples_from_the_first_frame_to_the_last() -> None:
    words = [
        text.get_text()
        for text, _ in visible_texts(paper.figure(synthetic.animated_image_grid(14)))
    ]
    assert {"epoch", "0", "13"} <= set(words)


def test_the_frames_of_an_animation_are_a_moving_image_that_loops(tmp_path: Path) -> None:
    finding = synthetic.animation(200, frames=3)
    path = paper.draw_animated(finding, tmp_path)
    content = path.read_bytes()
    assert path.name == f"{finding.name}.webp"
    assert len(content) < 2_000_000
    with Image.open(path) as image:
        assert getattr(image, "n_frames", 1) == 3
        assert image.info["loop"] == 0
        assert image.width == 720
        durations, pixels = [], []
        for number in range(3):
            image.seek(number)
            pixels.append(np.asarray(image.convert("RGB"), int))
            durations.append(image.info["duration"])
    assert durations == [1000, 1000, 2000]
    assert all((one != other).any() for one, other in pairwise(pixels))
    assert paper.draw_animated(finding, tmp_path).read_bytes() == content


@pytest.mark.parametrize(
    ("bound", "width"), [(2_000_000, 720), (100_000, 720), (25_000, 504), (1, 2)]
)
def test_a_moving_image_is_bounded_by_loss_and_then_by_its_width(
    bound: int, width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "MAX_MOVING_BYTES", bound)
    path = paper.draw_animated(synthetic.animation(200, frames=2), tmp_path)
    with Image.open(path) as image:
        assert image.width == width
        assert getattr(image, "n_frames", 1) == 2 or bound == 1
    assert path.stat().st_size <= bound or bound == 1, "it ends, whatever the bound"


def test_bars_have_names_values_and_a_reference_line() -> None:
    words = [text.get_text() for text, _ in visible_texts(paper.figure(synthetic.shares()))]
    assert {*synthetic.CLOTHES, "all classes together", "drawn as asked (%)"} <= set(words)
    assert f"{synthetic.shares().values[0]:.1f}" in words


def test_muted_bars_are_grey_and_have_a_legend() -> None:
    finding = synthetic.bars()
    figure = paper.figure(finding)
    fills = {
        patch.get_facecolor() for patch in figure.findobj(Rectangle) if patch.get_zorder() == 2
    }
    assert len(fills) == 2
    words = [text.get_text() for text, _ in visible_texts(figure)]
    assert finding.muted_label in words
    unmuted = replace(finding, muted=np.zeros(32, bool))
    words = [text.get_text() for text, _ in visible_texts(paper.figure(unmuted))]
    assert finding.muted_label not in words


def inks(figure: Figure) -> tuple[int, int]:
    """The points that a scatter draws with full ink, and those that it dims."""
    drawn = {True: 0, False: 0}
    for points in figure.findobj(PathCollection):
        drawn[float(points.get_alpha() or 1) > 0.5] += len(np.asarray(points.get_offsets()))
    return drawn[True], drawn[False]


@pytest.mark.parametrize("names", [synthetic.DIGITS, tuple(f"k{number}" for number in range(30))])
def test_points_that_lost_their_neighbours_are_dimmed(names: tuple[str, ...]) -> None:
    finding = synthetic.scatter(300, 2, names)
    assert inks(paper.figure(finding)) == (600, 0)
    figure = paper.figure(synthetic.with_quality_scores(finding, few=14))
    assert inks(figure) == (572, 28)
    words = " ".join(text.get_text() for text, _ in visible_texts(figure))
    assert "dimmed: 14 of 300 points" in words


def test_a_quality_score_is_not_repeated_in_the_note() -> None:
    figure = paper.figure(
        synthetic.with_quality_scores(synthetic.scatter(300, 2, synthetic.DIGITS))
    )
    words = [text.get_text() for text, _ in visible_texts(figure)]
    assert words.count("64.1 %") == words.count("trustworthiness") == 2
    assert not any("of neighbours kept" in line for line in words)
    assert sum("neighbours of the same class" in line for line in words) == 2


def test_a_long_table_is_a_page_on_paper_with_the_number_of_omitted_rows() -> None:
    whole = synthetic.table()
    rows = tuple(whole.rows[k % len(whole.rows)] for k in range(1000))
    drawn = paper.figure(replace(whole, rows=rows))
    assert drawn.get_size_inches()[1] < 11.5
    words = [text.get_text() for text in drawn.findobj(Text)]
    assert f"960 more rows in {whole.name}.csv" in words
