"""The status and the results of a group of runs, as `show`, `train` and `evaluate` print them."""

from collections.abc import Sequence
from typing import Any

from glassnet.cli.echo import echo, echo_json
from glassnet.cli.table import print_table
from glassnet.runs.group import Group
from glassnet.stats.over_seeds import Result, as_json, over_seeds


def print_group(group: Group, details: Sequence[tuple[str, str]] = ()) -> None:
    """Print what the seeds have in common, their results, and a line per seed."""
    info, members = group.info, group.members()
    data, finished = info["data"], group.runs
    rows = [
        ("group", str(group.path)),
        ("status", group.status),
        ("seeds", f"{len(finished)} of {len(group.seeds)} finished"),
        (
            "trained on",
            f"{data['name']}: {data['train']:,} train, {data['valid']:,} valid, "
            f"{data['test']:,} test",
        ),
        *((each.measure.name, result_in_words(each)) for each in over_seeds(group.test_results)),
        *details,
    ]
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        echo(f"{name:<{width}}  {text}")
    echo()
    table = [("run", "status", "best epoch", "result")]
    for seed in group.seeds:
        run = members.get(seed)
        name = f"{group.name}/{group.member(seed).name}"
        if run is None:
            table.append((name, "not started", "", ""))
            continue
        best = run.info.get("best", {}).get("epoch") or ""
        table.append((name, str(run.info.get("status", "?")), str(best), run.main_result))
    print_table(table)


def result_in_words(result: Result) -> str:
    """As `98.12 ± 0.10 %  (mean ± sd of 5 seeds, 95 % interval 97.99 to 98.25)`."""
    ends, n = result.interval(), len(result.values)
    if ends is None:
        return f"{result}  (one seed)"
    low, high = map(result.format, ends)
    return f"{result}  (mean ± sd of {n} seeds, 95 % interval {low} to {high})"


def group_json(group: Group) -> dict[str, Any]:
    """What `show --json` and `runs --json` print of a group."""
    return group.info | {
        "status": group.status,
        "results": {"test": as_json(over_seeds(group.test_results))},
        "runs": {str(seed): run.name for seed, run in group.members().items()},
    }


def print_group_json(group: Group) -> None:
    """Print it."""
    echo_json(group_json(group), indent=2)
