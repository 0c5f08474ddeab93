from __future__ import annotations

import numpy as np
import pytest
import torch

from glassnet.data.ragged import RaggedTensor
from glassnet.tasks.lstm import word_vectors
from glassnet.tasks.lstm.network import LSTMTextClassifier
from glassnet.tasks.lstm.word_vectors import cooccurrences, ppmi, ppmi_vectors

GOOD, FINE, BAD, AWFUL, ANIMATION, PLOT = range(2, 8)


def talk(n: int = 60) -> RaggedTensor:
    """Two pairs of words with the same meaning, each beside what its pair stands beside."""
    draw = np.random.default_rng(0)
    praise = [[draw.choice([GOOD, FINE]), ANIMATION] for _ in range(n)]
    blame = [[draw.choice([BAD, AWFUL]), PLOT] for _ in range(n)]
    return RaggedTensor.from_rows(praise + blame)


def test_words_with_similar_neighbours_have_similar_vectors() -> None:
    found = ppmi_vectors(talk(), num_embeddings=8, embedding_dim=4)
    alike = found @ found.T
    assert alike[GOOD, FINE].item() == pytest.approx(1, abs=1e-5)  # they have the same neighbour
    assert alike[BAD, AWFUL].item() == pytest.approx(1, abs=1e-5)
    assert alike[GOOD, BAD].item() == pytest.approx(0, abs=1e-5)
    assert found[ANIMATION].norm() == pytest.approx(1, abs=1e-5)


def test_they_hold_the_information_that_counting_by_hand_gives() -> None:
    """All words of equal frequency: information is log(p(a, b) / (p(a) p(b))), here log 4."""
    counts = cooccurrences(RaggedTensor.from_rows([[2, 3], [2, 3], [4, 5], [4, 5]]), 6)
    assert counts.toarray()[2:4, 2:4].tolist() == [[0, 2], [2, 0]]
    information = ppmi(counts).toarray()
    assert information[2, 3] == pytest.approx(np.log(4))
    assert information[2, 4] == information[2, 5] == 0


def test_nearer_words_count_more_and_far_ones_not_at_all() -> None:
    counts = cooccurrences(RaggedTensor.from_rows([[2, 3, 4, 5, 6, 7, 8]]), 9).toarray()
    assert counts[2, 3:].tolist() == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 0])


def test_unknown_words_and_those_of_other_texts_are_not_counted() -> None:
    counts = cooccurrences(RaggedTensor.from_rows([[2, 1, 3], [], [2], [4]]), 5).toarray()
    assert counts[2, 3] == pytest.approx(1 / 2)  # over the unknown word between them
    assert not counts[4].any()
    assert not counts[:2].any()
    assert not counts[:, :2].any()


def test_texts_are_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = cooccurrences(talk(), 8).toarray()
    monkeypatch.setattr(word_vectors, "CHUNK", 7)
    assert np.allclose(cooccurrences(talk(), 8).toarray(), whole)


@pytest.mark.parametrize("width", [1, 3, 8, 50])
def test_any_width_serves_any_number_of_words(width: int) -> None:
    found = ppmi_vectors(talk(), num_embeddings=8, embedding_dim=width)
    assert found.shape == (8, width)
    assert found.isfinite().all()


def test_texts_of_single_words_have_no_neighbours() -> None:
    assert not ppmi_vectors(
        RaggedTensor.from_rows([[2], [3]]), num_embeddings=4, embedding_dim=2
    ).any()


def test_a_text_classifier_with_ppmi_starts_with_those_vectors() -> None:
    torch.manual_seed(0)
    network = LSTMTextClassifier(
        num_embeddings=8, classes=2, embedding_dim=4, hidden_size=2, ppmi=True
    )
    before = network.embedding.weight.detach().clone()
    network.prepare(talk(), torch.tensor([0, 1]).repeat_interleave(60))
    after = network.embedding.weight.detach()
    assert torch.equal(after[:2], before[:2])  # padding and unknown stay as they were
    assert torch.equal(after[2:], ppmi_vectors(talk(), 8, 4)[2:])
    assert network.embedding.weight.requires_grad
