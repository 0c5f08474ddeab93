from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn
from toy_parts import provenance

from glassnet.contract import Signature
from glassnet.findings import LAYER_FAMILIES
from glassnet.inference.layers import describe, family, trace
from glassnet.insight.views.network_diagram import network_diagram
from glassnet.tasks.cnn.compact import CompactCNN
from glassnet.tasks.cnn.paper import PaperCNN
from glassnet.tasks.lstm.network import LSTMTextClassifier
from glassnet.tasks.vae.presets import PRESETS
from glassnet.tasks.vae.task import TASK as VAE


def diagram_of(network: Any, shape: tuple[int, ...]) -> Any:
    data: Any = SimpleNamespace(example_input=torch.zeros(1, *shape))
    model: Any = SimpleNamespace(network=network.eval(), forward_pass=network.probabilities)
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
    layers, links = trace(network, network, torch.zeros(1, 4))
    assert [layer.name for layer in layers] == ["first", "last"]
    assert links == ((0, 1), (1, 2), (2, 3))
    with pytest.raises(RuntimeError):
        trace(network, network, torch.zeros(1, 9))
    assert not any(module._forward_hooks for module in network.modules())


def named_links(network: nn.Module, forward: Any, example: torch.Tensor) -> set[tuple[str, str]]:
    layers, links = trace(network.eval(), forward, example)
    used = [layer.name.replace(" (2)", "_2") for layer in layers]
    names = ["input", *used, "result"]
    return {(names[one], names[two]) for one, two in links}


def chain(names: str) -> set[tuple[str, str]]:
    return set(pairwise(names.split()))


def test_a_skip_connection_is_a_link_and_each_use_of_a_layer_a_box() -> None:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
            self.relu, self.drop = nn.ReLU(inplace=True), nn.Dropout(0.2)
            self.output = nn.Linear(4 * 9, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.relu(self.conv1(x))
            x += self.drop(self.conv2(x))
            return self.output(self.relu(x).flatten(1))

    network = Residual()
    found = named_links(network, network, torch.zeros(1, 1, 3, 3))
    assert found == (
        chain("input conv1 relu conv2 drop relu_2 output result") | chain("relu relu_2")
    )
    total = sum(parameter.numel() for parameter in network.parameters())
    layers, _ = trace(network, network, torch.zeros(1, 1, 3, 3))
    assert sum(layer.parameters for layer in layers) == total


def test_a_layer_in_a_loop_is_one_box() -> None:
    class Loop(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.output = nn.GRUCell(2, 3), nn.Linear(3, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            state = torch.zeros(len(x), 3)
            for step in range(x.shape[1]):
                state = self.cell(x[:, step], state)
            return self.output(state)

    network = Loop()
    found = named_links(network, network, torch.zeros(1, 9, 2))
    assert found == chain("input cell output result")


def test_masks_and_choices_are_no_links() -> None:
    class Choosing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding, self.first = nn.Embedding(9, 3), nn.Linear(3, 2)
            self.second, self.attention = nn.Linear(3, 2), nn.MultiheadAttention(3, 1)

        def forward(self, words: torch.Tensor) -> torch.Tensor:
            vectors = self.embedding(words) * (words > 0).unsqueeze(2)
            vectors, _ = self.attention(vectors, vectors, vectors)
            best = self.first(vectors).argmax(dim=2)
            scores: torch.Tensor = self.second(vectors).gather(2, best.unsqueeze(2))
            return scores

    network = Choosing()
    found = named_links(network, network, torch.ones(1, 5, dtype=torch.int64))
    second = chain("input embedding attention second result")
    assert found == second | {("attention", "first")}


def test_n_grams_and_both_directions_are_branches() -> None:
    network = LSTMTextClassifier(20, 2, max_ngram=2, ngram_buckets=8, embedding_dropout=0.1)
    found = named_links(
        network, lambda words: network.combine(network(words), words), torch.tensor([[5, 6, 0]])
    )
    both = ("layers.0.forwards", "layers.0.backwards")
    assert found == (
        chain("input word_dropout embedding embedding_dropout")
        | chain("input ngrams result")
        | {("embedding", "mean_embedding"), ("output", "result")}
        | {("embedding_dropout", lstm) for lstm in both}
        | {(lstm, pooled) for lstm in both for pooled in ("pool.max", "pool.mean", "last_state")}
        | {("pool.max", "output"), ("pool.mean", "output")}
    )


@pytest.mark.parametrize("preset", ["convolutional", "perceptron"])
def test_codes_are_sampled_from_two_heads(preset: Any) -> None:
    config = replace(PRESETS["default"], network=preset)
    network = VAE.build(config, Signature((1, 28, 28), ("0", "1")))
    found = named_links(
        network,
        lambda pixels: VAE.forward_pass(network, pixels),
        torch.zeros(1, 1, 28, 28, dtype=torch.uint8),
    )
    heads = {"mean", "log_variance"}
    assert {one for one, two in found if two == "sample"} == heads
    assert {two for one, two in found if one in heads} == {"sample"}
    assert len({one for one, two in found if two in heads}) == 1
    assert len([two for one, two in found if one == "sample"]) == 1
    assert len([one for one, two in found if two == "result"]) == 1


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (nn.Conv2d(1, 8, 5, stride=2), "convolution 5×5, stride 2"),
        (nn.Conv2d(1, 8, (3, 5)), "convolution 3×5"),
        (nn.MaxPool2d(2), "max pooling 2×2"),
        (nn.MaxPool2d((2, 3)), "max pooling 2×3"),
        (nn.AdaptiveAvgPool2d(1), "mean over the image"),
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


def test_layers_that_feed_nothing_are_named() -> None:
    class Branching(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.aside, self.other = (nn.Linear(4, 4) for _ in range(3))
            self.last = nn.Linear(4, 2)

        def probabilities(self, x: torch.Tensor) -> torch.Tensor:
            values = self.first(x)
            self.aside(values)
            self.other(values)
            return self.last(values)

    summary = diagram_of(Branching(), (4,)).summary
    assert "Nothing is computed from aside and other, which are there to be explained" in summary
    assert "Nothing" not in diagram_of(PaperCNN((1, 28, 28), 10), (1, 28, 28)).summary
