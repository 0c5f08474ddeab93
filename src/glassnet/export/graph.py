"""Graphs: what goes into the file, from the user's bytes to answers, as a module to be traced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from glassnet.contract import LatentModel
from glassnet.errors import UsageError
from glassnet.inference import latents
from glassnet.inference.ood import OODDetector, asking
from glassnet.run_model import RunModel

EXAMPLES = 500
"""Real examples that the file is checked on."""

SEED = 0
"""Draws them."""

Feeds = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Graph:
    """A network with the names of what goes in and comes out.

    Attributes:
        module: takes the inputs in their order, and gives the outputs in theirs.
        inputs: name -> a batch of two or more to trace it with.
        outputs: their names.
        axes: name -> axis -> what an axis is called that may have any length.
        examples: name -> (n, ...) real examples of the inputs.
        expected: name -> (n, ...) what the tool itself answers to them.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]
    axes: dict[str, dict[int, str]]
    examples: Feeds
    expected: Feeds


def graph(evidence: RunModel, ood_detector: OODDetector | None) -> Graph:
    """The graph of a run's network: a classifier's from images or texts, a generator's from codes.

    Raises:
        UsageError: the network is neither.
    """
    if isinstance(evidence.network, LatentModel):
        return _decoder(evidence, evidence.network)
    if "probabilities" in evidence.task.outputs:
        return _classifier(evidence, ood_detector)
    raise UsageError(
        f"{evidence.run.name}: a run of {evidence.task.name} cannot be exported",
        "name the run of a classifier or a generator",
    )


class Classifier(nn.Module):
    """Raw inputs to probabilities and, where familiarity is known, distances.

    Args:
        evidence: of the run.
        familiarity: what warns of inputs that are unlike the training data.
    """

    def __init__(self, evidence: RunModel, ood_detector: OODDetector | None) -> None:
        super().__init__()
        self.network, self.ood_detector = evidence.network, ood_detector
        self.ask = asking(evidence, ood_detector)
        self.texts = bool(evidence.signature.vocabulary)

    def forward(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """(n, H, W[, C]) uint8 or (n, T) int64 to (n, classes) and (n,)."""
        if not self.texts:
            inputs = inputs.unsqueeze(1) if inputs.ndim == 3 else inputs.permute(0, 3, 1, 2)
        outputs = self.ask(inputs)
        distance = () if self.ood_detector is None else (outputs["ood_score"],)
        return outputs["probabilities"], *distance


class Decoder(nn.Module):
    """Codes (n, latent), and class numbers (n,) where the network knows classes, to images."""

    def __init__(self, network: LatentModel) -> None:
        super().__init__()
        self.network = network

    def forward(self, codes: Tensor, classes: Tensor | None = None) -> Tensor:
        """(n, H, W) or (n, H, W, C) uint8."""
        images = self.network.images(self.network.decode(codes, classes))
        whole = (images * 255).round().to(torch.uint8).permute(0, 2, 3, 1)
        return whole.squeeze(3) if whole.shape[3] == 1 else whole


def _classifier(evidence: RunModel, ood_detector: OODDetector | None) -> Graph:
    texts = bool(evidence.signature.vocabulary)
    name = "words" if texts else "images"
    drawn = evidence.test.take(evidence.subsample(EXAMPLES, SEED))
    inputs = evidence.inputs(drawn)
    if texts:
        inputs = torch.cat([inputs, torch.zeros_like(inputs[:1])])  # a text without a word
    given = inputs.numpy() if texts else _pixels(drawn.inputs)
    outputs = ("probabilities",) if ood_detector is None else ("probabilities", "ood_score")
    return Graph(
        module=Classifier(evidence, ood_detector),
        inputs={name: torch.from_numpy(given[:2] if len(given) > 1 else given.repeat(2, axis=0))},
        outputs=outputs,
        axes={name: {0: "n"} | ({1: "length"} if texts else {})}
        | {output: {0: "n"} for output in outputs},
        examples={name: given},
        expected=evidence.predict(inputs, asking(evidence, ood_detector)),
    )


def _pixels(images: np.ndarray) -> np.ndarray:
    """(n, H, W) for one channel, however it is written, (n, H, W, C) for more."""
    grey = images.ndim == 4 and images.shape[3] == 1
    return np.ascontiguousarray(images[..., 0] if grey else images)


def _decoder(evidence: RunModel, network: LatentModel) -> Graph:
    """Checked on the codes of real images, and on as many that are drawn."""
    pixels = evidence.inputs(evidence.test.take(evidence.subsample(EXAMPLES // 2, SEED)))
    real, _ = latents.encode(network, latents.observe(network, pixels))
    codes = np.concatenate([real, latents.codes(network, EXAMPLES // 2, SEED)])
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
