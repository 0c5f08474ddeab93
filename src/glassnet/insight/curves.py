"""How training went: the log as curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, Options
from glassnet.findings import CurvePanel, Curves, Mark, Series
from glassnet.insight.intervals import wilson
from glassnet.progress import number


def training_curves(evidence: Evidence, options: Options) -> Iterator[Curves]:
    """The task's metrics and the value that chose the checkpoint, for train and valid."""
    log, epochs, best = evidence.log, len(evidence.log["epoch"]), evidence.best_epoch
    names = list(dict.fromkeys([*evidence.curves, evidence.monitor]))
    same = [name for name in names if np.allclose(log[f"valid_{name}"], log["valid_loss"], 1e-5)]
    if len(same) > 1:  # the loss by another name: one panel, in its place
        names = [same[1] if name == same[0] else name for name in names if name != same[1]]
    value = log[f"valid_{evidence.headline}"][best - 1]
    yield Curves(
        name="training",
        section="training",
        title=f"Validation {NAMES.get(evidence.headline, evidence.headline)} is "
        f"{_show(evidence, evidence.headline, value)} at the chosen epoch, {best} of {epochs}",
        reading=_reading(evidence),
        receipt=evidence.receipt(split="valid", n=evidence.n_valid),
        x_label="epoch",
        panels=tuple(_panel(evidence, name) for name in names),
    )


def _panel(evidence: Evidence, name: str) -> CurvePanel:
    log, best = evidence.log, evidence.best_epoch
    factor = 100 if name in evidence.shares else 1
    unit = "%" if name in evidence.shares else UNITS.get(name)
    value = float(log[f"valid_{name}"][best - 1])
    chosen = ", chosen" if name == evidence.monitor else ""
    return CurvePanel(
        y_label=NAMES.get(name, name) + (f" ({unit})" if unit else ""),
        series=tuple(
            Series(label=part, role=part, x=log["epoch"], y=log[f"{part}_{name}"] * factor)
            for part in ("train", "valid")
        ),
        mark=Mark(x=float(best), y=value * factor, label=f"{_show(evidence, name, value)}{chosen}"),
    )


def _reading(evidence: Evidence) -> str:
    log, best, name = evidence.log, evidence.best_epoch, evidence.headline
    monitored = float(log[f"valid_{evidence.monitor}"][best - 1])
    words = (
        f"The checkpoint of epoch {best} has the best validation "
        f"{NAMES.get(evidence.monitor, evidence.monitor)}, "
        f"{_show(evidence, evidence.monitor, monitored)}"
    )
    if name in evidence.shares:
        n = evidence.n_valid
        low, high = wilson(round(float(log[f"valid_{name}"][best - 1]) * n), n)
        words += (
            f"; its {name} there, over {n:,} examples, has the 95 % interval "
            f"{100 * low:.2f} to {100 * high:.2f} %"
        )
    gap = np.sign(log[f"train_{name}"][-1] - log[f"valid_{name}"][-1])
    if gap < 0 and name in evidence.shares:
        words += (
            f". Training {name} lies below because it is the mean over an epoch in which the "
            "weights still move, with whatever makes training harder (augmentation, dropout)"
        )
    return words + "."


def _show(evidence: Evidence, name: str, value: float) -> str:
    if name in evidence.shares:
        return f"{100 * value:.2f} %"
    return f"{number(value)} {UNITS[name]}" if name in UNITS else number(value)


NAMES = {
    "bce": "binary cross-entropy",
    "bound": "−ELBO",
    "kl": "KL",
}
UNITS = {"bound": "nats", "reconstruction": "nats", "kl": "nats"}
