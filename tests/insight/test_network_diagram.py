from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from toy_parts import provenance

from glassnet.findings import LAYER_FAMILIES
from glassnet.inference.layers import describe, family, trace
from glassnet.insight.views.network_diagram import network_diagram
from glassnet.tasks.cnn.compact import CompactCNN
from glassnet.tasks.cnn.paper import PaperCNN


def diagram_of(network: Any, shape: tuple[int, ...]) -> Any:
    data: Any = SimpleNamespace(example_input=torch.zeros(1, *shape))
    model: Any = SimpleNamespace(network=network.eval(), forward=network.probabilities)
    (diagram,) = network_diagram(data, model, provenance)
    return diagram


def test_the_network_of_the_paper_has_twelve_layers() -> None:
    diagram = diagram_of(PaperCNN((1, 28, 28), 10), (1, 28, 28))
    assert [layer.family for layer in diagram.layers] == [
        *("conv", "norm", "activation", "pool", "dropout") * 2,
        "linear",
        "softmax",
    ]
    assert [layer.name for layer in diagram.layers] == (
        "conv1 norm1 relu1 pool1 drop1 conv2 norm2 relu2 pool2 drop2 output softmax".split()  # noqa: SIM905
    )
    shapes = {layer.name: layer.shape for layer in diagram.layers}
    assert shapes["conv1"] == (32, 28, 28)
    assert shapes["pool1"] == (32, 14, 14)
    assert shapes["pool2"] == (64, 7, 7)
    assert shapes["output"] == shapes["softmax"] == (10,)
    assert diagram.title.startswith("12 layers, 83,658 parameters")
    assert diagram.input_shape == (1, 28, 28)


@pytest.mark.parametrize("kind", [PaperCNN, CompactCNN])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 33, 47)])
def test_all_parameters_are_counted_once(kind: Any, shape: tuple[int, ...]) -> None:
    network = kind(shape, 7)
    total = sum(parameter.numel() for parameter in network.parameters())
    diagram = diagram_of(network, shape)
    assert sum(layer.parameters for layer in diagram.layers) == total
    assert f"{total:,} parameters" in diagram.title


def test_dropout_of_zero_is_left_out() -> None:
    names = [layer.name for layer in diagram_of(CompactCNN((1, 28, 28), 10), (1, 28, 28)).layers]
    assert "drop" not in names
    dropping = CompactCNN((1, 28, 28), 10, dropout=0.2)
    assert "drop" in [layer.name for layer in diagram_of(dropping, (1, 28, 28)).layers]


def test_layers_are_in_the_order_of_use_and_hooks_are_removed() -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Linear(3, 2)
            self.first = nn.Linear(4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(self.first(x))

    network = Backwards()
    assert [layer.name for layer in trace(network, network, torch.zeros(1, 4))] == ["first", "last"]
    with pytest.raises(RuntimeError):
        trace(network, network, torch.zeros(1, 9))
    assert not any(module._forward_hooks for module in network.modules())


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (nn.Conv2d(1, 8, 5, stride=2), "convolution 5×5, stride 2"),
        (nn.Conv2d(1, 8, (3, 5)), "convolution 3×5"),
        (nn.MaxPool2d(2), "max pooling 2×2"),
        (nn.MaxPool2d((2, 3)), "max pooling 2×3"),
        (nn.Dropout(0.1), "dropout 0.1"),
        (nn.GELU(), "GELU"),
    ],
)
def test_layers_are_described_in_words(layer: nn.Module, words: str) -> None:
    assert describe(layer) == words


class OwnConvolution(nn.Conv2d):
    """A layer of one's own, as a subclass of torch's."""


@pytest.mark.parametrize(
    ("layer", "wanted"),
    [
        (nn.Conv2d(1, 2, 3), "conv"),
        (OwnConvolution(1, 2, 3), "conv"),
        (nn.ConvTranspose2d(1, 2, 3), "conv"),
        (nn.BatchNorm2d(2), "norm"),
        (nn.GroupNorm(1, 2), "norm"),
        (nn.ReLU(), "activation"),
        (nn.MaxPool2d(2), "pool"),
        (nn.Dropout(0.1), "dropout"),
        (nn.Linear(2, 3), "linear"),
        (nn.LSTM(2, 3), "linear"),
        (nn.EmbeddingBag(2, 3), "linear"),
        (nn.MultiheadAttention(2, 1), "linear"),
        (nn.LogSoftmax(1), "softmax"),
        (nn.Flatten(), "other"),
        (nn.Identity(), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_layer_has_the_family_of_the_class_that_it_inherits(
    layer: nn.Module, wanted: str
) -> None:
    assert family(layer) == wanted
    assert wanted in LAYER_FAMILIES
