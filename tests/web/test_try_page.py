"""Inputs of one's own on the page, in a real browser: skipped where there is no Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from chromium import CHROMIUM, FLAGS, attribute_of, box_of, ink, needed, until
from generators import generator
from serving import Site, served, small_maps
from views import check_view, visited

import glassnet as gn
from glassnet import png
from glassnet.findings import Scatter
from glassnet.runs.folder import Run
from glassnet.web import layer_maps, typed_texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = needed

SEVEN = ((0.3, 0.25), (0.7, 0.25), (0.45, 0.8))
"""Corners of a drawn 7, as shares of the pad."""

CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    small_maps(monkeypatch)
    (tmp_path / "runs").mkdir(exist_ok=True)
    with served(tmp_path / "runs") as site:
        yield site


def tried(
    browser: Browser, site: Site, run: Run, query: str = "", **options: Any
) -> AbstractContextManager[Page]:
    """The page of a run at its inputs."""
    return visited(browser, site, f"#/run/{run.name}?tab=try{query}", **options)


def draw_seven(page: Page) -> Locator:
    pad = page.get_by_label("Drawing pad")
    pad.scroll_into_view_if_needed()
    box = box_of(pad)
    for number, (x, y) in enumerate(SEVEN):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["width"], steps=6)
        if not number:
            page.mouse.down()
    page.mouse.up()
    return pad


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def test_a_drawn_seven_is_a_seven_at_every_layer(
    browser: Browser, site: Site, trained: Run
) -> None:
    with tried(browser, site, trained) as page:
        draw_seven(page)
        page.locator(".bar.first .class-title", has_text="7").wait_for()
        assert page.locator(".bar").count() == 10
        maps = page.locator(".on-map:visible")
        maps.first.wait_for()
        assert maps.count() == 3
        assert page.locator(".feature-maps:visible").count() >= 5
        page.get_by_text("Among 7.").last.wait_for()
        assert "points of class 7" in attribute_of(maps.last.locator("canvas"), "aria-label")
        assert ink(maps.last.locator("canvas")) > 300
        assert page.get_by_text("of the map's width away").count() == 3
        page.get_by_label("PCA").check()
        page.get_by_text("Projected exactly.").first.wait_for()
        assert "map=pca" in page.url
        layer = page.locator(".layer", has_text="pool2")
        assert re.search(r"Linear probe: 7, (>\s)?[\d.]+\s%\s+then \d, ", layer.inner_text())
        page.get_by_text("their probabilities are calibrated on").wait_for()
        assert attribute_of(layer.locator(".neighbours img"), "alt").count(",") == 4
        page.get_by_role("button", name="Clear").click()
        assert page.locator(".bar").count() == 0
        assert page.locator(".layers:visible").count() == 0


def test_a_test_image_lands_at_its_own_point_of_the_map_in_the_report(
    browser: Browser, site: Site, trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ring stands there, and below it the error of placing points that are left out."""
    monkeypatch.setattr("glassnet.tasks.cnn.task.ImageClassifier.views", ("projections",))
    run = gn.load(trained.path)
    found = run.explain(points=60, methods=["tsne"], layers=["pool2"], draw=False)["tsne"]
    assert isinstance(found, Scatter)
    points = found.panels[0].points
    number, places = 17, run.data.subsample(60, 0)
    image = tmp_path / "test.png"
    image.write_bytes(png.encode(run.data.test.inputs[places[number]]))
    x, y = layer_maps.scaled(points[number : number + 1], points)[0].tolist()
    features = run.transform(run.data.test.inputs[places], "pool2")
    distances = [left_out(features, points, each) for each in range(60)]
    width = (points.max(axis=0) - points.min(axis=0)).max()
    error = 100 * np.median(distances) / width
    with tried(browser, site, trained) as page:
        page.locator("input[type=file]").set_input_files(image)
        caption = page.locator(".on-map figcaption:visible")
        caption.wait_for()
        page.get_by_text("The maps show 60 test images, as in the report.").wait_for()
        assert page.get_by_label("PCA").count() == 0
        shown = re.search(r"land ([\d.]+)\s% of the map's width away", caption.inner_text())
        assert shown is not None
        assert float(shown[1]) == pytest.approx(error, abs=0.3)
        assert "median of 60" in caption.inner_text()
        ring = page.locator(".on-map canvas:visible").evaluate(RING, [x / 1000, y / 1000])
        assert ring == [True, True, True, True]


RING = """(canvas, [x, y]) => {
    const brush = new OffscreenCanvas(canvas.width + 1, canvas.height)
        .getContext("2d", { willReadFrequently: true });
    brush.drawImage(canvas, 0, 0);
    brush.fillStyle = getComputedStyle(canvas).getPropertyValue("--ink");
    brush.fillRect(canvas.width, 0, 1, 1);
    const colour = (left, top) => brush.getImageData(left, top, 1, 1).data.join();
    const [left, top] = [canvas.width * (0.05 + 0.9 * x), canvas.width * (0.95 - 0.9 * y)];
    const reach = 14.5 * devicePixelRatio;
    return [[reach, 0], [-reach, 0], [0, reach], [0, -reach]].map(([across, down]) =>
        colour(left + across, top + down) === colour(canvas.width, 0));
}"""
"""Whether the four marks around a place of a map, in shares of it, are in ink."""


def left_out(features: np.ndarray, points: np.ndarray, number: int) -> float:
    """How far from its own point a test point lands if the other ones place it."""
    squares = ((features - features[number]) ** 2).sum(axis=1)
    squares[number] = np.inf
    nearest = np.argsort(squares)[:10]
    weights = 1 / squares[nearest]
    landed = weights @ points[nearest] / weights.sum()
    return float(np.linalg.norm(landed - points[number]))


def test_a_link_opens_the_same_drawing(browser: Browser, site: Site, trained: Run) -> None:
    with tried(browser, site, trained) as page:
        draw_seven(page)
        answered = page.locator(".prediction:not([aria-busy])")
        answered.locator(".bar.first .class-title", has_text="7").wait_for()
        page.wait_for_timeout(600)  # the address follows when nothing more has come for 0.4 s
        until(page, "location.hash.includes('drawing=')")
        answer = page.locator(".answer").inner_text()
        drawing = page.evaluate("new URLSearchParams(location.hash.split('?')[1]).get('drawing')")
    with tried(browser, site, trained, f"&drawing={drawing}") as page:
        page.locator(".bar.first .class-title", has_text="7").wait_for()
        again = page.locator(".answer").inner_text()
        assert again.split(",")[0] == answer.split(",")[0]
        assert ink(page.get_by_label("Drawing pad")) > 0
    with tried(browser, site, trained, "&drawing=%25broken") as page:
        page.get_by_label("Drawing pad").wait_for()
        assert page.locator(".bar").count() == 0


def test_a_digit_is_drawn_by_keyboard(browser: Browser, site: Site, trained: Run) -> None:
    with tried(browser, site, trained) as page:
        page.get_by_label("Drawing pad").focus()
        status = page.locator(".drawing [role=status]")
        press(page, "ArrowUp " * 8)
        assert status.inner_text() == "column 14, row 6"
        press(page, "Space")
        assert status.inner_text() == "pen down"
        press(page, "ArrowDown " * 16)
        page.locator(".bar.first .class-title", has_text="1").wait_for()
        press(page, "Space")
        assert status.inner_text() == "pen up"
        press(page, "Delete")
        until(page, "!document.querySelector('.bar')")


def test_images_come_from_files_and_the_camera(
    browser: Browser, trained: Run, site: Site, tmp_path: Path
) -> None:
    wide = np.zeros((60, 90), np.uint8)
    wide[10:50, 40:46] = 255
    file = tmp_path / "one.png"
    file.write_bytes(png.encode(wide))
    with_camera = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *CAMERA])
    with with_camera, tried(with_camera, site, trained, permissions=["camera"]) as page:
        page.locator("input[type=file]").set_input_files(file)
        page.locator(".bar.first .class-title", has_text="1").wait_for()
        assert attribute_of(page.locator(".seen img"), "src").startswith("data:image/png")
        answer = page.locator(".seen img").get_attribute("src")
        page.get_by_role("button", name="Use the camera").click()
        page.get_by_role("button", name="Take the picture").wait_for()
        until(page, f"document.querySelector('.seen img').getAttribute('src') !== '{answer}'")
        page.get_by_role("button", name="Take the picture").click()
        page.get_by_role("button", name="Use the camera").wait_for()
        assert page.locator("video").evaluate("video => !video.srcObject?.active")


def test_a_text_is_typed_and_a_word_dropped(
    browser: Browser, site: Site, text_classifier: Run
) -> None:
    with tried(browser, site, text_classifier) as page:
        page.get_by_label("Type a text").fill("a superb story, nice and good")
        page.locator(".bar.first", has_text="positive").wait_for()
        page.get_by_label("Type a text").fill("the film was superb and awful")
        word = page.get_by_role("button", name="superb: +")
        page.get_by_role("button", name="awful: −").wait_for()
        assert page.locator(".word").count() == 6
        assert page.locator(".word-step").count() == 6
        before = page.locator(".answer").inner_text()
        word.focus()
        page.keyboard.press("Enter")
        page.locator(".change", has_text="Without one word: ").wait_for()
        assert page.locator(".answer").inner_text() != before
        dropped = page.get_by_role("button", name="superb: dropped")
        assert dropped.get_attribute("aria-pressed") == "true"
        assert page.evaluate("document.activeElement.dataset.place") == "3"
        assert page.locator(".word-step").count() == 5
        until(page, "location.hash.includes('dropped=3')")
        page.locator(".neighbour-texts li").first.wait_for()
        address = page.url.partition("?tab=try")[2]
        page.get_by_role("button", name="Put all words back").click()
        page.get_by_role("button", name="superb: +").wait_for()
    with tried(browser, site, text_classifier, address) as page:
        page.get_by_role("button", name="superb: dropped").wait_for()
        assert page.get_by_label("Type a text").input_value() == "the film was superb and awful"


def test_the_page_says_what_is_read_of_a_long_text(
    browser: Browser, site: Site, text_classifier: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed_texts, "LONG", 100)
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 800}}
    with tried(browser, site, text_classifier, bypass_csp=True, **phone) as page:
        text = "the film was superb and nice, " * 100 + "but awful"
        page.get_by_label("Type a text").fill(text)
        words = page.locator(".word")
        words.first.wait_for()
        assert words.count() == 400
        read = page.get_by_text("The text is too long for the network: it reads the first")
        first, last = re.findall(r"\d+", read.inner_text())
        assert int(first) + int(last) == 400
        assert page.locator(f".word:nth-child({first}) + .gap").inner_text() == "[…]"
        page.get_by_text("from gradients at 8 points").wait_for()
        page.get_by_text("after 100 of the 400 words").wait_for()
        words.first.focus()
        press(page, "ArrowRight End")
        assert page.evaluate("document.activeElement.dataset.place") == "399"
        press(page, "Tab")
        assert page.evaluate("document.activeElement.className") != "word"
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        check_view(page, "try-long-text")


def test_errors_stand_beside_the_input(browser: Browser, site: Site, text_classifier: Run) -> None:
    context = browser.new_context()  # the console says that a request was refused
    page = context.new_page()
    page.goto(f"{site.address}/#/run/{text_classifier.name}?tab=try")
    page.get_by_label("Type a text").fill("zorblax")
    alert = page.get_by_role("alert").get_by_text("knows no word of this text")
    alert.wait_for()
    page.get_by_label("Type a text").fill("zorblax good")
    page.locator(".word").first.wait_for()
    assert not alert.is_visible()
    context.close()


def test_a_generator_follows_sliders_and_its_map(
    browser: Browser,
    site: Site,
    digits: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = generator("plain", tmp_path / "runs", tmp_path_factory).run
    phone: dict[str, Any] = {"viewport": {"width": 360, "height": 800}, "color_scheme": "dark"}
    with tried(browser, site, run, bypass_csp=True, **phone) as page:
        changed = "document.querySelector('.decoded').src !== {!r}"
        image = page.locator(".decoded").first
        canvas = page.locator(".latent-map canvas")
        canvas.wait_for()
        until(page, changed.format(""))
        before = image.evaluate("image => image.src")
        page.get_by_role("button", name="New sample").click()
        until(page, changed.format(before))
        before = image.evaluate("image => image.src")
        page.locator(".slider input").first.fill("3")
        until(page, changed.format(before))
        before = image.evaluate("image => image.src")
        canvas.focus()
        press(page, "ArrowRight ArrowUp")
        until(page, changed.format(before))
        until(page, "location.hash.includes('code=')")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        check_view(page, "try-generator")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_axe_finds_no_violation_in_what_is_tried(
    browser: Browser, site: Site, trained: Run, text_classifier: Run, scheme: str, width: int
) -> None:
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with tried(browser, site, trained, bypass_csp=True, **options) as page:
        draw_seven(page)
        page.locator(".on-map canvas").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        check_view(page, "try-image")
    with tried(browser, site, text_classifier, bypass_csp=True, **options) as page:
        page.get_by_label("Type a text").fill("a superb story, and an awful film")
        page.locator(".neighbour-texts li").first.wait_for()
        page.locator(".word").nth(1).click()
        page.locator(".word[aria-pressed=true]").wait_for()
        page.get_by_text("Numbers").last.click()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        check_view(page, "try-text")
