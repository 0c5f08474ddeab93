"""Facts: what an exported file says of itself, in its metadata. Imports no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from glassnet.errors import DataError

FORMAT = 1
"""Version of the metadata."""

PREFIX = "glassnet."
"""What their names begin with."""

TOKENIZER = ".tokenizer.json"
"""What the tokenizer's file ends in, beside the network's, which ends in `.onnx`."""


@dataclass(frozen=True)
class Metadata:
    """What an exported network is.

    Attributes:
        task: the family of networks.
        version: glassnet's that wrote it.
        class_names: one name per class, in the order of the probabilities.
        input: what goes in: `name`, `type`, `shape`, and in words how raw inputs become it.
        outputs: what comes out: name -> in words.
        receipt: where it comes from: run, checkpoint, data, fingerprint, command and results.
        parity: how it was checked: examples, largest differences and what is tolerated.
        unlike: of a classifier, when an input is unlike the training data, and how often that is
            said of one that is not.
        tokenizer: SHA-256 of the tokenizer beside it; empty where no texts are read.
        format: version of these.
    """

    task: str
    version: str
    class_names: tuple[str, ...]
    input: dict[str, Any]
    outputs: dict[str, str]
    provenance: dict[str, Any]
    parity: dict[str, Any] = field(default_factory=dict)
    unlike: dict[str, Any] = field(default_factory=dict)
    tokenizer: str = ""
    format: int = FORMAT

    def as_json(self) -> dict[str, Any]:
        """Name -> value, in JSON's types."""
        return json.loads(json.dumps(asdict(self)))

    def as_metadata(self) -> dict[str, str]:
        """Name -> text, as ONNX keeps it; what is no text is JSON."""
        return {
            PREFIX + name: value
            if isinstance(value, str)
            else json.dumps(value, ensure_ascii=False)
            for name, value in self.as_json().items()
        }


def from_metadata(metadata: Mapping[str, str], path: Path) -> Metadata:
    """Read back what `as_metadata` wrote.

    Raises:
        DataError: it is not there, damaged, or of a newer format.
    """
    hint = "give a file that glassnet export wrote"
    if PREFIX + "format" not in metadata:
        raise DataError(f"{path}: not exported by glassnet", hint)
    if metadata[PREFIX + "format"] != str(FORMAT):
        raise DataError(f"{path}: written by another version of glassnet", "export it again")
    values: dict[str, Any] = {}
    try:
        for each in fields(Metadata):
            text = metadata[PREFIX + each.name]
            values[each.name] = text if each.type == "str" else json.loads(text)
        values["class_names"] = tuple(map(str, values["class_names"]))
        for name in ("input", "outputs", "provenance", "parity", "out_of_distribution"):
            if not isinstance(values[name], dict):
                raise ValueError(f"{name} is no object")
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: its metadata are damaged ({error})", hint) from None
    return Metadata(**values)


def tokenizer_beside(path: Path) -> Path:
    """Where the tokenizer of a file lies.

    Example:
        >>> tokenizer_beside(Path("reader.onnx")).name
        'reader.tokenizer.json'
    """
    return path.with_name(path.stem + TOKENIZER)
