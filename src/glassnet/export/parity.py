"""Parity: whether an exported file computes the same outputs as its network."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.errors import ExportError

Arrays = dict[str, np.ndarray]

FIRST_BATCHES = (1, 2, 7)
"""Sizes of the first batches; the other examples come in batches of `BATCH`."""

BATCH = 128

MIN_PROBABILITY = 1e-20
"""Smaller probabilities are replaced by this one where ratios are compared."""

TOLERANCES = {
    "probabilities": 1e-5,
    "ratio of probabilities": 1e-3,
    "grey levels": 1.0,
    "ood_score": 1e-3,
}
"""The largest difference that rounding explains. A 32-bit float has 7 digits, and sums of a few
thousand products in another order differ in the last one or two: the networks here differ by some
1e-7. A ratio of probabilities, minus 1, shows a change that probabilities near 0 and 1 hide. A
pixel may be rounded the other way."""

ADVISORY = frozenset({"ood_score"})
"""Measures that are reported and refuse no file, since no prediction depends on them."""


@dataclass(frozen=True)
class Parity:
    """The result of a comparison.

    Attributes:
        examples: number of examples.
        differences: measure, as in `TOLERANCES` -> the largest difference.
    """

    examples: int
    differences: dict[str, float]

    @property
    def failed(self) -> list[str]:
        """The measures that refuse the file: their difference is larger than the tolerance."""
        return [name for name in self._beyond if name not in ADVISORY]

    @property
    def note(self) -> str:
        """That the OOD scores differ, and what that means; empty if they do not."""
        if "ood_score" not in self._beyond:
            return ""
        difference, tolerance = self.differences["ood_score"], TOLERANCES["ood_score"]
        return (
            "the probabilities of the exported file are the network's, but its OOD scores differ "
            f"by up to {difference:.2g} (tolerance: {tolerance:.0e}); an input whose score is that "
            "close to 1 may be marked by one and not by the other"
        )

    @property
    def _beyond(self) -> list[str]:
        return [
            name
            for name, value in self.differences.items()
            if not value <= TOLERANCES[name]  # NaN fails, too
        ]

    def check(self) -> None:
        """Refuse a file that differs from its network.

        Raises:
            ExportError: it names the first measure, the difference and the tolerance.
        """
        for name in self.failed:
            raise ExportError(
                f"the exported file differs from the network: {name} by up to "
                f"{self.differences[name]:.2g} on {self.examples:,} examples (tolerance: "
                f"{TOLERANCES[name]:.0e})",
                "no file was written; please report it with the run's configuration",
            )


def compare(session: Callable[[Arrays], Arrays], examples: Arrays, expected: Arrays) -> Parity:
    """Compute a file's outputs in batches of several sizes and compare them with expected ones.

    Args:
        session: the file, from inputs by name to outputs by name.
        examples: name -> (n, ...) inputs; token ids are cut to each batch's longest text, except
            in the first batch, which keeps its width.
        expected: name -> (n, ...) outputs.
    """
    largest: dict[str, float] = {}
    count = len(next(iter(examples.values())))
    for batch in _batches(count):
        inputs = {name: values[batch] for name, values in examples.items()}
        if "words" in inputs and batch.start:
            longest = max(1, int((inputs["words"] != 0).sum(axis=1).max()))
            inputs["words"] = inputs["words"][:, :longest]
        outputs = session(inputs)
        for name, values in expected.items():
            for measure, difference in _differences(name, outputs[name], values[batch]):
                largest[measure] = float(np.maximum(largest.get(measure, 0.0), difference))
    return Parity(count, largest)


def _batches(count: int) -> Iterator[slice]:
    start = 0
    for size in [*FIRST_BATCHES, *[BATCH] * (-(-count // BATCH))]:
        if start < count:
            yield slice(start, start + size)
        start += size


def _differences(
    name: str, actual: np.ndarray, expected: np.ndarray
) -> Iterator[tuple[str, float]]:
    if actual.shape != expected.shape:
        yield {"images": "grey levels"}.get(name, name), np.inf
    elif name == "images":
        yield "grey levels", float(np.abs(actual.astype(int) - expected.astype(int)).max())
    elif name == "ood_score":  # relative, since it has no upper bound
        yield name, float((np.abs(actual - expected) / np.maximum(expected, 1)).max())
    else:
        yield name, float(np.abs(actual - expected).max())
        logs = [np.log(np.maximum(p.astype(float), MIN_PROBABILITY)) for p in (actual, expected)]
        yield "ratio of probabilities", float(np.abs(np.expm1(logs[0] - logs[1])).max())
