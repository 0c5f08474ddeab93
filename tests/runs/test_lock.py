"""One writer at a time, whoever it is; what others write stays; readers never wait."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from locking import held_elsewhere
from synthetic_runs import make_info

import glassnet as gn
from glassnet import atomic
from glassnet.cli import main
from glassnet.errors import RunError
from glassnet.runs import checkpoint, lock
from glassnet.runs.folder import Run
from glassnet.training.hooks import Hook
from glassnet.training.state import TrainingState

INFO: dict[str, object] = {"task": "cnn", "config": {}, "data": make_info()["data"]}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path, "cnn-mnist", INFO)


def holder_of(run: Run, purpose: str = lock.TRAIN) -> Path:
    return run.path / "locks" / f"{purpose}.json"


@pytest.mark.slow
def test_a_second_process_is_refused_and_a_killed_one_is_not_waited_for(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with held_elsewhere(run.path, lock.TRAIN) as process:
        with pytest.raises(RunError) as caught, lock.hold(run.path, lock.TRAIN):
            pass
        who = f"process {process.pid} on {socket.gethostname()}"
        message = f"{who} is running glassnet train on it since 20"
        assert message in caught.value.message
        assert len(str(caught.value).splitlines()) == 2
        with lock.hold(run.path, lock.EXPLAIN):
            run.update(seed=1)
        assert Run.open(run.path).info["seed"] == 1, "readers and updates do not wait"
        process.kill()
    assert holder_of(run).exists()
    with lock.hold(run.path, lock.TRAIN):
        assert json.loads(holder_of(run).read_text())["process"] == os.getpid()
    assert f"process {process.pid} on" in (err := capsys.readouterr().err)
    assert "was killed during glassnet train; its lock is removed" in err
    assert not holder_of(run).exists()


@pytest.mark.skipif(os.name != "posix", reason="knows ended processes by their numbers")
@pytest.mark.parametrize("purpose", [lock.TRAIN, lock.EXPLAIN])
def test_who_has_the_lock_removes_what_killed_processes_left(run: Run, purpose: str) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], stdout=-1)
    with atomic.replacing(run.path / "cache" / "digest" / "maps.npz") as partial:
        partial.write_text("half")
        left = partial.with_name(partial.name.replace(f"-{os.getpid()}-", f"-{int(ended.stdout)}-"))
        left.write_text("half")
        with lock.hold(run.path, purpose):
            assert not left.exists()
            assert partial.exists()


def test_a_lock_that_another_host_left_is_named(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    other = {"process": 7, "host": "elsewhere", "since": "2026-01-01T00:00:00+00:00"}
    holder_of(run).write_text(json.dumps(other))
    with lock.hold(run.path, lock.TRAIN):
        assert "process 7 on elsewhere was running glassnet train" in capsys.readouterr().err
        lock.check(run.path, lock.TRAIN)
        holder_of(run).write_text(json.dumps(other))  # a file system without shared locks
        with pytest.raises(RunError, match="process 7 on elsewhere is running glassnet train"):
            lock.check(run.path, lock.TRAIN)
    assert holder_of(run).exists(), "it is the other host's"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": 1}', "[" * 5000])
def test_a_damaged_name_of_the_holder_does_no_harm(run: Run, text: str) -> None:
    holder_of(run).write_text(text)
    with lock.hold(run.path, lock.TRAIN), lock.hold(run.path, lock.TRAIN):
        lock.check(run.path, lock.TRAIN)
    assert not holder_of(run).exists()


def test_a_folder_that_was_moved_is_not_made_anew(run: Run, tmp_path: Path) -> None:
    with lock.hold(run.path, lock.TRAIN):
        shutil.move(run.path, tmp_path / "moved")
        with pytest.raises(RunError, match="was moved or removed"):
            lock.check(run.path, lock.TRAIN)
        with pytest.raises(RunError, match="was moved or removed"):
            run.update(status="training")
    assert not run.path.exists()


def test_updates_of_two_commands_are_merged(run: Run) -> None:
    other = Run.open(run.path)
    run.update(status="training", seconds={"train": 2.0})
    other.update(explain_records=[{"id": "a"}], seconds={"evaluate": 1.0})
    run.update(epochs_done=3)
    info = Run.open(run.path).info
    assert info["status"] == "training"
    assert (info["explain_records"], info["epochs_done"]) == ([{"id": "a"}], 3)
    assert {"train": 2.0, "evaluate": 1.0}.items() <= info["seconds"].items()


def test_a_run_json_that_is_damaged_meanwhile_is_written_again(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run.info_file.write_text("{")
    run.update(seed=1)
    assert Run.open(run.path).info["seed"] == 1
    assert "run.json: cannot be read" in capsys.readouterr().err


def refusal(capsys: pytest.CaptureFixture[str], *words: str | Path) -> list[str]:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    assert end.value.code == 2
    return capsys.readouterr().err.splitlines()


@pytest.mark.slow
def test_commands_that_write_the_same_files_are_refused(
    trained: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    trained.update(status="trained")
    before = trained.metrics.read_bytes(), trained.last.read_bytes()
    for purpose, command in (
        (lock.TRAIN, ("train", "--resume")),
        (lock.EXPLAIN, ("explain",)),
        (lock.EXPLAIN, ("report",)),  # explains the run first
    ):
        with held_elsewhere(trained.path, purpose) as process:
            *_, message, hint = refusal(capsys, *command, trained.path)
        assert (
            f"process {process.pid} on {socket.gethostname()} is running glassnet {purpose} on it"
            in message
        )
        assert "wait until it has ended" in hint
    assert (trained.metrics.read_bytes(), trained.last.read_bytes()) == before


class WhileTraining(Hook):
    """Does in the second epoch what other commands do, from a run that was opened earlier."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.results: dict[str, Any] = {}

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
        (path,) = self.root.iterdir()
        if state.epoch == 1:
            self.early, _ = gn.load(path), gn.load(path).metrics
        if state.epoch == 2:
            self.results = self.early.evaluate()
            self.early.explain(points=20, methods=["pca"], layers=["pool2"], draw=False)
            self.epoch = self.early.model.best_epoch


def test_a_run_is_evaluated_and_explained_while_it_trains(
    digits: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It uses the best checkpoint so far, and what training writes stays as it is."""
    views = ("scores", "training_curves")
    monkeypatch.setattr("glassnet.tasks.cnn.task.ImageClassifier.views", views)
    small: dict[str, Any] = {
        "data": digits,
        "batch_size": 200,
        "channels": (4, 8, 8),
        "device": "cpu",
    }
    meanwhile = WhileTraining(tmp_path / "watched")
    options: dict[str, Any] = {**small, "epochs": 3, "threads": 1, "evaluate": False}
    whole = gn.train("cnn", runs=tmp_path / "whole", **options).run
    run = gn.train("cnn", runs=tmp_path / "watched", hooks=[meanwhile], **options).run
    for path in ("metrics.csv", "checkpoints/last.safetensors", "checkpoints/best.safetensors"):
        assert (run.path / path).read_bytes() == (whole.path / path).read_bytes()
    info = Run.open(run.path).info
    assert (info["status"], info["epochs_done"]) == ("trained", 3)
    assert info["results"]["test"]["n"] == meanwhile.results["n"] == 300
    assert info["evaluated_checkpoint"]["epoch"] == meanwhile.epoch <= 2
    assert len(info["explain_records"]) == 1
    if meanwhile.epoch < gn.load(run.path).model.best_epoch:
        assert (
            gn.load(run.path).evidence.results["accuracy"]
            == gn.load(run.path).evaluate()["accuracy"]
        )


def test_a_network_and_its_digest_are_of_one_checkpoint(trained: Run) -> None:
    """Training may write another one between two readings."""
    model = gn.load(trained.path).model
    digest, state = model.digest, checkpoint.load(trained.best)
    checkpoint.save(trained.best, state | {"network": {}, "epoch": 99})
    assert (model.digest, model.best_epoch) == (digest, state["epoch"])
    assert len(model.network.state_dict()) == len(state["network"])


class Move(Hook):
    """Moves the run folder away in the second epoch."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def after_epoch(self, state: TrainingState, row: dict[str, float]) -> None:
        (path,) = self.root.iterdir()
        shutil.move(path, self.root.parent / "moved")


def test_training_stops_where_its_folder_was_moved_away(digits: str, tmp_path: Path) -> None:
    (root := tmp_path / "runs").mkdir()
    small: dict[str, Any] = {"data": digits, "batch_size": 600, "channels": (4, 8, 8), "epochs": 3}
    with pytest.raises(RunError, match="was moved or removed"):
        gn.train("cnn", runs=root, hooks=[Move(root)], device="cpu", threads=1, **small)
    assert list(root.iterdir()) == []
    moved = gn.resume(Run.open(tmp_path / "moved"), evaluate=False)
    assert moved.run.info["status"] == "trained"
    assert moved.metrics["epoch"].tolist() == [1, 2, 3]
