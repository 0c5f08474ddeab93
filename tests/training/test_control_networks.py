"""Control networks: trained once, reproducible, and without effect on the run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import glassnet as gn
from glassnet.cli import main
from glassnet.contract import CONTROL_NETWORKS, Split, Splits
from glassnet.data.images.load import load_images
from glassnet.drawing.layout import projection_quality
from glassnet.errors import TrainingError
from glassnet.findings import Scatter, Table
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run
from glassnet.tasks.cnn.presets import Config
from glassnet.tasks.cnn.task import TASK, ImageClassifier
from glassnet.tasks.vae.task import ImageGenerator
from glassnet.training import control_networks

UNTRAINED, SHUFFLED, NOISE = CONTROL_NETWORKS


@pytest.fixture
def run(trained: Run) -> gn.TrainedRun:
    return gn.TrainedRun(trained)


@pytest.fixture
def own_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks have the views of control networks alone; all take seconds."""
    for task in (ImageClassifier, ImageGenerator):
        monkeypatch.setattr(task, "views", ("probe_map", "control_networks"))


def accuracy(run: gn.TrainedRun, network: nn.Module) -> float:
    test = run.data.test
    predictions = run.model.task.predict(network, run.data.inputs(test))["probabilities"]
    return float((predictions.argmax(dim=1).numpy() == test.labels).mean())


def network(run: gn.TrainedRun, name: str) -> nn.Module:
    control_network = run.evidence.networks.control_network(name)
    assert control_network is not None
    return control_network


def test_the_untrained_network_has_the_initial_weights(run: gn.TrainedRun) -> None:
    control_network = network(run, UNTRAINED).state_dict()
    initial = checkpoint.load(run.run.snapshot(0))["network"]
    made = control_networks.untrained(
        run.model.task, run.model.config, run.data.splits, run.model.signature
    )
    for name, value in checkpoint.in_half_precision(made).items():
        assert torch.equal(initial[name], value)
        assert torch.equal(control_network[name], value.to(control_network[name].dtype))


def test_the_untrained_network_needs_no_snapshot(run: gn.TrainedRun) -> None:
    initial = checkpoint.load(run.run.snapshot(0))["network"]
    run.run.snapshot(0).unlink()
    made = checkpoint.in_half_precision(network(run, UNTRAINED).state_dict())
    assert all(torch.equal(value, initial[name]) for name, value in made.items())


def test_a_network_on_shuffled_labels_does_not_learn_the_true_ones(run: gn.TrainedRun) -> None:
    assert accuracy(run, run.model.network) > 0.6
    assert accuracy(run, network(run, SHUFFLED)) < 0.3


def test_a_control_network_is_trained_once_and_reproducibly(
    run: gn.TrainedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = network(run, SHUFFLED).state_dict()
    before = run.run.control_network(SHUFFLED).read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("glassnet.training.control_networks.Trainer", None)  # may not be called
        again = network(gn.load(run.path), SHUFFLED).state_dict()
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    run.run.control_network(SHUFFLED).write_bytes(
        before[: len(before) // 2]
    )  # damaged: trained again
    network(gn.load(run.path), SHUFFLED)
    assert run.run.control_network(SHUFFLED).read_bytes() == before


def test_the_run_and_the_random_states_do_not_change(run: gn.TrainedRun) -> None:
    files = (run.run.best, run.run.last, run.run.metrics, run.path / "run.json")
    before = [path.read_bytes() for path in files]
    torch.manual_seed(3)
    wanted = torch.rand(4)
    torch.manual_seed(3)
    network(run, SHUFFLED)
    assert torch.equal(torch.rand(4), wanted)
    assert [path.read_bytes() for path in files] == before


def test_findings_compare_the_trained_network_with_its_controls(
    run: gn.TrainedRun, undrawn: list[str], own_views: None
) -> None:
    found = run.explain(points=60, methods=("pca",))
    scatter, table = found["control-networks-pca"], found["control-networks-table"]
    assert isinstance(scatter, Scatter)
    assert [panel.label for panel in scatter.panels] == ["trained", UNTRAINED, SHUFFLED]
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == ["pool1", "pool2", "output"]
    assert "% in the untrained network and " in scatter.summary
    assert scatter.summary.count("in the network trained on shuffled labels") == 1
    for record in (scatter, table):
        notes = map(projection_quality.full_note, scatter.panels)
        text = " ".join([record.title, record.summary, *notes])
        assert all(claim.formatted in text for claim in record.claims)
    assert "shuffled labels" in found["probe-map"].column_names  # type: ignore[union-attr]


def test_a_control_network_that_diverges_is_left_out_with_a_sentence(
    run: gn.TrainedRun, undrawn: list[str], own_views: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverge(name: str, *_: object) -> None:
        if name == SHUFFLED:
            raise TrainingError("the loss is nan at batch 1", "lower --learning-rate")

    monkeypatch.setattr(control_networks, "load_or_train", diverge)
    found = run.explain(points=60, methods=("pca",))
    scatter = found["control-networks-pca"]
    assert isinstance(scatter, Scatter)
    assert [panel.label for panel in scatter.panels] == ["trained", UNTRAINED]
    assert f"The network trained on {SHUFFLED} is left out: its training diverged." in (
        scatter.summary
    )


@pytest.mark.slow
def test_a_network_trained_on_noise_gains_nothing(
    tmp_path: Path, undrawn: list[str], own_views: None
) -> None:
    random = np.random.default_rng(0)
    images, labels = random.integers(0, 256, (400, 12, 12), np.uint8), np.arange(400) % 3
    np.savez(
        tmp_path / "noise.npz",
        x_train=images[:250],
        y_train=labels[:250],
        x_test=images[250:],
        y_test=labels[250:],
    )
    run = gn.train(
        "cnn", data=str(tmp_path / "noise.npz"), epochs=2, runs=tmp_path, threads=1, batch_size=50
    )
    title = run.explain(points=40, methods=("pca",))["control-networks-pca"].title  # type: ignore[union-attr]
    assert title.startswith("No clear gain from training")


def test_the_flag_shows_every_layer(trained: Run, own_views: None) -> None:
    words = [
        "explain",
        str(trained.path),
        "--control-networks",
        "--method",
        "pca",
        "--points",
        "40",
    ]
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--layers", "pool1,pool2"])
    assert stopped.value.code == 0
    assert (trained.figures / "control-networks-pca-pool1.png").exists()
    assert (trained.figures / "control-networks-pca-pool2.png").exists()


@pytest.mark.slow
def test_one_validation_example_is_enough_for_a_control_network(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    split = Split(random.integers(0, 256, (20, 6, 6), np.uint8), np.arange(20) % 2, np.arange(20))
    splits = Splits("noise", split, split.take(np.arange(1)), split, ("a", "b"), "")
    config, path = Config(network="paper", channels=(2, 3)), tmp_path / "control.safetensors"
    signature = TASK.signature(splits, config)
    weights = control_networks.load_or_train(SHUFFLED, TASK, config, splits, signature, path)
    assert weights is not None
    initial = control_networks.untrained(TASK, config, splits, signature)
    assert not any(torch.equal(weights[name], initial[name]) for name in initial)


def test_the_control_of_a_generator_learns_shuffled_pixels(
    digits: str, tmp_path: Path, undrawn: list[str], own_views: None
) -> None:
    run = gn.train(
        "vae", data=digits, epochs=1, runs=tmp_path, threads=1, batch_size=600, evaluate=False
    )
    assert run.evidence.networks.control_network(SHUFFLED) is None
    assert run.evidence.networks.control_network(UNTRAINED) is not None
    assert run.evidence.networks.control_network(NOISE) is not None
    assert run.run.control_network(NOISE).name == "shuffled-pixels.safetensors"
    found = run.explain(points=60, methods=("pca",))
    labels = [panel.label for panel in found["control-networks-pca"].panels]  # type: ignore[union-attr]
    assert labels == ["trained", UNTRAINED, NOISE]
    assert found["probe-map"].column_names[-1] == NOISE  # type: ignore[union-attr]


def test_shuffled_pixels_have_the_same_marginals(digits: str) -> None:
    data = load_images(digits, seed=0)
    noise = control_networks.shuffled(data.train, NOISE, np.random.default_rng(0))
    assert np.array_equal(noise.labels, data.train.labels)
    before, after = (split.inputs.reshape(len(split), -1) for split in (data.train, noise))
    assert not np.array_equal(before, after)
    assert np.array_equal(np.sort(before, axis=0), np.sort(after, axis=0))
    shaken = np.corrcoef(after[:, 300], after[:, 301])[0, 1]
    assert (
        abs(shaken)
        < 4 / np.sqrt(len(noise))
        < 0.3
        < np.corrcoef(before[:, 300], before[:, 301])[0, 1]
    )
