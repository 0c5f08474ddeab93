"""Predicted classes of images as lines, JSON or CSV, or reconstructions of the images."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet import parallel, png, progress
from glassnet.cli import image_inputs
from glassnet.cli.image_inputs import Table
from glassnet.cli.prediction_output import (
    Write,
    print_file,
    unused_name,
    write_json,
    write_list,
    write_rows,
    writing,
)
from glassnet.cli.predictions import (
    EMPTY_STDIN,
    OUT_OF_DISTRIBUTION,
    UNREADABLE,
    BatchPredictor,
    Input,
    InputWarnings,
    Prediction,
    labels_of,
    readable_first,
)
from glassnet.cli.text_inputs import batched
from glassnet.contract.families import Family
from glassnet.data.images import image_files
from glassnet.data.images.pixel_inputs import PixelTable
from glassnet.data.paths import printable
from glassnet.data.tables import TableFormat, cell_at
from glassnet.errors import DataError, UsageError
from glassnet.visible import visible_line

if TYPE_CHECKING:
    from glassnet.inference.predictor import Predictor

ReadImage = Callable[[Input], tuple[np.ndarray, str]]
"""The pixels (H, W[, C]) uint8 of an input, and a warning; raises a DataError if there are none."""

BATCH = 500
"""Images per batch."""


def predict(
    model: Predictor,
    paths: Sequence[str],
    *,
    top: int | None,
    out: Path | None,
    as_csv: Path | None,
    image_shape: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Predict the classes of image files, or reconstruct them, batch by batch.

    Unreadable files are reported and skipped.

    Args:
        model: a network that takes images.
        paths: files, folders, patterns, a table of paths or of pixels, or `-`.
        top: number of classes per prediction; the default is 3.
        out: the folder for reconstructions.
        as_csv: the CSV file for the predictions; `-` is stdout.
        image_shape, encoding: how a table is read, see `ReadOptions`.
        as_json: write a JSON list.

    Raises:
        DataError: a file or folder does not exist, or no file can be read.
    """
    _check_flags(model, out, as_csv, as_json)
    table = image_inputs.table_of(paths, model.input_shape, image_shape, encoding)
    inputs = image_inputs.files(paths) if table is None else image_inputs.rows(table)
    read_image = _reader(model, table)
    if model.family == Family.GENERATOR:
        _reconstruct(model, inputs, read_image, out or Path(), as_json)
        return
    predictor = ImageBatchPredictor(model, max(1, top or 3), read_image)
    with ExitStack() as stack:
        advance = stack.enter_context(progress.counting("prediction", "images"))
        remaining = predictor.predict_all(inputs, advance)
        first = list(itertools.islice(remaining, 1))  # errors come before any output
        write = stack.enter_context(writing(as_csv))
        batches = itertools.chain(first, remaining)
        if as_json:
            key = "source" if isinstance(table, PixelTable) else "file"
            write_json(write, batches, key, numbered=table is not None)
        elif as_csv is not None or table is not None:
            _write_table(write, batches, predictor.top, table, as_csv)
        else:
            _write_lines(write, batches, labels_of(model.class_names))
    predictor.log_warnings()
    print_file(as_csv, predictor.count, "image")


class ImageBatchPredictor(BatchPredictor):
    """Predicts the classes of images, batch by batch."""

    def __init__(self, model: Predictor, top: int, read_image: ReadImage) -> None:
        super().__init__(model, top, "image")
        self.read_image = read_image

    def predict_all(
        self, inputs: Iterable[Input], advance: progress.Advance
    ) -> Iterator[list[Prediction]]:
        """The predictions in batches, in order."""
        for batch in read(inputs, self.read_image, self.warnings):
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
    """An image: its pixels (1, H, W[, C]) uint8, or why it cannot be read; a warning."""

    input: Input
    pixels: np.ndarray | None
    error: str = ""
    warning: str = ""


def read(
    inputs: Iterable[Input], read_image: ReadImage, warnings: InputWarnings
) -> Iterator[list[Image]]:
    """Read images in batches, on all cores; warn of unreadable ones.

    Raises:
        DataError: no file can be read.
    """
    yield from readable_first(
        _read_batches(inputs, read_image, warnings),
        lambda image: (image.input.value, image.error),
        "image",
        "give complete PNG, JPEG, WebP, BMP, GIF or TIFF files",
    )


def _read_batches(
    inputs: Iterable[Input], read_image: ReadImage, warnings: InputWarnings
) -> Iterator[list[Image]]:
    with ThreadPoolExecutor(parallel.n_threads()) as pool:
        for part in batched(inputs, BATCH):
            with image_files.without_warnings():
                batch = list(pool.map(lambda item: _read(item, read_image), part))
            for image in batch:
                if image.error or image.warning:
                    warnings.add(UNREADABLE if image.error else image.warning, image.input.source)
            yield batch


def _reader(model: Predictor, table: Table | None) -> ReadImage:
    """The function that reads the image of an input as the network needs it."""
    shape, ranges = model.input_shape, model.value_ranges
    if isinstance(table, PixelTable):
        return lambda item: table.image(item.row or [], shape, ranges)
    return lambda item: image_files.read_with_warning(Path(item.value), shape, ranges)


def _read(item: Input, read_image: ReadImage) -> Image:
    if item.error:
        return Image(item, None, item.error)
    try:
        pixels, warning = read_image(item)
        return Image(item, pixels[np.newaxis], warning=warning)
    except DataError as error:
        return Image(item, None, error.reason)


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
    table: Table | None,
    as_csv: Path | None,
) -> None:
    if isinstance(table, PixelTable):
        _write_pixels(write, batches, top, table, as_csv)
        return
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


def _write_pixels(
    write: Write,
    batches: Iterable[list[Prediction]],
    top: int,
    table: PixelTable,
    as_csv: Path | None,
) -> None:
    """Write the number of each row and its columns without pixels, with the predictions."""
    positions = table.other_columns
    others = [table.format.header[k] for k in positions]
    header = (unused_name("row", others), *others)
    table_format = dataclasses.replace(table.format, header=header)
    table_format = dataclasses.replace(table_format, delimiter=",") if as_csv else table_format
    numbers = itertools.count(1)
    write_rows(
        write,
        table_format,
        batches,
        top,
        cells=lambda item: [next(numbers), *(cell_at(item.row or [], k) for k in positions)],
        errors=True,
    )


def _write_lines(
    write: Write, batches: Iterable[list[Prediction]], labels: Mapping[str, str]
) -> None:
    width = 0
    for batch in batches:
        names = [visible_line(prediction.input.value) for prediction in batch]
        width = max(width, *map(len, names))
        lines = zip(names, (_formatted(one, labels) for one in batch), strict=True)
        write("".join(f"{name:<{width}}  {text}\n" for name, text in lines))


def _formatted(prediction: Prediction, labels: Mapping[str, str]) -> str:
    if prediction.error:
        return f"({prediction.error})"
    classes = ", ".join(f"{labels[name]} {100 * p:.1f} %" for name, p in prediction.probabilities)
    return f"{classes} ({OUT_OF_DISTRIBUTION})" if prediction.out_of_distribution else classes


def _reconstruct(
    model: Predictor,
    inputs: Iterable[Input],
    read_image: ReadImage,
    folder: Path,
    as_json: bool,
) -> None:
    """Write the reconstruction of each image to a folder and list the files."""
    warnings = InputWarnings("image")
    remaining = _reconstructions(model, read(inputs, read_image, warnings), folder)
    first = list(itertools.islice(remaining, 1))  # errors come before any output
    pairs = itertools.chain(first, remaining)
    with writing(None) as write:
        if as_json:
            write_list(write, ({"file": file, "reconstruction": str(path)} for file, path in pairs))
        else:
            for file, path in pairs:
                write(f"{visible_line(file)}  {visible_line(str(path))}\n")
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
