"""Predicted classes of image files as lines, JSON or CSV, or reconstructions of the images."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet import parallel, png, progress
from glassnet.cli import image_inputs
from glassnet.cli.prediction_output import (
    Write,
    print_file,
    write_json,
    write_list,
    write_rows,
    writing,
)
from glassnet.cli.predictions import (
    EMPTY_STDIN,
    OUT_OF_DISTRIBUTION,
    BatchPredictor,
    Input,
    InputWarnings,
    Prediction,
    counted,
)
from glassnet.cli.text_inputs import batched
from glassnet.contract.families import Family
from glassnet.data.images import image_files
from glassnet.data.paths import printable
from glassnet.data.tables import TableFormat
from glassnet.errors import DataError, UsageError

if TYPE_CHECKING:
    from glassnet.data.images.columns import ImageColumn
    from glassnet.inference.predictor import Predictor

BATCH = 500
"""Image files per batch."""

MAX_PENDING = 1000
"""Unreadable files that wait for the first readable one: if there is none, the error is all that is
written."""

UNREADABLE = "could not be read"


def predict(
    model: Predictor,
    paths: Sequence[str],
    *,
    top: int | None,
    out: Path | None,
    as_csv: Path | None,
    as_json: bool,
) -> None:
    """Predict the classes of image files, or reconstruct them, batch by batch.

    Unreadable files are reported and skipped.

    Args:
        model: a network that takes images.
        paths: files, folders, patterns, a table of paths, or `-`.
        top: number of classes per prediction; the default is 3.
        out: the folder for reconstructions.
        as_csv: the CSV file for the predictions; `-` is stdout.
        as_json: write a JSON list.

    Raises:
        DataError: a file or folder does not exist, or no file can be read.
    """
    _check_flags(model, out, as_csv, as_json)
    table = image_inputs.table_of(paths)
    inputs = image_inputs.files(paths) if table is None else image_inputs.rows(table)
    if model.family == Family.GENERATOR:
        _reconstruct(model, inputs, out or Path(), as_json)
        return
    predictor = ImageBatchPredictor(model, max(1, top or 3))
    with ExitStack() as stack:
        advance = stack.enter_context(progress.counting("prediction", "images"))
        remaining = predictor.predict_all(inputs, advance)
        first = list(itertools.islice(remaining, 1))  # errors come before any output
        write = stack.enter_context(writing(as_csv))
        batches = itertools.chain(first, remaining)
        if as_json:
            write_json(write, batches, "file", numbered=table is not None)
        elif as_csv is not None or table is not None:
            _write_table(write, batches, predictor.top, table, as_csv)
        else:
            _write_lines(write, batches)
    predictor.log_warnings()
    print_file(as_csv, predictor.count, "image")


class ImageBatchPredictor(BatchPredictor):
    """Predicts the classes of image files, batch by batch."""

    def __init__(self, model: Predictor, top: int) -> None:
        super().__init__(model, top, "image")

    def predict_all(
        self, inputs: Iterable[Input], advance: progress.Advance
    ) -> Iterator[list[Prediction]]:
        """The predictions in batches, in order."""
        for batch in read(self.model, inputs, self.warnings):
            pixels = [image.pixels for image in batch if image.pixels is not None]
            readable = [image.input for image in batch if image.pixels is not None]
            predictions = iter(self.predict(readable, np.concatenate(pixels)) if pixels else ())
            yield [self._checked(image, predictions) for image in batch]
            self.count += len(batch)
            advance(len(batch))

    def _checked(self, image: Image, predictions: Iterator[Prediction]) -> Prediction:
        if image.error:
            return Prediction(image.input, [], error=image.error)
        prediction = next(predictions)
        if prediction.out_of_distribution:
            self.warnings.add(OUT_OF_DISTRIBUTION, prediction.input.source)
        return prediction


@dataclass(frozen=True, slots=True)
class Image:
    """An image file: its pixels (1, H, W[, C]) uint8, or why it cannot be read; a warning."""

    input: Input
    pixels: np.ndarray | None
    error: str = ""
    warning: str = ""


def read(
    model: Predictor, inputs: Iterable[Input], warnings: InputWarnings
) -> Iterator[list[Image]]:
    """Read image files in batches, on all cores; warn of unreadable ones.

    Raises:
        DataError: no file can be read.
    """
    any_readable = False
    pending: list[Image] = []
    with ThreadPoolExecutor(parallel.n_threads()) as pool:
        for part in batched(inputs, BATCH):
            with image_files.without_warnings():
                batch = list(pool.map(lambda item: _read(model, item), part))
            for image in batch:
                if image.error or image.warning:
                    warnings.add(UNREADABLE if image.error else image.warning, image.input.source)
            any_readable = any_readable or any(not image.error for image in batch)
            pending += batch
            if any_readable or len(pending) > MAX_PENDING:
                yield pending
                pending = []
    if not any_readable and warnings.counts[UNREADABLE]:
        raise _none_readable(pending, warnings.counts[UNREADABLE])


def _read(model: Predictor, item: Input) -> Image:
    if item.error:
        return Image(item, None, item.error)
    path = Path(item.value)
    try:
        pixels = model.read_input(path)
        return Image(item, pixels, warning=image_files.range_warning(path, model.value_ranges))
    except DataError as error:
        return Image(item, None, error.message.removeprefix(f"{item.value}: "))


def _none_readable(images: list[Image], count: int) -> DataError:
    hint = "give complete PNG, JPEG, WebP, BMP, GIF or TIFF files"
    if count == 1:
        return DataError(f"{images[0].input.value}: {images[0].error}", hint)
    first = f", for example {printable(images[0].input.value)}: {images[0].error}" if images else ""
    return DataError(f"none of {counted(count, 'image')} can be read{first}", hint)


def _check_flags(model: Predictor, out: Path | None, as_csv: Path | None, as_json: bool) -> None:
    if as_csv is not None and as_json:
        raise UsageError("--csv and --json exclude each other", "remove one of them")
    classifies = model.family == Family.CLASSIFIER
    if not classifies and "reconstruction" not in model.output_names:
        raise UsageError(
            f"{model.name}: a decoder, which takes latent codes and no images",
            "give the run that it was exported from, or a classifier",
        )
    if classifies and out is not None:
        raise UsageError("--out is for networks that reconstruct images", "remove it, or use --csv")
    if not classifies and as_csv is not None:
        raise UsageError("--csv is for classifiers", "remove it")


def _write_table(
    write: Write,
    batches: Iterable[list[Prediction]],
    top: int,
    table: ImageColumn | None,
    as_csv: Path | None,
) -> None:
    if table is None:
        table_format = TableFormat(as_csv or Path(), ("file",))
        write_rows(
            write,
            table_format,
            batches,
            top,
            cells=lambda item: [printable(item.value)],
            errors=True,
        )
        return
    table_format = dataclasses.replace(table.format, delimiter=",") if as_csv else table.format
    write_rows(write, table_format, batches, top, errors=True)


def _write_lines(write: Write, batches: Iterable[list[Prediction]]) -> None:
    width = 0
    for batch in batches:
        names = [printable(prediction.input.value) for prediction in batch]
        width = max(width, *map(len, names))
        lines = zip(names, map(_formatted, batch), strict=True)
        write("".join(f"{name:<{width}}  {text}\n" for name, text in lines))


def _formatted(prediction: Prediction) -> str:
    if prediction.error:
        return f"({prediction.error})"
    classes = ", ".join(f"{name} {100 * p:.1f} %" for name, p in prediction.probabilities)
    return f"{classes} ({OUT_OF_DISTRIBUTION})" if prediction.out_of_distribution else classes


def _reconstruct(model: Predictor, inputs: Iterable[Input], folder: Path, as_json: bool) -> None:
    """Write the reconstruction of each image to a folder and list the files."""
    warnings = InputWarnings("image")
    remaining = _reconstructions(model, read(model, inputs, warnings), folder)
    first = list(itertools.islice(remaining, 1))  # errors come before any output
    pairs = itertools.chain(first, remaining)
    with writing(None) as write:
        if as_json:
            write_list(write, ({"file": file, "reconstruction": str(path)} for file, path in pairs))
        else:
            for file, path in pairs:
                write(f"{printable(file)}  {printable(str(path))}\n")
    warnings.log({})
    if not first:
        progress.log(EMPTY_STDIN)


def _reconstructions(
    model: Predictor, batches: Iterable[list[Image]], folder: Path
) -> Iterator[tuple[str, Path]]:
    """Each readable file with the path of its reconstruction."""
    used, number = set[str](), 0
    for batch in batches:
        names = []
        for image in batch:
            number += 1
            stem = f"{Path(image.input.value).stem}-reconstruction"
            names.append(f"{stem}-{number}" if stem in used else stem)
            used.add(stem)
        pixels = [image.pixels for image in batch if image.pixels is not None]
        readable = [image.pixels is not None for image in batch]
        if pixels:
            images = model.outputs(np.concatenate(pixels))["reconstruction"]
            paths = png.save_images(images, folder, list(itertools.compress(names, readable)))
            files = [image.input.value for image in itertools.compress(batch, readable)]
            yield from zip(files, paths, strict=True)
