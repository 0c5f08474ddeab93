"""Parity: rounding passes, and what is more than rounding does not."""

from __future__ import annotations

import numpy as np
import pytest

from glassnet.errors import ExportError
from glassnet.export.parity import TOLERANCES, Arrays, Parity, compare

rng = np.random.default_rng(0)
LOGITS = rng.normal(size=(500, 4)) * 3


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def answering(inputs: Arrays) -> Arrays:
    return {"probabilities": softmax(inputs["images"])}


def test_rounding_passes_and_every_example_is_asked_once() -> None:
    sizes: list[int] = []

    def rounding(inputs: Arrays) -> Arrays:
        sizes.append(len(inputs["images"]))
        return {"probabilities": softmax(inputs["images"]) * np.float32(1 + 1e-7)}

    found = compare(rounding, {"images": LOGITS}, answering({"images": LOGITS}))
    found.check()
    assert found.examples == sum(sizes) == 500
    assert set(sizes) == {1, 2, 7, 106, 128}
    assert 0 < found.differences["probabilities"] < 1e-6


@pytest.mark.parametrize("spread", [0.2, 1.0, 40.0], ids=["unsure", "usual", "all but certain"])
def test_a_change_of_one_per_cent_is_seen_however_sure_the_answers_are(spread: float) -> None:
    logits = LOGITS * spread / 3
    found = compare(answering, {"images": logits * 1.01}, {"probabilities": softmax(logits)})
    assert found.failed
    with pytest.raises(ExportError, match="answers otherwise than the network") as caught:
        found.check()
    assert "no file was written" in caught.value.hint
    assert caught.value.exit_code == 1


def test_one_example_among_many_is_enough() -> None:
    right = softmax(LOGITS)
    wrong = LOGITS.copy()
    wrong[377] = wrong[377][::-1]
    assert compare(answering, {"images": wrong}, {"probabilities": right}).failed


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_is_no_number_fails(odd: float) -> None:
    def broken(inputs: Arrays) -> Arrays:
        return {"probabilities": np.full((len(inputs["images"]), 4), odd, np.float32)}

    with np.errstate(invalid="ignore"):
        found = compare(broken, {"images": LOGITS}, {"probabilities": softmax(LOGITS)})
    assert "probabilities" in found.failed


def test_another_shape_fails() -> None:
    def narrow(inputs: Arrays) -> Arrays:
        return {"probabilities": softmax(inputs["images"])[:, :2]}

    assert compare(narrow, {"images": LOGITS}, {"probabilities": softmax(LOGITS)}).failed


def test_pixels_may_round_by_one_level() -> None:
    pixels = rng.integers(1, 255, (40, 3, 3), np.uint8)
    for change, failed in ((1, []), (2, ["grey levels"])):
        found = compare(
            lambda given, change=change: {"images": given["codes"] + np.uint8(change)},  # type: ignore[misc]
            {"codes": pixels},
            {"images": pixels},
        )
        assert found.failed == failed


def test_texts_come_in_their_own_length_save_the_first() -> None:
    words = np.zeros((12, 9), np.int64)
    for row, length in enumerate([3, 0, 0, 5, 1, 1, 1, 1, 1, 1, 9, 2]):
        words[row, :length] = 2
    widths: list[int] = []

    def reading(inputs: Arrays) -> Arrays:
        widths.append(inputs["words"].shape[1])
        return {"ood_score": np.ones(len(inputs["words"]), np.float32)}

    compare(reading, {"words": words}, {"ood_score": np.ones(12, np.float32)}).check()
    assert widths == [9, 1, 5, 9]


def test_every_measure_has_its_tolerance() -> None:
    assert Parity(1, dict.fromkeys(TOLERANCES, 0.0)).failed == []
