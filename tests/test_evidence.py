from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from glassnet import tasks
from glassnet.errors import RunError, UsageError
from glassnet.explain.evidence import RunEvidence
from glassnet.inference.subsample import examples_of, subsample_activations
from glassnet.run_model import RunModel
from glassnet.runs import checkpoint
from glassnet.runs.folder import Run


@pytest.fixture
def evidence(trained: Run) -> RunEvidence:
    return RunEvidence(trained, "glassnet explain it")


def test_the_network_has_the_best_weights_and_is_in_evaluation_mode(evidence: RunEvidence) -> None:
    stored = checkpoint.load(evidence.run.best)
    for name, value in evidence.model.network.state_dict().items():
        assert torch.equal(value, stored["network"][name])
    assert not evidence.model.network.training
    assert not any(parameter.requires_grad for parameter in evidence.model.network.parameters())
    assert evidence.model.best_epoch == evidence.run.info["best"]["epoch"] == stored["epoch"]


def test_the_data_are_the_training_data(evidence: RunEvidence) -> None:
    assert evidence.data.splits.fingerprint == evidence.run.info["data"]["fingerprint"]
    assert len(evidence.data.splits.valid) == evidence.log.n_valid


def test_changed_data_are_refused(evidence: RunEvidence) -> None:
    """The findings would be of other data than run.json names."""
    evidence.run.update(data=evidence.run.info["data"] | {"fingerprint": "0" * 64})
    with pytest.raises(RunError, match="the data have changed"):
        _ = evidence.data.splits


def test_predictions_are_those_of_one_forward_pass(evidence: RunEvidence) -> None:
    inputs = evidence.data.inputs(evidence.data.test)
    with torch.inference_mode():
        expected = evidence.model.forward(inputs)["probabilities"].numpy()
    np.testing.assert_allclose(evidence.model.predictions["probabilities"], expected, atol=1e-6)
    assert evidence.model.predictions["probabilities"].dtype == np.float32
    # Batches give what single images give.
    single = evidence.model.predict(inputs[:1])["probabilities"]
    np.testing.assert_allclose(evidence.model.predictions["probabilities"][:1], single, atol=1e-6)


def test_predictions_are_cached(evidence: RunEvidence, monkeypatch: pytest.MonkeyPatch) -> None:
    first = evidence.model.predictions["probabilities"]
    again = RunModel(evidence.run)
    monkeypatch.setattr(again, "predict", lambda inputs: pytest.fail("computed again"))
    np.testing.assert_array_equal(again.predictions["probabilities"], first)


def test_other_weights_do_not_use_the_cached_predictions(evidence: RunEvidence) -> None:
    first = evidence.model.predictions["probabilities"]
    stored = checkpoint.load(evidence.run.best)
    stored["network"]["output.bias"] += 1.0 * torch.arange(10)
    checkpoint.save(evidence.run.best, stored)
    other = RunModel(evidence.run)
    assert other.digest != evidence.model.digest
    assert not np.array_equal(other.predictions["probabilities"], first)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"rubbish" * 20])
def test_a_damaged_cache_file_is_computed_again(evidence: RunEvidence, damage: bytes) -> None:
    first = evidence.model.predictions["probabilities"]
    (path,) = (evidence.run.path / "cache").rglob("test.npz")
    whole = path.read_bytes()
    path.write_bytes(damage)
    np.testing.assert_array_equal(RunModel(evidence.run).predictions["probabilities"], first)
    assert path.read_bytes() == whole


def test_a_cache_file_with_a_flipped_bit_is_computed_again(evidence: RunEvidence) -> None:
    first = evidence.model.predictions["probabilities"]
    (path,) = (evidence.run.path / "cache").rglob("test.npz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    np.testing.assert_array_equal(RunModel(evidence.run).predictions["probabilities"], first)


def test_examples_are_a_stratified_subsample_with_predictions(evidence: RunEvidence) -> None:
    examples = examples_of(evidence.data, evidence.model, 50, seed=1)
    test, probabilities = evidence.data.splits.test, evidence.model.predictions["probabilities"]
    assert len(examples.ids) == 50
    assert examples.images is not None
    assert examples.predicted is not None
    assert examples.confidence is not None
    assert set(examples.labels.tolist()) == set(range(10))
    for k, place in enumerate(examples.ids):
        np.testing.assert_array_equal(examples.images[k], test.inputs[place])
        assert examples.labels[k] == test.labels[place]
        assert examples.predicted[k] == probabilities[place].argmax()
        assert examples.confidence[k] == probabilities[place].max()
    assert examples_of(evidence.data, evidence.model, 50, 1).ids.tolist() == examples.ids.tolist()
    assert examples_of(evidence.data, evidence.model, 50, 2).ids.tolist() != examples.ids.tolist()
    assert len(examples_of(evidence.data, evidence.model, 10_000, 0).ids) == 300


def test_activations_are_in_the_order_of_the_examples(evidence: RunEvidence) -> None:
    examples = examples_of(evidence.data, evidence.model, 30, 0)
    found = subsample_activations(
        evidence.data, evidence.model, 30, 0, ["pool1", "output", "softmax"]
    )
    assert set(found) == {"input", "pool1", "output", "softmax"}
    assert examples.images is not None
    assert examples.confidence is not None
    np.testing.assert_array_equal(found["input"], examples.images.reshape(30, -1))
    np.testing.assert_array_equal(found["softmax"].argmax(1), examples.predicted)
    np.testing.assert_allclose(found["softmax"].max(1), examples.confidence, atol=1e-6)


def test_a_misspelt_layer_is_found_before_anything_is_computed(evidence: RunEvidence) -> None:
    with pytest.raises(UsageError, match="no layer 'pol2'") as caught:
        evidence.model.check_layers(["pool1", "pol2"])
    assert caught.value.hint == "did you mean pool2?"


def test_provenance_names_checkpoint_and_command(evidence: RunEvidence) -> None:
    provenance = evidence.provenance(split="test", n=5, seed=3)
    assert (provenance.run, provenance.split, provenance.n, provenance.seed) == (
        evidence.run.name,
        "test",
        5,
        3,
    )
    assert provenance.command == "glassnet explain it"
    assert evidence.model.digest in provenance.checkpoint
    assert f"epoch {evidence.model.best_epoch}" in provenance.checkpoint


def test_the_error_for_a_run_without_an_epoch_has_a_command(
    evidence: RunEvidence,
) -> None:
    evidence.run.best.unlink()
    for use in (
        lambda: evidence.model.predictions,
        lambda: evidence.provenance(),
        lambda: evidence.model.network,
    ):
        with pytest.raises(RunError) as caught:
            use()
        assert len(str(caught.value).splitlines()) == 2
    with pytest.raises(RunError, match="no epoch is complete") as caught:
        _ = evidence.model.digest
    assert caught.value.hint == f"resume with: glassnet train --resume {evidence.run.path}"


def test_weights_that_do_not_fit_the_network_are_refused(evidence: RunEvidence) -> None:
    evidence.run.update(config=evidence.run.info["config"] | {"channels": [8, 16, 17]})
    with pytest.raises(RunError, match="do not fit the network") as caught:
        _ = RunModel(evidence.run).network
    assert len(str(caught.value).splitlines()) == 2


def test_explain_does_not_change_the_training_files(evidence: RunEvidence) -> None:
    paths = [evidence.run.best, evidence.run.last, evidence.run.metrics]
    before = [path.read_bytes() for path in paths]
    examples_of(evidence.data, evidence.model, 20, 0)
    subsample_activations(evidence.data, evidence.model, 20, 0, tasks.load("cnn").layers)
    assert [path.read_bytes() for path in paths] == before


def test_layers_as_long_as_a_text_are_told_apart_where_all_test_texts_have_one_length(
    text_classifier: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are left out of the probe map and of prediction depths, which need one width."""
    evidence = RunEvidence(text_classifier)
    known = evidence.model.all_layers
    test = evidence.data.test
    alike = replace(test, inputs=np.array(["a good film"] * len(test), np.dtypes.StringDType()))
    other = RunEvidence(text_classifier)
    monkeypatch.setattr(type(other.data), "test", property(lambda _: alike))
    assert other.model.all_layers == known
    assert "embedding" not in known
