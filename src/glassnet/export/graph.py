"""Graphs to export: a module from raw inputs to outputs, with names and examples."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from glassnet.contract import Family, LatentModel, Modality
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


def build_graph(
    model: RunModel, ood_detector: OODDetector | None, on_test_set: bool = True
) -> Graph:
    """Build the graph of a run's network: of a classifier, or of an image generator's decoder.

    Args:
        model: the run's network.
        ood_detector: of a classifier.
        on_test_set: whether the examples are test examples, which need the data, or random inputs.

    Raises:
        UsageError: the network is neither.
        RunError: the data are gone or have changed.
    """
    if isinstance(model.network, LatentModel):
        return _decoder_graph(model, model.network, on_test_set)
    if model.family == Family.CLASSIFIER:
        return _classifier_graph(model, ood_detector, on_test_set)
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
        self.takes_texts = model.modality == Modality.TEXTS

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


def _classifier_graph(
    model: RunModel, ood_detector: OODDetector | None, on_test_set: bool
) -> Graph:
    takes_texts = model.modality == Modality.TEXTS
    name = "words" if takes_texts else "images"
    if on_test_set:
        inputs = _test_inputs(model, MAX_EXAMPLES)
    else:
        inputs = _random_texts(model) if takes_texts else _random_images(model)
    if takes_texts:
        inputs = torch.cat([inputs, torch.zeros_like(inputs[:1])])  # a text without words
    raw = inputs.numpy() if takes_texts else _pixels(inputs)
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


def _test_inputs(model: RunModel, n: int) -> Tensor:
    data = model.data
    return data.inputs(data.test.take(data.subsample(n, SEED)))[:]


def _pixels(images: Tensor) -> np.ndarray:
    """Images (n, C, H, W) as (n, H, W) for one channel, (n, H, W, C) for more."""
    moved = images.permute(0, 2, 3, 1).numpy()
    return np.ascontiguousarray(moved[..., 0] if moved.shape[3] == 1 else moved)


def _random_images(model: RunModel) -> Tensor:
    """Noise of any coarseness and contrast, from single colours to single pixels."""
    channels, height, width = model.signature.input_shape
    random = np.random.default_rng(SEED)
    images = np.empty((MAX_EXAMPLES, channels, height, width), np.uint8)
    for image in images:
        rows, columns = random.integers(1, height + 1), random.integers(1, width + 1)
        low, high = np.sort(random.integers(0, 256, 2))
        noise = random.integers(low, high + 1, (channels, rows, columns))
        y, x = np.arange(height) * rows // height, np.arange(width) * columns // width
        image[:] = noise[:, y[:, np.newaxis], x]
    return torch.from_numpy(images)


def _random_texts(model: RunModel) -> Tensor:
    """Random words in texts of any length, padded at the end."""
    vocabulary, random = model.vocabulary, np.random.default_rng(SEED)
    lengths = random.geometric(1 / 30, MAX_EXAMPLES).clip(1, vocabulary.max_length)
    size = (MAX_EXAMPLES, int(lengths.max()))
    words = random.integers(vocabulary.unknown, len(vocabulary.words), size)
    words[np.arange(words.shape[1]) >= lengths[:, np.newaxis]] = vocabulary.padding
    return torch.from_numpy(words)


def _decoder_graph(model: RunModel, network: LatentModel, on_test_set: bool) -> Graph:
    """The graph of a decoder; its examples are codes of test images and as many from the prior."""
    codes = latents.codes(network, MAX_EXAMPLES // 2 if on_test_set else MAX_EXAMPLES, SEED)
    if on_test_set:
        pixels = _test_inputs(model, MAX_EXAMPLES // 2)
        encoded, _ = latents.encode(network, latents.observe(network, pixels))
        codes = np.concatenate([encoded, codes])
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
