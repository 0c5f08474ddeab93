"""The way of one input through a network, layer by layer, as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from glassnet import png
from glassnet.contract import CLASSES, Modality, Rows
from glassnet.data.ragged import RaggedTensor
from glassnet.errors import UsageError
from glassnet.inference.activations import capture
from glassnet.inference.layers import describe, family, trace
from glassnet.inference.subsample import MAX_CHARACTERS
from glassnet.insight.measures.probe_map import INPUT
from glassnet.web import typed_texts
from glassnet.web.inputs import box_of_drawings, images_of, texts_of
from glassnet.web.networks import MAX_LOADED
from glassnet.web.predictions import prediction

if TYPE_CHECKING:
    from glassnet.api.trained_run import TrainedRun
    from glassnet.web.layer_maps import LayerMaps

MAX_CHANNELS = 16
"""Feature maps of a layer at most, those with the largest mean value."""

COLUMNS = 8
"""Feature maps in a row."""

MIN_SIDE = 28
"""Smaller feature maps are enlarged to this many pixels."""

SHOWN_FAMILIES = ("activation", "pool")
"""Families of layers whose feature maps are shown: what the next convolution gets."""


def network_info(run: TrainedRun) -> dict[str, Any]:
    """What a page must know of a network to show its inputs and outputs."""
    return {
        "modality": run.modality,
        "family": run.family,
        "input_shape": run.input_shape,
        "classes": run.class_names,
        "latent_dim": getattr(run.model.network, "latent_dim", None),
        "centres_drawings": run.modality == Modality.IMAGES and bool(box_of_drawings(run)),
    }


def inspect(run: TrainedRun, maps: LayerMaps | None, content: dict[str, Any]) -> dict[str, Any]:
    """Compute the prediction for one input, and what each layer makes of it.

    Args:
        run: a classifier.
        maps: its maps, probes and training examples; None leaves them out.
        content: `image`, a file in base64, and `drawn` as for `images_of`; or `text`, and `dropped`
            as for `typed_texts.split_words`.

    Returns:
        `prediction`; `layers`, with feature maps, places on the maps, nearest training examples and
        the classes of the probes; and the `input` that the network gets, or the `words`.

    Raises:
        UserError: there is no such input.
        UsageError: the network is no classifier.
    """
    run.require(CLASSES)
    if run.modality == Modality.TEXTS:
        return _text(run, maps, content)
    return _image(run, maps, content)


def _image(run: TrainedRun, maps: LayerMaps | None, content: dict[str, Any]) -> dict[str, Any]:
    image = images_of(run, _as_list(content, "image"))
    tensor = run.model.inputs_of(image)[:]
    spatial = _spatial_layers(run)
    names = dict.fromkeys([*spatial, *(maps.layers if maps else ())])
    outputs, probabilities = _forward(run, tensor, [name for name in names if name != INPUT])
    sprites = {name: _feature_maps(outputs[name][0]) for name in spatial}
    box = box_of_drawings(run) if content.get("drawn") is True else None
    return {
        "prediction": prediction(run.class_names, probabilities),
        "input": png.data_uri(image[0]),
        "centred": box is not None,
        "layers": _layers(run, maps, tensor, outputs, sprites),
    }


def _text(run: TrainedRun, maps: LayerMaps | None, content: dict[str, Any]) -> dict[str, Any]:
    (text,) = texts_of(run, _as_list(content, "text")).tolist()
    words = typed_texts.split_words(run, text, content.get("dropped", []))
    names = [name for name in (maps.layers if maps else ()) if name != INPUT]
    outputs, probabilities = _forward(run, words.remaining, names)
    result = typed_texts.described(run, words, probabilities)
    inputs = RaggedTensor.from_rows(words.remaining.numpy())
    return result | {"layers": _layers(run, maps, inputs, outputs, {})}


def _as_list(content: dict[str, Any], kind: str) -> dict[str, Any]:
    if not isinstance(content.get(kind), str):
        raise UsageError(f"there is no {kind} to inspect", f'give {{"{kind}": "..."}}')
    return {**content, f"{kind}s": [content[kind]]}


def _forward(
    run: TrainedRun, inputs: Tensor, layers: list[str]
) -> tuple[Mapping[str, Tensor], np.ndarray]:
    """The outputs of layers for one input, and its probabilities (classes,)."""
    network = run.model.network
    with torch.inference_mode(), capture(network, layers) as outputs:
        probabilities = run.model.forward(inputs)[CLASSES]
    return outputs, probabilities[0].numpy()


@lru_cache(MAX_LOADED)
def _spatial_layers(run: TrainedRun) -> tuple[str, ...]:
    """The layers of an image classifier whose feature maps are shown, in forward order."""
    _, *size = run.input_shape
    shape = (1, *size, 3) if run.input_shape[0] == 3 else (1, *size)
    example = run.model.inputs_of(np.zeros(shape, np.uint8))[:]
    layers, _ = trace(run.model.network, run.model.forward, example)
    spatial = [layer for layer in layers if len(layer.shape) == 3]
    shown = [layer for layer in spatial if layer.family in SHOWN_FAMILIES] or spatial
    modules = dict(run.model.network.named_modules())
    return tuple(layer.name for layer in shown if layer.name in modules)


def _feature_maps(values: Tensor) -> dict[str, Any]:
    """The most active feature maps (C, H, W) of a layer as one image, brightest at its maximum."""
    order = values.mean(dim=(1, 2)).argsort(descending=True)[:MAX_CHANNELS]
    chosen = values[order].clamp(min=0)
    bright = (255 * chosen / chosen.max().clamp(min=1e-12)).byte().numpy()
    enlarged = max(1, -(-MIN_SIDE // max(bright.shape[1:])))
    tiles = bright.repeat(enlarged, axis=1).repeat(enlarged, axis=2)
    filled = png.grid(np.full_like(tiles, 255), COLUMNS) > 0
    return {
        "channels": order.tolist(),
        "shape": tuple(values.shape),
        "columns": min(COLUMNS, len(tiles)),
        "image": png.data_uri(png.grid(tiles, COLUMNS), filled),
    }


def _layers(
    run: TrainedRun,
    maps: LayerMaps | None,
    inputs: Rows,
    outputs: Mapping[str, Tensor],
    sprites: Mapping[str, dict[str, Any]],
) -> list[dict[str, Any]]:
    """What is shown of each layer, in forward order, the input first."""
    modules = dict(run.model.network.named_modules())
    names = [name for name in modules if name in sprites or (maps and name in maps.layers)]
    if maps:
        names = [INPUT, *names]
    described = []
    for name in names:
        layer: dict[str, Any] = {"name": name}
        if name != INPUT:
            layer["kind"] = describe(modules[name])
            layer["family"] = family(modules[name])
        if name in sprites:
            layer["feature_maps"] = sprites[name]
        if maps and name in maps.layers:
            features = (
                run.data.raw_inputs(inputs)
                if name == INPUT
                else outputs[name].flatten(1).float().numpy()
            )
            layer |= _among_others(run, maps, name, features)
        described.append(layer)
    return described


def _among_others(
    run: TrainedRun, maps: LayerMaps, name: str, features: np.ndarray
) -> dict[str, Any]:
    """Where the values (1, d) of a layer lie among those of other examples."""
    found, names = maps.layers[name], run.class_names
    distances, places = found.nearest_training(features)
    inputs = maps.train_inputs[places]
    neighbours: dict[str, Any] = {
        "classes": [names[label] for label in maps.train_labels[places]],
        "distances": distances.round(3),
    }
    if run.modality == Modality.TEXTS:
        neighbours["texts"] = [shorten(text, MAX_CHARACTERS, placeholder=" ...") for text in inputs]
    else:
        neighbours["image"] = png.data_uri(png.grid(inputs, len(inputs)))
    landing = maps.landing(name, features)
    return {
        "maps": {
            method: {"point": there["point"], "class": names[there["class"]]}
            for method, there in landing.items()
        },
        "neighbours": neighbours,
        "probe": prediction(names, maps.probe(name, features)),
    }
