from __future__ import annotations

import numpy as np
import pytest

from glassnet.data.images import shapes
from glassnet.errors import DataError, UsageError


@pytest.mark.parametrize(
    ("sizes", "size", "shape"),
    [
        ([(28, 28)] * 3, None, (28, 28)),
        ([(64, 20)] * 3, None, (20, 64)),
        ([(65, 65)] * 3, None, (64, 64)),
        ([(640, 480)] * 3, None, (64, 64)),
        ([(640, 480), (480, 640), (320, 240)], None, (64, 64)),
        ([(20, 30), (22, 22), (900, 800)], None, (22, 22)),
        ([(28, 28)] * 3, 32, (32, 32)),
        ([(640, 480), (480, 640)], 128, (128, 128)),
    ],
)
def test_the_size(sizes: list[tuple[int, int]], size: int | None, shape: tuple[int, int]) -> None:
    assert shapes.choose(np.array(sizes), True, size, None) == (1, *shape)


@pytest.mark.parametrize(
    ("grey", "colour", "channels"),
    [(True, None, 1), (False, None, 3), (True, "rgb", 3), (False, "grey", 1)],
)
def test_the_colour(grey: bool, colour: str | None, channels: int) -> None:
    assert shapes.choose(np.array([(28, 28)]), grey, None, colour)[0] == channels


def test_what_would_not_fit_into_memory() -> None:
    with pytest.raises(DataError) as caught:
        shapes.choose(np.array([(640, 480)] * 20_000), False, 512, None)
    assert caught.value.message == "20,000 images of 512 x 512 pixels take 14.6 GiB, more than 8"
    assert caught.value.hint == "choose a smaller --image-size"


def record(sizes: list[tuple[int, int]], shape: shapes.Shape, size: int | None) -> list[str]:
    places = [f"{k}.png" for k in range(len(sizes))]
    return [one.text for one in shapes.change(np.array(sizes), places, shape, size)]


def test_a_change_is_told_in_one_line() -> None:
    assert record([(40, 30), (20, 30)] * 617, (3, 20, 20), None) == [
        "1,234 images of 2 sizes (20 x 30 to 40 x 30) brought to 20 x 20 pixels (scaled, edges "
        "cut); --image-size changes it"
    ]
    assert record([(40, 40)], (3, 20, 20), 20) == [
        "1 image of 40 x 40 brought to 20 x 20 pixels (scaled)"
    ]
    assert record([(40, 30)], (3, 30, 40), None) == []


def test_what_is_enlarged_and_what_is_mostly_cut_is_told() -> None:
    sizes = [(64, 64), (31, 40), (640, 320), (700, 320), (20, 300), (32, 32)]
    assert record(sizes, (3, 64, 64), None)[1:] == [
        "2 images enlarged more than 2 times: 1.png (31 x 40), 4.png (20 x 300)",
        "2 images cut by more than 50 % of the area: 3.png (700 x 320), 4.png (20 x 300)",
    ]


def test_what_cannot_be_asked_for() -> None:
    shapes.check_request(None, None)
    shapes.check_request(32, "grey")
    with pytest.raises(UsageError, match="the size is 0"):
        shapes.check_request(0, None)
    with pytest.raises(UsageError, match="did you mean grey"):
        shapes.check_request(None, "gray")
