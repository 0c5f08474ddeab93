"""A run for TensorBoard: its curves as event files, its layers as a folder for the projector.

    runs/RUN/tensorboard/
      events.out.tfevents.*         a value per metric and epoch
      projector_config.pbtxt        what the projector shows
      LAYER.tsv  metadata.tsv  sprite.png

Needs the extra `tensorboard`; neither TensorFlow nor torch is imported for it.
"""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import atomic, png, progress
from glassnet.errors import UsageError
from glassnet.runs import metrics_log
from glassnet.runs.folder import Run
from glassnet.training.hooks import Hook

if TYPE_CHECKING:
    from glassnet.findings import Examples
    from glassnet.run_model import RunModel
    from glassnet.training.state import TrainingState

POINTS = 2000
"""Test examples in the projector."""

WIDEST = 200
"""Values per point; the projector itself takes so many. Of wider layers it gets as many principal
components."""

LARGEST_SPRITE = 8192
"""Pixels of a sprite's side that TensorBoard draws."""


def check_installed() -> None:
    """Refuse where TensorBoard's package is missing.

    Raises:
        UsageError: it is not installed.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise UsageError(
            "tensorboard is not installed, which --tensorboard needs",
            "install it with: pip install 'glassnet[tensorboard]'",
        )


def folder(run: Run) -> Path:
    """Where a run's files for TensorBoard lie."""
    return run.path / "tensorboard"


class Curves(Hook):
    """Writes what metrics.csv gains into an event file; last of what happens after an epoch.

    Everything is taken from the run's folder. So a training that is resumed begins the file anew,
    with all epochs that are done, and none stands in it twice.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._written: dict[str, int] = {}
        self._writer: Any = None

    def before_training(self, state: TrainingState) -> None:  # noqa: D102
        if self._writer is None:
            for old in folder(self.run).glob("events.out.tfevents.*"):
                old.unlink()
            self._writer = _writer(folder(self.run))
        self._catch_up()

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:  # noqa: D102
        self._catch_up()

    def after_training(self, state: TrainingState) -> None:  # noqa: D102
        self._catch_up()
        self._writer.close()
        self._writer, self._written = None, {}  # where more training follows, the file begins anew

    def _catch_up(self) -> None:
        for prefix, run in (("pretraining/", self.run.pretraining), ("", self.run)):
            if not run.metrics.exists():
                continue
            columns = metrics_log.read(run.metrics)
            done = self._written.get(prefix, 0)
            for row in range(done, len(columns["epoch"])):
                _add(self._writer, {name: float(v[row]) for name, v in columns.items()}, prefix)
            self._written[prefix] = len(columns["epoch"])
        self._writer.flush()


def _writer(place: Path) -> Any:
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    place.mkdir(parents=True, exist_ok=True)
    return EventFileWriter(str(place))


def _add(writer: Any, row: dict[str, float], prefix: str) -> None:
    """One epoch's values; `train_loss` becomes `loss/train`, so that one card has both."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    values = []
    for name, value in row.items():
        if name in ("epoch", "step") or not math.isfinite(value):
            continue
        part, _, metric = name.partition("_")
        tag = f"{metric}/{part}" if part in ("train", "valid") else name
        values.append(Summary.Value(tag=prefix + tag, simple_value=value))
    event = Event(wall_time=time.time(), step=int(row["epoch"]), summary=Summary(value=values))
    writer.add_event(event)


def write_projector(evidence: RunModel, layers: Sequence[str], seed: int = 0) -> Path:
    """Write what TensorBoard's projector shows of some layers.

    Args:
        layers: names of modules; wider ones than `WIDEST` as that many principal components.
        seed: draws the test examples.

    Returns:
        The folder, which is given to `tensorboard --logdir`.
    """
    place = folder(evidence.run)
    n = min(POINTS, _most(evidence.test.inputs))
    examples = evidence.examples(n, seed)
    seen = evidence.subsample_activations(n, seed, tuple(layers))
    with progress.stage("projector", len(layers), "layers") as advance:
        for layer in layers:
            atomic.write(place / f"{layer}.tsv", _table(seen[layer], seed))
            advance(note=layer)
    atomic.write(place / "metadata.tsv", _metadata(examples))
    if examples.images is not None:
        atomic.write(place / "sprite.png", png.encode(_sprite(examples.images)))
    atomic.write(place / "projector_config.pbtxt", _config(layers, examples))
    return place


def _most(inputs: np.ndarray) -> int:
    """How many examples a sprite has room for; texts need none."""
    if inputs.dtype.kind == "T":
        return len(inputs)
    return (LARGEST_SPRITE // max(inputs.shape[1:3])) ** 2


def _table(values: np.ndarray, seed: int) -> str:
    from glassnet.stats.principal_components import principal_components

    if values.shape[1] > WIDEST:
        values, _ = principal_components(values, min(WIDEST, len(values)), seed)
    return "".join("\t".join(f"{value:.6g}" for value in row) + "\n" for row in values)


def _metadata(examples: Examples) -> str:
    """A line per example under a header: its class, what the network says, where it lies."""
    columns = {"class": [examples.class_names[label] for label in examples.labels]}
    if examples.predicted is not None:
        columns["predicted"] = [examples.class_names[label] for label in examples.predicted]
    columns["test example"] = [str(number) for number in examples.ids]
    if examples.texts:
        columns["text"] = list(examples.texts)
    lines = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    return "".join("\t".join(" ".join(cell.split()) for cell in line) + "\n" for line in lines)


def _sprite(images: np.ndarray) -> np.ndarray:
    """Images side by side, as many in a row as there are rows, without gaps."""
    side = math.ceil(math.sqrt(len(images)))
    n, height, width, *channels = images.shape
    sheet = np.zeros((side * side, height, width, *channels), np.uint8)
    sheet[:n] = images
    rows = sheet.reshape(side, side, height, width, *channels).swapaxes(1, 2)
    return rows.reshape(side * height, side * width, *channels)


def _config(layers: Sequence[str], examples: Examples) -> str:
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    config = ProjectorConfig()
    for layer in layers:
        shown = config.embeddings.add()
        shown.tensor_name = layer
        shown.tensor_path = f"{layer}.tsv"
        shown.metadata_path = "metadata.tsv"
        if examples.images is not None:
            height, width = examples.images.shape[1:3]
            shown.sprite.image_path = "sprite.png"
            shown.sprite.single_image_dim.extend([width, height])
    return text_format.MessageToString(config)
