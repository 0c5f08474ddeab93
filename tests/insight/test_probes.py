from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

from glassnet.insight.measures import probes
from glassnet.insight.measures.neighbour_accuracy import neighbour_accuracy
from glassnet.stats.folds import stratified_folds
from glassnet.stats.intervals import wilson


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, np.ndarray]:
    """300 points in 20 dimensions, of three classes that overlap, far from the origin."""
    random = np.random.default_rng(0)
    labels = random.permutation(np.arange(300) % 3)
    centres = 1.2 * random.normal(size=(3, 20))
    stretched = random.normal(size=(300, 20)) * np.linspace(0.5, 3, 20)
    return (5 + centres[labels] + stretched).astype(np.float32), labels


def measured(features: np.ndarray, labels: np.ndarray) -> list[float]:
    products, folds = probes.gram(features), stratified_folds(labels, seed=0)
    return [
        probes.probe_correct(products, labels, folds).sum(),
        probes.neighbours_correct(products, labels, folds).sum(),
        probes.fisher_ratio(products, labels).value,
        probes.effective_dimension(products).value,
    ]


def test_the_probe_equals_scikit_learns_ridge_classifier(
    world: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = world
    products, folds = probes.gram(features), stratified_folds(labels, seed=0)
    alpha = float(((features - features.mean(axis=0)) ** 2).sum(axis=1).mean())
    assert probes.penalty(products) == pytest.approx(alpha, rel=1e-5)
    hits = 0
    for fit, test in folds:
        probe = RidgeClassifier(alpha=alpha).fit(features[fit], labels[fit])
        hits += int((probe.predict(features[test]) == labels[test]).sum())
    assert probes.probe_correct(products, labels, folds).sum() == hits
    assert hits == 294


@pytest.mark.parametrize("seed", range(5))
def test_the_probe_equals_scikit_learns_for_few_points(seed: int) -> None:
    """Of 12 points each weighs so much that an error of 1 / n in the residuals shows."""
    random = np.random.default_rng(seed)
    labels = np.arange(12) % 3
    features = (random.normal(size=(12, 4)) + np.eye(3, 4)[labels]).astype(np.float32)
    products, folds = probes.gram(features), stratified_folds(labels, seed=0, n_folds=4)
    hits = 0
    for fit, test in folds:
        probe = RidgeClassifier(alpha=probes.penalty(products)).fit(features[fit], labels[fit])
        hits += int((probe.predict(features[test]) == labels[test]).sum())
    assert probes.probe_correct(products, labels, folds).sum() == hits


def test_no_point_is_judged_by_a_probe_or_by_neighbours_that_know_it() -> None:
    """Every point is alone on its axis: who saw it is right, another one guesses."""
    features, labels = 9 * np.eye(40, dtype=np.float32), np.arange(40) % 2
    products, folds = probes.gram(features), stratified_folds(labels, seed=0)
    weights, bias = probes.fit_probe(features, labels)
    assert ((features @ weights + bias).argmax(axis=1) == labels).all()
    assert probes.probe_correct(products, labels, folds).sum() <= 20
    assert probes.neighbours_correct(products, labels, folds, n_neighbors=1).sum() <= 30
    for fit, test in folds:
        assert sorted([*fit, *test]) == list(range(40))


def test_the_neighbours_equal_scikit_learns(world: tuple[np.ndarray, np.ndarray]) -> None:
    features, labels = world
    products, folds = probes.gram(features), stratified_folds(labels, seed=0)
    hits = 0
    for fit, test in folds:
        classifier = KNeighborsClassifier(10).fit(features[fit], labels[fit])
        hits += int((classifier.predict(features[test]) == labels[test]).sum())
    assert probes.neighbours_correct(products, labels, folds).sum() == hits
    assert neighbour_accuracy(features, labels).accuracy == pytest.approx(hits / 300)


def test_equally_near_points_are_the_same_on_every_machine() -> None:
    """Sums in another order are rounded otherwise, and bags of words are often equally near."""
    rng = np.random.default_rng(0)
    words = (rng.random((200, 600)) < 0.02).astype(np.float32)
    labels = rng.integers(0, 2, 200)
    folds = stratified_folds(labels, seed=0)
    found = probes.neighbours_correct(probes.gram(words), labels, folds)
    for _ in range(5):
        shuffled = np.ascontiguousarray(words[:, rng.permutation(600)])
        again = probes.neighbours_correct(probes.gram(shuffled), labels, folds)
        assert (again == found).all()
    distances = ((words[:, None] - words) ** 2).sum(axis=2)
    for fit, test in folds:
        nearest = np.argsort(distances[test][:, fit], axis=1, kind="stable")[:, :10]
        votes = labels[fit][nearest].sum(axis=1)
        assert (found[test] == ((votes > 5) == labels[test])).all(), "of these, the first ones"


def test_the_fisher_ratio_equals_its_definition(
    world: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = world
    points = features.astype(np.float64) - features.mean(axis=0, dtype=np.float64)
    means = np.stack([points[labels == label].mean(axis=0) for label in range(3)])
    between = np.square(means[labels]).sum()
    within = np.square(points - means[labels]).sum()
    ratio = probes.fisher_ratio(probes.gram(features), labels)
    assert ratio.value == pytest.approx(between / within, rel=1e-5)


def test_the_effective_dimension_is_a_ratio_of_averages_over_four_points() -> None:
    points = np.random.default_rng(8).normal(size=(7, 5)) * [3, 2, 1, 1, 1]
    steps = [
        (points[i] - points[j], points[k] - points[m]) for i, j, k, m in permutations(range(7), 4)
    ]
    of_trace = sum((one @ one) * (other @ other) for one, other in steps)
    of_square = sum((one @ other) ** 2 for one, other in steps)
    found = probes.effective_dimension(probes.gram(points.astype(np.float32)))
    assert found.value == pytest.approx(of_trace / of_square, rel=1e-5)


@pytest.mark.parametrize("n", [60, 200])
def test_the_effective_dimension_does_not_depend_on_the_number_of_points(n: int) -> None:
    """A population of 79 dimensions, of which a sample of 60 points alone shows 33."""
    random, variances = np.random.default_rng(9), np.exp(-np.arange(200) / 40)
    true = variances.sum() ** 2 / np.square(variances).sum()
    samples = [random.normal(size=(n, 200)) * np.sqrt(variances) for _ in range(40)]
    found = [probes.effective_dimension(probes.gram(each.astype(np.float32))) for each in samples]
    spread = np.std([each.value for each in found])
    assert np.mean([each.value for each in found]) == pytest.approx(true, abs=3 * spread / 40**0.5)
    assert np.mean([each.error for each in found]) == pytest.approx(spread, rel=0.35)


def test_their_standard_errors_match_repeated_samples() -> None:
    random = np.random.default_rng(1)
    estimates = []
    for _ in range(300):
        labels = np.arange(400) % 2
        points = random.normal(size=(400, 6)) * [3, 2, 1, 1, 1, 1] + 1.5 * labels[:, None]
        products = probes.gram(points.astype(np.float32))
        estimates.append(
            (probes.fisher_ratio(products, labels), probes.effective_dimension(products))
        )
    for repeated in zip(*estimates, strict=True):
        spread = np.std([each.value for each in repeated])
        assert np.mean([each.error for each in repeated]) == pytest.approx(spread, rel=0.15)


def test_rotating_and_shifting_a_layer_changes_nothing(
    world: tuple[np.ndarray, np.ndarray],
) -> None:
    features, labels = world
    rotation, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(20, 20)))
    other = (7 * features @ rotation - 3).astype(np.float32)
    assert measured(other, labels) == pytest.approx(measured(features, labels), rel=1e-4)


def test_shuffled_labels_are_at_chance(world: tuple[np.ndarray, np.ndarray]) -> None:
    features, labels = world
    shuffled = np.random.default_rng(3).permutation(labels)
    probe, neighbours, ratio, _ = measured(features, shuffled)
    for hits in (probe, neighbours):
        low, high = wilson(int(hits), 300)
        assert low < 1 / 3 < high
    # Of equal classes: (3 - 1) / (300 - 3); the 20 unequal axes leave a deviation of 0.002.
    assert ratio == pytest.approx(2 / 297, abs=0.006)


def test_equal_points_are_at_chance() -> None:
    labels = np.arange(60) % 3
    probe, neighbours, ratio, dimension = measured(np.full((60, 4), 2.5, np.float32), labels)
    assert (probe, neighbours) == (20, 20)
    assert (ratio, dimension) == (0, 0)


def test_a_line_has_one_dimension_and_a_ball_all_of_them() -> None:
    random = np.random.default_rng(4)
    line = np.outer(random.normal(size=500), [3.0, 4.0]).astype(np.float32)
    assert probes.effective_dimension(probes.gram(line)).value == pytest.approx(1)
    ball = random.normal(size=(4000, 5)).astype(np.float32)
    dimension = probes.effective_dimension(probes.gram(ball))
    assert dimension.value == pytest.approx(5, abs=3 * dimension.error + 0.02)
