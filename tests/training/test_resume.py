"""A training that was stopped, however it was stopped, ends as if it never had been."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import glassnet as gn
from glassnet.cli import main
from glassnet.contract import StepResult
from glassnet.errors import ConfigError, Interrupted, RunError, TrainingError
from glassnet.runs import checkpoint, metrics_log
from glassnet.runs.check import check
from glassnet.runs.folder import Run, all_runs
from glassnet.tasks.cnn.presets import Config
from glassnet.tasks.cnn.task import ImageClassifier
from glassnet.training import resumption

Launch = Callable[..., subprocess.Popen[str]]

SMALL: dict[str, Any] = {
    "data": "digits",
    "epochs": 2,
    "batch_size": 200,  # six steps an epoch
    "channels": (4, 8, 8),
    "device": "cpu",
    "threads": 1,
}
CASES: dict[str, dict[str, Any]] = {
    "one-cycle": {},  # what the preset does, augmentation included
    "average": {"ema_decay": 0.9},
    "dropout, sgd, cosine": {"optimizer": "sgd", "schedule": "cosine", "dropout": 0.3},
    "by accuracy": {"monitor": "accuracy", "schedule": "constant", "patience": 1},
}


def stopped(at_step: Any, folder: Path) -> Run:
    """A run that Ctrl-C stopped after its second step."""
    at_step(2, ctrl_c)
    with pytest.raises(Interrupted):
        train(folder)
    (run,) = all_runs(folder)
    return run


def content(run: Run) -> dict[str, bytes]:
    learned = [run.training_dynamics_file(epoch) for epoch in run.training_dynamics_epochs]
    paths = (run.best, run.last, run.metrics, *learned)
    return {path.name: path.read_bytes() for path in paths}


def train(root: Path, **changes: Any) -> Run:
    return gn.train("cnn", runs=root, evaluate=False, **SMALL | changes).run


@pytest.fixture(scope="module")
def whole(cache: Path, entry: object, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Case -> what a training without interruption leaves; trained when first asked for."""
    stored: dict[str, tuple[dict[str, bytes], dict[str, Any]]] = {}

    def get(case: str) -> tuple[dict[str, bytes], dict[str, Any]]:
        if case not in stored:
            run = train(tmp_path_factory.mktemp("whole"), **CASES[case])
            stored[case] = content(run), {name: run.info[name] for name in ("epochs_done", "best")}
        return stored[case]

    return get


@pytest.fixture
def at_step(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Does something during the n-th training step (or validation batch) from now on."""
    step = ImageClassifier.step

    def arrange(number: int, act: Callable[[], None], *, training: bool = True) -> None:
        done = 0

        def counted(
            self: ImageClassifier,
            network: nn.Module,
            batch: tuple[Tensor, ...],
            config: Any,
            epoch: float,
        ) -> StepResult:
            nonlocal done
            done += network.training == training
            if done == number and network.training == training:
                act()
            return step(self, network, batch, config, epoch)

        monkeypatch.setattr(ImageClassifier, "step", counted)

    return arrange


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def resumed(run: Run) -> Run:
    return gn.resume(Run.open(run.path), evaluate=False).run


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("step", [4, 11])
def test_ctrl_c_within_an_epoch(
    case: str, step: int, digits: str, whole: Any, at_step: Any, tmp_path: Path
) -> None:
    at_step(step, ctrl_c)
    with pytest.raises(Interrupted) as caught:
        train(tmp_path, **CASES[case])
    (run,) = all_runs(tmp_path)
    assert run.info["status"] == "interrupted"
    assert f"stopped in epoch {(step - 1) // 6 + 1}, after {step} steps" in caught.value.message
    assert caught.value.hint == f"resume with: glassnet train --resume {run.path}"
    assert checkpoint.load(run.last)["counters"]["step"] == step

    run = resumed(run)
    assert run.info["status"] == "trained"
    assert (content(run), {name: run.info[name] for name in ("epochs_done", "best")}) == whole(case)


@pytest.mark.parametrize(
    ("number", "training"),
    [(1, True), (6, True), (12, True), (1, False), (2, False)],
    ids=["first", "last of epoch", "last of all", "first validation", "last validation"],
)
def test_ctrl_c_at_every_kind_of_moment(
    number: int, training: bool, digits: str, whole: Any, at_step: Any, tmp_path: Path
) -> None:
    at_step(number, ctrl_c, training=training)
    with pytest.raises(Interrupted):
        train(tmp_path)
    run = resumed(all_runs(tmp_path)[0])
    assert content(run) == whole("one-cycle")[0]
    assert run.info["status"] == "trained"


def test_stopped_again_and_again(digits: str, whole: Any, at_step: Any, tmp_path: Path) -> None:
    at_step(3, ctrl_c)
    with pytest.raises(Interrupted):
        train(tmp_path, **CASES["average"])
    (run,) = all_runs(tmp_path)
    for _ in range(3):
        at_step(2, ctrl_c)
        with pytest.raises(Interrupted):
            resumed(run)
    assert checkpoint.load(run.last)["counters"]["step"] == 9
    assert content(resumed(run)) == whole("average")[0]


def test_stopped_twice_before_its_best_weights_are_written(
    digits: str, whole: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """run.json names no best weights that are missing, whenever the training ends."""
    save = checkpoint.save

    class PowerCut(BaseException):
        """Nothing handles it."""

    def save_others(path: Path, *others: Any) -> None:
        if path.name == "best.safetensors":
            raise PowerCut
        save(path, *others)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", save_others)
        with pytest.raises(PowerCut):
            train(tmp_path)
        (run,) = all_runs(tmp_path)
        with pytest.raises(PowerCut):
            resumed(run)
    assert checkpoint.load(run.last)["counters"]["step"] == 6
    run = Run.open(run.path)
    assert not run.info.get("epochs_done")
    assert check(run).damaged == {}
    assert content(resumed(run)) == whole("one-cycle")[0]


def test_sigterm_is_a_stop_too(digits: str, whole: Any, at_step: Any, tmp_path: Path) -> None:
    at_step(5, lambda: os.kill(os.getpid(), signal.SIGTERM))
    with pytest.raises(Interrupted):
        train(tmp_path)
    assert content(resumed(all_runs(tmp_path)[0])) == whole("one-cycle")[0]


def test_a_second_ctrl_c_stops_at_once(digits: str, at_step: Any, tmp_path: Path) -> None:
    def twice() -> None:
        ctrl_c()
        ctrl_c()

    at_step(8, twice)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path)
    (run,) = all_runs(tmp_path)
    assert checkpoint.load(run.last)["counters"]["step"] == 6


def test_the_signals_are_given_back(digits: str, at_step: Any, tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    at_step(2, ctrl_c)
    with pytest.raises(Interrupted):
        train(tmp_path)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_two_trainings_of_one_seed_are_equal_and_of_two_are_not(
    digits: str, whole: Any, tmp_path: Path
) -> None:
    assert content(train(tmp_path)) == whole("one-cycle")[0]
    assert content(train(tmp_path, seed=1))["metrics.csv"] != whole("one-cycle")[0]["metrics.csv"]


def test_a_loss_that_is_no_number(digits: str, at_step: Any, tmp_path: Path, whole: Any) -> None:
    """It is named with its batch, what was saved stays, and training can go on from there."""
    poison = ImageClassifier.step

    def arrange(number: int) -> None:
        done = 0

        def step(self: Any, network: Any, batch: Any, config: Any, epoch: float) -> StepResult:
            nonlocal done
            done += network.training
            result = poison(self, network, batch, config, epoch)
            bad = done == number and network.training
            return replace(result, loss=result.loss * float("nan")) if bad else result

        patch.setattr(ImageClassifier, "step", step)

    with pytest.MonkeyPatch.context() as patch:
        arrange(9)
        with pytest.raises(TrainingError) as caught:
            train(tmp_path)
    assert caught.value.message == "the loss is nan at batch 3 of epoch 2"
    assert "--learning-rate" in caught.value.hint
    (run,) = all_runs(tmp_path)
    assert run.info["status"] == "failed"
    assert checkpoint.load(run.last)["counters"]["step"] == 6
    assert metrics_log.read(run.metrics)["epoch"].tolist() == [1]
    assert content(resumed(run)) == whole("one-cycle")[0]


def test_a_rate_that_is_far_too_high(digits: str, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf|-inf) at batch \d of epoch \d"):
        train(tmp_path, optimizer="sgd", learning_rate=1e30, schedule="constant")


def test_another_machine_is_named_and_the_run_keeps_its_settings(
    digits: str, at_step: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    at_step(2, ctrl_c)
    with pytest.raises(Interrupted):
        train(tmp_path, threads=0)
    (run,) = all_runs(tmp_path)
    hardware, versions = run.info["hardware"], run.info["versions"]
    assert hardware["threads"] == 1  # small steps
    capsys.readouterr()
    at_step(1, ctrl_c)
    with pytest.raises(Interrupted):
        resumed(run)
    assert "resuming with" not in capsys.readouterr().err
    run.update(
        hardware=hardware | {"processor": "Other", "threads": 3},
        versions=versions | {"torch": "2.0"},
    )
    settings = []
    at_step(1, lambda: settings.append(torch.get_num_threads()))
    resumed(run)
    (line,) = (s for s in capsys.readouterr().err.splitlines() if s.startswith("resuming with"))
    assert (
        f"torch {versions['torch']} (was 2.0), processor {hardware['processor']} (was Oth" in line
    )
    assert "threads" not in line
    assert settings == [3]


@pytest.mark.parametrize(("precision", "stored"), [("auto", "bf16"), ("32", "32")])
def test_auto_precision_stays_what_it_was(precision: Any, stored: str) -> None:
    """A machine with another processor would choose another."""
    chosen = resumption.settings_as_before({"precision": "bf16"}, Config(precision=precision))
    assert chosen.precision == stored


def test_other_data_are_refused(digits: str, at_step: Any, tmp_path: Path) -> None:
    run = stopped(at_step, tmp_path)
    before = run.last.read_bytes()
    run.update(data=run.info["data"] | {"fingerprint": "0" * 64})
    with pytest.raises(RunError, match="the data have changed") as caught:
        resumed(run)
    assert "000000000000 then" in caught.value.message
    assert run.last.read_bytes() == before


def test_a_damaged_checkpoint_is_named(digits: str, at_step: Any, tmp_path: Path) -> None:
    run = stopped(at_step, tmp_path)
    run.last.write_bytes(run.last.read_bytes()[:-100])
    with pytest.raises(RunError, match=r"last\.safetensors: damaged"):
        resumed(run)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("harm", [damage, Path.unlink], ids=["damaged", "missing"])
def test_the_checkpoint_before_the_last_one_takes_its_place(
    harm: Callable[[Path], None],
    digits: str,
    whole: Any,
    at_step: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A missing one is what a kill between two renames leaves: nothing is lost, nothing is said."""
    at_step(9, ctrl_c)
    with pytest.raises(Interrupted):
        train(tmp_path)
    (run,) = all_runs(tmp_path)
    assert checkpoint.load(run.previous)["counters"]["step"] == 6
    harm(run.last)
    capsys.readouterr()
    assert content(resumed(run)) == whole("one-cycle")[0]
    logged = capsys.readouterr().err
    assert ("last.safetensors: damaged (it has changed" in logged) == (harm is damage)
    assert ("the checkpoint before it: epoch 2, after 6 steps" in logged) == (harm is damage)


def test_two_damaged_checkpoints_are_named(digits: str, at_step: Any, tmp_path: Path) -> None:
    at_step(9, ctrl_c)
    with pytest.raises(Interrupted):
        train(tmp_path)
    (run,) = all_runs(tmp_path)
    for path in (run.last, run.previous):
        damage(path)
    with pytest.raises(RunError, match=r"last\.safetensors: damaged") as caught:
        resumed(run)
    assert len(str(caught.value).splitlines()) == 2


class Killed(BaseException):
    """What no code of ours catches."""


def kill() -> None:
    raise Killed


def test_a_kill_within_an_epoch_costs_no_more_than_the_interval(
    digits: str, whole: Any, at_step: Any, tmp_path: Path
) -> None:
    at_step(10, kill)
    with pytest.raises(Killed):
        train(tmp_path, checkpoint_every=1e-9)
    (run,) = all_runs(tmp_path)
    steps = [checkpoint.load(path)["counters"]["step"] for path in (run.previous, run.last)]
    assert steps == [8, 9]
    assert content(resumed(run)) == whole("one-cycle")[0]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_kill_at_any_rename_of_an_epoch(
    after: bool, digits: str, whole: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, until training comes to its end between two kills."""
    replace_file, n_left = Path.replace, 0

    def count(path: Path, target: Any) -> Any:
        nonlocal n_left
        n_left -= 1
        if not n_left and not after:
            kill()
        result = replace_file(path, target)
        if not n_left:
            kill()
        return result

    monkeypatch.setattr(Path, "replace", count)
    n_left, kills = 14, 0  # the run folder is there, and its first checkpoint is not
    with pytest.raises(Killed):
        train(tmp_path)
    (run,) = all_runs(tmp_path)
    for n_left in (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13):  # noqa: B007 - count lowers it
        try:
            resumed(run)
        except Killed:
            kills += 1
    n_left = 0
    assert content(resumed(run)) == whole("one-cycle")[0]
    assert kills > 5


def test_what_a_killed_writer_left_is_removed(digits: str, at_step: Any, tmp_path: Path) -> None:
    run = stopped(at_step, tmp_path)
    names = ("checkpoints/last.safetensors", "metrics.csv", "run.json", "locks/train.json")
    for path in (run.path / name for name in names):
        path.with_name(f".{path.name}.0123456789ab.part").write_bytes(bytes(1000))
    resumed(run)
    assert not list(run.path.rglob(".*.part"))


def test_a_checkpoint_of_another_network_is_named(
    digits: str, at_step: Any, tmp_path: Path
) -> None:
    run = stopped(at_step, tmp_path)
    run.update(config=run.info["config"] | {"channels": [4, 8, 16]})
    with pytest.raises(RunError, match="does not fit"):
        resumed(run)


def test_a_configuration_that_was_damaged_is_named(
    digits: str, at_step: Any, tmp_path: Path
) -> None:
    run = stopped(at_step, tmp_path)
    run.update(config=run.info["config"] | {"epochs": 0})
    with pytest.raises(ConfigError, match=r"run\.json: epochs = 0"):
        resumed(run)


WORDS = ["train", "cnn", "--data", "digits", "--batch-size", "200", "--channels", "4,8,8"]
WORDS += ["--device", "cpu", "--threads", "1", "--no-test"]


def wait_for(process: subprocess.Popen[str], beginning: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(beginning):
            return
    raise AssertionError(f"it ended without saying {beginning!r}")


def test_killed_at_a_random_moment(digits: str, launch: Launch, tmp_path: Path) -> None:
    process = launch(*WORDS, "--epochs", "12", "--runs", tmp_path / "killed")
    wait_for(process, "epoch ")
    moment = random.SystemRandom().uniform(0, 0.6)
    time.sleep(moment)
    process.kill()
    process.communicate()
    (run,) = all_runs(tmp_path / "killed")
    steps = checkpoint.load(run.last)["counters"]["step"]
    assert process.returncode == -signal.SIGKILL, "it was over before it could be killed"
    assert content(resumed(run)) == content(train(tmp_path / "whole", epochs=12)), (moment, steps)


def test_ctrl_c_on_the_command_line(
    digits: str, launch: Launch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process = launch(*WORDS, "--epochs", "40", "--runs", "stopped")
    wait_for(process, "epoch  1/40")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    message, hint = err.splitlines()[-2:]
    assert re.fullmatch(
        r"glassnet: stopped in epoch \d+, after \d+ steps; all of it is saved", message
    )
    (run,) = all_runs(tmp_path / "stopped")
    assert hint == f"  resume with: glassnet train --resume stopped/{run.name}"
    assert "Traceback" not in err

    # A shorter training, so that the end is near.
    steps = checkpoint.load(run.last)["counters"]["step"]
    assert steps < 240
    run.update(config=run.info["config"] | {"epochs": -(-steps // 6)})
    with pytest.raises(SystemExit) as end:
        main(["train", "--resume", str(run.path)])
    assert end.value.code == 0
    assert Run.open(run.path).info["status"] == "finished"
    out, err = capsys.readouterr()
    assert "accuracy" in out
    assert "epoch" in err


@pytest.mark.parametrize("flags", [(), ("--tensorboard",)])
def test_ctrl_c_again_and_again_ends_with_the_same_exit_code(
    flags: tuple[str, ...], digits: str, launch: Launch, tmp_path: Path
) -> None:
    process = launch(*WORDS, "--epochs", "40", "--runs", tmp_path / "stopped", *flags)
    wait_for(process, "epoch  1/40")
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.03)
    _, err = process.communicate()
    assert process.returncode == 130
    assert re.search(r"^glassnet: (interrupted|stopped in epoch)", err, re.MULTILINE)
    assert "Traceback" not in err


def test_what_is_finished_is_not_resumed(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(trained)
    with pytest.raises(SystemExit) as end:
        main(["train", "--resume", str(trained.path)])
    assert end.value.code == 2
    assert "is finished" in capsys.readouterr().err
    assert content(trained) == before
