"""Example loss: when an image generator learned each training example, by its negative ELBO."""

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.contract import Cache, Data, ExampleLoss, ExplainOptions, Log, MakeProvenance, Model
from glassnet.findings import (
    Claim,
    ClaimRecorder,
    CurvePanel,
    Curves,
    Examples,
    Finding,
    Scatter,
    Series,
    Table,
    count,
    number,
    share,
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
from glassnet.stats.comparisons import means_differ, stands_out

SECTION = "examples"

QUANTILES = (0.1, 0.5, 0.9)


def example_loss(
    data: Data,
    model: Model,
    log: Log,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Finding | Examples]:
    """Show when each training example was learned, by epoch and by layer, with examples.

    There is nothing to show if training recorded no losses.
    """
    recorded = log.training_dynamics
    if not isinstance(recorded, ExampleLoss) or recorded.nats.shape[1] != len(data.train):
        return
    dynamics = loss_dynamics(recorded)
    yield _curves(provenance, recorded, dynamics)
    yield from prediction_depth(data, model, cache, provenance, options)
    yield from _data_map(data, provenance, dynamics, options)
    yield from _galleries(data, provenance, dynamics)
    yield _table(data, provenance, dynamics)


def _curves(provenance: MakeProvenance, recorded: ExampleLoss, dynamics: LossDynamics) -> Curves:
    epochs, n = recorded.epochs, len(dynamics.mean)
    levels = np.quantile(recorded.nats, QUANTILES, axis=1)
    learned = np.array([(dynamics.learned_epoch <= epoch).mean() for epoch in epochs])
    half = int(epochs[(learned >= 0.5).argmax()])
    record = ClaimRecorder()
    by = number("epoch by which half are learned", half, "epoch {:.0f}", n)
    first, last = (
        record(_nats("median loss", levels[1, k], n, epoch=int(epochs[k]))) for k in (0, -1)
    )
    top = _nats("least loss of the costliest 10 %", levels[2, -1], n, epoch=int(epochs[-1]))
    forgotten = share("forgotten at least once", int((dynamics.n_forgotten > 0).sum()), n)
    names = ("10 % quantile", "median", "90 % quantile")
    return Curves(
        name="training-dynamics",
        section=SECTION,
        title=f"Half of the training examples are learned by {record(by)}",
        summary=f"The median loss of {record(count('training examples', n, n=n))} training "
        f"examples is {first} in the first epoch and {last} in the last one; the costliest 10 % "
        f"have {record(top)} or more. An example is learned once its loss stays within a tenth of "
        f"its whole fall of its last loss. For {record(forgotten)}, the loss rose by more than a "
        "tenth in some epoch. Losses are those before each step, on the codes sampled then.",
        provenance=provenance(split="train", n=n),
        claims=record.claims,
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
    data: Data, provenance: MakeProvenance, dynamics: LossDynamics, options: ExplainOptions
) -> Iterator[Examples | Scatter]:
    """Map the examples by the mean and the standard deviation of their loss."""
    labels, names, record = data.train.labels, data.class_names, ClaimRecorder()
    title, summary = _by_class(record, dynamics, labels, names)
    yield from data_map(
        data,
        provenance,
        map_positions(-dynamics.mean, options.seed),
        np.stack([dynamics.std, dynamics.mean], axis=1),
        options.seed,
        record=record,
        title=title,
        summary="Mean loss of an example over the epochs (up) against its standard deviation "
        "(right): easy examples are at the bottom, those whose loss fell most to the right. "
        f"{summary}",
        label="mean and spread of the loss",
        axes=("standard deviation of the loss (nats)", "mean loss (nats)"),
        groups=labels,
        group_names=names,
    )


def _by_class(
    record: ClaimRecorder, dynamics: LossDynamics, labels: np.ndarray, names: Sequence[str]
) -> tuple[str, str]:
    """Write title and summary about the classes with the lowest and the highest mean loss."""
    present = np.unique(labels)
    if len(present) < 2:
        return "Mean and spread of each training example's loss", ""
    losses = [dynamics.mean[labels == k] for k in present]
    means = [float(each.mean()) for each in losses]
    stated = []
    for place in (int(np.argmin(means)), int(np.argmax(means))):
        name, n = names[present[place]], int((labels == present[place]).sum())
        stated.append((name, record(_nats(f"mean loss of {name}", means[place], n))))
    (easiest, low), (hardest, high) = stated
    is_easiest, is_hardest = (
        stands_out([_differ(losses[place], other) for k, other in enumerate(losses) if k != place])
        for place in (int(np.argmin(means)), int(np.argmax(means)))
    )
    title = {
        (True, True): f"The class {hardest} has the highest mean loss, {easiest} the lowest",
        (False, True): f"The class {hardest} has the highest mean loss",
        (True, False): f"The class {easiest} has the lowest mean loss",
        (False, False): "No class has a clearly higher mean loss than the others",
    }[is_easiest, is_hardest]
    return title, (
        f"The mean loss is {high} for {hardest}, {low} for {easiest}; each is compared with those "
        "of all other classes (z-test at the 5 % level, Holm's correction). "
    )


def _differ(one: np.ndarray, other: np.ndarray) -> float:
    """The p value of two classes' mean losses."""
    error = np.sqrt(one.var() / len(one) + other.var() / len(other))
    return means_differ(float(one.mean() - other.mean()), float(error))


def _galleries(data: Data, provenance: MakeProvenance, dynamics: LossDynamics) -> Iterator[Finding]:
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
            yield _gallery(data, provenance, dynamics, name, title, summary, chosen[:GALLERY_SIZE])


def _gallery(
    data: Data,
    provenance: MakeProvenance,
    dynamics: LossDynamics,
    name: str,
    title: str,
    summary: str,
    chosen: np.ndarray,
) -> Finding:
    record, n = ClaimRecorder(), len(dynamics.mean)
    captions = [
        f"{data.class_names[data.train.labels[k]]}, "
        f"{record(_nats('mean loss over the epochs', dynamics.mean[k], n))}"
        for k in chosen
    ]
    return gallery(data, provenance, record, name, title, summary, chosen, captions)


def _table(data: Data, provenance: MakeProvenance, dynamics: LossDynamics) -> Table:
    """List the examples with the highest mean loss."""
    order = np.argsort(-dynamics.mean, kind="stable")[:TABLE_SIZE]
    split, n, record = data.train.take(order), len(order), ClaimRecorder()
    lowest = _nats("mean loss of the last one listed", dynamics.mean[order[-1]], n)
    return Table(
        name="label-issues-table",
        section=SECTION,
        title=f"The {record(count('examples listed', n, n=n))} training examples with the highest "
        f"loss have {record(lowest)} or more",
        summary="By mean loss over the epochs, highest first. An example's number is its position "
        "in the file or folder that it comes from.",
        provenance=provenance(split="train", n=len(dynamics.mean)),
        claims=record.claims,
        columns=("example", "class", "mean loss (nats)", "spread (nats)", "learned", "forgotten"),
        formats=(",d", "", ".1f", ".1f", ",d", ",d"),
        rows=tuple(
            (
                int(split.ids[row]),
                data.class_names[split.labels[row]],
                float(dynamics.mean[k]),
                float(dynamics.std[k]),
                int(dynamics.learned_epoch[k]),
                int(dynamics.n_forgotten[k]),
            )
            for row, k in enumerate(order)
        ),
    )


def _nats(name: str, value: float, n: int, epoch: int | None = None) -> Claim:
    return number(name, value, "{:.1f} nats", n, epoch=epoch)
