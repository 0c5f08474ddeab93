from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import Any

import pytest

from glassnet import config, tasks
from glassnet.cli.train import task_command
from glassnet.config import TrainingConfig, epochs_for_few_steps
from glassnet.errors import ConfigError, flag
from glassnet.tasks.cnn.presets import PRESETS, Config


def resolved(file: Path | None = None, base: Config | None = None, **overrides: Any) -> Config:
    return config.resolve(base or PRESETS["default"], file=file, overrides=overrides)


def test_toml_sets_fields_of_every_type(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(
        'data = "a \\"quoted\\" \\\\ name\\twith é"\nseed = 9223372036854775807\n'
        'learning_rate = 1e-7\nchannels = [1, 2]\nnetwork = "paper"\nkernel_size = 7\n'
        "tensorboard = true\n",
        encoding="utf-8",
    )
    assert resolved(path) == dataclasses.replace(
        PRESETS["default"],
        data='a "quoted" \\ name\twith é',
        seed=2**63 - 1,
        learning_rate=1e-7,
        channels=(1, 2),
        network="paper",
        kernel_size=7,
        tensorboard=True,
    )


def test_later_sources_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.toml"
    path.write_text('threads = 2\nepochs = 3\ndevice = "file"\n')
    assert resolved().epochs == 8
    assert resolved(path).epochs == 3
    assert resolved(path, epochs=5).epochs == 5
    assert (resolved(path).threads, resolved(path).device) == (2, "file")
    monkeypatch.setenv("GLASSNET_THREADS", "4")
    monkeypatch.setenv("GLASSNET_DEVICE", "cpu")
    assert (resolved(path).threads, resolved(path).device) == (4, "cpu")
    assert resolved(path, threads=1, device="cuda").threads == 1
    assert resolved(path, threads=1, device="cuda").device == "cuda"
    monkeypatch.setenv("GLASSNET_DEVICE", "")
    assert resolved(path).device == "file"


def test_nothing_given_leaves_the_preset() -> None:
    for preset in PRESETS.values():
        assert resolved(base=preset) == preset


BAD = [
    ("epochs", 0, "epochs = 0 is out of bounds", "1 or more"),
    ("epochs", 1.5, "epochs = 1.5 is not an integer", ""),
    ("epochs", True, "epochs = True is not an integer", ""),
    ("epochs", "3", "epochs = '3' is not an integer", ""),
    ("epochs", None, "epochs = None is not an integer", ""),
    ("seed", -1, "seed = -1 is out of bounds", "from 0 to"),
    ("seed", 2**63, "is out of bounds", "from 0 to"),
    ("learning_rate", 0.0, "learning_rate = 0.0 is out of bounds", "more than 0"),
    ("learning_rate", float("nan"), "learning_rate = nan is out of bounds", "more than 0"),
    ("learning_rate", float("inf"), "learning_rate = inf is out of bounds", "more than 0"),
    ("learning_rate", "fast", "learning_rate = 'fast' is not a number", ""),
    ("dropout", 1.0, "dropout = 1.0 is out of bounds", "from 0 to"),
    ("dropout", False, "dropout = False is not a number", ""),
    ("valid_fraction", 0, "valid_fraction = 0 is out of bounds", "above 0 to 0.5"),
    ("optimizer", "adma", "optimizer = 'adma' is unknown", "did you mean adam?"),
    ("optimizer", ["adam"], "is unknown", ""),
    ("kernel_size", 4, "kernel_size = 4 is unknown", "known: 3, 5, 7"),
    ("kernel_size", "5", "kernel_size = '5' is unknown", ""),
    ("kernel_size", 5.0, "kernel_size = 5.0 is unknown", ""),
    ("channels", [], "channels = [] is not a list", "[24, 48, 96]"),
    ("channels", 8, "channels = 8 is not a list", "[24, 48, 96]"),
    ("channels", "8,16", "channels = '8,16' is not a list", "[24, 48, 96]"),
    ("channels", [8, "a"], "channels = 'a' is not an integer", ""),
    ("channels", [8, 0], "channels = 0 is out of bounds", "1 or more"),
    ("data", 3, "data = 3 is not a string", ""),
    ("epoch", 3, "there is no field 'epoch'", "did you mean epochs?"),
]


@pytest.mark.parametrize(("name", "value", "message", "hint"), BAD)
def test_a_bad_value_names_the_field_and_what_it_may_be(
    name: str, value: Any, message: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(**{name: value})
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs = 0", "a.toml: epochs = 0 is out of bounds"),
        ("epoch = 1", "a.toml: there is no field 'epoch'"),
        ("[training]\nepochs = 1", "a.toml: there is no field 'training'"),
        ("a = 1\nepochs = ", "a.toml: not valid TOML"),
        ("epochs = 1 # \xff", "a.toml: cannot be read (not UTF-8 text)"),
        ("channels = [[8]]", "a.toml: channels = [8] is not an integer"),
        ("data = 2026-01-01", "a.toml: data = datetime.date(2026, 1, 1) is not a string"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError) as caught:
        resolved(path)
    assert message in caught.value.message
    assert caught.value.message.startswith(str(tmp_path))


def test_invalid_toml_has_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("epochs = 1\nseed = \n")
    with pytest.raises(ConfigError, match="line 2"):
        resolved(path)


def test_a_missing_file(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError, match="cannot be read") as caught:
            resolved(path)
        assert caught.value.hint == "check --config"


@pytest.mark.parametrize("value", ["two", "-1", "1.5"])
def test_a_bad_environment_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", value)
    with pytest.raises(ConfigError, match="the environment: threads"):
        resolved()


def test_every_field_is_documented() -> None:
    for task in tasks.names():
        kind = tasks.config_type(task)
        docs = config.field_docs(kind)
        for field in dataclasses.fields(kind):
            assert docs[field.name].endswith("."), field.name


def test_every_preset_holds() -> None:
    for task in tasks.names():
        for preset in tasks.presets(task).values():
            kind = tasks.config_type(task)
            assert isinstance(preset, kind)
            values = {field.name: getattr(preset, field.name) for field in dataclasses.fields(kind)}
            assert kind(**config.checked(kind, values, "")) == preset
        assert "default" in tasks.presets(task)


def test_a_configuration_survives_run_json() -> None:
    import json

    for chosen in PRESETS.values():
        stored = json.loads(json.dumps(config.as_dict(chosen)))
        assert Config(**config.checked(Config, stored, "run.json")) == chosen


def parsed(line: str) -> Config:
    """The configuration that a command line gives, read by the real command."""
    program, verb, task, *words = shlex.split(line)
    assert (program, verb) == ("glassnet", "train")
    context = task_command(task).make_context(task, words)
    given = {
        name: value
        for name, value in context.params.items()
        if value is not None and name in config.field_docs(Config)
    }
    base = tasks.preset(task, context.params["preset"])
    assert isinstance(base, Config)
    return resolved(base=base, **given)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"epochs": 1, "seed": 2**63 - 1},
        {"learning_rate": 1e-7, "weight_decay": 1 / 3, "valid_fraction": 0.1},
        {"network": "paper", "channels": (3, 7), "kernel_size": 3, "monitor": "accuracy"},
        {"data": "a name; with 'spaces' & more", "device": "cpu", "precision": "32"},
        {"rotate": 0.0, "dropout": 0.0, "ema_decay": 0.999, "schedule": "cosine", "patience": 3},
    ],
    ids=lambda changes: "+".join(changes) or "nothing",
)
def test_the_command_makes_the_configuration_again(preset: str, changes: dict[str, Any]) -> None:
    chosen = dataclasses.replace(PRESETS[preset], **changes)
    line = config.command("cnn", preset, chosen, PRESETS[preset])
    assert parsed(line) == chosen
    for name in set(config.as_dict(chosen)) - set(changes):
        assert f"{flag(name)} " not in f"{line} ", "only what differs is said"


def test_the_command_takes_precedence_over_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GLASSNET_THREADS", "3")
    chosen = resolved()
    line = config.command("cnn", "default", chosen, PRESETS["default"])
    monkeypatch.delenv("GLASSNET_THREADS")
    assert parsed(line) == chosen


def test_bounds_read_well() -> None:
    assert str(config.Bounds(1)) == "1 or more"
    assert str(config.Bounds(0, open_low=True)) == "more than 0"
    assert str(config.Bounds(0, 180)) == "from 0 to 180"


def test_the_example_of_the_docstring() -> None:
    base = TrainingConfig()
    line = config.command("cnn", "default", dataclasses.replace(base, epochs=3), base)
    assert line == "glassnet train cnn --epochs 3"


def test_few_steps_get_more_epochs_and_many_get_no_others() -> None:
    assert epochs_for_few_steps(8, 215) == 8
    assert epochs_for_few_steps(8, 25) == 8
    assert epochs_for_few_steps(8, 24) == 9
    assert epochs_for_few_steps(8, 1) == 200


def test_small_training_sets_have_up_to_twice_the_epochs_of_a_task_that_needs_them() -> None:
    assert [epochs_for_few_steps(6, steps, usual_steps=130) for steps in (130, 129)] == [6, 7]
    assert epochs_for_few_steps(6, 65, usual_steps=130) == 12
    assert epochs_for_few_steps(6, 40, usual_steps=130) == 12
    assert epochs_for_few_steps(6, 10, usual_steps=130) == 20
