"""Points that are selected, cells that are opened, and numbers behind charts, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chromium import box_of, needed, opened, until
from synthetic_runs import finding_of

from glassnet.findings import Curves, Examples
from glassnet.report import RunView

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needed


def test_points_inside_a_line_are_listed(browser: Browser, address: str, run: RunView) -> None:
    with opened(browser, address) as page:
        figure = page.locator("#run-1-tsne")
        canvas = figure.locator("canvas").nth(2)
        canvas.scroll_into_view_if_needed()
        until(page, "figures.has(roots()[1])")
        figure.get_by_role("button", name="Select points").click()
        box = box_of(canvas)
        corners = [(2, 2), (0.98 * box["width"], 2), (0.98 * box["width"], 140), (2, 140)]
        page.mouse.move(box["x"] + 2, box["y"] + 2)
        page.mouse.down()
        for x, y in corners[1:]:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=3)
        page.mouse.up()
        inside = page.evaluate(
            """edge => {
                const panel = scatterOf(roots()[1]).panels[2];
                return [...panel.scatter.labels.keys()].filter(
                    (point) => panel.pointPosition(point).y < edge).length;
            }""",
            140 / box["height"],
        )
        note = figure.locator(".selected-points .note").inner_text()
        assert int(note.split()[0]) == inside > 10
        assert sum(map(int, re.findall(r"(\d+) \d", note.partition(":")[2]))) == inside
        assert "mistake" in note
        assert figure.locator(".selected-points li").count() == min(60, inside)
        figure.get_by_role("button", name="Clear the selection").click()
        assert figure.locator(".selected-points").is_hidden()


def test_points_are_selected_by_keyboard(browser: Browser, address: str, run: RunView) -> None:
    examples = finding_of(run, "examples", Examples)
    with opened(browser, address) as page:
        figure = page.locator("#run-1-tsne")
        figure.locator("canvas").first.scroll_into_view_if_needed()
        until(page, "figures.has(roots()[1])")
        figure.locator("canvas").first.focus()
        for key in ("ArrowRight", "Enter", "ArrowRight", "Enter"):
            page.keyboard.press(key)
        assert figure.locator(".selected-points .note").inner_text().startswith("2 points: ")
        names = figure.locator(".selected-points li strong").all_inner_texts()
        assert sorted(names) == sorted(examples.class_names[examples.labels[k]] for k in (0, 1))


def test_a_cell_of_the_confusion_matrix_shows_its_examples(
    browser: Browser, address: str, run: RunView
) -> None:
    examples = finding_of(run, "examples", Examples)
    assert examples.predicted is not None
    here = int(((examples.labels == 3) & (examples.predicted == 3)).sum())
    with opened(browser, address) as page:
        figure = page.locator("#run-1-confusion")
        figure.locator("tbody tr").nth(3).locator("td").nth(3).click()
        note = figure.locator(".cell-examples .note").inner_text()
        assert note.startswith(f"true class 3, predicted class 3: {here} of ")
        assert figure.locator(".cell-examples li").count() == here
        figure.get_by_role("button", name="Close").click()
        assert figure.locator(".cell-examples").is_hidden()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        assert "predicted class 4" in figure.locator(".cell-examples .note").inner_text()


def test_a_matrix_and_a_group_of_buttons_have_one_tab_stop(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        for selector in ("#run-1-confusion td", "#run-1-tsne .chip", "#run-1-per_class th button"):
            stops = page.evaluate(
                f"[...document.querySelectorAll('{selector}')].filter((e) => !e.tabIndex).length"
            )
            assert stops == 1
        page.locator("#run-1-tsne .chip").first.focus()
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.dataset.class") == "1"


def test_the_numbers_behind_a_chart_are_a_table(
    browser: Browser, address: str, run: RunView
) -> None:
    curves = finding_of(run, "curves", Curves)
    values = sum(len(series.x) for panel in curves.panels for series in panel.series)
    with opened(browser, address) as page:
        figure = page.locator("#run-1-curves")
        figure.get_by_text("Numbers", exact=True).click()
        figure.locator(".numbers table").wait_for()
        assert figure.locator(".numbers tbody tr").count() == values
        scatter = page.locator("#run-1-tsne")
        scatter.get_by_text("Numbers", exact=True).click()
        scatter.locator(".numbers table").wait_for()
        assert scatter.locator(".numbers tbody tr").count() == 10


def test_how_results_were_measured_is_a_table(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        header = page.locator(".chapter-header")
        assert header.locator(".measured table").count() == 0
        header.get_by_text("How this was measured", exact=True).click()
        header.locator(".measured table").first.wait_for()
        rows = header.locator(".measured tbody tr")
        assert rows.count() >= 1
        assert header.locator(".measured th", has_text="training time").count() == 1
        assert header.locator(".measured pre").first.is_visible()
