"""Predictions of a trained network from a run folder or a model folder."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from glassnet import progress
from glassnet.api.results import Results, results
from glassnet.contract import Family, LatentModel, Modality, Rows, ValueRanges
from glassnet.data.inputs import Inputs, check_images, check_texts
from glassnet.errors import UsageError, suggest
from glassnet.inference.predictor import Predictor

if TYPE_CHECKING:
    from glassnet.data.texts.vocabulary import Vocabulary
    from glassnet.inference.ood import OODDetector
    from glassnet.run_model import LoadedNetwork, SavedNetwork

Prior = Literal["learned", "normal"]
"""What latent codes are sampled from."""


class RunPredictor(Predictor):
    """A trained network that predicts, transforms, reconstructs and generates.

    It needs the weights and the configuration alone; neither the data nor the training log.

    Attributes:
        folder: the run folder or model folder.

    Example:
        >>> model = gn.load("my-model")  # doctest: +SKIP
        >>> model.predict(images)  # doctest: +SKIP
        array([7, 2, 1])
    """

    def __init__(self, folder: SavedNetwork) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        return f"<glassnet model {self.name}>"

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def path(self) -> Path:
        """The folder."""
        return self.folder.path

    @property
    def info(self) -> dict[str, Any]:
        """The content of run.json, or of a model folder's config.json."""
        return self.folder.info

    @property
    def task_name(self) -> str:
        """The name of the network's task, for example `cnn`."""
        return str(self.info["task"])

    @property
    def results(self) -> Results:
        """The final metrics by split: `results["test"]["accuracy"]`, `["interval"]`, `["n"]`."""
        return results(self.info.get("results", {}))

    @property
    def class_names(self) -> tuple[str, ...]:
        """The class names, in the order of `predict_proba`'s columns."""
        return tuple(self.info["data"]["class_names"])

    @cached_property
    def model(self) -> LoadedNetwork:
        """The network with its configuration, loaded at first use."""
        from glassnet.run_model import LoadedNetwork

        return LoadedNetwork(self.folder)

    @property
    def output_names(self) -> frozenset[str]:
        """The names of the network's outputs."""
        return self.model.task.outputs

    @property
    def family(self) -> Family:
        """Whether the network classifies or generates."""
        return self.model.family

    @property
    def modality(self) -> Modality:
        """Whether its inputs are images or texts."""
        return self.model.modality

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokenizer and vocabulary of a network that takes texts."""
        return self.model.vocabulary

    @cached_property
    def ood_detector(self) -> OODDetector | None:
        """None: a detector is fitted on the training data, which a model folder does not have."""
        if self.family == Family.CLASSIFIER:
            progress.log(
                f"no out-of-distribution detection: {self.name} is a model without its training "
                "data; use its run, or export that to ONNX"
            )
        return None

    @property
    def false_positive_rate(self) -> float | None:
        """The share of in-distribution inputs whose OOD score is above 1."""
        return self.ood_detector and self.ood_detector.false_positive_rate

    def outputs(self, inputs: Inputs, *, ood_scores: bool = False) -> dict[str, np.ndarray]:
        """Compute all outputs of the network, by name, one row per input.

        Args:
            inputs: (n, H, W) or (n, H, W, channels) uint8 images of the size that the network was
                trained on, or n texts as a list or an array of strings; a text without words gets
                the prediction for an empty text.
            ood_scores: add `ood_score` (n,) if the network has an OOD detector: above 1 the input
                is out of distribution.

        Raises:
            UsageError: the inputs have another shape or type.
        """
        from glassnet.inference.ood import with_ood_scores

        ood_detector = self.ood_detector if ood_scores else None
        return self.model.predict(self._tensors(inputs), with_ood_scores(self.model, ood_detector))

    def transform(self, inputs: Inputs, layer: str | None = None) -> np.ndarray:
        """Compute the activations of a layer.

        Args:
            inputs: images or texts, as for `outputs`.
            layer: a layer's name, for example `pool2`; the default is the task's feature layer.

        Returns:
            (n, features) float32, one row per image or text.

        Raises:
            UsageError: there is no such layer, or the inputs do not fit.
        """
        name = layer or self.model.feature_layer
        return self.model.activations(self._tensors(inputs), [name])[name]

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Reconstruct images (n, H, W[, channels]) uint8; the result has their shape and type.

        Raises:
            UsageError: the images have another shape or type, or the network is no image generator.
        """
        self.require("reconstruction")
        return self.outputs(images)["reconstruction"]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input: (channels, height, width) of images, (length,) of texts."""
        return self.model.signature.input_shape

    @property
    def value_ranges(self) -> ValueRanges:
        """How images of more than 8 bits per channel are scaled, as in `contract.Splits`."""
        return self.model.signature.value_ranges

    def generate(
        self,
        count: int = 64,
        *,
        seed: int = 0,
        label: str | None = None,
        temperature: float = 1.0,
        prior: Prior = "learned",
    ) -> np.ndarray:
        """Generate images.

        Args:
            count: number of images, at least 1.
            seed: the same seed gives the same images; a larger count adds images at the end.
            label: a class name, for a network that was trained with `conditional`.
            temperature: scales the standard deviation of the latent codes; images are more typical
                below 1 and more varied above.
            prior: what codes are sampled from: the prior that was learned from the codes of the
                training images, if the network has one, or N(0, I).

        Returns:
            (count, H, W) or (count, H, W, channels) uint8.

        Raises:
            UsageError: the network is no image generator, there is no such class, or a number is
                out of range.
        """
        from glassnet.inference import latents

        if prior not in (choices := get_args(Prior)):
            raise UsageError(f"there is no prior {prior!r}", suggest(prior, choices))
        network, normal = self._generator, prior == "normal"
        return latents.sample(network, count, seed, self.class_number(label), temperature, normal)

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Encode images (n, H, W[, channels]) uint8 as means of q(z|x): (n, latent_dim) float32."""
        from glassnet.inference import latents

        network = self._generator
        return latents.encode(network, latents.observe(network, self._tensors(images)[:]))[0]

    def decode(self, codes: np.ndarray, label: str | None = None) -> np.ndarray:
        """Decode codes (n, latent_dim) to images (n, H, W[, channels]) uint8.

        Args:
            codes: latent codes.
            label: as for `generate`.

        Raises:
            UsageError: the codes have another shape, or the network is no image generator.
        """
        from glassnet.inference import latents

        network, codes = self._generator, np.require(codes, np.float32, ["C", "W"])
        if codes.ndim != 2 or codes.shape[1] != network.latent_dim or not len(codes):
            raise UsageError(
                f"codes of shape {codes.shape} do not fit {self.name}",
                f"give an array of shape (n, {network.latent_dim})",
            )
        labels = latents.classes(network, len(codes), self.class_number(label))
        return latents.decode(network, codes, labels)

    def save(self, folder: Path | str) -> Path:
        """Save the network to a model folder, without the run and its data.

        The folder has `config.json`, `model.safetensors`, the `tokenizer.json` of a text
        classifier, and `README.md`, a model card with the data, the metrics and the limits.
        `gn.load` opens it; its predictions are equal to the byte. It contains no path of this
        machine.

        Args:
            folder: a new folder, or a model folder, which is replaced.

        Returns:
            The folder.

        Raises:
            UsageError: the folder contains something else.
            StorageError: it cannot be written.
        """
        from glassnet.export import model_folder

        return model_folder.save(self.model, Path(folder))

    def _tensors(self, inputs: Inputs) -> Rows:
        """Images or texts as the network's input tensor."""
        if self.modality == Modality.TEXTS:
            return self.model.inputs_of(check_texts(inputs))
        return self.model.inputs_of(check_images(inputs, self.model.signature.input_shape))

    @property
    def _generator(self) -> LatentModel:
        network = self.model.network
        if not isinstance(network, LatentModel):
            raise UsageError(
                f"{self.name} ({self.task_name}) does not generate images", "use an image generator"
            )
        return network
