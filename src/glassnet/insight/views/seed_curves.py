"""Training curves over seeds: the mean with a band of one standard deviation, and every seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from glassnet.contract import Metric
from glassnet.findings import (
    ClaimRecorder,
    CurvePanel,
    Curves,
    Provenance,
    Series,
    number,
)
from glassnet.insight.views.seed_evidence import GroupEvidence
from glassnet.insight.views.seed_results import n_seeds

SECTION = "training"


def seed_curves(group: GroupEvidence) -> Iterator[Curves]:
    """Plot the metrics of all seeds over the epochs."""
    seeds, metric = group.seeds.values(), group.headline
    if len(group.seeds) < 2:
        return
    factor = 100 if metric.is_share else 1
    chosen = np.array([each.metrics[f"valid_{metric.name}"][each.best_epoch - 1] for each in seeds])
    record, name = ClaimRecorder(), f"validation {metric.text} at the chosen epoch"
    mean = number(f"mean {name}", chosen.mean(), metric.format(float(chosen.mean())), len(chosen))
    spread = factor * chosen.std(ddof=1)
    form = "{:.2f} points" if metric.is_share else f"{{:.3g}} {metric.unit}".rstrip()
    sd = number(f"standard deviation of {name}", spread, form, len(chosen))
    epochs = [each.best_epoch for each in seeds]
    first, last = (
        record(number(f"{which} chosen epoch", epoch, "{:.0f}"))
        for which, epoch in (("first", min(epochs)), ("last", max(epochs)))
    )
    when = f"epoch {first}" if min(epochs) == max(epochs) else f"epochs {first} to {last}"
    title = f"Validation {metric.text} at the chosen epochs is {record(mean)} on average, with a "
    title += f"standard deviation of {record(sd)} over {n_seeds(record, len(chosen))}"
    yield Curves(
        name="seed-curves",
        section=SECTION,
        title=title,
        summary=f"The chosen weights are from {when}. Thick lines are means over the seeds, bands "
        "are one standard deviation to either side, and each thin line is a seed.",
        provenance=Provenance(
            run=group.name,
            checkpoint="",
            split="valid",
            n=group.n_valid,
            seed=None,
            command=group.command,
        ),
        claims=record.claims,
        x_label="epoch",
        panels=tuple(
            panel(metric, {seed: each.metrics for seed, each in group.seeds.items()})
            for metric in dict.fromkeys(group.curves)
        ),
    )


def panel(metric: Metric, seeds: Mapping[int, Mapping[str, np.ndarray]]) -> CurvePanel:
    """A metric of two or more seeds over the epochs, and its mean with one standard deviation.

    Args:
        metric: a column of metrics.csv, after the split.
        seeds: seed -> the columns of its metrics.csv.
    """
    factor = 100 if metric.is_share else 1
    lines = []
    for split in ("train", "valid"):
        values = {
            f"seed {seed}, {split}": factor * columns[f"{split}_{metric.name}"]
            for seed, columns in seeds.items()
        }
        epochs = {f"seed {seed}, {split}": columns["epoch"] for seed, columns in seeds.items()}
        lines.append((split, epochs, values))
    faint = [
        Series(label=name, role=split, x=epochs[name], y=y, faint=True)
        for split, epochs, values in lines
        for name, y in values.items()
    ]
    means = [
        mean_line(split, split, list(epochs.values()), list(values.values()))
        for split, epochs, values in lines
    ]
    return CurvePanel(y_label=metric.label, series=(*faint, *means), mark=None)


def mean_line(label: str, role: str, xs: list[np.ndarray], ys: list[np.ndarray]) -> Series:
    """The mean of several lines where all of them have a value, with one standard deviation.

    Args:
        xs, ys: of each line, (n,) float; the x values of a line differ.
    """
    shared = np.array(sorted(set.intersection(*(set(x.tolist()) for x in xs))), np.float64)
    values = np.stack([y[np.isin(x, shared)] for x, y in zip(xs, ys, strict=True)])
    mean, sd = values.mean(axis=0), values.std(axis=0, ddof=1)
    return Series(label=label, role=role, x=shared, y=mean, low=mean - sd, high=mean + sd)
