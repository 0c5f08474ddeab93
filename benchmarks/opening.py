"""Seconds until a report and a run on the page are drawn in a browser.

    python benchmarks/opening.py RUN [RUN ...] --out benchmarks/results/opening.csv

The runs are explained, have reports and lie in one folder. Of each, Chromium opens the report from
disk until its first screen is drawn and every script has ended (`report`); the same with all its
parts unfolded, the maps among them drawn (`report, unfolded`); and on the page its tab of layers,
until the maps are drawn (`page, layers`). Five times each; the median is written. Measure while
nothing else computes.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from web_latency import served

from glassnet import findings
from glassnet.findings import Scatter

if TYPE_CHECKING:
    from playwright.sync_api import Page

N_TIMES = 5
CHROMIUM = os.environ.get("GLASSNET_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

UNFOLD = "document.querySelectorAll('.fold').forEach((each) => { each.open = true; })"
IDLE = "() => new Promise((done) => requestIdleCallback(() => requestAnimationFrame(done)))"
DRAWN = "() => [...document.querySelectorAll('canvas')].some((each) => each.offsetParent)"


def seconds(page: Page, opens: Callable[[Page], object]) -> float:
    """The median time until the page is drawn, in a tab that has shown nothing before."""
    times = []
    for _ in range(N_TIMES):
        page.goto("about:blank")
        began = time.perf_counter()
        opens(page)
        page.evaluate(IDLE)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def show(address: str, page: Page) -> None:
    """Open an address."""
    page.goto(address)


def unfold(address: str, page: Page) -> None:
    """Open a report and all its parts, and wait for the maps."""
    page.goto(address)
    page.evaluate(UNFOLD)
    page.wait_for_function(DRAWN)


def show_maps(address: str, page: Page) -> None:
    """Open an address and wait for the maps."""
    page.goto(address)
    page.wait_for_function(DRAWN)


def n_points(run: Path) -> int:
    """The number of points of its maps."""
    scatter = findings.load_all(run / "findings")["tsne"]
    assert isinstance(scatter, Scatter)
    return len(scatter.labels)


def main() -> None:
    """Measure all runs and write a row for each way to open them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows: list[list[object]] = []
    with (
        served(options.runs[0].resolve().parent) as port,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as browser,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        for run in options.runs:
            report = (run / "report.html").resolve()
            layers = f"http://127.0.0.1:{port}/#/run/{run.name}?tab=layers"
            ways = {
                "report": partial(show, report.as_uri()),
                "report, unfolded": partial(unfold, report.as_uri()),
                "page, layers": partial(show_maps, layers),
            }
            for name, opens in ways.items():
                row = [run.name, n_points(run), report.stat().st_size / 1e6]
                rows.append([*row[:2], f"{row[2]:.2f}", name, f"{seconds(page, opens):.2f}"])
                print(*rows[-1], flush=True)
    with options.out.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["run", "points", "report_mb", "opened", "seconds"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
