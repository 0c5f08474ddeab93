from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from glassnet import tasks
from glassnet.config import TrainingConfig
from glassnet.errors import UsageError
from glassnet.insight import views


def test_every_folder_is_a_task_of_its_own_name() -> None:
    folders = {path.parent.name for path in Path(tasks.__file__).parent.glob("*/task.py")}
    assert folders <= set(tasks.names())
    for name in tasks.names():
        task = tasks.load(name)
        assert task.name == name
        assert issubclass(tasks.config_type(name), TrainingConfig)
        assert task.metric(task.metrics[0].name).has_curve
        assert task.feature_layer in task.layers
        assert task.outputs
        assert task.layers
        assert all(callable(views.load(name)) for name in task.views)


@pytest.mark.parametrize("name", ["cnn", "lstm"])
def test_an_accuracy_is_a_percentage(name: str) -> None:
    assert tasks.load(name).metric("accuracy").format(0.9934) == "99.34 %"


@pytest.mark.parametrize("lookup", [tasks.load, tasks.presets, tasks.config_type])
def test_a_misspelt_task(lookup: object) -> None:
    with pytest.raises(UsageError, match="there is no task 'cnnn'") as caught:
        lookup("cnnn")  # type: ignore[operator]
    assert caught.value.hint == "did you mean cnn?"


def test_a_misspelt_preset() -> None:
    with pytest.raises(UsageError, match="cnn has no preset 'papr'") as caught:
        tasks.preset("cnn", "papr")
    assert caught.value.hint == "did you mean paper?"


def test_another_package_adds_a_task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "elsewhere"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "presets.py").write_text(
        "from glassnet.config import TrainingConfig as Config\nPRESETS = {'default': Config()}\n"
    )
    (package / "task.py").write_text("TASK = 'a task'\n")
    monkeypatch.syspath_prepend(tmp_path)
    entry = metadata.EntryPoint("mlp", "elsewhere", "glassnet.tasks")
    monkeypatch.setattr(metadata, "entry_points", lambda group: [entry])
    try:
        assert {"cnn", "mlp"} <= set(tasks.names())
        assert str(tasks.load("mlp")) == "a task"
        assert tasks.preset("mlp", "default") == TrainingConfig()
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "elsewhere"]:
            del sys.modules[name]
