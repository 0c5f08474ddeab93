"""What is shown of training examples, for a few whose dynamics are known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sentences import unclaimed_in, values_of
from toy_parts import findings_of, parts_of_a_run

from glassnet.contract import ExampleLoss, Modality, Split, TrainingDynamics, View
from glassnet.insight.measures.training_dynamics import example_dynamics
from glassnet.insight.views import prediction_depth as depth
from glassnet.insight.views.example_loss import example_loss
from glassnet.insight.views.label_issues import label_issues
from glassnet.insight.views.training_dynamics import training_dynamics
from glassnet.stats.intervals import wilson

NAMES = ("left", "right")
SIGNS = np.array([-1.0, 1.0])


@dataclass
class ToyData:
    """As much of `contract.Data` as these views use.

    An example is two numbers: the first is the sign of its class in the input, the second in the
    layer `deep` alone.
    """

    train: Split
    valid: Split
    class_names: tuple[str, ...] = NAMES
    modality: Modality = Modality.IMAGES

    def inputs_of(self, examples: np.ndarray) -> np.ndarray:
        return examples

    def inputs(self, split: Split) -> np.ndarray:
        return split.inputs

    def raw_inputs(self, inputs: np.ndarray) -> np.ndarray:
        return (inputs.reshape(len(inputs), -1) * [1, 0]).astype(np.float32)


class ToyModel:
    """As much of `contract.Model` as these views use; it predicts the first class for all."""

    all_layers = ("deep",)
    config = SimpleNamespace(seed=0, epochs=9)

    def activations(self, inputs: np.ndarray, layers: Iterable[str]) -> dict[str, np.ndarray]:
        values = inputs.reshape(len(inputs), -1)[:, 1:].astype(np.float32)
        return dict.fromkeys(layers, values)

    def forward(self, inputs: np.ndarray) -> dict[str, np.ndarray]:
        return {"probabilities": np.eye(2)[np.zeros(len(inputs), int)]}

    def predict(self, inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The class of the sign in the layer; it is certain."""
        return {"probabilities": np.eye(2)[(inputs.reshape(len(inputs), -1)[:, 1] > 0).astype(int)]}


class ToyNetworks:
    """As much of `contract.Networks` as these views use; the last example contradicts its label."""

    def out_of_fold_probabilities(self, folds: Any, epochs: int | None = None) -> np.ndarray:
        if epochs is not None:  # know nothing
            assert (len(folds), epochs) == (2, 2)
            return np.full((sum(len(held_out) for _, held_out in folds), 2), 0.5, np.float32)
        assert [len(others) for others, _ in folds] == [2, 3]  # one class has two examples
        own = np.array([0.9, 0.8, 0.9, 0.7, 0.2])
        return np.where(np.eye(2, dtype=bool)[LABELS], own[:, None], 1 - own[:, None])


def split(labels: list[int], first: list[float], second: list[float]) -> Split:
    values = np.array([first, second]).T.reshape(-1, 1, 2)
    return Split(values, np.array(labels), np.arange(len(labels)) * 10)


VALID = split([0, 1] * 10, [-1, 1] * 10, [-1, 1] * 10)
"""Both numbers tell the class."""

LABELS = [0, 1, 0, 1, 0]
PLAIN = split(LABELS, [-1, 1, 1, -1, 1], [-1, 1, -1, 1, 1])
"""Two examples that the input tells, two that the layer alone tells, and one that neither does."""

COURSES = ("xxxx", ".xxx", "..xx", "x.xx", "....")
"""Which of four epochs each example is correct in."""


def recorded(probabilities: list[float]) -> TrainingDynamics:
    correct = np.array([[letter == "x" for letter in course] for course in COURSES]).T
    return TrainingDynamics(np.arange(1, 5), np.tile(probabilities, (4, 1)), correct)


DYNAMICS = recorded([0.9, 0.8, 0.7, 0.6, 0.1])
LOSSES = np.array(
    [[100, 50, 40, 30], [100, 90, 80, 20], [300, 290, 120, 60], [90, 40, 80, 10], [500.0] * 4]
).T
"""Nats by epoch and example."""


def parts(dynamics: TrainingDynamics | ExampleLoss | None = DYNAMICS, **data: Any) -> Any:
    """The parts of a run with this log and these data."""
    return parts_of_a_run(
        data=ToyData(**{"train": PLAIN, "valid": VALID} | data),
        model=ToyModel(),
        log=SimpleNamespace(training_dynamics=dynamics),
        networks=ToyNetworks(),
    )


def found(
    view: View, dynamics: TrainingDynamics | ExampleLoss | None = DYNAMICS, **data: Any
) -> dict[str, Any]:
    return {record.name: record for record in findings_of(view, parts(dynamics, **data), seed=3)}


def earliest(train: Split, valid: Split) -> np.ndarray:
    toy = parts(train=train, valid=valid)
    return depth.measure(toy.data, toy.model, toy.cache, seed=0).earliest


def test_prediction_depth_is_the_first_probe_that_is_correct() -> None:
    bars = found(training_dynamics)["prediction-depth"]
    assert bars.names == ("input", "deep", "none")
    assert bars.values.tolist() == [40, 40, 20]
    ends = np.array([wilson(hits, 5) for hits in (2, 2, 1)])
    np.testing.assert_allclose(bars.low, 100 * ends[:, 0])
    np.testing.assert_allclose(bars.high, 100 * ends[:, 1])
    assert bars.muted.tolist() == [False, False, True]
    assert bars.reference is None
    assert (bars.provenance.split, bars.provenance.n, bars.provenance.seed) == ("train", 5, 3)
    assert values_of(bars) == {
        "first correct at this layer, input": 0.4,
        "first correct at this layer, deep": 0.4,
        "training examples": 5,
        "mean depth of those always correct": 0,
        "mean depth of those not always correct": 1,
    }


def test_probes_of_training_examples_never_saw_them() -> None:
    """Whoever fits a probe on wrong labels finds them right; validation examples say otherwise."""
    train = split([1, 0] * 5, [-1, 1] * 5, [-1, 1] * 5)
    assert (earliest(train, VALID) == -1).all()
    assert (earliest(VALID, train) == -1).all()
    assert (earliest(VALID, VALID) == 0).all()


def test_all_depths_have_a_bar_even_if_no_example_is_that_deep() -> None:
    bars = found(training_dynamics, train=split(LABELS, *[(2 * np.array(LABELS) - 1).tolist()] * 2))
    assert bars["prediction-depth"].values.tolist() == [100, 0, 0]


@pytest.mark.parametrize("always", [True, False])
def test_the_mean_depth_is_compared_only_where_some_examples_were_always_correct(
    always: bool,
) -> None:
    dynamics = TrainingDynamics(np.arange(1, 5), np.ones((4, 5)), np.full((4, 5), always))
    assert len(found(training_dynamics, dynamics)["prediction-depth"].claims) == 3


@pytest.mark.parametrize("changes", [{"class_names": ("all",)}, {"valid": split([0], [1], [1])}])
def test_no_depth_without_several_classes_and_examples_of_each(changes: dict[str, Any]) -> None:
    assert findings_of(depth.prediction_depth, parts(**changes)) == []


def test_the_curves_count_the_examples_learned_for_good() -> None:
    curves = found(training_dynamics)["training-dynamics"]
    correct, lasting = curves.panels[0].series
    assert correct.y.tolist() == [40, 40, 80, 80]
    assert lasting.y.tolist() == [20, 40, 80, 80]
    assert values_of(curves) == {
        "epoch by which half of what lasts is learned": 2,
        "training examples": 5,
        "correct in every epoch": 0.2,
        "correct in no epoch": 0.2,
        "forgotten at least once": 0.2,
    }
    assert curves.claims[2].n == 5


def test_the_data_map_shows_confidence_over_variability() -> None:
    records = found(training_dynamics)
    scatter = records["data-map"]
    dynamics = example_dynamics(DYNAMICS)
    expected = np.stack([dynamics.variability, dynamics.confidence], axis=1)
    np.testing.assert_allclose(scatter.panels[0].points, expected, atol=1e-6)
    assert "standard deviation" in scatter.panels[0].x_label
    assert scatter.labels.tolist() == [0, 1, 1, 2, 3]
    assert values_of(scatter) == {
        "always correct": 0.2, "learned later": 0.4, "forgotten": 0.2, "never correct": 0.2,
        "examples on the map": 5, "training examples": 5,
    }  # fmt: skip
    assert (scatter.provenance.split, scatter.provenance.n, scatter.provenance.seed) == (
        *("train", 5),
        3,
    )
    assert records["train-examples"].ids.tolist() == [0, 10, 20, 30, 40]
    np.testing.assert_array_equal(records["train-examples"].images, PLAIN.inputs)
    assert {claim.n for claim in scatter.claims} == {5}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("learned-early", [0]), ("learned-late", [3, 2]), ("forgotten", [3])],
)
def test_galleries_show_the_examples_learned_first_last_and_forgotten(
    name: str, expected: list[int]
) -> None:
    gallery = found(training_dynamics)[name]
    np.testing.assert_array_equal(gallery.images, PLAIN.inputs[expected])
    counts = [COURSES[k].count("x") for k in expected]
    assert gallery.captions == tuple(
        f"{NAMES[LABELS[k]]}, correct in {count} of 4"
        for k, count in zip(expected, counts, strict=True)
    )
    assert {claim.value for claim in gallery.claims} == set(counts)
    assert (gallery.provenance.split, gallery.provenance.n) == ("train", 5)


def test_a_gallery_without_examples_is_left_out() -> None:
    everything = TrainingDynamics(np.arange(1, 5), np.ones((4, 5)), np.ones((4, 5), bool))
    records = found(training_dynamics, everything)
    assert "learned-early" in records
    assert not {"learned-late", "forgotten"} & set(records)


def one_group(train: Split) -> Split:
    """Examples that no model can be trained without, whose order is that of their dynamics."""
    return replace(train, groups=np.zeros(len(train), np.int64))


WRONG = split([0, 1] * 9 + [1, 0], [-1, 1] * 10, [-1, 1] * 10)
"""Validation examples of which the last two have the other's label."""


def test_label_issues_are_listed_from_the_lowest_probability_up_to_their_estimated_number() -> None:
    train = one_group(split(LABELS * 4, *[[-1.0, 1.0, 1.0, -1.0, 1.0] * 4] * 2))
    dynamics = recorded([0.9, 0.2, 0.7, 0.6, 0.1])
    tiled = TrainingDynamics(
        dynamics.epochs, np.tile(dynamics.probabilities, 4), np.tile(dynamics.correct, 4)
    )
    records = found(label_issues, tiled, train=train, valid=WRONG)
    gallery, table = records["label-issues"], records["label-issues-table"]
    assert gallery.title == "An estimated 2 training labels may be wrong"
    assert gallery.captions[:5] == (*["labelled left"] * 4, "labelled right, taken for left")
    claims = {claim.name: claim for claim in gallery.claims}
    wrong = claims["training labels that may be wrong"]
    low, high = wilson(2, 20)
    assert (wrong.value, wrong.n, wrong.low, wrong.high) == (2, 20, 20 * low, 20 * high)
    assert claims["contradicted validation labels"].value == 0.1
    assert claims["lowest probability of the own class"].value == pytest.approx(0.1)
    assert [row[0] for row in table.rows] == [40, 90]
    assert table.rows[0] == (40, "left", pytest.approx(10), 0, 0)
    assert "as many as are estimated to be wrong" in table.summary
    assert values_of(table) == {"examples listed": 2, "correct in no epoch": 1}
    assert (table.provenance.split, table.provenance.n) == ("train", 20)


def test_no_label_is_listed_where_none_is_found_wrong() -> None:
    records = found(label_issues, train=one_group(PLAIN))
    assert set(records) == {"label-issues"}
    assert records["label-issues"].title == "No wrong labels found"
    assert values_of(records["label-issues"]) == {
        "training examples": 5,
        "validation examples": 20,
        "contradicted validation labels": 0,
        "95 % interval of contradicted validation labels": 0,
        "lowest probability of the own class": pytest.approx(0.1),
    }


def test_cross_validation_orders_and_counts_the_training_labels_themselves() -> None:
    toy = parts(valid=WRONG)
    gallery, table = findings_of(label_issues, toy, cross_validation=True)
    assert gallery.title == "An estimated 1 training label may be wrong"
    np.testing.assert_array_equal(gallery.images, PLAIN.inputs[[4, 3, 1, 0, 2]])
    claims = {claim.name: claim for claim in gallery.claims}
    assert claims["contradicted training labels"].value == 0.2
    assert claims["training labels that may be wrong"].n == 5
    assert claims["lowest probability of the own class"].value == 0.2
    assert claims["folds"].value == 2
    expected = "Confident predictions by networks (2-fold cross-validation) contradict"
    assert expected in gallery.summary
    assert gallery.captions[0] == "labelled left, taken for right"
    assert [row[:3] for row in table.rows] == [(40, "left", 20)]
    assert toy.cache.made == ["out-of-fold-networks"]


def test_labels_of_images_are_ordered_by_models_without_them() -> None:
    """The network memorised the wrong label; what it knows of validation gives the number."""
    labels = np.arange(40) % 2
    pixels = np.random.default_rng(0).integers(0, 60, (40, 8, 9)).astype(np.uint8)
    pixels[labels == 1, 2:5] += 150  # a bar
    labels[6] = 1
    train = Split(pixels, labels, np.arange(40))
    dynamics = TrainingDynamics(np.arange(1, 5), np.ones((4, 40)), np.ones((4, 40), bool))
    toy = parts(dynamics, train=train, valid=WRONG)
    gallery, table = findings_of(label_issues, toy)
    assert gallery.title == "An estimated 4 training labels may be wrong"
    np.testing.assert_array_equal(gallery.images[0], pixels[6])
    assert gallery.captions[0] == "labelled right, taken for left"
    assert table.rows[0][:2] == (6, "right")
    assert "Confident predictions contradict 10.00 % of 20 validation labels" in gallery.summary
    ordered = "own class according to linear models and networks trained without them"
    assert ordered in gallery.summary
    assert unclaimed_in(gallery) == unclaimed_in(table) == set()
    assert toy.cache.made == ["out-of-fold-probabilities"]


SENTENCES = np.array([f"{word} film {k}" for k in range(30) for word in ("good", "bad")])
MARKED = np.array([0, 1] * 29 + [0, 0])
"""Good films are 0 and bad ones 1, except for the last one, which is bad and labelled 0."""


def texts(groups: np.ndarray | None = None) -> Any:
    train = Split(SENTENCES, MARKED, np.arange(60), groups=groups)
    dynamics = TrainingDynamics(np.arange(1, 5), np.ones((4, 60)), np.ones((4, 60), bool))
    return parts(dynamics, train=train, modality=Modality.TEXTS)


def test_labels_of_texts_are_predicted_by_linear_models_without_them() -> None:
    toy = texts()
    gallery, table = findings_of(label_issues, toy)
    assert gallery.title == "An estimated 1 training label may be wrong"
    assert gallery.texts[0].caption == "labelled left, taken for right"
    assert [row[0] for row in table.rows] == [59]
    claims = {claim.name: claim for claim in gallery.claims}
    assert (claims["folds"].value, claims["contradicted training labels"].n) == (20, 60)
    assert "by linear models of words (20-fold cross-validation) contradict" in gallery.summary
    ordered = "according to linear models of words trained without them, lowest first"
    assert ordered in table.summary
    assert unclaimed_in(gallery) == unclaimed_in(table) == set()
    assert toy.cache.made == ["out-of-fold-probabilities"]


def test_texts_of_one_group_have_the_order_of_their_training_dynamics() -> None:
    (gallery,) = findings_of(label_issues, texts(np.zeros(60, np.int64)))
    assert "validation labels" in gallery.summary
    assert "over the epochs" in gallery.summary


def test_texts_without_words_have_the_order_of_their_training_dynamics() -> None:
    toy = texts()
    toy.data.train = Split(np.array(["?!"] * 60), MARKED, np.arange(60))
    (gallery,) = findings_of(label_issues, toy)
    assert "over the epochs" in gallery.summary


def test_a_long_list_says_how_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glassnet.insight.views.label_issues.TABLE_SIZE", 1)
    train = one_group(split(LABELS * 4, *[[-1.0, 1.0, 1.0, -1.0, 1.0] * 4] * 2))
    dynamics = TrainingDynamics(np.arange(1, 5), np.ones((4, 20)), np.ones((4, 20), bool))
    table = found(label_issues, dynamics, train=train, valid=WRONG)["label-issues-table"]
    assert len(table.rows) == 1
    assert ", of an estimated 2." in table.summary


@pytest.mark.parametrize("view", [training_dynamics, label_issues, example_loss])
@pytest.mark.parametrize("n", [None, 4])
def test_dynamics_of_other_examples_are_not_shown(view: Any, n: int | None) -> None:
    others: list[Any] = [
        None,
        TrainingDynamics(np.arange(1, 5), np.ones((4, 4)), np.ones((4, 4), bool)),
        ExampleLoss(np.arange(1, 5), np.ones((4, 4))),
    ]
    for dynamics in others if n else others[:1]:
        assert found(view, dynamics) == {}


lost = partial(found, example_loss, ExampleLoss(np.arange(1, 5), LOSSES))


def test_the_loss_curves_are_quantiles_over_the_examples() -> None:
    curves = lost()["training-dynamics"]
    losses, learned = curves.panels
    for share, series, role in zip(
        (0.1, 0.5, 0.9), losses.series, ("first", "train", "second"), strict=True
    ):
        np.testing.assert_allclose(series.y, np.quantile(LOSSES, share, axis=1))
        assert series.role == role
    assert learned.series[0].y[-1] == 100
    claimed = values_of(curves)
    assert claimed["median loss, epoch 1"] == 100
    assert claimed["median loss, epoch 4"] == 30
    assert claimed["forgotten at least once"] == 0.2
    assert (curves.provenance.split, curves.provenance.n) == ("train", 5)


def test_the_losses_are_mapped_and_compared_by_class() -> None:
    scatter = lost()["data-map"]
    expected = np.stack([LOSSES.std(axis=0), LOSSES.mean(axis=0)], axis=1)
    np.testing.assert_allclose(scatter.panels[0].points, expected, rtol=1e-6)
    assert scatter.labels.tolist() == LABELS
    means = LOSSES.mean(axis=0)
    claimed = values_of(scatter)
    assert claimed["mean loss of left"] == pytest.approx(means[[0, 2, 4]].mean())
    assert claimed["mean loss of right"] == pytest.approx(means[[1, 3]].mean())
    assert scatter.title == "No class has a clearly higher mean loss than the others"


def test_the_galleries_of_losses_and_their_table_are_in_order() -> None:
    records = lost()
    means = LOSSES.mean(axis=0)
    assert records["learned-early"].captions[0] == f"left, {means.min():.1f} nats"
    np.testing.assert_array_equal(records["label-issues"].images[0], PLAIN.inputs[4])
    np.testing.assert_array_equal(records["forgotten"].images, PLAIN.inputs[[3]])
    table = records["label-issues-table"]
    order = np.argsort(-means)
    assert [row[0] for row in table.rows] == (10 * order).tolist()
    assert table.rows[0][2:4] == (500, 0)
    assert values_of(table) == {
        "examples listed": 5,
        "mean loss of the last one listed": means.min(),
    }
    assert (table.provenance.split, table.provenance.n) == ("train", 5)
