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


def cielab(rgb: np.ndarray) -> np.ndarray:
    """Linear sRGB to CIELAB, white point D65."""
    matrix = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    relative = matrix @ rgb / np.array([0.95047, 1.0, 1.08883])
    linear_part = (24389 / 27 * relative + 16) / 116
    x, y, z = np.where(relative > 216 / 24389, np.cbrt(relative), linear_part)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(one: np.ndarray, other: np.ndarray) -> float:
    """The difference of two CIELAB colours (Sharma, Wu and Dalal, 2005)."""
    lightness, a, b = np.stack([one, other]).T
    weight = 0.5 * (1 - np.sqrt(1 / (1 + (25 / max(np.hypot(a, b).mean(), 1e-9)) ** 7)))
    a = a * (1 + weight)
    chroma, hue = np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360
    turn = (hue[1] - hue[0] + 180) % 360 - 180 if chroma.all() else 0.0
    mean_hue = np.radians(hue[0] + turn / 2 if chroma.all() else hue.sum())
    mean_chroma, offset = chroma.mean(), (lightness.mean() - 50) ** 2
    hue_weight = 1 + sum(
        factor * np.cos(times * mean_hue + np.radians(shift))
        for factor, times, shift in ((-0.17, 1, -30), (0.24, 2, 0), (0.32, 3, 6), (-0.2, 4, -63))
    )
    blue = np.radians(30) * np.exp(-(((np.degrees(mean_hue) % 360 - 275) / 25) ** 2))
    rotation = -np.sin(2 * blue) * 2 * np.sqrt(1 / (1 + (25 / max(mean_chroma, 1e-9)) ** 7))
    dl = np.diff(lightness)[0] / (1 + 0.015 * offset / np.sqrt(20 + offset))
    dc = np.diff(chroma)[0] / (1 + 0.045 * mean_chroma)
    dh = 2 * np.sqrt(chroma.prod()) * np.sin(np.radians(turn) / 2)
    dh /= 1 + 0.015 * mean_chroma * hue_weight
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh))


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
    ],
)
def test_the_differences_are_those_of_the_published_examples(
    one: tuple[float, ...], other: tuple[float, ...], difference: float
) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(difference, abs=5e-5)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_every_two_classes_can_be_distinguished(theme: palette.Theme, deficiency: str) -> None:
    matrix = np.array(DEFICIENCIES[deficiency])
    observed = [cielab(np.clip(matrix @ linear(colour), 0, 1)) for colour in theme.classes]
    nearest = min(ciede2000(one, two) for one, two in combinations(observed, 2))
    # The usual tab10 comes down to 1 here, where two classes look the same.
    assert nearest > (19 if deficiency == "none" else 13)


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


@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK], ids=["light", "dark"])
def test_class_colours_stand_out_from_the_ground(theme: palette.Theme) -> None:
    assert min(contrast(colour, theme.ground) for colour in theme.classes) >= 3


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
