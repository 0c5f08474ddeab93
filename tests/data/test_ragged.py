from __future__ import annotations

import torch
from hypothesis import given, strategies as st

from glassnet.data.ragged import PADDING, RaggedTensor, lengths

ROWS = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=12)


@given(rows=ROWS, data=st.data())
def test_a_batch_has_its_rows_and_padding_up_to_the_longest_of_them(
    rows: list[list[int]], data: st.DataObject
) -> None:
    positions = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=5))
    ragged = RaggedTensor.from_rows(rows)
    batch = ragged[torch.tensor(positions)]
    assert batch.dtype == torch.int64
    assert batch.shape[1] == max(1, *(len(rows[place]) for place in positions))
    assert lengths(batch).tolist() == [len(rows[place]) for place in positions]
    for row, place in zip(batch.tolist(), positions, strict=True):
        assert row == rows[place] + [PADDING] * (len(row) - len(rows[place]))
    assert torch.equal(ragged.take(torch.tensor(positions))[:], batch)


@given(rows=ROWS, data=st.data())
def test_taken_rows_are_flattened_row_after_row(rows: list[list[int]], data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(0, len(rows) - 1), max_size=5))
    taken = RaggedTensor.from_rows(rows).take(torch.tensor(positions, dtype=torch.int64))
    values, numbers = taken.flat()
    expected = [(value, k) for k, place in enumerate(positions) for value in rows[place]]
    assert list(zip(values.tolist(), numbers.tolist(), strict=True)) == expected


@given(rows=ROWS, max_values=st.integers(1, 20))
def test_slices_have_all_rows_in_order_and_few_values(
    rows: list[list[int]], max_values: int
) -> None:
    ragged = RaggedTensor.from_rows(rows)
    parts = list(ragged.slices(max_values))
    assert [place for part in parts for place in range(len(rows))[part]] == list(range(len(rows)))
    for part in parts:
        assert (
            ragged[part].shape[0] == 1 or max(map(len, rows[part])) * len(rows[part]) <= max_values
        )


def test_a_long_row_costs_its_own_values_alone() -> None:
    ragged = RaggedTensor.from_rows([[1] * 100_000, *[[2]] * 1000])
    assert ragged.values.numel() * ragged.values.element_size() == 4 * (100_000 + 1000 + 1)
    assert ragged[1:].shape == (1000, 1)


def test_no_rows() -> None:
    ragged = RaggedTensor.from_rows([])
    assert len(ragged) == 0
    assert ragged[:].shape == (0, 1)
    assert not list(ragged.slices(5))
