"""`glassnet show`: one run's numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from glassnet.cli.options import json_option, runs_option
from glassnet.runs.folder import Run, find


def show(run: str, runs: Path | None, as_json: bool) -> None:
    """Show one run's numbers."""
    found = find(run, runs)
    if as_json:
        click.echo(json.dumps(found.info, indent=2, ensure_ascii=False))
        return
    info = found.info
    more = [
        ("started", info.get("started", "?")),
        ("data", info["data"]["fingerprint"][:16]),
        ("command", info.get("command", "?")),
    ]
    names = sorted(path.stem for path in found.figures.glob("*.png"))
    print_outcome(found, [*more, ("figures", ", ".join(names))] if names else more)


command = click.Command(
    "show",
    params=[click.Argument(["run"]), runs_option, json_option],
    callback=show,
    help="Show one run's numbers. RUN is a folder, or a name under the folder of the runs.",
)


def print_outcome(run: Run, more: Sequence[tuple[str, str]] = ()) -> None:
    """A run in a few lines: what it is, how good it is, how long it took, and what else is said."""
    rows = [*outcome(run), *more]
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        click.echo(f"{name:<{width}}  {text}")


def outcome(run: Run) -> list[tuple[str, str]]:
    """(name, text) pairs that sum up a run."""
    info = run.info
    data, results = info["data"], info.get("results", {}).get("test", {})
    rows = [("run", str(run.path)), ("status", info.get("status", "?"))]
    rows.append(
        (
            "trained on",
            f"{data['name']}: {data['train']:,} train, {data['valid']:,} valid, "
            f"{data['test']:,} test",
        )
    )
    for label, value, note in results.get("numbers", ()):
        rows.append((label, f"{value}  ({note})"))
    if info.get("best"):
        rows.append(("best epoch", f"{info['best']['epoch']} of {info['config']['epochs']}"))
    if "parameters" in info:
        rows.append(("parameters", f"{info['parameters']:,}"))
    seconds = info.get("seconds", {})
    if seconds:
        rows.append(
            ("seconds", ", ".join(f"{name} {value:.1f}" for name, value in seconds.items()))
        )
    kept = kept_along(run)
    return [*rows, ("kept", kept)] if kept else rows


def kept_along(run: Run) -> str:
    """What was kept while the run trained, and how large it is; empty where nothing was."""
    weights = [run.snapshot(epoch) for epoch in run.snapshots]
    said = [run.training_dynamics_file(epoch) for epoch in run.training_dynamics_epochs]
    parts = ((weights, "weights of {} epochs"), (said, "what it said of each example in {} epochs"))
    return ", ".join(
        f"{words.format(len(files))} ({sum(path.stat().st_size for path in files) / 1e6:.1f} MB)"
        for files, words in parts
        if files
    )
