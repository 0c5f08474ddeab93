"""Answers of a classifier, input by input: their making, and their form as JSON and as cells."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from glassnet import atomic, progress
from glassnet.data.listing import shown
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.data.inputs import Inputs
    from glassnet.data.texts.tables import Form
    from glassnet.inference.predictor import Predictor

PLACES = 3
"""Places that a note names."""

UNLIKE = "unlike the training data"

STDOUT = Path("-")
"""Stands for standard output where a file is to be named."""

Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Given:
    """One input.

    Attributes:
        what: the text, or the path of an image.
        place: where it was found: `line 7`, `text 2`, or the path of a file.
        is_file: whether the place is the path of a file that is this input.
        row: of a table, to be written back.
        fault: why it cannot be asked about, where that is known already.
    """

    what: str
    place: str
    is_file: bool = False
    row: list[Any] | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a network says of one input.

    Attributes:
        given: the input.
        top: classes with their probabilities, best first; empty where there is no answer.
        distance: from the training data, above 1 it is unlike them; None where it is not known.
        error: why there is no answer, where that is an error.
    """

    given: Given
    top: list[tuple[str, float]]
    distance: float | None = None
    error: str = ""

    @property
    def unlike(self) -> bool | None:
        """Whether the input is unlike the training data; None where it is not known."""
        return None if self.distance is None else self.distance > 1


@dataclass
class Notes:
    """What the person should know of some inputs: how many, and where the first stand.

    Attributes:
        unit: what is counted, as `text`.
    """

    unit: str
    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, place: str) -> None:
        """Count one input of a kind."""
        self.counts[kind] += 1
        if self.counts[kind] <= PLACES:
            self.places.setdefault(kind, []).append(place)

    def log(self, remarks: Mapping[str, str]) -> None:
        """Write a line for each kind, with the remark on it at its end."""
        for kind, count in self.counts.items():
            rest = f" and {count - PLACES:,} more" if count > PLACES else ""
            places = ", ".join(map(shown, self.places[kind]))
            remark = remarks.get(kind, "")
            progress.log(f"{counted(count, self.unit)} {kind} ({places}{rest}){remark}")


class Asking:
    """Asks a classifier about batches of inputs.

    Args:
        network: a classifier.
        top: classes to name.
        unit: what the inputs are called, as `text`.

    Attributes:
        count: inputs that were gone through so far.
        notes: what is to be said of them in the end.
    """

    def __init__(self, network: Predictor, top: int, unit: str) -> None:
        self.network = network
        self.top = min(top, len(network.class_names))
        self.false_positive_rate = (
            network.false_positive_rate
        )  # may take a while to learn, and something to say
        self.count = 0
        self.notes = Notes(unit)

    def ask(self, given: Sequence[Given], inputs: Inputs) -> list[Answer]:
        """The answers to inputs, in order, with their distances where these are known."""
        with _silence():
            found = self.network.outputs(inputs, ood_scores=True)
        probabilities, names = found["probabilities"], self.network.class_names
        distances = found.get("ood_score", np.full(len(probabilities), np.nan))
        best = probabilities.argsort(axis=1)[:, ::-1][:, : self.top]
        return [
            Answer(
                each,
                [(names[k], round(float(row[k]), 6)) for k in order],
                None if np.isnan(distance) else round(float(distance), 4),
            )
            for each, row, order, distance in zip(
                given, probabilities, best, distances, strict=True
            )
        ]

    def say_notes(self) -> None:
        """Write the notes; with the warning goes how often it is a false alarm."""
        share = f"{100 * (self.false_positive_rate or 0):.1f} %"
        self.notes.log({UNLIKE: f"; so are {share} of {self.notes.unit}s like them"})


def counted(number: int, unit: str) -> str:
    """So many inputs, in words.

    Example:
        >>> counted(1, "text"), counted(1200, "image")
        ('1 text', '1,200 images')
    """
    return f"{number:,} {unit}{'' if number == 1 else 's'}"


def record(answer: Answer, subject: str) -> dict[str, Any]:
    """An answer as JSON has it; the input itself is called `subject`."""
    place = {"file": answer.given.place} if answer.given.is_file else {}
    told: dict[str, Any] = place | {subject: answer.given.what}
    if answer.error:
        return told | {"error": answer.error}
    label, chance = answer.top[0] if answer.top else (None, None)
    told |= {"class": label, "probability": chance, "top": answer.top}
    return told | {"ood_score": answer.distance, "out_of_distribution": answer.unlike}


def write_json(
    write: Write, outputs: Iterable[list[Answer]], subject: str, *, numbered: bool = False
) -> None:
    """Write answers as a list; `numbered` ones have their row's number, from 1 on."""
    records = (record(answer, subject) for batch in outputs for answer in batch)
    if numbered:
        records = ({"row": number} | told for number, told in enumerate(records, 1))
    write_list(write, records)


def write_list(write: Write, records: Iterable[dict[str, Any]]) -> None:
    """Write a JSON list of objects as they come, one a line."""
    begun = False
    for told in records:
        text = json.dumps(told, ensure_ascii=False)
        text = text.encode(errors="replace").decode()  # a file's name may be no text
        write((",\n" if begun else "[") + text)
        begun = True
    write("]\n" if begun else "[]\n")


def write_rows(
    write: Write,
    form: Form,
    outputs: Iterable[list[Answer]],
    deep: int,
    *,
    row: Callable[[Given], list[Any]] = lambda given: given.row or [],
    errors: bool = False,
) -> None:
    """Write a table's rows with their answers behind them, batch by batch.

    Args:
        write: takes the text.
        form: the table.
        answers: in the table's order.
        deep: classes that are named.
        row: an input's cells; by default those of the table that it is from.
        errors: whether there is a column of them.
    """
    names = [
        f"{name}{f'_rank_{rank + 1}' if rank else ''}"
        for rank in range(deep)
        for name in ("class", "probability")
    ]
    names += ["ood_score", "out_of_distribution", *(["error"] if errors else [])]
    more: list[str] = []
    for name in names:
        more.append(_free(name, [*form.header, *more]))
    write(form.head(more))
    for batch in outputs:
        rows = [row(answer.given) for answer in batch]
        write(form.lines(rows, more, [_cells(answer, deep, errors) for answer in batch]))


@contextmanager
def writing(out: Path | None) -> Iterator[Write]:
    """Take text for stdout, or for a file that is then written whole or not at all."""
    if out is None or out == STDOUT:
        yield lambda text: click.echo(text, nl=False)
        return
    if out.is_dir():
        raise UsageError(f"{out}: is a folder, not a file", "name a file")
    with atomic.replacing(out) as partial, partial.open("w", encoding="utf-8", newline="") as file:

        def write(text: str) -> None:
            file.write(text)

        yield write


def _cells(answer: Answer, deep: int, errors: bool) -> list[Any]:
    cells: list[Any] = []
    for rank in range(deep):
        cells += answer.top[rank] if answer.top else (None, None)
    unlike = None if answer.unlike is None else int(answer.unlike)
    return [*cells, answer.distance, unlike, *([answer.error] if errors else [])]


def _free(name: str, taken: Sequence[str]) -> str:
    """The name, or the first of `name_2`, `name_3`, … that is not taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


@contextmanager
def _silence() -> Iterator[None]:
    before, progress.quiet = progress.quiet, True
    try:
        yield
    finally:
        progress.quiet = before
