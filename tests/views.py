"""What every view of the page and of a report must pass: axe-core, and a picture to look at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serving import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PICTURES = Path(__file__).parents[1] / "artifacts" / "views"
"""Screenshots of the views, by name, width and colours; git ignores them."""

MAX_HEIGHT = 16_000
"""Pixels of a screenshot: Chromium draws no higher ones."""


def check_view(page: Page, name: str) -> None:
    """Assert that axe-core finds no violation of any impact in what the page shows, and draw it."""
    from axe_playwright_python.sync_playwright import Axe

    size = page.viewport_size
    assert size is not None
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    plain, scheme = re.sub(r"[^a-z0-9]+", "-", name.lower()), "dark" if dark else "light"
    file = f"{plain}-{size['width']}-{scheme}.png"
    PICTURES.mkdir(parents=True, exist_ok=True)
    height = page.evaluate("document.documentElement.scrollHeight")
    page.screenshot(path=PICTURES / file, full_page=height <= MAX_HEIGHT)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


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
