"""The order of a report in a real browser: overview, folds, links into folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from chromium import needed, opened, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needed

PHONE = {"width": 360, "height": 740}


def test_parts_are_folded_on_a_phone_and_open_on_a_desk(browser: Browser, address: str) -> None:
    with opened(browser, address, unfold=False) as page:
        assert page.locator("#run-1-tsne").is_visible()
    with opened(browser, address, unfold=False, viewport=PHONE) as page:
        assert page.locator("#run-1-tsne").is_hidden()
        assert page.evaluate("document.documentElement.scrollHeight / innerHeight") < 5
        page.get_by_text("Layers", exact=True).last.click()
        assert page.locator("#run-1-tsne").is_visible()


def test_a_link_opens_the_part_that_it_leads_into(browser: Browser, trio_address: str) -> None:
    with opened(browser, trio_address, unfold=False) as page:
        assert page.locator("details.fold[open]").count() == 0
        page.evaluate("location.hash = 'run-3-confusion'")
        page.locator("#run-3-confusion").wait_for(state="visible")
        assert page.locator("details.fold[open]").count() == 1
        top = "document.getElementById('run-3-confusion').getBoundingClientRect().top"
        until(page, f"0 <= {top} && {top} < innerHeight / 2")


def test_a_print_has_all_parts(browser: Browser, trio_address: str) -> None:
    with opened(browser, trio_address, unfold=False) as page:
        page.emulate_media(media="print")
        until(page, "figures.size === roots().length")
        assert page.locator("#run-3-confusion").is_visible()
        page.emulate_media(media="screen")
        until(page, "document.querySelectorAll('.fold[open]').length === 0")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_contents_leave_room_for_the_title(
    browser: Browser, trio_address: str, width: int
) -> None:
    with opened(browser, trio_address, viewport={"width": width, "height": 740}) as page:
        box = page.locator("h1").bounding_box()
        assert box is not None
        assert box["y"] < 300


def test_few_tab_stops_stand_before_the_content(browser: Browser, trio_address: str) -> None:
    with opened(browser, trio_address, unfold=False, viewport=PHONE) as page:
        stops = page.evaluate(
            """() => [...document.querySelectorAll("a, button, summary, input, [tabindex='0']")]
                .filter((each) => each.tabIndex >= 0 && each.checkVisibility())
                .findIndex((each) => each.closest("main"))"""
        )
        assert stops <= 6


def test_a_section_has_a_link_that_appears_beside_its_heading(
    browser: Browser, address: str
) -> None:
    with opened(browser, address) as page:
        heading = page.locator(".fold .section-title").first
        heading.scroll_into_view_if_needed()
        link = heading.locator("xpath=following-sibling::a")
        clip = "each => getComputedStyle(each).clipPath"
        assert link.evaluate(clip) == "inset(100%)"
        heading.hover()
        assert link.evaluate(clip) == "none"
        assert link.get_attribute("aria-label") == "Link to this section"
        link.click()
        assert page.evaluate("location.hash.slice(1)") == heading.evaluate(
            "e => e.parentElement.id"
        )
        part = page.locator(".part").first
        part.locator("> .permalink").focus()
        assert page.evaluate("document.activeElement.parentElement.className") == "part"
