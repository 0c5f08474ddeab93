"""Inputs for prediction: images as arrays, or texts, checked and brought into one form."""

from collections.abc import Sequence

import numpy as np

from glassnet.data.texts.strings import string_array
from glassnet.errors import UsageError

Inputs = np.ndarray | Sequence[str]
"""What a network can be applied to: images as an array, or texts."""


def check_images(inputs: Inputs, shape: tuple[int, ...]) -> np.ndarray:
    """The images as an array, if they fit the input shape of a network.

    Args:
        inputs: (n, H, W) or (n, H, W, channels) uint8.
        shape: (C, H, W), of the network.

    Raises:
        UsageError: they have another shape or type, or there are none.
    """
    images = np.require(inputs, requirements="W")  # torch warns of read-only arrays
    if images.dtype != np.uint8 or images.ndim not in (3, 4) or not len(images):
        raise UsageError(
            f"the inputs are {images.dtype} of shape {images.shape}, not images",
            f"pass (n, height, width) uint8; this network takes {shape}",
        )
    channels = images.shape[3] if images.ndim == 4 else 1
    if (channels, *images.shape[1:3]) != shape:
        raise UsageError(
            f"images of shape {images.shape} do not fit this network",
            f"resize them; the network takes (channels, height, width) = {shape}",
        )
    return images


def check_texts(inputs: Inputs) -> np.ndarray:
    """The texts as an array (n,) of StringDType.

    Raises:
        UsageError: there are none, or one of them is not a string.
    """
    if isinstance(inputs, str):
        raise UsageError("a single string instead of several texts", "pass a list of texts")
    if not (texts := list(inputs)):
        raise UsageError("there are no texts", "pass one or more strings")
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise UsageError(
                f"text number {position} is of type {type(text).__name__}", "pass strings only"
            )
    return string_array(texts)
