"""generate, predict, evaluate, explain and train with an image generator."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from calls import Capture, Words, call, done, refused, two_lines
from generators import generator
from PIL import Image

import glassnet as gn
from glassnet import config, png
from glassnet.cli.train import task_command
from glassnet.contract import StepResult
from glassnet.data.images.load import load_images
from glassnet.runs.folder import Run, all_runs
from glassnet.tasks.vae.presets import PRESETS, Config
from glassnet.tasks.vae.task import ImageGenerator


@pytest.fixture
def plain(digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return generator("plain", tmp_path / "runs", tmp_path_factory).run


@pytest.fixture
def conditional(digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return generator("conditional", tmp_path / "runs", tmp_path_factory).run


pytestmark = pytest.mark.usefixtures("here")


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_the_same_seed_gives_the_same_file(plain: Run, capsys: Capture) -> None:
    words: Words = ["generate", plain.path, "--count", "10", "--out"]
    out, err = done(capsys, *words, "a.png", "--seed", "3")
    assert (out, err) == ("a.png\n", "")
    done(capsys, *words, "b.png", "--seed", "3")
    done(capsys, *words, "c.png")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes() != Path("c.png").read_bytes()
    expected = png.grid(gn.load(plain.path).generate(10, seed=3))
    np.testing.assert_array_equal(pixels(Path("a.png")), expected)


def test_the_default_is_a_grid_of_64_images(plain: Run, capsys: Capture) -> None:
    done(capsys, "generate", plain.name, "--runs", plain.path.parent, "--out", "new/a.png")
    assert pixels(Path("new/a.png")).shape == (8 * 30 - 2, 8 * 30 - 2)


def test_separate_writes_one_file_per_image(plain: Run, capsys: Capture) -> None:
    words: Words = ["generate", plain.path, "--count", "11", "--separate", "--out", "many"]
    out, _ = done(capsys, *words)
    assert out == "11 images in many\n"
    made = gn.load(plain.path).generate(11)
    names = sorted(path.name for path in Path("many").iterdir())
    assert names == [f"{number:02}.png" for number in range(11)]
    for name, image in zip(names, made, strict=True):
        np.testing.assert_array_equal(pixels(Path("many") / name), image)


def test_temperature_and_class_are_used(conditional: Run, capsys: Capture) -> None:
    words: Words = ["generate", conditional.path, "--count", "4", "--out"]
    done(capsys, *words, "same.png", "--temperature", "0", "--class", "7", "--prior", "normal")
    run = gn.load(conditional.path)
    seven = run.decode(np.zeros((4, 4)), "7")
    np.testing.assert_array_equal(pixels(Path("same.png")), png.grid(seven))
    done(capsys, *words, "ones.png", "--class", "1")
    ones = png.grid(run.generate(4, label="1"))
    np.testing.assert_array_equal(pixels(Path("ones.png")), ones)


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["--out", "a.jpg"], "a.jpg: images are written as PNG", "name it a.png"),
        (["--out", "a"], "a: images are written as PNG", "name it a.png"),
        (["--out", "a.png", "--class", "7"], "trained without classes", "--conditional"),
        (["--out", "a.png", "--count", "0"], "0 images cannot be drawn", "1 or more"),
        (["--out", "a.png", "--count", "few"], "'few' is not a valid integer", "generate --help"),
        (["--out", "a.png", "--temperature", "-1"], "temperature -1 is out", "0 or more"),
        (["--out", "a.png", "--temperature", "nan"], "temperature nan is out", "0 or more"),
        (["--out", "a.png", "--seed", "-1"], "the seed -1 is negative", "0 or more"),
        (["--out", "a.png", "--sede", "1"], "No such option '--sede'", "did you mean --seed?"),
        (["--out", "taken", "--separate"], "taken: is a file", "choose another folder"),
        ([], "Missing option '--out'", "generate --help"),
    ],
)
def test_wrong_arguments_of_generate_are_refused(
    words: list[str], message: str, hint: str, plain: Run, here: Path, capsys: Capture
) -> None:
    (here / "taken").write_text("dear")
    printed = refused(capsys, "generate", plain.path, *words)
    assert message in printed[0]
    assert hint in printed[1]
    assert [path.name for path in here.iterdir()] == ["taken"]
    assert (here / "taken").read_text() == "dear"


def test_a_misspelt_class_is_refused(conditional: Run, capsys: Capture) -> None:
    printed = refused(capsys, "generate", conditional.path, "--out", "a.png", "--class", "77")
    assert printed[0] == f"{conditional.name} has no class '77'"
    assert printed[1] == "did you mean 7?"


# predict: reconstructions.


@pytest.fixture
def images(digits: str, tmp_path: Path) -> Path:
    """Two folders with a digit of the same name, and a third one."""
    test = load_images(digits, seed=0).test.inputs
    for number, name in enumerate(("one/digit.png", "two/digit.png", "two/other.PNG")):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(test[number]).save(path)
    return tmp_path / "images"


def test_predict_writes_the_reconstruction_of_an_image(
    plain: Run, images: Path, here: Path, capsys: Capture
) -> None:
    out, _ = done(capsys, "predict", plain.path, images / "one" / "digit.png")
    assert out == f"{images / 'one' / 'digit.png'}  digit-reconstruction.png\n"
    test = load_images("digits", seed=0).test.inputs
    expected = gn.load(plain.path).reconstruct(test[:1])[0]
    np.testing.assert_array_equal(pixels(here / "digit-reconstruction.png"), expected)


def test_reconstructions_of_files_with_equal_names_are_numbered(
    plain: Run, images: Path, here: Path, capsys: Capture
) -> None:
    files = [images / "one" / "digit.png", images / "two", images / "one" / "digit.png"]
    out, _ = done(capsys, "predict", plain.path, *files, "--out", "new/folder", "--json")
    rows = json.loads(out)
    assert [Path(row["file"]).relative_to(images).as_posix() for row in rows] == [
        "one/digit.png",
        "two/digit.png",
        "two/other.PNG",
        "one/digit.png",
    ]
    made = [Path(row["reconstruction"]) for row in rows]
    assert [path.name for path in made] == [
        "digit-reconstruction.png",
        "digit-reconstruction-2.png",
        "other-reconstruction.png",
        "digit-reconstruction-4.png",
    ]
    assert {path.name for path in made} == {path.name for path in Path("new/folder").iterdir()}
    test = load_images("digits", seed=0).test.inputs
    expected = gn.load(plain.path).reconstruct(test[[0, 1, 2, 0]])
    for path, image in zip(made, expected, strict=True):
        np.testing.assert_array_equal(pixels(path), image)


def test_an_image_of_another_size_is_resized(
    plain: Run, images: Path, here: Path, capsys: Capture
) -> None:
    small = pixels(images / "one" / "digit.png")
    Image.fromarray(small).resize((280, 280)).convert("RGB").save(here / "large.jpg")
    done(capsys, "predict", plain.path, "large.jpg")
    rebuilt = pixels(here / "large-reconstruction.png")
    assert rebuilt.shape == (28, 28)
    expected = gn.load(plain.path).reconstruct(small[None])[0].astype(float)
    assert np.abs(rebuilt - expected).mean() < 0.1 * np.abs(255 - 2 * expected).mean()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none.png", "none.png: there is no such file"),
        ("empty", "empty: there is no image in this folder"),
    ],
)
def test_a_missing_file_is_refused_before_any_reconstruction(
    name: str, message: str, plain: Run, images: Path, here: Path, capsys: Capture
) -> None:
    whole = images / "one" / "digit.png"
    (here / "empty").mkdir()
    printed = refused(capsys, "predict", plain.path, whole, name)
    assert message in printed[0]
    assert not list(here.glob("*-reconstruction*"))


def test_unreadable_files_are_reported_and_skipped(
    plain: Run, images: Path, here: Path, capsys: Capture
) -> None:
    whole = images / "one" / "digit.png"
    (here / "text.png").write_text("no image")
    (here / "cut.png").write_bytes(whole.read_bytes()[:100])
    out, err = done(capsys, "predict", plain.path, "text.png", whole, "cut.png")
    assert out == f"{whole}  digit-reconstruction.png\n"
    assert err == "2 images could not be read (text.png, cut.png)\n"
    printed = refused(capsys, "predict", plain.path, "cut.png")
    assert "cut.png: image file is truncated" in printed[0]


def test_out_must_be_a_folder(plain: Run, images: Path, here: Path, capsys: Capture) -> None:
    (here / "taken").write_text("dear")
    printed = refused(capsys, "predict", plain.path, images / "one" / "digit.png", "--out", "taken")
    assert "taken: is a file, not a folder" in printed[0]
    assert (here / "taken").read_text() == "dear"


# evaluate, show and explain.


def test_evaluate_takes_the_number_of_samples_and_examples(plain: Run, capsys: Capture) -> None:
    words: Words = ["evaluate", plain.path, "--samples", "10", "--examples", "5"]
    out, _ = done(capsys, *words)
    results = Run.open(plain.path).info["results"]["test"]
    assert (results["samples"], results["images"]) == (10, 5)
    bound = results["iwae_nll"]
    assert re.search(rf"^Bound on −log p\(x\) +{bound:.2f} nats ", out, re.MULTILINE)
    assert "10 importance samples for 5 of the 300 test images, dynamically binarised" in out
    assert "Reconstruction + KL" in out
    assert "of 4 latent dimensions used" in out
    out, _ = done(capsys, *words, "--json")
    assert json.loads(out) == results
    out, _ = done(capsys, "evaluate", plain.path, "--examples", "10000", "--samples", "2")
    assert "2 importance samples for all 300 test images" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--samples", "0"], "'--samples': 0 is not in the range"),
        (["--examples", "0"], "'--examples': 0 is not in the range"),
        (["--examples", "1"], "20 samples of 1 examples give no confidence interval"),
    ],
)
def test_too_few_samples_or_examples_are_refused(
    words: list[str], message: str, plain: Run, capsys: Capture
) -> None:
    printed = refused(capsys, "evaluate", plain.path, *words)
    assert message in printed[0]
    assert Run.open(plain.path).info == plain.info


def test_show_prints_the_bound_with_its_samples(plain: Run, capsys: Capture) -> None:
    out, _ = done(capsys, "show", plain.path)
    for label, value, note in plain.info["results"]["test"]["numbers"]:
        assert re.search(rf"^{re.escape(label)} +{re.escape(f'{value}  ({note})')}$", out, re.M)
    assert "20 importance samples for 10 of the 300 test images" in out
    assert plain.info["command"] in out
    assert len(plain.info["results"]["test"]["numbers"]) == 3


@pytest.fixture
def scored(
    plain: Run, trained_folder: Path, undrawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[Run, Run]:
    """An image generator and a classifier of the same data; explain runs one view only."""
    monkeypatch.setattr(ImageGenerator, "views", ("sample_quality.sample_quality",))
    beside = plain.path.parent / trained_folder.name
    return plain, Run.open(Path(shutil.copytree(trained_folder, beside)))


def test_a_classifier_on_the_same_data_is_the_reference_classifier(
    scored: tuple[Run, Run], capsys: Capture
) -> None:
    plain, reference_classifier = scored
    out, err = done(capsys, "explain", plain.path, "--points", "40", "--method", "pca")
    assert re.search("^sample-quality +[0-9]", out, re.MULTILINE)
    assert f"the classifier {reference_classifier.name}" in out
    assert "not measured" not in err
    finding = json.loads((plain.findings / "sample-quality.json").read_text())
    command = finding["provenance"]["command"]
    assert command.startswith(f"glassnet explain {plain.name} --layers mean")
    assert "--reference-classifier" not in command
    assert out.splitlines()[-1].endswith(str(plain.figures))


def test_a_named_reference_classifier_is_in_the_command(
    scored: tuple[Run, Run], tmp_path: Path, capsys: Capture
) -> None:
    """It is in another folder, and replaces the one that would have been found."""
    plain, reference_classifier = scored
    other = Path(shutil.copytree(reference_classifier.path, tmp_path / "elsewhere" / "cnn-other"))
    words: Words = [
        "explain",
        plain.path,
        "--points",
        "40",
        "--method",
        "pca",
        "--reference-classifier",
        other,
    ]
    out, _ = done(capsys, *words)
    assert "the classifier cnn-other" in out
    assert reference_classifier.name not in out
    finding = json.loads((plain.findings / "sample-quality.json").read_text())
    assert finding["provenance"]["command"].endswith("--reference-classifier cnn-other")


def test_a_missing_reference_classifier_is_reported(
    plain: Run, undrawn: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageGenerator, "views", ("sample_quality.sample_quality",))
    out, err = done(capsys, "explain", plain.path, "--points", "40", "--method", "pca")
    assert "no classifier trained on these data was found" in err
    assert not re.search("^sample-quality ", out, re.MULTILINE)


def test_unsuitable_reference_classifiers_are_refused(
    scored: tuple[Run, Run], capsys: Capture
) -> None:
    plain, reference_classifier = scored
    printed = refused(capsys, "explain", plain.path, "--reference-classifier", plain.path)
    assert printed[0] == f"{plain.name} cannot be the reference classifier: it is not a classifier"
    assert "classifier" in printed[1]
    reference_classifier.update(
        data=reference_classifier.info["data"] | {"input_shape": [3, 32, 32]}
    )
    printed = refused(
        capsys, "explain", plain.path, "--reference-classifier", reference_classifier.path
    )
    assert "have the shape [3, 32, 32]" in printed[0]
    runs: Words = ["--runs", plain.path.parent]
    printed = refused(
        capsys,
        "explain",
        plain.path,
        *runs,
        "--reference-classifier",
        reference_classifier.name[:-1],
    )
    assert printed[1] == f"did you mean {reference_classifier.name}?"
    assert not plain.findings.exists()


# train.

SMALL = ["--data", "digits", "--epochs", "1", "--batch-size", "400", "--channels", "4,8"]
SMALL += ["--hidden-size", "8", "--latent-dim", "2", "--device", "cpu", "--threads", "1"]
SMALL += ["--nll-samples", "5", "--nll-examples", "4"]


def test_the_command_in_run_json_trains_the_same_network(
    digits: str, tmp_path: Path, capsys: Capture
) -> None:
    words: Words = ["train", "vae", *SMALL, "--conditional", "--likelihood", "logistic", "--quiet"]
    out, err = done(capsys, *words, "--runs", tmp_path / "first")
    assert err == ""
    assert re.search(r"^Bound on −log p\(x\) +[0-9.]+ nats .*8-bit pixels", out, re.MULTILINE)
    (first,) = all_runs(tmp_path / "first")
    assert first.info["config"]["conditional"] is True
    program, *again = shlex.split(first.info["command"])
    assert program == "glassnet"
    assert "--conditional" in again
    done(capsys, *again, "--quiet", "--runs", tmp_path / "second")
    (second,) = all_runs(tmp_path / "second")
    assert second.best.read_bytes() == first.best.read_bytes()
    assert second.info["results"] == first.info["results"]
    assert second.info["command"] == first.info["command"]


def test_a_boolean_field_has_two_flags(digits: str, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.toml").write_text("conditional = true\n")
    words: Words = ["train", "vae", *SMALL, "--quiet", "--no-test", "--config", tmp_path / "a.toml"]
    done(capsys, *words, "--runs", tmp_path / "yes")
    done(capsys, *words, "--no-conditional", "--runs", tmp_path / "no")
    (yes,), (no,) = all_runs(tmp_path / "yes"), all_runs(tmp_path / "no")
    assert (yes.info["config"]["conditional"], no.info["config"]["conditional"]) == (True, False)
    assert "--conditional" in yes.info["command"]
    assert "conditional" not in no.info["command"]
    assert yes.info["parameters"] > no.info["parameters"]
    out, _ = done(capsys, "train", "vae", "--help")
    assert "--conditional / --no-conditional" in re.sub(r"\s+", " ", out)


@pytest.mark.parametrize("base", [True, False])
@pytest.mark.parametrize("value", [True, False])
def test_a_command_has_a_boolean_flag_where_the_preset_differs(base: bool, value: bool) -> None:
    start = Config(conditional=base)
    words = shlex.split(config.command("vae", "default", Config(conditional=value), start))
    parsed = task_command("vae").make_context("vae", words[3:]).params["conditional"]
    assert parsed == (None if base == value else value)


def test_the_command_of_every_preset_restores_it() -> None:
    for chosen in PRESETS.values():
        words = shlex.split(config.command("vae", "default", chosen, PRESETS["default"]))
        params = task_command("vae").make_context("vae", words[3:]).params
        fields = config.as_dict(chosen)
        overrides = {name: params[name] for name in fields if params.get(name) is not None}
        assert config.resolve(PRESETS["default"], overrides=overrides) == chosen


def test_a_nan_loss_gives_exit_code_1_and_two_lines(
    digits: str, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = ImageGenerator.step

    def step(self: ImageGenerator, *arguments: object) -> StepResult:
        result = original(self, *arguments)  # type: ignore[arg-type]
        return StepResult(result.loss * float("nan"), result.metrics, result.count)

    monkeypatch.setattr(ImageGenerator, "step", step)
    code, out, err = call(capsys, "train", "vae", *SMALL, "--quiet", "--runs", tmp_path / "runs")
    assert (code, out) == (1, "")
    message, hint = two_lines(err)
    assert message == "the loss is nan at batch 1 of epoch 1"
    assert "--learning-rate" in hint
    (run,) = all_runs(tmp_path / "runs")
    assert run.info["status"] == "failed"


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (
            ["--iwae-samples", "3", "--free-bits", "0.1"],
            "has no meaning where iwae_samples = 3",
            "leave out --free-bits or --iwae-samples",
        ),
        (["--channels", "4,4,4,4,4"], "cannot be halved 5 times", "fewer --channels"),
        (["--image-size", "32"], "digits is built in", "--image-size"),
    ],
)
def test_options_that_contradict_each_other_or_the_data_are_refused(
    words: list[str], message: str, hint: str, digits: str, tmp_path: Path, capsys: Capture
) -> None:
    printed = refused(capsys, "train", "vae", *SMALL, *words, "--runs", tmp_path / "runs")
    assert message in printed[0]
    assert hint in printed[1]
    assert all_runs(tmp_path / "runs") == []
