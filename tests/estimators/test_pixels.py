from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassnet.errors import ArgumentError
from glassnet.estimators import pixels

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("features", "asked", "given_shape", "shape"),
    [
        (784, None, None, (28, 28)),
        (64, None, None, (8, 8)),
        (49, None, None, (1, 49)),
        (4, None, None, (1, 4)),
        (30, None, None, (1, 30)),
        (2914, (62, 47), None, (62, 47)),
        (3072, [32, 32, 3], None, (32, 32, 3)),
        (784, (1, 784), None, (1, 784)),
        (300, None, (10, 30), (10, 30)),
        (300, (10, 30), (10, 30), (10, 30)),
    ],
)
def test_the_shape_of_an_image(
    features: int, asked: object, given_shape: tuple[int, ...] | None, shape: tuple[int, ...]
) -> None:
    assert pixels.image_shape(features, asked, given_shape) == shape


@pytest.mark.parametrize(
    ("features", "asked", "given_shape", "message"),
    [
        (2914, None, None, "rows of 2,914 numbers make no square image"),
        (784, (28, 27), None, "does not fit 784 numbers"),
        (784, (784,), None, "is no shape"),
        (784, "28x28", None, "is no shape"),
        (784, (28.0, 28), None, "is no shape"),
        (784, (-28, -28), None, "is no shape"),
        (784, (14, 56), (28, 28), "does not fit images of 28 x 28"),
    ],
)
def test_a_shape_that_cannot_be(
    features: int, asked: object, given_shape: tuple[int, ...] | None, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        pixels.image_shape(features, asked, given_shape)
    assert len(str(caught.value).splitlines()) == 2


def test_images_of_eight_bits_are_kept() -> None:
    X = RNG.integers(5, 200, (7, 64), np.uint8)
    found = pixels.learn(X, (8, 8), rows=True)
    assert found.images(X).dtype == np.uint8
    np.testing.assert_array_equal(found.images(X).reshape(7, 64), X)
    np.testing.assert_array_equal(found.images(X.astype(np.int64)), found.images(X))
    np.testing.assert_allclose(found.images(X.astype(float)), found.images(X) / 255, rtol=1e-6)


def test_numbers_in_0_to_1_are_kept_and_others_go_from_least_to_largest() -> None:
    faint = RNG.random((5, 64)) / 2
    np.testing.assert_array_equal(
        pixels.learn(faint, (8, 8), True).images(faint), faint.astype(np.float32).reshape(5, 8, 8)
    )
    grey = RNG.integers(0, 17, (50, 64)).astype(float)
    images = pixels.learn(grey, (8, 8), True).images(grey)
    assert (images.min(), images.max()) == (0, 1)
    np.testing.assert_allclose(images.reshape(50, 64), grey / 16, rtol=1e-6)


def test_the_columns_of_a_strip_have_each_their_own_scale() -> None:
    table = np.column_stack([RNG.random(20) * 1e6, RNG.random(20) / 1e6, np.full(20, 3.0)])
    strips = pixels.learn(table, (1, 3), True).images(table)
    assert strips.shape == (20, 1, 3)
    np.testing.assert_allclose(strips[:, 0, :2].min(axis=0), 0)
    np.testing.assert_allclose(strips[:, 0, :2].max(axis=0), 1)
    assert (strips[:, 0, 2] == 0).all()


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from([np.uint8, np.int32, np.int64, np.float32, np.float64, np.bool_]),
    st.sampled_from([(1, 12), (3, 4), (2, 2, 3)]),
    st.booleans(),
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
    st.integers(0, 99),
)
def test_what_becomes_images_comes_back(
    kind: type, shape: tuple[int, ...], rows: bool, low: float, span: float, seed: int
) -> None:
    """To within a 256th of the range, and exactly where there were eight bits."""
    drawn = np.random.default_rng(seed).random((9, 12))
    X = (drawn * 255).astype(kind) if kind is np.uint8 else (low + span * drawn).astype(kind)
    found = pixels.learn(X, shape, rows)
    levels = found.eight_bits(X)
    assert levels.dtype == np.uint8
    assert levels.shape == (9, *shape)
    channels = levels[..., None] if len(shape) == 2 else levels
    back = found.back(np.moveaxis(channels, -1, 1).astype(np.float32) / 255)
    assert back.shape == (X.shape if rows else (9, *shape))
    flat = X.astype(float)
    if kind is np.uint8 and shape[0] > 1:
        assert back.dtype == np.uint8
        np.testing.assert_array_equal(back.reshape(9, -1), X)
    else:
        step = float((found.high - found.low).max()) / 255
        step += 1e-6 * (abs(low) + span) + (kind is np.uint8)
        assert np.abs(back.reshape(9, -1) - flat).max() <= step


def test_what_lies_outside_is_kept_by_floats_and_cut_off_by_eight_bits() -> None:
    found = pixels.learn(np.array([[0.0, 2.0]]), (1, 2), True)
    wide = pixels.learn(np.array([[0.0], [2.0]]), (1, 1), True)
    assert wide.images(np.array([[-1.0], [3.0]])).ravel().tolist() == [-0.5, 1.5]
    assert wide.eight_bits(np.array([[-1.0], [3.0]])).ravel().tolist() == [0, 255]
    assert found.images(np.array([[0.0, 2.0]])).tolist() == [[[0, 0]]]  # nothing to tell apart


def test_what_is_given_is_left_alone() -> None:
    X = RNG.random((6, 64))
    X.flags.writeable = False
    found = pixels.learn(X, (8, 8), True)
    assert found.images(X).flags.writeable
    eight = np.zeros((6, 64), np.uint8)
    eight.flags.writeable = False
    assert pixels.learn(eight, (8, 8), True).images(eight).flags.writeable
