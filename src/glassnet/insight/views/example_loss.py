"""Example loss: when an image generator learned each training example, by its negative ELBO."""

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.contract import Evidence, ExampleLoss, ExplainOptions
from glassnet.findings import (
    Claim,
    CurvePanel,
    Curves,
    Examples,
    Finding,
    Scatter,
    Series,
    Table,
    claims,
)
from glassnet.insight.measures.example_loss import LossDynamics, loss_dynamics
from glassnet.insight.views.label_issues import TABLE_SIZE
from glassnet.insight.views.prediction_depth import prediction_depth
from glassnet.insight.views.training_examples import (
    GALLERY_SIZE,
    data_map,
    gallery,
    map_positions,
)

QUANTILES = (0.1, 0.5, 0.9)


def example_loss(evidence: Evidence, options: ExplainOptions) -> Iterator[Finding | Examples]:
    """Show when each training example was learned, by epoch and by layer, with examples.

    There is nothing to show if training recorded no losses.
    """
    recorded = evidence.training_dynamics
    if not isinstance(recorded, ExampleLoss) or recorded.nats.shape[1] != len(evidence.train):
        return
    dynamics = loss_dynamics(recorded)
    yield _curves(evidence, recorded, dynamics)
    yield from prediction_depth(evidence, options)
    yield from _data_map(evidence, dynamics, options)
    yield from _galleries(evidence, dynamics)
    yield _table(evidence, dynamics)


def _curves(evidence: Evidence, recorded: ExampleLoss, dynamics: LossDynamics) -> Curves:
    epochs, n = recorded.epochs, len(dynamics.mean)
    levels = np.quantile(recorded.nats, QUANTILES, axis=1)
    learned = np.array([(dynamics.learned_epoch <= epoch).mean() for epoch in epochs])
    half = int(epochs[(learned >= 0.5).argmax()])
    by = claims.number("epoch by which half are learned", half, f"epoch {half}", n)
    total = claims.number("training examples", n, f"{n:,}", n)
    first, last = (_nats(f"median loss in epoch {epochs[k]}", levels[1, k], n) for k in (0, -1))
    top = _nats(f"loss of the costliest 10 % in epoch {epochs[-1]}, at least", levels[2, -1], n)
    forgotten = claims.share("forgotten at least once", int((dynamics.n_forgotten > 0).sum()), n)
    names = ("10 % quantile", "median", "90 % quantile")
    return Curves(
        name="training-dynamics",
        section="examples",
        title=f"Half of the training examples are learned by {by.formatted}",
        summary=f"The median loss of {total.formatted} training examples is {first.formatted} in "
        f"the first epoch and {last.formatted} in the last one; the costliest 10 % have "
        f"{top.formatted} or more. An example is learned once its loss stays within a tenth of its "
        f"whole fall of its last loss. For {forgotten.formatted}, the loss rose by more than a "
        "tenth in some epoch. Losses are those before each step, on the codes sampled then.",
        provenance=evidence.provenance(split="train", n=n),
        claims=(by, total, first, last, top, forgotten),
        x_label="epoch",
        panels=(
            CurvePanel(
                y_label="loss (nats)",
                series=tuple(
                    Series(label=label, role=role, x=epochs, y=level)
                    for label, role, level in zip(
                        names, ("first", "train", "second"), levels, strict=True
                    )
                ),
                mark=None,
            ),
            CurvePanel(
                y_label="training examples (%)",
                series=(Series(label="learned", role="valid", x=epochs, y=100 * learned),),
                mark=None,
            ),
        ),
    )


def _data_map(
    evidence: Evidence, dynamics: LossDynamics, options: ExplainOptions
) -> Iterator[Examples | Scatter]:
    """Map the examples by the mean and the standard deviation of their loss."""
    labels, names = evidence.train.labels, evidence.class_names
    title, summary, recorded = _by_class(dynamics, labels, names)
    yield from data_map(
        evidence,
        map_positions(-dynamics.mean, options.seed),
        np.stack([dynamics.std, dynamics.mean], axis=1),
        options.seed,
        title=title,
        summary="Mean loss of an example over the epochs (up) against its standard deviation "
        "(right): easy examples are at the bottom, those whose loss fell most to the right. "
        f"{summary}",
        recorded=recorded,
        label="mean and spread of the loss",
        axes=("standard deviation of the loss (nats)", "mean loss (nats)"),
        groups=labels,
        group_names=names,
    )


def _by_class(
    dynamics: LossDynamics, labels: np.ndarray, names: Sequence[str]
) -> tuple[str, str, tuple[Claim, ...]]:
    """Write title and summary about the classes with the lowest and the highest mean loss."""
    present = np.unique(labels)
    if len(present) < 2:
        return "Mean and spread of each training example's loss", "", ()
    means = [float(dynamics.mean[labels == k].mean()) for k in present]
    recorded = []
    for place in (int(np.argmin(means)), int(np.argmax(means))):
        name, n = names[present[place]], int((labels == present[place]).sum())
        recorded.append((name, _nats(f"mean loss of {name}", means[place], n)))
    (easiest, low), (hardest, high) = recorded
    return (
        f"The class {hardest} has the highest mean loss, {easiest} the lowest",
        f"The mean loss is {high.formatted} for {hardest}, {low.formatted} for {easiest}. ",
        (low, high),
    )


def _galleries(evidence: Evidence, dynamics: LossDynamics) -> Iterator[Finding]:
    """Show the examples with the lowest loss, learned last, forgotten most, with the highest."""
    order = np.argsort(dynamics.mean, kind="stable")
    late = np.lexsort((-dynamics.std, -dynamics.learned_epoch))
    late = late[dynamics.learned_epoch[late] > 1]
    often = np.lexsort((-dynamics.mean, -dynamics.n_forgotten))
    often = often[dynamics.n_forgotten[often] > 0]
    for name, title, summary, chosen in (
        ("learned-early", "Lowest loss", "The lowest mean loss of all.", order),
        ("learned-late", "Learned last", "The latest of all, with the greatest fall.", late),
        ("forgotten", "Forgotten most often", "The loss rose in more epochs than others'.", often),
        (
            "label-issues",
            "Highest loss",
            "The highest mean loss of all: unusual, damaged, or simply detailed.",
            order[::-1],
        ),
    ):
        if len(chosen):
            yield _gallery(evidence, dynamics, name, title, summary, chosen[:GALLERY_SIZE])


def _gallery(
    evidence: Evidence,
    dynamics: LossDynamics,
    name: str,
    title: str,
    summary: str,
    chosen: np.ndarray,
) -> Finding:
    means = [
        _nats("mean loss over the epochs", dynamics.mean[k], len(dynamics.mean)) for k in chosen
    ]
    captions = [
        f"{evidence.class_names[label]}, {claim.formatted}"
        for label, claim in zip(evidence.train.labels[chosen], means, strict=True)
    ]
    return gallery(evidence, name, title, summary, chosen, captions, tuple(dict.fromkeys(means)))


def _table(evidence: Evidence, dynamics: LossDynamics) -> Table:
    """List the examples with the highest mean loss."""
    order = np.argsort(-dynamics.mean, kind="stable")[:TABLE_SIZE]
    split = evidence.train.take(order)
    n = claims.number("examples listed", len(order), f"{len(order):,}", len(order))
    lowest = _nats("mean loss of the last one listed", dynamics.mean[order[-1]], len(order))
    return Table(
        name="label-issues-table",
        section="examples",
        title=f"The {n.formatted} training examples with the highest loss have {lowest.formatted} "
        "or more",
        summary="By mean loss over the epochs, highest first. An example's number is its position "
        "in the file or folder that it comes from.",
        provenance=evidence.provenance(split="train", n=len(dynamics.mean)),
        claims=(n, lowest),
        columns=("example", "class", "mean loss (nats)", "spread (nats)", "learned", "forgotten"),
        formats=(",d", "", ".1f", ".1f", ",d", ",d"),
        rows=tuple(
            (
                int(split.ids[row]),
                evidence.class_names[split.labels[row]],
                float(dynamics.mean[k]),
                float(dynamics.std[k]),
                int(dynamics.learned_epoch[k]),
                int(dynamics.n_forgotten[k]),
            )
            for row, k in enumerate(order)
        ),
    )


def _nats(name: str, value: float, n: int) -> Claim:
    return claims.number(name, value, "{:.1f} nats", n)
