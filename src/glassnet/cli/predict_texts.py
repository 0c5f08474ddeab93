"""Predicted classes of texts as lines, JSON or CSV, or as further columns of a table."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from glassnet import class_labels, progress
from glassnet.cli import text_inputs
from glassnet.cli.prediction_output import Write, print_file, write_json, write_rows, writing
from glassnet.cli.predictions import (
    OUT_OF_DISTRIBUTION,
    UNREADABLE,
    BatchPredictor,
    Input,
    Prediction,
    labels_of,
    readable_first,
)
from glassnet.data.tables import TableFormat
from glassnet.data.text_files import HINT
from glassnet.errors import UsageError
from glassnet.visible import visible_line

if TYPE_CHECKING:
    from glassnet.data.texts.inputs import TextColumn
    from glassnet.inference.predictor import Predictor

MAX_BATCH = 10_000
"""Texts per batch."""

MAX_TOKENS = 20_000_000
"""Tokens per batch, padding included."""

OOD_MARK = "? "
"""Follows the prediction for a text that is out of distribution."""

NO_WORDS = "without words: no prediction"
UNKNOWN_WORDS = "with unknown words only: predicted anyway"


def predict(
    model: Predictor,
    arguments: Sequence[str],
    *,
    top: int | None,
    out: Path | None,
    as_csv: Path | None,
    text_column: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Predict the classes of texts: one line per text, JSON, CSV, or the table they are in.

    Args:
        model: a text classifier.
        arguments: texts, paths, or `-`; none means standard input.
        top: number of classes per prediction; the default is 1, and 3 for JSON.
        out: a file for the output instead of stdout.
        as_csv: a file for the output as CSV; `-` is stdout.
        text_column: the table's column with the texts.
        encoding: how the table or the files are encoded; None to recognise it.
        as_json: write a JSON list.
    """
    if not arguments and text_inputs.is_terminal():
        raise UsageError("no text to predict", "give a text, a file, or - for standard input")
    if as_csv is not None and (out is not None or as_json):
        flag = "--json" if as_json else "--out"
        raise UsageError(f"--csv and {flag} exclude each other", f"remove {flag}")
    arguments = arguments or (text_inputs.STDIN,)
    predictor = TextBatchPredictor(model, max(1, top or (3 if as_json else 1)))
    table = text_inputs.table_of(arguments, text_column, encoding)
    labels = labels_of(model.class_names) if out is None else _whole_names(model.class_names)
    with writing(as_csv or out) as write:
        if table is None:
            inputs = text_inputs.batches(arguments, predictor.batch_size, text_column, encoding)
            _predict_texts(predictor, write, inputs, labels, as_json, as_csv)
        else:
            _predict_table(predictor, write, table, as_json, as_csv)
    predictor.log_warnings()
    print_file(as_csv or out, predictor.count, "text")


def _predict_table(
    predictor: TextBatchPredictor,
    write: Write,
    table: TextColumn,
    as_json: bool,
    as_csv: Path | None,
) -> None:
    table_format = dataclasses.replace(table.format, delimiter=",") if as_csv else table.format
    with progress.stage("prediction", table_format.n_rows, "texts") as advance:
        batches = predictor.predict_all(text_inputs.rows(table, predictor.batch_size), advance)
        if as_json:
            write_json(write, batches, "text", numbered=True)
        else:
            write_rows(write, table_format, batches, predictor.top)


def _predict_texts(
    predictor: TextBatchPredictor,
    write: Write,
    inputs: Iterable[list[Input]],
    labels: Mapping[str, str],
    as_json: bool,
    as_csv: Path | None,
) -> None:
    """Predict texts that are not in a table; lines have the classes' labels."""
    with progress.counting("prediction", "texts") as advance:
        batches = predictor.predict_all(inputs, advance)
        if as_json:
            write_json(write, batches, "text")
        elif as_csv:
            write_rows(
                write,
                TableFormat(as_csv, ("source", "text")),
                batches,
                predictor.top,
                cells=lambda item: [item.source, item.value],
                errors=True,
            )
        else:
            _write_lines(write, batches, predictor.top, labels)


class TextBatchPredictor(BatchPredictor):
    """Predicts the classes of texts, batch by batch.

    Attributes:
        batch_size: texts per batch.
    """

    def __init__(self, model: Predictor, top: int) -> None:
        super().__init__(model, top, "text")
        self.vocabulary = model.vocabulary
        self.batch_size = max(1, min(MAX_BATCH, MAX_TOKENS // self.vocabulary.max_length))

    def predict_all(
        self, batches: Iterable[list[Input]], advance: progress.Advance
    ) -> Iterator[list[Prediction]]:
        """The predictions in batches, in order."""
        for batch in readable_first(batches, fault_of, "text", HINT):
            readable = [item for item in batch if not item.error]
            predictions = iter(self._predicted(readable) if readable else ())
            yield [self._unread(item) if item.error else next(predictions) for item in batch]
            self.count += len(batch)
            advance(len(batch))

    def _predicted(self, inputs: list[Input]) -> list[Prediction]:
        texts = [item.value for item in inputs]
        # padding < unknown < every known word
        largest = [
            ids.max(initial=self.vocabulary.padding) for ids in self.vocabulary.encode(texts)
        ]
        predictions = zip(self.predict(inputs, texts), largest, strict=True)
        return [self._checked(prediction, token) for prediction, token in predictions]

    def _unread(self, item: Input) -> Prediction:
        self.warnings.add(UNREADABLE, item.source)
        return Prediction(item, [], error=item.error)

    def _checked(self, prediction: Prediction, largest_token: int) -> Prediction:
        source = prediction.input.source
        if largest_token == self.vocabulary.padding:
            self.warnings.add(NO_WORDS, source)
            return Prediction(prediction.input, [])
        if largest_token == self.vocabulary.unknown:
            self.warnings.add(UNKNOWN_WORDS, source)
        if prediction.out_of_distribution:
            self.warnings.add(OUT_OF_DISTRIBUTION, source)
        return prediction


def fault_of(item: Input) -> tuple[str, str]:
    """Where a text comes from, and why it cannot be read; empty if it can."""
    where = item.source if item.is_file else f"standard input, {item.source}"
    return where, item.error


def _write_lines(
    write: Write, batches: Iterable[list[Prediction]], top: int, labels: Mapping[str, str]
) -> None:
    """Write one line per text: classes, probabilities, and as much of the text as fits."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    width = max(map(class_labels.width, labels.values()))
    padded = {
        name: label + " " * (width - class_labels.width(label)) for name, label in labels.items()
    }
    start_width = top * (width + 10) - 2
    for batch in batches:
        lines = (_line(item, padded, start_width, columns).rstrip() for item in batch)
        write("".join(f"{line}\n" for line in lines))


def _line(
    prediction: Prediction, labels: Mapping[str, str], start_width: int, columns: int | None
) -> str:
    if prediction.error:
        return f"({prediction.error})"
    classes = [f"{labels[name]} {100 * p:5.1f} %" for name, p in prediction.probabilities]
    start = ", ".join(classes) if classes else " " * start_width
    start += OOD_MARK if prediction.out_of_distribution else "  "
    source = f"{prediction.input.source}: " if prediction.input.is_file else ""
    text = f"{source}{prediction.input.value}"
    if columns is None:
        return start + _one_line(text)
    return start + _truncated(text, columns - start_width - len(OOD_MARK))


def _whole_names(class_names: Sequence[str]) -> dict[str, str]:
    return {name: _one_line(name) for name in class_names}


def _one_line(text: str) -> str:
    """A text on one line, all of its characters visible."""
    return visible_line(" ".join(text.split()))


def _truncated(text: str, columns: int) -> str:
    """A text truncated to a number of terminal columns, of which some letters take two."""
    from rich.cells import cell_len, set_cell_size

    start = text[: 8 * max(columns, 8)]
    line = _one_line(start)
    if len(start) == len(text) and cell_len(line) <= columns:
        return line
    return set_cell_size(line, max(columns - 1, 1)).rstrip() + "…"
