"""Files that --tensorboard writes, read by TensorBoard itself."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format
from PIL import Image
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

import glassnet as gn
from glassnet.cli import main
from glassnet.errors import Interrupted
from glassnet.runs.folder import all_runs
from glassnet.training.hooks import Hook, StopOnInterrupt
from glassnet.training.state import TrainingState


def scalars(run: gn.TrainedRun) -> dict[str, dict[int, float]]:
    """Tag -> epoch -> value of all event files; no value may be there twice."""
    found: dict[str, dict[int, float]] = {}
    for path in (run.path / "tensorboard").glob("events.*"):
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                tag = found.setdefault(value.tag, {})
                assert event.step not in tag
                (number,) = value.tensor.float_val or [value.simple_value]
                tag[event.step] = number
    return found


@pytest.fixture
def run(digits: str, tmp_path: Path) -> gn.TrainedRun:
    return gn.train(
        "cnn", data=digits, epochs=3, batch_size=300, threads=1, runs=tmp_path, tensorboard=True
    )


def test_the_curves_are_those_of_metrics_csv(run: gn.TrainedRun) -> None:
    found = scalars(run)
    assert {"loss/train", "loss/valid", "accuracy/valid", "learning_rate"} <= set(found)
    for tag, column in (("loss/train", "train_loss"), ("accuracy/valid", "valid_accuracy")):
        assert list(found[tag]) == [1, 2, 3]
        np.testing.assert_allclose(list(found[tag].values()), run.metrics[column], rtol=1e-6)


def test_the_projector_has_vectors_labels_and_images(run: gn.TrainedRun) -> None:
    folder = run.path / "tensorboard"
    text = (folder / "projector_config.pbtxt").read_text()
    config = text_format.Parse(text, ProjectorConfig())
    assert [shown.tensor_name for shown in config.embeddings] == ["pool1", "pool2", "output"]
    header, *names = (folder / "metadata.tsv").read_text().splitlines()
    assert header.split("\t") == ["class", "predicted", "test example"]
    ids = np.array([int(line.split("\t")[2]) for line in names])
    test = run.data.test
    np.testing.assert_array_equal(ids, test.ids[: len(ids)])
    assert [line.split("\t")[0] for line in names] == [run.class_names[k] for k in test.labels]
    for shown in config.embeddings:
        vectors = np.loadtxt(folder / shown.tensor_path, delimiter="\t")
        assert len(vectors) == len(names) == 300
        wide = run.transform(test.inputs[:1], shown.tensor_name).size
        assert vectors.shape[1] == min(wide, 200)
    np.testing.assert_allclose(vectors, run.transform(test.inputs, "output"), rtol=1e-4, atol=1e-5)
    sprite = np.asarray(Image.open(folder / "sprite.png"))
    width, height = config.embeddings[0].sprite.single_image_dim
    across = sprite.shape[1] // width
    assert across == sprite.shape[0] // height == 18  # as many rows as columns
    row, column = divmod(200, across)
    tile = sprite[row * height : (row + 1) * height, column * width : (column + 1) * width]
    np.testing.assert_array_equal(tile, test.inputs[200])


def test_a_text_classifier_has_texts_and_no_images(reviews: Path, tmp_path: Path) -> None:
    run = gn.train(
        "lstm",
        data=str(reviews),
        epochs=1,
        embedding_dim=8,
        hidden_size=8,
        runs=tmp_path,
        tensorboard=True,
    )
    folder = run.path / "tensorboard"
    assert not (folder / "sprite.png").exists()
    header = (folder / "metadata.tsv").read_text().splitlines()[0]
    assert header.split("\t")[-1] == "text"


def test_a_resumed_training_has_no_epoch_twice(
    digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StopInTheSecond(Hook):
        def after_step(self, state: TrainingState) -> None:
            stopper.requested = state.epoch == 1

    stopper = StopOnInterrupt()
    monkeypatch.setattr("glassnet.training.into_run.StopOnInterrupt", lambda: stopper)
    options: dict[str, Any] = {"data": digits, "epochs": 3, "batch_size": 300, "threads": 1}
    with pytest.raises(Interrupted):
        gn.train("cnn", runs=tmp_path, hooks=[StopInTheSecond()], tensorboard=True, **options)
    (stopped,) = all_runs(tmp_path)
    before = scalars(gn.TrainedRun(stopped))
    assert list(before["loss/valid"]) == [1]
    stopper.requested = False
    found = scalars(gn.resume(stopped))
    assert list(found["loss/valid"]) == [1, 2, 3]


def test_without_the_package_no_training_starts(
    digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        main(["train", "cnn", "--data", digits, "--tensorboard", "--runs", str(tmp_path)])
    assert stopped.value.code == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "tensorboard is not installed" in first
    assert "glassnet[tensorboard]" in second
    assert not list(tmp_path.iterdir())


@pytest.fixture
def address(run: gn.TrainedRun) -> Iterator[str]:
    """The address at which TensorBoard shows the run, on a free port."""
    command = [sys.executable, "-m", "tensorboard.main", "--host", "127.0.0.1", "--port", "0"]
    folder = str(run.path / "tensorboard")
    with subprocess.Popen(
        [*command, "--logdir", folder, "--load_fast", "false"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found[0]
                break
        process.terminate()
        process.stderr.read()


def fetched(address: str) -> object:
    with urllib.request.urlopen(address, timeout=30) as response:
        return json.load(response)


def test_tensorboard_shows_curves_and_projector(run: gn.TrainedRun, address: str) -> None:
    until = time.monotonic() + 30
    while not (tags := fetched(f"{address}/data/plugin/scalars/tags")) and time.monotonic() < until:
        time.sleep(0.2)
    assert isinstance(tags, dict)
    assert "accuracy/valid" in tags["."]
    points = fetched(f"{address}/data/plugin/scalars/scalars?run=.&tag=accuracy%2Fvalid")
    assert isinstance(points, list)
    np.testing.assert_allclose([p[2] for p in points], run.metrics["valid_accuracy"], rtol=1e-6)
    shown = fetched(f"{address}/data/plugin/projector/info?run=.")
    assert isinstance(shown, dict)
    assert [each["tensorName"] for each in shown["embeddings"]] == ["pool1", "pool2", "output"]
