"""Films of points in a real browser: skipped where there is no Chromium."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import synthetic
from chromium import attribute_of, box_of, ink, needed, opened, record_texts, until
from synthetic_runs import distorted_of, make_info

from glassnet.drawing.layout import projection_quality
from glassnet.findings import Animation, Examples, Finding
from glassnet.report import RunView, write

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = needed

ANIMATION = "#run-1-points-film"
STATE = "scatterOf(document.querySelector('[data-animated]'))"
AT_REST = f"{STATE}.animation === null"


@pytest.fixture(scope="module")
def animated() -> Animation:
    """Five frames of two layers; the last two frames are one and the same."""
    made = synthetic.animation(200, ("pool1", "output"), 5, places=np.arange(200, 400))
    still = [replace(each, panels=(*each.panels[:4], each.panels[3])) for each in made.tracks]
    return replace(made, tracks=tuple(still))


@pytest.fixture(scope="module")
def animation_url(animated: Animation, tmp_path_factory: pytest.TempPathFactory) -> str:
    records: list[Finding | Examples] = [animated, synthetic.examples(400)]
    run = RunView("film", make_info(), {record.name: record for record in records})
    return write([run], tmp_path_factory.mktemp("report") / "film.html").as_uri()


def animation_of(page: Page) -> Locator:
    figure = page.locator(ANIMATION)
    figure.scroll_into_view_if_needed()
    until(page, "figures.size === 1")
    until(page, AT_REST)
    page.wait_for_timeout(200)  # scrolling, as it ends, would take a tip away
    return figure


def image(figure: Locator) -> bytes:
    return figure.locator(".animated-scatter > .projection .plot-area").screenshot()


def test_it_starts_at_its_last_frame_on_the_layer_that_the_title_speaks_of(
    browser: Browser, animation_url: str
) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        assert ink(figure.locator("canvas").first) > 1000
        assert figure.locator("output").inner_text() == "epoch 4"
        assert figure.locator(".panel-label").first.inner_text() == "t-SNE of output"
        assert "below 1.3" in figure.locator(".drift-note").inner_text()
        assert (
            figure.get_by_role("button", name="output", exact=True).get_attribute("aria-pressed")
            == "true"
        )
        assert figure.locator(".class-name:visible").count() == 10


def test_it_plays_through_all_frames_and_stops(browser: Browser, animation_url: str) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        name = f"document.querySelector('{ANIMATION} output').textContent"
        record_texts(page, f"{ANIMATION} output")
        figure.get_by_role("button", name="Play the animation").click()
        until(page, f"!({AT_REST})")
        until(page, f"{name} === 'epoch 1'")
        assert page.evaluate("texts") == ["epoch 0", "epoch 1"]
        figure.get_by_role("button", name="Pause the animation").click()
        page.wait_for_timeout(1200)
        assert page.evaluate(name) == "epoch 1"
        figure.get_by_role("button", name="Play the animation").click()
        until(page, f"{name} === 'epoch 3'")
        until(page, f"{name} === 'epoch 4'")
        figure.get_by_role("button", name="Play the animation").wait_for()


def test_the_keyboard_moves_between_frames_and_updates_their_numbers(
    browser: Browser, animation_url: str, animated: Animation
) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        last = image(figure)
        figure.get_by_role("slider").focus()
        page.keyboard.press("Home")
        until(page, AT_REST)
        assert image(figure) != last
        note = animated.tracks[animated.lead].panels[0].note
        assert figure.locator(".frame-note").inner_text() == note
        assert note in attribute_of(figure.locator("canvas").first, "aria-label")
        assert figure.get_by_role("slider").get_attribute("aria-valuetext") == "epoch 0"
        page.keyboard.press("End")
        until(page, AT_REST)
        assert image(figure) == last


def test_each_frame_has_its_quality_scores(
    browser: Browser, animation_url: str, animated: Animation
) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        figure.get_by_role("slider").focus()
        bars = figure.locator(".quality-scores i")
        page.keyboard.press("Home")
        until(page, AT_REST)
        first = animated.tracks[animated.lead].panels[0]
        words = figure.locator(".quality-scores dd:last-child").all_inner_texts()
        assert [word.replace("\N{NO-BREAK SPACE}", " ") for word in words] == [
            score.formatted for score in first.quality_scores
        ]
        assert bars.first.evaluate("bar => bar.style.width") == "98.7%"
        legend = projection_quality.legend(first)
        assert figure.locator(".dimmed-label").inner_text() == legend


def test_the_dimmed_points_of_a_frame_are_listed_and_the_list_follows_the_animation(
    browser: Browser, animation_url: str, animated: Animation
) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        figure.get_by_role("slider").focus()
        page.keyboard.press("Home")
        until(page, AT_REST)
        button = figure.get_by_role("button", name="Show them (the points that are dimmed in")
        assert "t-SNE of output, epoch 0" in (button.text_content() or "")
        button.click()
        items = figure.locator(".distorted-points li")
        panels = animated.tracks[animated.lead].panels

        def listed() -> list[int]:
            return [int(attribute_of(item, "data-point")) for item in items.all()]

        assert listed() == distorted_of(panels[0])
        shown = f"[...{STATE}.labels.keys()].filter((i) => {STATE}.isShown(i))"
        assert page.evaluate(shown) == sorted(listed())
        figure.get_by_role("slider").focus()
        page.keyboard.press("ArrowRight")
        until(page, AT_REST)
        assert listed() == distorted_of(panels[1])
        button.click()
        assert figure.locator(".distorted-points").is_hidden()
        assert len(page.evaluate(shown)) == len(animated.labels)


def test_where_no_point_is_dimmed_there_is_nothing_to_list(
    browser: Browser, tmp_path: Path
) -> None:
    animated = synthetic.animation(100, ("output",), 2)
    run = RunView("film", make_info(), {animated.name: animated})
    with opened(browser, write([run], tmp_path / "film.html").as_uri()) as page:
        figure = animation_of(page)
        assert figure.locator(".show-distorted").is_hidden()
        figure.get_by_role("slider").focus()
        page.keyboard.press("Home")
        until(page, AT_REST)
        figure.locator(".show-distorted").click()
        assert figure.locator(".distorted-points li").count() == 12
        figure.get_by_role("slider").focus()
        page.keyboard.press("End")
        until(page, AT_REST)
        assert figure.locator(".distorted-points").is_hidden()
        assert page.evaluate(f"{STATE}.subset") is None


def test_points_glide_between_two_frames(browser: Browser, animation_url: str) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        figure.get_by_role("slider").focus()
        halfway = f"""{STATE}.interpolate(
            {{ points: Float32Array.from({STATE}.tracks[0].frames[0]),
                labelPositions: {STATE}.labelPositions }},
            {{ points: {STATE}.tracks[0].frames[3],
                labelPositions: {STATE}.labelPositions }}, 0.5)"""
        page.evaluate(halfway)
        first, last, between = page.evaluate(
            f"[{STATE}.tracks[0].frames[0], {STATE}.tracks[0].frames[3], {STATE}.main.points]"
            ".map((points) => Array.from(points))"
        )
        np.testing.assert_allclose(between, (np.array(first) + np.array(last)) / 2, atol=0.51)


def test_between_two_equal_frames_no_pixel_changes(browser: Browser, animation_url: str) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        figure.get_by_role("slider").focus()
        last = image(figure)
        page.keyboard.press("ArrowLeft")
        for _ in range(4):
            assert image(figure) == last
        until(page, AT_REST)
        assert figure.locator("output").inner_text() == "epoch 3"
        assert image(figure) == last


def test_another_layer_and_another_method_move_the_points(
    browser: Browser, animation_url: str
) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        output = image(figure)
        figure.get_by_role("button", name="pool1", exact=True).click()
        until(page, AT_REST)
        pool1 = image(figure)
        assert pool1 != output
        assert figure.locator(".panel-label").first.inner_text() == "t-SNE of pool1"
        pressed = figure.locator(".track-choice [aria-pressed=true]").all_inner_texts()
        assert pressed == ["pool1", "t-SNE"]
        figure.get_by_role("button", name="PCA", exact=True).click()
        until(page, AT_REST)
        assert figure.locator(".panel-label").first.inner_text() == "PCA of pool1"
        assert figure.locator(".quality-scores dt:visible").count() == 3
        figure.get_by_role("button", name="t-SNE").click()
        assert figure.locator(".quality-scores dt:visible").count() == 4
        figure.get_by_role("button", name="output", exact=True).click()
        until(page, AT_REST)
        page.mouse.move(2, 2)
        assert image(figure) == output


def test_reduced_motion_disables_the_animation(browser: Browser, animation_url: str) -> None:
    with opened(browser, animation_url, reduced_motion="reduce") as page:
        figure = animation_of(page)
        figure.get_by_role("slider").focus()
        page.keyboard.press("Home")
        assert page.evaluate(AT_REST)
        assert page.evaluate(f"{STATE}.main.points === {STATE}.tracks[{STATE}.track].frames[0]")


def test_a_point_shows_its_own_example(
    browser: Browser, animation_url: str, animated: Animation
) -> None:
    """The last half of the examples is followed."""
    examples = synthetic.examples(400)
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        figure.locator("canvas").first.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert f"example {examples.ids[202]}" in page.locator("#tooltip").inner_text()
        assert examples.class_names[animated.labels[2]] in page.locator("#tooltip").inner_text()


def test_a_class_can_be_switched_off(browser: Browser, animation_url: str) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        before = ink(figure.locator("canvas").first)
        figure.locator(".chip").first.click()
        assert figure.locator(".animated-scatter > .projection .class-name:visible").count() == 9
        assert ink(figure.locator("canvas").first) < before


def test_it_fits_a_phone(browser: Browser, animation_url: str) -> None:
    with opened(browser, animation_url, viewport={"width": 360, "height": 740}) as page:
        figure = animation_of(page)
        for part in (".player", ".track-choice", ".animated-scatter > .projection"):
            box = box_of(figure.locator(part))
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_print_is_a_film_strip_without_controls(browser: Browser, animation_url: str) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        page.emulate_media(media="print")
        until(page, "document.documentElement.hasAttribute('data-printing')")
        for hidden in (".player", ".track-choice", ".animated-scatter > .projection"):
            assert figure.locator(hidden).is_hidden()
        stills = figure.locator(".film-strip canvas").all()
        assert len(stills) == 10
        assert all(ink(still) > 300 for still in stills)
        rows = figure.locator(".film-strip .panel-label").all_inner_texts()
        assert [row.partition(";")[0] for row in rows] == ["t-SNE of pool1", "t-SNE of output"]
        page.emulate_media(media="screen")
        until(page, "!document.documentElement.hasAttribute('data-printing')")
        assert figure.locator(".film-strip").is_hidden()
        assert ink(figure.locator("canvas").first) > 1000


def test_a_link_opens_the_layer_and_the_frame_that_were_left(
    browser: Browser, animation_url: str
) -> None:
    with opened(browser, animation_url) as page:
        figure = animation_of(page)
        figure.get_by_role("button", name="pool1", exact=True).click()
        figure.get_by_role("slider").focus()
        page.keyboard.press("Home")
        figure.get_by_role("button", name="7", exact=True).click()
        until(page, "location.hash.includes('hidden=7&')")
        address = page.url
        assert address.endswith(f"{ANIMATION}?hidden=7&layer=pool1&frame=epoch+0")
        link = figure.get_by_role("link", name="Link to this figure", include_hidden=True)
        assert attribute_of(link, "href") == "#" + address.partition("#")[2]
    with opened(browser, address, loads=2) as page:
        figure = animation_of(page)
        assert figure.locator("output").inner_text() == "epoch 0"
        assert figure.locator(".panel-label").first.inner_text() == "t-SNE of pool1"
        assert figure.locator(".class-name:visible").count() == 9
        # The same address with another layer, pasted into the open report.
        paste = "address => { setTimeout(() => { location.hash = address; }); }"
        page.evaluate(paste, f"{ANIMATION}?layer=output")
        figure.locator(".panel-label").filter(has_text="t-SNE of output").first.wait_for()
        assert figure.locator(".class-name:visible").count() == 10
