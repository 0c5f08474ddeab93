from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from glassnet.data.images import idx
from glassnet.data.images.load import load_images
from glassnet.data.names import find_entry, is_path, modality_of
from glassnet.data.sources.catalogue import FASHION_MNIST, MNIST
from glassnet.errors import DataError, UsageError, UserError


@pytest.mark.slow
def test_mnist_in_three_splits(mnist: tuple[bytes, ...]) -> None:
    images, labels, test_images, test_labels = map(idx.read, mnist)
    splits = load_images("mnist", seed=0)
    assert [len(part) for part in (splits.train, splits.valid, splits.test)] == [
        55_000,
        5_000,
        10_000,
    ]
    for part, source, names in (
        (splits.train, images, labels),
        (splits.valid, images, labels),
        (splits.test, test_images, test_labels),
    ):
        assert part.inputs.dtype == np.uint8
        assert part.labels.dtype == part.ids.dtype == np.int64
        assert part.inputs.flags.writeable
        np.testing.assert_array_equal(part.inputs, source[part.ids])
        np.testing.assert_array_equal(part.labels, names[part.ids])
    content = np.concatenate([splits.train.ids, splits.valid.ids])
    np.testing.assert_array_equal(np.sort(content), np.arange(60_000))
    np.testing.assert_array_equal(splits.test.ids, np.arange(10_000))
    assert np.abs(np.bincount(splits.valid.labels) - np.bincount(labels) / 12).max() < 1
    assert splits.class_names == tuple("0123456789")
    assert splits.name == "mnist"


@pytest.mark.usefixtures("mnist")
def test_seed_and_fraction_determine_the_validation_split() -> None:
    first, again = load_images("mnist", seed=1), load_images("mnist", seed=1)
    other = load_images("mnist", seed=2, valid_fraction=0.25)
    np.testing.assert_array_equal(first.valid.ids, again.valid.ids)
    assert len(other.valid) == 15_000
    assert first.fingerprint == other.fingerprint
    np.testing.assert_array_equal(first.test.inputs, other.test.inputs)


def test_the_fingerprint_depends_on_the_content() -> None:
    assert MNIST.fingerprint == "198397ea33e44fa2e19b4159a47fee5058c14eef752539aff5eaf8b0964be2d8"
    assert FASHION_MNIST.fingerprint != MNIST.fingerprint


KNOWN = "known: fashion-mnist, imdb, mnist, movie-snippets"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mnits", "did you mean mnist?"),
        ("MNIST", "did you mean mnist?"),
        ("fashion_mnist", "did you mean fashion-mnist?"),
        ("zzz", KNOWN),
        ("", KNOWN),
        ("mnist\0", "did you mean mnist?"),
        ("x" * 300, KNOWN),
    ],
)
def test_an_unknown_name_is_refused(name: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        load_images(name, seed=0)
    assert caught.value.hint == hint
    assert repr(name) in caught.value.message


def test_a_name_with_a_line_break_stays_on_its_line() -> None:
    with pytest.raises(UsageError) as caught:
        find_entry("mni\nst")
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.usefixtures("mnist")
@pytest.mark.parametrize("wrong", [{"valid_fraction": 1.5}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(wrong: dict) -> None:
    with pytest.raises(UsageError):
        load_images("mnist", **({"seed": 0} | wrong))


@pytest.mark.parametrize("wrong", [{"image_size": 32}, {"colour": "grey"}])
def test_catalogue_images_cannot_be_resized(wrong: dict) -> None:
    with pytest.raises(UsageError, match=r"mnist is built in: --(image-size|colour) does not"):
        load_images("mnist", seed=0, **wrong)


@pytest.mark.parametrize("name", ["./mnist", "photos/1", "~/photos", "..", "here"])
def test_names_that_are_paths(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "mnist").mkdir()
    assert is_path(name)
    assert not is_path("mnist")
    assert not is_path("there")


@pytest.mark.parametrize("name", ["imdb", "movie-snippets"])
def test_catalogue_texts_are_refused(name: str) -> None:
    with pytest.raises(
        UsageError, match=f"^{name} contains texts, not images\nuse a network for texts"
    ):
        load_images(name, seed=0)
    assert modality_of(name) == "texts"
    assert modality_of("mnist") == "images"
    with pytest.raises(UsageError, match="did you mean imdb"):
        modality_of("imbd")


def test_the_users_texts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\ngood,a\nbad,b\n")
    with pytest.raises(DataError, match=r"reviews\.csv: contains texts, not images\nuse a network"):
        load_images(str(path), seed=0)
    assert modality_of(str(path)) == "texts"
    assert modality_of(str(tmp_path / "nothing")) == "images"


def test_loading_data_does_not_import_torch() -> None:
    modules = "glassnet.data.images.load, glassnet.data.texts.load, glassnet.data.check"
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
