"""axe finds no violation of any impact in reports and comparisons, with all parts open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import synthetic
from chromium import needed, opened
from views import check_view

from glassnet.report import RunView, comparison_page
from glassnet.report.comparison_page import ComparisonView
from glassnet.report.header import KeyNumber

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needed


@pytest.fixture(scope="session")
def comparison_address(run: RunView, tmp_path_factory: pytest.TempPathFactory) -> str:
    view = ComparisonView(
        name="one and another",
        header=synthetic.curves(3),
        lead=("On the same 10,000 examples.",),
        numbers=(KeyNumber("Difference", "0.1 points", "95 % interval −0.1 to 0.3"),),
        notices=("another is not finished.",),
        findings=run.findings,
        command="glassnet compare one another",
        details=(("one", "best, epoch 3"),),
    )
    path = tmp_path_factory.mktemp("comparison") / "comparison.html"
    path.write_text(comparison_page.render(view), encoding="utf-8")
    return path.as_uri()


OPEN = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("page_address", ["trio_address", "comparison_address"])
def test_axe_finds_no_violation(
    browser: Browser, page_address: str, width: int, scheme: str, request: pytest.FixtureRequest
) -> None:
    viewport = {"width": width, "height": 800}
    with opened(
        browser,
        request.getfixturevalue(page_address),
        viewport=viewport,
        color_scheme=scheme,
        bypass_csp=True,
    ) as page:
        page.evaluate(OPEN)
        check_view(page, page_address.removesuffix("_address"))
