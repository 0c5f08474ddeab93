"""How training went: the log as curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Claim, ClaimRecorder, CurvePanel, Curves, Mark, Series
from glassnet.findings.claims import count, fraction, interval
from glassnet.findings.claims import number as claimed
from glassnet.progress import number
from glassnet.stats.intervals import wilson


def training_curves(evidence: Evidence, options: ExplainOptions) -> Iterator[Curves]:
    """The task's metrics and the value that chose the checkpoint, for train and valid."""
    log, epochs, best = evidence.log, len(evidence.log["epoch"]), evidence.best_epoch
    names = list(dict.fromkeys([*evidence.curves, evidence.monitor]))
    same = [name for name in names if np.allclose(log[f"valid_{name}"], log["valid_loss"], 1e-5)]
    if len(same) > 1:  # the loss by another name: one panel, in its place
        names = [same[1] if name == same[0] else name for name in names if name != same[1]]
    record = ClaimRecorder()
    headline = record(_validated(evidence, evidence.headline))
    chosen = record(claimed("chosen epoch, of those trained", best, f"{best} of {epochs}"))
    yield Curves(
        name="training-curves",
        section="training",
        title=f"Validation {NAMES.get(evidence.headline, evidence.headline)} is {headline} "
        f"at the chosen epoch, {chosen}",
        summary=_summary(evidence, record),
        provenance=evidence.provenance(split="valid", n=evidence.n_valid),
        claims=record.claims,
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


def _validated(evidence: Evidence, name: str) -> Claim:
    """A metric on the validation split at the chosen epoch; a share has its interval."""
    value, n = float(evidence.log[f"valid_{name}"][evidence.best_epoch - 1]), evidence.n_valid
    what = f"validation {NAMES.get(name, name)} at the chosen epoch"
    if name not in evidence.shares:
        return claimed(what, value, _show(evidence, name, value), n)
    low, high = wilson(round(value * n), n)
    return fraction(what, value, digits=2, n=n, low=low, high=high)


def _summary(evidence: Evidence, record: ClaimRecorder) -> str:
    log, name = evidence.log, evidence.headline
    words = (
        f"The checkpoint of {record(claimed('chosen epoch', evidence.best_epoch, 'epoch {:.0f}'))} "
        f"has the best validation {NAMES.get(evidence.monitor, evidence.monitor)}, "
        f"{record(_validated(evidence, evidence.monitor))}"
    )
    if name in evidence.shares:
        ends = interval(_validated(evidence, name), "{:.2f} to {:.2f} %")
        words += (
            f"; its {name} there, over {record(count('validation examples', evidence.n_valid))} "
            f"examples, has the 95 % interval {record(ends)}"
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
    "negative_elbo": "−ELBO",
    "kl": "KL",
}
UNITS = {"negative_elbo": "nats", "reconstruction": "nats", "kl": "nats"}
