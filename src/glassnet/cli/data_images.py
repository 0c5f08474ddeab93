"""Example images of a data set: as a PNG contact sheet, and as characters in the terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from glassnet.class_labels import shortened

if TYPE_CHECKING:
    import numpy as np

    from glassnet.contract import Split, Splits

SIDE = 14
"""Width of an example in the terminal in columns; its height is half as many lines."""

SHADES = " .:-=+*#%@"
GRID_EXAMPLES, GRID_SCALE, GRID_GAP, GRID_BACKGROUND = 10, 2, 8, 96
"""Examples per class, magnification, gap in pixels, and grey level of the background."""


def contact_sheet(split: Split, n_classes: int) -> bytes:
    """The bytes of a PNG with a row of ten examples per class, enlarged without smoothing."""
    import io

    import numpy as np
    from PIL import Image

    _, height, width, *channels = split.inputs.shape
    step_y, step_x = height * GRID_SCALE + GRID_GAP, width * GRID_SCALE + GRID_GAP
    canvas = np.full(
        (n_classes * step_y + GRID_GAP, GRID_EXAMPLES * step_x + GRID_GAP, *channels),
        GRID_BACKGROUND,
        np.uint8,
    )
    for label in range(n_classes):
        examples = split.inputs[np.flatnonzero(split.labels == label)[:GRID_EXAMPLES]]
        for column, image in enumerate(examples):
            top, left = GRID_GAP + label * step_y, GRID_GAP + column * step_x
            large = image.repeat(GRID_SCALE, axis=0).repeat(GRID_SCALE, axis=1)
            canvas[top : top + len(large), left : left + len(large[0])] = large
    stream = io.BytesIO()
    Image.fromarray(canvas).save(stream, "png")
    return stream.getvalue()


def terminal_images(splits: Splits) -> str:
    """The first training example of each class as text, five side by side under their names."""
    import numpy as np
    from PIL import Image

    draw = _in_greys if _supports_colour() else _in_characters
    lines: list[str] = []
    for first in range(0, len(splits.class_names), 5):
        names = splits.class_names[first : first + 5]
        drawings = []
        for label in range(first, first + len(names)):
            image = splits.train.inputs[np.flatnonzero(splits.train.labels == label)[0]]
            small = Image.fromarray(image).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
            drawings.append(draw(np.asarray(small)))
        lines += [
            "",
            "  ".join(f"{shortened(name, SIDE):^{SIDE}}" for name in names).rstrip(),
            *("  ".join(row).rstrip() for row in zip(*drawings, strict=True)),
        ]
    return "\n".join(lines)


def _supports_colour() -> bool:
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    try:
        "\N{UPPER HALF BLOCK}".encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _in_greys(image: np.ndarray) -> list[str]:
    """Two pixels per character: an upper half block in one grey on a background of the other."""
    return [
        "".join(
            f"\x1b[38;2;{above};{above};{above};48;2;{below};{below};{below}m\N{UPPER HALF BLOCK}"
            for above, below in zip(upper, lower, strict=True)
        )
        + "\x1b[0m"
        for upper, lower in zip(image[::2], image[1::2], strict=True)
    ]


def _in_characters(image: np.ndarray) -> list[str]:
    """Two pixels per character: the denser the character, the brighter their mean."""
    brightness = (image[::2].astype(int) + image[1::2]) // 2
    return ["".join(SHADES[grey * len(SHADES) // 256] for grey in row) for row in brightness]
