"""The live page while its server is gone, and when it is back, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import needed
from serving import served
from synthetic_runs import make_run
from views import check_view

from glassnet import findings
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = needed

GONE = "the server does not answer"
LOST = "The server does not answer. Start it again with: glassnet web."


@pytest.fixture
def explained(trained: Run) -> Run:
    for record in make_run().findings.values():
        findings.save(record, trained.findings)
    return trained


def alert(page: Page | Locator) -> Locator:
    """The error beside what was done, not the notice of the page."""
    return page.locator(".error:visible", has_text=GONE)


def test_every_view_says_that_the_server_is_gone_and_goes_on_when_it_is_back(
    browser: Browser, explained: Run, text_classifier: Run, tmp_path: Path
) -> None:
    context = browser.new_context(bypass_csp=True)
    home, train, compare, look, text = (context.new_page() for _ in range(5))
    for page in context.pages:
        page.set_default_timeout(60_000)
    with served(tmp_path / "runs") as site:
        home.goto(site.address)
        home.locator(".card").nth(1).wait_for()
        train.goto(f"{site.address}/#/train")
        train.get_by_label("Epochs").wait_for()
        compare.goto(site.address)
        compare.locator(".card").first.wait_for()
        look.goto(f"{site.address}/#/run/{explained.name}")
        look.get_by_role("heading", name="Every class is found").wait_for()
        text.goto(f"{site.address}/#/run/{text_classifier.name}?tab=try")
        text.get_by_label("Type a text").fill("a superb story")
        text.locator(".word").first.wait_for()
        home.bring_to_front()
    home.get_by_role("alert").filter(has_text=LOST).wait_for()
    check_view(home, "home-without-server")
    home.get_by_role("button", name=f"Delete {explained.name}").click()
    alert(home).wait_for()
    train.bring_to_front()  # Chromium draws pages in the background once a second
    train.get_by_role("button", name="Start training").click()
    alert(train).wait_for()
    with train.expect_file_chooser() as chooser:
        train.get_by_role("button", name="Choose a table").click()
    (tmp_path / "reviews.csv").write_text("text,label\ngood,yes\n")
    chooser.value.set_files(tmp_path / "reviews.csv")
    alert(train.locator(".upload")).wait_for()
    names = f"{explained.name},{text_classifier.name}"
    compare.evaluate(f"location.hash = '#/compare?runs={names}'")
    alert(compare).wait_for()
    look.bring_to_front()
    for tab in ("Layers", "Try"):
        look.get_by_role("tab", name=tab).click()
        alert(look.get_by_role("tabpanel", name=tab)).wait_for()
    text.get_by_label("Type a text").fill("an awful story")
    alert(text).first.wait_for()
    with served(tmp_path / "runs", port=site.port):
        home.get_by_role("alert").filter(has_text=LOST).wait_for(state="hidden")
        for tab, shown in (("Layers", "#layers-tsne"), ("Try", ".pad canvas")):
            look.get_by_role("tab", name="Overview").click()
            look.get_by_role("tab", name=tab).click()
            look.locator(shown).wait_for()
        compare.bring_to_front()
        alert(compare).wait_for(state="hidden")
        text.bring_to_front()
        text.get_by_label("Type a text").fill("an awful film")
        alert(text).first.wait_for(state="hidden")
        context.close()
