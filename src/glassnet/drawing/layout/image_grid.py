"""Layout of image grids: positions of images, and still grids of an animation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from glassnet.findings import ImageGrid

MAX_FRAMES, MAX_STRIP_FRAMES, MAX_STRIP_ROWS = 6, 12, 8
"""Limits on paper for an animation: whole frames, or frames and samples of a film strip."""


@dataclass(frozen=True)
class GridAxis:
    """Rows or columns of a grid: where each image starts and its size, in whole pixels."""

    starts: tuple[int, ...]
    size: int

    @property
    def length(self) -> int:
        """Distance from the start of the first image to the end of the last."""
        return self.starts[-1] + self.size if self.starts else 0

    def middles(self) -> list[float]:
        """List each image's middle as a fraction of the length."""
        return [(start + self.size / 2) / self.length for start in self.starts]


def grid_axes(finding: ImageGrid, size: tuple[int, int], gap: int) -> tuple[GridAxis, GridAxis]:
    """Place rows and columns of images of `size` (height, width), `gap` pixels apart.

    A map of a plane has no gaps.
    """
    gap = 0 if finding.is_plane else gap
    return (
        _grid_axis(finding.images.shape[1], size[0], gap),
        _grid_axis(finding.images.shape[2], size[1], gap),
    )


def _grid_axis(count: int, size: int, gap: int) -> GridAxis:
    return GridAxis(tuple(i * (size + gap) for i in range(count)), size)


def is_numeric(names: Sequence[str]) -> bool:
    """Check whether names are numbers, of which a few are enough."""
    try:
        return bool([float(name.replace("\N{MINUS SIGN}", "-")) for name in names if name])
    except ValueError:
        return False


def compose(images: np.ndarray, rows: GridAxis, columns: GridAxis) -> tuple[np.ndarray, np.ndarray]:
    """Compose one frame's images to a single image.

    Args:
        images: (rows, columns, height, width) or (..., 3) uint8, of the size of the axes.
        rows, columns: where they go.

    Returns:
        The pixels, (height, width) or (height, width, 3) uint8, and a mask, (height, width) bool,
        that is false in the gaps.
    """
    size = (rows.length, columns.length)
    pixels = np.zeros((*size, *images.shape[4:]), np.uint8)
    opaque = np.zeros(size, bool)
    for top, row_images in zip(rows.starts, images, strict=True):
        for left, image in zip(columns.starts, row_images, strict=True):
            tile = slice(top, top + rows.size), slice(left, left + columns.size)
            pixels[tile] = image
            opaque[tile] = True
    return pixels, opaque


def resize(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize images (..., rows, columns, height, width[, 3]) by repeating or dropping pixels."""
    height, width = images.shape[3:5]
    down = np.arange(size[0]) * height // size[0]
    across = np.arange(size[1]) * width // size[1]
    return images[:, :, :, down][:, :, :, :, across]


def still_grids(finding: ImageGrid) -> list[tuple[str, ImageGrid]]:
    """List the still grids that paper shows of a grid, each with its caption.

    A grid with one frame is itself. Of an animation, some frames are selected, including the first
    and the last. If rows and columns both have names, each frame is a grid; otherwise some samples
    are followed through the frames, a row per sample and a column per frame.
    """
    if len(finding.frame_names) == 1:
        return [(frame_names(finding)[0], finding)]
    if not (finding.row_names and finding.column_names):
        return [("", _strip(_select_frames(finding, MAX_STRIP_FRAMES)))]
    animated = _select_frames(finding, MAX_FRAMES)
    return [
        (name, replace(animated, images=animated.images[index : index + 1], frame_names=("",)))
        for index, name in enumerate(frame_names(animated))
    ]


def frame_names(finding: ImageGrid) -> list[str]:
    """Name each frame with its unit, such as `epoch 3`."""
    return [f"{finding.frame_label} {name}".strip() if name else "" for name in finding.frame_names]


def _select_frames(animated: ImageGrid, max_frames: int) -> ImageGrid:
    """Select at most `max_frames` frames, evenly from the first to the last."""
    count = len(animated.frame_names)
    selected = np.linspace(0, count - 1, min(max_frames, count)).round().astype(int)
    return replace(
        animated,
        images=animated.images[selected],
        frame_names=tuple(animated.frame_names[i] for i in selected),
    )


def _strip(animated: ImageGrid) -> ImageGrid:
    """Follow samples through the frames; one from each named row or column."""
    names, label, samples = animated.row_names, animated.row_label, animated.images[:, :, 0]
    if animated.column_names:
        names, label, samples = animated.column_names, animated.column_label, animated.images[:, 0]
    elif not names:
        samples = animated.images.reshape(len(animated.images), -1, *animated.images.shape[3:])[
            :, :MAX_STRIP_ROWS
        ]
        label = ""
    return replace(
        animated,
        images=samples.swapaxes(0, 1)[None],
        frame_names=("",),
        row_names=names,
        row_label=label,
        column_names=animated.frame_names,
        column_label=animated.frame_label,
    )
