"""Test results as a dictionary that shows its main numbers in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Results(dict[str, Any]):
    """Results by split, or the measures of one split.

    Args:
        values: the content.
        title: the main result in words.
        numbers: (label, value, note) of each number for display, the most important first.
    """

    def __init__(
        self, values: Mapping[str, Any], title: str = "", numbers: Sequence[Sequence[str]] = ()
    ) -> None:
        super().__init__(values)
        self.title = title or "no test results yet"
        self.numbers = [(str(label), str(value), str(note)) for label, value, note in numbers]

    def _repr_html_(self) -> str:
        from glassnet.drawing.notebook import card

        return card.card(self.title, card.numbers(self.numbers))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython writes in a terminal."""
        lines = [f"{label}: {value} ({note})" for label, value, note in self.numbers]
        printer.text("\n".join(lines) or self.title)


def results(values: Mapping[str, Any], shown: Mapping[str, Any] | None = None) -> Results:
    """Results by split.

    Args:
        values: split -> measures.
        shown: the `sentence` and the `numbers` of the test results; those in `values` by default.
    """
    test = values.get("test", {}) if shown is None else shown
    words = str(test.get("sentence", "")), test.get("numbers", ())
    return Results(
        {
            split: Results(each, *words) if split == "test" else each
            for split, each in values.items()
        },
        *words,
    )
