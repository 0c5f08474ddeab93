"""Training dynamics: when each training example was learned, forgotten or never learned."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import (
    Cache,
    Data,
    ExplainOptions,
    Log,
    MakeProvenance,
    Model,
    TrainingDynamics,
)
from glassnet.findings import (
    ClaimRecorder,
    CurvePanel,
    Curves,
    Examples,
    Finding,
    HighlightedTexts,
    ImageGallery,
    Scatter,
    Series,
    count,
    number,
    share,
)
from glassnet.insight.measures.training_dynamics import (
    GROUPS,
    ExampleDynamics,
    example_dynamics,
)
from glassnet.insight.views.prediction_depth import prediction_depth
from glassnet.insight.views.training_examples import (
    GALLERY_SIZE,
    data_map,
    gallery,
    map_positions,
)

SECTION = "examples"


def training_dynamics(
    data: Data,
    model: Model,
    log: Log,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Finding | Examples]:
    """Show when each training example was learned, by epoch and by layer, with examples.

    There is nothing to show if training recorded no dynamics.
    """
    recorded = log.training_dynamics
    if not isinstance(recorded, TrainingDynamics) or recorded.correct.shape[1] != len(data.train):
        return
    dynamics = example_dynamics(recorded)
    yield _curves(provenance, recorded, dynamics)
    yield from prediction_depth(data, model, cache, provenance, options, dynamics)
    yield from _data_map(data, provenance, dynamics, options)
    for name, title, summary, chosen in _galleries(dynamics):
        if len(chosen):
            yield _gallery(data, provenance, dynamics, name, title, summary, chosen)


def _curves(
    provenance: MakeProvenance, recorded: TrainingDynamics, dynamics: ExampleDynamics
) -> Curves:
    epochs, n, learned = recorded.epochs, len(dynamics.confidence), dynamics.learned_epoch
    lasting = np.array([((learned > 0) & (learned <= epoch)).mean() for epoch in epochs])
    half = int(epochs[(lasting >= 0.5 * lasting[-1]).argmax()])
    record = ClaimRecorder()
    always, never, forgotten = (
        record(share(name, int(chosen.sum()), n))
        for name, chosen in (
            ("correct in every epoch", dynamics.n_correct == dynamics.n_epochs),
            ("correct in no epoch", dynamics.n_correct == 0),
            ("forgotten at least once", dynamics.n_forgotten > 0),
        )
    )
    by = number("epoch by which half of what lasts is learned", half, "epoch {:.0f}", n)
    return Curves(
        name="training-dynamics",
        section=SECTION,
        title=f"Half of what stays learned is learned by {record(by)}",
        summary=f"Of {record(count('training examples', n, n=n))} training examples, {always} were "
        f"predicted correctly in every epoch, {never} in none, and {forgotten} were forgotten at "
        "least once. Predictions are those before each step, under augmentation and dropout "
        "where these are used.",
        provenance=provenance(split="train", n=n),
        claims=record.claims,
        x_label="epoch",
        panels=(
            CurvePanel(
                y_label="training examples (%)",
                series=(
                    Series(
                        label="correct",
                        role="train",
                        x=epochs,
                        y=100 * recorded.correct.mean(axis=1),
                    ),
                    Series(label="correct to the end", role="valid", x=epochs, y=100 * lasting),
                ),
                mark=None,
            ),
        ),
    )


def _data_map(
    data: Data, provenance: MakeProvenance, dynamics: ExampleDynamics, options: ExplainOptions
) -> Iterator[Examples | Scatter]:
    """Map the examples by confidence and variability (dataset cartography)."""
    n, groups, record = len(dynamics.confidence), dynamics.groups, ClaimRecorder()
    always, later, forgotten, never = (
        record(share(name, int((groups == k).sum()), n)) for k, name in enumerate(GROUPS)
    )
    yield from data_map(
        data,
        provenance,
        map_positions(dynamics.confidence, options.seed),
        np.stack([dynamics.variability, dynamics.confidence], axis=1),
        options.seed,
        record=record,
        title=f"{always} of the training examples were correct in every epoch, {never} in none",
        summary="Mean probability of an example's own class over the epochs (up) against its "
        "standard deviation (right): easy examples are at the top, ambiguous ones to the right, "
        f"hard or mislabelled ones at the bottom. {later} were learned later, {forgotten} were "
        "forgotten in between. ",
        label="confidence and variability",
        axes=("standard deviation of the probability", "mean probability of the own class"),
        groups=groups,
        group_names=GROUPS,
    )


def _galleries(dynamics: ExampleDynamics) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """Yield name, title, summary and positions of the examples learned first, last and never."""
    learned, confidence = dynamics.learned_epoch, dynamics.confidence
    order = np.argsort(-confidence, kind="stable")
    yield (
        "learned-early",
        "Learned first",
        "Correct in every epoch, with the highest mean probability.",
        order[dynamics.n_correct[order] == dynamics.n_epochs][:GALLERY_SIZE],
    )
    late = np.lexsort((confidence, -learned))
    late = late[(learned[late] > 1) & (learned[late] == learned.max())]
    yield (
        "learned-late",
        "Learned last",
        "Correct to the end from the latest epoch on, with the lowest mean probability of those.",
        late[:GALLERY_SIZE],
    )
    often = np.lexsort((confidence, -dynamics.n_forgotten))
    often = often[dynamics.n_forgotten[often] > 0]
    yield (
        "forgotten",
        "Forgotten most often",
        "Correct in one epoch and wrong in the next, more often than any others.",
        often[:GALLERY_SIZE],
    )


def _gallery(
    data: Data,
    provenance: MakeProvenance,
    dynamics: ExampleDynamics,
    name: str,
    title: str,
    summary: str,
    chosen: np.ndarray,
) -> ImageGallery | HighlightedTexts:
    labels, record = data.train.labels[chosen], ClaimRecorder()
    of_all, name_of_count = f"{{:.0f}} of {dynamics.n_epochs}", "epochs in which it was correct"
    captions = tuple(
        f"{data.class_names[label]}, correct in "
        f"{record(number(name_of_count, dynamics.n_correct[k], of_all))}"
        for k, label in zip(chosen, labels, strict=True)
    )
    return gallery(data, provenance, record, name, title, summary, chosen, captions)
