"""A model folder predicts like its run, without the run, the data, or a path of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from forgery import rewrite
from generators import generator
from safetensors.torch import load_file

import glassnet as gn
from glassnet.data.images.load import load_images
from glassnet.errors import RunError, UsageError
from glassnet.runs import model_folder
from glassnet.runs.folder import Run

TEXTS = ["A superb story.", "", "Dull, dull, dull", "wörds nobody knows"]


@pytest.fixture
def saved(trained: Run, tmp_path: Path) -> Path:
    return gn.load(trained.path).save(tmp_path / "home" / "digits")


def images(count: int = 20) -> np.ndarray:
    return load_images("digits", seed=0).test.inputs[:count]


def test_the_folder_has_four_files_and_no_path_of_this_machine(
    saved: Path, text_classifier: Run, tmp_path: Path
) -> None:
    assert {path.name for path in saved.iterdir()} == {
        "config.json",
        "model.safetensors",
        "README.md",
    }
    texts = gn.load(text_classifier.path).save(tmp_path / "texts")
    assert {path.name for path in texts.iterdir()} == set(model_folder.FILES)
    own = Path(text_classifier.info["data"]["name"])
    for name in ("config.json", "README.md"):
        words = (texts / name).read_text(encoding="utf-8")
        assert own.name in words
        assert str(own.parent) not in words
        assert str(tmp_path) not in words
    size = sum(path.stat().st_size for path in saved.iterdir())
    assert size < 1.2 * (saved / "model.safetensors").stat().st_size + 10_000


def test_the_predictions_of_an_image_classifier_are_equal_to_the_byte(
    saved: Path, trained: Run
) -> None:
    batch, run = images(), gn.load(trained.path)
    run.predict(batch)
    shutil.rmtree(trained.path.parent)
    model = gn.load(saved)
    for method in ("predict_proba", "predict", "transform"):
        expected, actual = getattr(run, method)(batch), getattr(model, method)(batch)
        assert expected.dtype == actual.dtype
        assert expected.tobytes() == actual.tobytes()
    assert model.class_names == run.class_names
    assert model.results == run.results
    assert repr(model) == "<glassnet model digits>"


def test_the_predictions_of_a_text_classifier_are_equal_to_the_byte(
    text_classifier: Run, tmp_path: Path
) -> None:
    run = gn.load(text_classifier.path)
    model = gn.load(run.save(str(tmp_path / "texts")))
    assert model.predict_proba(TEXTS).tobytes() == run.predict_proba(TEXTS).tobytes()
    assert model.transform(TEXTS, "last_state").tobytes() == (
        run.transform(TEXTS, "last_state").tobytes()
    )


@pytest.mark.parametrize("kind", ["plain", "conditional", "logistic"])
def test_the_images_of_an_image_generator_are_equal_to_the_byte(
    kind: str, digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = generator(kind, tmp_path, tmp_path_factory)
    model = gn.load(run.save(tmp_path / "generator"))
    assert model.generate(3).tobytes() == run.generate(3).tobytes()
    codes = run.encode(images())
    assert model.encode(images()).tobytes() == codes.tobytes()
    label = "3" if kind == "conditional" else None
    assert model.decode(codes, label).tobytes() == run.decode(codes, label).tobytes()
    assert model.reconstruct(images()).tobytes() == run.reconstruct(images()).tobytes()
    with pytest.raises(UsageError, match="does not predict classes"):
        model.predict(images())


def test_transform_gives_the_activations_of_any_layer(trained: Run) -> None:
    run, batch = gn.load(trained.path), images(5)
    np.testing.assert_array_equal(run.transform(batch), run.transform(batch, "pool2"))
    assert run.transform(batch, "conv1").shape == (5, 8 * 14 * 14)
    logits = torch.from_numpy(run.transform(batch, "output"))
    np.testing.assert_allclose(logits.softmax(1), run.predict_proba(batch), atol=1e-6)
    with pytest.raises(UsageError, match="no layer 'pool3'") as caught:
        run.transform(batch, "pool3")
    assert "pool" in caught.value.hint


def test_equal_runs_give_equal_folders(saved: Path, trained: Run, tmp_path: Path) -> None:
    other = gn.load(trained.path).save(tmp_path / "again" / "digits")
    for path in saved.iterdir():
        assert (other / path.name).read_bytes() == path.read_bytes()


def test_a_model_can_be_saved_again(saved: Path, tmp_path: Path) -> None:
    other = gn.load(saved).save(tmp_path / "copy" / "digits")
    for path in saved.iterdir():
        assert (other / path.name).read_bytes() == path.read_bytes()


def test_the_weights_are_plain_safetensors(saved: Path, trained: Run) -> None:
    weights = load_file(saved / "model.safetensors")
    network = gn.load(trained.path).model.network
    assert set(weights) == set(network.state_dict())
    network.load_state_dict(weights)


def test_a_model_has_no_methods_that_need_the_data_or_the_log(saved: Path, digits: str) -> None:
    model = gn.load(saved)
    before = {path.name: path.read_bytes() for path in saved.iterdir()}
    assert type(model) is gn.RunPredictor
    for name in ("evaluate", "explain", "explain_text", "figure", "report", "verify", "export"):
        assert hasattr(gn.TrainedRun, name)
        assert not hasattr(model, name)
    for name in ("run", "metrics", "data", "evidence"):
        assert not hasattr(model, name)
    assert model.ood_detector is None
    assert not isinstance(model.folder, Run)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["gone", "cut", "empty", "one bit", "a folder"])
def test_a_damaged_folder_is_refused_in_two_lines(
    name: str, damage: str, text_classifier: Run, tmp_path: Path
) -> None:
    folder = gn.load(text_classifier.path).save(tmp_path / "model")
    path = folder / name
    content = bytearray(path.read_bytes())
    path.unlink()
    content[len(content) // 2] ^= 1
    if damage == "a folder":
        path.mkdir()
    elif damage != "gone":
        whole = {"cut": content[: len(content) // 2], "empty": b"", "one bit": content}
        path.write_bytes(whole[damage])
    if damage == "one bit" and name == "config.json":
        path.write_text(path.read_text(encoding="latin-1").replace('"task"', '"tusk"'))
    with pytest.raises((RunError, UsageError)) as caught:
        gn.load(folder).predict(TEXTS)
    assert len(str(caught.value).splitlines()) == 2
    assert str(folder) in caught.value.message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "newer glassnet"),
        ({"format": "1"}, "names no format"),
        ({"task": "cmn"}, "no task 'cmn'"),
        ({"task": 3}, "task is missing or damaged"),
        ({"config": []}, "config is missing"),
        ({"config": {"epochs": -1}}, "epochs = -1 is out of bounds"),
        ({"config": {"widht": 1}}, "no field 'widht'"),
        ({"signature": {"class_names": ["a"], "input_shape": "big"}}, "input_shape"),
        ({"signature": {"class_names": [1], "input_shape": [1, 28, 28]}}, "class_names"),
        ({"signature": {"class_names": ["a"], "input_shape": [1, -28, 28]}}, "input_shape"),
        ({"signature": {"class_names": ["a"], "input_shape": [1, 28, 28]}}, "n_ngrams is missing"),
        (
            {"signature": {"class_names": list("abc"), "input_shape": [1, 28, 28], "n_ngrams": 0}},
            "do not fit the network",
        ),
        ({"sha256": {}}, "not the file that was saved"),
        ({"versions": {}}, "none of glassnet's"),
    ],
)
def test_an_invalid_config_is_refused_in_two_lines(
    change: dict[str, Any], message: str, saved: Path, digits: str
) -> None:
    path = saved / "config.json"
    rewrite(path, lambda body: body | change)
    with pytest.raises(gn.GlassnetError) as caught:
        gn.load(saved).predict(images(2))
    assert message in caught.value.message
    assert len(str(caught.value).splitlines()) == 2


def test_a_huge_network_in_a_damaged_config_takes_no_memory(saved: Path) -> None:
    """The shapes of the weights are compared with the config before the network is built."""
    huge = {"input_shape": [1, 2**20, 2**20]}
    rewrite(saved / "config.json", lambda body: body | {"signature": body["signature"] | huge})
    with pytest.raises(RunError, match="do not fit the network") as caught:
        _ = gn.load(saved).model.network
    assert "output.weight has the shape (10, 144), not" in caught.value.message


def test_class_names_that_were_exchanged_are_noticed(saved: Path) -> None:
    path = saved / "config.json"
    path.write_text(
        path.read_text().replace('"3"', '"X"').replace('"8"', '"3"').replace('"X"', '"8"')
    )
    with pytest.raises(RunError, match=r"config\.json: cannot be read .*changed"):
        gn.load(saved)


def test_the_folder_of_another_tool_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(RunError, match="no checksum of glassnet's"):
        gn.load(tmp_path)


def test_saving_replaces_model_folders_only(saved: Path, trained: Run, tmp_path: Path) -> None:
    run = gn.load(trained.path)
    run.save(saved)
    (tmp_path / "empty").mkdir()
    run.save(tmp_path / "empty")
    (tmp_path / "file").write_text("mine")
    (saved / "notes.txt").write_text("mine")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "config.json").write_text("{}")
    for place in (saved, tmp_path / "file", foreign, trained.path):
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(UsageError) as caught:
            run.save(place)
        assert str(place) in caught.value.message
        assert sorted(tmp_path.rglob("*")) == before
    assert (saved / "notes.txt").read_text() == "mine"


def test_a_failed_save_leaves_the_old_folder(
    saved: Path, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in saved.iterdir()}

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("glassnet.atomic.os.fsync", full)
    with pytest.raises(gn.GlassnetError, match="No space left"):
        gn.load(trained.path).save(saved)
    assert {path.name: path.read_bytes() for path in saved.iterdir()} == before
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_the_model_card_has_the_data_the_metrics_and_the_limits(saved: Path, trained: Run) -> None:
    card = (saved / "README.md").read_text(encoding="utf-8")
    test, info = trained.info["results"]["test"], trained.info
    for words in (
        "an image classifier",
        "28 x 28 pixels (grey)",
        f"{info['parameters']:,} parameters",
        "1,100 training, 100 validation, 300 test examples",
        info["data"]["fingerprint"],
        "CC BY-SA 3.0",
        "Gradient-based learning applied to document",
        "glassnet train cnn --data digits",
        f"{100 * test['accuracy']:.2f} %",
        "95 % interval",
        "of 300 test examples",
        f"epoch {info['best']['epoch']} has the best validation",
        "evaluated on the test split of the same data only",
        f"{100 * test['calibration_error']:.1f} points off",
        'model = gn.load("digits")',
    ):
        assert words in card, words


def test_the_model_card_of_a_run_that_was_not_evaluated(trained: Run, tmp_path: Path) -> None:
    with trained.editing() as info:
        info.pop("results")
    card = (gn.load(trained.path).save(tmp_path / "m") / "README.md").read_text()
    assert "was not evaluated on data" in card
    assert "It was not evaluated on a test split." in card


def test_markdown_in_a_class_name_is_escaped(trained: Run, tmp_path: Path) -> None:
    names = ["a`b\n# Buy now", *"123456789"]
    trained.update(data=trained.info["data"] | {"class_names": names})
    card = (gn.load(trained.path).save(tmp_path / "m\n# x") / "README.md").read_text()
    assert "\n# Buy now" not in card
    assert card.count("\n# ") == 1


def test_the_usage_example_of_the_model_card_runs(
    saved: Path, monkeypatch: pytest.MonkeyPatch, digits: str
) -> None:
    monkeypatch.chdir(saved.parent)
    block = (saved / "README.md").read_text().split("```python\n")[1].split("```")[0]
    namespace: dict[str, Any] = {"images": images(3)}
    exec(block, namespace)
    assert namespace["model"].class_names == gn.load(saved).class_names
