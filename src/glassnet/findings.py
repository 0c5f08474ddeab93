"""Findings: what an analysis found, as plain data that anything can draw.

A finding is a frozen record of text, numbers and NumPy arrays. It carries a title (the finding in
words), a one-sentence reading with its number, the section of the story it belongs to, and a
receipt that says how to make it again. On disk it is `NAME.json` (everything but the arrays)
beside `NAME.npz` (the arrays); nothing is pickled, and equal findings give equal bytes.
"""

from __future__ import annotations

import dataclasses
import io
import json
import types
import typing
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet import atomic
from glassnet.errors import RunError

SECTIONS = ("result", "network", "training", "layers", "mistakes")
"""The story's chapters, in the order in which a report tells them."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """How a finding came about: enough to compute it again.

    Attributes:
        run: the run's name.
        checkpoint: which weights, as `best (epoch 12)`; empty where none were needed.
        split: `train`, `valid` or `test`; empty where no examples were needed.
        n: number of examples behind the numbers.
        seed: the seed of whatever was drawn at random, else None.
        command: the command line that makes it again.
    """

    run: str
    checkpoint: str
    split: str
    n: int
    seed: int | None
    command: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Finding:
    """What every kind of finding carries.

    Attributes:
        name: the file name without its ending, as `tsne`.
        section: one of `SECTIONS`.
        title: the finding in words, as `The classes come apart at pool2`.
        reading: one sentence with the number that supports the title.
        receipt: how to make it again.
    """

    name: str
    section: str
    title: str
    reading: str
    receipt: Receipt


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """One line of a panel: `x` and `y` are (n,) float arrays; `label` is written beside the line.

    `role` is `train`, `valid`, `test` or `other` and gives the line its colour and dash.
    """

    label: str
    role: str
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class Mark:
    """One point of a panel that is singled out, with the words to write at it."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, kw_only=True, eq=False)
class CurvePanel:
    """One pair of axes of `Curves`; `y_label` carries the unit, as `accuracy (%)`."""

    y_label: str
    series: tuple[Series, ...]
    mark: Mark | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Curves(Finding):
    """Lines over one shared x axis, a panel per quantity."""

    x_label: str
    panels: tuple[CurvePanel, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Examples:
    """The examples that scatter plots point at, kept once for all of them.

    Attributes:
        name: the file name without its ending.
        ids: (n,) int64, position in the split that they come from.
        images: (n, height, width) or (n, height, width, 3) uint8.
        labels: (n,) int64, the true class.
        predicted: (n,) int64, the class that the network gives.
        confidence: (n,) float32 in [0, 1], the probability of the predicted class.
        class_names: one name per class.
    """

    name: str
    ids: np.ndarray
    images: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    confidence: np.ndarray
    class_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class ScatterPanel:
    """One projection of the shared points.

    Attributes:
        label: what is projected, as `pool1`.
        points: (n, 2) float32, in the order of the shared examples.
        x_label, y_label: the axes' names with what they explain, as `component 1 (23.1 %)`; empty
            where an axis means nothing (t-SNE).
        note: the line under the panel, with its numbers.
        numbers: the same numbers, for programs.
    """

    label: str
    points: np.ndarray
    x_label: str
    y_label: str
    note: str
    numbers: dict[str, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Scatter(Finding):
    """The same points in several projections, coloured by class.

    `examples` names the `Examples` record in the same folder that the points stand for; `labels`
    (n,) int64 and `class_names` are repeated here so that the scatter can be drawn alone.
    """

    panels: tuple[ScatterPanel, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]
    examples: str


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageGrid(Finding):
    """Images with a caption each.

    Attributes:
        images: (n, height, width) or (n, height, width, 3) uint8, drawn unsmoothed and unstretched.
        captions: one short line each, as `4, taken for 9`.
        probabilities: (n, classes) float32 or None; drawn as a small bar chart under its image.
        labels, predicted: (n,) int64 or None; which bars to single out.
        class_names: the bars' names, empty where there are none.
    """

    images: np.ndarray
    captions: tuple[str, ...]
    probabilities: np.ndarray | None
    labels: np.ndarray | None
    predicted: np.ndarray | None
    class_names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Heatmap(Finding):
    """A matrix of numbers with named rows and columns.

    `values` is (rows, columns); `scale` is (rows, columns) in [0, 1] and gives the colour, so that
    a confusion matrix may show counts and be coloured by share of its row.
    """

    values: np.ndarray
    scale: np.ndarray
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    row_label: str
    column_label: str
    unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Table(Finding):
    """Rows under named columns; a cell is text, a number or None.

    `formats` are Python format specs, one per column, as `("", ",d", ".2f")`; an empty one leaves
    the cell as it is.
    """

    columns: tuple[str, ...]
    formats: tuple[str, ...]
    rows: tuple[tuple[str | float | int | None, ...], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One box of a `Diagram`.

    Attributes:
        name: the module's name, as `pool1`.
        kind: what it does, as `Conv2d 3x3, stride 1`.
        shape: its output for one example, without the batch axis, as (32, 28, 28).
        parameters: number of trainable values in it.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagram(Finding):
    """A network as a chain of layers, from `input_shape` (without the batch axis) on."""

    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]


Record = Finding | Examples
KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (Curves, Scatter, Heatmap, Table, ImageGrid, Diagram, Examples)
}


def save(record: Record, folder: Path) -> Path:
    """Write a finding into a folder as `NAME.json` and, where it has arrays, `NAME.npz`.

    Both files are complete or absent, and equal findings give equal bytes.

    Returns:
        The path of the JSON file.
    """
    arrays: dict[str, np.ndarray] = {}
    body = {"kind": type(record).__name__} | _plain(record, "", arrays)
    path = folder / f"{record.name}.json"
    if not arrays:
        path.with_suffix(".npz").unlink(missing_ok=True)
    else:
        atomic.write(path.with_suffix(".npz"), bytes_of(arrays))
    text = json.dumps(body, indent=1, ensure_ascii=False, allow_nan=False)
    return atomic.write(path, text + "\n")


def load(path: Path) -> Record:
    """Read a finding back from its JSON file (and the arrays beside it).

    Raises:
        RunError: the file is missing, damaged or of a kind that this version does not know.
    """
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        kind = KINDS[body.pop("kind")]
        arrays: dict[str, np.ndarray] = {}
        if path.with_suffix(".npz").exists():
            arrays = arrays_of(path.with_suffix(".npz").read_bytes())
        return _typed(kind, body, arrays)
    except FileNotFoundError:
        raise RunError(
            f"{path}: there is no such finding", "make it with: glassnet explain RUN"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"{path}: cannot be read as a finding ({error})",
            "make it again with: glassnet explain RUN",
        ) from None


def load_all(folder: Path) -> dict[str, Record]:
    """Read every finding of a folder: name -> record, ordered by section, kind and name."""
    records = [load(path) for path in sorted(folder.glob("*.json"))]
    kinds = list(KINDS.values())

    def place(record: Record) -> tuple[int, int]:
        section = getattr(record, "section", None)
        chapter = SECTIONS.index(section) if section in SECTIONS else len(SECTIONS)
        return chapter, kinds.index(type(record))

    return {record.name: record for record in sorted(records, key=place)}


def bytes_of(arrays: dict[str, np.ndarray]) -> bytes:
    """Named arrays as the content of an `.npz` file; equal arrays give equal bytes."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def arrays_of(content: bytes) -> dict[str, np.ndarray]:
    """Named arrays from the content of an `.npz` file; nothing is unpickled.

    Raises:
        ValueError: the content is damaged.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"damaged arrays: {error}") from error


def _plain(value: Any, where: str, arrays: dict[str, np.ndarray]) -> Any:
    """Turn a record into JSON's types, putting its arrays aside as `{"array": key}`."""
    if isinstance(value, np.ndarray):
        arrays[where] = value
        return {"array": where}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _plain(
                getattr(value, field.name), f"{where}.{field.name}".lstrip("."), arrays
            )
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple | list):
        return [_plain(item, f"{where}.{index}", arrays) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _plain(item, f"{where}.{key}", arrays) for key, item in value.items()}
    if isinstance(value, np.generic):
        return value.item()
    return value


def _typed(hint: Any, value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """Turn JSON's types back into what a field's annotation says."""
    if isinstance(hint, types.UnionType):
        if value is None:
            return None
        options = [option for option in typing.get_args(hint) if option is not types.NoneType]
        return _typed(options[0], value, arrays) if len(options) == 1 else value
    if hint is np.ndarray:
        return arrays[value["array"]]
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = [field.name for field in dataclasses.fields(hint)]
        return hint(**{name: _typed(hints[name], value[name], arrays) for name in fields})
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        return tuple(_typed(inner, item, arrays) for item in value)
    return value
