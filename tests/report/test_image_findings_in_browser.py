"""Films, mosaics and bars in a real browser: skipped where there is no Chromium."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from chromium import box_of, needed, opened, record_texts, until
from synthetic_runs import finding_of

from glassnet.findings import Bars, Examples
from glassnet.report import RunView

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = needed

ANIMATION = "#run-2-film"
SHOWN = f"getComputedStyle(document.querySelector('{ANIMATION} img')).objectPosition"


def animation_of(page: Page) -> Locator:
    figure = page.locator(ANIMATION)
    figure.scroll_into_view_if_needed()
    return figure


def test_an_animation_starts_at_its_last_frame_and_slides(
    browser: Browser, pair_address: str
) -> None:
    with opened(browser, pair_address) as page:
        figure = animation_of(page)
        slider, name = figure.get_by_role("slider"), figure.locator("output")
        assert (name.inner_text(), page.evaluate(SHOWN)) == ("epoch 2", "50% 100%")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        assert (name.inner_text(), page.evaluate(SHOWN)) == ("epoch 1", "50% 50%")
        assert slider.get_attribute("aria-valuetext") == "epoch 1"
        page.keyboard.press("Home")
        assert (name.inner_text(), page.evaluate(SHOWN)) == ("epoch 0", "50% 0%")


def test_an_animation_plays_once_and_can_be_paused(browser: Browser, pair_address: str) -> None:
    with opened(browser, pair_address) as page:
        figure = animation_of(page)
        name = f"document.querySelector('{ANIMATION} output').textContent"
        record_texts(page, f"{ANIMATION} output")
        figure.get_by_role("button", name="Play the animation").click()
        until(page, f"{name} === 'epoch 1'")
        assert page.evaluate("texts") == ["epoch 0", "epoch 1"]
        figure.get_by_role("button", name="Pause the animation").click()
        page.wait_for_timeout(900)
        assert page.evaluate(name) == "epoch 1"
        figure.get_by_role("button", name="Play the animation").click()
        until(page, f"{name} === 'epoch 2'")
        figure.get_by_role("button", name="Play the animation").wait_for()


def test_frames_of_a_animation_differ(browser: Browser, pair_address: str) -> None:
    with opened(browser, pair_address) as page:
        figure = animation_of(page)
        last = figure.locator("img").screenshot()
        figure.get_by_role("slider").focus()
        page.keyboard.press("Home")
        assert figure.locator("img").screenshot() != last
        page.keyboard.press("End")
        assert figure.locator("img").screenshot() == last


def test_without_a_script_a_animation_shows_its_last_frame(
    browser: Browser, pair_address: str
) -> None:
    with opened(browser, pair_address, java_script_enabled=False) as page:
        figure = page.locator(ANIMATION)
        assert figure.locator("output").inner_text() == "epoch 2"
        assert figure.locator("img").is_visible()
        assert figure.locator("button.play").is_hidden()
        assert figure.locator("input").is_hidden()


def test_a_print_shows_the_last_frame_without_controls(browser: Browser, pair_address: str) -> None:
    with opened(browser, pair_address) as page:
        figure = animation_of(page)
        figure.get_by_role("slider").focus()
        page.keyboard.press("Home")
        page.emulate_media(media="print")
        until(page, f"{SHOWN} === '50% 100%'")
        assert figure.locator("output").inner_text() == "epoch 2"
        assert figure.locator("button.play").is_hidden()
        assert figure.locator("input").is_hidden()


def test_a_print_shows_bars_and_image_grids(browser: Browser, pair_address: str) -> None:
    with opened(browser, pair_address) as page:
        page.emulate_media(media="print")
        for block in page.locator("#run-2-kl .bar").all()[:4]:
            assert block.is_visible()
        for image in page.locator(".imagegrid img").all():
            box = box_of(image)
            assert box["x"] + box["width"] <= 1280


BOXES = """figure => {
    const box = element => element.getBoundingClientRect().toJSON();
    const visible = element => element.checkVisibility();
    return {
        image: box(figure.querySelector("img")),
        rows: [...figure.querySelectorAll(".row-names span")].map(box),
        columns: [...figure.querySelectorAll(".column-names span")].filter(visible).map(box),
    };
}"""
"""All boxes at one moment: figures further up may still be laid out."""


@pytest.mark.parametrize("width", [360, 1280])
def test_names_stand_beside_their_images(browser: Browser, pair_address: str, width: int) -> None:
    with opened(browser, pair_address, viewport={"width": width, "height": 740}) as page:
        boxes = page.locator("#run-2-traversal").evaluate(BOXES)
    image, rows, columns = boxes["image"], boxes["rows"], boxes["columns"]
    for index in (0, 3, 7):
        middle = image["top"] + (index + 0.5) / 8 * image["height"]
        assert (rows[index]["top"] + rows[index]["bottom"]) / 2 == pytest.approx(middle, abs=1.5)
        assert rows[index]["right"] <= image["left"]
    middle = (columns[0]["left"] + columns[0]["right"]) / 2
    assert middle == pytest.approx(image["left"] + image["width"] / 22, abs=1.5)
    assert all(one["right"] < two["left"] for one, two in pairwise(columns))


def test_bars_show_their_values_under_the_pointer(
    browser: Browser, pair_address: str, drawing_run: RunView
) -> None:
    kl = finding_of(drawing_run, "kl", Bars)
    with opened(browser, pair_address) as page:
        plot = page.locator("#run-2-kl .plot")
        plot.scroll_into_view_if_needed()
        box = box_of(plot)
        page.mouse.move(box["x"] + box["width"] * 2.5 / 32, box["y"] + 100)
        words = page.locator("#tooltip").inner_text()
        assert words.startswith(f"latent dimension {kl.names[2]}")
        assert f"KL (nats): {kl.values[2]:.6g}" in words
        assert page.locator("#run-2-kl .bar.active").count() == 1
        page.mouse.move(2, 2)
        page.locator("#tooltip").wait_for(state="hidden")
        assert page.locator("#run-2-kl .bar.active").count() == 0


def test_bars_show_their_values_by_keyboard(
    browser: Browser, pair_address: str, drawing_run: RunView
) -> None:
    shares = finding_of(drawing_run, "shares", Bars)
    with opened(browser, pair_address) as page:
        page.locator("#run-2-shares .plot").focus()
        tip = page.locator("#tooltip")
        page.keyboard.press("ArrowDown")
        assert tip.inner_text().startswith(f"class asked for {shares.names[0]}")
        page.keyboard.press("ArrowUp")
        assert tip.inner_text().startswith(f"class asked for {shares.names[0]}")
        page.keyboard.press("ArrowDown")
        assert f"{shares.values[1]:.6g}" in tip.inner_text()
        page.keyboard.press("Escape")
        assert tip.is_hidden()


def test_examples_of_a_network_that_names_no_classes(
    browser: Browser, pair_address: str, drawing_run: RunView
) -> None:
    examples = finding_of(drawing_run, "examples", Examples)
    with opened(browser, pair_address) as page:
        figure = page.locator("#run-2-posterior")
        figure.locator("canvas").scroll_into_view_if_needed()
        until(page, "figures.has(roots()[2])")
        assert figure.locator(".only-wrong").is_hidden()
        page.wait_for_timeout(200)  # scrolling, as it ends, would take the tip away
        figure.locator("canvas").focus()
        page.keyboard.press("ArrowRight")
        until(page, "!document.getElementById('tooltip').hidden")
        words = page.locator("#tooltip").inner_text().split("\n")
        assert [word for word in words if word] == [
            examples.class_names[examples.labels[0]],
            f"example {examples.ids[0]}",
        ]
