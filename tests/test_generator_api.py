"""The Python interface of a trained image generator."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generators import generator

import glassnet as gn
from glassnet.data.images.load import load_images
from glassnet.errors import UsageError
from glassnet.runs.folder import Run

Make = Callable[[str], gn.TrainedRun]


@pytest.fixture
def make(digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    return lambda kind: generator(kind, tmp_path / "runs", tmp_path_factory)


@pytest.fixture
def run(make: Make) -> gn.TrainedRun:
    return make("plain")


@pytest.fixture
def images(digits: str) -> np.ndarray:
    return load_images(digits, seed=0).test.inputs[:12]


def test_generated_images_are_like_the_training_images(run: gn.TrainedRun) -> None:
    made = run.generate(5)
    assert made.shape == (5, 28, 28)
    assert made.dtype == np.uint8
    assert run.generate().shape == (64, 28, 28)
    # After two epochs there is more ink in the middle than at the rim.
    many = run.generate(200).astype(float)
    assert many[:, 8:20, 8:20].mean() > 2 * many[:, :3].mean()


def test_the_same_seed_gives_the_same_images_for_any_count(run: gn.TrainedRun) -> None:
    many = run.generate(40, seed=3)
    np.testing.assert_array_equal(gn.load(run.path).generate(5, seed=3), many[:5])
    assert (run.generate(5, seed=4) != many[:5]).any()
    assert len(np.unique(many, axis=0)) == 40


def test_temperature_0_gives_equal_images(run: gn.TrainedRun) -> None:
    made = run.generate(4, temperature=0, prior="normal")
    assert (made == made[0]).all()
    np.testing.assert_array_equal(made[:1], run.decode(np.zeros((1, 4))))
    spread = [run.generate(100, temperature=t).std(0).mean() for t in (0.5, 1, 2)]
    assert spread == sorted(spread)
    with pytest.raises(UsageError, match="there is no prior 'norm'"):
        run.generate(4, prior="norm")  # type: ignore[arg-type]


def test_generated_images_are_decoded_from_normal_codes(run: gn.TrainedRun) -> None:
    codes = np.random.default_rng(3).standard_normal((5, 4), np.float32)
    np.testing.assert_array_equal(run.decode(codes), run.generate(5, seed=3, prior="normal"))
    np.testing.assert_array_equal(
        run.decode(codes[::-1]), run.generate(5, seed=3, prior="normal")[::-1]
    )
    np.testing.assert_array_equal(run.decode(codes.astype(float).tolist()), run.decode(codes))


def test_encoding_is_deterministic(run: gn.TrainedRun, images: np.ndarray) -> None:
    codes = run.encode(images)
    assert codes.shape == (12, 4)
    assert codes.dtype == np.float32
    np.testing.assert_array_equal(gn.load(run.path).encode(images), codes)
    assert run.decode(codes).shape == images.shape
    assert codes.std(0).max() > 0.01, "images differ in their codes"


def test_reconstructions_are_closer_to_their_images_than_to_others(make: Make) -> None:
    run = make("logistic")
    images = load_images("digits", seed=0).test.inputs
    rebuilt = run.reconstruct(images)
    assert rebuilt.shape == images.shape
    assert rebuilt.dtype == np.uint8
    np.testing.assert_array_equal(run.reconstruct(images[:3]), rebuilt[:3])
    own = ((rebuilt.astype(float) - images) ** 2).mean()
    others = ((rebuilt.astype(float) - np.roll(images, 1, axis=0)) ** 2).mean()
    assert own < others


def test_grey_images_may_have_a_channel_axis(run: gn.TrainedRun, images: np.ndarray) -> None:
    np.testing.assert_array_equal(run.encode(images[..., None]), run.encode(images))
    np.testing.assert_array_equal(run.reconstruct(images[..., None]), run.reconstruct(images))


def test_read_only_arrays_are_accepted(run: gn.TrainedRun, images: np.ndarray) -> None:
    """Pillow returns such arrays."""
    fixed, codes = images.copy(), np.zeros((2, 4), np.float32)
    fixed.flags.writeable = codes.flags.writeable = False
    np.testing.assert_array_equal(run.reconstruct(fixed), run.reconstruct(images))
    np.testing.assert_array_equal(run.encode(fixed), run.encode(images))
    assert run.decode(codes).shape == (2, 28, 28)


@pytest.mark.parametrize("verb", ["encode", "reconstruct"])
@pytest.mark.parametrize(
    "inputs",
    [
        np.zeros((2, 28, 28), np.float32),
        np.zeros((28, 28), np.uint8),
        np.zeros((0, 28, 28), np.uint8),
        np.zeros((2, 28, 27), np.uint8),
        np.zeros((2, 28, 28, 3), np.uint8),
        np.zeros((2, 1, 28, 28), np.uint8),
        [],
    ],
    ids=["floats", "one image", "none", "size", "colour", "channels first", "list"],
)
def test_images_of_another_shape_or_type_are_refused(
    run: gn.TrainedRun, verb: str, inputs: Any
) -> None:
    with pytest.raises(UsageError) as caught:
        getattr(run, verb)(inputs)
    assert "28" in caught.value.hint
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("shape", [(2, 5), (4,), (1, 2, 4), (0, 4), ()])
def test_codes_of_another_shape_are_refused(run: gn.TrainedRun, shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="codes of shape") as caught:
        run.decode(np.zeros(shape))
    assert caught.value.hint == "give an array of shape (n, 4)"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"count": 0}, "0 images cannot be drawn"),
        ({"temperature": -1}, "temperature -1 is out of bounds"),
        ({"seed": -1}, "seed -1 is negative"),
    ],
)
def test_numbers_out_of_range_are_refused(
    run: gn.TrainedRun, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        run.generate(**wrong)


def test_images_of_one_class_are_generated_by_its_name(make: Make) -> None:
    run = make("conditional")
    sevens, ones = (run.generate(3, label=name, prior="normal") for name in ("7", "1"))
    codes = np.random.default_rng(0).standard_normal((3, 4), np.float32)
    assert (sevens != ones).any((1, 2)).all()
    np.testing.assert_array_equal(run.decode(codes, "7"), sevens)
    # Without a label the classes take turns.
    np.testing.assert_array_equal(run.generate(8)[7], run.generate(8, label="7")[7])
    np.testing.assert_array_equal(run.decode(codes)[1], ones[1])


def test_an_unknown_class_is_refused(make: Make, run: gn.TrainedRun) -> None:
    conditional = make("conditional")
    codes = np.zeros((2, 4))
    for call in (
        lambda: conditional.generate(2, label="77"),
        lambda: conditional.decode(codes, "77"),
    ):
        with pytest.raises(UsageError, match="has no class '77'") as caught:
            call()
        assert caught.value.hint == "did you mean 7?"
    for call in (lambda: run.generate(2, label="7"), lambda: run.decode(codes, "7")):
        with pytest.raises(UsageError, match="trained without classes") as caught:
            call()
        assert "--conditional" in caught.value.hint


def test_an_image_generator_does_not_predict_classes(
    run: gn.TrainedRun, images: np.ndarray
) -> None:
    for call in (run.predict, run.predict_proba):
        with pytest.raises(UsageError, match=r"\(vae\) does not predict classes") as caught:
            call(images)
        assert caught.value.hint == "use a classifier"
    assert set(run.outputs(images)) == {"reconstruction"}
    assert run.class_names == tuple(map(str, range(10)))


def test_a_classifier_does_not_generate_images(trained: Run, images: np.ndarray) -> None:
    run = gn.load(trained.path)
    calls: dict[str, Callable[[], Any]] = {
        "does not generate": lambda: run.generate(2),
        "does not generate images": lambda: run.generate(0, label="none"),
        "cnn. does not generate": lambda: run.encode(images),
        "cnn. does not generate images": lambda: run.decode(np.zeros((1, 4))),
        "does not reconstruct images": lambda: run.reconstruct(images),
    }
    for message, call in calls.items():
        with pytest.raises(UsageError, match=message) as caught:
            call()
        assert len(str(caught.value).splitlines()) == 2
        assert trained.name in caught.value.message
    with pytest.raises(UsageError, match="without samples"):
        run.evaluate(samples=10)


def beside(run: gn.TrainedRun, folder: Path, name: str, **info: Any) -> Run:
    """A copy of a classifier's run beside the generator's, of another name."""
    copy = Run.open(Path(shutil.copytree(folder, run.path.parent / name)))
    copy.update(name=name, **info)
    return copy


def test_the_newest_finished_classifier_on_the_same_data_is_the_reference_classifier(
    run: gn.TrainedRun, trained_folder: Path
) -> None:
    assert run.evidence.reference_classifier is None
    data = Run.open(trained_folder).info["data"]
    other_data, other_shape = data | {"fingerprint": "0" * 64}, data | {"input_shape": [3, 28, 28]}
    beside(run, trained_folder, "a", started="2026-01-03")
    beside(run, trained_folder, "b", started="2026-01-01")
    beside(run, trained_folder, "c", started="2026-01-04", status="interrupted")
    beside(run, trained_folder, "d", started="2026-01-05", data=other_data)
    beside(run, trained_folder, "e", started="2026-01-06", data=other_shape)
    beside(run, trained_folder, "f", started="2026-01-07", task="unheard-of")
    reference_classifier = gn.load(run.path).evidence.reference_classifier
    assert reference_classifier is not None
    assert reference_classifier.name == "a"


def test_an_image_generator_cannot_be_the_reference_classifier(
    run: gn.TrainedRun, make: Make
) -> None:
    other = make("conditional")
    assert other.path.parent == run.path.parent
    assert run.evidence.reference_classifier is None
    with pytest.raises(UsageError, match="it is not a classifier"):
        run.evidence.set_reference_classifier(other.run)


def test_a_named_reference_classifier_replaces_the_newest(
    run: gn.TrainedRun, trained_folder: Path
) -> None:
    beside(run, trained_folder, "new", started="2026-01-03")
    old = beside(run, trained_folder, "old", started="2026-01-01")
    found = run.evidence.reference_classifier
    run.evidence.set_reference_classifier(old)
    named = run.evidence.reference_classifier
    assert found is not None
    assert named is not None
    assert (found.name, named.name) == ("new", "old")


def test_a_reference_classifier_predicts_like_its_run(
    run: gn.TrainedRun, trained_folder: Path, images: np.ndarray
) -> None:
    """It does so for generated images, too."""
    classifier = gn.load(beside(run, trained_folder, "cnn").path)
    reference_classifier = run.evidence.reference_classifier
    assert reference_classifier is not None
    assert reference_classifier.layer == classifier.model.task.feature_layer
    for batch in (images, run.generate(7)):
        probabilities = reference_classifier.probabilities(batch)
        np.testing.assert_allclose(probabilities, classifier.predict_proba(batch), atol=1e-6)
        features = reference_classifier.features(batch)
        assert features.shape[0] == len(batch)
        assert features.dtype == np.float32
    again = reference_classifier.features(images)
    np.testing.assert_allclose(reference_classifier.features(images[3:4]), again[3:4], atol=1e-4)


def test_another_evaluation_differs_only_with_other_options(run: gn.TrainedRun) -> None:
    before = dict(run.results["test"])
    assert run.evaluate() == before
    more = run.evaluate(samples=40, examples=30)
    assert (more["samples"], more["images"], more["n"]) == (40, 30, 300)
    assert more["negative_elbo"] == before["negative_elbo"]
    assert more["iwae_nll"] != before["iwae_nll"]
    assert Run.open(run.path).info["results"]["test"] == more
    assert Run.open(run.path).info["status"] == "finished"
    for samples, examples in ((0, None), (-1, 5), (5, 1), (5, 0)):
        with pytest.raises(UsageError):
            run.evaluate(samples, examples)
    assert Run.open(run.path).info["results"]["test"] == more


def test_the_headline_is_the_importance_weighted_bound(run: gn.TrainedRun) -> None:
    results = run.results["test"]
    assert results["headline"] == "iwae_nll"
    assert results["iwae_nll"] < results["negative_elbo"]
    low, high = results["interval"]
    assert low < results["iwae_nll"] < high
    assert len(results["kl_by_dimension"]) == 4
    assert results["bits_per_dimension"] == pytest.approx(results["iwae_nll"] / 784 / np.log(2))
    assert results["pixels"] == "dynamically binarised pixels"
