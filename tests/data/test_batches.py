from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import Tensor

from glassnet.data.batches import Batches
from glassnet.data.ragged import RaggedTensor


def order(batches: Batches, epoch: int, start: int = 0) -> list[list[int]]:
    return [batch[0].tolist() for batch in batches.epoch(epoch, start)]


def flat(lists: list[list[int]]) -> list[int]:
    return [number for one in lists for number in one]


@settings(max_examples=60)
@given(n=st.integers(1, 60), batch_size=st.integers(1, 20), epoch=st.integers(0, 5))
def test_an_epoch_has_every_example_once(n: int, batch_size: int, epoch: int) -> None:
    batches = Batches([torch.arange(n)], batch_size, seed=1)
    lists = order(batches, epoch)
    assert sorted(flat(lists)) == list(range(n))
    lengths = [len(one) for one in lists]
    assert len(lengths) == len(batches) == -(-n // batch_size)
    assert max(lengths) <= batch_size
    assert max(lengths) - min(lengths) <= 1


def test_the_order_depends_only_on_seed_and_epoch() -> None:
    def shuffled(seed: int) -> Batches:
        return Batches([torch.arange(100)], 10, seed)

    first = order(shuffled(0), 0)
    torch.rand(3)  # other code uses random numbers, too
    assert order(shuffled(0), 0) == first
    assert order(shuffled(0), 1) != first
    assert order(shuffled(1), 0) != first
    assert flat(first) != list(range(100))


def test_the_order_does_not_change_the_random_state_of_torch() -> None:
    before = torch.get_rng_state()
    order(Batches([torch.arange(100)], 10, 0), 3)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("start", range(5))
def test_an_epoch_can_start_at_any_batch(start: int) -> None:
    batches = Batches([torch.arange(10)], 3, seed=5)
    assert order(batches, 2, start) == order(batches, 2)[start:]


def test_without_a_seed_the_order_is_unchanged() -> None:
    batches = Batches([torch.arange(7)], 3, seed=None)
    assert order(batches, 0) == order(batches, 4) == [[0, 1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize("world_size", [2, 3])
def test_ranks_share_every_batch(world_size: int) -> None:
    one = order(Batches([torch.arange(50)], 8, 0), 1)
    ranks = [
        order(Batches([torch.arange(50)], 8, 0, rank=rank, world_size=world_size), 1)
        for rank in range(world_size)
    ]
    for batch, *parts in zip(one, *ranks, strict=True):
        assert sorted(flat(parts)) == sorted(batch)
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_inputs_and_labels_stay_together() -> None:
    batches = Batches([torch.arange(20), torch.arange(20) * 10, torch.eye(20)], 6, seed=0)
    for inputs, labels, rows in batches.epoch(0):
        assert torch.equal(inputs * 10, labels)
        assert torch.equal(rows.argmax(1), inputs)


def ragged(lengths: Tensor) -> RaggedTensor:
    """Rows of ones of these lengths."""
    return RaggedTensor.from_rows([[1] * length for length in lengths.tolist()])


@pytest.mark.parametrize("n", [400, 403])
@pytest.mark.parametrize("seed", [0, None])
def test_a_batch_has_rows_of_similar_length(seed: int | None, n: int) -> None:
    """The batches, of one size or of two, are one bucket: in order of length none overlaps."""
    lengths = 1 + torch.randperm(n, generator=torch.Generator().manual_seed(1))
    batches = Batches([ragged(lengths), lengths], 10, seed)
    found = [batch[1].tolist() for batch in batches.epoch(0)]
    for one in found:
        assert max(one) - min(one) == len(one) - 1
    assert sorted(flat(found)) == list(range(1, n + 1))
    assert (sorted(found) == found) is (seed is None), "batches are shuffled, rows are not"


def test_rows_of_one_length_mix() -> None:
    lengths = 1 + torch.randperm(400, generator=torch.Generator().manual_seed(1))
    batches = Batches([lengths[:], lengths], 10, seed=0)
    assert min(int(batch[1].max() - batch[1].min()) for batch in batches.epoch(0)) > 100


def test_rows_are_sorted_within_stretches_of_50_batches_alone() -> None:
    """All rows sorted would make batches of 1 row per length; stretches keep examples mixed."""
    lengths = 1 + torch.randperm(1000, generator=torch.Generator().manual_seed(1))
    batches = Batches([ragged(lengths), lengths], 4, seed=0)
    spans = [int(batch[1].max() - batch[1].min()) for batch in batches.epoch(0)]
    # 250 batches are five stretches of 200 lengths, which lie 1001 / 201 apart on average.
    assert sum(spans) / len(spans) == pytest.approx(3 * 1001 / 201, rel=0.05)


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_every_seed_of_a_configuration_works(seed: int) -> None:
    assert sorted(flat(order(Batches([torch.arange(9)], 4, seed), 1000))) == list(range(9))


@pytest.mark.parametrize("start", [0, 2, 3, 8])
def test_endless_batches_are_those_of_one_epoch_after_another(start: int) -> None:
    batches = Batches([torch.arange(10)], batch_size=4, seed=5)
    expected = [batch[0].tolist() for number in range(4) for batch in batches.epoch(number)]
    found = [batch[0].tolist() for batch in itertools.islice(batches.endless(start), 12 - start)]
    assert found == expected[start:]
