"""Runs and groups of seeds as HTML for notebooks: what they are, numbers, curves, files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from glassnet.drawing.notebook import card, curves
from glassnet.errors import GlassnetError
from glassnet.explain.group_view import group_info
from glassnet.findings import CurvePanel
from glassnet.insight.views import seed_curves, training_curves
from glassnet.report.header import header, subject_of
from glassnet.runs.folder import default_root
from glassnet.runs.state import state

if TYPE_CHECKING:
    from glassnet.api.trained_group import TrainedGroup
    from glassnet.api.trained_run import TrainedRun


def run_html(run: TrainedRun) -> str:
    """A run: its test results beside a baseline, its curves, its origin, and its files."""
    info = _with_short_data_name(run.info)
    summary = header(run.name, info)
    origin = [run.name, f"preset {info.get('preset')}", f"seed {info.get('seed')}", state(run.run)]
    return card.card(
        summary.title,
        card.line(" · ".join(origin), muted=True),
        card.numbers((each.label, each.value, each.note) for each in summary.numbers),
        curves.images(_panels(run), "epoch"),
        card.line(" ".join(summary.lead), muted=True),
        _files(run.path, run.run.report, "run.report()", run.run.root),
    )


def group_html(group: TrainedGroup) -> str:
    """A group: its test results over the seeds, the curves of all seeds, and its files."""
    info, runs = _with_short_data_name(group_info(group.group)), group.runs
    summary = header(group.name, info)
    title = summary.title if summary.numbers else subject_of(group.name, info)
    done = f"{len(runs)} of {len(group.seeds)} seeds finished"
    return card.card(
        title,
        card.line(f"{group.name} · preset {info.get('preset')} · {done}", muted=True),
        card.numbers((each.label, each.value, each.note) for each in summary.numbers),
        curves.images(_panels_of_seeds(runs), "epoch"),
        card.line(_by_seed(runs), muted=True),
        _files(group.path, group.group.report, "group.report()", group.path.parent),
    )


def _with_short_data_name(info: dict[str, Any]) -> dict[str, Any]:
    """The content of run.json with the last part of the path of one's own data."""
    data = info["data"]
    return info | {"data": data | {"name": Path(str(data["name"])).name}}


def _panels(run: TrainedRun) -> tuple[CurvePanel, ...]:
    try:
        return training_curves.panels(run.evidence.log)
    except GlassnetError:  # no epoch is complete yet, or a file is damaged
        return ()


def _panels_of_seeds(runs: Mapping[int, TrainedRun]) -> tuple[CurvePanel, ...]:
    if len(runs) < 2:
        return tuple(panel for run in runs.values() for panel in _panels(run))
    metrics = next(iter(runs.values())).evidence.log.curves
    try:
        values = {seed: run.metrics for seed, run in runs.items()}
    except GlassnetError:
        return ()
    return tuple(seed_curves.panel(metric, values) for metric in dict.fromkeys(metrics))


def _by_seed(runs: Mapping[int, TrainedRun]) -> str:
    """The first test result of each seed."""
    rows = {seed: run.results.numbers for seed, run in runs.items()}
    return ", ".join(f"seed {seed}: {numbers[0][1]}" for seed, numbers in rows.items() if numbers)


def _files(folder: Path, report: Path, verb: str, root: Path) -> Markup:
    """Where the folder and the report are, and the command that opens the live page."""
    option = (
        "" if root.absolute() == default_root().absolute() else f" --runs {shlex.quote(str(root))}"
    )
    parts = [
        card.line("Folder:", card.code(str(folder))),
        card.line("Report:", card.file(report) if report.is_file() else card.code(verb)),
        card.line("Live page:", card.code(f"glassnet web --open{option}")),
    ]
    return Markup('<div style="margin-top:8px;font-size:12px">{}</div>').format(
        Markup("").join(parts)
    )
