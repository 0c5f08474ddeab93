"""What differs in the configurations of the sides, and their training curves over each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from glassnet.comparison.sides import Side
from glassnet.contract import Metric
from glassnet.findings import (
    Cell,
    Claim,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Provenance,
    Series,
    Table,
    number,
)
from glassnet.stats.intervals import t_interval

N_NAMED = 4
"""Settings that a title names."""


def configuration(sides: Sequence[Side], provenance: Provenance) -> Table | None:
    """Tabulate the settings in which the sides differ; None if they differ in none.

    Of networks of different tasks, the settings that all of them have.
    """
    described = [_settings(side) for side in sides]
    common = [name for name in described[0] if all(name in each for each in described)]
    differing = [name for name in common if len({each[name] for each in described}) > 1]
    if not differing:
        return None
    record = ClaimRecorder()
    n = record(number("settings that differ", len(differing), "{:.0f}"))
    settings = f"{n} setting{'' if len(differing) == 1 else 's'}"
    of_some = {name for each in described for name in each} - set(common)
    others = ""
    if of_some:
        count = record(number("settings that not all have", len(of_some), "{:.0f}"))
        others = f" {count} more belong to some of the tasks only."
    shown = ", ".join(differing[:N_NAMED]) + (", …" if len(differing) > N_NAMED else "")
    verb = "differs" if len(differing) == 1 else "differ"
    return Table(
        name="configuration",
        section="network",
        title=f"{settings} {verb}: {shown}",
        summary="Data, network, settings of the training, versions and machine; what is equal is "
        f"left out.{others}",
        provenance=provenance,
        claims=record.claims,
        columns=("setting", *(side.label for side in sides)),
        formats=("",) * (1 + len(sides)),
        rows=tuple(_row(name, described) for name in differing),
    )


def _row(name: str, described: Sequence[Mapping[str, str]]) -> tuple[Cell, ...]:
    return name, *(each[name] for each in described)


def _settings(side: Side) -> dict[str, str]:
    """What a side was made from, by name, as text."""
    info = side.first.run.info
    data, config = info["data"], dict(info["config"])
    if side.is_group:
        config["seed"] = side.seeds
    hardware = info.get("hardware") or {}
    config["data"] = data["name"]
    best = info.get("best", {}).get("epoch")
    values: dict[str, Any] = {
        "task": info["task"],
        "preset": info.get("preset"),
        **config,
        "data fingerprint": str(data.get("fingerprint", ""))[:12],
        "training examples": data.get("train"),
        "validation examples": data.get("valid"),
        "test examples": data.get("test"),
        "classes": len(data.get("class_names") or ()),
        "parameters": info.get("parameters"),
        "epochs trained": info.get("epochs_done"),
        "chosen epoch": None if side.is_group else best,
        **{f"version of {name}": each for name, each in (info.get("versions") or {}).items()},
        "commit": info.get("git"),
        "device": hardware.get("device"),
        "processor": hardware.get("processor"),
    }
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def curves(sides: Sequence[Side], provenance: Provenance) -> Curves | None:
    """Lay the curves of all sides over each other, a panel per metric; None if none is shared.

    Of a group it shows the mean over its runs, with the interval over seeds.
    """
    drawn = [side for side in sides if _has_epochs(side)]
    if len(drawn) < 2:
        return None
    panels = tuple(_panels(drawn))
    if not panels:
        return None
    record = ClaimRecorder()
    headline = drawn[0].first.log.headline
    values = [
        f"{record(_best(side, headline))} for {side.label}"
        for side in drawn
        if headline in side.first.task.metrics
    ]
    groups = any(side.is_group for side in drawn)
    return Curves(
        name="training-curves",
        section="training",
        title=f"Validation {headline.text} over the epochs",
        summary=f"Validation {headline.text} at the chosen epoch: {', '.join(values)}. Training "
        "curves are means over an epoch in which the weights still change."
        + (" Bands are 95 % intervals over the seeds of a group." if groups else ""),
        provenance=provenance,
        claims=record.claims,
        x_label="epoch",
        panels=panels,
    )


def _has_epochs(side: Side) -> bool:
    return all(int(each.run.info.get("epochs_done", 0)) > 0 for each in side.evidence)


def _panels(sides: Sequence[Side]) -> Iterator[CurvePanel]:
    first = sides[0].first
    same_task = len({side.first.task.name for side in sides}) == 1
    metrics: list[Metric] = [
        metric
        for metric in dict.fromkeys((first.log.headline, *first.log.curves))
        if all(metric in (*side.first.task.metrics, first.task.metric("loss")) for side in sides)
        and (same_task or metric.name != "loss")
    ]
    if metrics and all(_loss_is_headline(side) for side in sides):
        metrics = [metric for metric in metrics if metric.name != "loss"]
    for split, title in (("valid", "validation"), ("train", "training")):
        for metric in metrics:
            yield CurvePanel(
                y_label=f"{title} {metric.label}",
                series=tuple(_series(side, metric, split) for side in sides),
                mark=None,
            )


def _loss_is_headline(side: Side) -> bool:
    """Whether the loss has the values of the main metric, which is drawn as well."""
    values, name = side.first.log.metrics, side.first.log.headline.name
    return bool(np.allclose(values[f"valid_{name}"], values["valid_loss"], 1e-5))


def _series(side: Side, metric: Metric, split: str) -> Series:
    factor, column = 100 if metric.is_share else 1, f"{split}_{metric.name}"
    runs = [factor * each.log.metrics[column] for each in side.evidence]
    n_epochs = min(map(len, runs))
    values = np.array([each[:n_epochs] for each in runs])
    low = high = None
    if side.is_group:
        low, high = np.array([t_interval(each.tolist()) for each in values.T]).T
        if metric.is_share:
            low, high = low.clip(0, 100), high.clip(0, 100)
    return Series(
        label=side.label,
        role=side.role,
        x=side.first.log.metrics["epoch"][:n_epochs],
        y=values.mean(axis=0),
        low=low,
        high=high,
    )


def _best(side: Side, metric: Metric) -> Claim:
    """The metric at the chosen epoch of the first run, or its mean over the runs of a group."""
    values = [
        float(each.log.metrics[f"valid_{metric.name}"][each.log.best_epoch - 1])
        for each in side.evidence
    ]
    name = f"validation {metric.text} at the chosen epoch of {side.label}"
    return number(
        name, np.mean(values), metric.format(float(np.mean(values))), side.first.log.n_valid
    )
