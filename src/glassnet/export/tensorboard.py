"""TensorBoard files of a run: curves as event files, activations of layers for the projector.

    runs/RUN/tensorboard/
      events.out.tfevents.*         one value per metric and epoch
      projector_config.pbtxt        configuration of the projector
      LAYER.tsv  metadata.tsv  sprite.png

Needs the extra `tensorboard`; imports neither TensorFlow nor torch.
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
from glassnet.contract import Modality
from glassnet.errors import UsageError
from glassnet.inference import subsample
from glassnet.runs import manifest, metrics_log
from glassnet.runs.folder import Run
from glassnet.training.hooks import Hook
from glassnet.visible import visible_line

if TYPE_CHECKING:
    from glassnet.findings import Examples
    from glassnet.run_model import RunModel
    from glassnet.training.state import TrainingState

METADATA, SPRITE, CONFIG = "metadata.tsv", "sprite.png", "projector_config.pbtxt"
PROJECTOR_FILES = (METADATA, SPRITE, CONFIG)
"""Files of the projector besides those of the layers."""

MAX_POINTS = 2000
"""Test examples in the projector."""

MAX_DIMENSIONS = 200
"""Values per point, the projector's own limit; wider layers are reduced by PCA."""

MAX_SPRITE_SIDE = 8192
"""Height and width in pixels of the largest sprite that TensorBoard draws."""


def check_installed() -> None:
    """Check that the package tensorboard is installed.

    Raises:
        UsageError: it is not installed.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise UsageError(
            "tensorboard is not installed, and --tensorboard needs it",
            "install it with: pip install 'glassnet[tensorboard]'",
        )


def folder(run: Run) -> Path:
    """The folder of a run's TensorBoard files."""
    return run.path / "tensorboard"


class Curves(Hook):
    """Training hook that copies new rows of metrics.csv to an event file; the last hook.

    It reads everything from the run folder, so that a resumed training starts a new file with all
    finished epochs, and no epoch is in it twice.
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
        self._writer, self._written = None, {}  # further training starts a new file

    def _catch_up(self) -> None:
        for prefix, run in (("pretraining/", self.run.pretraining), ("", self.run)):
            if not run.metrics.exists() or not run.logged()[0]:
                continue
            columns = run.read_metrics()
            for row in range(self._written.get(prefix, 0), len(columns["epoch"])):
                _add(self._writer, {name: float(v[row]) for name, v in columns.items()}, prefix)
            self._written[prefix] = len(columns["epoch"])
        self._writer.flush()


def _writer(folder: Path) -> Any:
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    folder.mkdir(parents=True, exist_ok=True)
    return EventFileWriter(str(folder))


def _add(writer: Any, row: dict[str, float], prefix: str) -> None:
    """Add the values of an epoch; `train_loss` becomes `loss/train`, so that splits share one."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    values = []
    for name, value in row.items():
        if name in ("epoch", "step") or not math.isfinite(value):
            continue
        of_split = metrics_log.split_and_metric(name)
        tag = "/".join(reversed(of_split)) if of_split else name
        values.append(Summary.Value(tag=prefix + tag, simple_value=value))
    writer.add_event(
        Event(wall_time=time.time(), step=int(row["epoch"]), summary=Summary(value=values))
    )


def write_projector(model: RunModel, layers: Sequence[str], seed: int = 0) -> Path:
    """Write the activations of layers for TensorBoard's projector.

    Args:
        model: the run's network and its data.
        layers: names of modules; layers wider than `MAX_DIMENSIONS` are reduced by PCA.
        seed: of the subsample of test examples.

    Returns:
        The folder, for `tensorboard --logdir`.
    """
    place = folder(model.run)
    n = min(MAX_POINTS, _capacity(model))
    examples = subsample.examples_of(model.data, model, n, seed)
    activations = subsample.subsample_activations(model.data, model, n, seed, layers)
    files = [place / name for name in (*(f"{layer}.tsv" for layer in layers), *PROJECTOR_FILES)]
    with (
        manifest.recording(model.run.path, files),
        progress.stage("projector", len(layers), "layers") as advance,
    ):
        for layer in layers:
            atomic.write(place / f"{layer}.tsv", _table(activations[layer], seed))
            advance(note=layer)
        atomic.write(place / METADATA, _metadata(examples))
        if examples.images is not None:
            atomic.write(place / SPRITE, png.encode(_sprite(examples.images)))
        atomic.write(place / CONFIG, _config(layers, examples))
    return place


def _capacity(model: RunModel) -> int:
    """The number of test examples that can be shown: all texts, or the images of a sprite."""
    if model.modality == Modality.TEXTS:
        return len(model.data.test)
    return int(MAX_SPRITE_SIDE // max(model.data.test.inputs.shape[1:3])) ** 2


def _table(values: np.ndarray, seed: int) -> str:
    from glassnet.stats.principal_components import principal_components

    if values.shape[1] > MAX_DIMENSIONS:
        values, _ = principal_components(values, min(MAX_DIMENSIONS, len(values)), seed)
    return "".join("\t".join(f"{value:.6g}" for value in row) + "\n" for row in values)


def _metadata(examples: Examples) -> str:
    """A header and a line per example: its class, prediction and position in the test split."""
    columns = {"class": [examples.class_names[label] for label in examples.labels]}
    if examples.predicted is not None:
        columns["predicted"] = [examples.class_names[label] for label in examples.predicted]
    columns["test example"] = [str(number) for number in examples.ids]
    if examples.texts:
        columns["text"] = list(examples.texts)
    lines = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    cells = ([visible_line(" ".join(cell.split())) for cell in line] for line in lines)
    return "".join("\t".join(line) + "\n" for line in cells)


def _sprite(images: np.ndarray) -> np.ndarray:
    """The images as a square grid without gaps."""
    side = math.ceil(math.sqrt(len(images)))
    n, height, width, *channels = images.shape
    tiles = np.zeros((side * side, height, width, *channels), np.uint8)
    tiles[:n] = images
    rows = tiles.reshape(side, side, height, width, *channels).swapaxes(1, 2)
    return rows.reshape(side * height, side * width, *channels)


def _config(layers: Sequence[str], examples: Examples) -> str:
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    config = ProjectorConfig()
    for layer in layers:
        embedding = config.embeddings.add(
            tensor_name=layer, tensor_path=f"{layer}.tsv", metadata_path=METADATA
        )
        if examples.images is not None:
            height, width = examples.images.shape[1:3]
            embedding.sprite.image_path = SPRITE
            embedding.sprite.single_image_dim.extend([width, height])
    return text_format.MessageToString(config)
