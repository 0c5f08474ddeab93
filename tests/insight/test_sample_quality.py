from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist
from sentences import unclaimed_in
from toy_latent import SIDE, LinearModel, Reciter, ToyClassifier, generator, world
from toy_parts import findings_of

from glassnet import findings
from glassnet.insight.measures import nearest_neighbors, precision_recall
from glassnet.insight.measures.frechet_distance import Gaussian, frechet_error
from glassnet.insight.measures.ratio_of_medians import ratio_of_medians
from glassnet.insight.views import class_balance, nearest_training, sample_quality
from glassnet.stats.intervals import wilson

RNG = np.random.default_rng(0)

run_view = partial(findings_of, seed=5)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return Gaussian(a).frechet_distance(Gaussian(b))


def whitened(n: int, dimensions: int) -> np.ndarray:
    """Points with mean 0 and covariance I, exactly."""
    points = RNG.normal(size=(n, dimensions))
    points -= points.mean(axis=0)
    return points @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(points.T))).T)


def test_the_frechet_distance_of_two_gaussians_is_the_closed_form() -> None:
    factors = RNG.normal(size=(2, 5, 5))
    shift = np.arange(5.0)
    a, b = whitened(50, 5) @ factors[0].T, whitened(80, 5) @ factors[1].T + shift
    first, second = (factor @ factor.T for factor in factors)
    cross = np.trace(sqrtm(first @ second)).real
    expected = shift @ shift + np.trace(first) + np.trace(second) - 2 * cross
    assert distance(a, b) == pytest.approx(expected, rel=1e-9)
    assert distance(b, a) == pytest.approx(expected, rel=1e-9)


def test_the_frechet_distance_in_one_dimension_follows_from_means_and_deviations() -> None:
    a, b = 3 * whitened(40, 1) + 7, 5 * whitened(30, 1) + 3
    assert distance(a, b) == pytest.approx((7 - 3) ** 2 + (3 - 5) ** 2)


@pytest.mark.parametrize("n", [8, 500])
def test_equal_sets_have_distance_0_even_with_a_singular_covariance(n: int) -> None:
    points = np.maximum(RNG.normal(size=(n, 20)), 0).astype(np.float32)
    points[:, :3] = 0  # dead features
    assert distance(points, points) == pytest.approx(0, abs=1e-5)


def test_the_error_of_a_frechet_distance_is_its_spread_over_samples() -> None:
    real = whitened(2000, 4)
    draws = [RNG.normal(size=(500, 4)) * 1.3 for _ in range(60)]
    spread = np.std([distance(real, draw) for draw in draws])
    errors = [frechet_error(Gaussian(real), draw) for draw in draws[:10]]
    assert np.mean(errors) == pytest.approx(spread, rel=0.35)


def test_precision_and_recall_of_the_same_cloud_are_high() -> None:
    real, again = RNG.normal(size=(2, 700, 3))
    precision, recall = precision_recall.precision_recall(real, again)
    assert precision > 0.9
    assert recall > 0.9
    assert precision_recall.precision_recall(real, real) == (1, 1)


def test_one_of_two_clusters_has_high_precision_and_half_the_recall() -> None:
    clusters = RNG.normal(size=(2, 300, 3)) + np.array([0, 50])[:, None, None]
    half = RNG.normal(size=(600, 3))
    precision, recall = precision_recall.precision_recall(np.concatenate(clusters), half)
    assert precision > 0.9
    assert recall == pytest.approx(0.5, abs=0.05)
    precision, recall = precision_recall.precision_recall(half, np.concatenate(clusters))
    assert precision == pytest.approx(0.5, abs=0.05)
    assert recall > 0.9


def test_distant_clusters_have_no_precision_and_no_recall() -> None:
    real, away = RNG.normal(size=(2, 100, 3))
    assert precision_recall.precision_recall(real, away + 1000) == (0, 0)


def test_precision_and_recall_agree_with_the_full_distance_matrix() -> None:
    real, fake = RNG.normal(size=(90, 2)), RNG.normal(size=(70, 2)) + 1
    for points, others, share in (
        (fake, real, precision_recall.precision_recall(real, fake)[0]),
        (real, fake, precision_recall.precision_recall(real, fake)[1]),
    ):
        reach = np.sort(cdist(others, others), axis=1)[:, 3]
        assert share == (cdist(points, others) <= reach).any(axis=1).mean()


def test_the_memory_limit_does_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = RNG.normal(size=(2, 90, 2))
    whole = precision_recall.precision_recall(real, fake)
    monkeypatch.setattr(precision_recall, "MEMORY", 0.01)
    assert precision_recall.precision_recall(real, fake) == whole


@pytest.mark.parametrize("largest", [1, 1000, nearest_neighbors.MAX_VALUES])
def test_nearest_neighbours_agree_with_scipy(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_neighbors, "MAX_VALUES", largest)
    queries, pool = RNG.integers(0, 256, (2, 60, 4, 4)).astype(np.uint8)
    distance, where = nearest_neighbors.nearest_neighbors(queries, pool)
    every = cdist(queries.reshape(60, -1).astype(float), pool.reshape(60, -1).astype(float))
    np.testing.assert_allclose(distance, every.min(axis=1))
    np.testing.assert_allclose(every[np.arange(60), where], every.min(axis=1))


def test_a_copy_has_distance_0() -> None:
    pool = RNG.integers(0, 256, (50, 28, 28)).astype(np.uint8)
    distance, where = nearest_neighbors.nearest_neighbors(pool[[7, 3]], pool)
    assert distance.tolist() == [0, 0]
    assert where.tolist() == [7, 3]


def test_a_faithful_generator_is_close_to_the_test_images() -> None:
    (table,) = run_view(
        sample_quality.sample_quality, generator(reference_classifier=ToyClassifier())
    )
    assert table.columns[1:3] == ("samples", "training images")
    assert [row[0] for row in table.rows] == ["Fréchet distance", "precision", "recall"]
    distance, floor = (float(str(cell).split(" ±")[0]) for cell in table.rows[0][1:3])
    assert distance == floor == 0, "to two decimals"
    for row in table.rows[1:]:
        assert all(float(str(cell).split(" %")[0]) > 80 for cell in row[1:3])
    assert "classifier-1" in table.summary
    assert "300 samples" in table.summary
    assert "layer pixels" in table.summary


def test_a_narrow_generator_has_high_precision_and_low_recall() -> None:
    narrow = generator(LinearModel((0.0, 0.05)), reference_classifier=ToyClassifier())
    (table,) = run_view(sample_quality.sample_quality, narrow)
    precision, recall = (float(str(row[1]).split(" %")[0]) for row in table.rows[1:])
    assert precision > 90
    assert recall < 10, "samples on a line"
    assert table.title == f"{precision:.1f} % of the samples lie among real images, " + (
        f"{recall:.1f} % of real images among samples"
    )


class InPercent(ToyClassifier):
    """Features large enough for an error of their distance to have decimals."""

    def features(self, images: np.ndarray) -> np.ndarray:
        return 100 * super().features(images)


def test_the_table_gives_the_95_percent_interval_of_the_distance() -> None:
    (table,) = run_view(sample_quality.sample_quality, generator(reference_classifier=InPercent()))
    claim = next(claim for claim in table.claims if claim.name.endswith("of samples"))
    half = (claim.high - claim.low) / 2
    assert half > 0.1, "otherwise the table cannot show it"
    assert table.rows[0][1] == f"{claim.value:.2f} ± {half:.2f}"


def test_without_a_reference_classifier_one_line_is_logged_and_nothing_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_view(sample_quality.sample_quality, generator()) == []
    assert run_view(class_balance.class_balance, generator()) == []
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "train a classifier on these data" in message


def test_balanced_classes_are_reported_as_balanced() -> None:
    (bars,) = run_view(class_balance.class_balance, generator(reference_classifier=ToyClassifier()))
    assert bars.title == "No class is clearly generated more often than another"
    assert bars.values.sum() == pytest.approx(100)
    assert bars.values == pytest.approx([100 / 3] * 3, abs=3)
    assert bars.reference == pytest.approx(100 / 3)
    assert ((bars.low < bars.values) & (bars.values < bars.high)).all()


def test_a_generator_of_one_class_is_detected() -> None:
    (bars,) = run_view(
        class_balance.class_balance,
        generator(LinearModel((0.0, 0.05)), reference_classifier=ToyClassifier()),
    )
    assert bars.title == "Every sample is classified as middle"
    assert bars.values.tolist() == [0, 100, 0]
    assert bars.high[0] == pytest.approx(100 * wilson(0, 5000)[1])
    train = world(600, 2).labels
    distance = 100 * (1 - (train == 1).mean())
    assert f"is {distance:.1f} %" in bars.summary


def test_the_class_balance_says_whether_classes_were_requested() -> None:
    def summary(model: LinearModel) -> str:
        toy = generator(model, reference_classifier=ToyClassifier())
        (bars,) = run_view(class_balance.class_balance, toy)
        return str(bars.summary)

    assert "(5,000 samples, all classes requested in turn, " in summary(
        LinearModel((0.0, 0.05), base=(0.3, 0.5, 0.7))
    )
    assert "(5,000 samples, classified by " in summary(LinearModel())


def test_an_unbalanced_generator_is_detected() -> None:
    class Lopsided(LinearModel):
        def decode(self, codes: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
            return super().decode(codes + torch.tensor([0.5, 0, 0]), labels)

    (bars,) = run_view(
        class_balance.class_balance, generator(Lopsided(), reference_classifier=ToyClassifier())
    )
    assert bars.title == "high is generated most often, low least often"


def test_a_generator_that_copies_training_images_is_detected() -> None:
    train = world(600, 2)
    (found,) = run_view(nearest_training.nearest_training, generator(Reciter(train)))
    assert found.title == "100.0 % of the samples may be copies of training images"
    assert "0.00 times" in found.summary
    np.testing.assert_array_equal(found.images[0, 0], found.images[0, 1])
    assert set(found.column_names) == {"0.0"}


def test_a_generator_that_sometimes_copies_is_detected() -> None:
    class Sometimes(Reciter):
        def decode(self, codes: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
            fresh = world(len(codes), 9).inputs
            own = torch.from_numpy(fresh).float().unsqueeze(1) / 255
            recites = (codes[:, 1] > 1).reshape(-1, 1, 1, 1)
            return torch.where(recites, super().decode(codes), own)

    (found,) = run_view(nearest_training.nearest_training, generator(Sometimes(world(600, 2))))
    share = float(found.title.split(" %")[0])
    assert "may be copies" in found.title
    assert share == pytest.approx(16.6, abs=4)


def test_a_generator_of_new_images_is_not_suspected() -> None:
    class Fresh(LinearModel):
        def decode(self, codes: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
            fresh = world(len(codes), 9).inputs
            return torch.from_numpy(fresh).float().unsqueeze(1) / 255

    (found,) = run_view(nearest_training.nearest_training, generator(Fresh()))
    assert found.title == "The samples are not copies of training images"
    assert found.images.shape == (1, 2, 12, SIDE, SIDE)
    distances = [float(name) for name in found.column_names]
    assert distances == sorted(distances)
    shown = found.images[0].astype(float) / 255
    apart = np.sqrt(((shown[0] - shown[1]) ** 2).sum(axis=(1, 2)))
    assert apart == pytest.approx(distances, abs=0.051)


def test_the_interval_of_a_ratio_of_medians_contains_the_truth() -> None:
    values, others = RNG.normal(4, 1, 1000), RNG.normal(5, 1, 1000)
    ratio, low, high = ratio_of_medians(values, others, seed=0)
    assert low < 0.8 < high
    assert low < ratio < high
    # A median of n normal values has the standard error 1.2533 / sqrt(n).
    error = 0.8 * np.hypot(1 / 4, 1 / 5) * 1.2533 / np.sqrt(1000)
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.25)


def test_measurements_are_cached_under_the_name_of_the_classifier() -> None:
    toy = generator(reference_classifier=ToyClassifier())
    first = [
        run_view(view, toy) for view in (sample_quality.sample_quality, class_balance.class_balance)
    ]
    names = set(toy.cache.stored)
    assert names
    assert all("classifier-1" in name for name in names)
    toy.latent_model = LinearModel((0.0, 0.0, 0.0))  # what is kept is not run_view again
    again = [
        run_view(view, toy) for view in (sample_quality.sample_quality, class_balance.class_balance)
    ]
    assert [each[0].title for each in first] == [each[0].title for each in again]
    assert set(toy.cache.stored) == names


NETWORKS = {
    "linear": lambda: generator(reference_classifier=ToyClassifier()),
    "nothing learned": lambda: generator(
        LinearModel((0.0, 0.0)), reference_classifier=ToyClassifier()
    ),
    "conditional": lambda: generator(
        LinearModel((0.0, 0.05), base=(0.3, 0.5, 0.7)), reference_classifier=ToyClassifier()
    ),
    "few test images": lambda: generator(test=world(9, 1), reference_classifier=ToyClassifier()),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_every_case_gives_findings_that_can_be_saved(make: Any, tmp_path: Path) -> None:
    toy = make()
    for view in (
        sample_quality.sample_quality,
        class_balance.class_balance,
        nearest_training.nearest_training,
    ):
        for record in run_view(view, toy):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.Finding)
            assert again.section == "samples"
            assert "nan" not in (again.title + again.summary).lower()
            assert unclaimed_in(again, (ToyClassifier.name,)) == set()
            assert again.summary.endswith(".")
            assert not again.title.endswith(".")
