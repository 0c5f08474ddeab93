"""What a network makes of texts, as lines, as JSON, or as a table with its answers."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from glassnet import atomic, progress
from glassnet.cli import text_inputs
from glassnet.cli.text_inputs import Given
from glassnet.data.listing import shown
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.data.text_tables import Table
    from glassnet.trained import TrainedRun

BATCH = 10_000
"""Texts that are answered at once."""

MOST_WORDS = 20_000_000
"""Numbers of words that are held at once, the filling included."""

PLACES = 3
"""Places that a note names."""

WORDLESS = "without a word: no answer"
UNKNOWN = "with unknown words alone: answered all the same"

Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """The classes of a text with their probabilities, best first; none for one without a word."""

    given: Given
    top: list[tuple[str, float]]


@dataclass
class Notes:
    """What the person should know of some texts: how many there are, and where the first stand."""

    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, place: str) -> None:
        """Count one text of a kind."""
        self.counts[kind] += 1
        if self.counts[kind] <= PLACES:
            self.places.setdefault(kind, []).append(place)

    def say(self) -> None:
        """Write a line for each kind."""
        for kind, count in self.counts.items():
            rest = f" and {count - PLACES:,} more" if count > PLACES else ""
            progress.say(f"{counted(count)} {kind} ({', '.join(self.places[kind])}{rest})")


def predict(
    trained: TrainedRun,
    words: Sequence[str],
    *,
    top: int | None,
    out: Path | None,
    text_column: str | None,
    as_json: bool,
) -> None:
    """Answer texts: a line for each, or JSON; a table is written back with its answers.

    Args:
        trained: a network that reads texts.
        words: texts, paths, or `-`; none at all is standard input.
        top: classes to name; by default 1, and 3 in JSON.
        out: a file for what else goes to stdout.
        text_column: the column of a table that holds the texts.
        as_json: write a list of objects.
    """
    if not words and text_inputs.is_watched():
        raise UsageError("no text is given", "give a text, a file, or - for standard input")
    words = words or (text_inputs.STREAM,)
    if out is not None and out.is_dir():
        raise UsageError(f"{out}: is a folder, not a file", "name a file")
    asking = Asking(trained, max(1, top or (3 if as_json else 1)))
    reading = text_inputs.table_of(words, text_column)
    with writing(out) as write:
        if reading is not None and reading.table is not None:
            pairs = zip(reading.texts, reading.places, strict=True)
            rows = [Given(str(text), place) for text, place in pairs]
            with progress.stage("prediction", len(rows), "texts") as advance:
                answers = asking.all(_cut(rows, asking.batch), advance)
                if as_json:
                    write_json(write, answers, numbered=True)
                else:
                    write(answered_table(reading.table, [a for some in answers for a in some]))
        else:
            answers = asking.all(text_inputs.batches(words, asking.batch, text_column))
            (write_json if as_json else asking.write_lines)(write, answers)
    asking.notes.say()
    if not asking.count:
        progress.say("standard input has no line in it")
    if out is not None:
        click.echo(f"{counted(asking.count)} in {out}")


class Asking:
    """Asks a network about batches of texts.

    Attributes:
        batch: texts to ask about at once.
        count: texts that were answered so far.
        notes: what is to be said of them in the end.
    """

    def __init__(self, trained: TrainedRun, top: int) -> None:
        self.trained = trained
        self.top = top
        self.batch = max(1, min(BATCH, MOST_WORDS // trained.evidence.vocabulary.longest))
        self.count = 0
        self.notes = Notes()

    def all(
        self, batches: Iterable[list[Given]], advance: progress.Advance | None = None
    ) -> Iterator[list[Answer]]:
        """The answers, batch by batch, in order."""
        for batch in batches:
            yield self._answers(batch)
            self.count += len(batch)
            if advance:
                advance(len(batch))

    def write_lines(self, write: Write, answers: Iterable[list[Answer]]) -> None:
        """Write a line per text: classes, probabilities, and the text as far as there is room."""
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        longest = max(map(len, self.trained.class_names))
        deep = min(self.top, len(self.trained.class_names))
        for batch in answers:
            write("".join(f"{_line(answer, longest, deep, width).rstrip()}\n" for answer in batch))

    def _answers(self, batch: list[Given]) -> list[Answer]:
        texts = [given.text for given in batch]
        vocabulary = self.trained.evidence.vocabulary
        largest = vocabulary.encode(texts).max(axis=1)  # padding < unknown < every known word
        with _silence():
            chances = self.trained.predict_proba(texts)
        best = chances.argsort(axis=1)[:, ::-1][:, : self.top]
        names = self.trained.class_names
        found = []
        for given, number, row, order in zip(batch, largest, chances, best, strict=True):
            if number == vocabulary.padding:
                self.notes.add(WORDLESS, given.place)
                found.append(Answer(given, []))
                continue
            if number == vocabulary.unknown:
                self.notes.add(UNKNOWN, given.place)
            found.append(Answer(given, [(names[k], round(float(row[k]), 6)) for k in order]))
        return found


def counted(number: int) -> str:
    """So many texts, in words.

    Example:
        >>> counted(1), counted(1200)
        ('1 text', '1,200 texts')
    """
    return f"{number:,} {'text' if number == 1 else 'texts'}"


def answered_table(table: Table, answers: Sequence[Answer]) -> str:
    """The table as text in its own form, with columns of classes and probabilities."""
    deep = max((len(answer.top) for answer in answers), default=0) or 1
    more: dict[str, list[str | float | None]] = {}
    for rank in range(deep):
        suffix = f"_rank_{rank + 1}" if rank else ""
        for part, name in enumerate(("class", "probability")):
            more[_free(f"{name}{suffix}", table.header)] = [
                answer.top[rank][part] if answer.top else None for answer in answers
            ]
    return table.extended(more)


def write_json(write: Write, answers: Iterable[list[Answer]], *, numbered: bool = False) -> None:
    """Write a list of objects, one a line; `numbered` ones have their row's number, from 1 on."""
    count = 0
    for batch in answers:
        for number, answer in enumerate(batch, count + 1):
            record = ({"row": number} if numbered else {}) | _record(answer)
            before = "[" if number == 1 else ",\n"
            write(before + json.dumps(record, ensure_ascii=False))
        count += len(batch)
    write("]\n" if count else "[]\n")


@contextmanager
def writing(out: Path | None) -> Iterator[Write]:
    """Take text for stdout, or for a file that is then written whole or not at all."""
    if out is None:
        yield lambda text: click.echo(text, nl=False)
        return
    with atomic.replacing(out) as partial, partial.open("w", encoding="utf-8", newline="") as file:

        def write(text: str) -> None:
            file.write(text)

        yield write


@contextmanager
def _silence() -> Iterator[None]:
    before, progress.quiet = progress.quiet, True
    try:
        yield
    finally:
        progress.quiet = before


def _cut(rows: list[Given], size: int) -> Iterator[list[Given]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _record(answer: Answer) -> dict[str, Any]:
    label, chance = answer.top[0] if answer.top else (None, None)
    place = {"file": answer.given.place} if answer.given.is_file else {}
    return place | {
        "text": answer.given.text,
        "class": label,
        "probability": chance,
        "top": answer.top,
    }


def _line(answer: Answer, longest: int, deep: int, width: int | None) -> str:
    parts = [f"{name:<{longest}} {100 * chance:5.1f} %" for name, chance in answer.top]
    told = ", ".join(parts).ljust(deep * (longest + 10))
    place = f"{answer.given.place}: " if answer.given.is_file else ""
    text = f"{place}{answer.given.text}"
    return told + (_plain(text) if width is None else _shortened(text, width - len(told)))


def _plain(text: str) -> str:
    """A text in one line, without what would steer a terminal."""
    return shown(" ".join(text.split()))


def _shortened(text: str, width: int) -> str:
    """A text in so many columns of a terminal, some of whose letters take two."""
    from rich.cells import cell_len, set_cell_size

    begun = text[: 8 * max(width, 8)]
    plain = _plain(begun)
    if len(begun) == len(text) and cell_len(plain) <= width:
        return plain
    return set_cell_size(plain, max(width - 1, 1)).rstrip() + "…"


def _free(name: str, taken: Sequence[str]) -> str:
    """The name, or the first of `name_2`, `name_3`, … that is not taken."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free
