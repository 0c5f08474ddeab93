"""How good a classifier is on the test set: accuracy, and how honest its probabilities are."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import ClaimRecorder, Table
from glassnet.findings.claims import count, interval
from glassnet.inference.classification import accuracy_of, classification_scores, prediction


def scores(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """The scores as a table."""
    scores = classification_scores(prediction(evidence))
    low, high = (100 * end for end in scores["interval"])
    record, right, n = ClaimRecorder(), accuracy_of(scores), scores["n"]
    accuracy, errors = record(right), record(count("errors", scores["errors"]))
    yield Table(
        name="scores",
        section="result",
        title=f"{accuracy} of the test examples are right",
        summary=f"{errors} of {record(count('test examples', n))} are wrong, which puts the true "
        f"accuracy between {record(interval(right, '{:.2f} and {:.2f} %'))} (95 % interval); the "
        "test set chose nothing.",
        provenance=evidence.provenance(split="test", n=n),
        claims=record.claims,
        columns=("measure", "value", "what it says"),
        formats=("", "", ""),
        rows=(
            ("accuracy", accuracy, f"95 % interval {low:.2f} to {high:.2f} %"),
            ("errors", errors, f"of {n:,} test examples"),
            (
                "negative log-likelihood",
                f"{scores['negative_log_likelihood']:.4f} nats",
                "mean over the examples; 0 is perfect",
            ),
            (
                "calibration error",
                f"{100 * scores['calibration_error']:.2f} points",
                "mean gap between confidence and accuracy, 15 bins",
            ),
        ),
    )
