"""Exported networks, asked through ONNX Runtime: no torch is imported."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from glassnet.data.images.image_files import read_images
from glassnet.data.inputs import Inputs, check_images, check_texts
from glassnet.data.texts.vocabulary import Vocabulary
from glassnet.errors import DataError
from glassnet.export.metadata import from_metadata, tokenizer_beside
from glassnet.export.session import Session
from glassnet.inference.predictor import Predictor

ENDING = ".onnx"

BATCH, BATCH_UNEVEN = 500, 128
"""Images, and texts of like length, that are answered at once."""

MOST_TOKENIZER = 500_000_000
"""Bytes of a tokenizer's file at most."""


class Exported(Predictor):
    """A network in an ONNX file that `glassnet export` wrote.

    Args:
        path: the file; of one that reads texts the tokenizer lies beside it.

    Attributes:
        facts: what the file says of itself.

    Raises:
        DataError: it is missing, no such file, or its tokenizer is missing or another one.
        UsageError: onnxruntime is not installed.

    Example:
        >>> network = Exported(Path("model.onnx"))  # doctest: +SKIP
        >>> network.predict_proba(images).shape  # doctest: +SKIP
        (3, 10)
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise DataError(f"{path}: there is no such file", "check the path")
        self.path = path
        self._session = Session(path)
        self.info = from_metadata(self._session.metadata, path)
        self._vocabulary = self._tokenizer() if self.info.tokenizer else None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    @property
    def task_name(self) -> str:
        """The name of the task that it was trained for."""
        return self.info.task

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes' names, in the order of `predict_proba`'s columns."""
        return self.info.class_names

    @property
    def output_names(self) -> frozenset[str]:
        """The names of its answers."""
        return frozenset(self.info.outputs) - {"ood_score"}

    @property
    def vocabulary(self) -> Vocabulary | None:
        """How texts become words and numbers; None where it reads none."""
        return self._vocabulary

    @property
    def false_positive_rate(self) -> float | None:
        """The share of inputs like the training data whose `distance` is above 1 all the same."""
        return self.info.unlike.get("false_positive_rate")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """One image's channels, height and width."""
        height, width, *channels = self._session.inputs["images"][1:]
        return (channels[0] if channels else 1, height, width)

    def outputs(self, inputs: Inputs, *, ood_scores: bool = False) -> dict[str, np.ndarray]:
        """Everything that it answers to images (n, H, W[, C]) uint8 or to n texts.

        Raises:
            UsageError: the inputs have another shape or type.
        """
        self.require("probabilities")
        found = self._of_texts(inputs) if self._vocabulary else self._of_images(inputs)
        return {name: rows for name, rows in found.items() if ood_scores or name != "ood_score"}

    def read_input(self, path: Path) -> np.ndarray:
        """An image file, brought to the network's size: (1, H, W[, C]) uint8."""
        return read_images([path], self.input_shape)

    def _of_images(self, inputs: Inputs) -> dict[str, np.ndarray]:
        pixels = check_images(inputs, self.input_shape)
        pixels = pixels.reshape(len(pixels), *self._session.inputs["images"][1:])
        parts = range(0, len(pixels), BATCH)
        return _joined([self._session({"images": pixels[k : k + BATCH]}) for k in parts])

    def _of_texts(self, inputs: Inputs) -> dict[str, np.ndarray]:
        assert self._vocabulary  # noqa: S101
        words = self._vocabulary.encode(check_texts(inputs))
        lengths = (words != self._vocabulary.padding).sum(axis=1)
        order = lengths.argsort(kind="stable")  # little of a batch is filling
        parts = []
        for start in range(0, len(order), BATCH_UNEVEN):
            part = order[start : start + BATCH_UNEVEN]
            longest = max(1, int(lengths[part].max()))
            parts.append(self._session({"words": words[part, :longest].astype(np.int64)}))
        back = order.argsort()
        return {name: rows[back] for name, rows in _joined(parts).items()}

    def _tokenizer(self) -> Vocabulary:
        path = tokenizer_beside(self.path)
        try:
            if path.stat().st_size > MOST_TOKENIZER:
                raise DataError(f"{path}: too large for a tokenizer", "export the network again")
            content = path.read_bytes()
            text = content.decode()
        except FileNotFoundError:
            raise DataError(
                f"{path}: there is no such file, which {self.name} reads texts by",
                "put the tokenizer that was exported with it beside it",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path}: cannot be read ({error})", "export it again") from None
        if hashlib.sha256(content).hexdigest() != self.info.tokenizer:
            raise DataError(
                f"{path}: not the tokenizer that was exported with {self.name}",
                "put that one beside it, or export the network again",
            )
        return Vocabulary(text, int(self.info.input["longest"]))


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
