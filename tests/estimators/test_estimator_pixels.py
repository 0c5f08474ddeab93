from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from glassnet.errors import ArgumentError
from glassnet.estimators import pixels

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("n_features", "image_shape", "input_shape", "shape"),
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
def test_the_shape_of_an_image_is_inferred(
    n_features: int,
    image_shape: object,
    input_shape: tuple[int, ...] | None,
    shape: tuple[int, ...],
) -> None:
    assert pixels.infer_shape(n_features, image_shape, input_shape) == shape


@pytest.mark.parametrize(
    ("n_features", "image_shape", "input_shape", "message"),
    [
        (2914, None, None, "rows of 2,914 numbers are not square images"),
        (784, (28, 27), None, "does not fit 784 numbers"),
        (784, (784,), None, "is not a shape"),
        (784, "28x28", None, "is not a shape"),
        (784, (28.0, 28), None, "is not a shape"),
        (784, (-28, -28), None, "is not a shape"),
        (784, (14, 56), (28, 28), "does not fit images of 28 x 28"),
    ],
)
def test_an_invalid_shape_is_refused(
    n_features: int, image_shape: object, input_shape: tuple[int, ...] | None, message: str
) -> None:
    with pytest.raises(ArgumentError, match=message) as caught:
        pixels.infer_shape(n_features, image_shape, input_shape)
    assert len(str(caught.value).splitlines()) == 2


def test_8_bit_images_keep_their_scale() -> None:
    X = RNG.integers(5, 200, (7, 64), np.uint8)
    scaler = pixels.fit_scaler(X, (8, 8), flat=True)
    assert scaler.to_images(X).dtype == np.uint8
    np.testing.assert_array_equal(scaler.to_images(X).reshape(7, 64), X)
    np.testing.assert_array_equal(scaler.to_images(X.astype(np.int64)), scaler.to_images(X))
    np.testing.assert_allclose(
        scaler.to_images(X.astype(float)), scaler.to_images(X) / 255, rtol=1e-6
    )


def test_images_in_0_to_1_keep_their_scale_and_others_are_scaled() -> None:
    faint = RNG.random((5, 64)) / 2
    np.testing.assert_array_equal(
        pixels.fit_scaler(faint, (8, 8), True).to_images(faint),
        faint.astype(np.float32).reshape(5, 8, 8),
    )
    grey = RNG.integers(0, 17, (50, 64)).astype(float)
    images = pixels.fit_scaler(grey, (8, 8), True).to_images(grey)
    assert (images.min(), images.max()) == (0, 1)
    np.testing.assert_allclose(images.reshape(50, 64), grey / 16, rtol=1e-6)


def test_tabular_features_are_scaled_separately() -> None:
    table = np.column_stack([RNG.random(20) * 1e6, RNG.random(20) / 1e6, np.full(20, 3.0)])
    images = pixels.fit_scaler(table, (1, 3), True).to_images(table)
    assert images.shape == (20, 1, 3)
    np.testing.assert_allclose(images[:, 0, :2].min(axis=0), 0)
    np.testing.assert_allclose(images[:, 0, :2].max(axis=0), 1)
    assert (images[:, 0, 2] == 0).all()


@settings(max_examples=50)
@given(
    st.sampled_from([np.uint8, np.int32, np.int64, np.float32, np.float64, np.bool_]),
    st.sampled_from([(1, 12), (3, 4), (2, 2, 3)]),
    st.booleans(),
    st.floats(-1e6, 1e6),
    st.floats(1e-3, 1e6),
    st.integers(0, 99),
)
def test_the_inverse_of_the_scaling_restores_x(
    dtype: type, shape: tuple[int, ...], flat: bool, low: float, span: float, seed: int
) -> None:
    """To within a 256th of the range, and exactly for 8-bit images."""
    values = np.random.default_rng(seed).random((9, 12))
    X = (values * 255).astype(dtype) if dtype is np.uint8 else (low + span * values).astype(dtype)
    scaler = pixels.fit_scaler(X, shape, flat)
    levels = scaler.to_8_bit(X)
    assert levels.dtype == np.uint8
    assert levels.shape == (9, *shape)
    channels = levels[..., None] if len(shape) == 2 else levels
    back = scaler.inverse(np.moveaxis(channels, -1, 1).astype(np.float32) / 255)
    assert back.shape == (X.shape if flat else (9, *shape))
    expected = X.astype(float)
    if dtype is np.uint8 and shape[0] > 1:
        assert back.dtype == np.uint8
        np.testing.assert_array_equal(back.reshape(9, -1), X)
    else:
        step = float((scaler.high - scaler.low).max()) / 255
        step += 1e-6 * (abs(low) + span) + (dtype is np.uint8)
        assert np.abs(back.reshape(9, -1) - expected).max() <= step


def test_values_outside_of_the_fitted_range_are_clipped_in_8_bit_images_only() -> None:
    scaler = pixels.fit_scaler(np.array([[0.0, 2.0]]), (1, 2), True)
    wide = pixels.fit_scaler(np.array([[0.0], [2.0]]), (1, 1), True)
    assert wide.to_images(np.array([[-1.0], [3.0]])).ravel().tolist() == [-0.5, 1.5]
    assert wide.to_8_bit(np.array([[-1.0], [3.0]])).ravel().tolist() == [0, 255]
    assert scaler.to_images(np.array([[0.0, 2.0]])).tolist() == [[[0, 0]]]  # constant features


def test_read_only_arrays_are_not_changed() -> None:
    X = RNG.random((6, 64))
    X.flags.writeable = False
    scaler = pixels.fit_scaler(X, (8, 8), True)
    assert scaler.to_images(X).flags.writeable
    eight = np.zeros((6, 64), np.uint8)
    eight.flags.writeable = False
    assert pixels.fit_scaler(eight, (8, 8), True).to_images(eight).flags.writeable
