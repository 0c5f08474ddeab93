"""Parity: whether a file answers as the network that it was made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.errors import ExportError

Arrays = dict[str, np.ndarray]

SIZES = (1, 2, 7)
"""Batches that the first examples come in; the rest comes in batches of `BATCH`."""

BATCH = 128

SMALLEST = 1e-20
"""Probabilities below this count as this where ratios are compared."""

TOLERANCES = {
    "probabilities": 1e-5,
    "ratio of probabilities": 1e-3,
    "ood_score": 1e-3,
    "grey levels": 1.0,
}
"""The largest difference that rounding explains. 32 bits hold 7 digits, and sums of a few thousand
products in another order differ in the last one or two: networks here differ by some 1e-7. A ratio
of probabilities, less 1, shows a change that sure answers hide. A pixel may round the other way."""


@dataclass(frozen=True)
class Parity:
    """What a comparison found.

    Attributes:
        examples: how many were compared.
        differences: measure, as in `TOLERANCES` -> the largest difference.
    """

    examples: int
    differences: dict[str, float]

    @property
    def failed(self) -> list[str]:
        """The measures in which the file is off by more than rounding."""
        return [
            name
            for name, value in self.differences.items()
            if not value <= TOLERANCES[name]  # not a number is off, too
        ]

    def check(self) -> None:
        """Refuse a file that is off.

        Raises:
            ExportError: it names the first measure, the difference and what is tolerated.
        """
        for name in self.failed:
            raise ExportError(
                f"the exported file answers otherwise than the network: {name} differ by up to "
                f"{self.differences[name]:.2g} on {self.examples:,} examples, where rounding "
                f"explains {TOLERANCES[name]:.0e}",
                "no file was written; please report it, with the run's configuration",
            )


def compare(run: Callable[[Arrays], Arrays], examples: Arrays, outputs: Arrays) -> Parity:
    """Ask a file about examples, in batches of several sizes, and compare.

    Args:
        run: the file, from inputs by name to outputs by name.
        examples: name -> (n, ...) inputs; numbers of words are cut to each batch's longest text,
            save in the first batch, which stays as wide as it is.
        answers: name -> (n, ...) what is right.
    """
    differences: dict[str, float] = {}
    count = len(next(iter(examples.values())))
    for part in _batches(count):
        given = {name: values[part] for name, values in examples.items()}
        if "words" in given and part.start:
            given["words"] = _cut(given["words"])
        found = run(given)
        for name, right in outputs.items():
            for measure, value in _differences(name, found[name], right[part]):
                differences[measure] = float(np.maximum(differences.get(measure, 0.0), value))
    return Parity(count, differences)


def _batches(count: int) -> Iterator[slice]:
    start = 0
    sizes = [*SIZES, *[BATCH] * (-(-count // BATCH))]
    for size in sizes:
        if start < count:
            yield slice(start, start + size)
        start += size


def _cut(words: np.ndarray) -> np.ndarray:
    return words[:, : max(1, int((words != 0).sum(axis=1).max()))]


def _differences(name: str, found: np.ndarray, right: np.ndarray) -> Iterator[tuple[str, float]]:
    if found.shape != right.shape:
        yield {"images": "grey levels"}.get(name, name), np.inf
        return
    if name == "images":
        yield "grey levels", float(np.abs(found.astype(int) - right.astype(int)).max())
        return
    if name == "ood_score":  # relative, for it has no upper end
        yield name, float((np.abs(found - right) / np.maximum(right, 1)).max())
        return
    yield name, float(np.abs(found - right).max())
    logs = [np.log(np.maximum(values.astype(float), SMALLEST)) for values in (found, right)]
    yield "ratio of probabilities", float(np.abs(np.expm1(logs[0] - logs[1])).max())
