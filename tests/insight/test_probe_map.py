"""The probe map of networks whose layers are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from known_maps import known_map
from torch import Tensor, nn
from toy_parts import ToyCache, findings_of, parts_of_a_run

from glassnet.contract import ExplainOptions, Split
from glassnet.data import splits
from glassnet.findings import Curves, Finding, Heatmap, Table
from glassnet.insight.measures.probe_map import ProbeMap
from glassnet.insight.measures.separation import separation
from glassnet.insight.views.probe_map import measure, probe_map

CLASSES, WIDTH = 4, 12


class Planted(nn.Module):
    """A copy of the input, a rotation of it, noise, zeros, and one that separates the classes."""

    def __init__(self, sharp: float) -> None:
        super().__init__()
        self.same = nn.Identity()
        self.copied = nn.Linear(WIDTH, WIDTH, bias=False)
        self.rotated = nn.Linear(WIDTH, WIDTH)
        self.noise = Noise()
        self.dead = nn.Linear(WIDTH, 5, bias=False)
        self.separating = Separating(sharp)
        with torch.no_grad():
            self.copied.weight.copy_(torch.eye(WIDTH))
            self.rotated.weight.copy_(torch.linalg.qr(torch.randn(WIDTH, WIDTH))[0])
            self.dead.weight.zero_()

    def forward(self, inputs: Tensor) -> Tensor:
        self.copied(inputs)
        self.rotated(inputs)
        self.noise(inputs)
        self.dead(inputs)
        return self.separating(inputs)


class Noise(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return torch.randn(inputs.shape, generator=torch.Generator().manual_seed(5))


class Separating(nn.Module):
    """The input's class, `sharp` times as far apart as the noise is wide."""

    def __init__(self, sharp: float) -> None:
        super().__init__()
        self.sharp = sharp

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = inputs[:, 0].round().long()
        targets = nn.functional.one_hot(hidden, CLASSES).float()
        noise = torch.randn(targets.shape, generator=torch.Generator().manual_seed(6))
        return self.sharp * targets + noise


def world(n: int = 600) -> Split:
    """Inputs with their class in one value and noise in eleven."""
    random = np.random.default_rng(0)
    labels = random.permutation(np.arange(n) % CLASSES)
    inputs = random.normal(size=(n, WIDTH)).astype(np.float32)
    inputs[:, 0] = labels
    return Split(inputs, labels.astype(np.int64), np.arange(n))


@dataclass
class PlantedData:
    """As much of `contract.Data` as the map uses."""

    test: Split = field(default_factory=world)

    def subsample(self, n: int, seed: int) -> np.ndarray:
        return splits.subsample(self.test.labels, n, seed)

    def inputs(self, split: Split) -> Tensor:
        return torch.from_numpy(split.inputs)

    def raw_inputs(self, inputs: Tensor) -> np.ndarray:
        return inputs.numpy()


@dataclass
class PlantedModel:
    """As much of `contract.Model` as the map uses."""

    network: nn.Module
    all_layers: tuple[str, ...] = ("copied", "rotated", "noise", "dead", "separating")
    networks_run: list[nn.Module] = field(default_factory=list)

    def activations(
        self, inputs: Tensor, layers: Sequence[str], network: nn.Module | None = None
    ) -> dict[str, np.ndarray]:
        network = network or self.network
        self.networks_run.append(network)
        modules = dict(network.named_modules())
        with torch.inference_mode():
            return {name: modules[name](inputs).numpy() for name in layers}


@dataclass
class PlantedNetworks:
    """Implements `contract.Networks`."""

    past: dict[int, nn.Module]
    shuffled: nn.Module | None = None
    best_epoch: int = 3

    @property
    def snapshots(self) -> tuple[int, ...]:
        return tuple(self.past)

    def network_at(self, epoch: int) -> nn.Module:
        return self.past[epoch]

    left_out: ClassVar[dict[str, str]] = {}

    def control_network(self, name: str) -> nn.Module | None:
        return self.shuffled if name == "shuffled labels" else None


def planted(
    past: dict[int, nn.Module], test: Split | None = None, shuffled: nn.Module | None = None
) -> Any:
    """The parts of a run with these networks by epoch; the last one is the best."""
    return parts_of_a_run(
        data=PlantedData(test or world()),
        model=PlantedModel(past[3]),
        networks=PlantedNetworks(past, shuffled),
    )


@pytest.fixture(scope="module")
def planting() -> Any:
    torch.manual_seed(0)
    past: dict[int, nn.Module] = {0: Planted(0.0), 1: Planted(3.0), 3: Planted(9.0)}
    return planted(past, shuffled=Planted(0.0))


def measured(planting: Any) -> ProbeMap:
    options = ExplainOptions(layers=())
    return measure(planting.data, planting.model, planting.networks, ToyCache(), options)


@pytest.fixture(scope="module")
def found(planting: Any) -> ProbeMap:
    return measured(planting)


def named(planting: Any) -> dict[str, Finding]:
    made = findings_of(probe_map, planting, layers=("copied", "separating"))
    return {each.name: each for each in made}


def test_a_copied_and_a_rotated_layer_measure_the_same_as_the_input(found: ProbeMap) -> None:
    for layer in ("copied", "rotated"):
        place = found.layers.index(layer)
        for column in range(len(found.columns)):
            np.testing.assert_allclose(found.values[place, column], found.values[0, 0], rtol=1e-3)


def test_noise_and_constant_layers_are_at_chance(found: ProbeMap) -> None:
    for layer in ("noise", "dead"):
        for measure_of in ("probe", "neighbours"):
            ends = found.interval(measure_of, found.layers.index(layer), found.chosen)
            assert ends["low"] < 1 / CLASSES < ends["high"]
    dead = found.layers.index("dead")
    assert not found.of("fisher")[dead].any()
    assert not found.of("dimension")[dead].any()


def test_the_layer_and_epoch_of_separation_are_found(found: ProbeMap) -> None:
    separated = separation(found)
    assert separated is not None
    assert found.layers[separated.layer] == "separating"
    assert found.columns[separated.column].epoch == 3
    accuracy = found.of("probe")[found.layers.index("separating")]
    low, high = found.interval("probe", found.layers.index("separating"), 0).values()
    assert low < 1 / CLASSES < high
    assert accuracy[1] < accuracy[2] == 1


def test_the_separation_is_the_same_in_redraws_if_the_layers_are_far_apart() -> None:
    found = separation(known_map([[0.5], [0.6], [0.978], [0.98]]))
    assert found is not None
    assert (found.layer, found.first, found.last) == (2, 2, 2)
    assert found.layer_agreement > 0.9
    assert found.beats_input


def test_layers_that_are_nearly_as_good_share_the_separation() -> None:
    found = separation(known_map([[0.5], [0.94], [0.95], [0.97]]))
    assert found is not None
    assert found.layer_agreement < 0.9
    assert found.first < found.last


def test_an_epoch_counts_from_which_on_the_layer_stays_good() -> None:
    found = separation(known_map([[0.3] * 4, [0.97, 0.5, 0.96, 0.97]]))
    assert found is not None
    assert (found.layer, found.column) == (1, 2)
    assert found.epoch_agreement > 0.5


def test_layers_at_chance_do_not_separate_the_classes() -> None:
    assert separation(known_map([[0.1], [0.12], [0.11], [0.12]])) is None


def test_title_and_summary_contain_every_claim(planting: Any) -> None:
    found = named(planting)["probe-map"]
    assert isinstance(found, Heatmap)
    assert found.title == "The classes separate at separating by epoch 3"
    assert found.stands_out
    assert "before training" in found.summary
    assert "in a control network trained on shuffled labels" in found.summary
    assert found.column_names == ("0", "1", "3 (chosen)", "shuffled labels")
    assert found.row_names[0] == "input"
    for claim in found.claims:
        assert claim.formatted in f"{found.title} {found.summary}"
        assert claim.low is None or claim.low <= claim.value <= (claim.high or 0)


def test_curves_have_bands_and_the_table_every_layer(planting: Any) -> None:
    findings = named(planting)
    curves, table = findings["probe-curves"], findings["probe-table"]
    assert isinstance(curves, Curves)
    assert [series.label for series in curves.panels[0].series] == ["input", "copied", "separating"]
    for panel in curves.panels:
        for series in panel.series:
            assert series.low is not None
            assert series.high is not None
            assert (series.low <= series.y + 1e-9).all()
            assert (series.y <= series.high + 1e-9).all()
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["input", *planting.model.all_layers]


def test_random_labels_separate_at_no_layer() -> None:
    torch.manual_seed(0)
    test = world()
    test.labels[:] = np.random.default_rng(9).permutation(test.labels)
    planting = planted({0: Planted(1.0), 3: Planted(9.0)}, test=test)
    probe_map = named(planting)["probe-map"]
    assert probe_map.title == "No layer separates the classes"
    assert not probe_map.stands_out


def test_a_separable_input_is_named_in_the_title() -> None:
    test = world()
    test.inputs[:, :CLASSES] += 20 * np.eye(CLASSES, dtype=np.float32)[test.labels]
    planting = planted({3: Planted(0.0)}, test=test)
    planting.model.all_layers = ("copied", "noise")
    findings = named(planting)
    title = "No layer separates the classes clearly better than the raw input"
    assert findings["probe-map"].title == title
    assert not findings["probe-map"].stands_out
    assert "probe-curves" not in findings


def test_too_few_points_or_classes_give_no_findings() -> None:
    few = planted({3: Planted(1.0)}, test=world().take(np.arange(12)))
    assert named(few) == {}
    alike = world()
    alike.labels[:] = 1
    assert named(planted({3: Planted(1.0)}, test=alike)) == {}


def test_wide_layers_are_measured_a_few_at_a_time(
    planting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.insight.views.probe_map.MAX_BYTES", 4 * 600 * WIDTH)
    planting.model.networks_run.clear()
    again = measured(planting)
    passes = planting.model.networks_run.count(planting.model.network)
    assert passes == len(planting.model.all_layers)
    np.testing.assert_allclose(again.values[1], again.values[0], rtol=1e-3)
