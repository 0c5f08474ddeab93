"""Weights mean what they say: an example of weight 2 is an example that stands there twice."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import Tensor

from glassnet.contract import Signature, Split, StepResult, Task
from glassnet.data.texts.strings import string_array
from glassnet.data.texts.vocabulary import train_tokenizer
from glassnet.tasks import load
from glassnet.tasks.cnn.presets import Config as ImageConfig
from glassnet.tasks.lstm.ngrams import NGrams
from glassnet.tasks.lstm.presets import Config as TextConfig
from glassnet.tasks.vae.objective import Terms, elbo_loss, importance_weighted_loss
from glassnet.tasks.vae.presets import Config as GeneratorConfig
from glassnet.training import sample_weights

COUNTS = st.lists(st.integers(0, 4), min_size=2, max_size=7).filter(any)

SENTENCES = ["a good film", "a bad film", "good", "bad bad", "film", "a a", "so good"]


def weighed(split: Split, counts: np.ndarray) -> Split:
    return Split(split.inputs, split.labels, split.ids, counts.astype(float))


def repeated(split: Split, counts: np.ndarray) -> Split:
    return split.take(np.repeat(np.arange(len(split)), counts))


def step(task: Task, config: object, signature: Signature, split: Split) -> StepResult:
    torch.manual_seed(0)
    network = task.build(config, signature).eval()
    batch = tuple(column[:] for column in task.tensors(split, config, signature))
    with torch.inference_mode():
        return task.step(network, batch, config, 1.0)


def images(n: int) -> Split:
    rng = np.random.default_rng(n)
    pixels = rng.integers(0, 256, (n, 8, 8), np.uint8)
    return Split(pixels, rng.integers(0, 3, n), np.arange(n))


def texts(n: int) -> Split:
    rng = np.random.default_rng(n)
    return Split(string_array(SENTENCES[:n]), rng.integers(0, 3, n), np.arange(n))


IMAGES = Signature((1, 8, 8), ("a", "b", "c"))
TEXTS = Signature((4,), ("a", "b", "c"), train_tokenizer(SENTENCES, 9, 1), 4)


@settings(max_examples=15)
@given(COUNTS, st.sampled_from(["cross-entropy", "bce"]))
def test_a_weighted_batch_of_images_is_a_repeated_one(counts: list[int], loss: str) -> None:
    config = ImageConfig(channels=(2, 2, 2), loss=loss, label_smoothing=0.1)  # type: ignore[arg-type]
    _same(load("cnn"), config, IMAGES, images(len(counts)), np.array(counts))


@settings(max_examples=15)
@given(COUNTS)
def test_a_weighted_batch_of_texts_is_a_repeated_one(counts: list[int]) -> None:
    config = TextConfig(embedding_dim=3, hidden_size=2, max_ngram=2, label_smoothing=0.1)
    _same(load("lstm"), config, TEXTS, texts(len(counts)), np.array(counts))


def _same(
    task: Task, config: object, signature: Signature, split: Split, counts: np.ndarray
) -> None:
    one = step(task, config, signature, weighed(split, counts))
    other = step(task, config, signature, repeated(split, counts))
    torch.testing.assert_close(one.loss, other.loss)
    for name, value in other.metrics.items():
        torch.testing.assert_close(one.metrics[name], value)


@settings(max_examples=30)
@given(COUNTS, st.integers(1, 3), st.sampled_from([0.0, 0.3]))
def test_a_weighted_bound_is_that_of_repeated_images(
    counts: list[int], samples: int, free_bits: float
) -> None:
    torch.manual_seed(sum(counts))
    many = torch.tensor(counts)
    weights = many / many.float().mean()
    likelihood, ratio = torch.randn(2, samples, len(counts))
    kl = torch.rand(len(counts), 4)
    found = Terms(likelihood, ratio, kl)
    again = Terms(
        likelihood.repeat_interleave(many, 1),
        ratio.repeat_interleave(many, 1),
        kl.repeat_interleave(many, 0),
    )
    torch.testing.assert_close(
        elbo_loss(found, 0.7, free_bits, weights), elbo_loss(again, 0.7, free_bits)
    )
    torch.testing.assert_close(
        importance_weighted_loss(found, 0.7, weights), importance_weighted_loss(again, 0.7)
    )


def test_the_generators_step_takes_weights_in() -> None:
    task, config = load("vae"), GeneratorConfig(network="perceptron", hidden_size=8, latent_dim=3)
    split = images(6)
    even = step(task, config, IMAGES, split).loss
    uneven = step(task, config, IMAGES, weighed(split, np.array([6, 0, 0, 0, 0, 0])))
    first = step(task, config, IMAGES, split.take(np.array([0]))).loss
    assert uneven.loss.item() == pytest.approx(first.item(), rel=0.05)  # other noise
    assert uneven.loss != even
    torch.testing.assert_close(
        uneven.metrics["negative_elbo"], uneven.metrics["reconstruction"] + uneven.metrics["kl"]
    )


@settings(max_examples=15)
@given(COUNTS)
def test_weighted_texts_are_counted_as_repeated_ones(counts: list[int]) -> None:
    task, split, many = load("lstm"), texts(len(counts)), np.array(counts)

    def ratios(weights: np.ndarray | None, which: Split) -> list[Tensor]:
        table = NGrams(num_embeddings=12, classes=3, max_ngram=2, buckets=20)
        words, labels, *_ = task.tensors(which, TextConfig(), TEXTS)
        table.count(words, labels, None if weights is None else torch.from_numpy(weights).float())
        return [table.get_buffer("ratios1"), table.get_buffer("ratios2")]

    for one, other in zip(ratios(many, split), ratios(None, repeated(split, many)), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize("weights", [None, np.full(3, 7.0), np.zeros(0)])
def test_weights_that_tell_nothing_apart_are_no_column(weights: np.ndarray | None) -> None:
    n = 3 if weights is None else len(weights)
    assert sample_weights.column(Split(np.zeros(n), np.zeros(n), np.arange(n), weights)) == ()


def test_a_part_has_its_weights() -> None:
    split = weighed(images(4), np.array([1, 2, 3, 4]))
    taken = split.take(np.array([3, 1]))
    assert taken.weights is not None
    assert taken.weights.tolist() == [4.0, 2.0]
    assert images(2).take(np.array([0])).weights is None


def test_floats_are_taken_as_they_are() -> None:
    """Pixels of 8 bits and the same values in [0, 1] are the same image."""
    task, split = load("cnn"), images(5)
    floats = Split(split.inputs.astype(np.float32) / np.float32(255), split.labels, split.ids)
    config = ImageConfig(channels=(2, 2, 2))
    one, other = (step(task, config, IMAGES, each) for each in (split, floats))
    torch.testing.assert_close(one.loss, other.loss, rtol=0, atol=0)
