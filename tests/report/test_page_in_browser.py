"""The report in a real browser: skipped where there is no Chromium."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from chromium import attribute_of, box_of, ink, needed, opened, until
from synthetic_runs import distorted_of, finding_of

from glassnet.findings import Curves, Examples, Scatter, Table
from glassnet.report import RunView

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = needed


def place_of(page: Page, point: int, panel: int = 2) -> list[float]:
    """Where a point of the second scatter lies in the window."""
    return page.evaluate(
        """([point, number]) => {
            const panel = scatterOf(roots()[1]).panels[number];
            const rect = panel.canvas.getBoundingClientRect();
            const { x, y } = panel.pointPosition(point);
            return [rect.left + x * rect.width, rect.top + y * rect.height];
        }""",
        [point, panel],
    )


def lone_point(page: Page) -> int:
    """A point of the second scatter's last panel that no other one hides."""
    return page.evaluate(
        """() => {
            const panel = scatterOf(roots()[1]).panels[2];
            const count = panel.scatter.labels.length;
            const all = [...Array(count).keys()];
            const places = all.map((point) => panel.pointPosition(point));
            const room = all.map((one) => Math.min(...all.filter((other) => other !== one).map(
                (other) => Math.hypot(places[one].x - places[other].x,
                                      places[one].y - places[other].y))));
            return room.indexOf(Math.max(...room));
        }"""
    )


def scatter(page: Page) -> Locator:
    figure = page.locator("#run-1-tsne")
    figure.locator("canvas").nth(2).scroll_into_view_if_needed()
    until(page, "figures.has(roots()[1])")
    return figure


def test_pointing_at_a_point_shows_its_example(
    browser: Browser, address: str, run: RunView
) -> None:
    examples = finding_of(run, "examples", Examples)
    assert examples.confidence is not None
    with opened(browser, address) as page:
        scatter(page)
        point = lone_point(page)
        page.mouse.move(*place_of(page, point))
        tip = page.locator("#tooltip")
        tip.wait_for(state="visible")
        words = tip.inner_text()
        assert f"example {examples.ids[point]}" in words
        assert words.startswith(examples.class_names[examples.labels[point]])
        assert f"{100 * examples.confidence[point]:.1f}" in words
        until(page, "tooltip.element.querySelector('canvas').width === 28")
        assert ink(tip.locator("canvas")) == 28 * 28
        page.mouse.move(2, 2)
        tip.wait_for(state="hidden")


def test_tapping_works_as_pointing_does(browser: Browser, address: str, run: RunView) -> None:
    with opened(
        browser, address, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    ) as page:
        scatter(page)
        point = lone_point(page)
        page.touchscreen.tap(*place_of(page, point))
        page.locator("#tooltip").wait_for(state="visible")
        assert (
            f"example {finding_of(run, 'examples', Examples).ids[point]}"
            in page.locator("#tooltip").inner_text()
        )
        box = box_of(page.locator("#tooltip"))
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360


def test_the_keyboard_reaches_every_example(browser: Browser, address: str, run: RunView) -> None:
    with opened(browser, address) as page:
        figure = scatter(page)
        figure.locator("canvas").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert (
            f"example {finding_of(run, 'examples', Examples).ids[1]}"
            in page.locator("#tooltip").inner_text()
        )
        page.keyboard.press("Escape")
        assert page.locator("#tooltip").is_hidden()


def test_classes_and_mistakes_can_be_singled_out(
    browser: Browser, address: str, run: RunView
) -> None:
    examples = finding_of(run, "examples", Examples)
    wrong = int((examples.labels != examples.predicted).sum())
    with opened(browser, address) as page:
        figure = scatter(page)
        canvas = figure.locator("canvas").nth(2)
        full = ink(canvas)
        chip = figure.locator(".chip").nth(3)
        chip.click()
        assert chip.get_attribute("aria-pressed") == "false"
        assert ink(canvas) < full
        assert figure.locator('.class-name[data-class="3"]').nth(2).is_hidden()
        figure.locator(".all-classes").click()
        assert ink(canvas) == full
        chip.dblclick()
        assert figure.locator('.chip[aria-pressed="true"]').count() == 1
        figure.locator(".all-classes").click()
        figure.get_by_role("button", name=f"Only the {wrong} mistakes").click()
        shown = page.evaluate(
            "scatterOf(roots()[1]).labels.filter((_, i) => scatterOf(roots()[1]).isShown(i)).length"
        )
        assert shown == wrong


def test_dragging_zooms_in_and_a_double_click_zooms_out(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        canvas = scatter(page).locator("canvas").nth(2)
        box = box_of(canvas)
        page.mouse.move(box["x"] + 40, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 120, box["y"] + 110)
        page.mouse.up()
        side = "scatterOf(roots()[1]).panels[2].view.side"
        assert page.evaluate(side) < 0.5
        canvas.dblclick()
        assert page.evaluate(side) == 1


def test_the_theme_can_be_switched(browser: Browser, address: str) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    for scheme in ("light", "dark"):
        with opened(browser, address, color_scheme=scheme) as page:
            before = page.evaluate(ground)
            colour = "getComputedStyle(document.querySelector('.chip')).color"
            words = page.evaluate(colour)
            page.locator("#theme").click()
            page.mouse.move(2, 300)
            until(page, f"{ground} !== '{before}' && {colour} !== '{words}'")
            page.locator("#theme").click()
            until(page, f"{ground} === '{before}' && {colour} === '{words}'")
            assert (page.evaluate(ground), page.evaluate(colour)) == (before, words)


@pytest.mark.parametrize(
    ("which", "width"),
    [
        *itertools.product(["long_address", "trio_address"], [360, 700, 1280]),
        ("hostile_names_address", 360),
    ],
)
def test_nothing_is_wider_than_the_window(
    browser: Browser, which: str, width: int, request: pytest.FixtureRequest
) -> None:
    several = request.getfixturevalue(which)
    with opened(browser, several, viewport={"width": width, "height": 740}) as page:
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        spilt = page.evaluate(
            """() => [
                ...document.querySelectorAll("main *:not(.scroller *, .plot-area *)")
            ].filter((element) => {
                const rect = element.getBoundingClientRect();
                return rect.width && rect.right > innerWidth + 1 && !element.closest("svg");
            }).map((element) => element.outerHTML.slice(0, 80))"""
        )
        assert spilt == []


def test_print_shows_every_figure_in_light_colours(browser: Browser, address: str) -> None:
    with opened(browser, address, color_scheme="dark") as page:
        page.emulate_media(media="print")
        until(page, "figures.size === roots().length")
        for canvas in page.locator("canvas").all():
            assert ink(canvas) > 1000
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        assert page.locator("#theme").is_hidden()
        assert page.locator(".only-wrong").first.is_hidden()
        assert page.locator("svg.network:visible").count() == 1
        heads = page.locator(".sortable thead button")
        assert heads.first.evaluate("e => getComputedStyle(e).display") == "contents"  # repeated
        pdf = page.pdf(format="A4", print_background=True)
        assert pdf.startswith(b"%PDF")
        assert pdf.count(b"/Subtype /Image") <= 2 * page.locator("img").count()  # no text is one


def test_tables_sort(browser: Browser, address: str, run: RunView) -> None:
    rows = finding_of(run, "per_class", Table).rows
    with opened(browser, address) as page:
        table = page.locator("#run-1-per_class table")
        table.get_by_role("button", name="images").click()
        assert table.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
        most = max(rows, key=lambda row: int(str(row[1] or 0)))
        assert table.locator("tbody tr").first.locator("th").inner_text() == most[0]
        table.get_by_role("button", name="images").click()
        minimum = min(rows, key=lambda row: int(str(row[1] or 0)))
        assert table.locator("tbody tr").first.locator("th").inner_text() == minimum[0]


def test_curves_and_heatmaps_show_their_values(
    browser: Browser, address: str, run: RunView
) -> None:
    loss = finding_of(run, "curves", Curves).panels[0].series[1]
    with opened(browser, address) as page:
        plot = page.locator("#run-1-curves .plot").first
        plot.scroll_into_view_if_needed()
        box = box_of(plot)
        page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 60)
        words = page.locator("#tooltip").inner_text()
        assert words.startswith("epoch 15")
        shown = re.search(r"validation ([\d.]+)", words)
        assert shown is not None
        assert float(shown.group(1)) == pytest.approx(loss.y[-1], rel=1e-3)
        cell = page.locator("#run-1-confusion tbody tr").nth(4).locator("td").nth(9)
        cell.scroll_into_view_if_needed()
        cell.hover()
        words = page.locator("#tooltip").inner_text()
        assert "11 images" in words
        assert "true class 4, predicted class 9" in words


def test_a_command_can_be_copied(browser: Browser, address: str, run: RunView) -> None:
    with opened(browser, address, permissions=["clipboard-read", "clipboard-write"]) as page:
        button = page.locator(".copy:visible").last
        button.scroll_into_view_if_needed()
        button.click()
        until(page, "[...document.querySelectorAll('.copy')].at(-1).textContent === 'Copied'")
        assert page.evaluate("navigator.clipboard.readText()") == run.info["command"]


def test_distorted_points_are_listed_the_worst_first(
    browser: Browser, address: str, run: RunView
) -> None:
    examples, scatter_finding = (
        finding_of(run, "examples", Examples),
        finding_of(run, "tsne", Scatter),
    )
    distorted = [distorted_of(panel) for panel in scatter_finding.panels]
    with opened(browser, address) as page:
        figure = scatter(page)
        button = figure.get_by_role("button", name="Show them (the points that are dimmed in pool2")
        full = [ink(canvas) for canvas in figure.locator("canvas").all()]
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        items = figure.locator(".distorted-points li")
        listed = [int(attribute_of(item, "data-point")) for item in items.all()]
        assert listed == distorted[1]
        shown = (
            "(({ labels, isShown }, all) => [...labels.keys()].filter((i) => isShown.call(all, i)))"
            "(scatterOf(roots()[1]), scatterOf(roots()[1]))"
        )
        assert page.evaluate(shown) == sorted(listed)
        words = items.first.inner_text()
        assert words.startswith(examples.class_names[examples.labels[listed[0]]])
        assert "0 % kept" in words.replace("\N{NO-BREAK SPACE}", " ")
        until(page, "[...document.querySelectorAll('.distorted-points canvas')].length > 0")
        items.nth(3).locator("button").focus()
        assert page.evaluate("scatterOf(roots()[1]).selected") == listed[3]
        other = figure.get_by_role("button", name="Show them (the points that are dimmed in output")
        other.click()
        assert button.get_attribute("aria-pressed") == "false"
        assert items.first.get_attribute("data-point") == str(distorted[2][0])
        other.click()
        assert figure.locator(".distorted-points").is_hidden()
        page.mouse.move(2, 2)
        assert [ink(canvas) for canvas in figure.locator("canvas").all()] == full


def test_a_dimmed_point_is_paler_in_its_own_panel_alone(
    browser: Browser, address: str, run: RunView
) -> None:
    pale, _, others = map(distorted_of, finding_of(run, "tsne", Scatter).panels)
    point = next(p for p in pale if p not in others)
    strength = """([point, number]) => {
        const scatter = scatterOf(roots()[1]), { canvas } = scatter.panels[number];
        const { passes } = scatter, label = scatter.labels[point];
        scatter.passes = [passes[0].map((_, place) => (place === label ? [point] : []))];
        scatter.draw();
        scatter.passes = passes;
        const copy = new OffscreenCanvas(canvas.width, canvas.height);
        copy.getContext("2d").drawImage(canvas, 0, 0);
        const { data } = copy.getContext("2d").getImageData(0, 0, copy.width, copy.height);
        return Math.max(...data.filter((_, place) => place % 4 === 3));
    }"""
    with opened(browser, address) as page:
        scatter(page)
        dimmed, plain = (page.evaluate(strength, [point, number]) for number in (0, 2))
        assert 0 < dimmed < 0.4 * plain


def test_a_tooltip_has_the_share_of_neighbours_that_a_point_preserves(
    browser: Browser, address: str, run: RunView
) -> None:
    stored = finding_of(run, "tsne", Scatter).panels[2].neighbours_kept
    assert stored is not None
    with opened(browser, address) as page:
        scatter(page)
        point = lone_point(page)
        page.mouse.move(*place_of(page, point))
        tip = page.locator("#tooltip")
        tip.wait_for(state="visible")
        words = tip.inner_text().replace("\N{NO-BREAK SPACE}", " ")
        assert f"keeps {100 * stored[point]:.0f} % of its neighbours here" in words
