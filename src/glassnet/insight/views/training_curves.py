"""Training curves: the metrics of every epoch, on training and validation examples."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Log, MakeProvenance, Metric
from glassnet.findings import (
    Claim,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Mark,
    Series,
    count,
    fraction,
    interval,
    number,
)
from glassnet.stats.intervals import wilson

SECTION = "training"


def training_curves(log: Log, provenance: MakeProvenance) -> Iterator[Curves]:
    """Plot the task's metrics and the monitored one over the epochs, with the chosen epoch."""
    n_epochs, best = len(log.metrics["epoch"]), log.best_epoch
    record, headline = ClaimRecorder(), log.headline
    value = record(_at_chosen_epoch(log, headline))
    chosen = record(number("chosen epoch, of those trained", best, f"{best} of {n_epochs}"))
    yield Curves(
        name="training-curves",
        section=SECTION,
        title=f"Validation {headline.text} is {value} at the chosen epoch ({chosen})",
        summary=_summary(log, record),
        provenance=provenance(split="valid", n=log.n_valid),
        claims=record.claims,
        x_label="epoch",
        panels=panels(log),
    )


def panels(log: Log) -> tuple[CurvePanel, ...]:
    """The loss, the task's metrics and the monitored one over the epochs."""
    return tuple(_panel(log, metric) for metric in _metrics(log))


def _metrics(log: Log) -> list[Metric]:
    """The metrics that have a panel; a metric that equals the loss takes the place of the loss."""
    values, metrics = log.metrics, list(dict.fromkeys([*log.curves, log.monitor]))
    same = [
        m for m in metrics if np.allclose(values[f"valid_{m.name}"], values["valid_loss"], 1e-5)
    ]
    if len(same) < 2:
        return metrics
    return [same[1] if metric == same[0] else metric for metric in metrics if metric != same[1]]


def _panel(log: Log, metric: Metric) -> CurvePanel:
    values, best = log.metrics, log.best_epoch
    name, factor = metric.name, 100 if metric.is_share else 1
    value = float(values[f"valid_{name}"][best - 1])
    chosen = ", chosen" if metric == log.monitor else ""
    label = f"{metric.format(value)}{chosen}"
    return CurvePanel(
        y_label=metric.label,
        series=tuple(
            Series(label=split, role=split, x=values["epoch"], y=values[f"{split}_{name}"] * factor)
            for split in ("train", "valid")
        ),
        mark=Mark(x=float(best), y=value * factor, label=label),
        boundary=log.later_phase.first_epoch - 0.5 if log.later_phase else None,
    )


def _at_chosen_epoch(log: Log, metric: Metric) -> Claim:
    """A metric on the validation split at the chosen epoch; a share comes with its interval."""
    n, epoch = log.n_valid, log.best_epoch
    value = float(log.metrics[f"valid_{metric.name}"][epoch - 1])
    claim = f"validation {metric.text} at the chosen epoch"
    if not metric.is_share:
        return number(claim, value, metric.format(value), n)
    low, high = wilson(round(value * n), n)
    return fraction(claim, value, digits=2, n=n, low=low, high=high)


def _summary(log: Log, record: ClaimRecorder) -> str:
    """State why the checkpoint was chosen, and the interval of its headline metric."""
    values, name = log.metrics, log.headline.name
    epoch = number("chosen epoch", log.best_epoch, "epoch {:.0f}")
    text = (
        f"The checkpoint of {record(epoch)} has the best validation "
        f"{log.monitor.text}, "
        f"{record(_at_chosen_epoch(log, log.monitor))}"
    )
    if log.later_phase:
        first = number("first epoch of the later phase", log.later_phase.first_epoch, "{:.0f}")
        text += f". From epoch {record(first)} on (vertical line) {log.later_phase.text}"
    if not log.headline.is_share:
        return f"{text}."
    n = record(count("validation examples", log.n_valid))
    ends = interval(_at_chosen_epoch(log, log.headline), "{:.2f} to {:.2f} %")
    text += f"; its {name}, over {n} examples, has the 95 % interval {record(ends)}"
    if values[f"train_{name}"][-1] < values[f"valid_{name}"][-1]:
        text += (
            f". Training {name} is lower because it is the mean over an epoch in which the weights "
            "still change, under augmentation and dropout where these are used"
        )
    return f"{text}."
