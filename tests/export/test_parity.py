"""Parity passes with differences from rounding, and fails with larger ones."""

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


def exact(inputs: Arrays) -> Arrays:
    return {"probabilities": softmax(inputs["images"])}


def test_rounding_passes_and_every_example_is_compared_once() -> None:
    sizes: list[int] = []

    def rounding(inputs: Arrays) -> Arrays:
        sizes.append(len(inputs["images"]))
        return {"probabilities": softmax(inputs["images"]) * np.float32(1 + 1e-7)}

    result = compare(rounding, {"images": LOGITS}, exact({"images": LOGITS}))
    result.check()
    assert result.examples == sum(sizes) == 500
    assert set(sizes) == {1, 2, 7, 106, 128}
    assert 0 < result.differences["probabilities"] < 1e-6


@pytest.mark.parametrize("spread", [0.2, 1.0, 40.0], ids=["low", "usual", "almost 1"])
def test_a_change_of_one_per_cent_fails_at_any_confidence(spread: float) -> None:
    logits = LOGITS * spread / 3
    result = compare(exact, {"images": logits * 1.01}, {"probabilities": softmax(logits)})
    assert result.failed
    with pytest.raises(ExportError, match="differs from the network") as caught:
        result.check()
    assert "no file was written" in caught.value.hint
    assert caught.value.exit_code == 1


def test_one_wrong_example_among_many_fails() -> None:
    expected = softmax(LOGITS)
    wrong = LOGITS.copy()
    wrong[377] = wrong[377][::-1]
    assert compare(exact, {"images": wrong}, {"probabilities": expected}).failed


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_nan_and_infinity_fail(odd: float) -> None:
    def broken(inputs: Arrays) -> Arrays:
        return {"probabilities": np.full((len(inputs["images"]), 4), odd, np.float32)}

    with np.errstate(invalid="ignore"):
        result = compare(broken, {"images": LOGITS}, {"probabilities": softmax(LOGITS)})
    assert "probabilities" in result.failed


def test_another_shape_fails() -> None:
    def narrow(inputs: Arrays) -> Arrays:
        return {"probabilities": softmax(inputs["images"])[:, :2]}

    assert compare(narrow, {"images": LOGITS}, {"probabilities": softmax(LOGITS)}).failed


def test_another_distance_is_reported_and_refuses_no_file() -> None:
    expected = exact({"images": LOGITS})
    scores = np.ones(len(LOGITS), np.float32)

    def farther(inputs: Arrays) -> Arrays:
        return exact(inputs) | {"ood_score": np.full(len(inputs["images"]), 1.2, np.float32)}

    result = compare(farther, {"images": LOGITS}, expected | {"ood_score": scores})
    result.check()
    assert "OOD scores differ by up to 0.2" in result.note
    assert compare(exact, {"images": LOGITS}, expected).note == ""


def test_pixels_may_round_by_one_level() -> None:
    pixels = rng.integers(1, 255, (40, 3, 3), np.uint8)
    for change, failed in ((1, []), (2, ["grey levels"])):
        result = compare(
            lambda inputs, change=change: {"images": inputs["codes"] + np.uint8(change)},  # type: ignore[misc]
            {"codes": pixels},
            {"images": pixels},
        )
        assert result.failed == failed


def test_texts_are_cut_to_their_length_except_in_the_first_batch() -> None:
    words = np.zeros((12, 9), np.int64)
    for row, length in enumerate([3, 0, 0, 5, 1, 1, 1, 1, 1, 1, 9, 2]):
        words[row, :length] = 2
    widths: list[int] = []

    def record_widths(inputs: Arrays) -> Arrays:
        widths.append(inputs["words"].shape[1])
        return {"ood_score": np.ones(len(inputs["words"]), np.float32)}

    compare(record_widths, {"words": words}, {"ood_score": np.ones(12, np.float32)}).check()
    assert widths == [9, 1, 5, 9]


def test_every_measure_has_a_tolerance() -> None:
    assert Parity(1, dict.fromkeys(TOLERANCES, 0.0)).failed == []
