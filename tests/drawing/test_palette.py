from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from glassnet.drawing import palette
from glassnet.findings import LAYER_FAMILIES

# Machado, Oliveira and Fernandes (2009), full severity, on linear RGB.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return lab @ np.cbrt(cones @ rgb)


def contrast(one: str, two: str) -> float:
    low, high = sorted((palette.luminance(one), palette.luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_every_two_classes_can_be_distinguished(theme: palette.Theme, deficiency: str) -> None:
    matrix = np.array(DEFICIENCIES[deficiency])
    observed = [oklab(np.clip(matrix @ linear(colour), 0, 1)) for colour in theme.classes]
    nearest = min(np.linalg.norm(one - two) for one, two in combinations(observed, 2))
    # The usual tab10 comes down to 0.01 here, where two classes look the same.
    assert nearest > 0.06


@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_at_most_one_class_is_grey(theme: palette.Theme) -> None:
    chroma = [np.hypot(*oklab(linear(colour))[1:]) for colour in theme.classes]
    assert sum(value < 0.03 for value in chroma) == 1


@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", ["ink", "muted", "accent", "wrong"])
def test_words_stand_out_from_both_grounds(theme: palette.Theme, role: str) -> None:
    for ground in (theme.ground, theme.raised):
        assert contrast(getattr(theme, role), ground) >= 4.5


@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("role", ["low", "high"])
def test_words_can_be_read_on_every_depth_of_the_two_signs(theme: palette.Theme, role: str) -> None:
    for share in np.linspace(0, 1, 11):
        assert contrast(theme.ink, palette.mix(getattr(theme, role), theme.ground, share)) >= 4.5


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_the_two_signs_can_be_distinguished_at_every_depth(
    theme: palette.Theme, deficiency: str
) -> None:
    matrix = np.array(DEFICIENCIES[deficiency])
    for share, minimum in ((1.0, 0.1), (0.4, 0.04)):
        low, high = (
            oklab(np.clip(matrix @ linear(palette.mix(tone, theme.ground, share)), 0, 1))
            for tone in (theme.low, theme.high)
        )
        assert np.linalg.norm(low - high) > minimum


def test_class_colours_stand_out_on_the_dark_ground() -> None:
    assert min(contrast(colour, palette.DARK.ground) for colour in palette.DARK.classes) >= 3


@pytest.mark.parametrize("count", [1, 2, 10, 17, 20])
def test_no_two_of_up_to_twenty_classes_look_the_same(count: int) -> None:
    styles = palette.class_styles(count)
    assert len({(style.colour, style.marker) for style in styles}) == count
    assert [style.hollow for style in styles] == [number >= 10 for number in range(count)]


def test_more_than_twenty_classes_are_all_grey() -> None:
    assert len(set(palette.class_styles(21))) == 1


def test_both_themes_define_the_same_variables() -> None:
    def names(theme: palette.Theme) -> list[str]:
        return [line.split(":")[0] for line in palette.css_variables(theme).splitlines()]

    assert names(palette.LIGHT) == names(palette.DARK)
    assert {"--class-9", "--low", "--high"} <= set(names(palette.LIGHT))
    assert set(palette.LIGHT.families) == set(LAYER_FAMILIES)
