"""The tabs of a run on the live page, in a real browser, with findings that were never computed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import numpy as np
import pytest
import synthetic
from chromium import needed, until
from serving import Site, served
from synthetic_runs import make_run
from views import check_view

from glassnet import findings
from glassnet.runs.folder import Run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needed


@pytest.fixture
def explained(trained: Run) -> Run:
    for record in make_run().findings.values():
        findings.save(record, trained.findings)
    trained.figures.mkdir()
    (trained.figures / "tsne.csv").write_text("map,point\n")
    return trained


@pytest.fixture
def site(explained: Run) -> Iterator[Site]:
    with served(explained.path.parent) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def test_the_parts_of_a_report_are_tabs(page: Page, site: Site, explained: Run) -> None:
    page.goto(f"{site.address}/#/run/{explained.name}")
    page.get_by_role("heading", name="Every class is found").wait_for()
    tabs = page.get_by_role("tab").all_inner_texts()
    assert tabs == ["Overview", "Training", "Layers", "Mistakes", "Try", "Provenance"]
    page.get_by_role("tab", name="Overview").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.locator("#layers-tsne").wait_for()
    assert "tab=layers" in page.url
    assert page.get_by_role("tab", selected=True).inner_text() == "Layers"
    until(page, "figures.size > 0")


def test_an_address_leads_to_a_finding(page: Page, site: Site, explained: Run) -> None:
    page.goto(f"{site.address}/#/run/{explained.name}?tab=layers&finding=tsne")
    page.locator("#layers-tsne").wait_for()
    until(page, "document.activeElement.id === 'layers-tsne'")


def test_a_link_opens_figures_as_they_were_left(page: Page, site: Site, explained: Run) -> None:
    """Layer, method and frame of a film, and the classes and mistakes of a scatter plot."""
    film = synthetic.animation(200, ("pool1", "output"), 5, places=np.arange(200, 400))
    findings.save(film, explained.findings)
    address = f"{site.address}/#/run/{explained.name}?tab=layers&finding=points-film"
    page.goto(address)
    figure = page.locator("#layers-points-film")
    figure.get_by_role("button", name="pool1", exact=True).click()
    figure.get_by_role("slider").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    for name in ("0", "3"):
        figure.get_by_role("button", name=name, exact=True).click()
    scatter = page.locator("#layers-tsne")
    scatter.get_by_role("button", name="Only the").click()
    until(page, "location.hash.includes('tsne.mistakes=only')")
    link = page.url
    shown = {"hidden": "0-3", "layer": "pool1", "frame": "epoch 1"}
    kept = parse_qs(link.partition("?")[2])
    assert {name: kept[f"points-film.{name}"] for name in shown} == {
        k: [v] for k, v in shown.items()
    }
    page.goto("about:blank")
    page.goto(link)
    figure.locator("output", has_text="epoch 1").wait_for()
    assert figure.locator(".panel-label").first.inner_text() == "t-SNE of pool1"
    pressed = figure.get_by_role("button", name="pool1", exact=True)
    assert pressed.get_attribute("aria-pressed") == "true"
    assert figure.locator(".class-name:visible").count() == 8
    only = scatter.get_by_role("button", name="Only the")
    assert only.get_attribute("aria-pressed") == "true"
    figure.get_by_role("button", name="All classes").click()
    figure.get_by_role("slider").focus()
    page.keyboard.press("End")
    figure.get_by_role("button", name="output", exact=True).click()
    only.click()
    until(page, f"location.href === {address!r}")


def test_a_figure_has_its_files_and_a_link(page: Page, site: Site, explained: Run) -> None:
    page.goto(f"{site.address}/#/run/{explained.name}?tab=layers")
    figure = page.locator("#layers-tsne")
    figure.locator(".figure-menu summary").click()
    with page.expect_download() as download:
        figure.get_by_role("link", name="CSV").click()
    assert Path(download.value.path()).read_text() == "map,point\n"
    figure.locator(".figure-menu summary").click()
    figure.get_by_role("link", name="Link to this figure").click()
    assert page.url.endswith("?tab=layers&finding=tsne")
    assert figure.locator(".figure-menu ul").is_hidden()


def test_no_path_leads_out_of_the_figures(site: Site, explained: Run) -> None:
    name = explained.name
    assert site.ask(f"/runs/{name}/figures/tsne.csv").status == 200
    for path in ("..%2Frun.json", "%2Fetc%2Fpasswd", "run.json"):
        assert site.ask(f"/runs/{name}/figures/{path}").status == 404
    answer = site.ask(f"/runs/{name}/parts/nothing")
    assert answer.status == 400
    assert "overview" in answer.json["hint"]


def test_the_examples_of_a_cell_come_from_all_test_predictions(site: Site, explained: Run) -> None:
    address = f"/api/runs/{explained.name}/examples"
    totals = [
        site.ask(f"{address}?true={true}&predicted={predicted}").json["total"]
        for true in range(10)
        for predicted in range(10)
    ]
    assert sum(totals) == explained.info["data"]["test"]
    found = site.ask(f"{address}?true=0&predicted=0").json
    assert len(found["examples"]["ids"]) == min(60, found["total"]) > 0
    for query in ("true=10&predicted=0", "true=-1&predicted=0", "true=0"):
        assert site.ask(f"{address}?{query}").status == 400


def test_findings_that_change_are_read_again(site: Site, explained: Run) -> None:
    address = f"/runs/{explained.name}/parts"
    assert "layers" in [each["key"] for each in site.ask(address).json]
    for name in ("tsne", "pca"):
        (explained.findings / f"{name}.json").unlink()
    assert "layers" not in [each["key"] for each in site.ask(address).json]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_axe_finds_no_violation_in_any_tab(
    browser: Browser, site: Site, explained: Run, scheme: Any, width: int
) -> None:
    viewport: Any = {"width": width, "height": 800}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site.address}/#/run/{explained.name}")
    page.get_by_role("heading", name="Every class is found").wait_for()
    for title in page.get_by_role("tab").all_inner_texts():
        page.get_by_role("tab", name=title).click()
        panel = page.get_by_role("tabpanel")
        panel.locator("figure, .chart, .pad canvas, dl.details").first.wait_for()
        panel.get_by_text("Loading").wait_for(state="hidden")
        check_view(page, f"tab-{title}")
    context.close()
