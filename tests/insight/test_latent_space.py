from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import ndtri
from scipy.stats import norm
from sentences import unclaimed_in
from toy_latent import SIDE, LinearModel, generator, world
from toy_parts import findings_of

from glassnet import findings
from glassnet.inference import latents
from glassnet.insight.measures.nearest_neighbors import nearest_neighbors
from glassnet.insight.views import aggregate_posterior, kl_by_dimension, latent_map, traversals

run_view = partial(findings_of, seed=5, points=120)


def test_an_unused_dimension_is_muted() -> None:
    (bars,) = run_view(kl_by_dimension.kl_by_dimension, generator(LinearModel((0.0, 0.12, 0.05))))
    assert bars.title == "2 of 3 dimensions are used"
    assert bars.names[-1] == "0"
    assert bars.muted.tolist() == [False, False, True]
    assert bars.values[-1] == 0
    assert "0.01 nats" in bars.muted_label


def test_the_kl_is_that_of_the_known_posterior() -> None:
    """The posterior of N(0, 1) codes has a deviation of 0.1: KL = (1 + 0.01 - 1 - ln 0.01) / 2."""
    (bars,) = run_view(kl_by_dimension.kl_by_dimension, generator(LinearModel(noise=0.1)))
    toy = generator()
    _, kl, _ = latents.elbo_of(toy.data, toy.latent_model, toy.cache)
    expected = (1 + 0.01 - 1 - np.log(0.01)) / 2
    assert bars.values[:2] == pytest.approx([expected] * 2, abs=0.15)
    assert (np.diff(bars.values) <= 0).all()
    order = [int(name) for name in bars.names]
    half = 1.96 * kl.std(axis=0)[order] / np.sqrt(300)
    np.testing.assert_allclose(bars.high - bars.values, half, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(bars.values - bars.low, half, rtol=1e-3, atol=1e-6)
    assert f"{kl.sum(axis=1).mean():.2f} ± " in bars.summary


@pytest.mark.parametrize(
    ("strengths", "title"),
    [
        ((0.0, 0.0), "None of 2 dimensions is used"),
        ((0.1, 0.0), "1 of 2 dimensions is used"),
        ((0.1, 0.1), "2 of 2 dimensions are used"),
    ],
)
def test_the_title_counts_the_used_dimensions(strengths: tuple[float, ...], title: str) -> None:
    (bars,) = run_view(kl_by_dimension.kl_by_dimension, generator(LinearModel(strengths)))
    assert bars.title == title


def test_a_traversal_varies_a_single_coordinate() -> None:
    toy = generator(LinearModel((0.0, 0.05, 0.12)))
    (found,) = run_view(traversals.traversals, toy)
    assert found.images.shape == (1, 2, 11, SIDE, SIDE)
    assert (found.column_names[0], found.column_names[5], found.column_names[-1]) == (
        "−3.0",
        "0",
        "+3.0",
    )
    rows = [int(name.split()[1]) for name in found.row_names]
    assert sorted(rows) == [1, 2]
    for row, dimension in enumerate(rows):
        codes = np.zeros((11, 3), np.float32)
        codes[:, dimension] = np.linspace(-3, 3, 11)
        expected = latents.decode(toy.latent_model, codes)
        np.testing.assert_array_equal(found.images[0, row], expected)


def test_a_traversal_of_a_conditional_decoder_shows_the_first_class() -> None:
    toy = generator(LinearModel((0.05,), base=(0.3, 0.5, 0.7)))
    (found,) = run_view(traversals.traversals, toy)
    assert found.images[0, 0, 5].mean() / 255 == pytest.approx(0.3, abs=0.01)


def test_the_effect_of_a_dimension_is_its_known_strength() -> None:
    """From -3 to 3 every pixel changes by 6 strengths; a dead dimension changes none."""
    (found,) = run_view(traversals.traversals, generator(LinearModel((0.02, 0.06, 0.0))))
    assert found.title == "Dimension 1 changes the image most"
    numbers = [float(part.split()[-1]) for part in found.summary.split(" ±")[:2]]
    assert numbers == pytest.approx([6 * 0.06 * 255, 6 * 0.02 * 255], abs=0.5)
    assert "an unused one by 0.0 at most" in found.summary


def test_the_number_of_traversals_is_bounded() -> None:
    toy = generator(LinearModel((0.01,) * 20))
    (found,) = run_view(traversals.traversals, toy)
    assert found.images.shape[1] == len(found.row_names) == traversals.MAX_ROWS


def test_a_code_without_information_has_no_traversals() -> None:
    nothing = generator(LinearModel((0.0, 0.0)))
    assert run_view(traversals.traversals, nothing) == []
    assert run_view(aggregate_posterior.aggregate_posterior, nothing) == []


def test_only_a_two_dimensional_latent_space_has_a_map() -> None:
    assert run_view(latent_map.latent_map, generator()) == []


def test_the_map_shows_the_quantiles_with_the_second_dimension_upwards() -> None:
    toy = generator(LinearModel((0.12, 0.05)))
    grid, _ = run_view(latent_map.latent_map, toy)
    assert grid.images.shape == (1, 20, 20, SIDE, SIDE)
    for row, column in ((0, 0), (0, 19), (19, 0), (7, 12)):
        code = ndtri([[(column + 0.5) / 20, (19 - row + 0.5) / 20]]).astype(np.float32)
        (expected,) = latents.decode(toy.latent_model, code)
        np.testing.assert_array_equal(grid.images[0, row, column], expected)
    assert (grid.column_label, grid.row_label) == ("latent dimension 0", "latent dimension 1")
    assert grid.column_names == grid.row_names[::-1]
    named = {place: name for place, name in enumerate(grid.column_names) if name}
    assert named == {
        place: f"{ndtri((place + 0.5) / 20):+.1f}".replace("-", "−") for place in (2, 7, 12, 17)
    }


def test_the_map_of_a_conditional_decoder_has_a_frame_per_class() -> None:
    grid, _ = run_view(latent_map.latent_map, generator(LinearModel((0.1, 0.05), (0.4, 0.5, 0.6))))
    assert grid.frame_names == ("low", "middle", "high")
    assert grid.images.shape[:3] == (3, 20, 20)
    assert (np.diff(grid.images.mean(axis=(1, 2, 3, 4))) > 20).all()


def test_the_points_are_the_mean_codes_of_the_examples() -> None:
    toy = generator(LinearModel((0.12, 0.05)))
    _, scatter = run_view(latent_map.latent_map, toy)
    (panel,) = scatter.panels
    examples = toy.data.test.take(toy.data.subsample(120, 5))
    np.testing.assert_array_equal(scatter.labels, examples.labels)
    mean, _ = latents.encode(
        toy.latent_model, torch.from_numpy(examples.inputs).unsqueeze(1).float() / 255
    )
    np.testing.assert_allclose(panel.points, mean, atol=1e-6)
    assert scatter.examples == "examples"
    assert panel.numbers["neighbour_accuracy_plane"] > 0.85, "the first coordinate is the class"


def test_codes_that_follow_the_prior_leave_no_holes() -> None:
    toy = generator(LinearModel((0.12, 0.05)), test=world(2000, 1, LinearModel((0.12, 0.05))))
    (table,) = run_view(aggregate_posterior.aggregate_posterior, toy)
    share = float(table.title.split(" %")[0])
    assert share == pytest.approx(1, abs=1), "as many as of the test images' own codes"
    assert table.rows[0][0] == "samples from N(0, I) in holes"
    assert float(str(table.rows[2][1])) == pytest.approx(1, abs=0.06)
    assert table.provenance.n == 2000


def test_a_known_hole_is_found() -> None:
    """Test images whose first code is beyond 1 on either side leave out two thirds of the prior."""
    test = world(4000, 1, LinearModel((0.12, 0.05)))
    toy = generator(LinearModel((0.12, 0.05)), test=test)
    codes, _ = latents.encode(toy.latent_model, latents.observed(toy.data, toy.latent_model, test))
    toy.data.test = test.take(np.flatnonzero(np.abs(codes[:, 0]) > 1))
    (table,) = run_view(aggregate_posterior.aggregate_posterior, toy)
    assert 30 < float(table.title.split(" %")[0]) < 75
    # The mean square of N(0, 1) beyond 1 is 1 + phi(1) / (1 - Phi(1)); the encoder adds 0.1**2.
    expected = np.sqrt(1 + norm.pdf(1) / norm.sf(1) + 0.01)
    assert float(str(table.rows[3][1])) == pytest.approx(expected, abs=0.05)


def test_codes_with_a_shifted_mean_are_found() -> None:
    class Off(LinearModel):
        def encode(
            self, observed: torch.Tensor, labels: torch.Tensor | None = None
        ) -> tuple[torch.Tensor, torch.Tensor]:
            mean, log_variance = super().encode(observed, labels)
            return mean + torch.tensor([0.0, -2.0]), log_variance

    (table,) = run_view(aggregate_posterior.aggregate_posterior, generator(Off((0.12, 0.05))))
    label, value, wanted, which = table.rows[1]
    assert (label, wanted, which) == ("farthest mean", "0", "of dimension 1")
    assert float(str(value).replace("−", "-")) == pytest.approx(-2, abs=0.2)


def test_distances_between_codes_are_euclidean() -> None:
    distance, where = nearest_neighbors(
        np.zeros((1, 2), np.float32), np.array([[3, 4], [6, 8]], np.float32)
    )
    assert (distance.tolist(), where.tolist()) == ([5.0], [0])


NETWORKS = {
    "linear": lambda: generator(),
    "plane": lambda: generator(LinearModel((0.12, 0.05))),
    "one dimension": lambda: generator(LinearModel((0.12,))),
    "nothing learned": lambda: generator(LinearModel((0.0, 0.0))),
    "conditional": lambda: generator(LinearModel((0.0, 0.05), base=(0.3, 0.5, 0.7))),
    "few test images": lambda: generator(test=world(9, 1)),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
def test_every_case_gives_findings_that_can_be_saved(make: Any, tmp_path: Path) -> None:
    toy = make()
    for view in (
        kl_by_dimension.kl_by_dimension,
        traversals.traversals,
        latent_map.latent_map,
        aggregate_posterior.aggregate_posterior,
    ):
        for record in run_view(view, toy):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.Finding)
            assert again.section == "latent-space"
            assert "nan" not in (again.title + again.summary).lower()
            assert unclaimed_in(again) == set()
            assert again.summary.endswith(".")
            assert not again.title.endswith(".")
