"""A real browser for reports, and what to do with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Locator, Page

CHROMIUM = Path(os.environ.get("GLASSNET_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

needed = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}")


@contextmanager
def opened(
    browser: Browser, address: str, *, unfold: bool = True, loads: int = 1, **options: Any
) -> Iterator[Page]:
    """A page with all parts open, which fails the test when it complains or asks for anything.

    Args:
        loads: how often it is loaded.
    """
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    requested = []
    page.on("request", lambda request: requested.append(request.url.partition("#")[0]))
    page.goto(address)
    if unfold:
        page.evaluate("document.querySelectorAll('.fold').forEach((each) => { each.open = true; })")
    settle(page)
    yield page
    context.close()
    assert complaints == []
    own = [address.partition("#")[0]] * loads
    assert [url for url in requested if not url.startswith("data:")] == own


def settle(page: Page) -> None:
    """Wait until the page keeps its height; what scripts draw first moves all that is below."""
    before, height = -1, 0
    while height != before:
        page.wait_for_timeout(30)
        before, height = height, page.evaluate("document.documentElement.scrollHeight")


def record_texts(page: Page, selector: str) -> None:
    """Collect every text that an element has from now on, in `window.texts`."""
    page.evaluate(
        """selector => {
            const element = document.querySelector(selector);
            window.texts = [];
            new MutationObserver(() => texts.push(element.textContent)).observe(
                element, {childList: true, characterData: true, subtree: true});
        }""",
        selector,
    )


def until(page: Page, condition: str) -> None:
    """Wait until an expression holds; Playwright's own way needs eval, which the policy forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {condition}")


def box_of(element: Locator) -> FloatRect:
    """Where a visible element lies in the window."""
    box = element.bounding_box()
    assert box is not None
    return box


def boxes_of(elements: Locator) -> list[FloatRect]:
    """Where all elements lie in the window, at one moment."""
    boxes: list[FloatRect] = elements.evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().toJSON())"
    )
    return boxes


def attribute_of(element: Locator, name: str) -> str:
    """The value of an attribute that an element has."""
    value = element.get_attribute(name)
    assert value is not None
    return value


def ink(canvas: Locator) -> int:
    """How many pixels of a canvas are drawn on."""
    return canvas.evaluate(
        """canvas => {
            const copy = new OffscreenCanvas(canvas.width, canvas.height);
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(canvas, 0, 0);
            const { data } = context.getImageData(0, 0, copy.width, copy.height);
            return data.filter((value, place) => place % 4 === 3 && value > 0).length;
        }"""
    )
