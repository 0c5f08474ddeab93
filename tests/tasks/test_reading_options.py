"""What a configuration says of reading data reaches the reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from image_samples import save_noise
from PIL import Image

from glassnet.contract import Split, Splits
from glassnet.data.texts.strings import string_array
from glassnet.tasks.cnn.presets import Config as ImageConfig
from glassnet.tasks.cnn.task import TASK as IMAGES
from glassnet.tasks.lstm.presets import Config as TextConfig
from glassnet.tasks.lstm.task import TASK as TEXTS


def test_columns_and_encoding_of_texts(tmp_path: Path) -> None:
    rows = [f"film {k};déjà vu {k};{'ab'[k % 2]};{'xyz'[k % 3]}" for k in range(30)]
    path = tmp_path / "reviews.csv"
    path.write_text("\n".join(["text;body;label;kind", *rows]) + "\n", encoding="mac-roman")
    config = TextConfig(
        data=str(path), text_column="body", label_column="kind", encoding="mac-roman"
    )
    splits = TEXTS.load(config)
    assert splits.class_names == ("x", "y", "z")
    for split in (splits.train, splits.valid, splits.test):
        assert all(text.startswith("déjà vu ") for text in split.inputs)


@pytest.mark.parametrize(("maximum", "width"), [(400, 7), (4, 4)])
def test_the_limit_of_a_text_is_the_configured_one_not_the_longest_training_text(
    maximum: int, width: int
) -> None:
    inputs = string_array(["good", "a good long film indeed", "bad film"])
    longer = string_array(["bad film bad film bad film bad", "good"])
    train = Split(inputs, np.array([1, 1, 0]), np.arange(3))
    test = Split(longer, np.array([0, 1]), np.arange(2))
    splits = Splits("texts", train, train, test, ("bad", "good"), "")
    config = TextConfig(max_length=maximum, min_frequency=1)
    signature = TEXTS.signature(splits, config)
    assert signature.input_shape == (maximum,)
    assert TEXTS.tensors(test, config, signature)[0][:].shape == (2, width)
    assert TEXTS.tensors(train, config, signature)[0][:].shape == (3, min(5, maximum))


def test_columns_and_encoding_of_images(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = ["image;scan;label;kind"]
    for k in range(30):
        for part, size in (("image", 6), ("scan", 9)):
            pixels = random.integers(0, 256, (size, size), np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"{part}{k}.png")
        rows.append(f"image{k}.png;scan{k}.png;{'ab'[k % 2]};{'äöü'[k % 3]}")
    path = tmp_path / "images.csv"
    path.write_text("\n".join(rows) + "\n", encoding="mac-roman")
    config = ImageConfig(
        data=str(path), image_column="scan", label_column="kind", encoding="mac-roman"
    )
    splits = IMAGES.load(config)
    assert splits.class_names == ("ä", "ö", "ü")
    assert splits.train.inputs.shape[1:] == (9, 9)


def test_groups(tmp_path: Path) -> None:
    rows = [f"film {k} by {k // 3},{'ab'[k % 2]},{k // 3}" for k in range(60)]
    path = tmp_path / "reviews.csv"
    path.write_text("\n".join(["text,label,author", *rows]) + "\n")
    texts = TEXTS.load(TextConfig(data=str(path), group_column="author"))
    authors = [{text.split()[-1] for text in split.inputs} for split in (texts.train, texts.test)]
    assert authors[0].isdisjoint(authors[1])
    for k in range(60):
        save_noise(tmp_path / "scans" / "ab"[k % 2] / f"p{k // 3}_{k}.png", seed=k)
    config = ImageConfig(data=str(tmp_path / "scans"), group_pattern=r"(p\d+)_")
    images = IMAGES.load(config)
    names = sorted(f"{'ab'[k % 2]}/p{k // 3}_{k}" for k in range(60))
    patients = [
        {names[k].split("/")[1].split("_")[0] for k in split.ids.tolist()}
        for split in (images.train, images.valid, images.test)
    ]
    assert sum(map(len, patients)) == 20
