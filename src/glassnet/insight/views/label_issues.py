"""Label issues: training examples whose label contradicts what the network learned."""

from collections.abc import Iterator

import numpy as np

from glassnet.contract import CLASSES, Data, Log, MakeProvenance, Model, TrainingDynamics
from glassnet.findings import ClaimRecorder, Finding, Table, count, fraction, share
from glassnet.insight.measures.training_dynamics import ExampleDynamics, example_dynamics
from glassnet.insight.views.training_examples import GALLERY_SIZE, gallery

SECTION = "examples"

TABLE_SIZE = 200
"""Examples in the table."""


def label_issues(
    data: Data, model: Model, log: Log, provenance: MakeProvenance
) -> Iterator[Finding]:
    """Show the training examples whose label is most probably wrong, as a gallery and a table."""
    recorded = log.training_dynamics
    if not isinstance(recorded, TrainingDynamics) or recorded.correct.shape[1] != len(data.train):
        return
    dynamics = example_dynamics(recorded)
    order = np.argsort(-dynamics.label_issue_scores, kind="stable")
    yield _gallery(data, model, provenance, dynamics, order)
    yield _table(data, provenance, dynamics, order[:TABLE_SIZE])


def _gallery(
    data: Data,
    model: Model,
    provenance: MakeProvenance,
    dynamics: ExampleDynamics,
    order: np.ndarray,
) -> Finding:
    chosen = order[:GALLERY_SIZE]
    names, labels = data.class_names, data.train.labels[chosen]
    captions = tuple(
        f"labelled {names[label]}" + (f", taken for {names[guess]}" if guess != label else "")
        for label, guess in zip(labels, _predicted(data, model, chosen), strict=True)
    )
    record, top = ClaimRecorder(), dynamics.confidence[chosen[0]]
    n = record(count("training examples", len(order), n=len(order)))
    lowest = record(fraction("lowest mean probability", top, n=dynamics.n_epochs))
    return gallery(
        data,
        provenance,
        record,
        "label-issues",
        "Labels that may be wrong",
        f"Of {n} training examples, those with the lowest mean probability of their own class over "
        f"the epochs; the first one's is {lowest}.",
        chosen,
        captions,
    )


def _table(
    data: Data, provenance: MakeProvenance, dynamics: ExampleDynamics, order: np.ndarray
) -> Table:
    split, n, record = data.train.take(order), len(order), ClaimRecorder()
    never = record(share("correct in no epoch", int((dynamics.n_correct[order] == 0).sum()), n))
    listed = record(count("examples listed", n, n=n))
    return Table(
        name="label-issues-table",
        section=SECTION,
        title=f"{never} of the {listed} most suspicious labels were never predicted",
        summary="By mean probability of the own class over the epochs, lowest first. An example's "
        "number is its position in the file or folder that it comes from.",
        provenance=provenance(split="train", n=len(dynamics.confidence)),
        claims=record.claims,
        columns=("example", "label", "mean probability (%)", "epochs correct", "forgotten"),
        formats=(",d", "", ".1f", ",d", ",d"),
        rows=tuple(
            (
                int(split.ids[row]),
                data.class_names[split.labels[row]],
                100 * float(dynamics.confidence[k]),
                int(dynamics.n_correct[k]),
                int(dynamics.n_forgotten[k]),
            )
            for row, k in enumerate(order)
        ),
    )


def _predicted(data: Data, model: Model, chosen: np.ndarray) -> np.ndarray:
    """Predict the classes of a few training examples with the chosen weights: (n,) int64."""
    inputs = data.inputs_of(data.train.inputs[chosen])[:]
    return np.asarray(model.forward(inputs)[CLASSES]).argmax(axis=1)
