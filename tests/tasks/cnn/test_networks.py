from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from glassnet.contract import Signature, Split
from glassnet.errors import ConfigError
from glassnet.tasks.cnn.compact import CompactCNN
from glassnet.tasks.cnn.paper import PaperCNN
from glassnet.tasks.cnn.presets import PRESETS, Config
from glassnet.tasks.cnn.task import TASK
from glassnet.tasks.cnn.tiny import TinyCNN

UNASKED = Signature((), ())
"""Images are tensors whatever the network knows of them."""

KINDS = {
    "paper": PRESETS["paper"],
    "compact": PRESETS["default"],
    "tiny": PRESETS["tiny"],
    "pool first": replace(PRESETS["default"], pool_first=True),
}


def signature(*shape: int, classes: int = 10) -> Signature:
    return Signature(shape, tuple(map(str, range(classes))))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 33, 47), (1, 8, 8), (3, 9, 100), (1, 11, 8)])
@pytest.mark.parametrize("classes", [2, 10])
def test_images_of_any_size_give_probabilities(
    kind: str, shape: tuple[int, int, int], classes: int
) -> None:
    torch.manual_seed(0)
    network = TASK.build(KINDS[kind], signature(*shape, classes=classes)).eval()
    images = torch.randint(0, 256, (3, *shape), dtype=torch.uint8)
    with torch.inference_mode():
        probabilities = TASK.predict(network, images)["probabilities"]
    assert probabilities.shape == (3, classes)
    assert probabilities.sum(dim=1) == pytest.approx(torch.ones(3), abs=1e-6)
    assert (probabilities >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_probabilities_are_the_softmax_of_the_logits(kind: str) -> None:
    network: Any = TASK.build(KINDS[kind], signature(1, 28, 28)).eval()
    images = torch.rand(2, 1, 28, 28)
    assert torch.allclose(network.probabilities(images), network(images).softmax(1))


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_in_evaluation_mode_is_deterministic_and_depends_on_its_image_alone(
    kind: str,
) -> None:
    network = TASK.build(KINDS[kind], signature(1, 28, 28)).eval()
    images = torch.randint(0, 256, (6, 1, 28, 28), dtype=torch.uint8)
    with torch.inference_mode():
        first = TASK.predict(network, images)["probabilities"]
        assert torch.equal(TASK.predict(network, images)["probabilities"], first)
        single = TASK.predict(network, images[2:3])["probabilities"]
        assert torch.allclose(single[0], first[2], atol=1e-6)


def test_pooling_first_gives_the_same_where_normalisation_increases() -> None:
    """Maxima commute with increasing functions, such as this normalisation."""
    networks = [
        TASK.build(replace(PRESETS["default"], pool_first=first), signature(1, 28, 28)).eval()
        for first in (False, True)
    ]
    for name, values in networks[0].named_buffers():
        if name.endswith(("running_mean", "running_var")):
            values.uniform_(0.5, 2)
    networks[1].load_state_dict(networks[0].state_dict())
    images = torch.rand(4, 1, 28, 28)
    with torch.inference_mode():
        last, first = (network(images) for network in networks)
    assert torch.allclose(last, first, atol=1e-5)


def test_in_training_dropout_is_on() -> None:
    network = TASK.build(replace(PRESETS["paper"], dropout=0.5), signature(1, 28, 28)).train()
    images = torch.rand(4, 1, 28, 28)
    assert not torch.equal(network(images), network(images))


@pytest.mark.parametrize("kind", KINDS)
def test_the_initial_weights_come_from_torchs_random_state(kind: str) -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        network = TASK.build(KINDS[kind], signature(1, 28, 28))
        return torch.cat([parameter.flatten() for parameter in network.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize(
    ("kind", "shape", "smallest"),
    [
        ("paper", (1, 3, 28), 4),
        ("compact", (1, 28, 7), 8),
        ("compact", (1, 1, 1), 8),
        ("tiny", (3, 3, 3), 4),
    ],
)
def test_images_that_are_too_small(kind: str, shape: Any, smallest: int) -> None:
    with pytest.raises(ConfigError, match="too small") as caught:
        TASK.build(KINDS[kind], signature(*shape))
    assert f"{shape[1]} x {shape[2]} pixels" in caught.value.message
    assert f"{smallest} x {smallest}" in caught.value.hint


def test_the_smallest_images_that_are_allowed_work() -> None:
    for kind, side in (("paper", 4), ("compact", 8), ("tiny", 4)):
        network = TASK.build(KINDS[kind], signature(1, side, side)).eval()
        assert network(torch.zeros(1, 1, side, side)).shape == (1, 10)


@pytest.mark.parametrize(
    ("kind", "channels", "wanted"),
    [("paper", (1, 2, 3), 2), ("compact", (1, 2), 3), ("tiny", (1, 2), 5)],
)
def test_channels_that_do_not_fit(kind: str, channels: tuple[int, ...], wanted: int) -> None:
    with pytest.raises(ConfigError, match="channels = ") as caught:
        TASK.build(replace(KINDS[kind], channels=channels), signature(1, 28, 28))
    assert caught.value.hint == f"give {wanted} numbers"


def test_the_paper_preset_is_the_reports() -> None:
    paper = PRESETS["paper"]
    assert (paper.network, paper.batch_size, paper.learning_rate) == ("paper", 256, 0.001)
    assert (paper.dropout, paper.epochs, paper.loss, paper.monitor) == (0.1, 30, "bce", "bce")
    assert (paper.optimizer, paper.weight_decay, paper.ema_decay) == ("adamw", 3.0, 0.0)
    assert (paper.rotate, paper.scale, paper.shift, paper.label_smoothing) == (0, 0, 0, 0)


def test_presets_make_their_networks() -> None:
    kinds = {name: type(TASK.build(c, signature(1, 28, 28))) for name, c in PRESETS.items()}
    assert kinds["paper"] is PaperCNN
    assert kinds["default"] is kinds["quick"] is kinds["record"] is CompactCNN
    assert kinds["tiny"] is TinyCNN
    for config in PRESETS.values():
        assert isinstance(config, Config)


@pytest.mark.parametrize(
    ("inputs", "shape"), [((5, 7, 6), (5, 1, 7, 6)), ((5, 7, 6, 3), (5, 3, 7, 6))]
)
def test_splits_become_tensors(inputs: tuple[int, ...], shape: tuple[int, ...]) -> None:
    images = np.random.default_rng(0).integers(0, 256, inputs, np.uint8)
    split = Split(images, np.arange(5), np.arange(5))
    pixels, labels = TASK.tensors(split, PRESETS["default"], UNASKED)
    assert pixels.shape == shape
    assert pixels.dtype == torch.uint8
    assert labels.tolist() == [0, 1, 2, 3, 4]
    assert pixels[3, 0, 2, 4] == images[3, 2, 4].flat[0]


def test_the_preset_learns_and_the_paper_network_fits_a_few_digits(digits: str) -> None:
    """Sixteen digits are learned by heart: the gradients reach every layer."""
    splits = TASK.load(replace(PRESETS["paper"], data=digits))
    pixels, labels = (
        tensor[:16] for tensor in TASK.tensors(splits.train, PRESETS["default"], UNASKED)
    )
    for config in PRESETS.values():
        torch.manual_seed(0)
        network = TASK.build(config, signature(1, 28, 28)).train()
        optimizer = torch.optim.Adam(network.parameters(), 0.003)
        for _ in range(120 if config.network == "tiny" else 40):
            optimizer.zero_grad()
            TASK.step(network, (pixels, labels), config, 0.0).loss.backward()
            optimizer.step()
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
        assert TASK.step(network.eval(), (pixels, labels), config, 0.0).metrics["accuracy"] > 0.9
