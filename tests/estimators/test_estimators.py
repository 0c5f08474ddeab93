"""The estimators with scikit-learn, on real digits and on texts."""

from __future__ import annotations

import copy
import io
import json
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import glassnet as gn
from glassnet import formats
from glassnet.config import epochs_for_few_steps
from glassnet.errors import ArgumentError, TrainingError

pytestmark = pytest.mark.slow

X, Y = (values[:120] for values in load_digits(return_X_y=True))
TEXTS = ["a good film", "a bad film", "good", "bad", "so good", "so bad"] * 5
SIGNS = ["+", "-"] * 15

SMALL: dict[str, Any] = {"epochs": 2, "channels": (4, 4, 4), "random_state": 0}
TINY: dict[str, Any] = {"epochs": 2, "embedding_dim": 4, "hidden_size": 4, "random_state": 0}
CODES: dict[str, Any] = {
    "epochs": 2,
    "hidden_size": 8,
    "latent_dim": 3,
    "channels": (2, 4),
    "random_state": 0,
}


def cnn(**more: Any) -> gn.CNNClassifier:
    return gn.CNNClassifier(**SMALL | more)


def lstm(**more: Any) -> gn.LSTMClassifier:
    return gn.LSTMClassifier(**TINY | more)


def vae(**more: Any) -> gn.VAE:
    return gn.VAE(**CODES | more)


KINDS: list[tuple[Callable[..., Any], Any, Any]] = [(cnn, X, Y), (lstm, TEXTS, SIGNS), (vae, X, Y)]
EVERY = pytest.mark.parametrize(("make", "inputs", "labels"), KINDS, ids=["cnn", "lstm", "vae"])


@pytest.fixture(scope="module")
def fitted() -> gn.CNNClassifier:
    return cnn().fit(X, Y)


@pytest.fixture(scope="module")
def generator() -> gn.VAE:
    return vae().fit(X)


def test_texts_without_a_word_are_left_out_of_fit_and_have_a_prediction() -> None:
    weights = [1.0 + k % 2 for k in range(len(TEXTS))]
    plain = lstm().fit(TEXTS, SIGNS, sample_weight=weights)
    more = lstm().fit(["", *TEXTS, "<br>"], ["x", *SIGNS, "x"], [5.0, *weights, 5.0])
    assert more.classes_.tolist() == plain.classes_.tolist()
    assert more.predict_proba(TEXTS).tobytes() == plain.predict_proba(TEXTS).tobytes()
    with pytest.warns(UserWarning, match="^2 texts have no word: they are read as an empty text$"):
        rows = more.predict_proba(["", "good", "<br>"])
    assert rows[0].tolist() == rows[2].tolist()
    with pytest.warns(UserWarning, match="^1 text has no word: it is read as an empty text$"):
        assert len(more.transform([" ", "good"])) == 2
    with pytest.raises(ValueError, match="no text of X has a word"):
        lstm().fit(["", " "], ["a", "b"])


def outputs(estimator: Any, inputs: Any) -> list[bytes]:
    found = [estimator.transform(inputs)]
    if hasattr(estimator, "predict_proba"):
        found += [estimator.predict_proba(inputs)]
    return [values.tobytes() for values in found]


def random_states() -> tuple[Any, ...]:
    """The global random states of Python, NumPy and torch."""
    keys: Any = np.random.get_state()
    return random.getstate(), keys[1].tolist(), torch.get_rng_state().tolist()


@EVERY
def test_fit_is_deterministic_and_restores_the_global_random_states(
    make: Callable[..., Any], inputs: Any, labels: Any
) -> None:
    random.seed(1), np.random.seed(2), torch.manual_seed(3)
    threads = torch.get_num_threads()
    before = random_states()
    one = make().fit(inputs, labels)
    first = outputs(one, inputs)
    other = make(random_state=np.int64(0)).fit(inputs, labels)
    assert outputs(other, inputs) == first
    assert outputs(make(random_state=1).fit(inputs, labels), inputs) != first
    after = random_states()
    assert before == after
    assert torch.get_num_threads() == threads


def test_a_seed_is_drawn_from_the_random_state_or_from_numpy() -> None:
    """As in scikit-learn; with None, two fits differ."""
    state = np.random.RandomState(5)
    one, two = (outputs(cnn(random_state=state).fit(X, Y), X) for _ in range(2))
    assert one != two
    assert outputs(cnn(random_state=np.random.RandomState(5)).fit(X, Y), X) == one
    np.random.seed(5)
    assert outputs(cnn(random_state=None).fit(X, Y), X) == one
    assert outputs(cnn(random_state=None).fit(X, Y), X) == two


def modules(content: bytes) -> set[str]:
    """The packages of the classes in a pickle."""
    named: set[str] = set()

    class Reader(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            named.add(module.split(".")[0])
            return super().find_class(module, name)

    Reader(io.BytesIO(content)).load()
    return named


@EVERY
def test_pickles_and_copies_predict_the_same(
    make: Callable[..., Any], inputs: Any, labels: Any
) -> None:
    estimator = make().fit(inputs, labels)
    content = pickle.dumps(estimator)
    assert modules(content) <= {"glassnet", "numpy"}
    for again in (pickle.loads(content), copy.deepcopy(estimator)):
        assert outputs(again, inputs) == outputs(estimator, inputs)
        assert outputs(again.partial_fit(inputs, labels), inputs) == outputs(
            copy.deepcopy(estimator).partial_fit(inputs, labels), inputs
        )
    assert not hasattr(clone(estimator), "n_iter_")


@EVERY
def test_fit_prints_nothing_and_writes_no_files(
    make: Callable[..., Any],
    inputs: Any,
    labels: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    estimator = make().fit(inputs, labels)
    outputs(estimator.partial_fit(inputs, labels), inputs)
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
    make(verbose=1).fit(inputs, labels)
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("epoch ") == 2


@EVERY
def test_fit_writes_a_run_folder_into_runs(
    make: Callable[..., Any], inputs: Any, labels: Any, tmp_path: Path
) -> None:
    estimator = make(runs=tmp_path).fit(inputs, labels)
    assert outputs(estimator, inputs) == outputs(make().fit(inputs, labels), inputs)
    run = gn.load(estimator.run_)
    assert run.path.parent == tmp_path
    assert list(run.metrics["epoch"]) == [1, 2]
    assert run.info["command"].startswith(f"glassnet.{type(estimator).__name__}(")
    with pytest.raises(gn.GlassnetError, match="arrays in memory"):
        run.explain()


@EVERY
def test_a_saved_estimator_is_loaded_fitted(
    make: Callable[..., Any], inputs: Any, labels: Any, tmp_path: Path
) -> None:
    estimator = make().fit(inputs, labels)
    again = gn.load(estimator.save(tmp_path / "model"))
    assert type(again) is type(estimator)
    assert repr(again) == repr(estimator)
    assert outputs(again, inputs) == outputs(estimator, inputs)
    assert again.history_ == estimator.history_
    assert again.get_feature_names_out().tolist() == estimator.get_feature_names_out().tolist()
    if hasattr(estimator, "classes_"):
        assert again.classes_.dtype == estimator.classes_.dtype
        assert again.predict(inputs).tolist() == estimator.predict(inputs).tolist()
    assert outputs(again.partial_fit(inputs, labels), inputs) == outputs(
        estimator.partial_fit(inputs, labels), inputs
    )
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    assert repr(estimator) in card
    assert "There was no test split." in card
    assert f"{len(inputs) - round(len(inputs) / 12):,} training" in card


def test_a_damaged_estimator_is_refused_in_two_lines(
    fitted: gn.CNNClassifier, tmp_path: Path
) -> None:
    folder = fitted.save(tmp_path / "model")
    path = folder / "config.json"
    content = path.read_text()
    for old, new in (
        ('"CNNClassifier"', '"Mine"'),
        ('"pixels"', '"pixls"'),
        ('"n_iter_"', '"iter_"'),
        ('"parameters": {', '"parameters": {"epoch": 1, '),
        ('"estimator": {', '"estimator": 3, "e": {'),
    ):
        changed = json.loads(content.replace(old, new))
        path.write_bytes(formats.json_with_checksum(changed, indent=2))
        with pytest.raises(gn.GlassnetError) as caught:
            gn.load(folder)
        assert len(str(caught.value).splitlines()) == 2
        assert str(path) in caught.value.message


@EVERY
def test_methods_of_an_unfitted_estimator_raise(
    make: Callable[..., Any], inputs: Any, labels: Any
) -> None:
    estimator = make()
    calls = [lambda: estimator.transform(inputs), lambda: estimator.save("nowhere")]
    calls += [lambda: estimator.score(inputs, labels), estimator.get_feature_names_out]
    if isinstance(estimator, gn.VAE):
        calls += [lambda: estimator.sample(1), lambda: estimator.inverse_transform([[0, 0, 0]])]
    for call in calls:
        with pytest.raises(NotFittedError):
            call()


@EVERY
def test_examples_of_weight_0_are_left_out_and_equal_weights_change_nothing(
    make: Callable[..., Any], inputs: Any, labels: Any
) -> None:
    n = len(inputs)
    weights = np.ones(n)
    weights[::4] = 0
    pairs = [(x, y) for x, y, w in zip(inputs, labels, weights, strict=True) if w > 0]
    some, their = map(list, zip(*pairs, strict=True))
    weighted = outputs(make().fit(inputs, labels, sample_weight=weights), inputs)
    assert weighted == outputs(make().fit(some, their), inputs)
    even = outputs(make().fit(inputs, labels, sample_weight=[7] * n), inputs)
    assert even == outputs(make().fit(inputs, labels), inputs)
    uneven = outputs(make().fit(inputs, labels, sample_weight=np.arange(1, n + 1)), inputs)
    assert uneven != even


def test_the_model_card_of_weighted_examples_has_no_interval(tmp_path: Path) -> None:
    weights = np.arange(1, 121)
    folder = cnn().fit(X, Y, sample_weight=weights).save(tmp_path / "m")
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "10 validation examples, by their weights" in card
    assert "95 %" not in card


def test_partial_fit_after_fit_has_no_best_epoch(tmp_path: Path) -> None:
    estimator = cnn().fit(X, Y)
    estimator.partial_fit(X, Y)
    assert not hasattr(estimator, "best_epoch_")
    assert estimator.n_iter_ == len(estimator.history_["train_loss"]) == 3
    assert "valid_loss" not in estimator.history_
    card = (estimator.save(tmp_path / "m") / "README.md").read_text(encoding="utf-8")
    assert "no validation split selected the weights" in card
    assert "this model was not evaluated" in card
    assert "240 training examples" in card


def test_a_class_of_large_weight_is_predicted_more_often() -> None:
    noise = np.random.default_rng(0).random((80, 64))
    labels = np.arange(80) % 2
    for heavy in (0, 1):
        weights = np.where(labels == heavy, 20.0, 1.0)
        predicted = cnn(epochs=4).fit(noise, labels, sample_weight=weights).predict(noise)
        assert (predicted == heavy).mean() > 0.9


def test_fit_and_partial_fit_learn_digits() -> None:
    images, labels = load_digits(return_X_y=True)
    train, test = slice(0, 1200), slice(1200, None)
    estimator = gn.CNNClassifier(epochs=3, channels=(8, 16, 16), random_state=0)
    estimator.fit(images[train], labels[train])
    assert estimator.score(images[test], labels[test]) > 0.85
    assert estimator.n_iter_ == len(estimator.history_["valid_accuracy"]) == 3
    assert 1 <= estimator.best_epoch_ <= 3
    bit = gn.CNNClassifier(channels=(8, 16, 16), learning_rate=0.003, random_state=0)
    scores = []
    for _ in range(2):
        for part in np.array_split(np.arange(1200), 3):
            bit.partial_fit(images[part], labels[part], classes=np.arange(10))
        scores.append(bit.score(images[test], labels[test]))
    assert bit.n_iter_ == 6
    assert scores[1] > 0.85
    assert scores[1] > scores[0] - 0.02


def test_partial_fit_requires_the_classes_and_checks_them() -> None:
    estimator = cnn()
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        estimator.partial_fit(X, Y)
    estimator.partial_fit(X[Y < 3], Y[Y < 3], classes=range(4))
    assert estimator.classes_.tolist() == [0, 1, 2, 3]
    assert estimator.predict_proba(X).shape == (120, 4)
    before = outputs(estimator, X)
    with pytest.raises(ValueError, match="do not exist in the initial classes"):
        estimator.partial_fit(X, Y)
    with pytest.raises(ValueError, match="not the same as on last call"):
        estimator.partial_fit(X[Y < 3], Y[Y < 3], classes=[0, 1])
    assert outputs(estimator, X) == before
    with pytest.raises(ArgumentError, match="another network"):
        copy.deepcopy(estimator).set_params(channels=(4, 4, 5)).partial_fit(X[Y < 3], Y[Y < 3])
    estimator.partial_fit(X[:1], Y[:1])
    assert outputs(estimator, X) != before
    assert outputs(cnn().fit(X, Y), X) == outputs(estimator.fit(X, Y), X)


@pytest.mark.parametrize(
    "labels",
    [
        np.where(Y < 5, "low", "high"),
        np.where(Y < 5, "low", "high").astype(object),
        (Y < 5),
        Y - 4,
        Y.astype(float),
        pd.Series(np.where(Y < 5, "low", "high"), dtype="category"),
        pd.Series(Y, index=range(900, 1020)),
        pl.Series(np.where(Y < 5, "low", "high")),
        list(map(str, Y)),
    ],
    ids=["text", "objects", "bool", "negative", "float", "category", "index", "polars", "list"],
)
def test_labels_may_have_any_type(labels: Any) -> None:
    estimator = cnn(epochs=1).fit(X, labels)
    assert estimator.classes_.tolist() == sorted(set(np.asarray(labels).tolist()))
    predicted = estimator.predict(X)
    assert predicted.dtype == estimator.classes_.dtype
    assert estimator.score(X, np.asarray(labels)) == (predicted == np.asarray(labels)).mean()


def test_images_rows_and_data_frames_give_the_same(fitted: gn.CNNClassifier) -> None:
    frame = load_digits(as_frame=True).data[:120]
    before = fitted.predict_proba(X)
    assert fitted.n_features_in_ == 64
    for given in (X.reshape(-1, 8, 8), X.tolist(), X.astype(np.float32)):
        np.testing.assert_allclose(fitted.predict_proba(given), before, atol=1e-6)
    for table in (frame, pl.from_pandas(frame)):
        named = cnn().fit(table, Y)
        assert named.feature_names_in_.tolist() == list(frame.columns)
        assert named.predict_proba(table).tobytes() == before.tobytes()
    with pytest.raises(ValueError, match="feature names should match"):
        named.predict(pl.from_pandas(frame).rename({"pixel_0_0": "other"}))


def test_colour_images_of_any_shape_are_accepted(tmp_path: Path) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (24, 9, 12, 3), np.uint8)
    labels = np.arange(24) % 2
    estimator = cnn(epochs=1).fit(colour, labels)
    rows = colour.reshape(24, -1)
    reshaped = cnn(epochs=1, image_shape=(9, 12, 3)).fit(rows, labels)
    assert reshaped.predict_proba(rows).tobytes() == estimator.predict_proba(colour).tobytes()
    generator = vae(epochs=1).fit(colour)
    assert generator.sample(2).shape == (2, 9, 12, 3)
    assert generator.sample(2).dtype == np.uint8
    again = gn.load(estimator.save(tmp_path / "m"))
    assert again.predict_proba(colour).tobytes() == estimator.predict_proba(colour).tobytes()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.zeros((4, 9, 8)), "expecting \\(8, 8\\) as input"),
        (np.zeros((4, 8, 8, 3)), "expecting \\(8, 8\\) as input"),
        (np.zeros((4, 63)), "X has 63 features"),
        (np.zeros((8, 8, 8, 8, 8)), "has shape"),
        (np.zeros((4, 3, 28, 28)), "channels first"),
        (np.zeros(64), "Reshape your data"),
        (np.zeros((0, 64)), "0 sample"),
        (np.full((2, 64), np.nan), "NaN"),
        ([["a"] * 64], "numeric|could not convert"),
    ],
)
def test_images_of_another_shape_are_refused(
    fitted: gn.CNNClassifier, inputs: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fitted.predict(inputs)


def test_sparse_rows_are_refused_with_scikit_learns_message(fitted: gn.CNNClassifier) -> None:
    for call in (fitted.predict, lambda rows: cnn().fit(rows, Y), vae().fit):
        with pytest.raises(TypeError, match="Sparse data was passed for X"):
            call(sparse.csr_array(X))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"epochs": 0}, "epochs = 0 is out of bounds"),
        ({"epochs": "3"}, "is not an integer"),
        ({"preset": "papr"}, "no preset 'papr'"),
        ({"channels": (1, 2)}, "does not fit the network"),
        ({"optimizer": "admw"}, "is unknown"),
        ({"random_state": -1}, "random_state = -1"),
        ({"random_state": "a"}, "cannot be used to seed"),
        ({"image_shape": (3, 3)}, "does not fit 64 numbers"),
        ({"valid_fraction": 1.0}, "out of bounds"),
    ],
)
def test_fit_checks_the_parameters(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cnn(**given).fit(X, Y)


def test_a_failed_fit_leaves_an_unfitted_estimator() -> None:
    estimator = cnn(learning_rate=1e30, schedule="constant")
    with pytest.raises(TrainingError):
        estimator.fit(X, Y)
    with pytest.raises(NotFittedError):
        estimator.predict(X)
    estimator.set_params(learning_rate=0.01).fit(X, Y).predict(X)
    with pytest.raises(TrainingError):
        estimator.set_params(learning_rate=1e30).fit(X, Y)
    with pytest.raises(NotFittedError):
        estimator.predict(X)


def test_transform_gives_the_activations_of_any_layer(
    fitted: gn.CNNClassifier, generator: gn.VAE
) -> None:
    np.testing.assert_array_equal(fitted.transform(X), fitted.transform(X, layer="pool2"))
    assert fitted.transform(X, "pool1").shape == (120, 4 * 2 * 2)
    names = fitted.get_feature_names_out().tolist()
    assert names == [f"cnnclassifier{k}" for k in range(4)]
    assert fitted.transform(X).shape == (120, 4)
    assert generator.transform(X, layer="hidden").shape == (120, 8)
    assert generator.get_feature_names_out().tolist() == ["vae0", "vae1", "vae2"]
    for estimator in (fitted, generator):
        with pytest.raises(ArgumentError, match="no layer 'pol2'"):
            estimator.transform(X, layer="pol2")


def test_transform_gives_the_container_of_set_output(
    fitted: gn.CNNClassifier, generator: gn.VAE
) -> None:
    names = fitted.get_feature_names_out().tolist()
    framed = clone(fitted).set_output(transform="pandas").fit(X, Y)
    assert list(framed.transform(X).columns) == names
    early = framed.transform(X, layer="pool1")
    assert early.columns[[0, -1]].tolist() == ["pool1_0", "pool1_15"]
    np.testing.assert_array_equal(early, fitted.transform(X, layer="pool1"))
    assert list(framed.fit_transform(X, Y).columns) == names
    assert list(clone(framed).fit(X, Y).transform(X).columns) == names
    assert clone(fitted).set_output(transform="polars").fit(X, Y).transform(X).shape == (120, 4)
    with config_context(transform_output="pandas"):
        assert generator.transform(X, layer="hidden").columns[0] == "hidden_0"
        assert list(generator.transform(X).columns) == ["vae0", "vae1", "vae2"]


def test_a_code_depends_on_its_image_only(generator: gn.VAE) -> None:
    codes = generator.transform(X)
    backwards = generator.transform(X[::-1])[::-1]
    np.testing.assert_allclose(codes, backwards, atol=1e-6)
    np.testing.assert_allclose(codes[:1], generator.transform(X[:1]), atol=1e-6)


def test_inverse_transform_restores_the_scale_of_x(generator: gn.VAE) -> None:
    rebuilt = generator.inverse_transform(generator.transform(X))
    assert rebuilt.shape == X.shape
    assert rebuilt.dtype == np.float64
    assert 0 <= rebuilt.min() < rebuilt.max() <= 16
    images = vae(epochs=1).fit((X.reshape(-1, 8, 8) * 15).astype(np.uint8))
    assert images.sample(3, random_state=0).shape == (3, 8, 8)
    for wrong in (np.zeros((2, 4)), np.zeros(3), [["a", "b", "c"]], np.full((1, 3), np.nan)):
        with pytest.raises(ValueError, match=r"features|Reshape|convert|NaN|numeric"):
            generator.inverse_transform(wrong)


def test_samples_are_repeatable_with_a_random_state(generator: gn.VAE) -> None:
    one = generator.sample(4, random_state=3)
    np.testing.assert_array_equal(one, generator.sample(4, random_state=3))
    assert not np.array_equal(generator.sample(4), generator.sample(4))
    of_one_gaussian = vae(prior_gaussians=1).fit(X)
    typical = of_one_gaussian.sample(20, random_state=0, temperature=0)
    np.testing.assert_allclose(typical, typical[:1].repeat(20, axis=0), atol=1e-4)
    for wrong in ({"n_samples": 0}, {"n_samples": 1.5}, {"temperature": -1}):
        with pytest.raises(ArgumentError):
            generator.sample(**wrong)


def test_the_score_of_a_vae_is_the_mean_elbo() -> None:
    short = vae(epochs=1).fit(X)
    long = vae(epochs=15).fit(X)
    assert short.score(X) < long.score(X) < 0
    assert isinstance(long.score(X), float)
    assert long.score(X) == pytest.approx(
        -long.history_["valid_negative_elbo"][long.best_epoch_ - 1], 0.15
    )
    first = np.eye(1, len(X))[0]
    assert long.score(X, sample_weight=first) == pytest.approx(long.score(X[:1]), rel=0.05)
    with pytest.raises(ValueError, match="Sample weights"):
        long.score(X, sample_weight=np.zeros(len(X)))


def test_tabular_features_of_different_scales_are_learned() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    table = np.column_stack([1e6 * rng.random(200), 1e-6 * (labels + 0.1 * rng.random(200))])
    estimator = gn.CNNClassifier(epochs=4, channels=(8, 8, 8), random_state=0).fit(table, labels)
    assert estimator.score(table, labels) > 0.95
    generator = gn.VAE(epochs=2, hidden_size=8, latent_dim=2, random_state=0).fit(table)
    assert generator.sample(5).shape == (5, 2)
    assert generator.sample(50, random_state=0)[:, 1].max() < 1e-5


def test_estimators_work_in_pipelines_and_grid_search() -> None:
    piped = make_pipeline(FunctionTransformer(lambda rows: rows / 16), cnn()).fit(X, Y)
    assert piped.predict(X).shape == (120,)
    equally = piped.predict_proba(X)
    weighted = piped.fit(X, Y, cnnclassifier__sample_weight=np.ones(120))
    np.testing.assert_allclose(weighted.predict_proba(X), equally, atol=1e-5)
    codes = make_pipeline(vae(), LogisticRegression(max_iter=500)).fit(X, Y)
    assert codes.predict_proba(X).shape == (120, 10)
    layers = make_pipeline(cnn(), LogisticRegression(max_iter=500)).fit(X, Y)
    assert layers.score(X, Y) > 0.1
    assert cross_val_score(cnn(epochs=1), X, Y, cv=2).shape == (2,)
    space = {"learning_rate": np.logspace(-3, -2, 2), "batch_size": np.array([32])}
    search = GridSearchCV(cnn(epochs=1), space, cv=2, n_jobs=2).fit(X, Y)
    alone = GridSearchCV(cnn(epochs=1), space, cv=2).fit(X, Y)
    np.testing.assert_array_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )
    assert search.best_estimator_.predict(X).shape == (120,)


FORMS: dict[str, Callable[[list[str]], Any]] = {
    "tuple": tuple,
    "array": np.array,
    "objects": lambda texts: np.array(texts, object),
    "column": lambda texts: np.array(texts, object)[:, None],
    "StringDType": lambda texts: np.array(texts, np.dtypes.StringDType()),
    "pandas": lambda texts: pd.Series(texts, index=range(7, 7 + len(texts))),
    "pandas objects": lambda texts: pd.Series(texts, dtype=object),
    "pandas category": lambda texts: pd.Series(texts, dtype="category"),
    "pandas frame": lambda texts: pd.DataFrame({"text": texts}),
    "polars": pl.Series,
    "polars frame": lambda texts: pl.DataFrame({"text": texts}),
}


@pytest.mark.parametrize("form", FORMS)
def test_texts_may_be_in_any_kind_of_column(form: str) -> None:
    classifier = lstm(epochs=1).fit(FORMS[form](TEXTS), SIGNS)
    assert classifier.predict_proba(FORMS[form](TEXTS)).tobytes() == (
        lstm(epochs=1).fit(TEXTS, SIGNS).predict_proba(TEXTS).tobytes()
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("good", "string object received"),
        (["a", None], "X\\[1\\] is None of type NoneType"),
        ([1, 2], "X\\[0\\] is 1 of type int"),
        ([b"a", b"b"], "of type bytes"),
        (pd.Series(["a", None]), "X\\[1\\]"),
        (pd.Series(["a", pd.NA], dtype="string"), "X\\[1\\]"),
        (pl.Series(["a", None]), "X\\[1\\] is None"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), "must be one column of texts"),
        (np.zeros((3, 2)), "one column of texts"),
        ([], "0 sample"),
        (5, "LSTMClassifier takes arrays, but X is of type int"),
    ],
)
def test_values_that_are_not_texts_are_refused(texts: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        lstm().fit(texts, [0, 1])
    assert len(str(caught.value).splitlines()) == 2


def test_invalid_texts_and_labels_are_refused() -> None:
    with pytest.raises(TypeError, match="Sparse data"):
        lstm().fit(sparse.csr_array(np.eye(2)), [0, 1])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        lstm().fit(TEXTS, SIGNS[:-1])
    with pytest.raises(ValueError, match="requires y to be passed"):
        lstm().fit(TEXTS, None)
    with pytest.raises(ValueError, match="only one class"):
        lstm().fit(TEXTS, ["+"] * 30)
    with pytest.raises(ValueError, match="no word occurs 99 times"):
        lstm(min_frequency=99).fit(TEXTS, SIGNS)


def test_few_examples_get_more_epochs_unless_somebody_sets_them() -> None:
    """As on the command line: 27 texts in batches of 8 have four steps per epoch."""
    assert lstm().fit(TEXTS, SIGNS).n_iter_ == 2
    assert lstm(epochs=None).fit(TEXTS, SIGNS).n_iter_ == epochs_for_few_steps(6, 4, 130) == 50


def test_a_text_classifier_works_in_pipelines() -> None:
    table = pd.DataFrame({"text": TEXTS, "stars": [5, 1] * 15})
    shout = FunctionTransformer(lambda texts: [text.upper() for text in texts])
    classifier = make_pipeline(shout, lstm(epochs=4, learning_rate=0.03)).fit(table["text"], SIGNS)
    assert classifier.score(table["text"], SIGNS) == 1
    columns = ColumnTransformer([("read", lstm(), "text"), ("stars", "passthrough", ["stars"])])
    both = make_pipeline(columns, LogisticRegression(max_iter=500)).fit(table, SIGNS)
    assert both.score(table, SIGNS) == 1
    picked = ColumnTransformer([("text", "passthrough", ["text"])])
    assert make_pipeline(picked, lstm(epochs=1)).fit(table, SIGNS).predict(table).shape == (30,)


def test_a_text_classifier_may_be_pretrained() -> None:
    classifier = lstm(preset="pretrained", pretrain_epochs=1, epochs=1).fit(TEXTS, SIGNS)
    assert classifier.predict(TEXTS).shape == (30,)
