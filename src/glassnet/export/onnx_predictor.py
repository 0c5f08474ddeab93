"""Predictions of an exported ONNX file with ONNX Runtime. Imports no torch."""

import hashlib
from functools import cached_property
from pathlib import Path

import numpy as np

from glassnet import checksum, formats
from glassnet.contract import Family, Modality, ValueRanges
from glassnet.contract.data import ranges_from
from glassnet.data.inputs import Inputs, check_images, check_texts
from glassnet.data.texts.vocabulary import Vocabulary, pad
from glassnet.errors import DataError
from glassnet.export.metadata import CHECKSUM_KEY, from_metadata, tokenizer_beside
from glassnet.export.session import Session
from glassnet.inference.predictor import Predictor

IMAGE_BATCH, TEXT_BATCH = 500, 128
"""Batch sizes of images, and of texts sorted by length."""

MAX_TOKENIZER_BYTES = 500_000_000
"""Largest file that is read as a tokenizer."""


class OnnxPredictor(Predictor):
    """A network in an ONNX file that `glassnet export` wrote.

    Args:
        path: the file; a text classifier's tokenizer lies in its folder, under any name.

    Attributes:
        info: the metadata of the file.

    Raises:
        DataError: the file is missing or was not exported by glassnet, or its tokenizer is missing
            or not the exported one.
        UsageError: onnxruntime is not installed.

    Example:
        >>> model = OnnxPredictor(Path("model.onnx"))  # doctest: +SKIP
        >>> model.predict_proba(images).shape  # doctest: +SKIP
        (3, 10)
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise DataError("there is no such file", "check the path", path)
        self.path = path
        try:
            content = formats.read(path)
        except (OSError, ValueError) as error:
            raise DataError(f"cannot be read ({error})", "check the file", path) from None
        changed = DataError(
            "it has changed since it was exported", "restore it, or export it again", path
        )
        is_whole = checksum.matches(content)
        if not is_whole and CHECKSUM_KEY.encode() in content:
            raise changed
        self._session = Session(content, path)
        self.info = from_metadata(self._session.metadata, path)
        if not is_whole:
            raise changed
        if self.modality == Modality.TEXTS:
            _ = self.vocabulary  # a missing tokenizer is reported at once

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def task_name(self) -> str:
        """The name of its task, for example `cnn`."""
        return self.info.task

    @property
    def class_names(self) -> tuple[str, ...]:
        """The class names, in the order of `predict_proba`'s columns."""
        return self.info.class_names

    @property
    def output_names(self) -> frozenset[str]:
        """The names of its outputs, without `ood_score`."""
        return frozenset(self.info.outputs) - {"ood_score"}

    @property
    def family(self) -> Family:
        """Whether the network classifies or generates."""
        return self.info.family

    @property
    def modality(self) -> Modality:
        """Whether its inputs are images or texts."""
        return self.info.modality

    @property
    def false_positive_rate(self) -> float | None:
        """The share of in-distribution inputs whose OOD score is above 1; None if not known."""
        return self.info.out_of_distribution.get("false_positive_rate")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input: (channels, height, width) of images, (length,) of texts."""
        if self.modality == Modality.TEXTS:
            return (int(self.info.input["max_length"]),)
        height, width, *channels = self._session.inputs["images"][1:]
        return (channels[0] if channels else 1, height, width)

    def outputs(self, inputs: Inputs, *, ood_scores: bool = False) -> dict[str, np.ndarray]:
        """Compute all outputs for images (n, H, W[, C]) uint8 or n texts, by name.

        Raises:
            UsageError: the inputs have another shape or type, or the network is no classifier.
        """
        self.require("probabilities")
        texts = self.modality == Modality.TEXTS
        outputs = self._of_texts(inputs) if texts else self._of_images(inputs)
        return {name: rows for name, rows in outputs.items() if ood_scores or name != "ood_score"}

    @cached_property
    def value_ranges(self) -> ValueRanges:
        """How images of more than 8 bits per channel are scaled."""
        return ranges_from(self.info.input)

    def _of_images(self, inputs: Inputs) -> dict[str, np.ndarray]:
        pixels = check_images(inputs, self.input_shape)
        pixels = pixels.reshape(len(pixels), *self._session.inputs["images"][1:])
        starts = range(0, len(pixels), IMAGE_BATCH)
        return _concatenate(
            [self._session({"images": pixels[i : i + IMAGE_BATCH]}) for i in starts]
        )

    def _of_texts(self, inputs: Inputs) -> dict[str, np.ndarray]:
        texts_ids = self.vocabulary.encode(check_texts(inputs))
        # Texts of similar length need little padding.
        order = np.argsort([len(ids) for ids in texts_ids], kind="stable")
        batches = []
        for start in range(0, len(order), TEXT_BATCH):
            words = pad([texts_ids[k] for k in order[start : start + TEXT_BATCH]])
            batches.append(self._session({"words": words}))
        inverse = order.argsort()
        return {name: rows[inverse] for name, rows in _concatenate(batches).items()}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The exported tokenizer: beside the file, or under another name in its folder."""
        for path in (tokenizer_beside(self.path), *sorted(self.path.parent.glob("*.json"))):
            if (found := self._matching(path)) is not None:
                return Vocabulary(found, self.info.input["max_length"], str(path))
        raise self._no_tokenizer()

    def _matching(self, path: Path) -> str | None:
        """The content of a file if it is the exported tokenizer."""
        try:
            if path.stat().st_size > MAX_TOKENIZER_BYTES:
                return None
            content = path.read_bytes()
            matches = hashlib.sha256(content).hexdigest() == self.info.tokenizer
            return content.decode() if matches else None
        except (OSError, UnicodeDecodeError):
            return None

    def _no_tokenizer(self) -> DataError:
        path, hint = tokenizer_beside(self.path), "put the exported one next to it, or export again"
        if not path.exists():
            return DataError(f"the tokenizer of {self.name} is missing", hint, path)
        return DataError(f"not the tokenizer that was exported with {self.name}", hint, path)


def _concatenate(batches: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}
