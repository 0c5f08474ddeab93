"""Training a group of seeds: equal to single runs, stopped and resumed as a whole."""

from __future__ import annotations

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, call, done
from digit_arrays import OPTIONS, WORDS, save_digits
from locking import held_elsewhere
from notebooks import card
from synthetic_runs import make_info

import glassnet as gn
from glassnet import findings
from glassnet.errors import RunError, SeedsError, UsageError, VerificationError
from glassnet.runs import lock
from glassnet.runs.folder import Run
from glassnet.runs.group import Group
from glassnet.stats.over_seeds import over_seeds

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_digits(tmp_path_factory.mktemp("data") / "digits.npz")


@pytest.fixture(scope="module")
def group(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> gn.TrainedGroup:
    runs = tmp_path_factory.mktemp("runs")
    return gn.train("cnn", data=str(digits), runs=runs, seeds=[0, 7], **OPTIONS)


def test_seeds_equal_single_runs(group: gn.TrainedGroup, digits: Path, tmp_path: Path) -> None:
    assert group.name == "cnn-digits-seeds"
    for seed in (0, 7):
        single = gn.train("cnn", data=str(digits), runs=tmp_path, seed=seed, **OPTIONS)
        member = group[seed]
        assert member.run.metrics.read_bytes() == single.run.metrics.read_bytes()
        assert member.results["test"] == single.results["test"]
        assert member.info["command"] == single.info["command"]
    assert group[0].run.metrics.read_bytes() != group[7].run.metrics.read_bytes()


def test_results_are_mean_sd_and_interval(group: gn.TrainedGroup) -> None:
    found = group.results["test"]["accuracy"]
    values = [100 * group[seed].results["test"]["accuracy"] for seed in (0, 7)]
    assert found["values"] == {"0": values[0], "7": values[1]}
    assert found["mean"] == pytest.approx(statistics.fmean(values))
    assert found["sd"] == pytest.approx(statistics.stdev(values))
    half = 12.7062 * statistics.stdev(values) / 2**0.5  # t of 0.975 with one degree of freedom
    assert found["interval"][0] == pytest.approx(max(0, found["mean"] - half), abs=1e-3)
    assert set(group.metrics[7]) >= {"epoch", "valid_loss", "train_accuracy"}
    assert group.evaluate() == group.results["test"]


def test_a_notebook_shows_the_results_and_the_curves_of_all_seeds(group: gn.TrainedGroup) -> None:
    html, accuracy = card(group), group.results["test"]["accuracy"]
    assert f"{accuracy['mean']:.2f} ± {accuracy['sd']:.2f} %" in html.text
    assert "2 of 2 seeds finished" in html.text
    for seed in (0, 7):
        value = accuracy["values"][str(seed)]
        assert f"seed {seed}: {value:.2f} %" in html.text
    assert html.images[0][0].startswith("loss by epoch: train from ")
    assert card(group.results).text.startswith(f"{accuracy['mean']:.2f} ±")


def test_load_finds_groups_and_members(group: gn.TrainedGroup) -> None:
    loaded = gn.load(group.path)
    assert isinstance(loaded, gn.TrainedGroup)
    assert loaded.seeds == (0, 7)
    assert list(loaded.runs) == [0, 7]
    assert "2 of 2 seeds" in repr(loaded)
    member = gn.load("cnn-digits-seeds/seed-7", group.path.parent)
    assert isinstance(member, gn.TrainedRun)
    with pytest.raises(KeyError):
        loaded[1]


def test_commands_on_a_group(group: gn.TrainedGroup, capsys: Capture) -> None:
    root = group.path.parent
    out, _ = done(capsys, "show", group.name, "--runs", root)
    assert re.search(r"test accuracy +\d+\.\d\d ± \d+\.\d\d %  \(mean ± sd of 2 seeds, 95 %", out)
    assert "cnn-digits-seeds/seed-7" in out
    out, _ = done(capsys, "runs", "--runs", root)
    assert len(out.splitlines()) == 2
    assert "2 of 2 seeds" in out
    out, _ = done(capsys, "runs", "--members", "--sort", "result", "--runs", root)
    assert [line.split()[0] for line in out.splitlines()[1:]] == [
        *("cnn-digits-seeds", "cnn-digits-seeds/seed-0", "cnn-digits-seeds/seed-7")
    ]
    out, _ = done(capsys, "evaluate", group.name, "--runs", root)
    assert "mean ± sd of 2 seeds" in out
    out, _ = done(capsys, "clean", group.name, "--runs", root)
    assert "cnn-digits-seeds/seed-0  cached results" in out
    out, _ = done(capsys, "show", f"{group.name}/seed-7", "--runs", root)
    assert "--seed 7" in out


@pytest.mark.parametrize(
    "words", [["predict", "{}", "image.png"], ["export", "{}"], ["generate", "{}", "--out", "a"]]
)
def test_who_needs_one_network_is_given_a_member(
    words: list[str], group: gn.TrainedGroup, capsys: Capture
) -> None:
    named = [word.format(group.name) for word in words]
    code, _, err = call(capsys, *named, "--runs", group.path.parent)
    assert code == 2
    assert err.splitlines() == [
        "glassnet: cnn-digits-seeds: a group of runs, and one run is needed",
        "  name one of its runs, for example cnn-digits-seeds/seed-0",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seeds", "1"], "--seeds: a group has at least two seeds"),
        (["--seeds", "0"], "--seeds: a group has at least two seeds"),
        (["--seeds", "-3"], "--seeds: a seed is negative"),
        (["--seeds", "0,-3"], "--seeds: a seed is negative"),
        (["--seeds", "4,4"], "--seeds: 4 is there twice"),
        (["--seeds", "two"], "--seeds two: neither a number of seeds nor a list of them"),
        (["--seeds", "2", "--seed", "1"], "--seed and --seeds exclude each other"),
        (["--seeds", "2", "--processes", "2"], "--processes shares one training"),
    ],
)
def test_seeds_that_make_no_group(words: list[str], message: str, capsys: Capture) -> None:
    code, out, err = call(capsys, "train", "cnn", *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"glassnet: {message}")
    assert len(err.splitlines()) == 2


def test_hooks_do_not_cross_processes() -> None:
    with pytest.raises(UsageError, match="hooks"):
        gn.train("cnn", seeds=2, hooks=[object()])


def test_a_group_whose_data_are_gone_or_others(digits: Path, tmp_path: Path) -> None:
    data = make_info()["data"] | {"name": str(tmp_path / "gone.npz")}
    common = {"task": "cnn", "preset": "default", "config": {}, "command": "", "data": data}
    group = Group.create(tmp_path, "five", [0, 1], common)
    with pytest.raises(RunError, match=r"five is trained on .*gone\.npz, which cannot") as caught:
        gn.resume(group)
    assert "--data" in caught.value.hint
    with pytest.raises(RunError, match="not the data that five is trained on"):
        gn.resume(group, data=digits)


def start(digits: Path, runs: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "glassnet", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"GLASSNET_RUNS": str(runs)},
    )


def wait_until_trained(group: Path, seed: int, epochs: int) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        file = group / f"seed-{seed}" / "run.json"
        if file.exists() and Run.open(file.parent).info.get("epochs_done", 0) >= epochs:
            return
        time.sleep(0.02)
    raise AssertionError("it does not train")


def test_a_stopped_group_is_resumed_to_equal_bytes(digits: Path, tmp_path: Path) -> None:
    words = ["train", "cnn", "--data", str(digits), *WORDS, "--epochs", "60", "--seeds", "3,5"]
    process = start(digits, tmp_path, *words, "--name", "five")
    wait_until_trained(tmp_path / "five", 3, 2)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert [line for line in err.splitlines() if line.startswith("glassnet: ")] == [
        "glassnet: stopped; 0 of 2 seeds are finished, and what the others have done is saved"
    ]
    assert err.splitlines()[-1] == f"  resume with: glassnet train --resume {tmp_path / 'five'}"
    members = Group.open(tmp_path / "five").members()
    assert members[3].info["status"] == "interrupted"
    process = start(digits, tmp_path, "train", "--resume", "five")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "2 of 2 finished" in out
    whole = gn.train("cnn", data=str(digits), runs=tmp_path, seed=3, **(OPTIONS | {"epochs": 60}))
    assert members[3].metrics.read_bytes() == whole.run.metrics.read_bytes()
    process = start(digits, tmp_path, "train", "--resume", "five")
    assert "five is finished" in process.communicate(timeout=60)[1]


def test_a_killed_group_leaves_no_process(digits: Path, tmp_path: Path) -> None:
    words = ["train", "cnn", "--data", str(digits), *WORDS, "--epochs", "1000", "--seeds", "2"]
    process = start(digits, tmp_path, *words, "--name", "two")
    wait_until_trained(tmp_path / "two", 0, 2)
    process.kill()
    process.wait()
    process.stdout.close()  # type: ignore[union-attr]
    process.stderr.close()  # type: ignore[union-attr]
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if Run.open(tmp_path / "two" / "seed-0").info["status"] == "interrupted":
            return
        time.sleep(0.1)
    raise AssertionError("it trains on")


def test_a_seed_that_fails_does_not_cost_the_others(
    digits: Path, tmp_path: Path, capsys: Capture
) -> None:
    words = ["train", "cnn", "--data", str(digits), *WORDS, "--seeds", "2", "--runs", str(tmp_path)]
    code, out, err = call(capsys, *words, "--learning-rate", "1e30", "--optimizer", "sgd")
    assert code == 1
    assert re.search(r"glassnet: .*cnn-digits-seeds: seeds 0, 1 failed: the loss is nan", err)
    assert "lower --learning-rate" in err.splitlines()[-1]
    assert "0 of 2 finished" in out
    assert Group.open(tmp_path / "cnn-digits-seeds").status == "failed"

    group = Group.open(tmp_path / "cnn-digits-seeds")
    (group.member(1) / "run.json").write_text("{")
    with pytest.raises(SeedsError, match=r"seeds 0, 1 failed"):
        gn.resume(group)
    with (
        held_elsewhere(group.path, lock.TRAIN),
        pytest.raises(RunError, match="is running glassnet train"),
    ):
        gn.resume(group)


def test_one_damaged_seed_is_named_and_the_other_is_trained(digits: Path, tmp_path: Path) -> None:
    trained = gn.train("cnn", data=str(digits), runs=tmp_path, seeds=2, evaluate=False, **OPTIONS)
    assert trained.group.status == "trained"
    (trained.group.member(1) / "run.json").write_text("{")
    with pytest.raises(SeedsError, match=r"seed 1 failed: .*run\.json: cannot be read"):
        gn.resume(trained.group)
    assert list(trained.group.runs) == [0]
    assert over_seeds(trained.group.test_results)[0].sd is None


def test_a_group_is_removed_as_a_whole(digits: Path, tmp_path: Path, capsys: Capture) -> None:
    group = gn.train("cnn", data=str(digits), runs=tmp_path, seeds=2, evaluate=False, **OPTIONS)
    with held_elsewhere(group.group.member(1), lock.EXPLAIN):
        code, _, err = call(capsys, "rm", group.path, "--yes")
        assert code == 2
        assert "seed-1" in err
    done(capsys, "rm", group.path, "--yes")
    assert list(tmp_path.iterdir()) == []


def test_all_files_of_a_group_are_checked(
    group: gn.TrainedGroup, tmp_path: Path, capsys: Capture
) -> None:
    copy = Path(shutil.copytree(group.path, tmp_path / group.name))
    out, _ = done(capsys, "show", copy, "--check")
    assert "cnn-digits-seeds/seed-7: " in out
    with (copy / "seed-0" / "metrics.csv").open("a") as file:
        file.write("1")
    (copy / "seed-7" / "checkpoints" / "best.safetensors").write_bytes(b"")
    code, out, err = call(capsys, "show", copy, "--check")
    assert code == 2
    assert "seed-7" in out
    assert "best.safetensors" in out + err


def test_metrics_of_the_seeds_are_logs(group: gn.TrainedGroup) -> None:
    assert all(np.isfinite(log["valid_loss"]).all() for log in group.metrics.values())


def test_a_group_is_evaluated_on_other_data_and_altered_copies(
    group: gn.TrainedGroup, undrawn: list[str], tmp_path: Path, capsys: Capture
) -> None:
    own = group[0].data.test
    other = tmp_path / "inverted.npz"
    np.savez(other, images=255 - own.inputs[:60], labels=own.labels[:60])
    found = group.evaluate_on(other)
    accuracy = found[0]
    assert accuracy.measure.key == "accuracy"
    for seed in (0, 7):
        model = group[seed]
        right = model.predict(255 - own.inputs[:60]) == own.labels[:60]
        assert accuracy.values[seed] == pytest.approx(100 * right.mean())
        assert list(model.info["other_data"])
    out, _ = done(capsys, "evaluate", group.path, "--data", other)
    assert f"test accuracy on {other}: {accuracy} " in out
    out, _ = done(capsys, "evaluate", group.path, "--shifts")
    assert [line[:8] for line in out.splitlines() if line.startswith("seed ")] == [
        "seed 0: ",
        "seed 7: ",
    ]
    code, _, err = call(capsys, "evaluate", group.path, "--data", other, "--shifts")
    assert code == 2
    assert "another data set" in err


def test_a_group_is_explained_reported_and_verified(
    group: gn.TrainedGroup,
    monkeypatch: pytest.MonkeyPatch,
    undrawn: list[str],
    capsys: Capture,
) -> None:
    views = ("scores", "training_curves", "probe_map")
    monkeypatch.setattr("glassnet.tasks.cnn.task.ImageClassifier.views", views)
    with pytest.raises(RunError, match="no findings about the group yet"):
        group.verify()
    out, _ = done(capsys, "explain", group.path, "--points", "60", "--layers", "pool2")
    assert re.search(r"seed-results +Test accuracy is .* over 2 seeds", out)
    names = {path.stem for path in group.group.findings.glob("*.json")}
    assert names == {
        *("seed-results", "seed-table", "seed-curves", "seed-separation", "seed-probe-curves")
    }
    assert "seed-separation" in undrawn
    report = group.report()
    page = report.read_text()
    assert report == group.path / "report.html"
    assert 'href="seed-7/report.html"' in page
    assert (group.path / "seed-7" / "report.html").is_file()
    assert "test accuracy over 2 seeds" in page
    assert group[7].verify().claims < group.verify().claims
    elsewhere = group.report(group.path.parent / "page.html").read_text()
    assert 'href="cnn-digits-seeds/seed-7/report.html"' in elsewhere
    done(capsys, "report", group.path, group.path / "seed-0", "--out", report.parent / "two.html")

    stored = findings.load(group.group.findings / "seed-table.json")
    assert isinstance(stored, findings.Table)
    row: tuple[findings.Cell, ...] = ("seed 0", *[0.5] * (len(stored.columns) - 1))
    findings.save(replace(stored, rows=(row, *stored.rows[1:])), group.group.findings)
    with pytest.raises(VerificationError, match=r"seeds, seed-table: rows\.0\.1 is 0\.5"):
        group.verify()
    code, _, err = call(capsys, "explain", group.path, "--text", "a text")
    assert code == 2
    assert "for example" in err


def test_findings_lack_a_seed_that_was_trained_since(
    group: gn.TrainedGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    explained = {0}
    monkeypatch.setattr(Run, "is_explained", lambda run: run.info["seed"] in explained)
    group.group.findings.mkdir(exist_ok=True)
    (group.group.findings / "seed-results.json").touch()
    assert not group.has_findings
    explained.add(7)
    assert group.has_findings
