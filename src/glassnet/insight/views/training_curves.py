"""Training curves: the metrics of every epoch, on training and validation examples."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions, Metric
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


def training_curves(evidence: Evidence, options: ExplainOptions) -> Iterator[Curves]:
    """Plot the task's metrics and the monitored one over the epochs, with the chosen epoch."""
    n_epochs, best = len(evidence.log["epoch"]), evidence.best_epoch
    record, headline = ClaimRecorder(), evidence.headline
    value = record(_at_chosen_epoch(evidence, headline))
    chosen = record(number("chosen epoch, of those trained", best, f"{best} of {n_epochs}"))
    yield Curves(
        name="training-curves",
        section="training",
        title=f"Validation {headline.text} is {value} at the chosen epoch ({chosen})",
        summary=_summary(evidence, record),
        provenance=evidence.provenance(split="valid", n=evidence.n_valid),
        claims=record.claims,
        x_label="epoch",
        panels=tuple(_panel(evidence, metric) for metric in _metrics(evidence)),
    )


def _metrics(evidence: Evidence) -> list[Metric]:
    """The metrics that have a panel; a metric that equals the loss takes the place of the loss."""
    log, metrics = evidence.log, list(dict.fromkeys([*evidence.curves, evidence.monitor]))
    same = [m for m in metrics if np.allclose(log[f"valid_{m.name}"], log["valid_loss"], 1e-5)]
    if len(same) < 2:
        return metrics
    return [same[1] if metric == same[0] else metric for metric in metrics if metric != same[1]]


def _panel(evidence: Evidence, metric: Metric) -> CurvePanel:
    log, best = evidence.log, evidence.best_epoch
    name, factor = metric.name, 100 if metric.is_share else 1
    value = float(log[f"valid_{name}"][best - 1])
    chosen = ", chosen" if metric == evidence.monitor else ""
    label = f"{metric.format(value)}{chosen}"
    return CurvePanel(
        y_label=metric.label,
        series=tuple(
            Series(
                label=split, role=split, x=log["epoch"], y=log[f"{split}_{metric.name}"] * factor
            )
            for split in ("train", "valid")
        ),
        mark=Mark(x=float(best), y=value * factor, label=label),
    )


def _at_chosen_epoch(evidence: Evidence, metric: Metric) -> Claim:
    """A metric on the validation split at the chosen epoch; a share comes with its interval."""
    n, epoch = evidence.n_valid, evidence.best_epoch
    value = float(evidence.log[f"valid_{metric.name}"][epoch - 1])
    claim = f"validation {metric.text} at the chosen epoch"
    if not metric.is_share:
        return number(claim, value, metric.format(value), n)
    low, high = wilson(round(value * n), n)
    return fraction(claim, value, digits=2, n=n, low=low, high=high)


def _summary(evidence: Evidence, record: ClaimRecorder) -> str:
    """State why the checkpoint was chosen, and the interval of its headline metric."""
    log, name = evidence.log, evidence.headline.name
    epoch = number("chosen epoch", evidence.best_epoch, "epoch {:.0f}")
    text = (
        f"The checkpoint of {record(epoch)} has the best validation "
        f"{evidence.monitor.text}, "
        f"{record(_at_chosen_epoch(evidence, evidence.monitor))}"
    )
    if not evidence.headline.is_share:
        return f"{text}."
    n = record(count("validation examples", evidence.n_valid))
    ends = interval(_at_chosen_epoch(evidence, evidence.headline), "{:.2f} to {:.2f} %")
    text += f"; its {name}, over {n} examples, has the 95 % interval {record(ends)}"
    if log[f"train_{name}"][-1] < log[f"valid_{name}"][-1]:
        text += (
            f". Training {name} is lower because it is the mean over an epoch in which the weights "
            "still change, under augmentation and dropout where these are used"
        )
    return f"{text}."
