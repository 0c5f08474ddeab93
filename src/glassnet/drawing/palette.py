"""Colours and markers of figures, report and page.

The ten class colours were searched for: the smallest difference between two of them (CIEDE2000) is
as large as could be found while each has a contrast of 3:1 to its ground, for normal vision and for
simulated protanopia, deuteranopia and tritanopia. The search began with those of M. A. Petroff,
"Accessible Color Sequences for Data Visualization" (arXiv:2107.02270, 2021), of which four are left
on a light ground. On a dark one the hues are about the same. A test measures the differences.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CLASS_COLOURS = (
    "#3f90da",
    "#e16700",
    "#bd1f01",
    "#2d6d6c",
    "#832db6",
    "#79664e",
    "#b55f9a",
    "#819966",
    "#670c3d",
    "#979190",
)
"""The class colours on a light background, in the order of the class numbers."""

CLASS_COLOURS_DARK = (
    "#3f90da",
    "#e66814",
    "#c42216",
    "#64cbdb",
    "#6851c4",
    "#827059",
    "#cc86a4",
    "#9cb37a",
    "#9c4870",
    "#dacec8",
)
"""The same hues on a dark background."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")
"""Matplotlib's marker codes of the classes, a second channel on paper."""


@dataclass(frozen=True)
class Theme:
    """The colours of the light or the dark theme, each as `#rrggbb`.

    Attributes:
        ground, raised: background of the page, and of boxes on it.
        ink, muted, rule: text, secondary text, hairlines.
        accent: links, marks and the validation curve.
        wrong: mistakes.
        low, high: evidence against and for a class, in the hues of the first and the second class,
            which they stand for when there are two; equally deep, and `ink` is legible on both.
        families: layer family -> fill colour.
        classes: the ten class colours.
    """

    ground: str
    raised: str
    ink: str
    muted: str
    rule: str
    accent: str
    wrong: str
    low: str
    high: str
    families: Mapping[str, str]
    classes: tuple[str, ...]


LIGHT = Theme(
    ground="#ffffff",
    raised="#f5f6f4",
    ink="#1b1e23",
    muted="#5c636d",
    rule="#d9dcdd",
    accent="#0b5f8a",
    wrong="#b5420d",
    low="#72b2e4",
    high="#ef9a4a",
    families={
        "conv": "#5b9bc8",
        "norm": "#d3c9e6",
        "activation": "#f3d48f",
        "pool": "#e59a78",
        "dropout": "#e3e5e4",
        "linear": "#7fb59b",
        "softmax": "#c9a3bf",
        "other": "#c3c9cc",
    },
    classes=CLASS_COLOURS,
)

DARK = Theme(
    ground="#14171b",
    raised="#1d2126",
    ink="#e8eaec",
    muted="#a2a9b2",
    rule="#343a42",
    accent="#6cb8e6",
    wrong="#f0895a",
    low="#2468a2",
    high="#9c4f12",
    families={
        "conv": "#3f7fae",
        "norm": "#7c6f99",
        "activation": "#b8923f",
        "pool": "#b5694a",
        "dropout": "#5a6068",
        "linear": "#4d8c70",
        "softmax": "#96698a",
        "other": "#6d757c",
    },
    classes=CLASS_COLOURS_DARK,
)


@dataclass(frozen=True)
class ClassStyle:
    """Appearance of one class: colours of both themes, marker, and whether it is hollow."""

    colour: str
    dark: str
    marker: str
    hollow: bool


def class_styles(count: int) -> tuple[ClassStyle, ...]:
    """Give each of `count` classes its appearance.

    Ten classes get ten colours and markers. Up to twenty, the second ten repeat the colours with
    other, hollow markers. Beyond that, colours are indistinguishable: all points are grey, and only
    the names at the classes' centres identify them.

    Example:
        >>> [style.marker for style in class_styles(2)]
        ['o', 's']
    """
    if count > 2 * len(CLASS_COLOURS):
        return (ClassStyle("#8a9097", "#8a9097", "o", False),) * count
    styles = []
    for index in range(count):
        turn, slot = divmod(index, len(CLASS_COLOURS))
        marker = MARKERS[(slot + 3 * turn) % len(MARKERS)]
        styles.append(
            ClassStyle(CLASS_COLOURS[slot], CLASS_COLOURS_DARK[slot], marker, hollow=turn > 0)
        )
    return tuple(styles)


def css_variables(theme: Theme) -> str:
    """Write a theme as CSS custom properties, one declaration per line.

    Example:
        >>> css_variables(LIGHT).splitlines()[0]
        '--ground: #ffffff;'
    """
    values = {
        "ground": theme.ground,
        "raised": theme.raised,
        "ink": theme.ink,
        "muted": theme.muted,
        "rule": theme.rule,
        "accent": theme.accent,
        "wrong": theme.wrong,
        "low": theme.low,
        "high": theme.high,
    }
    values |= {f"family-{name}": colour for name, colour in theme.families.items()}
    values |= {f"class-{index}": colour for index, colour in enumerate(theme.classes)}
    return "\n".join(f"--{name}: {value};" for name, value in values.items())


def luminance(colour: str) -> float:
    """Compute the relative luminance of `#rrggbb`, in [0, 1], as WCAG 2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mix(colour: str, ground: str, share: float) -> str:
    """Blend two colours: `share` (in [0, 1]) of `colour` over `ground`; both are `#rrggbb`.

    Example:
        >>> mix("#000000", "#ffffff", 0.5)
        '#808080'
    """
    pairs = [(int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(top * share + base * (1 - share)):02x}" for top, base in pairs)
