"""Training curves: the metrics of every epoch, on training and validation examples."""

from collections.abc import Iterator

import numpy as np

from glassnet import progress
from glassnet.contract import Evidence, ExplainOptions
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

NAMES = {"bce": "binary cross-entropy", "negative_elbo": "−ELBO", "kl": "KL"}
"""Metric -> its name in titles and labels, where the two differ."""

UNITS = {"negative_elbo": "nats", "reconstruction": "nats", "kl": "nats"}
"""Metric -> its unit."""


def training_curves(evidence: Evidence, options: ExplainOptions) -> Iterator[Curves]:
    """Plot the task's metrics and the monitored one over the epochs, with the chosen epoch."""
    n_epochs, best = len(evidence.log["epoch"]), evidence.best_epoch
    record, headline = ClaimRecorder(), evidence.headline
    value = record(_at_chosen_epoch(evidence, headline))
    chosen = record(number("chosen epoch, of those trained", best, f"{best} of {n_epochs}"))
    yield Curves(
        name="training-curves",
        section="training",
        title=f"Validation {NAMES.get(headline, headline)} is {value} at the chosen epoch "
        f"({chosen})",
        summary=_summary(evidence, record),
        provenance=evidence.provenance(split="valid", n=evidence.n_valid),
        claims=record.claims,
        x_label="epoch",
        panels=tuple(_panel(evidence, name) for name in _metrics(evidence)),
    )


def _metrics(evidence: Evidence) -> list[str]:
    """The metrics that have a panel; a metric that equals the loss takes the place of the loss."""
    log, names = evidence.log, list(dict.fromkeys([*evidence.curves, evidence.monitor]))
    same = [name for name in names if np.allclose(log[f"valid_{name}"], log["valid_loss"], 1e-5)]
    if len(same) < 2:
        return names
    return [same[1] if name == same[0] else name for name in names if name != same[1]]


def _panel(evidence: Evidence, name: str) -> CurvePanel:
    log, best = evidence.log, evidence.best_epoch
    factor = 100 if name in evidence.percentages else 1
    unit = "%" if name in evidence.percentages else UNITS.get(name)
    value = float(log[f"valid_{name}"][best - 1])
    chosen = ", chosen" if name == evidence.monitor else ""
    label = f"{_formatted(evidence, name, value)}{chosen}"
    return CurvePanel(
        y_label=NAMES.get(name, name) + (f" ({unit})" if unit else ""),
        series=tuple(
            Series(label=split, role=split, x=log["epoch"], y=log[f"{split}_{name}"] * factor)
            for split in ("train", "valid")
        ),
        mark=Mark(x=float(best), y=value * factor, label=label),
    )


def _at_chosen_epoch(evidence: Evidence, name: str) -> Claim:
    """A metric on the validation split at the chosen epoch; a share comes with its interval."""
    value, n = float(evidence.log[f"valid_{name}"][evidence.best_epoch - 1]), evidence.n_valid
    claim = f"validation {NAMES.get(name, name)} at the chosen epoch"
    if name not in evidence.percentages:
        return number(claim, value, _formatted(evidence, name, value), n)
    low, high = wilson(round(value * n), n)
    return fraction(claim, value, digits=2, n=n, low=low, high=high)


def _summary(evidence: Evidence, record: ClaimRecorder) -> str:
    """State why the checkpoint was chosen, and the interval of its headline metric."""
    log, name = evidence.log, evidence.headline
    epoch = number("chosen epoch", evidence.best_epoch, "epoch {:.0f}")
    text = (
        f"The checkpoint of {record(epoch)} has the best validation "
        f"{NAMES.get(evidence.monitor, evidence.monitor)}, "
        f"{record(_at_chosen_epoch(evidence, evidence.monitor))}"
    )
    if name not in evidence.percentages:
        return f"{text}."
    n = record(count("validation examples", evidence.n_valid))
    ends = interval(_at_chosen_epoch(evidence, name), "{:.2f} to {:.2f} %")
    text += f"; its {name}, over {n} examples, has the 95 % interval {record(ends)}"
    if log[f"train_{name}"][-1] < log[f"valid_{name}"][-1]:
        text += (
            f". Training {name} is lower because it is the mean over an epoch in which the weights "
            "still change, under augmentation and dropout where these are used"
        )
    return f"{text}."


def _formatted(evidence: Evidence, name: str, value: float) -> str:
    if name in evidence.percentages:
        return f"{100 * value:.2f} %"
    text = progress.number(value)
    return f"{text} {UNITS[name]}" if name in UNITS else text
