from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from synthetic_runs import make_info

from glassnet.errors import RunError
from glassnet.runs import folder, group, removal
from glassnet.runs.folder import Run
from glassnet.runs.group import Group

INFO = {name: make_info()[name] for name in ("task", "preset", "config", "command", "data")}


@pytest.fixture
def five(tmp_path: Path) -> Group:
    return Group.create(tmp_path, "cnn-mnist-seeds", [3, 0, 1, 7, 2], INFO)


def add(group: Group, seed: int, status: str = "finished") -> Run:
    name = group.member(seed).name
    return Run.create(group.path, name, INFO | {"seed": seed, "status": status})


def test_groups_of_one_name_are_numbered(five: Group) -> None:
    another = Group.create(five.path.parent, "cnn-mnist-seeds", [0, 1], INFO)
    assert another.name == another.info["name"] == "cnn-mnist-seeds-2"
    assert [each.name for each in group.all_groups(five.path.parent)] == [five.name, another.name]


def test_a_group_has_its_finished_runs_by_seed(five: Group) -> None:
    for seed, status in ((0, "finished"), (7, "training"), (3, "finished")):
        add(five, seed, status)
    opened = Group.open(five.path)
    assert opened.seeds == (3, 0, 1, 7, 2)
    assert list(opened.members()) == [3, 0, 7]
    assert list(opened.runs) == [3, 0]
    assert opened.runs[3].info["seed"] == 3


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], "training"),
        (["finished"] * 5, "finished"),
        (["finished"] * 4, "training"),
        (["trained"] * 5, "trained"),
        (["finished", "training"], "training"),
        (["finished", "interrupted", "training"], "interrupted"),
        (["failed", "interrupted"], "failed"),
    ],
)
def test_status_of_a_group(five: Group, statuses: list[str], expected: str) -> None:
    for seed, status in zip(five.seeds, statuses, strict=False):
        add(five, seed, status)
    assert five.status == expected


def test_a_damaged_run_does_not_cost_the_others(
    five: Group, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (0, 1):
        add(five, seed)
    (five.member(0) / "run.json").write_text("{")
    assert list(five.runs) == [1]
    assert "seed-0" in capsys.readouterr().err
    assert five.status == "training"


def test_a_run_of_a_group_has_the_name_that_finds_it(five: Group) -> None:
    run, root = add(five, 7), five.path.parent
    assert run.name == run.info["name"] == "cnn-mnist-seeds/seed-7"
    assert folder.find(run.name, root).path == five.member(7)
    assert run.is_member
    assert run.root == root.absolute()
    assert [each.name for each in folder.all_runs(root)] == [], "it is listed with its group"
    removal.remove(run)
    assert not five.member(7).exists()


def test_a_group_is_found_by_name_and_by_path(five: Group) -> None:
    root = five.path.parent
    assert group.find("cnn-mnist-seeds", root).path == five.path
    assert group.find(str(five.path)).path == five.path
    assert group.search("cnn-mnist", root) is None
    assert group.search("a\0b", root) is None
    with pytest.raises(RunError, match="no group 'cnn-mnist-sed'") as caught:
        group.find("cnn-mnist-sed", root)
    assert caught.value.hint == "did you mean cnn-mnist-seeds?"
    Run.create(root, "cnn-mnist", INFO)
    with pytest.raises(RunError, match="one run, and a group"):
        group.find("cnn-mnist", root)


def test_who_needs_one_run_is_given_the_name_of_a_member(five: Group) -> None:
    add(five, 3)
    with pytest.raises(RunError, match="a group of runs, and one run is needed") as caught:
        folder.find("cnn-mnist-seeds", five.path.parent)
    assert caught.value.hint.endswith("for example cnn-mnist-seeds/seed-3")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"seeds": [0]}, "seeds"),
        ({"seeds": [0, 0]}, "twice"),
        ({"seeds": [0, -1]}, "seeds"),
        ({"seeds": "0,1"}, "seeds"),
        ({"seeds": ["../x", 1]}, "seeds"),
        ({"task": None}, "task"),
    ],
)
def test_a_damaged_group_is_refused(five: Group, changes: dict[str, Any], reason: str) -> None:
    changed = five.info | changes | {"checksum": None}
    five.info_file.write_text(json.dumps(changed))
    with pytest.raises(RunError, match=rf"(?s)group\.json: cannot be read.*{reason}"):
        Group.open(five.path)


def test_an_edited_group_and_a_newer_one_are_refused(five: Group, tmp_path: Path) -> None:
    five.info_file.write_text(five.info_file.read_text().replace("mnist", "mnits"))
    with pytest.raises(RunError, match="changed since"):
        Group.open(five.path)
    newer = five.info | {"format": 2, "checksum": None}
    five.info_file.write_text(json.dumps(newer))
    with pytest.raises(RunError, match="newer"):
        Group.open(five.path)
    with pytest.raises(RunError, match="not a group"):
        Group.open(tmp_path)
