from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from notebooks import card
from PIL import Image

import glassnet as gn
from glassnet import config, findings, tasks
from glassnet.data.images.load import load_images
from glassnet.errors import ConfigError, GlassnetError, RunError, UsageError
from glassnet.runs.folder import Run, all_runs
from glassnet.tasks.cnn.task import ImageClassifier


@pytest.fixture
def run(trained: Run) -> gn.TrainedRun:
    return gn.load(trained.path)


def test_run_json_has_everything_needed_to_repeat_the_run(run: gn.TrainedRun) -> None:
    info = run.info
    assert info["status"] == "finished"
    assert (info["task"], info["preset"], info["seed"]) == ("cnn", "default", 0)
    assert info["data"]["name"] == "digits"
    assert len(info["data"]["fingerprint"]) == 64
    assert [info["data"][part] for part in ("train", "valid", "test")] == [1100, 100, 300]
    assert info["data"]["class_names"] == [str(digit) for digit in range(10)]
    assert info["data"]["input_shape"] == [1, 28, 28]
    assert info["versions"]["torch"]
    assert info["hardware"]["cores"] >= 1
    assert info["started"] <= info["ended"]
    assert {"data", "train", "evaluate"} <= set(info["seconds"])
    assert info["epochs_done"] == 4
    kind = tasks.config_type("cnn")
    chosen = kind(**config.checked(kind, info["config"], ""))
    assert info["command"] == config.command(
        "cnn", "default", chosen, tasks.preset("cnn", "default")
    )
    assert "--data digits" in info["command"]


def test_the_run_folder_has_its_files(run: gn.TrainedRun) -> None:
    found = {
        path.relative_to(run.path).as_posix() for path in run.path.rglob("*") if path.is_file()
    }
    assert {
        "run.json",
        "metrics.csv",
        "checkpoints/best.safetensors",
        "checkpoints/last.safetensors",
    } <= found
    assert not any(".part" in name or name.endswith((".pt", ".pkl", ".pth")) for name in found)


def test_the_test_accuracy_is_that_of_the_predictions(run: gn.TrainedRun) -> None:
    test = load_images("digits", seed=0).test
    accuracy = float((run.predict(test.inputs) == test.labels).mean())
    results = run.results["test"]
    assert results["accuracy"] == accuracy
    assert accuracy > 0.85
    low, high = results["interval"]
    assert low < accuracy < high
    assert results["n"] == 300


def test_validation_chose_the_epoch(run: gn.TrainedRun) -> None:
    monitored = run.metrics[f"valid_{run.info['config']['monitor']}"]
    assert run.info["best"]["epoch"] == monitored.argmin() + 1


def test_a_second_evaluation_gives_the_same_results(run: gn.TrainedRun) -> None:
    before = dict(run.results["test"])
    assert run.evaluate() == before
    assert Run.open(run.path).info["results"]["test"] == before


def test_predict_proba_gives_probabilities(run: gn.TrainedRun) -> None:
    images = load_images("digits", seed=0).test.inputs[:7]
    probabilities = run.predict_proba(images)
    assert probabilities.shape == (7, 10)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(7), abs=1e-5)
    np.testing.assert_array_equal(run.predict(images), probabilities.argmax(axis=1))


@pytest.mark.parametrize(
    "inputs",
    [
        np.zeros((2, 28, 28), np.float32),
        np.zeros((28, 28), np.uint8),
        np.zeros((0, 28, 28), np.uint8),
        np.zeros((2, 28, 27), np.uint8),
        np.zeros((2, 28, 28, 3), np.uint8),
        np.zeros((2, 1, 28, 28), np.uint8),
        np.zeros((), np.uint8),
        [],
    ],
    ids=["floats", "one image", "none", "size", "colour", "channels first", "a number", "list"],
)
def test_inputs_of_another_shape_or_type_are_refused(run: gn.TrainedRun, inputs: Any) -> None:
    with pytest.raises(UsageError) as caught:
        run.predict(inputs)
    assert "28" in caught.value.hint


def test_grey_images_may_have_a_channel_axis(run: gn.TrainedRun) -> None:
    images = load_images("digits", seed=0).test.inputs[:3]
    np.testing.assert_array_equal(run.predict(images[..., None]), run.predict(images))


def test_image_files_are_predicted_like_arrays(run: gn.TrainedRun, tmp_path: Path) -> None:
    images = load_images("digits", seed=0).test.inputs[:2]
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path)
    outputs = run.predict_proba(np.concatenate([run.read_input(path) for path in paths]))
    np.testing.assert_allclose(outputs, run.predict_proba(images), atol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layers": ["pol2"]}, "no layer 'pol2'"),
        ({"methods": ["umpa"]}, "no projection 'umpa'"),
        ({"points": 19}, "19 points are too few"),
        ({"seed": -1}, "seed -1 is negative"),
    ],
)
def test_explain_refuses_before_it_computes(
    run: gn.TrainedRun, wrong: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(run.model), "predict", lambda *_: pytest.fail("computed"))
    with pytest.raises(UsageError, match=message):
        run.explain(**wrong)
    assert not run.run.findings.exists()


def test_explain_without_methods_still_probes_the_layers(
    run: gn.TrainedRun, undrawn: list[str]
) -> None:
    made = run.explain(methods=[], points=30, layers=["output", "output"])
    assert {"separability", "confusion-matrix", "examples"} <= set(made)
    assert not {"pca", "tsne"} & set(made)
    table = made["separability"]
    assert isinstance(table, findings.Table)
    assert [row[0] for row in table.rows] == ["input", "output"]


def test_findings_of_a_layer_do_not_depend_on_the_layers_explained_before(
    trained: Run, undrawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is cached for some options must not be returned for others."""
    monkeypatch.setattr(ImageClassifier, "views", ("projections",))

    def pca(run: gn.TrainedRun, layers: list[str]) -> Any:
        return run.explain(layers, ["pca"], points=30)["pca"]

    run = gn.load(trained.path)
    pca(run, ["pool1", "output"])
    again, alone = pca(run, ["output"]), pca(gn.load(trained.path), ["output"])
    np.testing.assert_array_equal(again.panels[0].points, alone.panels[0].points)
    few = run.explain(["output"], ["pca"], points=25)["pca"]
    assert isinstance(few, findings.Scatter)
    assert len(few.labels) == len(few.panels[0].points) == 25


def test_a_notebook_shows_the_results_the_curves_and_the_files(
    verifiable: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = gn.load(verifiable.path)
    html = card(run)
    for label, value, _ in run.results["test"]["numbers"][:3]:
        assert f"{label} {value}" in html.text
    assert "finished" in html.text
    assert html.links == [f"./runs/{run.name}/report.html"]
    loss, last = html.images[0][0], run.metrics["valid_loss"][-1]
    assert loss.startswith("loss by epoch: train from ")
    assert f" to {last:.4g}" in loss
    assert f"glassnet web --open --runs {verifiable.root}" not in html.text
    monkeypatch.chdir(tmp_path.parent)
    elsewhere = card(run)
    assert f"glassnet web --open --runs {verifiable.root}" in elsewhere.text


def test_a_run_without_an_epoch_shows_itself(trained: Run) -> None:
    trained.metrics.unlink()
    with trained.editing() as info:
        info |= {"status": "training", "results": {}, "epochs_done": 0}
    html = card(gn.load(trained.path))
    assert html.images == []
    assert "killed" in html.text
    assert card(gn.load(trained.path).results).text == "no test results yet"


def test_findings_and_results_are_read_from_the_run(verifiable: Run) -> None:
    run = gn.load(verifiable.path)
    assert "confusion-matrix" in run.findings
    assert run.findings["confusion-matrix"].title in card(run.findings).text
    assert card(run.results).text.startswith(run.results["test"]["sentence"][:2])


def test_a_figure_is_a_matplotlib_figure(verifiable: Run) -> None:
    from matplotlib.figure import Figure

    run = gn.load(verifiable.path)
    assert isinstance(run.figure("training-curves"), Figure)
    for name in ("trainign", "examples"):
        with pytest.raises(UsageError, match=f"no figure '{name}'"):
            run.figure(name)


def test_a_run_is_loaded_by_its_name(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLASSNET_RUNS", str(trained.path.parent))
    assert repr(gn.load(trained.name)) == f"<glassnet run {trained.name}, finished>"
    with pytest.raises(RunError, match="there is no run") as caught:
        gn.load(trained.name[:-1])
    assert caught.value.hint == f"did you mean {trained.name}?"


@pytest.mark.parametrize(
    ("given", "kind", "hint"),
    [
        ({"task": "cnnn"}, UsageError, "did you mean cnn?"),
        ({"preset": "papr"}, UsageError, "did you mean paper?"),
        ({"data": "digist"}, UsageError, "did you mean digits?"),
        ({"epochs": 0}, ConfigError, "1 or more"),
        ({"epoch": 1}, ConfigError, "did you mean epochs?"),
        ({"device": "cdua"}, ConfigError, "--device"),
        ({"channels": (1, 2)}, ConfigError, "give 3 numbers"),
    ],
)
def test_invalid_arguments_of_train_leave_no_folder(
    given: dict[str, Any], kind: type[GlassnetError], hint: str, digits: str, tmp_path: Path
) -> None:
    task = given.pop("task", "cnn")
    with pytest.raises(kind) as caught:
        gn.train(task, runs=tmp_path / "runs", **{"data": digits, "device": "cpu"} | given)
    assert hint in caught.value.hint
    assert all_runs(tmp_path / "runs") == []


def test_a_toml_file_overrides_the_preset(digits: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('epochs = 1\nbatch_size = 600\nschedule = "cosine"\n')
    run = gn.train(
        "cnn",
        config_file=tmp_path / "a.toml",
        runs=tmp_path / "runs",
        evaluate=False,
        data=digits,
        device="cpu",
        batch_size=550,
    )
    info = run.info
    assert (info["config"]["epochs"], info["config"]["schedule"]) == (1, "cosine")
    assert info["config"]["batch_size"] == 550
    assert info["config"]["optimizer"] == "adamw"
    assert info["status"] == "trained"
    assert run.results == {}
