"""When a generator learned each training example: what it cost in nats, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.contract import Evidence, ExampleLoss, ExplainOptions
from glassnet.findings import (
    Claim,
    CurvePanel,
    Curves,
    Examples,
    Finding,
    Scatter,
    ScatterPanel,
    Series,
    Table,
    claims,
)
from glassnet.insight.views.training_dynamics import (
    LISTED,
    SHOWN,
    depth,
    examples_of,
    gallery,
    on_map,
)

NEAR = 0.1
"""Share of its whole fall by which an example's cost may lie above its last one once learned."""

RISE = 0.1
"""Share of its cost by which an example has to become dearer in an epoch to count as forgotten."""

QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Course:
    """How the costs of the training examples went; all arrays are (n,).

    Attributes:
        first: the epoch from which on an example costs no more than its last cost and `NEAR` of
            its fall, which is from its cost in the first epoch to the last one.
        forgotten: in how many epochs it became dearer by more than `RISE`.
        mean, spread: mean and standard deviation of its cost over the epochs, in nats.
    """

    first: np.ndarray
    forgotten: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


def course(costs: ExampleLoss) -> Course:
    """Each example's costs through the epochs.

    Example:
        >>> nats = np.array([[200.0, 90.0], [95.0, 120.0], [100.0, 80.0]])
        >>> found = course(Costs(np.arange(1, 4), nats))
        >>> found.first.tolist(), found.forgotten.tolist()
        ([2, 3], [0, 1])
    """
    nats = costs.nats
    fall = np.maximum(nats[0] - nats[-1], 0)
    near = nats <= nats[-1] + NEAR * fall
    lasting = np.logical_and.accumulate(near[::-1]).sum(axis=0)
    return Course(
        first=costs.epochs[len(nats) - lasting],
        forgotten=(nats[1:] > (1 + RISE) * nats[:-1]).sum(axis=0),
        mean=nats.mean(axis=0),
        spread=nats.std(axis=0),
    )


def example_loss(evidence: Evidence, options: ExplainOptions) -> Iterator[Finding | Examples]:
    """When and where each training example was learned; nothing where that was not kept."""
    seen = evidence.learning
    if not isinstance(seen, ExampleLoss) or seen.nats.shape[1] != len(evidence.train):
        return
    found = course(seen)
    yield _curves(evidence, seen, found)
    yield from depth(evidence, options)
    yield from _map(evidence, found, options)
    yield from _galleries(evidence, found)
    yield _table(evidence, found)


def _curves(evidence: Evidence, seen: ExampleLoss, found: Course) -> Curves:
    epochs, n = seen.epochs, len(found.mean)
    levels = np.quantile(seen.nats, QUANTILES, axis=1)
    reached = np.array([(found.first <= epoch).mean() for epoch in epochs])
    half = int(epochs[(reached >= 0.5).argmax()])
    by = claims.number("epoch by which half are learned", half, f"epoch {half}", n)
    total = claims.number("training examples", n, f"{n:,}", n)
    ends = [_nats(f"median cost in epoch {epochs[k]}", levels[1, k], n) for k in (0, -1)]
    dear = _nats(f"cost of the dearest tenth in epoch {epochs[-1]}, at least", levels[2, -1], n)
    forgot = claims.share("forgotten at least once", int((found.forgotten > 0).sum()), n)
    return Curves(
        name="training-dynamics",
        section="examples",
        title=f"Half of the training examples are learned by {by.formatted}",
        summary=f"The median of {total.formatted} examples costs {ends[0].formatted} in the first epoch "
        f"and {ends[1].formatted} in the last one, the dearest tenth {dear.formatted} or more. Learned is "
        "what has come within a tenth of its whole fall to its last cost, and stays there. "
        f"{forgot.formatted} became dearer by more than a tenth in some epoch. Judged before each "
        "step, on what was drawn of each image then.",
        provenance=evidence.provenance(split="train", n=n),
        claims=(by, total, *ends, dear, forgot),
        x_label="epoch",
        panels=(
            CurvePanel(
                y_label="cost (nats)",
                series=tuple(
                    Series(label=label, role=role, x=epochs, y=level)
                    for label, role, level in zip(
                        ("cheapest tenth", "median", "dearest tenth"),
                        ("first", "train", "second"),
                        levels,
                        strict=True,
                    )
                ),
                mark=None,
            ),
            CurvePanel(
                y_label="training examples (%)",
                series=(Series(label="learned", role="valid", x=epochs, y=100 * reached),),
                mark=None,
            ),
        ),
    )


def _map(
    evidence: Evidence, found: Course, options: ExplainOptions
) -> Iterator[Examples | Scatter]:
    """Mean cost by its spread, of the dearest examples and of a draw of the others."""
    n = len(found.mean)
    chosen = on_map(-found.mean, options.seed)
    labels, names = evidence.train.labels, evidence.class_names
    title, summary, record = _by_class(found, labels, names)
    shown = claims.number("examples on the map", len(chosen), f"{len(chosen):,}", n)
    total = claims.number("training examples", n, f"{n:,}", n)
    yield examples_of(evidence, chosen)
    yield Scatter(
        name="data-map",
        section="examples",
        title=title,
        summary=f"Mean cost of an example over the epochs (up) by its standard deviation (right): "
        f"cheap ones lie at the bottom, and to the right what fell most. {summary}Shown are "
        f"{shown.formatted} of {total.formatted}, all of the dearest among them.",
        provenance=evidence.provenance(split="train", n=n, seed=options.seed),
        claims=(*record, shown, total),
        panels=(
            ScatterPanel(
                label="cost by spread",
                points=np.stack([found.spread, found.mean], axis=1)[chosen].astype(np.float32),
                x_label="standard deviation of the cost (nats)",
                y_label="mean cost (nats)",
                note="",
                numbers={},
            ),
        ),
        labels=labels[chosen],
        class_names=names,
        examples="train-examples",
    )


def _by_class(
    found: Course, labels: np.ndarray, names: Sequence[str]
) -> tuple[str, str, tuple[Claim, ...]]:
    """Title and sentence on the cheapest class and the dearest, with their records."""
    there = np.unique(labels)
    if len(there) < 2:
        return "What each training example cost, and how much that changed", "", ()
    means = [float(found.mean[labels == k].mean()) for k in there]
    record = []
    for place in (int(np.argmin(means)), int(np.argmax(means))):
        name, n = names[there[place]], int((labels == there[place]).sum())
        record.append((name, _nats(f"mean cost of {name}", means[place], n)))
    (cheap, least), (dear, most) = record
    return (
        f"Of the classes {dear} costs most and {cheap} least",
        f"It is {most.formatted} in the mean for {dear}, {least.formatted} for {cheap}. ",
        (least, most),
    )


def _galleries(evidence: Evidence, found: Course) -> Iterator[Finding]:
    """What was cheapest, what was learned last, what was forgotten, and what stays dear."""
    order = np.argsort(found.mean, kind="stable")
    late = np.lexsort((-found.spread, -found.first))
    late = late[found.first[late] > 1]
    often = np.lexsort((-found.mean, -found.forgotten))
    often = often[found.forgotten[often] > 0]
    for name, title, summary, chosen in (
        ("learned-early", "Cheapest", "The lowest mean cost of all.", order),
        ("learned-late", "Learned last", "The latest of all, with the greatest fall.", late),
        ("forgotten", "Forgotten most often", "More often dearer than an epoch before.", often),
        (
            "suspects",
            "Examples to look at first",
            "The dearest over all epochs: unlike the others, damaged, or simply intricate.",
            order[::-1],
        ),
    ):
        if len(chosen):
            yield _gallery(evidence, found, name, title, summary, chosen[:SHOWN])


def _gallery(
    evidence: Evidence, found: Course, name: str, title: str, summary: str, chosen: np.ndarray
) -> Finding:
    record = [_nats("mean cost over the epochs", found.mean[k], len(found.mean)) for k in chosen]
    labels = evidence.train.labels[chosen]
    captions = [
        f"{evidence.class_names[label]}, {claim.formatted}"
        for label, claim in zip(labels, record, strict=True)
    ]
    return gallery(evidence, name, title, summary, chosen, captions, tuple(dict.fromkeys(record)))


def _table(evidence: Evidence, found: Course) -> Table:
    """The dearest examples as a table, for programs."""
    order = np.argsort(-found.mean, kind="stable")[:LISTED]
    split = evidence.train.take(order)
    n = claims.number("examples listed", len(order), f"{len(order):,}", len(order))
    least = _nats("mean cost of the last one listed", found.mean[order[-1]], len(order))
    return Table(
        name="label-issues-table",
        section="examples",
        title=f"The {n.formatted} dearest examples cost {least.formatted} and more",
        summary="By mean cost over the epochs, the dearest first. An example's number is its place "
        "in the file or folder that it comes from.",
        provenance=evidence.provenance(split="train", n=len(found.mean)),
        claims=(n, least),
        columns=("example", "class", "mean cost (nats)", "spread (nats)", "learned", "forgotten"),
        formats=(",d", "", ".1f", ".1f", ",d", ",d"),
        rows=tuple(
            (int(split.ids[row]), evidence.class_names[split.labels[row]], float(found.mean[k]),
             float(found.spread[k]), int(found.first[k]), int(found.forgotten[k]))
            for row, k in enumerate(order)
        ),
    )  # fmt: skip


def _nats(what: str, value: float, n: int) -> Claim:
    return claims.number(what, value, "{:.1f} nats", n)
