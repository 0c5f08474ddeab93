"""What paper and screen share of a mosaic: where its images lie, and the picture they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from glassnet.findings import ImageGrid

MAX_FRAMES, MAX_STRIP_FRAMES, MAX_STRIP_ROWS = 6, 12, 8
"""What paper shows of a film at most: whole frames, or frames and samples of a strip."""


@dataclass(frozen=True)
class GridAxis:
    """One axis of a mosaic: where each image starts, all of one size, in whole dots."""

    starts: tuple[int, ...]
    size: int

    @property
    def length(self) -> int:
        """From the first image's start to the last one's end."""
        return self.starts[-1] + self.size if self.starts else 0

    def middles(self) -> list[float]:
        """Give each image's middle as a share of the length."""
        return [(start + self.size / 2) / self.length for start in self.starts]


def grid_axes(finding: ImageGrid, size: tuple[int, int], gap: int) -> tuple[GridAxis, GridAxis]:
    """Place rows and columns of images of `size` (height, width), `gap` dots apart.

    Names that repeat, as `original`, `rebuilt`, `original`, `rebuilt`, are groups, which stand
    further apart. A map of a plane has no gaps.
    """
    gap = 0 if is_plane(finding) else gap
    return (
        _track(finding.row_names, finding.images.shape[1], size[0], gap),
        _track(finding.column_names, finding.images.shape[2], size[1], gap),
    )


def _track(names: tuple[str, ...], count: int, size: int, gap: int) -> GridAxis:
    group = _period(names) or max(count, 1)
    return GridAxis(tuple(i * (size + gap) + i // group * 4 * gap for i in range(count)), size)


def _period(names: tuple[str, ...]) -> int:
    """Give after how many names they repeat, 0 where they do not."""
    step = len(set(names))
    repeated = step > 1 and all(names) and names == names[:step] * (len(names) // step)
    return step if repeated and len(names) > step else 0


def is_plane(finding: ImageGrid) -> bool:
    """Say whether rows and columns are steps along two axes, named at some places only."""
    return all(any(names) and not all(names) for names in (finding.row_names, finding.column_names))


def is_numeric(names: Sequence[str]) -> bool:
    """Say whether names are numbers, of which a few tell the rest."""
    try:
        return bool([float(name.replace("\N{MINUS SIGN}", "-")) for name in names if name])
    except ValueError:
        return False


def compose(images: np.ndarray, rows: GridAxis, columns: GridAxis) -> tuple[np.ndarray, np.ndarray]:
    """Lay one frame's images out, and say which pixels belong to one.

    Args:
        images: (rows, columns, height, width) or (..., 3) uint8, of the tracks' size.

    Returns:
        The picture, (height, width) or (height, width, 3) uint8, and (height, width) bool, false
        in the gaps.
    """
    size = (rows.length, columns.length)
    pixels = np.zeros((*size, *images.shape[4:]), np.uint8)
    solid = np.zeros(size, bool)
    for top, line in zip(rows.starts, images, strict=True):
        for left, image in zip(columns.starts, line, strict=True):
            place = slice(top, top + rows.size), slice(left, left + columns.size)
            pixels[place] = image
            solid[place] = True
    return pixels, solid


def resize(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Repeat or drop pixels until images (..., rows, columns, height, width[, 3]) have a size."""
    height, width = images.shape[3:5]
    down = np.arange(size[0]) * height // size[0]
    across = np.arange(size[1]) * width // size[1]
    return images[:, :, :, down][:, :, :, :, across]


def still_grids(finding: ImageGrid) -> list[tuple[str, ImageGrid]]:
    """Give what paper shows of a mosaic: still ones, each with its caption.

    One frame is itself. Of a film, some frames are chosen, the first and the last among them.
    Where not both of its rows and columns have names, some of its images are followed through the
    frames, a row per sample and a column per frame; otherwise each frame stands alone.
    """
    if len(finding.frame_names) == 1:
        return [(finding.frame_names[0], finding)]
    if not (finding.row_names and finding.column_names):
        return [("", _strip(_chosen(finding, MAX_STRIP_FRAMES)))]
    film = _chosen(finding, MAX_FRAMES)
    return [
        (name, replace(film, images=film.images[index : index + 1], frame_names=("",)))
        for index, name in enumerate(film.frame_names)
    ]


def _chosen(film: ImageGrid, most: int) -> ImageGrid:
    """Keep at most so many frames, evenly from the first to the last."""
    count = len(film.frame_names)
    kept = np.linspace(0, count - 1, min(most, count)).round().astype(int)
    return replace(
        film, images=film.images[kept], frame_names=tuple(film.frame_names[i] for i in kept)
    )


def _strip(film: ImageGrid) -> ImageGrid:
    """Follow samples through the frames; one of each row, or column, where these have names."""
    names, label, samples = film.row_names, film.row_label, film.images[:, :, 0]
    if film.column_names:
        names, label, samples = film.column_names, film.column_label, film.images[:, 0]
    elif not names:
        samples = film.images.reshape(len(film.images), -1, *film.images.shape[3:])[
            :, :MAX_STRIP_ROWS
        ]
        label = ""
    unit, frame_names = _factored(film.frame_names)
    return replace(
        film,
        images=samples.swapaxes(0, 1)[None],
        frame_names=("",),
        row_names=names,
        row_label=label,
        column_names=frame_names,
        column_label=unit,
    )


def _factored(names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Take the first word out of names that share it: `epoch 1`, `epoch 2` are `1`, `2`."""
    words = {name.partition(" ")[0] for name in names}
    rest = tuple(name.partition(" ")[2] for name in names)
    return (words.pop(), rest) if len(words) == 1 and all(rest) else ("", names)
