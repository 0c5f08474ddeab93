"""Test scores of a classifier: accuracy, log-likelihood and calibration error."""

from collections.abc import Iterator

from glassnet.contract import Data, MakeProvenance, Model
from glassnet.findings import ClaimRecorder, Table, count, interval
from glassnet.inference.classification import accuracy_of, classification_scores, prediction

SECTION = "result"


def scores(data: Data, model: Model, provenance: MakeProvenance) -> Iterator[Table]:
    """Tabulate the scores on the test set."""
    measured = classification_scores(prediction(data, model))
    low, high = (100 * end for end in measured["interval"])
    record, claim, n = ClaimRecorder(), accuracy_of(measured), measured["n"]
    accuracy, errors = record(claim), record(count("errors", measured["errors"]))
    yield Table(
        name="scores",
        section=SECTION,
        title=f"The test accuracy is {accuracy}",
        summary=f"{errors} of {record(count('test examples', n))} examples are misclassified; the "
        f"95 % interval of the accuracy is {record(interval(claim, '{:.2f} to {:.2f} %'))}. The "
        "test set was not used to choose anything.",
        provenance=provenance(split="test", n=n),
        claims=record.claims,
        columns=("measure", "value", "meaning"),
        formats=("", "", ""),
        rows=(
            ("accuracy", accuracy, f"95 % interval {low:.2f} to {high:.2f} %"),
            ("errors", errors, f"of {n:,} test examples"),
            (
                "negative log-likelihood",
                f"{measured['negative_log_likelihood']:.4f} nats",
                "mean over the examples; 0 is best",
            ),
            (
                "calibration error",
                f"{100 * measured['calibration_error']:.2f} points",
                "mean gap between confidence and accuracy, 15 bins",
            ),
        ),
    )
