from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from glassnet.errors import UsageError
from glassnet.inference.activations import activations, capture


class Nested(nn.Module):
    """Blocks in blocks, a list, a layer used twice, and one that gives a tuple."""

    def __init__(self) -> None:
        super().__init__()
        inner = OrderedDict(linear=nn.Linear(4, 4), act=nn.Tanh())
        self.block = nn.ModuleDict({"deep": nn.Sequential(inner)})
        self.steps = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 3)])
        self.twice = nn.ReLU()
        self.reader = nn.LSTM(3, 2, batch_first=True)
        self.idle = nn.Linear(1, 1)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.twice(self.block["deep"](x))
        x = self.twice(self.steps[1](self.steps[0](x)))
        return self.drop(self.reader(x[:, None, :])[0][:, 0])


@pytest.fixture
def network() -> Nested:
    torch.manual_seed(0)
    return Nested().eval()


def hooks(network: nn.Module) -> int:
    return sum(len(module._forward_hooks) for module in network.modules())


def test_layers_at_any_depth_are_recorded(network: Nested) -> None:
    x = torch.rand(5, 4)
    with capture(network, ["block.deep.act", "steps.1", "block.deep"]) as outputs:
        network(x)
    expected = network.block["deep"](x)
    assert torch.equal(outputs["block.deep.act"], expected)
    assert torch.equal(outputs["block.deep"], expected)
    assert torch.equal(outputs["steps.1"], network.steps[1](network.steps[0](expected.relu())))
    assert not outputs["steps.1"].requires_grad


def test_the_last_output_of_a_layer_that_runs_twice_is_recorded(network: Nested) -> None:
    with capture(network, ["twice"]) as outputs:
        network(torch.rand(5, 4))
    assert outputs["twice"].shape == (5, 3)


def test_the_first_of_several_tensors_is_recorded(network: Nested) -> None:
    with capture(network, ["reader"]) as outputs:
        network(torch.rand(5, 4))
    assert outputs["reader"].shape == (5, 1, 2)


def test_hooks_are_removed_also_after_an_error(network: Nested) -> None:
    with capture(network, ["steps.0"]):
        assert hooks(network) == 1

    def fail() -> None:
        with capture(network, ["steps.0", "twice"]):
            network(torch.rand(5, 7))

    with pytest.raises(RuntimeError):
        fail()
    with pytest.raises(UsageError), capture(network, ["steps.0", "stpes.0"]):
        pass
    assert hooks(network) == 0


@pytest.mark.parametrize(
    ("name", "hint"), [("step.1", "did you mean steps.1?"), ("", "known: "), ("zzzzzz", "known: ")]
)
def test_a_misspelt_layer_is_refused_with_the_nearest_name(
    network: Nested, name: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught, capture(network, [name]):
        pass
    assert caught.value.message == f"there is no layer {name!r}"
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
def test_activations_equal_those_of_one_forward_pass(network: Nested, batch_size: int) -> None:
    x = torch.rand(7, 4)
    found = activations(network, network, x, ["block.deep", "reader"], batch_size)
    with torch.inference_mode():
        np.testing.assert_allclose(found["block.deep"], network.block["deep"](x), atol=1e-6)
        np.testing.assert_allclose(found["reader"], network(x), atol=1e-6)
    assert found["reader"].shape == (7, 2)
    assert found["reader"].dtype == np.float32


def test_images_are_flattened_per_example() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3)).to(memory_format=torch.channels_last)
    x = torch.rand(4, 1, 6, 5)
    found = activations(network, network, x, ["0"], 3)["0"]
    assert found.shape == (4, 2 * 4 * 3)
    np.testing.assert_allclose(found, network(x).flatten(1).detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_the_network_runs_in_evaluation_mode_and_is_restored(
    network: Nested, training: bool
) -> None:
    network.train(training)
    first = activations(network, network, torch.ones(4, 4), ["drop"])["drop"]
    assert (first == first[0]).all(), "dropout was on"
    assert network.training is training
    with pytest.raises(RuntimeError):
        activations(network, network, torch.ones(4, 9), ["drop"])
    assert network.training is training
    assert hooks(network) == 0


def test_submodules_in_evaluation_mode_stay_in_it(network: Nested) -> None:
    """A frozen normalisation layer must not be set to training mode."""
    network.train()
    network.drop.eval()
    activations(network, network, torch.ones(2, 4), ["twice"])
    assert network.training
    assert not network.drop.training


def test_a_layer_that_never_runs_is_refused(network: Nested) -> None:
    with pytest.raises(UsageError, match="idle"):
        activations(network, network, torch.ones(2, 4), ["idle"])


def test_too_large_a_result_is_refused_with_the_number_that_fits(
    network: Nested, monkeypatch: pytest.MonkeyPatch
) -> None:
    width = activations(network, network, torch.ones(1, 4), ["twice"])["twice"].shape[1]
    monkeypatch.setattr("glassnet.inference.activations.MAX_BYTES", 10 * 4 * width)
    with pytest.raises(UsageError, match="11 examples of twice") as caught:
        activations(network, network, torch.ones(11, 4), ["twice"])
    assert "at most 10 points" in caught.value.hint
    assert activations(network, network, torch.ones(10, 4), ["twice"])["twice"].shape == (10, width)
