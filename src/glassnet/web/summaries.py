"""Runs and findings as plain values for the page and the API."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from glassnet.errors import RunError, suggest
from glassnet.runs import step_rows
from glassnet.runs.folder import Run, all_runs, checked
from glassnet.runs.group import is_group
from glassnet.runs.state import state

MISSING = "missing"
"""The state of a run that is not there."""

MAX_SPARKS = 60
"""Points of the small curve of a card at most."""

MAX_POINTS = 400
"""Points of a curve at most."""


def find(root: Path, name: str) -> Run:
    """Open the run of this name in the folder of runs; it may be one of a group.

    Raises:
        RunError: there is no such run.
    """
    parts = Path(name).parts
    path = root.joinpath(*parts)
    is_inside = 0 < len(parts) <= 2 and not any(part.startswith((".", "/", "\\")) for part in parts)
    is_inside = is_inside and path.resolve().is_relative_to(root.resolve())
    if (
        not is_inside
        or not (path / "run.json").is_file()
        or (len(parts) == 2 and not is_group(path.parent))
    ):
        known = [run.name for run in all_runs(root)]
        raise RunError(f"there is no run {name!r}", suggest(name, known))
    return checked(Run.open(path))


def summary(run: Run, name: str = "") -> dict[str, Any]:
    """What a card shows of a run."""
    info, test = run.info, run.info.get("results", {}).get("test", {})
    return {
        "name": name or run.name,
        "task": info.get("task"),
        "data": Path(str(info["data"]["name"])).name,
        "preset": info.get("preset"),
        "seed": info.get("seed"),
        "state": state(run),
        "started": info.get("started"),
        "epochs_done": info.get("epochs_done", 0),
        "epochs": info["config"].get("epochs"),
        "parameters": info.get("parameters"),
        "class_names": info["data"].get("class_names"),
        "numbers": [
            {"name": label, "value": value, "note": note}
            for label, value, note in test.get("numbers", ())
        ],
        "explained": run.is_explained(),
        "report": run.report.is_file(),
    }


class Summaries:
    """The summaries of the runs in a folder; a run is read again when its files have changed.

    Args:
        root: the folder of the runs.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._lock = root, threading.Lock()
        self._known: dict[str, _Known] = {}

    def all(self) -> list[dict[str, Any]]:
        """Those of groups included, newest first; damaged runs are left out."""
        with self._lock:
            self._known = {name: self._updated(name) for name in self._names()}
            found = [
                summary(each.run, name) | {"curve": each.curve()}
                for name, each in self._known.items()
                if each.run is not None
            ]
        return sorted(found, key=lambda each: str(each["started"]), reverse=True)

    def _names(self) -> list[str]:
        """The names of all runs, groups' runs included."""
        alone = [path.parent.name for path in self._root.glob("[!.]*/run.json")]
        groups = [path.parent for path in self._root.glob("[!.]*/group.json")]
        members = [path.parent for group in groups for path in group.glob("seed-*/run.json")]
        return alone + [f"{path.parent.name}/{path.name}" for path in members]

    def _updated(self, name: str) -> _Known:
        now = stamp(self._root / name)
        known = self._known.get(name)
        if known is not None and known.stamp == now:
            return known
        try:
            run = find(self._root, name)
        except RunError:
            return _Known(now, None)
        same = known is not None and known.run is not None
        tail = known.tail if known and same else step_rows.StepTail(run.steps)
        return _Known(now, run, tail, known.steps if known else [])


@dataclass
class _Known:
    """A run as it was read last; None for one that is damaged."""

    stamp: tuple[int, ...]
    run: Run | None
    tail: step_rows.StepTail | None = None
    steps: list[dict[str, float]] = field(default_factory=list)

    def curve(self) -> dict[str, Any]:
        """The training loss by step while it trains, then the metric that selects the weights."""
        if self.run is None or self.tail is None:
            return {}
        if self.run.info.get("status") in ("started", "training"):
            rows, is_whole = self.tail.read()
            self.steps = rows if is_whole else self.steps + rows
            self.steps = step_rows.thinned(self.steps, 2 * MAX_SPARKS)
            shown = step_rows.thinned(self.steps, MAX_SPARKS)
            return {"name": "training loss", "values": [row["loss"] for row in shown]}
        return self.validation

    @cached_property
    def validation(self) -> dict[str, Any]:
        """The validation metric by epoch; empty without an epoch."""
        assert self.run is not None  # noqa: S101 - for the type checker
        metric = self.run.info["config"].get("monitor", "loss")
        try:
            values = self.run.read_metrics()[f"valid_{metric}"].tolist()
        except (RunError, KeyError):
            return {}
        thinned = values[:: -(-len(values) // MAX_SPARKS)]
        return {"name": f"validation {metric}", "values": thinned}


def stamp(path: Path) -> tuple[int, ...]:
    """What changes whenever the run.json of a folder does; empty if there is none."""
    try:
        status = (path / "run.json").stat()
    except (OSError, ValueError):
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns


def curves(run: Run) -> dict[str, Any]:
    """The rows of metrics.csv and of steps.csv as columns; of many steps, `MAX_POINTS` at most."""
    try:
        epochs = {name: values.tolist() for name, values in run.read_metrics().items()}
    except RunError:  # no epoch is complete yet
        epochs = {}
    rows = step_rows.thinned(step_rows.read(run.steps), MAX_POINTS)
    names = list(rows[0]) if rows else []
    return {"epochs": epochs, "steps": {name: [row.get(name) for row in rows] for name in names}}


def findings_of(run: Run) -> list[dict[str, Any]]:
    """Name, kind, section, title and summary of each finding of a run."""
    from glassnet import findings

    return [
        {
            "name": name,
            "kind": type(record).__name__,
            "section": record.section,
            "title": record.title,
            "summary": record.summary,
        }
        for name, record in findings.load_all(run.findings).items()
        if isinstance(record, findings.Finding)
    ]


def finding(run: Run, name: str) -> dict[str, Any]:
    """All fields of one finding, arrays as lists.

    Raises:
        RunError: there is none of this name, or it is damaged.
    """
    import dataclasses

    from glassnet import findings

    known = {path.stem for path in run.findings.glob("*.json")}
    if name not in known:
        raise RunError(f"{run.name} has no finding {name!r}", suggest(name, known))
    record = findings.load(run.findings / f"{name}.json")
    return {"kind": type(record).__name__} | dataclasses.asdict(record)
