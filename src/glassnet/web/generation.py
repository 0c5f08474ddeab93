"""Images that a generator decodes from codes, samples and places on the map; and images encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from glassnet import png
from glassnet.contract import LatentModel
from glassnet.errors import UsageError
from glassnet.inference import latents
from glassnet.web.inputs import images_of

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun
    from glassnet.web.latent_map import CodeMaps

MAX_CODES = 64
"""Codes or samples of one request at most."""

MAX_VALUE = 100.0
"""Largest value of a code; the prior's standard deviation is 1."""

MAX_SEED = 2**32 - 1


def decode(run: TrainedRun, maps: CodeMaps | None, content: dict[str, Any]) -> dict[str, Any]:
    """Decode codes to images.

    Args:
        run: an image generator.
        maps: the maps of its codes; None if they are not ready.
        content: `codes`, lists of numbers; or `position`, a `point` of the map of a `method`; or
            `seed` and `count`, samples from the prior. With `class`, images of this class: of a
            network that was not trained with classes, samples from the codes of its test images.

    Returns:
        `codes`, and `images` as data addresses.

    Raises:
        UsageError: the content is none of these, or the network is no image generator.
    """
    model = _generator(run)
    label = _label(run, content)
    if "position" in content:
        codes = _ready(maps).code_at(content["position"])
    elif "codes" in content:
        codes = _codes(content["codes"], model.latent_dim)
    else:
        codes = _samples(run, model, maps, content, label)
    conditional = run.class_names[label or 0] if model.classes else None
    images = run.decode(codes, conditional)
    return {"codes": codes.round(4), "images": [png.data_uri(image) for image in images]}


def encode(run: TrainedRun, content: dict[str, Any]) -> dict[str, Any]:
    """Encode images as the means of q(z|x), and decode these again.

    Args:
        run: an image generator.
        content: `images` and `drawn`, as for `images_of`.

    Returns:
        `codes`; `inputs`, the images that the network gets, and `images`, the reconstructions.

    Raises:
        UserError: there are no such images, or the network is no image generator.
    """
    model = _generator(run)
    if isinstance(content.get("images"), list) and len(content["images"]) > MAX_CODES:
        raise UsageError("too many images", f"give at most {MAX_CODES} in one request")
    images = images_of(run, content)
    codes = run.encode(images)
    conditional = run.class_names[_label(run, content) or 0] if model.classes else None
    decoded = run.decode(codes, conditional)
    return {
        "codes": codes.round(4),
        "inputs": [png.data_uri(image) for image in images],
        "images": [png.data_uri(image) for image in decoded],
    }


def _generator(run: TrainedRun) -> LatentModel:
    run.require("reconstruction")
    return cast("LatentModel", run.model.network)


def _ready(maps: CodeMaps | None) -> CodeMaps:
    if maps is None:
        raise UsageError("the map of this network is not ready", "wait until it is prepared")
    return maps


def _label(run: TrainedRun, content: dict[str, Any]) -> int | None:
    name = content.get("class")
    if name is not None and not isinstance(name, str):
        raise UsageError("`class` must be the name of a class", 'give {"class": "3"}')
    return run.class_number(name)


def _codes(given: Any, latent_dim: int) -> np.ndarray:
    hint = (
        f"give 1 to {MAX_CODES} lists of {latent_dim} numbers from -{MAX_VALUE:g} to {MAX_VALUE:g}"
    )
    try:
        codes = np.array(given, np.float32)
    except (ValueError, TypeError, OverflowError):
        raise UsageError("the codes are no lists of numbers", hint) from None
    fits = codes.ndim == 2 and codes.shape[1] == latent_dim and 0 < len(codes) <= MAX_CODES
    if not fits or not (np.abs(codes) <= MAX_VALUE).all():
        raise UsageError(f"codes of shape {codes.shape} cannot be decoded", hint)
    return codes


def _samples(
    run: TrainedRun,
    model: LatentModel,
    maps: CodeMaps | None,
    content: dict[str, Any],
    label: int | None,
) -> np.ndarray:
    """Codes (count, latent_dim) from the prior, or from a class of a network without classes."""
    seed, count = content.get("seed", 0), content.get("count", 1)
    for name, value, top in (("seed", seed, MAX_SEED), ("count", count, MAX_CODES)):
        if type(value) is not int or not 0 <= value <= top or (name == "count" and not value):
            raise UsageError(f"`{name}` is no number that can be used", f"give at most {top}")
    noise = latents.codes(model, count, seed)
    if label is None or model.classes:
        return noise
    return _ready(maps).of_class(label, noise)
