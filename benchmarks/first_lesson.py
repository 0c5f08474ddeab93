"""Seconds of a first lesson: from `glassnet web` to a drawn digit on the maps of its network.

    python benchmarks/first_lesson.py --out benchmarks/results/first-lesson.csv

In Chromium, with MNIST in the cache: the page is opened, its first button trains the image
classifier (preset `quick`), and when it is evaluated, a 7 is drawn, whose place on the map of each
layer is waited for. A person adds what they take to read, click and draw. Measure while nothing
else computes.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from opening import CHROMIUM, FLAGS
from playwright.sync_api import sync_playwright
from web_latency import served

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 600_000
"""Milliseconds that any step may take."""

SEVEN = ((0.3, 0.25), (0.7, 0.25), (0.45, 0.8))
"""Corners of a drawn 7, as shares of the pad."""


def draw_seven(page: Page) -> None:
    """Draw with the mouse."""
    pad = page.get_by_label("Drawing pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(SEVEN):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["width"], steps=6)
        if not number:
            page.mouse.down()
    page.mouse.up()


def main() -> None:
    """Go through the lesson and write when each step was reached."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True)
    out, began, rows = parser.parse_args().out, time.perf_counter(), list[list[str]]()

    def reached(step: str) -> None:
        rows.append([step, f"{time.perf_counter() - began:.1f}"])
        print(*rows[-1], flush=True)

    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as port,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser,
    ):
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"http://127.0.0.1:{port}/")
        button = page.get_by_role("button", name="Start: classify images")
        button.wait_for()
        reached("the page is open")
        button.click()
        page.wait_for_selector(".chart path.train, .chart circle", state="attached")
        reached("the first point of the curve")
        page.get_by_text("finished", exact=True).wait_for()
        reached("trained and evaluated")
        page.get_by_role("tab", name="Try").click()
        draw_seven(page)
        page.locator(".bar.first .class-title").wait_for()
        reached("the prediction for a drawn 7")
        page.locator(".on-map:visible").last.wait_for()
        reached("its place on the map of each layer")
    with out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["step", "seconds"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
