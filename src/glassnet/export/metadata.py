"""Metadata of an exported ONNX file. Imports no torch."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, get_origin

from glassnet.contract.data import ranges_from
from glassnet.contract.families import Family, Modality
from glassnet.errors import DataError

FORMAT = 1
"""Version of the metadata."""

PREFIX = "glassnet."
"""The beginning of their keys."""

CHECKSUM_KEY = PREFIX + "checksum"
"""The key whose value is the checksum of the whole file."""

TOKENIZER = ".tokenizer.json"
"""The extension of the tokenizer's file, beside the network's `.onnx`."""


@dataclass(frozen=True)
class Metadata:
    """What an exported network is, where it comes from, and how it was checked.

    Attributes:
        task: the name of its task, such as `cnn`.
        family: whether it classifies or generates.
        modality: whether it takes images or texts.
        version: the version of glassnet that wrote it.
        class_names: one name per class, in the order of the probabilities.
        input: `name`, `type`, `shape`, and how raw inputs are prepared.
        outputs: name -> description.
        provenance: run, checkpoint, data, fingerprint, command, calibration and results.
        parity: the comparison with the network: number and kind of inputs, largest differences
            and tolerances.
        out_of_distribution: of a classifier, the rule by which an input is out of distribution,
            and how often it applies to one that is not.
        tokenizer: SHA-256 of the tokenizer's file; empty for a network of images.
        format: version of the metadata.
    """

    task: str
    family: Family
    modality: Modality
    version: str
    class_names: tuple[str, ...]
    input: dict[str, Any]
    outputs: dict[str, str]
    provenance: dict[str, Any]
    parity: dict[str, Any] = field(default_factory=dict)
    out_of_distribution: dict[str, Any] = field(default_factory=dict)
    tokenizer: str = ""
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        """Convert to JSON's types: name -> value."""
        return json.loads(json.dumps(asdict(self)))

    def as_metadata(self) -> dict[str, str]:
        """Convert to ONNX metadata: key -> text, as JSON where the value is not a text."""
        return {
            PREFIX + name: value if isinstance(value, str) else _as_text(value)
            for name, value in self.as_json().items()
        }


def _as_text(value: Any) -> str:
    """A value as JSON that people can read; lone surrogates, which ONNX refuses, are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() or not _SURROGATE.search(text) else json.dumps(value)


_SURROGATE = re.compile("[\ud800-\udfff]")


def from_metadata(metadata: Mapping[str, str], path: Path) -> Metadata:
    """Read what `as_metadata` wrote.

    Raises:
        DataError: it is missing, damaged, or of another format.
    """
    hint = "give a file that glassnet export wrote"
    if PREFIX + "format" not in metadata:
        raise DataError("not exported by glassnet", hint, path)
    if metadata[PREFIX + "format"] != str(FORMAT):
        raise DataError("written by another version of glassnet", "export it again", path)
    values: dict[str, Any] = {}
    try:
        for field in fields(Metadata):
            text = metadata[PREFIX + field.name]
            kind: Any = field.type
            is_text = isinstance(kind, type) and issubclass(kind, str)
            values[field.name] = kind(text) if is_text else json.loads(text)
            if get_origin(field.type) is dict and not isinstance(values[field.name], dict):
                raise ValueError(f"{field.name} is not an object")
        _check(values)
        values["class_names"] = tuple(values["class_names"])
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError) as error:
        raise DataError(f"its metadata are damaged ({error})", hint, path) from None
    return Metadata(**values)


def _check(values: dict[str, Any]) -> None:
    """Check the types of what a predictor uses.

    Raises:
        ValueError: one is wrong.
        TypeError, AttributeError: the value ranges are no ranges.
    """
    names, outputs = values["class_names"], [*values["outputs"].values()]
    rate = values["out_of_distribution"].get("false_positive_rate", 0.0)
    length = values["input"].get("max_length")
    texts = values["modality"] == Modality.TEXTS
    wrong = {
        "class_names": type(names) is not list or {*map(type, names)} - {str},
        "outputs": {*map(type, outputs)} - {str},
        "out_of_distribution": type(rate) not in (float, int) or not 0 <= rate <= 1,
        "input": texts and (type(length) is not int or length < 1),
    }
    for name in filter(wrong.get, wrong):
        raise ValueError(f"{name} has a value of another type")
    ranges_from(values["input"])


def tokenizer_beside(path: Path) -> Path:
    """The path of the tokenizer of an exported file.

    Example:
        >>> tokenizer_beside(Path("reviews.onnx")).name
        'reviews.tokenizer.json'
    """
    return path.with_name(path.stem + TOKENIZER)
