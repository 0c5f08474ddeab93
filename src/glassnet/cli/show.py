"""`glassnet show`: the status, metrics and cached files of one run."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.options import json_option, runs_option
from glassnet.cli.show_group import print_group, print_group_json
from glassnet.errors import RunError
from glassnet.runs.folder import Run, find
from glassnet.runs.group import Group, search


def show(run: str, check: bool, runs: Path | None, as_json: bool) -> None:
    """Show the results of one run, or check its files."""
    if (group := search(run, runs)) is not None:
        _show_group(group, check, as_json)
        return
    folder = find(run, runs)
    if check:
        _check(folder, as_json)
        return
    info = folder.info
    if as_json:
        echo_json(info, indent=2)
        return
    details = [
        ("started", info.get("started", "?")),
        ("data", info["data"]["fingerprint"][:16]),
        ("command", info.get("command", "?")),
    ]
    if figures := sorted(path.stem for path in folder.figures.glob("*.png")):
        details.append(("figures", ", ".join(figures)))
    print_outcome(folder, details)


command = click.Command(
    "show",
    params=[
        click.Argument(["run"]),
        click.Option(
            ["--check"],
            is_flag=True,
            help="Compare every file with its checksum instead; the exit code is 2 if one has "
            "changed or is missing.",
        ),
        runs_option,
        json_option,
    ],
    callback=show,
    help="Show the results of one run, or of a group of seeds. RUN is a run folder, or a name in "
    "the folder of the runs.",
)


def _show_group(group: Group, check: bool, as_json: bool) -> None:
    if check:
        _check_group(group, as_json)
    elif as_json:
        print_group_json(group)
    else:
        details = [("started", group.info["started"]), ("command", group.info["command"])]
        print_group(group, details)


def _check_group(group: Group, as_json: bool) -> None:
    """Check the files of a group and of all its runs; the first damage is the error."""
    damaged: list[RunError] = []
    checked: list[Run | Group] = [group, *group.members(damaged.append).values()]
    for each in checked:
        try:
            _check(each, as_json)
        except RunError as error:
            damaged.append(error)
    if damaged:
        raise damaged[0]


def _check(run: Run | Group, as_json: bool) -> None:
    """Print which files are damaged; damage is an error."""
    from glassnet.runs import check

    result = check.check(run)
    if as_json:
        echo_json({"run": run.name} | asdict(result))
    else:
        for name in result.unknown:
            echo(f"no checksum  {name}")
        for name, reason in result.damaged.items():
            echo(f"damaged      {name}: {reason}")
        echo(f"{run.name}: {len(result.whole):,} files are as they were written")
    if result.damaged:
        name, reason = next(iter(result.damaged.items()))
        more = f"; {len(result.damaged) - 1} more files" if len(result.damaged) > 1 else ""
        raise RunError(
            f"{reason}{more}",
            "restore it from a copy; findings, figures and reports can be made again",
            run.path / name,
        )


MIN_IMPROVEMENT = 0.02
"""Share by which the last epoch has to improve the validation loss for more epochs to be worth a
try. The learning rate falls to 0, so that it always improves a little: half a per cent on MNIST."""


def print_outcome(run: Run, details: Sequence[tuple[str, str]] = ()) -> None:
    """Print the summary of a run, then further (name, text) pairs."""
    rows = [*outcome(run), *details]
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        echo(f"{name:<{width}}  {text}")


def outcome(run: Run) -> list[tuple[str, str]]:
    """The data, the metrics and the durations of a run, as (name, text) pairs."""
    info = run.info
    data, results = info["data"], info.get("results", {}).get("test", {})
    evaluated = info.get("evaluated_checkpoint", {}).get("epoch")
    rows = [
        ("run", str(run.path)),
        ("status", info.get("status", "?")),
        (
            "trained on",
            f"{data['name']}: {data['train']:,} train, {data['valid']:,} valid, "
            f"{data['test']:,} test",
        ),
        *((label, f"{value}  ({note})") for label, value, note in results.get("numbers", ())),
    ]
    for other in info.get("other_data", {}).values():
        rows += [(label, f"{value}  ({note})") for label, value, note in other["numbers"]]
    if evaluated not in (None, info.get("best", {}).get("epoch")):
        rows.append(("evaluated", f"epoch {evaluated}, which is not the best one any more"))
    if best := info.get("best", {}).get("epoch"):
        rows.append(("best epoch", f"{best} of {info['config'].get('epochs', '?')}"))
    if "parameters" in info:
        rows.append(("parameters", f"{info['parameters']:,}"))
    if seconds := info.get("seconds"):
        rows.append(
            ("seconds", ", ".join(f"{name} {value:.1f}" for name, value in seconds.items()))
        )
    if cached := training_files(run):
        rows.append(("cached", cached))
    if advice := still_improving(run):
        rows.append(("try", advice))
    return rows


def still_improving(run: Run) -> str:
    """What to try if the last epoch still improved the validation loss much; else empty."""
    best, epochs = run.info.get("best", {}).get("epoch"), run.info["config"].get("epochs", 0)
    if best is None or best != epochs or not run.metrics.exists():
        return ""
    losses = run.read_metrics()["valid_loss"]
    if len(losses) < 2:
        return ""
    before, last = float(min(losses[:-1])), float(losses[-1])
    if not before > 0 or (before - last) / before < MIN_IMPROVEMENT:
        return ""
    return (
        f"--epochs {2 * epochs}: the validation loss still fell by "
        f"{100 * (before - last) / before:.0f} % in the last epoch"
    )


def training_files(run: Run) -> str:
    """The number and size of the files that training cached for `explain`; empty if none."""
    weights = [run.snapshot(epoch) for epoch in run.snapshots]
    dynamics = [run.training_dynamics_file(epoch) for epoch in run.training_dynamics_epochs]
    parts = ((weights, "weights of {} epochs"), (dynamics, "training dynamics of {} epochs"))
    return ", ".join(
        f"{text.format(len(files))} ({sum(path.stat().st_size for path in files) / 1e6:.1f} MB)"
        for files, text in parts
        if files
    )
