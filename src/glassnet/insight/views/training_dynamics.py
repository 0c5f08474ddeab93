"""When each training example was learned: curves, a map of the data, galleries, suspects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.contract import Evidence, ExplainOptions, TrainingDynamics
from glassnet.findings import (
    Bars,
    Claim,
    CurvePanel,
    Curves,
    Examples,
    Finding,
    HighlightedText,
    HighlightedTexts,
    ImageGallery,
    Scatter,
    ScatterPanel,
    Series,
    Table,
    claims,
)
from glassnet.insight.measures.training_dynamics import Course, course, depths
from glassnet.stats.intervals import percent, wilson

SHOWN = 12
"""Examples of a gallery."""

ON_MAP = 2000
"""Examples on the map of the data: the hardest ones for half of it, then a draw of the others."""

LISTED = 200
"""Examples in the table of suspects."""

GROUPS = ("always right", "learned later", "forgotten", "never right")
HOVER = 280


def training_dynamics(evidence: Evidence, options: ExplainOptions) -> Iterator[Finding | Examples]:
    """When and where each training example was learned; nothing where that was not kept."""
    seen = evidence.learning
    if not isinstance(seen, TrainingDynamics) or seen.right.shape[1] != len(evidence.train):
        return
    found = course(seen)
    yield _curves(evidence, seen, found)
    yield from depth(evidence, options, found)
    yield from _map(evidence, found, options)
    for name, title, summary, chosen in _galleries(found, options.seed):
        if len(chosen):
            yield _gallery(evidence, found, name, title, summary, chosen)
    yield _label_issues(evidence, found)


def label_issue_scores(found: Course) -> np.ndarray:
    """How probably each example's label is wrong, as a rank: (n,) float, higher is likelier.

    It is one less the mean probability of the example's own class over the epochs: what a network
    takes last, it takes against what the other examples say.
    """
    return 1 - found.confidence


def groups(found: Course) -> np.ndarray:
    """Which of `GROUPS` each example is of: (n,) int64."""
    group = np.where(found.right == found.epochs, 0, 1)
    group[found.forgotten > 0] = 2
    group[found.right == 0] = 3
    return group


def _curves(evidence: Evidence, seen: TrainingDynamics, found: Course) -> Curves:
    epochs, n = seen.epochs, len(found.first)
    lasting = np.array([((found.first > 0) & (found.first <= epoch)).mean() for epoch in epochs])
    right = seen.right.mean(axis=1)
    half = int(epochs[(lasting >= 0.5 * lasting[-1]).argmax()])
    at_once = claims.share("right in every epoch", int((found.right == found.epochs).sum()), n)
    never = claims.share("right in no epoch", int((found.right == 0).sum()), n)
    forgot = claims.share("forgotten at least once", int((found.forgotten > 0).sum()), n)
    by = claims.number("epoch by which half of what lasts is learned", half, f"epoch {half}", n)
    total = claims.number("training examples", n, f"{n:,}", n)
    return Curves(
        name="training-dynamics",
        section="examples",
        title=f"Half of what stays learned is learned by {by.formatted}",
        summary=f"Of {total.formatted} training examples {at_once.formatted} were right in every epoch, "
        f"{never.formatted} in none, and {forgot.formatted} were forgotten at least once. Judged before "
        "each step, on augmented inputs and with dropout.",
        provenance=evidence.provenance(split="train", n=n),
        claims=(by, total, at_once, never, forgot),
        x_label="epoch",
        panels=(
            CurvePanel(
                y_label="training examples (%)",
                series=(
                    Series(label="right then", role="train", x=epochs, y=100 * right),
                    Series(label="right from then on", role="valid", x=epochs, y=100 * lasting),
                ),
                mark=None,
            ),
        ),
    )


def depth(
    evidence: Evidence, options: ExplainOptions, found: Course | None = None
) -> Iterator[Bars]:
    """Which layer's probe is the first to name an example right, and how that goes with time."""
    if len(evidence.valid) < len(evidence.class_names) or len(evidence.class_names) < 2:
        return
    where = depths(evidence, options.seed)
    n = len(where.examples)
    names = (*where.layers, "none")
    place = np.where(where.earliest < 0, len(where.layers), where.earliest)
    counts = np.bincount(place, minlength=len(names))
    ends = 100 * np.array([wilson(int(count), n) for count in counts])
    first = claims.share(f"a probe of {names[0]} is right", int(counts[0]), n)
    most = int(counts[1:-1].argmax()) + 1
    later = claims.share(f"first right at {names[most]}", int(counts[most]), n)
    total = claims.number("training examples", n, f"{n:,}", n)
    words, record = _hard_ones(found, where.examples, place) if found else ("", ())
    yield Bars(
        name="depth",
        section="examples",
        title=f"A linear probe of the raw {names[0]} names {first.formatted} of the training examples",
        summary=f"The earliest layer whose probe (learned from validation examples) names an "
        f"example right; {later.formatted} are first right at {names[most]}{words} "
        f"(n = {total.formatted}).",
        provenance=evidence.provenance(split="train", n=n, seed=options.seed),
        claims=(first, later, total, *record),
        names=names,
        values=100 * counts / n,
        low=ends[:, 0],
        high=ends[:, 1],
        muted=np.arange(len(names)) == len(names) - 1,
        muted_label="by no probe",
        reference=None,
        reference_label="",
        x_label="earliest layer",
        y_label="training examples (%)",
    )


def _hard_ones(
    found: Course, examples: np.ndarray, place: np.ndarray
) -> tuple[str, tuple[Claim, ...]]:
    """How deep the examples lie that were always right, and those that were not."""
    always = found.right[examples] == found.epochs
    if always.all() or not always.any():
        return "", ()
    means = [float(place[part].mean()) for part in (always, ~always)]
    record = tuple(
        claims.number(f"mean depth of those {name}", mean, f"{mean:.1f}", int(part.sum()))
        for name, mean, part in zip(
            ("always right", "not always right"), means, (always, ~always), strict=True
        )
    )
    return (
        f"; those that were right in every epoch need {record[0].formatted} layers in the mean, the "
        f"others {record[1].formatted}",
        record,
    )


def _map(
    evidence: Evidence, found: Course, options: ExplainOptions
) -> Iterator[Examples | Scatter]:
    """Confidence by spread of the hardest examples and of a draw of the others."""
    n = len(found.confidence)
    chosen = on_map(found.confidence, options.seed)
    group = groups(found)
    counts = [
        claims.share(name, int((group == place).sum()), n) for place, name in enumerate(GROUPS)
    ]
    shown = claims.number("examples on the map", len(chosen), f"{len(chosen):,}", n)
    total = claims.number("training examples", n, f"{n:,}", n)
    yield examples_of(evidence, chosen)
    yield Scatter(
        name="data-map",
        section="examples",
        title=f"{counts[0].formatted} of the training examples were right in every epoch, "
        f"{counts[3].formatted} in none",
        summary=f"Mean probability of an example's own class over the epochs (up) by its standard "
        f"deviation (right): easy examples lie at the top, ambiguous ones to the right, hard or "
        f"mislabelled ones at the bottom. {counts[1].formatted} were learned later, {counts[2].formatted} "
        f"forgotten in between. Shown are {shown.formatted} of {total.formatted}, all of the hardest among "
        "them.",
        provenance=evidence.provenance(split="train", n=n, seed=options.seed),
        claims=(*counts, shown, total),
        panels=(
            ScatterPanel(
                label="confidence by spread",
                points=np.stack([found.spread, found.confidence], axis=1)[chosen].astype(
                    np.float32
                ),
                x_label="standard deviation of the probability",
                y_label="mean probability of the own class",
                note="",
                numbers={},
            ),
        ),
        labels=group[chosen],
        class_names=GROUPS,
        examples="train-examples",
    )


def on_map(merit: np.ndarray, seed: int) -> np.ndarray:
    """Places of the examples of least merit, for half of the map, and of a draw of the others."""
    hardest = np.argsort(merit, kind="stable")[: ON_MAP // 2]
    drawn = np.random.default_rng(seed).permutation(len(merit))
    others = drawn[~np.isin(drawn, hardest)]
    return np.sort(np.concatenate([hardest, others[: ON_MAP - len(hardest)]]))


def examples_of(evidence: Evidence, chosen: np.ndarray) -> Examples:
    """Training examples that a figure points at."""
    split = evidence.train.take(chosen)
    words = _reads_texts(evidence)
    return Examples(
        name="train-examples",
        ids=split.ids,
        images=None if words else split.inputs,
        labels=split.labels,
        predicted=None,
        confidence=None,
        class_names=evidence.class_names,
        texts=tuple(text[:HOVER] for text in split.inputs) if words else (),
    )


def _galleries(found: Course, seed: int) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """Name, title, reading and places of what is learned first, last and never."""
    order = np.argsort(-found.confidence, kind="stable")
    early = order[found.right[order] == found.epochs][:SHOWN]
    yield (
        "learned-early",
        "Learned first",
        "Right in every epoch, and with the highest mean probability of all.",
        early,
    )
    late = np.lexsort((found.confidence, -found.first))
    late = late[(found.first[late] > 1) & (found.first[late] == found.first.max())][:SHOWN]
    yield (
        "learned-late",
        "Learned last",
        "Right for good only at the very end, with the lowest mean probability of those.",
        late,
    )
    often = np.lexsort((found.confidence, -found.forgotten))
    often = often[found.forgotten[often] > 0][:SHOWN]
    yield (
        "forgotten",
        "Forgotten most often",
        "Right in one epoch and wrong in the next, more often than any others.",
        often,
    )


def _gallery(
    evidence: Evidence, found: Course, name: str, title: str, summary: str, chosen: np.ndarray
) -> ImageGallery | HighlightedTexts:
    """Examples with what became of them: as images, or as texts."""
    labels = evidence.train.labels[chosen]
    captions = tuple(
        f"{evidence.class_names[label]}, right in {found.right[k]} of {found.epochs}"
        for k, label in zip(chosen, labels, strict=True)
    )
    record = tuple(
        claims.number("epochs in which it was right", count, f"{count} of {found.epochs}")
        for count in sorted({int(found.right[k]) for k in chosen})
    )
    return gallery(evidence, name, title, summary, chosen, captions, record)


def _label_issues(evidence: Evidence, found: Course) -> Finding:
    """The examples whose label is most probably wrong, with what the network takes them for."""
    order = np.argsort(-label_issue_scores(found), kind="stable")
    chosen = order[:SHOWN]
    taken = _taken_for(evidence, chosen)
    names, labels = evidence.class_names, evidence.train.labels[chosen]
    captions = tuple(
        f"labelled {names[label]}" + (f", taken for {names[guess]}" if guess != label else "")
        for label, guess in zip(labels, taken, strict=True)
    )
    top = float(found.confidence[chosen[0]])
    lowest = claims.number("lowest mean probability", top, percent(top), found.epochs)
    n = claims.number("training examples", len(order), f"{len(order):,}", len(order))
    summary = (
        f"Of {n.formatted} examples those that the network agreed with least, over all epochs; the "
        f"first one's own class had a mean probability of {lowest.formatted}."
    )
    return gallery(
        evidence, "label-issues", "Labels to look at first", summary, chosen, captions, (n, lowest)
    )


def label_issues_table(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """The same as a table, for programs: most suspect first."""
    seen = evidence.learning
    if not isinstance(seen, TrainingDynamics) or seen.right.shape[1] != len(evidence.train):
        return
    found = course(seen)
    order = np.argsort(-label_issue_scores(found), kind="stable")[:LISTED]
    split = evidence.train.take(order)
    lowest = claims.share("right in no epoch", int((found.right[order] == 0).sum()), len(order))
    n = claims.number("examples listed", len(order), f"{len(order):,}", len(order))
    yield Table(
        name="label-issues-table",
        section="examples",
        title=f"Of the {n.formatted} most suspect labels {lowest.formatted} were never answered",
        summary="By mean probability of the own class over the epochs, lowest first. An example's "
        "number is its place in the file or folder that it comes from.",
        provenance=evidence.provenance(split="train", n=len(found.first)),
        claims=(n, lowest),
        columns=("example", "label", "mean probability (%)", "right in epochs", "forgotten"),
        formats=(",d", "", ".1f", ",d", ",d"),
        rows=tuple(
            (int(split.ids[row]), evidence.class_names[split.labels[row]],
             100 * float(found.confidence[k]), int(found.right[k]), int(found.forgotten[k]))
            for row, k in enumerate(order)
        ),
    )  # fmt: skip


def _taken_for(evidence: Evidence, chosen: np.ndarray) -> np.ndarray:
    """The chosen network's answers to a few training examples: (n,) classes."""
    inputs = evidence.inputs_of(evidence.train.inputs[chosen])
    return np.asarray(evidence.forward(inputs)["probabilities"]).argmax(axis=1)


def gallery(
    evidence: Evidence,
    name: str,
    title: str,
    summary: str,
    chosen: np.ndarray,
    captions: Sequence[str],
    record: tuple[Claim, ...],
) -> ImageGallery | HighlightedTexts:
    """Training examples under captions: as images, or as texts."""
    provenance = evidence.provenance(split="train", n=len(evidence.train))
    inputs = evidence.train.inputs[chosen]
    if _reads_texts(evidence):
        return HighlightedTexts(
            name=name,
            section="examples",
            title=title,
            summary=summary,
            provenance=provenance,
            claims=record,
            texts=tuple(
                HighlightedText(pieces=(text,), values=np.zeros(1), caption=caption, note="")
                for text, caption in zip(inputs, captions, strict=True)
            ),
            low_label="",
            high_label="",
            value_label="",
        )
    return ImageGallery(
        name=name,
        section="examples",
        title=title,
        summary=summary,
        provenance=provenance,
        claims=record,
        images=inputs,
        captions=tuple(captions),
        probabilities=None,
        labels=None,
        predicted=None,
        class_names=(),
    )


def _reads_texts(evidence: Evidence) -> bool:
    return evidence.train.inputs.dtype.kind == "T"
