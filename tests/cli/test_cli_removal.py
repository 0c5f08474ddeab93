"""runs, rm and clean: finding runs, and what becomes of their files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from calls import Capture, call, done
from run_copies import copy_run
from synthetic_runs import make_info

import glassnet as gn
from glassnet.runs import check, lock
from glassnet.runs.folder import Run, all_runs


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """Four runs of two tasks; the second of each is better."""
    base = {k: v for k, v in make_info().items() if k not in ("name", "format", "sha256")}
    rows: tuple[tuple[str, str, str, dict[str, object]], ...] = (
        ("cnn", "mnist", "finished", {"headline": "accuracy", "accuracy": 0.97}),
        ("vae", "mnist", "finished", {"headline": "iwae_nll", "iwae_nll": 95.0}),
        ("cnn", "/home/me/Photos", "interrupted", {}),
        ("cnn", "/home/me/Photos", "finished", {"headline": "accuracy", "accuracy": 0.99}),
        ("vae", "mnist", "finished", {"headline": "iwae_nll", "iwae_nll": 85.0}),
    )
    for number, (task, data, status, test) in enumerate(rows):
        info = {
            **base,
            "task": task,
            "status": status,
            "started": f"2026-01-0{9 - number}",
            "data": base["data"] | {"name": data},
            "results": {"test": test},
        }
        run = Run.create(tmp_path, f"{task}-{Path(data).name}", info)
        (run.path / "weights").write_bytes(bytes(1000 * (number + 1)))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", "vae-mnist-2 cnn-Photos-2 cnn-Photos vae-mnist cnn-mnist"),
        ("--reverse", "cnn-mnist vae-mnist cnn-Photos cnn-Photos-2 vae-mnist-2"),
        ("--sort name", "cnn-Photos cnn-Photos-2 cnn-mnist vae-mnist vae-mnist-2"),
        ("--sort size", "vae-mnist-2 cnn-Photos-2 cnn-Photos vae-mnist cnn-mnist"),
        ("--sort result", "cnn-Photos-2 cnn-mnist cnn-Photos vae-mnist-2 vae-mnist"),
        ("--task vae", "vae-mnist-2 vae-mnist"),
        ("--data photos", "cnn-Photos-2 cnn-Photos"),
        ("--status interrupted", "cnn-Photos"),
        ("--task cnn --status finished --sort result", "cnn-Photos-2 cnn-mnist"),
    ],
)
def test_runs_are_sorted_and_chosen(words: str, names: str, several: Path, capsys: Capture) -> None:
    out, _ = done(capsys, "runs", *words.split(), "--runs", several)
    header, *rows = out.splitlines()
    assert [row.split()[0] for row in rows] == names.split()
    assert " size " in header
    assert all(" MB" in row for row in rows)


def test_no_run_of_that_kind_is_said(several: Path, capsys: Capture) -> None:
    out, err = done(capsys, "runs", "--task", "lstm", "--runs", several)
    assert out == ""
    assert "none of the 5 runs" in err


def test_rm_asks_only_a_person(several: Path, capsys: Capture) -> None:
    code, _, err = call(capsys, "rm", "cnn-mnist", "--runs", several)
    assert code == 2
    assert "--yes" in err
    assert len(all_runs(several)) == 5


@pytest.mark.parametrize(("answer", "left"), [("y\n", 4), ("n\n", 5), ("\n", 5)])
def test_rm_says_what_it_is_about_to_remove(
    answer: str, left: int, several: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.cli.rm.sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []

    def confirm(text: str, err: bool) -> bool:
        asked.append(text)
        return answer == "y\n"

    monkeypatch.setattr("glassnet.cli.rm.click.confirm", confirm)
    done(capsys, "rm", "cnn-mnist", "--runs", several)
    assert "cnn-mnist (finished, " in asked[0]
    assert " MB)?" in asked[0]
    assert len(all_runs(several)) == left


def test_rm_removes_all_or_none(several: Path, capsys: Capture) -> None:
    code, _, err = call(capsys, "rm", "cnn-mnist", "cnn-mnits", "--yes", "--runs", several)
    assert (code, len(all_runs(several))) == (2, 5)
    assert "cnn-mnist" in err
    out, _ = done(capsys, "rm", "cnn-mnist", "vae-mnist", "cnn-mnist", "--yes", "--runs", several)
    assert out.count("removed ") == 2
    assert {run.name for run in all_runs(several)} == {"cnn-Photos", "cnn-Photos-2", "vae-mnist-2"}
    assert not list(several.glob(".*")), "nothing is left of them"


def test_a_run_in_training_stays(several: Path, capsys: Capture) -> None:
    script = (
        "import sys; from pathlib import Path; from glassnet.runs import lock\n"
        "with lock.hold(Path(sys.argv[1]), lock.TRAIN): print('held', flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(several / "cnn-mnist")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        code, _, err = call(capsys, "rm", "cnn-mnist", "--yes", "--runs", several)
        assert code == 2
        assert f"process {other.pid}" in err
        _, err = done(capsys, "clean", "--yes", "--runs", several)
        assert f"process {other.pid}" in err
        other.communicate(b"\n")
    assert (several / "cnn-mnist" / "run.json").exists()


def test_a_link_is_removed_and_the_run_stays(
    several: Path, tmp_path: Path, capsys: Capture
) -> None:
    elsewhere = several / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").symlink_to(several / "cnn-mnist")
    done(capsys, "rm", "mine", "--yes", "--runs", elsewhere)
    assert not (elsewhere / "mine").exists()
    assert (several / "cnn-mnist" / "run.json").exists()


def test_clean_says_what_it_would_free_and_frees_it(
    trained: Run, tmp_path: Path, capsys: Capture
) -> None:
    root = tmp_path / "others"
    run = Run.open(copy_run(trained.path, root))
    (run.path / "cache" / "digest").mkdir(parents=True, exist_ok=True)
    (run.path / "cache" / "digest" / "test.npz").write_bytes(bytes(3_000_000))
    (run.path / "checkpoints" / ".0123.part").write_bytes(bytes(2_000_000))
    (root / ".abc.part").mkdir()
    (root / ".abc.part" / "file").write_bytes(bytes(1_000_000))
    before = {path for path in run.path.rglob("*") if path.is_file()}
    out, _ = done(capsys, "clean", "--runs", root)
    assert "state to resume from" in out
    assert "temporary files" in out
    assert "what killed processes left  1.0 MB" in out
    assert "can be freed; --yes" in out
    assert before <= {path for path in run.path.rglob("*") if path.is_file()}
    out, _ = done(capsys, "clean", "--yes", "--runs", root)
    assert out.splitlines()[-1].startswith("removed ")
    gone = {path.relative_to(run.path).parts[0] for path in before if not path.exists()}
    assert gone <= {"cache", "checkpoints", "control_networks"}
    assert run.best.exists()
    assert run.snapshots == trained.snapshots
    assert not list(root.glob(".*"))
    assert check.check(Run.open(run.path)).damaged == {}, "nothing that is needed is gone"
    _, err = done(capsys, "clean", "--runs", root)
    assert "nothing to remove" in err
    before_cleaning = trained.info["results"]["test"]["accuracy"]
    assert gn.load(run.path).evaluate()["accuracy"] == before_cleaning


def test_an_interrupted_run_can_be_resumed_after_cleaning(trained: Run, tmp_path: Path) -> None:
    from glassnet.runs import removal

    run = Run.open(copy_run(trained.path, tmp_path / "others"))
    run.update(status="interrupted")
    removal.free(run)
    assert run.last.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may remove anything")
def test_what_may_not_be_removed_is_an_error(several: Path, capsys: Capture) -> None:
    several.chmod(0o500)
    try:
        code, _, err = call(capsys, "rm", "cnn-mnist", "--yes", "--runs", several)
    finally:
        several.chmod(0o700)
    assert code == 1
    assert "cannot be removed" in err


def test_a_lock_is_no_obstacle_once_its_process_is_gone(several: Path, capsys: Capture) -> None:
    with lock.hold(several / "cnn-mnist", lock.TRAIN):
        pass
    done(capsys, "rm", "cnn-mnist", "--yes", "--runs", several)
    assert not (several / "cnn-mnist").exists()
