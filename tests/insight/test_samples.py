from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentences import unclaimed_in
from toy_latent import (
    CLASSES,
    SIDE,
    LinearModel,
    ToyClassifier,
    ToyNetworks,
    generator,
    patterns,
    world,
)
from toy_parts import findings_of

from glassnet import findings
from glassnet.inference import latents
from glassnet.insight.views import class_grid, interpolations, reconstructions, samples
from glassnet.stats.intervals import wilson

THIRDS = (0.3, 0.5, 0.7)
"""Brightness by class, for a decoder that is told of classes."""

run_view = partial(findings_of, seed=5)


class Conditional(LinearModel):
    """The class alone sets the first coordinate; the code sets the second."""

    def __init__(self, obedience: float = 1.0) -> None:
        super().__init__((0.0, 0.05), base=(0.5, 0.5, 0.5))
        self.obedience = obedience

    def decode(self, codes: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        assert labels is not None
        obeys = torch.special.ndtr(codes[:, 0]) < self.obedience
        place = torch.where(obeys, labels.float() - 1, 1.0)[:, None]
        flat = place * 0.12 * patterns(1)
        return super().decode(codes, labels) + flat.reshape(-1, 1, SIDE, SIDE)


def steps(*scales: float) -> dict[int, LinearModel]:
    """Snapshots at epochs 0, 1, 2, ...: the first dimension grows to its full strength."""
    return {epoch: LinearModel((0.12 * scale, 0, 0)) for epoch, scale in enumerate(scales)}


def test_samples_show_the_snapshots_in_order_and_end_with_the_chosen_weights() -> None:
    toy = generator(LinearModel((0.12, 0, 0)), networks=ToyNetworks(steps(0, 0.5, 0.9, 1), 3))
    (grid,) = run_view(samples.samples, toy)
    assert grid.images.shape == (4, 8, 8, SIDE, SIDE)
    assert grid.images.dtype == np.uint8
    assert grid.frame_names == ("0", "1", "2", "3")
    assert grid.frame_label == "epoch"
    spread = grid.images.std(axis=(1, 2, 3, 4))
    assert spread[0] == 0
    assert (np.diff(spread[:4]) > 0).all()
    model = toy.latent_model
    codes = latents.codes(model, 64, 5)
    expected = latents.decode(model, codes).reshape(8, 8, SIDE, SIDE)
    np.testing.assert_array_equal(grid.images[-1], expected)


def test_the_title_names_the_epoch_from_which_samples_are_close() -> None:
    """The gap to the end goes with the square of what is missing: (1 - 0.5)^2 / 2, 0.1^2 / 2."""
    toy = generator(LinearModel((0.12, 0, 0)), networks=ToyNetworks(steps(0, 0.5, 0.9, 1), 3))
    (grid,) = run_view(samples.samples, toy)
    assert grid.title == "By epoch 2 the samples are within 10 % of their final form"
    codes = latents.codes(toy.latent_model, 64, 5)[:, 0]
    half = 100 * (codes**2).mean() / (2 * codes.var(ddof=1))
    labelled = [float(part.split(" %")[0]) for part in grid.summary.split(": ")[1].split(", ")]
    assert labelled == pytest.approx([half, half / 4, half / 100], rel=0.03, abs=0.06)


def test_samples_that_change_to_the_end_are_reported() -> None:
    toy = generator(LinearModel((0.12, 0, 0)), networks=ToyNetworks(steps(0, 0.1, 0.2), 5))
    (grid,) = run_view(samples.samples, toy)
    assert grid.title == "The samples still change up to the chosen epoch, 5"


def test_snapshots_after_the_chosen_epoch_are_left_out() -> None:
    toy = generator(LinearModel((0.12, 0, 0)), networks=ToyNetworks(steps(0, 0.9, 1, 3), 2))
    (grid,) = run_view(samples.samples, toy)
    assert grid.frame_names == ("0", "1", "2")
    assert len(grid.images) == 3
    assert grid.title.startswith("By epoch 1 ")


def test_without_snapshots_there_is_one_frame() -> None:
    (grid,) = run_view(samples.samples, generator())
    assert grid.images.shape[0] == 1
    assert grid.frame_names == ("",)
    assert "two test images" in grid.title


def test_the_same_seed_shows_the_same_codes() -> None:
    first, again = (run_view(samples.samples, generator())[0] for _ in range(2))
    np.testing.assert_array_equal(first.images, again.images)
    (other,) = findings_of(samples.samples, generator(), seed=6)
    assert (other.images != first.images).any()


def test_a_class_grid_needs_a_conditional_generator() -> None:
    assert run_view(class_grid.class_grid, generator()) == []
    (grid,) = run_view(class_grid.class_grid, generator(Conditional()))
    assert grid.images.shape == (1, 3, 10, SIDE, SIDE)
    assert (grid.provenance.n, grid.provenance.seed) == (30, 5)
    assert grid.row_names == CLASSES


def test_a_column_of_the_grid_shares_its_code() -> None:
    model = LinearModel((0.0, 0.05), base=THIRDS)
    (grid,) = run_view(class_grid.class_grid, generator(model))
    rows = grid.images[0].astype(float)
    rows -= rows.mean(axis=(2, 3), keepdims=True)
    np.testing.assert_allclose(rows, np.broadcast_to(rows[:1], rows.shape), atol=1.01)
    code = 0.05**2 * latents.codes(model, 10, 5)[:, 1].var()
    share = np.var(THIRDS) / (np.var(THIRDS) + code)
    assert float(grid.title.split(" %")[0].split()[-1]) == pytest.approx(100 * share, abs=0.15)


@pytest.mark.parametrize("obedience", [1.0, 0.5])
def test_the_classifier_measures_how_often_the_requested_class_is_generated(
    obedience: float,
) -> None:
    """A model that obeys half of the time gives `high` otherwise: 50 % + a third of the rest."""
    (grid,) = run_view(
        class_grid.class_grid,
        generator(Conditional(obedience), reference_classifier=ToyClassifier()),
    )
    share = float(grid.title.split(" %")[0]) / 100
    assert share == pytest.approx(obedience + (1 - obedience) / 3, abs=0.05)
    low, high = wilson(round(share * 1000), 1000)
    assert f"{100 * low:.1f} to {100 * high:.1f} %" in grid.summary
    assert grid.provenance.n == 1000


def test_reconstructions_are_below_their_originals() -> None:
    toy = generator()
    (found,) = run_view(reconstructions.reconstructions, toy)
    assert found.images.shape == (1, 2, 16, SIDE, SIDE)
    assert found.row_names == ("original", "reconstruction"), "what is observed is the original"
    original, rebuilt = found.images[0].astype(float)
    grain = 4 * np.sqrt(2 / np.pi)  # mean absolute value of the noise, of deviation 4
    assert np.abs(original - rebuilt).mean() == pytest.approx(grain, abs=0.3)
    where = toy.data.subsample(16, 5)
    assert sorted(map(bytes, found.images[0, 0])) == sorted(map(bytes, toy.data.test.inputs[where]))


def test_the_observed_image_has_a_row_if_it_differs_from_the_original() -> None:
    class Binary(LinearModel):
        def observe(self, pixels: torch.Tensor, seed: int | None = None) -> torch.Tensor:
            return (pixels > 127).float()

    (found,) = run_view(reconstructions.reconstructions, generator(Binary()))
    assert found.row_names == ("original", "as observed", "reconstruction")
    assert set(np.unique(found.images[0, 1])) == {0, 255}


def test_the_error_of_reconstructions_is_the_noise() -> None:
    """The toy images are the model's own with a grain of deviation 4 that no code can hold."""
    (found,) = run_view(reconstructions.reconstructions, generator())
    off = float(found.summary.split(" of 255")[0].split()[-1])
    assert off == pytest.approx(4, abs=0.3)
    stored = float(found.title.split(" %")[0].split()[-1]) / 100
    images = world(300, 1).inputs.astype(float)
    assert stored == pytest.approx(1 - off**2 / images.var(axis=0).mean(), abs=0.002)


@pytest.mark.parametrize("base", [0.5, THIRDS])
def test_reconstructions_use_the_class_if_the_decoder_knows_it(base: Any) -> None:
    (found,) = run_view(
        reconstructions.reconstructions, generator(LinearModel((0.0, 0.05), base=base))
    )
    assert ("and the class" in found.title) is (base == THIRDS)


def test_an_interpolation_is_a_straight_line_between_two_classes() -> None:
    toy = generator()
    (found,) = run_view(interpolations.interpolations, toy)
    assert found.images.shape == (1, 8, 11, SIDE, SIDE)
    assert found.column_names[0] == "0.0"
    assert found.column_names[-1] == "1.0"
    for name, walk in zip(found.row_names, found.images[0].astype(float), strict=True):
        start, end = name.split(" to ")
        assert start != end
        ends = ToyClassifier().probabilities(found.images[0, :, [0, -1]].reshape(-1, SIDE, SIDE))
        assert (ends.max(axis=1) > 0.3).all()
        np.testing.assert_allclose(walk[5], (walk[0] + walk[-1]) / 2, atol=1.01)
    assert len(set(found.row_names)) == 3, "all three pairs of classes have their turn"


def test_even_steps_are_reported_as_even() -> None:
    (found,) = run_view(interpolations.interpolations, generator(reference_classifier=None))
    assert found.title.startswith("The largest step of an interpolation is 1.")
    assert f"the largest of the {found.images.shape[2] - 1} steps" in found.summary


def test_the_classifier_measures_interpolations_and_cross_fades() -> None:
    (found,) = run_view(
        interpolations.interpolations, generator(reference_classifier=ToyClassifier())
    )
    walk, fade = (float(part.split()[-1]) for part in found.summary.split(" %")[1:5:2])
    assert 90 < walk < 100, "this classifier is unsure within a hundredth of a border only"
    assert fade == pytest.approx(walk, abs=2), "in a linear world a walk is a fade"


class AlmostAlwaysSure(ToyClassifier):
    def probabilities(self, images: np.ndarray) -> np.ndarray:
        probabilities = np.eye(3, dtype=np.float32)[np.zeros(len(images), np.int64)]
        probabilities[0] = 1 / 3
        return probabilities


def test_the_interval_of_a_share_of_steps_ends_at_1() -> None:
    toy = generator(reference_classifier=AlmostAlwaysSure())
    (found,) = run_view(interpolations.interpolations, toy)
    clear = next(claim for claim in found.claims if claim.name.startswith("interpolation steps"))
    (half,) = (claim.value / 100 for claim in found.claims if claim.name.startswith("half the"))
    assert clear.value + half > 1, "otherwise this tests nothing"
    assert (clear.low, clear.high) == (pytest.approx(clear.value - half), 1)


def test_interpolations_of_a_conditional_decoder_stay_within_a_class() -> None:
    (found,) = run_view(
        interpolations.interpolations, generator(LinearModel((0.0, 0.05), base=THIRDS))
    )
    assert set(found.row_names) == set(CLASSES)
    bright = found.images[0].mean(axis=(2, 3))
    assert np.ptp(bright, axis=1).max() < 1


def test_a_single_class_has_no_interpolations() -> None:
    toy = generator()
    toy.data.test.labels[:] = 1
    assert run_view(interpolations.interpolations, toy) == []


NETWORKS = {
    "linear": lambda: generator(
        networks=ToyNetworks(steps(0, 1)), reference_classifier=ToyClassifier()
    ),
    "no classifier": lambda: generator(),
    "conditional": lambda: generator(
        Conditional(),
        networks=ToyNetworks({0: Conditional()}),
        reference_classifier=ToyClassifier(),
    ),
    "nothing learned": lambda: generator(
        LinearModel((0.0, 0.0, 0.0)), networks=ToyNetworks(steps(0, 0))
    ),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_every_case_gives_findings_that_can_be_saved(make: Any, tmp_path: Path) -> None:
    toy = make()
    for view in (
        samples.samples,
        class_grid.class_grid,
        reconstructions.reconstructions,
        interpolations.interpolations,
    ):
        for record in run_view(view, toy):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.ImageGrid)
            assert again.section == "samples"
            assert "nan" not in (again.title + again.summary).lower()
            assert unclaimed_in(again, (ToyClassifier.name,)) == set()
            assert again.summary.endswith(".")
            assert not again.title.endswith(".")
            assert again.images.shape[0] == len(again.frame_names)
            assert len(again.row_names) in (0, again.images.shape[1])
            assert len(again.column_names) in (0, again.images.shape[2])
