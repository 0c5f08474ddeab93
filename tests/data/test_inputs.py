"""Inputs that a program passes are checked before a network reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from glassnet.data.inputs import check_images, check_texts
from glassnet.errors import UsageError


def test_texts_become_an_array_of_strings() -> None:
    found = check_texts(["a", "déjà vu"])
    assert found.tolist() == ["a", "déjà vu"]
    assert found.dtype.kind == "T"


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("a", "a single string instead of several texts"),
        ([], "there are no texts"),
        (["a", "b", 3, None], "text number 2 is of type int"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(texts: Any, message: str) -> None:
    with pytest.raises(UsageError) as error:
        check_texts(texts)
    assert error.value.message == message


@pytest.mark.parametrize(
    ("size", "shape"),
    [((2, 5, 4), (1, 5, 4)), ((2, 5, 4, 3), (3, 5, 4)), ((2, 5, 4, 1), (1, 5, 4))],
)
def test_images_fit_a_network_by_channels_height_and_width(
    size: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    images = np.zeros(size, np.uint8)
    np.testing.assert_array_equal(check_images(images, shape), images)
    for other in ((shape[0] + 1, 5, 4), (shape[0], 4, 5)):
        with pytest.raises(UsageError, match="do not fit this network"):
            check_images(images, other)
