"""A run.json with wrong types at any place: two lines that name it; other runs are listed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from synthetic_runs import make_info

from glassnet import formats
from glassnet.cli import main
from glassnet.cli.show import outcome
from glassnet.errors import GlassnetError, RunError
from glassnet.explain.report_files import claimed_findings
from glassnet.runs.folder import Run, find

WRONG: tuple[Any, ...] = (None, [], {}, "x", -1, 0.5, True, [[]], {"x": None}, 10**400)

INFO = make_info(
    explain_records=[{"id": "a"}],
    evaluated={"samples": 5},
    evaluated_checkpoint={"epoch": 12, "digest": "0"},
    sha256={"metrics.csv": "0"},
)


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = list(value.items()) if isinstance(value, dict) else []
    for key, below in items or (list(enumerate(value)) if isinstance(value, list) else []):
        yield (*place, key)
        yield from places(below, (*place, key))


def with_value(info: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = inner = copy.deepcopy(info)
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return changed


@pytest.fixture
def run(tmp_path: Path) -> Run:
    path = tmp_path / INFO["name"]
    path.mkdir()
    path.joinpath("run.json").write_bytes(
        formats.json_with_checksum({"format": 1} | INFO, indent=1)
    )
    return Run.open(path)


def error_of(run: Run) -> GlassnetError | None:
    """What `show`, `runs` and `report` say of it."""
    try:
        opened = find(str(run.path))
        outcome(opened)
        claimed_findings(opened)
    except GlassnetError as error:
        return error
    return None


def test_a_wrong_type_at_any_place_is_an_error_of_two_lines_or_does_no_harm(run: Run) -> None:
    refused = set()
    for place in {place[:4] for place in places({"format": 1} | INFO)}:
        for value in WRONG:
            body = with_value({"format": 1} | INFO, place, value)
            run.info_file.write_bytes(formats.json_with_checksum(body, indent=1))
            if error := error_of(run):
                assert len(str(error).splitlines()) == 2
                assert str(run.path) in error.message
                refused.add(place)
    wrong = {("results",), ("data", "input_shape"), ("best", "epoch"), ("seconds", "train")}
    assert wrong <= refused


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"checksum":' * 100_000,
        b"\xff",
        b"",
        formats.json_with_checksum({"format": 1} | INFO | {"results": None}, indent=1),
        formats.json_with_checksum({"format": 1} | INFO | {"epochs_done": "x"}, indent=1),
    ],
    ids=["deep list", "deep object", "no text", "empty", "results", "epochs"],
)
def test_one_damaged_run_leaves_the_list_of_the_others(
    content: bytes, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "run.json").write_bytes(content)
    (tmp_path / "folder" / "run.json").mkdir(parents=True)
    with pytest.raises(SystemExit) as end:
        main(["runs", "--runs", str(tmp_path), "--json"])
    assert end.value.code == 0
    out, err = capsys.readouterr()
    assert [info["name"] for info in json.loads(out)] == [run.name]
    left_out = sorted(err.splitlines())
    assert [line.startswith("left out: ") for line in left_out] == [True, True]
    assert str(tmp_path / "damaged" / "run.json") in left_out[0]


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "\udcff", "", "."])
def test_names_that_no_run_has(name: str, tmp_path: Path, here: Path) -> None:
    with pytest.raises(RunError):
        find(name, tmp_path)


def test_files_with_odd_names_are_left_out(run: Run) -> None:
    for name in ("epoch-x", "epoch-", "epoch-0001-copy", "epoch-١٢٣٤", "epoch--001", "epoch-0003"):
        for folder, extension in (("checkpoints", ".safetensors"), ("training_dynamics", ".npz")):
            path = run.path / folder / f"{name}{extension}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"")
    assert run.snapshots == run.training_dynamics_epochs == (3,)
