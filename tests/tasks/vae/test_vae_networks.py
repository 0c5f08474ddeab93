"""Both networks: their shapes, their draws, the class that they are told, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import pytest
import torch
from torch import Tensor, nn

from glassnet.contract import LatentModel, Signature
from glassnet.errors import ConfigError
from glassnet.tasks.vae.convolutional import ConvolutionalVAE
from glassnet.tasks.vae.gaussian import GaussianVAE
from glassnet.tasks.vae.likelihoods import LIKELIHOODS, Bernoulli
from glassnet.tasks.vae.perceptron import PerceptronVAE
from glassnet.tasks.vae.presets import PRESETS, Config
from glassnet.tasks.vae.task import TASK

KINDS: tuple[Literal["convolutional", "perceptron"], ...] = ("convolutional", "perceptron")
both = pytest.mark.parametrize("kind", KINDS)


def build(
    kind: Any = "convolutional",
    shape: tuple[int, ...] = (1, 28, 28),
    names: tuple[str, ...] = ("a", "b", "c"),
    **options: Any,
) -> Any:
    torch.manual_seed(0)
    config = Config(network=kind, channels=(4, 8), hidden_size=32, latent_dim=4)
    return TASK.build(replace(config, **options), Signature(shape, names)).eval()


def pixels(n: int = 5, shape: tuple[int, ...] = (1, 28, 28)) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (n, *shape), dtype=torch.uint8, generator=generator)


@both
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 13, 17), (3, 64, 48), (1, 4, 4)])
@pytest.mark.parametrize("likelihood", ["bernoulli", "logistic"])
def test_images_of_any_size_and_colour_come_back_in_it(
    kind: str, shape: tuple[int, ...], likelihood: str
) -> None:
    network = build(kind, shape, likelihood=likelihood)
    maps = 2 * shape[0] if likelihood == "logistic" else shape[0]
    with torch.inference_mode():
        observed = network.observe(pixels(shape=shape))
        output = network(observed)
        assert output.mean.shape == output.log_variance.shape == output.codes.shape == (5, 4)
        assert output.parameters.shape == (5, maps, *shape[1:])
        assert network.images(output.parameters).shape == (5, *shape)
        assert network.log_likelihood(output.parameters, observed).shape == (5,)
        rebuilt = TASK.predict(network, pixels(shape=shape))["reconstruction"]
    height, width = shape[1:]
    assert rebuilt.shape == ((5, height, width) if shape[0] == 1 else (5, height, width, 3))
    assert rebuilt.dtype == torch.uint8


@both
def test_it_is_what_insights_ask_of_a_generator(kind: str) -> None:
    network = build(kind)
    assert isinstance(network, LatentModel)
    assert (network.latent_dim, network.classes) == (4, 0)
    assert build(kind, conditional=True).classes == 3


def test_the_default_preset_makes_the_convolutional_network() -> None:
    assert isinstance(TASK.build(PRESETS["default"], Signature((1, 28, 28), ())), ConvolutionalVAE)
    perceptron = replace(PRESETS["default"], network="perceptron")
    assert isinstance(TASK.build(perceptron, Signature((1, 28, 28), ())), PerceptronVAE)


def sure(network: Any) -> Any:
    """The network with a q(z|x) that is all but a point, so that a code tells its image."""
    with torch.no_grad():
        network.log_variance.weight.zero_()
        network.log_variance.bias.fill_(-100.0)
        network.mean.weight *= 20
    return network


@both
def test_draw_k_of_image_b_is_row_k_times_b_images_and_b(kind: str) -> None:
    network = sure(build(kind, conditional=True))
    labels = torch.tensor([0, 2, 1, 1, 0])
    with torch.inference_mode():
        output = network(network.observe(pixels()), labels, 3)
        assert output.codes.shape == (15, 4)
        spread = (output.mean - output.mean.mean(0)).abs().max()
        for row in range(15):
            drawn = output.codes[row] - output.mean[row % 5]
            assert drawn.abs().max() < 0.02 * spread
            alone = network.decode(output.codes[row : row + 1], labels[row % 5 : row % 5 + 1])
            torch.testing.assert_close(
                output.parameters[row : row + 1], alone, atol=1e-4, rtol=1e-4
            )
    assert not torch.equal(output.codes[:5], output.codes[5:10]), "each draw is its own"


@both
def test_a_seeded_pass_is_the_same_twice(kind: str) -> None:
    network, observed = build(kind), pixels().float() / 255

    def codes(seed: int) -> Tensor:
        return network(observed, None, 2, torch.Generator().manual_seed(seed)).codes

    assert torch.equal(codes(0), codes(0))
    assert not torch.equal(codes(0), codes(1))


@both
def test_encoder_and_decoder_are_conditioned_on_the_class(kind: str) -> None:
    network, codes = build(kind, conditional=True), torch.randn(4, 4)
    with torch.inference_mode():
        images = [network.decode(codes, torch.full((4,), label)) for label in range(3)]
        mixed = network.decode(codes, torch.tensor([2, 0, 1, 2]))
    for label in (1, 2):
        assert (images[label] - images[0]).abs().amax((1, 2, 3)).min() > 1e-3
    for row, label in enumerate([2, 0, 1, 2]):
        torch.testing.assert_close(mixed[row], images[label][row])
    observed, labels = pixels().float() / 255, torch.tensor([2, 0, 1, 2, 0])
    with torch.inference_mode():
        codes = torch.stack(
            [network.encode(observed, torch.full((5,), label))[0] for label in range(3)]
        )
        mean, _ = network.encode(observed, labels)
        likeliest, _ = network.encode(observed)
        by_default, _ = network.encode(observed, network.likeliest(observed))
    assert (codes[1] - codes[0]).abs().amax(1).min() > 1e-3
    torch.testing.assert_close(mean, codes[labels, torch.arange(5)])
    assert torch.equal(likeliest, by_default)


@both
def test_a_conditional_decoder_needs_classes(kind: str) -> None:
    with pytest.raises(AssertionError):
        build(kind, conditional=True).decode(torch.zeros(1, 4))


@both
def test_an_unconditional_decoder_ignores_labels(kind: str) -> None:
    """Steps hand them over whatever the network is."""
    network, codes = build(kind), torch.randn(2, 4)
    assert torch.equal(network.decode(codes, torch.tensor([0, 1])), network.decode(codes))


@both
def test_outputs_in_evaluation_mode_are_deterministic_and_leave_torchs_state(
    kind: str,
) -> None:
    network, state = build(kind), torch.get_rng_state()
    with torch.inference_mode():
        first = TASK.predict(network, pixels())["reconstruction"]
        assert torch.equal(TASK.predict(network, pixels())["reconstruction"], first)
    assert torch.equal(torch.get_rng_state(), state)


@both
def test_wild_weights_do_not_end_in_infinity(kind: str) -> None:
    network, observed = build(kind), pixels().float() / 255
    for bias, bound in ((1e6, 6.0), (-1e6, -14.0)):
        with torch.no_grad():
            network.log_variance.bias.fill_(bias)
            found = network.encode(observed)[1]
        assert (found == bound).all()


@both
def test_half_precision_ends_at_the_moments(kind: str) -> None:
    network = build(kind)
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        mean, log_variance = network.encode(pixels().float() / 255)
    assert mean.dtype == log_variance.dtype == torch.float32


@both
@pytest.mark.parametrize("options", [{}, {"conditional": True}, {"likelihood": "logistic"}])
def test_gradients_reach_every_weight(kind: str, options: dict[str, Any]) -> None:
    network = build(kind, **options).train()
    config = replace(Config(network=kind, channels=(4, 8), hidden_size=32, latent_dim=4), **options)  # type: ignore[arg-type]
    TASK.step(network, (pixels(), torch.tensor([0, 1, 2, 0, 1])), config, 0.0).loss.backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


@both
def test_every_normalisation_is_followed_by_an_activation(kind: str) -> None:
    layers = [module for module in build(kind).modules() if not [*module.children()]]
    behind = {
        type(after)
        for before, after in pairwise(layers)
        if isinstance(before, nn.GroupNorm | nn.LayerNorm)
    }
    assert behind == {nn.SiLU}


@both
def test_the_initial_weights_come_from_torchs_random_state(kind: Any) -> None:
    def weights(seed: int) -> Tensor:
        torch.manual_seed(seed)
        config = Config(network=kind, channels=(4, 8), hidden_size=32)
        network: nn.Module = TASK.build(config, Signature((1, 8, 8), ()))
        return torch.cat([parameter.flatten() for parameter in network.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize(
    ("shape", "channels"), [((1, 3, 28), (4, 8)), ((1, 28, 15), (4,) * 4), ((3, 1, 1), (4,))]
)
def test_images_that_cannot_be_halved_so_often(
    shape: tuple[int, ...], channels: tuple[int, ...]
) -> None:
    with pytest.raises(ConfigError, match=f"cannot be halved {len(channels)} times") as caught:
        build(shape=shape, channels=channels)
    assert f"{shape[1]} x {shape[2]} pixels" in caught.value.message
    assert "--network perceptron" in caught.value.hint
    assert len(str(caught.value).splitlines()) == 2
    # The hint holds.
    assert isinstance(build("perceptron", shape, channels=channels), PerceptronVAE)


def test_free_bits_and_several_samples_exclude_each_other() -> None:
    with pytest.raises(
        ConfigError, match=r"free_bits = 0\.5 has no meaning where iwae_samples = 2"
    ) as caught:
        build(iwae_samples=2, free_bits=0.5)
    assert len(str(caught.value).splitlines()) == 2
    build(iwae_samples=1, free_bits=0.5)
    build(iwae_samples=2)


class Stencil(GaussianVAE):
    """Draws its class's column and nothing else, whatever the code is."""

    def __init__(self) -> None:
        super().__init__(1, Bernoulli(), classes=3)
        self.mean = nn.Linear(9, 1)
        self.log_variance = nn.Linear(9, 1)

    def encoder_features(self, observed: Tensor, one_hot: Tensor) -> Tensor:
        return observed.flatten(1)

    def decoder_parameters(self, conditioned: Tensor) -> Tensor:
        column = 16.0 * conditioned[:, 1:] - 8
        return column[:, None, None, :].expand(-1, 1, 3, 3)


COLUMNS = 255 * torch.eye(3, dtype=torch.uint8)[:, None, None, :].expand(3, 1, 3, 3)
"""An image per class: its column."""


def test_a_reconstruction_is_of_the_class_that_fits_best() -> None:
    order = [2, 0, 1, 1]
    with torch.inference_mode():
        rebuilt = TASK.predict(Stencil().eval(), COLUMNS[order])["reconstruction"]
        named = Stencil().likeliest(COLUMNS[order] / 255)
    assert torch.equal(rebuilt, COLUMNS[order].squeeze(1))
    assert named.tolist() == order


def test_the_most_probable_class_has_the_lowest_negative_log_likelihood() -> None:
    """Where every class draws the same, only the KL tells them apart."""

    class Dear(Stencil):
        def encoder_features(self, observed: Tensor, one_hot: Tensor) -> Tensor:
            return observed.flatten(1) * 0 + one_hot @ torch.tensor([[3.0], [0.1], [2.0]])

        def decoder_parameters(self, conditioned: Tensor) -> Tensor:
            return torch.zeros(len(conditioned), 1, 3, 3)

    network = Dear()
    torch.nn.init.ones_(network.mean.weight)
    torch.nn.init.zeros_(network.mean.bias)
    torch.nn.init.zeros_(network.log_variance.weight)
    torch.nn.init.zeros_(network.log_variance.bias)
    assert network.likeliest(COLUMNS / 255).tolist() == [1, 1, 1]


@pytest.mark.parametrize("k", [1, 4])
def test_a_step_scores_every_draw_by_its_own_image(k: int) -> None:
    """One that is told the class draws it without fault: nothing is left to reconstruct."""
    network, order = Stencil().eval(), torch.tensor([2, 0, 1, 1, 0])
    wrong = torch.tensor([0, 1, 2, 2, 1])
    right = TASK.step(network, (COLUMNS[order], order), Config(iwae_samples=k), 0.0)
    assert right.metrics["reconstruction"].item() < 0.01
    assert TASK.step(network, (COLUMNS[order], wrong), Config(iwae_samples=k), 0.0).loss.item() > 40


@both
def test_grey_pixels_are_binary_and_colour_pixels_have_256_values_by_default(kind: str) -> None:
    shapes: dict[tuple[int, ...], tuple[str, int]] = {
        (1, 8, 8): ("bernoulli", 1),
        (3, 8, 8): ("logistic", 6),
    }
    for shape, (name, maps) in shapes.items():
        assert Config().likelihood == "auto"
        network = build(kind, shape)
        assert network.likelihood is LIKELIHOODS[name]
        assert network.decode(torch.zeros(1, 4)).shape == (1, maps, 8, 8)
        config = Config(network=kind, channels=(4, 8), hidden_size=32, latent_dim=4)  # type: ignore[arg-type]
        batch = pixels(shape=shape), torch.zeros(5, dtype=torch.int64)
        auto = TASK.step(network, batch, config, 0.0).loss
        printed = TASK.step(network, batch, replace(config, likelihood=name), 0.0).loss  # type: ignore[arg-type]
        assert torch.equal(auto, printed)
