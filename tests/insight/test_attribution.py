from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from torch import Tensor
from toy_text import STRONG_WORDS, Bag, Recurrent, Vocabulary, text_classifier, texts

from glassnet.contract import TextModel
from glassnet.inference import texts as text_inference
from glassnet.inference.texts import by_batch, lengths_of, log_odds
from glassnet.insight.measures.attribution import Attribution, integrated_gradients, occlusion

UNKNOWN = Vocabulary.unknown


def batch(*each: str) -> tuple[Tensor, Tensor]:
    words = Vocabulary().numbers(texts(*each))
    return words, lengths_of(words)


SOME = ("a superb film", "bad", "it was not bad and the film was good")


def truth(words: Tensor) -> np.ndarray:
    """What every word adds to the log-odds of the second class, in the linear bag."""
    vectors = Bag().vectors
    return (vectors[:, 1] - vectors[:, 0])[words].double().numpy()


def test_the_toy_networks_implement_the_contract() -> None:
    assert isinstance(Bag(), TextModel)
    assert isinstance(Recurrent(), TextModel)


@pytest.mark.parametrize("steps", [1, 2, 64])
def test_integrated_gradients_of_a_linear_network_are_weight_times_embedding(steps: int) -> None:
    words, lengths = batch(*SOME)
    found = integrated_gradients(Bag(), words, lengths, 1, steps)
    np.testing.assert_allclose(found.values, truth(words), atol=1e-6)
    assert found.error.max() < 1e-5
    np.testing.assert_allclose(found.start, 0.3, atol=1e-6)
    np.testing.assert_allclose(found.end, 0.3 + truth(words).sum(axis=1), atol=1e-6)


def test_the_completeness_error_is_relative_to_all_contributions() -> None:
    """Two even sides, one sign alone, values that miss the whole change, and nothing at all."""
    values = np.array([[2.0, -1.5], [3.0, 1.0], [0.0, 0.0], [0.0, 0.0]])
    start, end = np.array([1.0, 0.0, 0.5, 0.5]), np.array([1.0, 5.0, 2.5, 0.5])
    found = Attribution(values[None], start, end)
    np.testing.assert_allclose(found.error, [0.5, 1, 2, 0])
    np.testing.assert_allclose(found.relative_error, [0.5 / 3.5, 1 / 5, 1, 0])


def test_occlusion_of_a_linear_network_is_weight_times_embedding() -> None:
    words, lengths = batch(*SOME)
    np.testing.assert_allclose(
        occlusion(Bag(), words, lengths, 1, UNKNOWN), truth(words), atol=1e-5
    )


def test_the_other_of_two_classes_has_the_other_sign() -> None:
    words, lengths = batch(*SOME)
    one, two = (integrated_gradients(Recurrent(), words, lengths, c).values for c in (0, 1))
    np.testing.assert_allclose(one, -two, atol=1e-6)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_values_of_a_recurrent_network_add_up(classes: int) -> None:
    words, lengths = batch(*SOME, " ".join(STRONG_WORDS * 5))
    target = torch.tensor([0, 1, classes - 1, 1])
    found = integrated_gradients(Recurrent(classes), words, lengths, target)
    assert found.error.max() < 1e-5
    assert found.relative_error.max() < 1e-5
    assert np.abs(found.values).max() > 0.01
    np.testing.assert_array_equal(found.values[words == 0], 0)


def test_more_steps_add_up_better() -> None:
    words, lengths = batch(" ".join(STRONG_WORDS * 5))
    errors = [
        float(integrated_gradients(Recurrent(), words, lengths, 1, steps).error[0])
        for steps in (1, 4, 16)
    ]
    assert errors[0] > 10 * errors[1] > errors[2]


def test_a_text_has_the_same_values_alone_and_in_a_batch_of_longer_ones() -> None:
    network = Recurrent()
    words, lengths = batch(*SOME)
    map_threads = integrated_gradients(network, words, lengths, 1)
    out = occlusion(network, words, lengths, 1, UNKNOWN)
    for i, length in enumerate(lengths.tolist()):
        alone = integrated_gradients(network, words[i : i + 1, :length], lengths[i : i + 1], 1)
        np.testing.assert_allclose(map_threads.values[i, :length], alone.values[0], atol=1e-6)
        out_alone = occlusion(network, words[i : i + 1, :length], lengths[i : i + 1], 1, UNKNOWN)
        np.testing.assert_allclose(out[i, :length], out_alone[0], atol=1e-5)


def test_occlusion_classifies_the_text_without_the_word() -> None:
    network = Recurrent(3)
    words, lengths = batch("it was not bad")
    target = torch.tensor([2])
    found = occlusion(network, words, lengths, 2, UNKNOWN)
    whole = log_odds(network.logits(network.embed(words), lengths), target)
    for place in range(4):
        without = words.clone()
        without[0, place] = UNKNOWN
        less = log_odds(network.logits(network.embed(without), lengths), target)
        assert found[0, place] == pytest.approx(float(whole - less), abs=1e-6)
    assert found[0, 2] == 0, "not is unknown already"


def test_batches_of_attribution_are_bounded() -> None:
    requested = []

    class Counting(Bag):
        def logits(self, vectors: Tensor, lengths: Tensor) -> Tensor:
            requested.append(vectors.shape[:2].numel())
            return super().logits(vectors, lengths)

    words, lengths = batch(*[" ".join(STRONG_WORDS * 15)] * 12)
    integrated_gradients(Counting(), words, lengths, 1)
    occlusion(Counting(), words, lengths, 1, UNKNOWN)
    assert text_inference.BATCH_WORDS / 2 < max(requested) <= text_inference.BATCH_WORDS
    assert len(requested) < 20


def test_gradients_are_computed_inside_inference_mode() -> None:
    words, lengths = batch(*SOME)
    network = Recurrent()
    with torch.inference_mode():
        found = integrated_gradients(network, words, lengths, 1)
    assert found.error.max() < 1e-5


@given(st.lists(st.integers(1, 50), min_size=1, max_size=60), st.integers(1, 120))
def test_batches_contain_every_text_once_and_a_bounded_number_of_words(
    lengths: list[int], most: int
) -> None:
    each = np.array(lengths)
    parts = list(text_inference.batches(each, most))
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(lengths)))
    for part in parts:
        assert len(part) == 1 or len(part) * each[part].max() <= most


def test_results_are_in_the_order_of_the_texts() -> None:
    lengths = torch.tensor([5, 1, 3])
    got = by_batch(lengths, lambda part, longest: lengths[part] * 10 + longest)
    assert got.tolist() == [55, 15, 35]


def test_log_odds_are_those_of_the_probability() -> None:
    logits = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, 3.0]])
    target = torch.tensor([2, 0])
    probabilities = logits.softmax(dim=1)[torch.arange(2), target]
    torch.testing.assert_close(
        log_odds(logits, target), probabilities.log() - (1 - probabilities).log()
    )
    pair = torch.tensor([[1.0, 4.0]])
    assert log_odds(pair, torch.tensor([1])).tolist() == [3.0]


def test_the_lengths_of_the_test_texts_are_counted_in_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(text_inference, "BLOCK", 7)
    toy = text_classifier()
    lengths = text_inference.lengths_of_test(toy.data, toy.cache)
    pieces = [len(toy.data.vocabulary.pieces(str(text))) for text in toy.data.test.inputs]
    assert lengths.tolist() == pieces
    assert toy.cache.stored["text-lengths"]["lengths"] is lengths
