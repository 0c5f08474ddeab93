"""Metadata of exported files are read back as they were written, and others are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassnet.contract import Family, Modality
from glassnet.errors import DataError
from glassnet.export.metadata import PREFIX, Metadata, from_metadata

METADATA = Metadata(
    task="cnn",
    family=Family.CLASSIFIER,
    modality=Modality.IMAGES,
    version="1.2",
    class_names=("Zebra", "猫", 'so "called"'),
    input={"name": "images", "shape": ["n", 28, 28]},
    outputs={"probabilities": "of the classes"},
    provenance={"run": "a", "results": {"test": {"n": 3, "interval": [0.1, 0.2]}}},
    parity={"examples": 500},
    out_of_distribution={"false_positive_rate": 0.01},
)
PATH = Path("model.onnx")


def test_metadata_are_read_back_as_they_were_written() -> None:
    metadata = METADATA.as_metadata()
    assert all(isinstance(value, str) for value in metadata.values())
    assert "猫" in metadata[PREFIX + "class_names"], "people read it in Netron"
    assert from_metadata(metadata | {"another": "tool's"}, PATH) == METADATA


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({PREFIX + "format": None}, "not exported by glassnet"),
        ({PREFIX + "format": "2"}, "written by another version"),
        ({PREFIX + "family": "poet"}, "its metadata are damaged"),
        ({PREFIX + "class_names": "["}, "its metadata are damaged"),
        ({PREFIX + "class_names": "3"}, "its metadata are damaged"),
        ({PREFIX + "out_of_distribution": "[1]"}, "its metadata are damaged"),
        ({PREFIX + "provenance": None}, "its metadata are damaged"),
    ],
)
def test_missing_or_damaged_metadata_are_refused(
    change: dict[str, str | None], message: str
) -> None:
    changed = METADATA.as_metadata() | change
    with pytest.raises(DataError, match=message) as caught:
        from_metadata({name: text for name, text in changed.items() if text is not None}, PATH)
    assert caught.value.message.startswith("model.onnx: ")
