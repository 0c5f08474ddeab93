"""The live page in a real browser: skipped where there is no Chromium."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chromium import needed
from serving import Site, served

from glassnet.runs.folder import Run
from glassnet.web import trainings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needed

PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path / "runs") as site:
        yield site


@contextmanager
def visited(browser: Browser, site: Site, path: str = "", **options: Any) -> Iterator[Page]:
    """A page that fails the test if it complains, or asks another address for anything."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(120_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{site.address}/{path}")
    try:
        yield page
    finally:
        context.close()
    assert complaints == []
    assert all(url.startswith((site.address, "data:")) for url in requested)


def test_a_network_is_trained_watched_and_tried(
    browser: Browser,
    site: Site,
    digits: str,
    launcher: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trainings, "PROGRAM", (sys.executable, str(launcher)))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    with visited(browser, site) as page:
        page.get_by_text("Choose data, preset and settings").click()
        page.get_by_label("Data").select_option(digits)
        page.get_by_label("Epochs").fill("2")
        page.get_by_label("Batch size").fill("50")
        page.get_by_label("Name of the run").fill("first")
        page.get_by_role("button", name="Start training").click()
        page.wait_for_selector(".chart path.train, .chart circle", state="attached")
        assert page.url.endswith("#/run/first")
        page.get_by_text("finished", exact=True).wait_for()
        page.get_by_text("Test accuracy").wait_for()
        assert page.locator(".chart").count() == 2
        page.locator(".chart summary").first.click()
        assert page.locator(".chart table").first.locator("tbody tr").count() == 2
        page.get_by_role("tab", name="Try").click()
        page.locator("input[type=file]").set_input_files(digit_file(tmp_path))
        page.locator(".bar.first").wait_for()
        assert page.locator(".bar").count() == 10
    assert Run.open(tmp_path / "runs" / "first").info["config"]["epochs"] == 2


def digit_file(folder: Path) -> Path:
    from PIL import Image

    path = folder / "digit.png"
    Image.new("L", (28, 28), 0).save(path)
    return path


def test_a_text_is_typed(browser: Browser, site: Site, text_classifier: Run) -> None:
    with visited(browser, site, f"#/run/{text_classifier.name}?tab=try") as page:
        page.get_by_label("Type a text").fill("a superb story, nice and good")
        page.locator(".bar.first", has_text="positive").wait_for()
        page.get_by_label("Type a text").fill("awful, dull and bad")
        page.locator(".bar.first", has_text="negative").wait_for()
        shown = page.locator(".bar .value").all_inner_texts()
        assert len(shown) == 2
        assert all(text.endswith("%") for text in shown)


def test_errors_are_shown_where_they_happen(browser: Browser, site: Site) -> None:
    context = browser.new_context()  # the console says that a request was refused
    page = context.new_page()
    page.goto(site.address)
    page.get_by_text("Choose data, preset and settings").click()
    page.get_by_label("Epochs").fill("-3")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("alert").get_by_text("epochs").wait_for()
    context.close()


def test_a_drawing_is_centred_as_the_digits_were(
    browser: Browser, site: Site, trained: Run
) -> None:
    name = trained.name
    trained.update(data=trained.info["data"] | {"name": "mnist"})
    with visited(browser, site, f"#/run/{name}?tab=try") as page:
        pad = page.locator(".pad > canvas")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        assert box is not None
        left, top = box["x"] + 20, box["y"] + 20
        page.mouse.move(left, top)
        page.mouse.down()
        page.mouse.move(left, top + 60, steps=5)
        page.mouse.up()
        page.locator(".bar.first").wait_for()
        centre = page.evaluate(
            """() => {
                const seen = document.querySelector(".seen canvas");
                const pixels = seen.getContext("2d").getImageData(0, 0, 28, 28).data;
                let [sum, x, y, top, bottom] = [0, 0, 0, 28, 0];
                for (let k = 0; k < 784; k += 1) {
                    const value = pixels[4 * k];
                    sum += value; x += value * (k % 28); y += value * Math.floor(k / 28);
                    if (value > 40) {
                        top = Math.min(top, Math.floor(k / 28));
                        bottom = Math.max(bottom, Math.floor(k / 28));
                    }
                }
                return [x / sum, y / sum, bottom - top + 1];
            }"""
        )
        assert centre[:2] == pytest.approx([13.5, 13.5], abs=0.6)
        assert 18 <= centre[2] <= 21


@pytest.mark.parametrize("options", [{}, PHONE, PHONE | {"color_scheme": "dark"}])
def test_nothing_is_wider_than_the_page(
    browser: Browser, site: Site, trained: Run, options: dict[str, Any]
) -> None:
    with visited(browser, site, **options) as page:
        page.locator(".card").wait_for()
        page.get_by_text("Choose data, preset and settings").click()
        page.get_by_label("Epochs").wait_for()
        for address in ("", f"#/run/{trained.name}"):
            page.evaluate(f"location.hash = {address!r}")
            page.locator("h1").wait_for()
            page.wait_for_timeout(300)
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0


def test_all_is_reached_by_keyboard(browser: Browser, site: Site, trained: Run) -> None:
    with visited(browser, site) as page:
        page.locator(".card").wait_for()
        names = []
        for _ in range(9):
            page.keyboard.press("Tab")
            names.append(
                page.evaluate(
                    "document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"
                )
            )
        assert names[0] == "Skip to the content"
        assert "Start: classify images, mnist" in names
        assert any(trained.name in name for name in names)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_violation(
    browser: Browser, site: Site, trained: Run, text_classifier: Run, scheme: str, width: int
) -> None:
    """Of any impact, on any view."""
    from axe_playwright_python.sync_playwright import Axe

    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with visited(browser, site, bypass_csp=True, **options) as page:
        page.locator(".card").first.wait_for()
        page.get_by_text("Choose data, preset and settings").click()
        page.get_by_label("Epochs").wait_for()
        assert Axe().run(page).response["violations"] == []
        for run in (trained, text_classifier):
            page.evaluate(f"location.hash = '#/run/{run.name}'")
            page.locator("h1", has_text=run.name).wait_for()
            page.locator(".chart").first.wait_for()
            assert Axe().run(page).response["violations"] == []
            page.get_by_role("tab", name="Try").click()
            if run is text_classifier:
                page.get_by_label("Type a text").fill("a superb story")
                page.locator(".bar.first").wait_for()
            assert Axe().run(page).response["violations"] == []
