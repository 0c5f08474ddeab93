"""Altered copies of images and texts: stronger is further away, and a seed gives equal copies."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.insight.measures import image_shifts, text_shifts

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (12, 20, 16), np.uint8)
COLOUR = RNG.integers(0, 256, (5, 16, 20, 3), np.uint8)
TEXTS = np.array(
    ["one two three four five six seven eight nine ten"] * 50 + ["word", ""],
    np.dtypes.StringDType(),
)


@pytest.mark.parametrize("kind", image_shifts.SETTINGS)
@pytest.mark.parametrize("images", [GREY, COLOUR, GREY.astype(np.float32) / 255])
def test_images_change_more_with_strength_and_equally_with_a_seed(
    images: np.ndarray, kind: str
) -> None:
    before, scale = images.copy(), 255 if images.dtype == np.uint8 else 1
    distances = []
    for strength in range(6):
        altered = image_shifts.alter(images, kind, strength, 3)
        assert altered.shape == images.shape
        assert altered.dtype == images.dtype
        assert altered.max() <= scale
        np.testing.assert_array_equal(altered, image_shifts.alter(images, kind, strength, 3))
        distances.append(np.abs(altered.astype(float) - images).mean() / scale)
    np.testing.assert_array_equal(images, before)
    assert distances[0] == 0
    assert distances == sorted(distances) or kind == "rotation", "noise looks alike at any angle"
    if kind in ("noise", "occlusion", "rotation"):
        other = image_shifts.alter(images, kind, 5, 4)
        assert (other != image_shifts.alter(images, kind, 5, 3)).any()


def test_what_an_alteration_does_is_what_its_name_says() -> None:
    line = np.zeros((40, 21, 21), np.uint8)
    line[:, 10, :] = 255
    turned = image_shifts.alter(line, "rotation", 5, 0)
    assert (turned[:, 10, 10] > 200).all(), "the centre stays"
    assert (turned[:, 10, 0] < 50).all(), "the ends move"
    rising = turned[:, :10, 11:].sum(axis=(1, 2)) > turned[:, 11:, 11:].sum(axis=(1, 2))
    assert 5 < rising.sum() < 35, "to either side"
    covered = image_shifts.alter(np.full((9, 20, 20), 255, np.uint8), "occlusion", 3, 0)
    assert ((covered == 128).sum(axis=(1, 2)) == 64).all()
    flat = image_shifts.alter(GREY, "contrast", 5, 0)
    np.testing.assert_allclose(flat.std(axis=(1, 2)), GREY.std(axis=(1, 2)) / 10, atol=0.3)
    np.testing.assert_allclose(flat.mean(axis=(1, 2)), GREY.mean(axis=(1, 2)), atol=0.5)


@pytest.mark.parametrize("kind", text_shifts.SETTINGS)
def test_texts_change_more_with_strength_and_keep_a_word(kind: str) -> None:
    changed = []
    for strength in range(6):
        altered = text_shifts.alter(TEXTS, kind, strength, 1)
        assert altered.dtype == TEXTS.dtype
        assert (altered == text_shifts.alter(TEXTS, kind, strength, 1)).all()
        assert all(str(text) for text in altered[:-1])
        pairs = [
            (str(old).split(), str(new).split()) for old, new in zip(TEXTS, altered, strict=True)
        ]
        changed.append(
            sum(
                abs(len(old) - len(new)) + sum(a != b for a, b in zip(old, new, strict=False))
                for old, new in pairs
            )
        )
    assert changed[0] == 0
    assert changed[1:] == sorted(changed[1:]) or kind == "words missing"
    assert changed[1] > 0


def test_swapped_words_are_the_same_words() -> None:
    for old, new in zip(TEXTS, text_shifts.alter(TEXTS, "words swapped", 5, 0), strict=True):
        assert sorted(str(old).split()) == sorted(str(new).split())


@pytest.mark.parametrize("kind", text_shifts.SETTINGS)
def test_texts_without_spaces_change_by_characters_and_get_no_spaces(kind: str) -> None:
    texts = np.array(["房间很干净，但是床睡得很不舒服"] * 20, np.dtypes.StringDType())
    distances = []
    for strength in range(6):
        altered = text_shifts.alter(texts, kind, strength, 0).tolist()
        assert not any(" " in text for text in altered)
        assert all(altered)
        pairs = zip(altered, texts.tolist(), strict=True)
        distances.append(sum(new != old for new, old in pairs))
    assert distances[0] == 0
    assert distances[5] == 20
    mixed = np.array(["一 two three 四"], np.dtypes.StringDType())
    assert text_shifts.alter(mixed, "words missing", 1, 5)[0] == "一two three四"
