"""What is drawn of texts in a real browser: skipped where there is no Chromium."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
import synthetic_texts
from chromium import attribute_of, box_of, boxes_of, needed, opened, until
from synthetic_runs import finding_of

from glassnet.findings import Curves, Examples, Heatmap, HighlightedTexts
from glassnet.report import RunView

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = needed

STRIP = "#run-1-languages"


def token_ids_of(page: Page, paragraph: int) -> Locator:
    return page.locator(f"{STRIP} .highlighted-words").nth(paragraph).locator("span")


def test_a_text_is_text_that_can_be_selected(browser: Browser, text_report_url: str) -> None:
    with opened(browser, text_report_url) as page:
        shown = page.locator(f"{STRIP} .highlighted-words")
        assert shown.nth(0).inner_text() == synthetic_texts.ENGLISH
        assert shown.nth(2).inner_text() == synthetic_texts.CHINESE
        assert shown.nth(4).inner_text().startswith("Two stars.\nThe <b>plot</b>")
        selected = shown.nth(0).evaluate(
            "words => { getSelection().selectAllChildren(words); return String(getSelection()); }"
        )
        assert selected == synthetic_texts.ENGLISH


def test_a_word_shows_its_value_under_the_pointer(
    browser: Browser, text_report_url: str, text_run: RunView
) -> None:
    paragraph = finding_of(text_run, "languages", HighlightedTexts).texts[0]
    with opened(browser, text_report_url) as page:
        word = token_ids_of(page, 0).nth(2)
        word.scroll_into_view_if_needed()
        page.wait_for_timeout(300)  # scrolling, as it ends, would take the tip away
        word.hover()
        name, value = page.locator("#tooltip").inner_text().split("\n")
        assert name == paragraph.pieces[2].strip()
        assert float(value.replace("−", "-")) == pytest.approx(paragraph.values[2], rel=0.01)
        assert page.locator(".highlighted-words .active").count() == 1
        page.mouse.move(2, 2)
        page.locator("#tooltip").wait_for(state="hidden")
        assert page.locator(".highlighted-words .active").count() == 0


def test_words_show_their_values_by_keyboard(
    browser: Browser, text_report_url: str, text_run: RunView
) -> None:
    highlighted_texts = finding_of(text_run, "languages", HighlightedTexts).texts
    with opened(browser, text_report_url) as page:
        tip = page.locator("#tooltip")
        page.locator(f"{STRIP} .highlighted-words").nth(0).focus()
        page.wait_for_timeout(400)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert tip.inner_text().startswith(highlighted_texts[0].pieces[1].strip())
        page.keyboard.press("ArrowLeft")
        assert tip.inner_text().startswith(highlighted_texts[0].pieces[0].strip())
        page.locator(f"{STRIP} .highlighted-words").nth(3).focus()
        page.wait_for_timeout(400)
        page.keyboard.press("ArrowLeft")
        assert tip.inner_text().startswith(highlighted_texts[3].pieces[0].strip())
        page.keyboard.press("Tab")
        page.locator("#tooltip").wait_for(state="hidden")


def test_without_a_script_a_word_has_its_value_as_a_title(
    browser: Browser, text_report_url: str
) -> None:
    with opened(browser, text_report_url, java_script_enabled=False) as page:
        assert re.fullmatch("[+−][0-9.e−]+", attribute_of(token_ids_of(page, 0).nth(1), "title"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_their_grounds(
    browser: Browser, text_report_url: str, scheme: Literal["light", "dark"]
) -> None:
    with opened(browser, text_report_url, color_scheme=scheme) as page:
        colours = page.evaluate(
            """strip => {
                const canvas = new OffscreenCanvas(1, 1);
                const context = canvas.getContext("2d", { willReadFrequently: true });
                const seen = (colour) => {
                    context.fillStyle = colour;
                    context.fillRect(0, 0, 1, 1);
                    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
                };
                const words = document.querySelectorAll(`${strip} .highlighted-words span[class]`);
                return [...words].map((word) => {
                    const { color, backgroundColor } = getComputedStyle(word);
                    return [seen(color), seen(backgroundColor)];
                });
            }""",
            STRIP,
        )
        channels = np.array(colours) / 255
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        light = np.sort(linear @ [0.2126, 0.7152, 0.0722], axis=1)
        assert len(light) > 100
        assert ((light[:, 1] + 0.05) / (light[:, 0] + 0.05)).min() >= 4.5


def test_a_long_text_scrolls_and_is_whole_in_print(browser: Browser, text_report_url: str) -> None:
    with opened(browser, text_report_url) as page:
        long = page.locator(f"{STRIP} .highlighted-words").nth(5)
        assert box_of(long)["height"] <= 321
        assert long.evaluate("words => words.scrollHeight > words.clientHeight + 100")
        page.emulate_media(media="print")
        assert long.evaluate("words => words.scrollHeight <= words.clientHeight + 1")


@pytest.mark.parametrize("width", [360, 760, 1280])
def test_words_under_a_curve_do_not_touch(
    browser: Browser, text_report_url: str, width: int
) -> None:
    with opened(browser, text_report_url, viewport={"width": width, "height": 740}) as page:
        figure = page.locator("#run-1-reading")
        boxes = boxes_of(figure.locator(".x-name:visible"))
        assert len(boxes) >= 5
        assert all(one["x"] + one["width"] <= two["x"] + 1 for one, two in pairwise(boxes))
        below = box_of(figure.locator(".x-label"))["y"]
        assert max(box["y"] + box["height"] for box in boxes) <= below


def test_a_curve_over_words_shows_the_word(
    browser: Browser, text_report_url: str, text_run: RunView
) -> None:
    finding = finding_of(text_run, "reading", Curves)
    with opened(browser, text_report_url) as page:
        plot = page.locator("#run-1-reading .plot")
        plot.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        box = box_of(plot)
        count = len(finding.x_names)
        page.mouse.move(box["x"] + box["width"] * 3.5 / count, box["y"] + 60)
        lines = page.locator("#tooltip").inner_text().split("\n")
        assert lines[0] == finding.x_names[3]
        assert float(lines[1].split()[1].replace("−", "-")) == pytest.approx(
            finding.panels[0].series[0].y[3], rel=1e-3
        )
        assert lines[2] == f"4 of {count}"


@pytest.mark.parametrize("width", [360, 1280])
def test_a_signed_heatmap_shows_its_values_and_column_names(
    browser: Browser, text_report_url: str, text_run: RunView, width: int
) -> None:
    units = finding_of(text_run, "units", Heatmap)
    with opened(browser, text_report_url, viewport={"width": width, "height": 740}) as page:
        figure = page.locator("#run-1-units")
        names = figure.locator("thead tr").nth(1).locator("th span")
        assert names.all_inner_texts() == [units.row_label, *units.column_names][1:]
        boxes = boxes_of(names)
        assert all(one["x"] + one["width"] <= two["x"] + 1 for one, two in pairwise(boxes))
        cell = figure.locator("tbody tr").nth(4).locator("td").nth(3)
        cell.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        cell.hover()
        words = page.locator("#tooltip").inner_text()
        assert f"{units.row_names[4]}, {units.column_label} {units.column_names[3]}" in words
        shown = float(words.split()[0].replace("−", "-"))
        assert shown == pytest.approx(units.values[4, 3], rel=0.01)


def test_pointing_at_a_point_shows_its_text(
    browser: Browser, text_report_url: str, text_run: RunView
) -> None:
    examples = finding_of(text_run, "examples", Examples)
    assert examples.confidence is not None
    with opened(browser, text_report_url) as page:
        figure = page.locator("#run-1-texts")
        figure.locator("canvas").scroll_into_view_if_needed()
        until(page, "figures.has(roots()[0])")
        page.wait_for_timeout(300)
        wrong = int((examples.labels != examples.predicted).sum())
        assert figure.locator(".only-wrong").inner_text() == f"Only the {wrong} mistakes"
        figure.locator("canvas").focus()
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        text, true, message, number = page.locator("#tooltip").inner_text().split("\n")
        assert text == examples.texts[3]
        assert true == "positive"
        assert message == f"mistaken for negative, {100 * examples.confidence[3]:.1f}\u00a0%"
        assert number == f"example {examples.ids[3]}"
        box = box_of(page.locator("#tooltip"))
        assert box["width"] <= 321
        assert page.locator("#tooltip canvas").count() == 0


def test_images_and_texts_in_one_page_keep_to_themselves(
    browser: Browser, trio_address: str, trio: list[RunView]
) -> None:
    with opened(browser, trio_address) as page:
        for place, run in ((0, 0), (3, 2)):
            page.evaluate(f"scatterOf(roots()[{place}])")
            words = page.evaluate(
                f"scatterOf(roots()[{place}]).describe(1).map((part) => part.textContent).join(' ')"
            )
            assert f"example {finding_of(trio[run], 'examples', Examples).ids[1]}" in words
        assert synthetic_texts.GERMAN in words
