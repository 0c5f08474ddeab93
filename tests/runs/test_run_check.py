"""Every file of a run is compared with its checksum, and no command uses one that differs."""

from __future__ import annotations

import itertools
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import synthetic
import torch
from synthetic_runs import make_info

from glassnet import findings
from glassnet.cli import main
from glassnet.errors import RunError
from glassnet.explain import report_files
from glassnet.runs import checkpoint, manifest, metrics_log, training_dynamics
from glassnet.runs.check import check
from glassnet.runs.folder import Run

VOCABULARY = json.dumps({"version": "1.0", "model": {"vocab": {"good": 2, "bad": 3}}})

UNREAD = {
    "report.html",
    "claims.json",
    *(f"figures/curves.{kind}" for kind in ("png", "svg", "csv")),
}
"""Files that only people read, and `show --check`."""


def build(root: Path) -> Run:
    """A small run with a file of every kind, which no training has made."""
    info = make_info(task="lstm", epochs_done=0, best={})
    del info["name"]
    run = Run.create(root, "lstm", info, VOCABULARY)
    rows = [{"epoch": n, "valid_loss": 1 / n} for n in (1, 2)]
    digests = [metrics_log.append(run.metrics, row) for row in rows]
    for path in (run.best, run.last, run.snapshot(0), run.control_network("shuffled labels")):
        checkpoint.save(path, {"network": {"weight": torch.arange(40.0)}, "epoch": 2, "value": 0.5})
    outcomes = torch.tensor(np.random.default_rng(0).random((50, 2)))
    for epoch in (1, 2):
        path = run.training_dynamics_file(epoch)
        training_dynamics.write(path, outcomes, ("probabilities", "correct"))
    for record in (synthetic.curves(), synthetic.scatter(30)):
        findings.save(record, run.findings)
    report_files.draw([synthetic.curves()], run)
    report_files.write_report([run])
    run.update(epochs_done=2, best={"epoch": 2}, sha256={"metrics.csv": digests[-1]})
    report_files.write_claims(run)
    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("runs")).path


@pytest.fixture
def run(folder: Path, tmp_path: Path) -> Run:
    return Run.open(Path(shutil.copytree(folder, tmp_path / "runs" / folder.name)))


def names(run: Run) -> list[str]:
    return sorted(check(run).whole)


def read(run: Run, name: str) -> object:
    """Read a file as the commands do; they hold what they have read against its checksum."""
    path = run.path / name
    if path.suffix == ".safetensors":
        return checkpoint.load(path)
    readers: dict[str, Callable[[], object]] = {
        "run.json": lambda: Run.open(run.path),
        "metrics.csv": run.read_metrics,
        "tokenizer.json": run.read_vocabulary,
        "training_dynamics": lambda: training_dynamics.read([path]),
        "findings": lambda: findings.load(path.with_suffix(".json")),
    }
    return readers[name.split("/")[0]]()


def test_a_run_as_it_was_written(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    result = check(run)
    files = {path for path in run.path.rglob("*") if path.is_file()}
    listed = {path.relative_to(run.path).as_posix() for path in files}
    assert set(result.whole) == {name for name in listed if not name.startswith("locks/")}
    assert (result.damaged, result.unknown) == ({}, [])
    with pytest.raises(SystemExit) as end:
        main(["show", "--check", str(run.path)])
    assert end.value.code == 0
    assert f"{len(result.whole)} files are as they were written" in capsys.readouterr().out


def test_no_flipped_bit_goes_unnoticed(run: Run) -> None:
    """At random places of every file: `check` names the file, and so does whoever reads it."""
    draw = random.Random(0)
    for name in names(run):
        path = run.path / name
        content = path.read_bytes()
        for _ in range(40 if len(content) < 20_000 else 5):
            damaged = bytearray(content)
            damaged[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
            path.write_bytes(damaged)
            assert is_noticed(run, name), name
            if name not in UNREAD and name != "manifest.json":
                with pytest.raises(RunError) as caught:
                    read(run, name)
                assert path.stem in caught.value.message
                assert len(str(caught.value).splitlines()) == 2
        path.write_bytes(content)


def is_noticed(run: Run, name: str) -> bool:
    return name in check(run).damaged


@pytest.mark.parametrize(
    "name", ["best", "last", "metrics.csv", "tokenizer.json", "claims.json", "epoch-0002.npz"]
)
def test_a_missing_file_is_named(name: str, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.update(status="interrupted")  # a finished one needs no state to resume from
    (path,) = (path for path in run.path.rglob(f"{name}*") if path.suffix != ".lock")
    path.unlink()
    with pytest.raises(SystemExit) as end:
        main(["show", "--check", str(run.path)])
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert f"damaged      {path.relative_to(run.path)}: " in out
    assert str(path) in err.splitlines()[0]
    assert len(err.splitlines()) == 2


def test_files_that_were_exchanged_are_named(run: Run) -> None:
    """Whole files, but of another finding."""
    curves, points = (run.findings / f"{name}.npz" for name in ("curves", "tsne"))
    content = curves.read_bytes()
    curves.write_bytes(points.read_bytes())
    points.write_bytes(content)
    assert set(check(run).damaged) == {"findings/curves.json", "findings/tsne.json"}
    for name in ("curves", "tsne"):
        with pytest.raises(RunError, match=f"{name}.npz has changed"):
            findings.load(run.findings / f"{name}.json")


def test_a_file_elsewhere_leaves_the_run_folder_alone(tmp_path: Path) -> None:
    """A report on a run that cannot be written to."""
    (tmp_path / "run").mkdir()
    with manifest.recording(tmp_path / "run", [tmp_path / "report.html"]):
        (tmp_path / "report.html").write_text("a page")
    assert list((tmp_path / "run").iterdir()) == []


def test_a_damaged_manifest_is_begun_again(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    (run.path / manifest.NAME).write_text("{")
    report_files.write_report([run])
    assert "manifest.json: cannot be read" in capsys.readouterr().err
    assert set(manifest.read(run.path)) == {"report.html"}
    assert check(run).damaged == {}


def test_other_files_are_listed_and_are_no_error(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    (run.path / "notes.txt").write_text("mine")
    with pytest.raises(SystemExit) as end:
        main(["show", "--check", "--json", str(run.path)])
    assert end.value.code == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["unknown"], shown["damaged"]) == (["notes.txt"], {})


def test_no_bit_of_the_log_goes_unnoticed(run: Run) -> None:
    """A newline with one bit flipped ends a line, too, for some readers."""
    content = run.metrics.read_bytes()
    for place, bit in itertools.product(range(len(content)), range(8)):
        damaged = bytearray(content)
        damaged[place] ^= 1 << bit
        run.metrics.write_bytes(damaged)
        with pytest.raises(RunError):
            run.read_metrics()
