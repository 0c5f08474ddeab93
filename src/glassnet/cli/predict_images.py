"""What a network makes of image files: classes, in lines, JSON or CSV, or the images rebuilt."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from glassnet import parallel, png, progress
from glassnet.cli import image_inputs
from glassnet.cli.predictions import (
    UNLIKE,
    Answer,
    Asking,
    Given,
    Notes,
    Write,
    counted,
    write_json,
    write_list,
    write_rows,
    writing,
)
from glassnet.cli.text_inputs import batched
from glassnet.data.images import image_files
from glassnet.data.listing import shown
from glassnet.data.texts.tables import Form
from glassnet.errors import DataError, UsageError
from glassnet.inference.predictor import WANTED

if TYPE_CHECKING:
    from glassnet.inference.predictor import Predictor

BATCH = 500
"""Files that are read and answered at once."""

HELD = 1000
"""Files that cannot be read are kept back, so many at most, until one can: if none can, that alone
is said."""

EMPTY = "standard input has no line in it"
UNREADABLE = "could not be read"


def predict(
    network: Predictor,
    words: Sequence[str],
    *,
    top: int | None,
    out: Path | None,
    as_csv: Path | None,
    as_json: bool,
) -> None:
    """Answer image files, a batch at a time.

    A file that cannot be read is told of in its place, and the others are answered.

    Args:
        network: one that takes images.
        words: files, folders, patterns, a table of paths, or `-`.
        top: classes to name; by default 3.
        out: the folder of rebuilt images.
        as_csv: a file that gets the answers as CSV; `-` is stdout.
        as_json: write a list of objects.

    Raises:
        DataError: something that was named is not there, or no file can be read.
    """
    if as_csv is not None and as_json:
        raise UsageError("--csv and --json name two forms", "leave one out")
    if not network.output_names & WANTED.keys():
        raise UsageError(
            f"{network.name}: draws images from codes, and takes none",
            "ask the run that it was exported from, or a classifier",
        )
    if "probabilities" in network.output_names and out is not None:
        raise UsageError("--out is for networks that rebuild images", "leave it out, or give --csv")
    if "probabilities" not in network.output_names and as_csv is not None:
        raise UsageError("--csv is for networks that name classes", "leave it out")
    table = image_inputs.table_of(words)
    given = image_inputs.files(words) if table is None else image_inputs.rows(table)
    if "probabilities" not in network.output_names:
        _rebuild(network, given, out, as_json)
        return
    asking = AskingImages(network, max(1, top or 3))
    with ExitStack() as stack:
        advance = stack.enter_context(progress.counting("prediction", "images"))
        outputs = asking.all(given, advance)
        first = list(itertools.islice(outputs, 1))  # what is wrong with all of them is said first
        write = stack.enter_context(writing(as_csv))
        whole: Iterable[list[Answer]] = itertools.chain(first, outputs)
        if as_json:
            write_json(write, whole, "file", numbered=table is not None)
        elif table is not None:
            form = dataclasses.replace(table.form, delimiter=",") if as_csv else table.form
            write_rows(write, form, whole, asking.top, errors=True)
        elif as_csv is not None:
            form = Form(as_csv, ("file",))
            write_rows(write, form, whole, asking.top, row=_file, errors=True)
        else:
            _write_lines(write, whole)
    asking.say_notes()
    if not asking.count:
        progress.log(EMPTY)
    if as_csv is not None and str(as_csv) != image_inputs.STREAM:
        click.echo(f"{counted(asking.count, 'image')} in {as_csv}")


class AskingImages(Asking):
    """Asks a network about batches of image files."""

    def __init__(self, network: Predictor, top: int) -> None:
        super().__init__(network, top, "image")

    def all(self, given: Iterable[Given], advance: progress.Advance) -> Iterator[list[Answer]]:
        """The answers, batch by batch, in order."""
        for batch in read(self.network, given, self.notes):
            good = [each for each in batch if each.pixels is not None]
            answered: Iterator[Answer] = iter(())
            if good:
                pixels = np.concatenate([each.pixels for each in good if each.pixels is not None])
                answered = iter(self.ask([each.given for each in good], pixels))
            outputs = [
                Answer(each.given, [], error=each.error) if each.error else next(answered)
                for each in batch
            ]
            for answer in outputs:
                if answer.unlike:
                    self.notes.add(UNLIKE, answer.given.place)
            yield outputs
            self.count += len(batch)
            advance(len(batch))


@dataclass(frozen=True, slots=True)
class Opened:
    """A file with its pixels (1, H, W[, C]) uint8, or with the reason why there are none."""

    given: Given
    pixels: np.ndarray | None
    error: str = ""


def read(network: Predictor, given: Iterable[Given], notes: Notes) -> Iterator[list[Opened]]:
    """The files, read on all cores, a batch at a time; those that cannot be read are noted.

    Raises:
        DataError: none of them can be read.
    """
    any_good = False
    held: list[Opened] = []
    with ThreadPoolExecutor(parallel.n_threads()) as pool:
        for part in batched(given, BATCH):
            with image_files.unwarned():
                batch = list(pool.map(lambda each: _opened(network, each), part))
            for each in batch:
                if each.error:
                    notes.add(UNREADABLE, each.given.place)
            any_good = any_good or any(not each.error for each in batch)
            held += batch
            if any_good or len(held) > HELD:
                yield held
                held = []
    if not any_good and notes.counts[UNREADABLE]:
        raise _none_good(held, notes.counts[UNREADABLE])


def _opened(network: Predictor, given: Given) -> Opened:
    if given.fault:
        return Opened(given, None, given.fault)
    try:
        return Opened(given, network.read_input(Path(given.what)))
    except DataError as error:
        return Opened(given, None, error.message.removeprefix(f"{given.what}: "))


def _none_good(held: list[Opened], count: int) -> DataError:
    hint = "give whole PNG, JPEG, WebP, BMP, GIF or TIFF files"
    if count == 1:
        return DataError(f"{held[0].given.what}: {held[0].error}", hint)
    first = f", as {shown(held[0].given.what)}: {held[0].error}" if held else ""
    return DataError(f"none of {counted(count, 'image')} can be read{first}", hint)


def _write_lines(write: Write, outputs: Iterable[list[Answer]]) -> None:
    width = 0
    for batch in outputs:
        width = max(width, *(len(shown(answer.given.what)) for answer in batch))
        write(
            "".join(f"{shown(answer.given.what):<{width}}  {_told(answer)}\n" for answer in batch)
        )


def _told(answer: Answer) -> str:
    if answer.error:
        return f"({answer.error})"
    classes = ", ".join(f"{name} {100 * chance:.1f} %" for name, chance in answer.top)
    return f"{classes} ({UNLIKE})" if answer.unlike else classes


def _file(given: Given) -> list[str]:
    return [shown(given.what)]


def _rebuild(network: Predictor, given: Iterable[Given], out: Path | None, as_json: bool) -> None:
    """Write each reconstruction into a folder, by default where the run was asked from."""
    notes = Notes("image")
    made = _rebuilt(network, read(network, given, notes), out or Path())
    first = list(itertools.islice(made, 1))  # what is wrong with all of them is said first
    pairs = itertools.chain(first, made)
    with writing(None) as write:
        if as_json:
            write_list(write, ({"file": file, "reconstruction": str(path)} for file, path in pairs))
        else:
            for file, path in pairs:
                write(f"{shown(file)}  {shown(str(path))}\n")
    notes.log({})
    if not first:
        progress.log(EMPTY)


def _rebuilt(
    network: Predictor, batches: Iterable[list[Opened]], folder: Path
) -> Iterator[tuple[str, Path]]:
    """Each file that can be read, and where its reconstruction lies."""
    taken, place = set[str](), 0
    for batch in batches:
        names = []
        for each in batch:
            place += 1
            stem = f"{Path(each.given.what).stem}-rebuilt"
            names.append(f"{stem}-{place}" if stem in taken else stem)
            taken.add(stem)
        good = [(each, name) for each, name in zip(batch, names, strict=True) if not each.error]
        if not good:
            continue
        pixels = np.concatenate([each.pixels for each, _ in good if each.pixels is not None])
        rebuilt = network.outputs(pixels)["reconstruction"]
        written = png.save_images(rebuilt, folder, [name for _, name in good])
        yield from zip([each.given.what for each, _ in good], written, strict=True)
