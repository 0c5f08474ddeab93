from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from glassnet.data.images.dataset import find, fingerprint, is_path, kind_of, load

from glassnet.data.images import idx
from glassnet.data.sources.catalogue import FASHION_MNIST, MNIST
from glassnet.errors import DataError, UsageError, UserError


def test_mnist_in_three_parts(mnist: tuple[bytes, ...]) -> None:
    images, labels, test_images, test_labels = map(idx.read, mnist)
    splits = load("mnist", seed=0)
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
    held = np.concatenate([splits.train.ids, splits.valid.ids])
    np.testing.assert_array_equal(np.sort(held), np.arange(60_000))
    np.testing.assert_array_equal(splits.test.ids, np.arange(10_000))
    assert np.abs(np.bincount(splits.valid.labels) - np.bincount(labels) / 12).max() < 1
    assert splits.class_names == tuple("0123456789")
    assert splits.name == "mnist"


@pytest.mark.usefixtures("mnist")
def test_the_seed_and_the_share_choose_the_validation_set() -> None:
    first, again = load("mnist", seed=1), load("mnist", seed=1)
    other = load("mnist", seed=2, valid_fraction=0.25)
    np.testing.assert_array_equal(first.valid.ids, again.valid.ids)
    assert len(other.valid) == 15_000
    assert first.fingerprint == other.fingerprint
    np.testing.assert_array_equal(first.test.inputs, other.test.inputs)


def test_the_fingerprint_is_of_the_content() -> None:
    assert fingerprint(MNIST) == "198397ea33e44fa2e19b4159a47fee5058c14eef752539aff5eaf8b0964be2d8"
    assert fingerprint(FASHION_MNIST) != fingerprint(MNIST)


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
def test_an_unknown_name(name: str, hint: str) -> None:
    with pytest.raises(UserError) as caught:
        load(name, seed=0)
    assert caught.value.hint == hint
    assert repr(name) in caught.value.message


def test_a_name_with_a_line_break_stays_on_its_line() -> None:
    with pytest.raises(UsageError) as caught:
        find("mni\nst")
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.usefixtures("mnist")
@pytest.mark.parametrize("wrong", [{"valid_fraction": 1.5}, {"seed": -1}])
def test_numbers_out_of_range(wrong: dict) -> None:
    with pytest.raises(UsageError):
        load("mnist", **({"seed": 0} | wrong))


@pytest.mark.parametrize("wrong", [{"size": 32}, {"colour": "grey"}])
def test_the_catalogues_images_keep_their_shape(wrong: dict) -> None:
    with pytest.raises(UsageError, match="mnist has its size and its colour"):
        load("mnist", seed=0, **wrong)


@pytest.mark.parametrize("name", ["./mnist", "photos/1", "~/photos", "..", "here"])
def test_a_path(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    (tmp_path / "mnist").mkdir()
    assert is_path(name)
    assert not is_path("mnist")
    assert not is_path("there")


@pytest.mark.parametrize("name", ["imdb", "movie-snippets"])
def test_texts_of_the_catalogue_are_no_images(name: str) -> None:
    with pytest.raises(UsageError, match=f"^{name} holds texts\ngive it to a network that reads"):
        load(name, seed=0)
    assert kind_of(name) == "texts"
    assert kind_of("mnist") == "images"
    with pytest.raises(UsageError, match="did you mean imdb"):
        kind_of("imbd")


def test_ones_own_texts_are_no_images(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\ngood,a\nbad,b\n")
    with pytest.raises(DataError, match=r"reviews\.csv: holds texts\ngive it to a network that"):
        load(str(path), seed=0)
    assert kind_of(str(path)) == "texts"
    assert kind_of(str(tmp_path / "nothing")) == "images"


def test_the_data_room_needs_no_torch() -> None:
    code = "import sys; from glassnet.data import load, texts; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
