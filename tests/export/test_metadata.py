"""Metadata of exported files are read back as they were written, and others are refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import onnxruntime
import pytest
from hypothesis import given, settings, strategies as st
from onnx import TensorProto, helper

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
        ({PREFIX + "class_names": '"cat"'}, "its metadata are damaged"),
        ({PREFIX + "class_names": "[1, null]"}, "its metadata are damaged"),
        ({PREFIX + "class_names": "[" * 9000}, "its metadata are damaged"),
        ({PREFIX + "outputs": '{"probabilities": 3}'}, "its metadata are damaged"),
        ({PREFIX + "input": '{"value_ranges": 3}'}, "its metadata are damaged"),
        ({PREFIX + "input": '{"value_ranges": {"L": [1]}}'}, "its metadata are damaged"),
        ({PREFIX + "input": "{}", PREFIX + "modality": "texts"}, "its metadata are damaged"),
        ({PREFIX + "out_of_distribution": "[1]"}, "its metadata are damaged"),
        (
            {PREFIX + "out_of_distribution": '{"false_positive_rate": "1"}'},
            "its metadata are damaged",
        ),
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


HOSTILE = st.text(max_size=20) | st.sampled_from(
    ["\0", "a\0b", "\r", "\n", '"', "\\", "\\u0000", "null", "[1]", "{", "\ud800", "\u2028", "=1"]
)


@settings(max_examples=25)
@given(st.lists(HOSTILE, min_size=1, max_size=4), HOSTILE, HOSTILE)
def test_hostile_names_are_read_back_from_a_file(
    class_names: list[str], key: str, value: str
) -> None:
    changed = dataclasses.replace(
        METADATA,
        class_names=tuple(class_names),
        outputs={key: value},
        provenance={"command": value, key: [value, 0.1, None]},
    )
    a, b = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "ab")
    graph = helper.make_graph([helper.make_node("Identity", ["a"], ["b"])], "copy", [a], [b])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for name, text in changed.as_metadata().items():
        model.metadata_props.add(key=name, value=text)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    assert from_metadata(session.get_modelmeta().custom_metadata_map, PATH) == changed
