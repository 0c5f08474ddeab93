from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.data.batches import Batches


def order(batches: Batches, epoch: int, start: int = 0) -> list[list[int]]:
    return [batch[0].tolist() for batch in batches.epoch(epoch, start)]


def whole(lists: list[list[int]]) -> list[int]:
    return [number for one in lists for number in one]


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 60), size=st.integers(1, 20), epoch=st.integers(0, 5))
def test_an_epoch_is_every_example_once(n: int, size: int, epoch: int) -> None:
    batches = Batches([torch.arange(n)], size, seed=1)
    lists = order(batches, epoch)
    assert sorted(whole(lists)) == list(range(n))
    lengths = [len(one) for one in lists]
    assert len(lengths) == len(batches) == -(-n // size)
    assert max(lengths) <= size
    assert max(lengths) - min(lengths) <= 1


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    def made(seed: int) -> Batches:
        return Batches([torch.arange(100)], 10, seed)

    first = order(made(0), 0)
    torch.rand(3)  # whatever else draws random numbers
    assert order(made(0), 0) == first
    assert order(made(0), 1) != first
    assert order(made(1), 0) != first
    assert whole(first) != list(range(100))


def test_drawing_the_order_leaves_torchs_random_state_alone() -> None:
    before = torch.get_rng_state()
    order(Batches([torch.arange(100)], 10, 0), 3)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("start", range(5))
def test_a_position_is_a_number_of_batches(start: int) -> None:
    batches = Batches([torch.arange(10)], 3, seed=5)
    assert order(batches, 2, start) == order(batches, 2)[start:]


def test_no_seed_keeps_the_order() -> None:
    batches = Batches([torch.arange(7)], 3, seed=None)
    assert order(batches, 0) == order(batches, 4) == [[0, 1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_share_every_batch(world: int) -> None:
    one = order(Batches([torch.arange(50)], 8, 0), 1)
    ranks = [order(Batches([torch.arange(50)], 8, 0, rank=r, world=world), 1) for r in range(world)]
    for map_threads, *parts in zip(one, *ranks, strict=True):
        assert sorted(whole(parts)) == sorted(map_threads)
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_inputs_and_labels_stay_together() -> None:
    batches = Batches([torch.arange(20), torch.arange(20) * 10, torch.eye(20)], 6, seed=0)
    for inputs, labels, rows in batches.epoch(0):
        assert torch.equal(inputs * 10, labels)
        assert torch.equal(rows.argmax(1), inputs)


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_every_seed_that_a_configuration_admits_works(seed: int) -> None:
    assert sorted(whole(order(Batches([torch.arange(9)], 4, seed), 1000))) == list(range(9))
