"""Noise that follows an image wherever it stands."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import torch
from hypothesis import given, settings, strategies as st

from glassnet.inference.image_noise import image_noise


def images(count: int, shape: tuple[int, ...] = (1, 28, 28), seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, *shape), generator=generator).byte()


@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 41))
@settings(max_examples=25)
def test_noise_follows_the_image(seed: int, count: int, size: int) -> None:
    """In batches of any size and in any order, also beyond one block of 500."""
    pixels = images(count, (3, 5, 4), seed).repeat(30, 1, 1, 1)[: 13 * count]
    whole = image_noise(pixels, seed)
    parts = torch.cat([image_noise(part, seed) for part in pixels.split(size)])
    assert torch.equal(whole, parts)
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(seed))
    assert torch.equal(image_noise(pixels[order], seed), whole[order])


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_noise_does_not_depend_on_the_order_in_memory(layout: torch.memory_format) -> None:
    pixels = images(3, (3, 6, 5))
    assert torch.equal(image_noise(pixels.to(memory_format=layout), 1), image_noise(pixels, 1))


def test_noise_is_uniform_and_independent() -> None:
    """Between pixels, between images that differ in one pixel by one level, and between seeds."""
    pixels = images(1).repeat(400, 1, 1, 1).flatten(1)
    pixels[torch.arange(400), torch.arange(400)] ^= 1
    noise = image_noise(pixels, 0).numpy()
    assert noise.min() >= 0
    assert noise.max() < 1
    assert scipy.stats.kstest(noise.ravel(), "uniform").pvalue > 0.001
    other = image_noise(pixels, 1).numpy()
    for one, two in ((noise[1:], noise[:-1]), (noise[:, 1:], noise[:, :-1]), (noise, other)):
        correlation = np.corrcoef(one.ravel(), two.ravel())[0, 1]
        assert abs(correlation) < 4 / np.sqrt(one.size)
    by_image = np.abs(np.corrcoef(noise)[np.triu_indices(400, 1)])
    assert by_image.max() < 6 / np.sqrt(784)


def test_white_and_black_images_have_noise_of_their_own() -> None:
    flat = torch.stack([torch.full((1, 8, 8), level, dtype=torch.uint8) for level in (0, 1, 255)])
    noise = image_noise(flat, 0).flatten(1)
    assert len({tuple(row.tolist()) for row in noise}) == 3
    assert noise.std(1).min() > 0.2
