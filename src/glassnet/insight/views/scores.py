"""How good a classifier is on the test set: accuracy, and how honest its probabilities are."""

from __future__ import annotations

from collections.abc import Iterator

from glassnet.contract import Evidence, Options
from glassnet.findings import Table, Told
from glassnet.findings.claims import count, interval
from glassnet.inference.classification import accuracy_of, classification_scores, prediction


def score_table(evidence: Evidence, options: Options) -> Iterator[Table]:
    """The scores as a table."""
    scores = classification_scores(prediction(evidence))
    low, high = (100 * end for end in scores["interval"])
    told, right, n = Told(), accuracy_of(scores), scores["n"]
    accuracy, errors = told(right), told(count("errors", scores["errors"]))
    yield Table(
        name="scores",
        section="result",
        title=f"{accuracy} of the test examples are right",
        reading=f"{errors} of {told(count('test examples', n))} are wrong, which puts the true "
        f"accuracy between {told(interval(right, '{:.2f} and {:.2f} %'))} (95 % interval); the "
        "test set chose nothing.",
        receipt=evidence.receipt(split="test", n=n),
        claims=told.claims,
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
