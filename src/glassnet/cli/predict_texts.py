"""What a network makes of texts, as lines, as JSON, or as a table with its answers."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glassnet import progress
from glassnet.cli import text_inputs
from glassnet.cli.predictions import (
    UNLIKE,
    Answer,
    Asking,
    Given,
    Write,
    counted,
    write_json,
    write_rows,
    writing,
)
from glassnet.data.listing import shown
from glassnet.data.texts.tables import Form
from glassnet.errors import UsageError

if TYPE_CHECKING:
    from glassnet.inference.predictor import Predictor

BATCH = 10_000
"""Texts that are answered at once."""

MOST_WORDS = 20_000_000
"""Numbers of words that are held at once, the filling included."""

DOUBT = "? "
"""Stands behind the answer to a text that is unlike the training data."""

WORDLESS = "without a word: no answer"
UNKNOWN = "with unknown words alone: answered all the same"


def predict(
    network: Predictor,
    words: Sequence[str],
    *,
    top: int | None,
    out: Path | None,
    as_csv: Path | None,
    text_column: str | None,
    as_json: bool,
) -> None:
    """Answer texts: a line for each, JSON, or CSV; a table is written back with its answers.

    Args:
        network: one that reads texts.
        words: texts, paths, or `-`; none at all is standard input.
        top: classes to name; by default 1, and 3 in JSON.
        out: a file for what else goes to stdout.
        as_csv: the same, as CSV whatever was given; `-` is stdout.
        text_column: the column of a table that holds the texts.
        as_json: write a list of objects.
    """
    if not words and text_inputs.is_watched():
        raise UsageError("no text is given", "give a text, a file, or - for standard input")
    if as_csv is not None and (out is not None or as_json):
        raise UsageError("--csv names a file and a form", "leave --out and --json out")
    words = words or (text_inputs.STREAM,)
    asking = AskingTexts(network, max(1, top or (3 if as_json else 1)))
    column = text_inputs.column_of(words, text_column)
    with writing(as_csv or out) as write:
        if column is None:
            _answer_texts(asking, write, words, text_column, as_json, as_csv)
        else:
            form = column.form
            if as_csv:
                form = dataclasses.replace(form, delimiter=",")
            with progress.stage("prediction", form.count, "texts") as advance:
                outputs = asking.all(text_inputs.rows(column, asking.batch), advance)
                if as_json:
                    write_json(write, outputs, "text", numbered=True)
                else:
                    write_rows(write, form, outputs, asking.top)
    asking.say_notes()
    if not asking.count:
        progress.log("standard input has no line in it")
    target = as_csv or out
    if target is not None and str(target) != text_inputs.STREAM:
        click.echo(f"{counted(asking.count, 'text')} in {target}")


def _answer_texts(
    asking: AskingTexts,
    write: Write,
    words: Sequence[str],
    text_column: str | None,
    as_json: bool,
    as_csv: Path | None,
) -> None:
    with progress.counting("prediction", "texts") as advance:
        outputs = asking.all(text_inputs.batches(words, asking.batch, text_column), advance)
        if as_json:
            write_json(write, outputs, "text")
        elif as_csv:
            form = Form(as_csv, ("place", "text"))
            write_rows(
                write, form, outputs, asking.top, row=lambda given: [given.place, given.what]
            )
        else:
            asking.write_lines(write, outputs)


class AskingTexts(Asking):
    """Asks a network about batches of texts.

    Attributes:
        batch: texts to ask about at once.
    """

    def __init__(self, network: Predictor, top: int) -> None:
        super().__init__(network, top, "text")
        assert network.vocabulary is not None  # noqa: S101
        self.vocabulary = network.vocabulary
        self.batch = max(1, min(BATCH, MOST_WORDS // self.vocabulary.longest))

    def all(
        self, batches: Iterable[list[Given]], advance: progress.Advance
    ) -> Iterator[list[Answer]]:
        """The answers, batch by batch, in order."""
        for batch in batches:
            yield self._answers(batch)
            self.count += len(batch)
            advance(len(batch))

    def write_lines(self, write: Write, outputs: Iterable[list[Answer]]) -> None:
        """Write a line per text: classes, probabilities, and the text as far as there is room."""
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        longest = max(map(len, self.network.class_names))
        for batch in outputs:
            lines = (_line(answer, longest, self.top, width).rstrip() for answer in batch)
            write("".join(f"{line}\n" for line in lines))

    def _answers(self, batch: list[Given]) -> list[Answer]:
        texts = [given.what for given in batch]
        largest = self.vocabulary.encode(texts).max(axis=1)  # padding < unknown < every known word
        found = []
        for answer, number in zip(self.ask(batch, texts), largest, strict=True):
            if number == self.vocabulary.padding:
                self.notes.add(WORDLESS, answer.given.place)
                found.append(Answer(answer.given, []))
                continue
            if number == self.vocabulary.unknown:
                self.notes.add(UNKNOWN, answer.given.place)
            if answer.unlike:
                self.notes.add(UNLIKE, answer.given.place)
            found.append(answer)
        return found


def _line(answer: Answer, longest: int, deep: int, width: int | None) -> str:
    parts = [f"{name:<{longest}} {100 * chance:5.1f} %" for name, chance in answer.top]
    told = ", ".join(parts).ljust(deep * (longest + 10) - 2) + (DOUBT if answer.unlike else "  ")
    place = f"{answer.given.place}: " if answer.given.is_file else ""
    text = f"{place}{answer.given.what}"
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
