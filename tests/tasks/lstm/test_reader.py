from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from glassnet.contract import TextModel
from glassnet.data.ragged import RaggedTensor
from glassnet.tasks.lstm.network import PADDING, UNKNOWN, LSTMTextClassifier, WordDropout
from glassnet.tasks.lstm.ngrams import GAIN, NGrams, log_ratio, separation
from glassnet.tasks.lstm.pooling import KINDS, Last, MaxMean, make_pooling
from glassnet.tasks.lstm.recurrent import Recurrent

LENGTHS = torch.tensor([5, 1, 3, 0])


def words(longest: int = 5, *, seed: int = 0) -> Tensor:
    """Rows of 5, 1, 3 and 0 words."""
    drawn = torch.randint(2, 30, (4, longest), generator=torch.Generator().manual_seed(seed))
    return drawn.masked_fill(torch.arange(longest) >= LENGTHS.unsqueeze(1), PADDING)


def text_classifier(**options: Any) -> LSTMTextClassifier:
    torch.manual_seed(0)
    return LSTMTextClassifier(
        **{"num_embeddings": 30, "classes": 3, "embedding_dim": 6, "hidden_size": 4} | options
    ).eval()


@pytest.mark.parametrize(("training", "n", "used"), [(False, 2, 1), (False, 2000, 3), (True, 2, 3)])
def test_small_time_steps_are_predicted_in_one_thread(training: bool, n: int, used: int) -> None:
    """Training chooses the number of its threads itself."""
    layer, found = Recurrent(3, 64, bidirectional=True).train(training), []
    for lstm in (layer.forwards, layer.backwards):
        assert lstm is not None
        lstm.register_forward_hook(lambda *_: found.append(torch.get_num_threads()))
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        layer(torch.zeros(n, 2, 3), torch.full((n,), 2))
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
    assert found == [used, used]
    assert after == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_padding_changes_no_output(kind: str, bidirectional: bool, num_layers: int) -> None:
    network = text_classifier(pooling=kind, bidirectional=bidirectional, num_layers=num_layers)
    rows = words()
    with torch.inference_mode():
        batched = network(torch.nn.functional.pad(rows, (0, 7)))
        alone = torch.cat([network(row[row != PADDING].unsqueeze(0)) for row in rows[:3]])
    assert batched.shape == (4, 1, 3)
    assert batched[:3] == pytest.approx(alone, abs=1e-6)
    assert batched.isfinite().all()


@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_layer_equals_packed_sequences(bidirectional: bool) -> None:
    """Turning each text round within its length is what packing does, at another speed."""
    torch.manual_seed(1)
    ours = Recurrent(6, 4, bidirectional)
    theirs = nn.LSTM(6, 4, batch_first=True, bidirectional=bidirectional)
    weights = ours.forwards.state_dict()
    if ours.backwards is not None:
        weights |= {f"{k}_reverse": v for k, v in ours.backwards.state_dict().items()}
    theirs.load_state_dict(weights)
    values, lengths = torch.randn(3, 5, 6), torch.tensor([5, 1, 3])
    packed = pack_padded_sequence(values, lengths, batch_first=True, enforce_sorted=False)
    wanted, _ = pad_packed_sequence(theirs(packed)[0], batch_first=True)
    mask = (torch.arange(5) < lengths.unsqueeze(1)).unsqueeze(2)
    assert (ours(values, lengths) * mask).detach() == pytest.approx(wanted.detach(), abs=1e-6)


@pytest.mark.parametrize("dropped", [0.0, 0.5])
def test_half_precision_stays_near_and_reaches_every_weight(dropped: float) -> None:
    torch.manual_seed(1)
    layer = Recurrent(8, 16, True, weight_dropout=dropped)
    values, lengths = torch.randn(3, 5, 8), torch.tensor([5, 1, 3])
    exact = layer.eval()(values, lengths).detach()
    with torch.autocast("cpu", torch.bfloat16):
        near = layer(values, lengths)
        assert near.detach() == pytest.approx(exact, abs=0.03)
        layer.train()(values, lengths).sum().backward()
    for name, weight in layer.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.dtype == torch.float32
        assert weight.grad.any(), name


def test_recurrent_weights_are_dropped_while_training_alone() -> None:
    layer = Recurrent(8, 16, False, weight_dropout=0.5)
    values, lengths = torch.randn(2, 5, 8), torch.tensor([5, 5])
    torch.manual_seed(0)
    assert not torch.equal(layer.train()(values, lengths), layer(values, lengths))
    assert torch.equal(layer.eval()(values, lengths), layer(values, lengths))
    first = layer(values, lengths)[:, 0].detach()
    assert layer.train()(values, lengths)[:, 0].detach() == pytest.approx(
        first, abs=1e-6
    )  # no state yet


def test_pooling_on_numbers_one_can_check() -> None:
    values = torch.tensor([[[1.0, -4.0], [3.0, -2.0], [9.0, 9.0]]])
    lengths = torch.tensor([2])
    assert MaxMean()(values, lengths).tolist() == [[3.0, -2.0, 2.0, -3.0]]
    assert Last(1)(values, lengths).tolist() == [[3.0, -4.0]]  # forwards at its end, backwards at 0
    assert Last(2)(values, lengths).tolist() == [[3.0, -2.0]]
    attention, width = make_pooling("attention", 2, 2)
    assert width == 2
    nn.init.zeros_(attention.score.weight)
    assert attention(values, lengths).tolist() == [[2.0, -3.0]]


def test_words_are_dropped_to_unknown_and_padding_stays() -> None:
    drop, rows = WordDropout(0.5), words(40).repeat(50, 1)
    assert torch.equal(drop.eval()(rows), rows)
    torch.manual_seed(0)
    dropped = drop.train()(rows)
    changed = dropped != rows
    assert (dropped[changed] == UNKNOWN).all()
    assert torch.equal(dropped == PADDING, rows == PADDING)
    assert changed.sum() / (rows != PADDING).sum() == pytest.approx(0.5, abs=0.1)


def test_it_fulfils_the_contract_of_a_text_model() -> None:
    network, rows = text_classifier(num_layers=2), words()[:3]
    assert isinstance(network, TextModel)
    with torch.inference_mode():
        vectors, lengths = network.embed(rows), LENGTHS[:3]
        assert vectors.shape == (3, 5, 6)
        assert not vectors[rows == PADDING].any()
        assert network.hidden_states(vectors, lengths).shape == (3, 5, 8)
        assert network.logits(vectors, lengths) == pytest.approx(network(rows)[:, 0], abs=1e-6)


def test_the_filling_has_no_gradient() -> None:
    network = text_classifier().train()
    network(words()).sum().backward()
    gradient = network.embedding.weight.grad
    assert gradient is not None
    assert not gradient[PADDING].any()
    assert gradient[words()[0]].any()


def test_it_can_learn_the_order_of_words() -> None:
    """`bad not good` and `good not bad` have the same words: a bag of words cannot tell them."""
    network = text_classifier(classes=2, hidden_size=8).train()
    rows = torch.tensor([[2, 4, 3], [3, 4, 2]])
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(60):
        loss = nn.functional.cross_entropy(network(rows)[:, 0], torch.tensor([0, 1]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1


def test_ngrams_are_a_linear_classifier_over_runs_of_words() -> None:
    """The scores of a text are what its runs score, each where it first stands."""
    table = NGrams(num_embeddings=30, classes=3, max_ngram=3, buckets=1000)
    torch.manual_seed(0)
    for part in table.scores:
        nn.init.normal_(part.weight)
    rows = torch.tensor([[5, 6, 7, 5, 6], [5, 6, 0, 0, 0]])
    with torch.inference_mode():
        scores = table(rows)
        twice = table(torch.tensor([[5, 6]]))
    assert scores.shape == (2, 5, 3)
    assert not scores[1, 2:].any()  # no run ends in the filling
    assert torch.allclose(scores[1, :2], twice[0])
    one, two = (GAIN * part.weight.detach() for part in list(table.scores)[:2])
    assert scores[0, 0].tolist() == pytest.approx(one[5].tolist())
    bigram = scores[0, 1] - one[6]
    assert any(torch.allclose(bigram, row, atol=1e-5) for row in two)
    # At the second `5 6` only runs over the words before it are new: `7 5`, `6 7 5`, `7 5 6`.
    trigrams = GAIN * list(table.scores)[2].weight.detach()
    assert any(torch.allclose(scores[0, 4], row, atol=1e-5) for row in trigrams)
    assert scores[0, 4].any()


@pytest.mark.parametrize("n", [1, 2])
def test_texts_shorter_than_a_run_have_the_shorter_ones(n: int) -> None:
    table = NGrams(num_embeddings=30, classes=2, max_ngram=4, buckets=100)
    nn.init.ones_(table.scores[0].weight)
    assert table(torch.arange(5, 5 + n).unsqueeze(0))[0, :, 1].tolist() == [GAIN] * n


def test_two_classes_have_opposite_scores() -> None:
    table = NGrams(num_embeddings=30, classes=2, max_ngram=2, buckets=100)
    nn.init.ones_(table.scores[0].weight)
    scores = table(torch.tensor([[5, 6]])).detach()
    assert scores.tolist() == [[[-GAIN, GAIN], [-GAIN, GAIN]]]


COUNTED, OF_CLASS = RaggedTensor.from_rows([[2, 2, 4], [2], [3, 4]]), torch.tensor([1, 1, 0])
"""Word 2 in two texts of class 1, word 4 in one text of each class, word 3 in a single one."""


def test_ratios_of_two_classes_are_those_of_texts_with_one_added() -> None:
    """Against numbers worked out by hand."""
    table = NGrams(num_embeddings=5, classes=2, max_ngram=1, buckets=1)
    table.count(COUNTED, OF_CLASS)
    # Texts of the class and of the others, one added, are 1 1 3 1 2 of 8 and 1 1 1 2 2 of 7.
    wanted = [0, 0, math.log(3 / 8 * 7), 0, abs(math.log(2 / 8 / (2 / 7)))]
    assert table.ratios1[:, 0].tolist() == pytest.approx(wanted, abs=1e-6)


def test_ratios_of_more_classes_are_divergences_from_the_classes_of_all_texts() -> None:
    """Against numbers worked out by hand; class 2 has no texts."""
    table = NGrams(num_embeddings=5, classes=3, max_ngram=1, buckets=1)
    table.count(COUNTED, OF_CLASS)
    # Two thirds of two texts are of class 1: word 2 has 2 + 4/3 of 4 in it, word 4 has 1 + 4/3.
    first, second = 10 / 12, 7 / 12
    wanted = [
        math.sqrt(2 * (p * math.log(p * 3 / 2) + (1 - p) * math.log((1 - p) * 3)))
        for p in (first, second)
    ]
    for column in table.ratios1.T:
        assert column.tolist() == pytest.approx([0, 0, wanted[0], 0, wanted[1]], abs=1e-6)


@settings(max_examples=30)
@given(st.lists(st.integers(1, 50), min_size=3, max_size=8), st.integers(1, 9))
def test_an_ngram_with_the_classes_of_all_texts_separates_none(shares: list[int], n: int) -> None:
    counts = torch.tensor([shares], dtype=torch.float32)
    assert separation(n * counts, counts[0] / counts.sum()).item() == pytest.approx(0, abs=2e-3)


def test_small_divergences_are_half_of_the_log_count_ratios() -> None:
    """Two classes of equal size, a third without texts; so many that smoothing does not matter."""
    counts = torch.tensor([[52_000.0, 48_000.0], [48_000.0, 52_000.0]])
    two = separation(counts, torch.tensor([0.5, 0.5]))
    three = separation(F.pad(counts, (0, 1)), torch.tensor([0.5, 0.5, 0.0]))
    torch.testing.assert_close(two, log_ratio(counts) / 2, rtol=1e-2, atol=0)
    torch.testing.assert_close(three, two)


def test_ngrams_of_two_classes_of_words_have_ratios_and_those_of_characters_divergences() -> None:
    words, characters = (
        NGrams(num_embeddings=5, classes=2, max_ngram=1, buckets=1, characters=unit)
        for unit in (False, True)
    )
    for table in (words, characters):
        table.count(COUNTED, OF_CLASS)
    counts, shares = torch.tensor([[0.0, 2.0], [1.0, 1.0]]), torch.tensor([1 / 3, 2 / 3])
    divergences = separation(counts, shares)[:, 0].tolist()
    assert characters.ratios1[[2, 4], 0].tolist() == pytest.approx(divergences)
    assert words.ratios1[2, 0] > 1.5 * characters.ratios1[2, 0]


def test_an_ngram_of_a_single_text_has_no_weight() -> None:
    table = NGrams(num_embeddings=30, classes=2, max_ngram=2, buckets=2**16)
    table.count(RaggedTensor.from_rows([[5, 6, 5, 6], [7, 8], [7, 8]]), torch.tensor([0, 1, 1]))
    nn.init.ones_(table.scores[1].weight)
    once, twice = table(torch.tensor([[5, 6], [7, 8]]))[:, 1, 1].tolist()
    assert once == 0
    # Two texts of class 1 and none of class 0, one added to each.
    assert twice == pytest.approx(GAIN * math.log(3), rel=1e-4)


def test_a_run_counts_once_a_text() -> None:
    table = NGrams(num_embeddings=30, classes=3, max_ngram=1, buckets=1)
    nn.init.ones_(table.scores[0].weight)
    scores = table(torch.tensor([[5, 6, 5, 5]]))[0, :, 0].tolist()
    assert scores == [GAIN, GAIN, 0, 0]


def test_the_language_of_a_class_moves_faster() -> None:
    table = NGrams(num_embeddings=30, classes=2, max_ngram=2, buckets=50)
    rows, labels = RaggedTensor.from_rows([[5, 9], [6, 9]] * 20), torch.tensor([0, 1]).repeat(20)
    table.count(rows, labels)
    ratios = table.ratios1[:, 0]
    # 20 texts of one class and none of the other, one added to each.
    assert ratios[[5, 6]].tolist() == pytest.approx([math.log(21)] * 2, rel=1e-5)
    assert ratios[9] == pytest.approx(0, abs=1e-6)


def test_the_order_of_words_makes_another_ngram() -> None:
    table = NGrams(num_embeddings=30, classes=2, max_ngram=2, buckets=2**12)
    nn.init.normal_(table.scores[1].weight)
    scores = table(torch.tensor([[5, 6], [6, 5], [5, 5]]))
    assert len(set(scores[:, 1, 1].tolist())) == 3


def test_ngrams_are_a_branch_of_their_own() -> None:
    network, rows = text_classifier(max_ngram=2, ngram_buckets=50, ngram_weight=0.5), words()[:3]
    lstm = network(rows)[:, 0].detach()
    assert network.ngrams is not None
    nn.init.ones_(network.ngrams.scores[0].weight)
    lengths = LENGTHS[:3]
    wanted = GAIN * lengths.sqrt().unsqueeze(1).expand(3, 3)
    with torch.inference_mode():
        both, vectors = network(rows), network.embed(rows)
        assert both.shape == (3, 2, 3)
        assert both[:, 0] == pytest.approx(lstm, abs=1e-6)
        assert both[:, 1] == pytest.approx(wanted, abs=1e-4)
        assert vectors.shape == (3, 5, 6 + 3)
        assert not vectors[rows == PADDING].any()
        weight = 0.5 * lengths.sqrt().unsqueeze(1)  # longer texts speak through n-grams
        reply = (lstm + weight * wanted) / (1 + weight)
        assert network.logits(vectors, lengths) == pytest.approx(reply, abs=1e-4)
        assert network.combine(both, rows) == pytest.approx(reply, abs=1e-4)


def test_dropped_runs_leave_the_mean_where_it_was() -> None:
    table = NGrams(num_embeddings=5003, classes=3, max_ngram=1, buckets=1, dropout=0.5).train()
    nn.init.ones_(table.scores[0].weight)
    torch.manual_seed(0)
    scores = table(torch.arange(3, 5003).view(100, 50)).detach()
    assert sorted(set(scores.flatten().tolist())) == [0.0, 2 * GAIN]
    assert scores.mean().item() == pytest.approx(GAIN, rel=0.05)
