"""The map of layers by epochs, on networks whose truth is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from glassnet.contract import ExplainOptions, Split
from glassnet.data import splits
from glassnet.findings import Curves, Finding, Heatmap, Provenance, Table
from glassnet.insight.measures.probe_map import Map, measure, verdict
from glassnet.insight.views.probe_map import probe_map

CLASSES, WIDTH = 4, 12


class Planted(nn.Module):
    """A copy of the input, noise that knows nothing of it, zeros, and what tells the classes."""

    def __init__(self, sharp: float) -> None:
        super().__init__()
        self.same = nn.Identity()
        self.copied = nn.Linear(WIDTH, WIDTH, bias=False)
        self.turned = nn.Linear(WIDTH, WIDTH)
        self.noise = Noise()
        self.dead = nn.Linear(WIDTH, 5, bias=False)
        self.telling = Telling(sharp)
        with torch.no_grad():
            self.copied.weight.copy_(torch.eye(WIDTH))
            self.turned.weight.copy_(torch.linalg.qr(torch.randn(WIDTH, WIDTH))[0])
            self.dead.weight.zero_()

    def forward(self, inputs: Tensor) -> Tensor:
        self.copied(inputs)
        self.turned(inputs)
        self.noise(inputs)
        self.dead(inputs)
        return self.telling(inputs)


class Noise(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return torch.randn(inputs.shape, generator=torch.Generator().manual_seed(5))


class Telling(nn.Module):
    """The input's hidden class, `sharp` times as far apart as the noise is wide."""

    def __init__(self, sharp: float) -> None:
        super().__init__()
        self.sharp = sharp

    def forward(self, inputs: Tensor) -> Tensor:
        hidden = inputs[:, 0].round().long()
        record = nn.functional.one_hot(hidden, CLASSES).float()
        noise = torch.randn(record.shape, generator=torch.Generator().manual_seed(6))
        return self.sharp * record + noise


def world(n: int = 600) -> Split:
    """Inputs that hold their class in one value among eleven that are noise."""
    random = np.random.default_rng(0)
    labels = random.permutation(np.arange(n) % CLASSES)
    inputs = random.normal(size=(n, WIDTH)).astype(np.float32)
    inputs[:, 0] = labels
    return Split(inputs, labels.astype(np.int64), np.arange(n))


@dataclass
class Planting:
    """As much of `contract.Evidence` as the map looks at."""

    past: dict[int, nn.Module]
    test: Split = field(default_factory=world)
    best_epoch: int = 3
    shuffled: nn.Module | None = None
    class_names: tuple[str, ...] = tuple("abcd")
    all_layers: tuple[str, ...] = ("copied", "turned", "noise", "dead", "telling")
    asked: list[nn.Module] = field(default_factory=list)

    @property
    def snapshots(self) -> tuple[int, ...]:
        return tuple(self.past)

    @property
    def network(self) -> nn.Module:
        return self.past[self.best_epoch]

    def network_at(self, epoch: int) -> nn.Module:
        return self.past[epoch]

    def control_network(self, name: str) -> nn.Module | None:
        return self.shuffled if name == "shuffled labels" else None

    def subsample(self, n: int, seed: int) -> np.ndarray:
        return splits.subsample(self.test.labels, n, seed)

    def inputs(self, split: Split) -> Tensor:
        return torch.from_numpy(split.inputs)

    def raw_inputs(self, inputs: Tensor) -> np.ndarray:
        return inputs.numpy()

    def activations(
        self, inputs: Tensor, layers: Sequence[str], network: nn.Module | None = None
    ) -> dict[str, np.ndarray]:
        network = network or self.network
        self.asked.append(network)
        modules = dict(network.named_modules())
        with torch.inference_mode():
            return {name: modules[name](inputs).numpy() for name in layers}

    def cached(self, name: str, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        return make()

    def provenance(self, *, split: str = "", n: int = 0, seed: int | None = None) -> Provenance:
        return Provenance(run="r", checkpoint="best", split=split, n=n, seed=seed, command="c")


@pytest.fixture(scope="module")
def planting() -> Planting:
    torch.manual_seed(0)
    past = {0: Planted(0.0), 1: Planted(3.0), 3: Planted(9.0)}
    return Planting(past, shuffled=Planted(0.0))


@pytest.fixture(scope="module")
def found(planting: Planting) -> Map:
    return measure(planting, ExplainOptions(layers=()))  # type: ignore[arg-type]


def explain_text(planting: Planting) -> dict[str, Finding]:
    options = ExplainOptions(layers=("copied", "telling"))
    return {each.name: each for each in probe_map(planting, options)}  # type: ignore[arg-type]


def test_a_copied_layer_has_the_inputs_numbers_and_a_turned_one_too(found: Map) -> None:
    for layer in ("copied", "turned"):
        place = found.layers.index(layer)
        for column in range(len(found.columns)):
            np.testing.assert_allclose(found.values[place, column], found.values[0, 0], rtol=1e-3)


def test_noise_and_dead_layers_are_at_chance(found: Map) -> None:
    for layer in ("noise", "dead"):
        for measure_of in ("probe", "neighbours"):
            ends = found.interval(measure_of, found.layers.index(layer), found.chosen)
            assert ends["low"] < 1 / CLASSES < ends["high"]
    dead = found.layers.index("dead")
    assert not found.of("fisher")[dead].any()
    assert not found.of("dimension")[dead].any()


def test_the_classes_separate_where_and_when_they_were_made_to(found: Map) -> None:
    where = verdict(found)
    assert where is not None
    assert found.layers[where.layer] == "telling"
    assert found.columns[where.column].epoch == 3
    telling = found.of("probe")[found.layers.index("telling")]
    low, high = found.interval("probe", found.layers.index("telling"), 0).values()
    assert low < 1 / CLASSES < high
    assert telling[1] < telling[2] > 0.99


def test_the_sentence_says_it_with_its_numbers(planting: Planting) -> None:
    where = explain_text(planting)["probe-map"]
    assert isinstance(where, Heatmap)
    assert where.title == "The classes separate at telling by epoch 3"
    assert "before training" in where.summary
    assert "where the labels were shuffled" in where.summary
    assert where.column_names == ("0", "1", "3 (chosen)", "shuffled labels")
    assert where.row_names[0] == "input"
    for record in where.claims:
        assert record.formatted in f"{where.title} {where.summary}"
        assert record.low is None or record.low <= record.value <= (record.high or 0)


def test_curves_have_bands_and_the_table_every_layer(planting: Planting) -> None:
    seen = explain_text(planting)
    curves, table = seen["probe-curves"], seen["probe-table"]
    assert isinstance(curves, Curves)
    assert [series.label for series in curves.panels[0].series] == ["input", "copied", "telling"]
    for panel in curves.panels:
        for series in panel.series:
            assert series.low is not None
            assert series.high is not None
            assert (series.low <= series.y + 1e-9).all()
            assert (series.y <= series.high + 1e-9).all()
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["input", *planting.all_layers]


def test_labels_that_mean_nothing_separate_nowhere() -> None:
    torch.manual_seed(0)
    test = world()
    test.labels[:] = np.random.default_rng(9).permutation(test.labels)
    planting = Planting({0: Planted(1.0), 3: Planted(9.0)}, test=test)
    where = explain_text(planting)["probe-map"]
    assert where.title == "No layer tells the classes apart"


def test_an_input_that_tells_all_is_said_to() -> None:
    test = world()
    test.inputs[:, :CLASSES] += 20 * np.eye(CLASSES, dtype=np.float32)[test.labels]
    planting = Planting({3: Planted(0.0)}, test=test)
    planting.all_layers = ("copied", "noise")
    seen = explain_text(planting)
    assert (
        seen["probe-map"].title == "The classes lie as far apart in the raw input as in any layer"
    )
    assert "where-curves" not in seen


def test_too_few_points_or_classes_say_nothing() -> None:
    few = Planting({3: Planted(1.0)}, test=world().take(np.arange(12)))
    assert explain_text(few) == {}
    alike = world()
    alike.labels[:] = 1
    assert explain_text(Planting({3: Planted(1.0)}, test=alike)) == {}


def test_wide_layers_are_captured_a_few_at_a_time(
    planting: Planting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glassnet.insight.measures.probe_map.AT_ONCE", 4 * 600 * WIDTH)
    planting.asked.clear()
    again = measure(planting, ExplainOptions(layers=()))  # type: ignore[arg-type]
    assert planting.asked.count(planting.network) > 3
    np.testing.assert_allclose(again.values[1], again.values[0], rtol=1e-3)
