from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from synthetic_runs import make_info

from glassnet.errors import RunError, StorageError, UsageError
from glassnet.runs.folder import (
    FORMAT,
    Run,
    all_runs,
    default_root,
    find,
)
from glassnet.runs.names import check_name, default_name

INFO: dict[str, object] = {"task": "cnn", "config": {}, "data": make_info()["data"]}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.create(tmp_path, "cnn-mnist", INFO | {"class_names": ["zéro", "un"]})


def test_runs_of_one_name_are_numbered(tmp_path: Path) -> None:
    for other in ("cnn-mnist-2b", "cnn-mnist-photos-9", "a-cnn-mnist-9", "cnn-mnist-07"):
        (tmp_path / other).mkdir()
    runs = [Run.create(tmp_path, "cnn-mnist", INFO | {"seed": n}) for n in range(3)]
    assert [run.name for run in runs] == ["cnn-mnist", "cnn-mnist-2", "cnn-mnist-3"]
    assert [Run.open(run.path).info["seed"] for run in runs] == [0, 1, 2]
    for run in runs[:2]:
        shutil.rmtree(run.path)
    assert Run.create(tmp_path, "cnn-mnist", INFO).name == "cnn-mnist-4", "3 is older"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("mnist", "cnn-mnist"),
        ("/home/me/My photos (2024)/", "cnn-My-photos-2024"),
        ("reviews.csv", "cnn-reviews"),
        ("reviews.csv.gz", "cnn-reviews"),
        ("v1.2", "cnn-v1.2"),
        ("отзывы.tsv", "cnn-отзывы"),
        ("/", "cnn"),
        ("...", "cnn"),
        (".csv", "cnn-csv"),
        ("a" * 300, "cnn-" + "a" * 60),
        ("x\x1b[31m\n", "cnn-x-31m"),
    ],
)
def test_a_run_is_named_after_its_data(data: str, name: str) -> None:
    assert default_name("cnn", data) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "a/b", "/tmp/a", "a\\b", "-a", "a b", "a\n", "x" * 101]
)
def test_names_that_lead_elsewhere_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a name"):
        check_name(name, tmp_path)


def test_the_name_of_another_run_is_refused(run: Run) -> None:
    with pytest.raises(UsageError, match="there is a run cnn-mnist") as caught:
        check_name(run.name, run.path.parent)
    assert "glassnet rm cnn-mnist" in caught.value.hint
    assert check_name("cnn-mnist-b", run.path.parent) == "cnn-mnist-b"


def test_run_json_has_the_name(run: Run) -> None:
    assert run.info["name"] == run.name == "cnn-mnist"
    assert run.info["format"] == FORMAT


def test_run_json_can_be_read_by_a_person(run: Run) -> None:
    text = (run.path / "run.json").read_text(encoding="utf-8")
    assert "zéro" in text
    assert text.endswith("}\n")
    first, *lines = text.splitlines(keepends=True)
    assert lines.pop(0).startswith('  "checksum": "glassnet-sha256:')
    assert first + "".join(lines) == json.dumps(run.info, indent=2, ensure_ascii=False) + "\n"


def test_an_edited_run_json_is_refused_until_its_checksum_is_null(run: Run) -> None:
    text = run.info_file.read_text().replace("zéro", "null")
    run.info_file.write_text(text)
    with pytest.raises(RunError, match=r"run\.json: cannot be read .*changed") as caught:
        Run.open(run.path)
    assert caught.value.hint.endswith("set its checksum to null")
    run.info_file.write_text(re.sub('"glassnet-sha256:.*?"', "null", text))
    assert Run.open(run.path).info["class_names"] == ["null", "un"]


def test_update_is_on_disk_at_once_and_keeps_the_rest(run: Run) -> None:
    run.update(status="training", best={"epoch": 3, "value": 0.1})
    again = Run.open(run.path)
    assert again.info == run.info
    assert again.info["status"] == "training"
    assert again.info["task"] == "cnn"


def test_a_number_that_json_has_not_leaves_the_file_as_it_was(run: Run) -> None:
    before = (run.path / "run.json").read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        run.update(loss=float("nan"))
    assert (run.path / "run.json").read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "[]", '"cnn"', "{}", "\xff\xfe", '{"format": 1}'])
def test_a_damaged_run_json(run: Run, text: str) -> None:
    (run.path / "run.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=r"run\.json: cannot be read") as caught:
        Run.open(run.path)
    assert len(str(caught.value).splitlines()) == 2


def test_a_newer_format_is_refused(run: Run) -> None:
    run.update(format=FORMAT + 1)
    with pytest.raises(RunError, match="newer glassnet") as caught:
        Run.open(run.path)
    assert caught.value.hint == "upgrade glassnet"


@pytest.mark.parametrize("format_", ["1", None, 1.5, []])
def test_a_format_that_is_no_number_is_damage(run: Run, format_: object) -> None:
    run.update(format=format_)
    with pytest.raises(RunError):
        Run.open(run.path)


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run folder"):
        Run.open(tmp_path)
    with pytest.raises(RunError, match="not a run folder"):
        Run.open(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="not a run folder"):
        Run.open(tmp_path / "file")


def test_snapshots_are_listed_by_epoch_and_nothing_else_is(run: Run) -> None:
    """As numbers: epoch 10,000 comes after epoch 9,999, whatever their names' order."""
    assert run.snapshots == (), "before training there is not even a folder"
    run.best.parent.mkdir()
    for epoch in (10_000, 0, 20, 9_999, 3):
        run.snapshot(epoch).write_bytes(b"")
    for path in (run.best, run.last, run.best.with_name("epoch-0007.safetensors.part")):
        path.write_bytes(b"")
    assert run.snapshots == (0, 3, 20, 9_999, 10_000)
    assert run.snapshot(3) == run.path / "checkpoints" / "epoch-0003.safetensors"


def test_find_by_path_and_by_name(run: Run, tmp_path: Path) -> None:
    assert find(str(run.path)).path == run.path
    assert find(run.name, tmp_path).path == run.path


def test_find_uses_the_environments_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert default_root() == Path("runs")
    monkeypatch.setenv("GLASSNET_RUNS", str(tmp_path))
    assert find(run.name).path == run.path


def test_find_suggests_the_nearest_name(run: Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run") as caught:
        find(run.name.replace("mnist", "mnits"), tmp_path)
    assert caught.value.hint == f"did you mean {run.name}?"
    with pytest.raises(RunError) as caught:
        find("anything", tmp_path / "empty")
    assert caught.value.hint == "there are none yet"


def test_find_refuses_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="not a run folder"):
        find(str(tmp_path))


def test_all_runs_are_listed_oldest_first_and_rubbish_is_passed_over(tmp_path: Path) -> None:
    starts = {"b": "2026-01-02", "a": "2026-01-03", "c": "2026-01-01"}
    for stem, started in starts.items():
        Run.create(tmp_path, stem, INFO | {"started": started})
    (tmp_path / "notes").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    assert [run.name[0] for run in all_runs(tmp_path)] == ["c", "b", "a"]
    assert all_runs(tmp_path / "nowhere") == []


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StorageError) as caught:
            Run.create(root, "cnn", INFO)
        assert "--runs" in caught.value.hint
