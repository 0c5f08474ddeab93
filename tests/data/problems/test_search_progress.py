"""The search for near duplicates shows how far it is."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from glassnet import progress
from glassnet.data.problems import near_duplicate_images, near_duplicate_texts

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 20, 20)).astype(np.uint8)
TEXTS = [f"the same words with number {k} at the end of it" for k in range(40)]


@pytest.mark.parametrize(
    ("search", "examples"),
    [(near_duplicate_images.find_groups, IMAGES), (near_duplicate_texts.find_groups, TEXTS)],
)
def test_all_steps_are_counted(
    search: Callable[[object], object],
    examples: Sequence[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    totals, steps = list[float](), list[float]()

    @contextmanager
    def stage(_title: str, total: float) -> Iterator[progress.Advance]:
        totals.append(total)
        yield lambda amount=1, note="": steps.append(amount)

    monkeypatch.setattr(progress, "stage", stage)
    search(examples)
    assert sum(steps) == pytest.approx(sum(totals))
    assert len(steps) > 5
