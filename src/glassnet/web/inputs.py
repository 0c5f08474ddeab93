"""Inputs of the API: texts, and images as files in base64, as a network takes them."""

from __future__ import annotations

import base64
import binascii
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from glassnet.data.images.drawings import centred, drawing_box, is_centred
from glassnet.data.images.image_files import read_image, read_images
from glassnet.errors import DataError, GlassnetError, UsageError
from glassnet.web.networks import MAX_LOADED

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun

MAX_INPUTS = 256
"""Inputs of one request at most."""

MAX_CHARACTERS = 100_000
"""Characters of a text at most."""

MEASURED = 1000
"""Test images that show whether the data are centred drawings."""

FINER = 10
"""A drawing is read with this multiple of the resolution of the network's images."""


def texts_of(run: TrainedRun, content: dict[str, Any]) -> np.ndarray:
    """The `texts` of a request.

    Raises:
        UsageError: there are none, too many, or one is too long.
    """
    texts = _listed(run, content, "texts")
    if longest := [text for text in texts if len(text) > MAX_CHARACTERS]:
        raise UsageError(
            f"a text has {len(longest[0]):,} characters", f"give at most {MAX_CHARACTERS:,}"
        )
    return np.array(texts, dtype=np.dtypes.StringDType())


def images_of(run: TrainedRun, content: dict[str, Any]) -> np.ndarray:
    """The `images` of a request, (n, H, W[, channels]) uint8.

    With `drawn`, drawings and photos of handwriting are brought into the form of the training
    images if these are centred drawings.

    Raises:
        UsageError: there are none, or too many.
        DataError: one is no image, or a drawing is empty.
    """
    files = _listed(run, content, "images")
    box = box_of_drawings(run) if content.get("drawn") is True else None
    return np.concatenate([_image(run, file, box) for file in files])


def _listed(run: TrainedRun, content: dict[str, Any], kind: str) -> list[str]:
    given = content.get(kind)
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        raise UsageError(f"{run.name} predicts {kind}", f'give {{"{kind}": [...]}}')
    if len(given) > MAX_INPUTS:
        raise UsageError(
            f"{len(given)} {kind} are too many", f"give at most {MAX_INPUTS} in one request"
        )
    return given


def _image(run: TrainedRun, text: str, box: int | None) -> np.ndarray:
    """One image, (1, H, W[, channels]), from the content of an image file in base64."""
    try:
        content = base64.b64decode(text.rpartition(",")[2], validate=True)
    except binascii.Error:
        raise DataError(
            "an image is not in base64", "give the content of a PNG file in base64"
        ) from None
    with tempfile.TemporaryDirectory() as folder:  # as files are read for `glassnet predict`
        path = Path(folder) / "image"
        path.write_bytes(content)
        try:
            if box is None:
                return read_images([path], run.input_shape, run.value_ranges)
            return _drawing(run, path, box)[None]
        except DataError as error:
            raise DataError(error.reason, error.hint, "image") from None


def _drawing(run: TrainedRun, path: Path, box: int) -> np.ndarray:
    """(H, W): the ink of a drawing or a photo, cropped to a square and centred.

    An image that is in the form of the data already, such as one of them, stays as it is.
    """
    _, height, width = run.input_shape
    image = read_image(path, run.input_shape, run.value_ranges)
    with Image.open(path) as file:
        if file.size == (width, height) and is_centred(image, box):
            return image
    fine = read_image(path, (1, FINER * height, FINER * width), run.value_ranges)
    drawing = centred(fine, box, (height, width))
    if drawing is None:
        raise DataError("the drawing is empty", "draw something, or give an image with ink")
    return drawing


@lru_cache(MAX_LOADED)
def box_of_drawings(run: TrainedRun) -> int | None:
    """The box of the data's drawings, see `drawing_box`; measured once for a run, then cached.

    None as well where the data are not at hand any more: images are then resized.
    """
    if run.input_shape[0] != 1:
        return None

    def measure() -> dict[str, np.ndarray]:
        return {"box": np.array(drawing_box(run.data.test.inputs[:MEASURED]) or 0)}

    try:
        return int(run.model.cache("drawing-box", measure)["box"]) or None
    except GlassnetError:
        return None
