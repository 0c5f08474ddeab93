"""Names in an exported graph are those of the network's layers."""

from __future__ import annotations

import io
import warnings

import onnx
import torch
from torch import Tensor, nn

from glassnet.export.onnx_names import rename


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 2, 3)
        self.norm1 = nn.BatchNorm2d(2)
        self.lstm = nn.LSTM(2, 3, batch_first=True)
        self.blocks = nn.Sequential(nn.ReLU(), nn.Linear(3, 3), nn.Linear(3, 2))

    def forward(self, images: Tensor) -> Tensor:
        x = self.norm1(self.conv1(images)).flatten(2).transpose(1, 2)
        return self.blocks(self.lstm(x)[0]).unsqueeze(1)


class Traced(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = Network()

    def forward(self, images: Tensor) -> Tensor:
        output = self.network(images / 255)
        return output[:, : images.shape[1]].squeeze(1).softmax(dim=2)  # traced with a branch


def renamed() -> onnx.ModelProto:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Traced().eval(),
            (torch.ones(2, 1, 5, 5),),
            buffer,
            input_names=["images"],
            output_names=["probabilities"],
            dynamic_axes={"images": {0: "n"}},
            dynamo=False,
            opset_version=18,
        )
    model = onnx.load_from_string(buffer.getvalue())
    rename(model)
    return model


def test_nodes_have_the_names_of_layers() -> None:
    model = renamed()
    onnx.checker.check_model(model, full_check=True)
    nodes = {node.name: node for node in model.graph.node}
    assert len(nodes) == len(model.graph.node), "names are unique"
    assert list(nodes["conv1"].input)[1:] == ["conv1.W", "conv1.B"], "norm1 is folded into it"
    assert nodes["blocks.0"].op_type == "Relu"
    assert list(nodes["lstm"].input)[1:4] == ["lstm.W", "lstm.R", "lstm.B"]
    assert nodes["lstm/Squeeze"].input[0] == "lstm"
    assert nodes["blocks.2/Add"].input[0] == "blocks.2.bias"
    assert [value.name for value in model.graph.input] == ["images"]
    assert [value.name for value in model.graph.output] == ["probabilities"]
    assert nodes["If"].op_type == "If", "its branches use the new names"
    assert nodes["Div"].input[0] == "images"
    assert nodes["Softmax"].output[0] == "probabilities"


def test_names_contain_nothing_of_the_tracer_or_of_paths() -> None:
    text = str(renamed())
    assert "onnx::" not in text
    assert "network" not in text
    assert ".py" not in text
