"""What a decoder's numbers say of pixels, against distributions that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import Tensor

from glassnet.contract import LatentModel, Signature, Split
from glassnet.inference import latents
from glassnet.tasks.vae.likelihoods import LIKELIHOODS, Bernoulli, DiscretisedLogistic
from glassnet.tasks.vae.presets import Config
from glassnet.tasks.vae.task import TASK

UNASKED = Signature((), ())
"""Images are tensors whatever the network knows of them."""

EVERY_VALUE = torch.arange(256, dtype=torch.uint8).reshape(256, 1, 1, 1)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def logistic(offset: float, log_scale: float, count: int = 256) -> Tensor:
    """Parameters of `count` images of one pixel, ready for a gradient."""
    one = torch.tensor([offset, log_scale]).reshape(1, 2, 1, 1)
    return one.repeat(count, 1, 1, 1).requires_grad_()


def test_bernoulli_is_torchs() -> None:
    torch.manual_seed(0)
    logits, observed = 5 * torch.randn(7, 3, 4, 5), torch.randint(0, 2, (7, 3, 4, 5)).float()
    expected = torch.distributions.Bernoulli(logits=logits).log_prob(observed).sum((1, 2, 3))
    found = Bernoulli().log_likelihood(logits, observed)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4)


def test_bernoulli_stays_finite_where_the_decoder_is_sure_and_wrong() -> None:
    logits = torch.tensor([[[[1000.0]]], [[[-1000.0]]]], requires_grad=True)
    found = Bernoulli().log_likelihood(logits, torch.tensor([[[[0.0]]], [[[1.0]]]]))
    assert found.tolist() == [-1000, -1000]
    found.sum().backward()
    assert logits.grad is not None
    assert logits.grad.flatten().tolist() == [-1, 1]


def test_a_grey_pixel_is_drawn_white_as_often_as_it_is_bright() -> None:
    pixels = EVERY_VALUE.reshape(1, 1, 16, 16).expand(4000, 1, 16, 16)
    torch.manual_seed(0)
    drawn = Bernoulli().observe(pixels)
    assert set(drawn.unique().tolist()) == {0, 1}
    chance = torch.arange(256).reshape(16, 16) / 255
    error = (chance * (1 - chance) / 4000).sqrt()
    assert ((drawn.mean((0, 1)) - chance).abs() <= 4.5 * error).all()


@given(st.integers(0, 2**32), st.integers(1, 50))
@settings(max_examples=30)
def test_black_and_white_pixels_are_never_drawn_otherwise(seed: int, side: int) -> None:
    pixels = 255 * torch.randint(0, 2, (3, 1, side, side), generator=seeded(seed)).byte()
    drawn = Bernoulli().observe(pixels, seed)
    assert torch.equal(drawn, pixels.float() / 255)


def test_a_draw_is_new_unless_its_seed_is_the_same() -> None:
    pixels = torch.full((2, 1, 28, 28), 128, dtype=torch.uint8)
    observe = Bernoulli().observe
    assert torch.equal(observe(pixels, 3), observe(pixels, 3))
    assert not torch.equal(observe(pixels, 3), observe(pixels, 4))
    torch.manual_seed(0)
    assert not torch.equal(observe(pixels), observe(pixels))


def grey(seed: int = 0) -> Split:
    images = np.random.default_rng(seed).integers(0, 256, (20, 9, 7), np.uint8)
    return Split(images, np.arange(20) % 2, np.arange(20))


def test_static_binarisation_draws_once_and_for_all() -> None:
    """Whatever the run's seed and torch's state: a bound on other pixels is another bound."""
    drawn = []
    for seed in (0, 7):
        torch.manual_seed(seed)
        drawn.append(TASK.tensors(grey(), Config(binarisation="static", seed=seed), UNASKED)[0])
    assert torch.equal(*drawn)
    assert drawn[0].dtype == torch.uint8
    assert set(drawn[0].unique().tolist()) == {0, 255}
    # What observes them later changes nothing, so that every epoch sees the same pixels.
    assert torch.equal(Bernoulli().observe(drawn[0]), drawn[0].float() / 255)


def test_static_binarisation_preserves_the_mean_brightness() -> None:
    split = grey()
    drawn = TASK.tensors(split, Config(binarisation="static"), UNASKED)[0]
    assert drawn.float().mean() == pytest.approx(split.inputs.mean(), abs=12)


@pytest.mark.parametrize(
    "config",
    [Config(), Config(likelihood="logistic", binarisation="static")],
    ids=["dynamic", "logistic"],
)
def test_other_likelihoods_are_given_the_pixels_as_they_are(config: Config) -> None:
    pixels, labels = TASK.tensors(grey(), config, UNASKED)
    np.testing.assert_array_equal(pixels[:, 0], grey().inputs)
    assert labels.tolist() == (np.arange(20) % 2).tolist()


def test_static_binarisation_of_colour_needs_the_option() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3), np.uint8)
    split = Split(images, np.arange(4), np.arange(4))
    pixels, _ = TASK.tensors(split, Config(binarisation="static"), UNASKED)
    np.testing.assert_array_equal(pixels.permute(0, 2, 3, 1), images)
    pixels, _ = TASK.tensors(split, Config(binarisation="static", likelihood="bernoulli"), UNASKED)
    assert set(pixels.unique().tolist()) == {0, 255}


def test_colour_comes_channels_first() -> None:
    images = np.random.default_rng(0).integers(0, 256, (4, 6, 5, 3), np.uint8)
    pixels, _ = TASK.tensors(Split(images, np.arange(4), np.arange(4)), Config(), UNASKED)
    assert pixels.shape == (4, 3, 6, 5)
    assert pixels[2, 1, 3, 4] == images[2, 3, 4, 1]


def exact_mass(offset: float, log_scale: float, value: int) -> float:
    """The log of the logistic's mass on one of the 256 values, in 64 bits."""
    inverse = math.exp(-log_scale)
    centre = 2 * value / 255 - 1 - offset
    edges = torch.tensor([centre + 1 / 255, centre - 1 / 255], dtype=torch.float64) * inverse
    upper, lower = edges
    below, above = torch.nn.functional.logsigmoid(torch.stack([upper, -lower]))
    if value in (0, 255):
        return float(below if value == 0 else above)
    return float(below + above + torch.log(-torch.expm1(lower - upper)))


def test_the_reference_of_these_tests_is_the_difference_of_two_cumulative_values() -> None:
    for value in (0, 1, 100, 254, 255):
        low = 0.0 if value == 0 else 1 / (1 + math.exp(-(2 * (value - 0.5) / 255 - 1.1) / 0.3))
        high = 1.0 if value == 255 else 1 / (1 + math.exp(-(2 * (value + 0.5) / 255 - 1.1) / 0.3))
        assert math.exp(exact_mass(0.1, math.log(0.3), value)) == pytest.approx(high - low)


@pytest.mark.parametrize("offset", [-40.0, -1.2, -1.0, -0.301, 0.0, 0.7, 1.0, 3.0])
@pytest.mark.parametrize("log_scale", [-7.0, -5.0, -3.0, -1.0, 0.5, 4.0])
def test_logistic_probabilities_are_exact_and_sum_to_one(offset: float, log_scale: float) -> None:
    """Also of values that are all but impossible: there training starts."""
    likelihood = DiscretisedLogistic()
    parameters, observed = logistic(offset, log_scale), likelihood.observe(EVERY_VALUE)
    found = likelihood.log_likelihood(parameters, observed)
    assert found.double().exp().sum().item() == pytest.approx(1, abs=5e-5)
    expected = torch.tensor([exact_mass(offset, log_scale, value) for value in range(256)])
    torch.testing.assert_close(found.detach(), expected, rtol=3e-5, atol=1e-4)


@pytest.mark.parametrize("log_scale", [-7.0, -4.0, 0.0])
@pytest.mark.parametrize(("offset", "value"), [(-1.0, 254), (1.0, 0), (1.0, 1), (-3.0, 128)])
def test_the_gradient_leads_back_from_far_off(offset: float, log_scale: float, value: int) -> None:
    likelihood = DiscretisedLogistic()
    parameters = logistic(offset, log_scale, 1)
    observed = likelihood.observe(EVERY_VALUE[value : value + 1])
    likelihood.log_likelihood(parameters, observed).backward()
    assert parameters.grad is not None
    towards, wider = parameters.grad.flatten().tolist()
    assert math.isfinite(towards)
    assert math.isfinite(wider)
    assert math.copysign(1, towards) == math.copysign(1, 2 * value / 255 - 1 - offset)
    if log_scale > -7:  # at the bound the scale has nowhere to go
        assert abs(towards) > 0.1
        assert wider != 0


def test_the_ends_take_in_all_that_lies_beyond_them() -> None:
    """A mean far outside makes the end certain, and no pixel is likelier than that."""
    likelihood = DiscretisedLogistic()
    observed = likelihood.observe(EVERY_VALUE)
    for offset, end in ((-5.0, 0), (5.0, 255)):
        found = likelihood.log_likelihood(logistic(offset, -2.0), observed)
        assert found.argmax() == end
        assert found[end].item() == pytest.approx(0, abs=1e-6)
        assert (found <= 0).all()


def test_a_scale_below_the_narrowest_is_the_narrowest() -> None:
    likelihood = DiscretisedLogistic()
    observed = likelihood.observe(EVERY_VALUE)
    narrow = likelihood.log_likelihood(logistic(0.1, -50.0), observed)
    assert torch.equal(narrow, likelihood.log_likelihood(logistic(0.1, -7.0), observed))


def test_every_channel_has_its_own_mean_and_scale() -> None:
    """Means come first, then log scales, channel by channel."""
    likelihood = DiscretisedLogistic()
    pixels = torch.randint(0, 256, (2, 3, 2, 2), dtype=torch.uint8, generator=seeded(0))
    parameters = torch.rand((2, 6, 2, 2), generator=seeded(1))
    expected = torch.zeros(2)
    for image in range(2):
        for channel in range(3):
            for place in range(4):
                offset, log_scale = parameters[image, [channel, channel + 3]].flatten(1)[:, place]
                value = int(pixels[image, channel].flatten()[place])
                expected[image] += exact_mass(offset.item(), log_scale.item(), value)
    found = likelihood.log_likelihood(parameters, likelihood.observe(pixels))
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_a_mean_image_lies_between_black_and_white(name: str) -> None:
    likelihood = LIKELIHOODS[name]
    parameters = 100 * torch.randn((2, 3 * likelihood.maps, 4, 4), generator=seeded(0))
    image = likelihood.mean(parameters)
    assert image.shape == (2, 3, 4, 4)
    assert ((image >= 0) & (image <= 1)).all()


def test_mean_images_are_the_likelihoods_means() -> None:
    logits = torch.tensor([-2.0, 0.0, 3.0]).reshape(3, 1, 1, 1)
    torch.testing.assert_close(Bernoulli().mean(logits), logits.sigmoid())
    found = DiscretisedLogistic().mean(logistic(-0.5, 1.0, 1).detach())
    assert found.item() == pytest.approx(0.25)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_half_precision_is_reckoned_in_whole(name: str) -> None:
    """Decoders run in bfloat16; sums over 784 pixels must not."""
    likelihood = LIKELIHOODS[name]
    parameters = torch.randn((2, likelihood.maps, 28, 28), generator=seeded(0)).bfloat16()
    observed = torch.ones(2, 1, 28, 28)
    found = likelihood.log_likelihood(parameters, observed)
    assert found.dtype == likelihood.mean(parameters).dtype == torch.float32
    torch.testing.assert_close(found, likelihood.log_likelihood(parameters.float(), observed))


@pytest.mark.parametrize("size", [1, 7, 500])
def test_every_measurement_sees_the_same_pixels(size: int) -> None:
    """Predictions, validation and the likelihood: pixels are drawn once per image."""
    images = np.random.default_rng(0).integers(0, 256, (20, 12, 12), np.uint8)
    split = Split(images, np.arange(20) % 2, np.arange(20))
    signature = Signature((1, 12, 12), ("0", "1"))
    config = Config(network="perceptron", hidden_size=8, latent_dim=2)
    network = TASK.build(config, signature).eval()
    seen: list[Tensor] = []
    network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    assert isinstance(network, LatentModel)
    tensors = TASK.tensors(split, config, signature)
    for batch in zip(*(tensor.split(size) for tensor in tensors), strict=True):
        TASK.step(network, batch, config, 1)
    observed = latents.observe(network, tensors[0])
    assert torch.equal(torch.cat(seen), observed)
    whole = TASK.predict(network, tensors[0])["reconstruction"]
    parts = [TASK.predict(network, part)["reconstruction"] for part in tensors[0].split(size)]
    assert (torch.cat(parts).int() - whole.int()).abs().max() <= 1
