"""Graphs to export: a module from raw inputs to outputs, with names and examples."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from glassnet.contract import Family, LatentModel
from glassnet.errors import UsageError
from glassnet.inference import latents
from glassnet.inference.ood import OODDetector, with_ood_scores
from glassnet.run_model import RunModel

MAX_EXAMPLES = 500
"""Test examples on which the file is compared with the network."""

SEED = 0
"""The seed of their subsample."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Graph:
    """A module with the names of its inputs and outputs.

    Attributes:
        module: takes the inputs and returns the outputs, both in order.
        inputs: name -> a batch of two or more, to trace the module with.
        outputs: their names.
        axes: name -> axis -> the name of an axis of variable length.
        examples: name -> (n, ...) test examples of the inputs.
        expected: name -> (n, ...) the network's outputs for them.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]
    axes: dict[str, dict[int, str]]
    examples: Arrays
    expected: Arrays


def build_graph(model: RunModel, ood_detector: OODDetector | None) -> Graph:
    """Build the graph of a run's network: of a classifier, or of an image generator's decoder.

    Raises:
        UsageError: the network is neither.
    """
    if isinstance(model.network, LatentModel):
        return _decoder_graph(model, model.network)
    if model.family == Family.CLASSIFIER:
        return _classifier_graph(model, ood_detector)
    raise UsageError(
        f"{model.run.name}: a run of {model.task.name} cannot be exported",
        "name the run of a classifier or an image generator",
    )


class Classifier(nn.Module):
    """Raw inputs to probabilities and, if there is an OOD detector, OOD scores."""

    def __init__(self, model: RunModel, ood_detector: OODDetector | None) -> None:
        super().__init__()
        self.network, self.ood_detector = model.network, ood_detector
        self.predict = with_ood_scores(model, ood_detector)
        self.takes_texts = bool(model.signature.vocabulary)

    def forward(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """(n, H, W[, C]) uint8 or (n, T) int64 to (n, classes) and (n,)."""
        if not self.takes_texts:
            inputs = inputs.unsqueeze(1) if inputs.ndim == 3 else inputs.permute(0, 3, 1, 2)
        outputs = self.predict(inputs)
        scores = () if self.ood_detector is None else (outputs["ood_score"],)
        return outputs["probabilities"], *scores


class Decoder(nn.Module):
    """Codes (n, latent_dim) to images, with class numbers (n,) if the network is conditional."""

    def __init__(self, network: LatentModel) -> None:
        super().__init__()
        self.network = network

    def forward(self, codes: Tensor, classes: Tensor | None = None) -> Tensor:
        """(n, H, W) or (n, H, W, C) uint8."""
        images = self.network.images(self.network.decode(codes, classes))
        pixels = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
        return pixels.squeeze(3) if pixels.shape[3] == 1 else pixels


def _classifier_graph(model: RunModel, ood_detector: OODDetector | None) -> Graph:
    takes_texts = bool(model.signature.vocabulary)
    name = "words" if takes_texts else "images"
    split = model.test.take(model.subsample(MAX_EXAMPLES, SEED))
    inputs = model.inputs(split)
    if takes_texts:
        inputs = torch.cat([inputs, torch.zeros_like(inputs[:1])])  # a text without words
    raw = inputs.numpy() if takes_texts else _pixels(split.inputs)
    outputs = ("probabilities",) if ood_detector is None else ("probabilities", "ood_score")
    return Graph(
        module=Classifier(model, ood_detector),
        inputs={name: torch.from_numpy(raw[:2] if len(raw) > 1 else raw.repeat(2, axis=0))},
        outputs=outputs,
        axes={name: {0: "n"} | ({1: "length"} if takes_texts else {})}
        | {output: {0: "n"} for output in outputs},
        examples={name: raw},
        expected=model.predict(inputs, with_ood_scores(model, ood_detector)),
    )


def _pixels(images: np.ndarray) -> np.ndarray:
    """Images as (n, H, W) for one channel, (n, H, W, C) for more."""
    single_channel = images.ndim == 4 and images.shape[3] == 1
    return np.ascontiguousarray(images[..., 0] if single_channel else images)


def _decoder_graph(model: RunModel, network: LatentModel) -> Graph:
    """The graph of a decoder; its examples are codes of test images and as many from the prior."""
    pixels = model.inputs(model.test.take(model.subsample(MAX_EXAMPLES // 2, SEED)))
    encoded, _ = latents.encode(network, latents.observe(network, pixels))
    codes = np.concatenate([encoded, latents.codes(network, MAX_EXAMPLES // 2, SEED)])
    labels = latents.classes(network, len(codes))
    examples = {"codes": codes} | ({} if labels is None else {"classes": labels})
    return Graph(
        module=Decoder(network),
        inputs={name: torch.from_numpy(values[:2]) for name, values in examples.items()},
        outputs=("images",),
        axes={name: {0: "n"} for name in (*examples, "images")},
        examples=examples,
        expected={"images": latents.decode(network, codes, labels)},
    )
