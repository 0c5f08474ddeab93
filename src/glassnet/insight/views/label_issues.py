"""Label issues: training examples whose label may be wrong, and how many there are."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.contract import (
    CLASSES,
    Cache,
    Data,
    ExplainOptions,
    Log,
    MakeProvenance,
    Modality,
    Model,
    Networks,
    TrainingDynamics,
)
from glassnet.findings import (
    ClaimRecorder,
    Finding,
    Table,
    count,
    fraction,
    interval,
    number,
    share,
)
from glassnet.inference import linear_model, random_convolutions
from glassnet.insight.measures.confident_learning import confident_classes
from glassnet.insight.measures.training_dynamics import ExampleDynamics, example_dynamics
from glassnet.insight.views.training_examples import GALLERY_SIZE, gallery
from glassnet.stats.folds import stratified_folds
from glassnet.stats.intervals import wilson

SECTION = "examples"

N_FOLDS = 5
"""Networks of a cross-validation."""

N_LINEAR_FOLDS, FEW_TEXTS = 20, 10_000
"""Linear models of texts, and how many texts are few: more have as many models as networks. On
8,800 sentences 20 folds instead of five raise the area under the ROC curve of planted wrong labels
from 0.859 to 0.868 (five seeds), on 22,900 reviews ten instead of five, in twice the time, from
0.969 to 0.970 (one seed)."""

EPOCHS_DIVISOR = 8
"""Images: two networks have this part of the run's epochs, each without one half of the training
set. Among 5 % planted wrong labels of MNIST (one seed), the area under the ROC curve is 0.99986
with them and 0.99970 without; twice the epochs add 0.00002 (label-issues.csv)."""

MIN_IMAGES = 20
"""Fewer training images have the order of their training dynamics."""

TABLE_SIZE = 200
"""Examples in the table at most."""

WRONG = "training labels that may be wrong"
"""Name of the claim."""


@dataclass(frozen=True, eq=False)
class LabelIssues:
    """How suspicious each training label is, and how many labels are wrong.

    Attributes:
        own: (n,) the probability of each training example's own class.
        hits, total: number of labels that a confident out-of-sample prediction contradicts, and of
            those that were predicted.
        counted: the split that these labels are of.
        models: what predicted the training examples out of sample; empty if `own` is from the
            training dynamics.
        n_folds: number of these models, each trained without one fold.
        predicted: (n,) int64, the class that they predict for each training example.
    """

    own: np.ndarray
    hits: int
    total: int
    counted: str
    models: str = ""
    n_folds: int = 0
    predicted: np.ndarray | None = None

    @property
    def order(self) -> np.ndarray:
        """(n,) positions of the training examples, the most suspicious first."""
        return np.argsort(self.own, kind="stable")

    @property
    def wrong(self) -> int:
        """The number of training labels that are wrong at the same rate."""
        return round(len(self.own) * self.hits / self.total) if self.total else 0

    @property
    def meaning(self) -> str:
        """What `own` is."""
        if self.models:
            return f"probability of their own class according to {self.models} trained without them"
        return "mean probability of their own class over the epochs"


def label_issues(
    data: Data,
    model: Model,
    networks: Networks,
    log: Log,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Finding]:
    """Estimate how many training labels are wrong, and show the most suspicious ones.

    The network has learned from the training labels, wrong ones included. The training examples are
    therefore predicted out of sample, and ordered by the probability of their own class: by linear
    models, for images together with two networks like this one that are trained for a short time;
    or by cross-validation with five such networks. The number of wrong labels is estimated from the
    same predictions, but for images from those of the validation examples: the run's network is
    better at them, and has not learned them either.
    """
    recorded = log.training_dynamics
    if not isinstance(recorded, TrainingDynamics) or recorded.correct.shape[1] != len(data.train):
        return
    dynamics = example_dynamics(recorded)
    issues = _out_of_sample(data, model, networks, cache, options)
    if issues is None:
        issues = LabelIssues(dynamics.confidence, *_contradicted_in_validation(data, model))
    yield _gallery(data, model, provenance, issues)
    listed = issues.order[: min(issues.wrong, TABLE_SIZE)]
    if len(listed):
        yield _table(data, provenance, dynamics, issues, listed)


def _out_of_sample(
    data: Data, model: Model, networks: Networks, cache: Cache, options: ExplainOptions
) -> LabelIssues | None:
    """Predict the training examples by models trained without them; None if that is not possible.

    It is not for examples of a single group, very few images, and texts without words.
    """
    train, by_networks = data.train, options.cross_validation
    is_text = data.modality == Modality.TEXTS
    if len(train) < MIN_IMAGES and not (is_text or by_networks):
        return None
    few = is_text and len(train) <= FEW_TEXTS and not by_networks
    n_folds = N_LINEAR_FOLDS if few else N_FOLDS
    folds = stratified_folds(train.labels, model.config.seed, n_folds, train.groups)
    if not folds:
        return None

    def predict() -> dict[str, np.ndarray]:
        if by_networks:
            return {"probabilities": networks.out_of_fold_probabilities(folds)}
        linear = linear_model if is_text else random_convolutions
        probabilities = linear.out_of_fold_probabilities(train, len(data.class_names), folds)
        if not is_text:
            halves = stratified_folds(train.labels, model.config.seed, 2, train.groups)
            epochs = short_epochs(model.config.epochs)
            trained = networks.out_of_fold_probabilities(halves, epochs)
            probabilities = (probabilities + trained) / 2
        return {"probabilities": probabilities}

    probabilities = cache(cache_key(options), predict)["probabilities"]
    if not len(probabilities):
        return None
    own = probabilities[np.arange(len(train)), train.labels]
    models = "linear models of words" if is_text else "linear models and networks"
    counted = (_n_contradicted(probabilities, train.labels), len(train), "training")
    if not (by_networks or is_text) and len(data.valid):
        counted = _contradicted_in_validation(data, model)
    return LabelIssues(
        own,
        *counted,
        models="networks" if by_networks else models,
        n_folds=len(folds),
        predicted=probabilities.argmax(axis=1),
    )


def short_epochs(epochs: int) -> int:
    """Epochs of the two networks that predict images, given those of the run."""
    return -(-epochs // EPOCHS_DIVISOR)


def cache_key(options: ExplainOptions) -> str:
    """The name under which the out-of-sample probabilities are cached."""
    return f"out-of-fold-{'networks' if options.cross_validation else 'probabilities'}"


def _contradicted_in_validation(data: Data, model: Model) -> tuple[int, int, str]:
    """Labels that confident predictions of the network contradict, and predicted labels."""
    labels = data.valid.labels
    if not len(labels):
        return 0, 0, "validation"
    probabilities = model.predict(data.inputs(data.valid))[CLASSES]
    return _n_contradicted(probabilities, labels), len(labels), "validation"


def _n_contradicted(probabilities: np.ndarray, labels: np.ndarray) -> int:
    found = confident_classes(probabilities, labels)
    return int(((found >= 0) & (found != labels)).sum())


def _gallery(data: Data, model: Model, provenance: MakeProvenance, issues: LabelIssues) -> Finding:
    chosen = issues.order[:GALLERY_SIZE]
    names, labels, predicted = data.class_names, data.train.labels[chosen], issues.predicted
    guesses = _predicted(data, model, chosen) if predicted is None else predicted[chosen]
    captions = tuple(
        f"labelled {names[label]}" + (f", taken for {names[guess]}" if guess != label else "")
        for label, guess in zip(labels, guesses, strict=True)
    )
    record, n = ClaimRecorder(), len(issues.own)
    title, origin = _title(record, issues), _origin(record, issues)
    total = record(count("training examples", n, n=n))
    lowest = record(fraction("lowest probability of the own class", issues.own[chosen[0]], n=n))
    return gallery(
        data,
        provenance,
        record,
        "label-issues",
        title,
        f"{origin}Of {total} training examples, these have the lowest {issues.meaning}; the first "
        f"one's is {lowest}.",
        chosen,
        captions,
    )


def _title(record: ClaimRecorder, issues: LabelIssues) -> str:
    if not issues.wrong:
        return "No wrong labels found"
    low, high = (len(issues.own) * end for end in wilson(issues.hits, issues.total))
    wrong = number(WRONG, issues.wrong, "{:,.0f}", issues.total, low=low, high=high)
    noun = "label" if issues.wrong == 1 else "labels"
    return f"An estimated {record(wrong)} training {noun} may be wrong"


def _origin(record: ClaimRecorder, issues: LabelIssues) -> str:
    """Say how the number of wrong labels was estimated."""
    kind = issues.counted
    found = share(f"contradicted {kind} labels", issues.hits, issues.total, digits=2)
    total = record(count(f"{kind} examples", issues.total))
    ends = record(interval(found, "{:.2f} to {:.2f} %"))
    by = ""
    if kind == "training":
        folds = record(count("folds", issues.n_folds, n=issues.total))
        by = f"by {issues.models} ({folds}-fold cross-validation) "
    return (
        f"Confident predictions {by}contradict {record(found)} of {total} {kind} labels (95 % "
        f"interval {ends}); where classes overlap, ambiguous examples count as well. "
    )


def _table(
    data: Data,
    provenance: MakeProvenance,
    dynamics: ExampleDynamics,
    issues: LabelIssues,
    listed: np.ndarray,
) -> Table:
    split, n, record = data.train.take(listed), len(listed), ClaimRecorder()
    never = record(share("correct in no epoch", int((dynamics.n_correct[listed] == 0).sum()), n))
    shown = record(count("examples listed", n, n=n))
    end = "as many as are estimated to be wrong"
    if n < issues.wrong:
        end = f"of an estimated {record(count(WRONG, issues.wrong, n=issues.total))}"
    return Table(
        name="label-issues-table",
        section=SECTION,
        title=f"{never} of the {shown} most suspicious labels were never predicted in training",
        summary=f"By {issues.meaning}, lowest first, {end}. An example's number is its position in "
        "the file or folder that it comes from.",
        provenance=provenance(split="train", n=len(issues.own)),
        claims=record.claims,
        columns=("example", "label", "probability (%)", "epochs correct", "forgotten"),
        formats=(",d", "", ".1f", ",d", ",d"),
        rows=tuple(
            (
                int(split.ids[row]),
                data.class_names[split.labels[row]],
                100 * float(issues.own[k]),
                int(dynamics.n_correct[k]),
                int(dynamics.n_forgotten[k]),
            )
            for row, k in enumerate(listed)
        ),
    )


def _predicted(data: Data, model: Model, chosen: np.ndarray) -> np.ndarray:
    """Predict the classes of a few training examples with the chosen weights: (n,) int64."""
    inputs = data.inputs_of(data.train.inputs[chosen])[:]
    return np.asarray(model.forward(inputs)[CLASSES]).argmax(axis=1)
