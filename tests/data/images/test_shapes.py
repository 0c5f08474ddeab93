from __future__ import annotations

import numpy as np
import pytest

from glassnet import formats
from glassnet.data.images import shapes
from glassnet.errors import DataError, UsageError


@pytest.mark.parametrize(
    ("sizes", "image_size", "shape"),
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
def test_the_size_is_chosen(
    sizes: list[tuple[int, int]], image_size: int | None, shape: tuple[int, int]
) -> None:
    assert shapes.choose(np.array(sizes), True, image_size, None) == (1, *shape)


@pytest.mark.parametrize(
    ("grey", "colour", "channels"),
    [(True, None, 1), (False, None, 3), (True, "rgb", 3), (False, "grey", 1)],
)
def test_the_number_of_channels_is_chosen(grey: bool, colour: str | None, channels: int) -> None:
    assert shapes.choose(np.array([(28, 28)]), grey, None, colour)[0] == channels


def test_images_that_do_not_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "memory_limit", lambda: 8 << 30)
    with pytest.raises(DataError) as caught:
        shapes.choose(np.array([(640, 480)] * 20_000), False, 512, None)
    assert caught.value.message == (
        "20,000 images of 512 x 512 pixels take 14.6 GiB, "
        "more than half of this machine's memory (8.0 GiB)"
    )
    assert caught.value.hint == "choose a smaller --image-size"


def messages(
    sizes: list[tuple[int, int]], shape: shapes.Shape, image_size: int | None
) -> list[str]:
    locations = [f"{k}.png" for k in range(len(sizes))]
    problems = shapes.resizing_problems(np.array(sizes), locations, shape, image_size)
    return [problem.text for problem in problems]


def test_resizing_is_reported_in_one_line() -> None:
    assert messages([(40, 30), (20, 30)] * 617, (3, 20, 20), None) == [
        "1,234 images of 2 sizes (20 x 30 to 40 x 30) resized to 20 x 20 pixels and cropped; "
        "--image-size changes it"
    ]
    assert messages([(40, 40)], (3, 20, 20), 20) == ["1 image of 40 x 40 resized to 20 x 20 pixels"]
    assert messages([(40, 30)], (3, 30, 40), None) == []


def test_enlarged_and_mostly_cropped_images_are_reported() -> None:
    sizes = [(64, 64), (31, 40), (640, 320), (700, 320), (20, 300), (32, 32)]
    assert messages(sizes, (3, 64, 64), None)[1:] == [
        "2 images enlarged more than 2 times: 1.png (31 x 40), 4.png (20 x 300)",
        "2 images cropped by more than 50 % of the area: 3.png (700 x 320), 4.png (20 x 300)",
    ]


def test_unknown_sizes_and_colours_are_refused() -> None:
    shapes.check_options(None, None)
    shapes.check_options(32, "grey")
    with pytest.raises(UsageError, match="--image-size is 0"):
        shapes.check_options(0, None)
    with pytest.raises(UsageError, match="did you mean grey"):
        shapes.check_options(None, "gray")
