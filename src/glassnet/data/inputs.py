"""Given inputs: what a caller asks a network about, checked and put into one form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from glassnet.data.texts.pool import array
from glassnet.errors import UsageError

Inputs = np.ndarray | Sequence[str]
"""What a network is asked about: images as an array, or texts."""


def images(inputs: Inputs, shape: tuple[int, ...]) -> np.ndarray:
    """Images as they are, if they fit a network that takes (C, H, W).

    Args:
        inputs: (n, H, W) or (n, H, W, channels) uint8.
        shape: the network's.

    Raises:
        UsageError: they have another shape or type, or there are none.
    """
    given = np.require(inputs, requirements="W")  # torch warns of arrays that are not
    if given.dtype != np.uint8 or given.ndim not in (3, 4) or not len(given):
        raise UsageError(
            f"inputs of type {given.dtype} and shape {given.shape} are no images",
            f"give (n, height, width) uint8; this network takes {shape}",
        )
    channels = given.shape[3] if given.ndim == 4 else 1
    if (channels, *given.shape[1:3]) != shape:
        raise UsageError(
            f"inputs of shape {given.shape} do not fit",
            f"this network takes channels, height, width = {shape}",
        )
    return given


def texts(inputs: Inputs) -> np.ndarray:
    """The user's texts as (n,) StringDType.

    Raises:
        UsageError: there are none, or something among them is no text.
    """
    if isinstance(inputs, str):
        raise UsageError("one text where texts are wanted", "give a list of them")
    given = list(inputs)
    odd = [place for place, text in enumerate(given) if not isinstance(text, str)]
    if odd or not given:
        what = f"number {odd[0]} is {type(given[odd[0]]).__name__}, no text" if odd else "no texts"
        raise UsageError(what, "give one or more strings")
    return array(given)
