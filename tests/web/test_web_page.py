"""The live page in a real browser: skipped where there is no Chromium."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from chromium import box_of, ink, needed, until
from serving import Site, served
from views import check_view, visited

from glassnet import png
from glassnet.runs import lock, step_rows
from glassnet.runs.folder import Run
from glassnet.web import comparisons, trainings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needed

WIDTHS = (360, 768, 1280)
PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with served(tmp_path / "runs") as site:
        yield site


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


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_layers_move_while_it_trains(
    browser: Browser, site: Site, trained: Run, motion: str
) -> None:
    """What probes read as lines, and a map whose points go to their new places."""
    trained.live_probes.parent.mkdir()

    def measured(step: int, side: float) -> None:
        row = {"step": step, "epochs": step / 10, "pool1": 0.5, "output": step / 100}
        step_rows.append(trained.live_probes, row)
        points = [[side, side], [-side, 0.5], [0.2, -side], [1, -1]]
        content = {"step": step, "epochs": step / 10, "layer": "output", "points": points}
        more = {"labels": [0, 1, 2, 9], "class_names": [f"class {k}" for k in range(10)]}
        trained.live_map.write_text(json.dumps(content | more))

    measured(10, 1.0)
    trained.update(status="training")
    with (
        lock.hold(trained.path, lock.TRAIN),
        visited(browser, site, f"#/run/{trained.name}", reduced_motion=motion) as page,
    ):
        page.locator(".layer-lines li", has_text="output").get_by_text("10 %").wait_for()
        page.wait_for_timeout(600)
        canvas = page.locator(".live > div > canvas")
        before = canvas.screenshot()
        assert ink(canvas) > 100
        assert page.locator(".live .legend li").count() == 10
        measured(20, 0.3)
        page.locator(".layer-lines li", has_text="output").get_by_text("20 %").wait_for()
        page.get_by_text("Map of output (PCA) after 2.00 epochs").wait_for()
        page.wait_for_timeout(600)
        assert canvas.screenshot() != before
        page.locator(".live summary").click()
        assert page.locator(".live tbody tr").count() == 2
    trained.update(status="finished")


def digit_file(folder: Path) -> Path:
    from PIL import Image

    path = folder / "digit.png"
    image = Image.new("L", (28, 28), 0)
    image.paste(255, (12, 4, 15, 24))
    image.save(path)
    return path


def test_errors_are_shown_where_they_happen(browser: Browser, site: Site) -> None:
    context = browser.new_context()  # the console says that a request was refused
    page = context.new_page()
    page.goto(site.address)
    page.get_by_text("Choose data, preset and settings").click()
    page.get_by_label("Epochs").fill("-3")
    page.get_by_role("button", name="Start training").click()
    page.locator(".field", has_text="Epochs").get_by_role("alert").get_by_text("-3").wait_for()
    assert page.evaluate("document.activeElement.id") == "field-epochs"
    context.close()


def test_a_chosen_folder_is_checked_and_trained_on(
    browser: Browser, site: Site, launcher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainings, "PROGRAM", (sys.executable, str(launcher)))
    photos = folder_of_photos(tmp_path)
    with visited(browser, site, "#/train") as page:
        page.locator("input[webkitdirectory]").set_input_files(photos)
        page.get_by_text("Ready to train, with what is listed below.").wait_for()
        page.get_by_text("2 classes: dark, light.").wait_for()
        assert page.locator(".problems.warning").get_by_text("broken.png").count() >= 1
        assert page.locator(".thumbnails img").count() >= 2
        assert not list((tmp_path / "runs").glob("*/run.json"))
        page.get_by_label("Epochs").fill("1")
        page.get_by_role("button", name="Train on photos").click()
        page.wait_for_url("**/#/run/cnn-photos")
        page.get_by_text("finished", exact=True).wait_for()
    assert Run.open(tmp_path / "runs" / "cnn-photos").info["data"]["class_names"] == [
        "dark",
        "light",
    ]


def folder_of_photos(folder: Path) -> Path:
    """Two classes of noise, a copy and a file that is no image."""
    random = np.random.default_rng(0)
    for name, low in (("dark", 0), ("light", 150)):
        (folder / "photos" / name).mkdir(parents=True)
        for k in range(20):
            image = random.integers(low, low + 100, (12, 12), dtype=np.uint8)
            (folder / "photos" / name / f"{k}.png").write_bytes(png.encode(image))
    dark = folder / "photos" / "dark"
    (dark / "copy.png").write_bytes((dark / "0.png").read_bytes())
    (dark / "broken.png").write_bytes(b"no image")
    return folder / "photos"


def test_a_broken_folder_shows_its_problems(browser: Browser, site: Site, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    for name in ("one", "two"):
        (broken / name).mkdir(parents=True)
        for k in range(3):
            (broken / name / f"{k}.png").write_bytes(b"no image at all")
    with visited(browser, site, "#/train") as page:
        page.locator("input[webkitdirectory]").set_input_files(broken)
        page.get_by_text("It cannot be trained on as it is.").wait_for()
        assert page.locator(".problems.refusal li").count() >= 1
        assert page.get_by_role("button", name="Train on").count() == 0
        page.get_by_role("button", name="Delete the upload broken").click()
        page.get_by_role("button", name="Delete the upload broken").wait_for(state="detached")
    assert list((tmp_path / "runs" / "uploads").iterdir()) == []


def drop(page: Page, path: Path) -> None:
    """Drop a file or a folder on the area for data, as the browser does for a file manager."""
    area = page.locator(".drop.upload")
    area.scroll_into_view_if_needed()
    box = box_of(area)
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 10}
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver"):
        session.send("Input.dispatchDragEvent", {"type": kind, "data": data, **at})
    page.locator(".drop.over").wait_for()
    session.send("Input.dispatchDragEvent", {"type": "drop", "data": data, **at})
    page.locator(".drop.over").wait_for(state="detached")


def test_data_are_dropped_on_the_page(browser: Browser, site: Site, tmp_path: Path) -> None:
    """A folder with its classes and hidden files, a table, and a folder of nothing usable."""
    photos, uploads = folder_of_photos(tmp_path), tmp_path / "runs" / "uploads"
    (photos / ".hidden").write_text("not for anybody")
    table = tmp_path / "reviews.csv"
    rows = [f"a {word} film {k},{word}" for k in range(30) for word in ("good", "bad")]
    table.write_text("\n".join(["text,label", *rows, ",good"]))
    broken = tmp_path / "broken"
    for name in ("one", "two"):
        (broken / name).mkdir(parents=True)
        (broken / name / "0.png").write_bytes(b"no image at all")
    with visited(browser, site, "#/train") as page:
        page.get_by_label("Epochs").wait_for()
        drop(page, photos)
        page.get_by_text("Ready to train, with what is listed below.").wait_for()
        page.get_by_text("2 classes: dark, light.").wait_for()
        found = {path.relative_to(photos) for path in photos.rglob("*") if path.is_file()}
        kept = uploads / "photos"
        assert {path.relative_to(kept) for path in kept.rglob("*") if path.is_file()} == found - {
            Path(".hidden")
        }
        drop(page, table)
        page.get_by_text("2 classes: bad, good.").wait_for()
        assert page.get_by_label("Network").input_value() == "lstm"
        assert page.locator(".problems").get_by_text("line 62").count() >= 1
        drop(page, broken)
        page.get_by_text("It cannot be trained on as it is.").wait_for()
        assert page.locator(".problems.refusal li").count() >= 1
        assert page.get_by_role("button", name="Train on").count() == 0
        assert sorted(path.name for path in uploads.iterdir()) == ["broken", "photos", "reviews"]


def test_a_run_is_deleted_and_restored(browser: Browser, site: Site, trained: Run) -> None:
    with visited(browser, site) as page:
        page.get_by_role("button", name=f"Delete {trained.name}").click()
        page.get_by_text(f"{trained.name} is deleted.").wait_for()
        page.locator(".card").wait_for(state="detached")
        assert not trained.path.exists()
        page.keyboard.press("Enter")  # the focus is on Undo
        page.locator(".card", has_text=trained.name).wait_for()
    assert trained.path.exists()


def test_two_runs_are_compared(
    browser: Browser, site: Site, trained: Run, launcher: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparisons, "PROGRAM", (sys.executable, str(launcher)))
    shutil.copytree(trained.path, trained.path.with_name("copy"))
    with visited(browser, site) as page:
        for name in (trained.name, "copy"):
            box = page.get_by_label(f"Compare {name}", exact=True)
            box.focus()
            page.keyboard.press("Space")
        page.get_by_role("link", name="Compare", exact=True).click()
        page.locator(".chart .legend li", has_text="copy").first.wait_for()
        page.locator("td", has_text="no difference shown").first.wait_for()
        maps = page.locator("figure[data-name=maps-tsne]")
        maps.scroll_into_view_if_needed()
        until(page, "figures.size > 0")
        both = maps.locator("canvas").all()
        assert len(both) == 2
        assert all(ink(canvas) > 300 for canvas in both)
        maps.get_by_role("button", name="3", exact=True).click()
        until(page, "location.hash.includes('maps-tsne.hidden=3')")
        assert page.evaluate("figures.values().next().value.chips[3].ariaPressed") == "false"
        assert page.get_by_role("heading", name="Where they disagree").count() == 1
        page.get_by_role("link", name="Open the whole comparison as a page").click()
        page.locator("h1").first.wait_for()
        assert "/comparisons/" in page.url
    address = f"#/compare?runs={trained.name},copy&finding=maps-tsne"
    with visited(browser, site, address, bypass_csp=True) as page:
        page.locator(".report-part figure").first.wait_for()
        until(page, "document.activeElement.dataset.name === 'maps-tsne'")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
                check_view(page, "compare")


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


def test_an_address_that_encodes_nothing_shows_the_first_page(browser: Browser, site: Site) -> None:
    with visited(browser, site, "#/run/%") as page:
        page.get_by_role("heading", name="Train a small network").wait_for()


def test_the_button_that_stops_a_training_keeps_the_focus_after_an_epoch(
    browser: Browser, site: Site, trained: Run
) -> None:
    trained.update(status="training")
    with (
        lock.hold(trained.path, lock.TRAIN),
        visited(browser, site, f"#/run/{trained.name}") as page,
    ):
        page.get_by_role("button", name="Stop").focus()
        done = trained.info["epochs_done"] + 1
        trained.update(epochs_done=done)
        page.get_by_text(f"trains, {done} of").wait_for()
        assert page.evaluate("document.activeElement.textContent") == "Stop"
    trained.update(status="finished")


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
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_no_violation(
    browser: Browser,
    site: Site,
    trained: Run,
    text_classifier: Run,
    scheme: str,
    width: int,
) -> None:
    """Of any impact, on any view but those that tests look at where they are made."""
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with visited(browser, site, bypass_csp=True, **options) as page:
        page.locator(".card .sparkline").first.wait_for()
        check_view(page, "home")
        page.get_by_text("Choose data, preset and settings").click()
        page.get_by_label("Epochs").wait_for()
        check_view(page, "train")
        for run in (trained, text_classifier):
            page.evaluate(f"location.hash = '#/run/{run.name}'")
            page.locator("h1", has_text=run.name).wait_for()
            page.locator(".chart").first.wait_for()
            check_view(page, f"run-{run.info['task']}")
            page.get_by_role("tab", name="Try").click()
            if run is text_classifier:
                page.get_by_label("Type a text").fill("a superb story")
                page.locator(".bar.first").wait_for()
            check_view(page, f"run-{run.info['task']}-try")
