"""Comparing generators in nats, text classifiers by their texts, and different networks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from generators import generator
from sentences import unclaimed_in

import glassnet as gn
from glassnet import progress
from glassnet.comparison.comparison import Comparison
from glassnet.comparison.measures import ELBO
from glassnet.findings import Finding, HighlightedTexts, ImageGallery, ImageGrid
from glassnet.inference import latents
from glassnet.runs.folder import Run

pytestmark = pytest.mark.slow


def unclaimed(comparison: Comparison) -> set[str]:
    """The numerals of all sentences that belong to no claim, name or class."""
    names = (*comparison.labels, *map(str, range(10)))
    findings = [each for each in comparison.findings.values() if isinstance(each, Finding)]
    return {numeral for each in findings for numeral in unclaimed_in(each, names)}


@pytest.fixture
def generators(
    digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[gn.TrainedRun]:
    kinds = ("plain", "perceptron")
    return [generator(kind, tmp_path / kind, tmp_path_factory) for kind in kinds]


def per_image(run: gn.TrainedRun) -> np.ndarray:
    """The negative ELBO of each test image."""
    network: Any = run.model.network
    reconstruction, kl, gain = latents.elbo_of(run.data, network, run.model.cache)
    return reconstruction + kl.sum(axis=1) - gain


def test_generators_are_compared_in_nats_image_by_image(generators: list[gn.TrainedRun]) -> None:
    found = gn.compare(*generators, method="pca")
    assert found.missing == {}
    elbo = next(each for each in found.differences if each.measure == ELBO)
    differences = per_image(generators[1]) - per_image(generators[0])
    assert elbo.difference.value == pytest.approx(differences.mean(), rel=1e-5)
    assert elbo.difference.low < differences.mean() < elbo.difference.high
    assert elbo.n == 300
    bound = found.differences[0]
    assert (bound.measure.name, bound.n) == ("bound on −log p(x)", 10)
    samples, rebuilt = (found.findings[name] for name in ("samples-1", "reconstructions"))
    assert isinstance(samples, ImageGrid)
    assert isinstance(rebuilt, ImageGrid)
    assert samples.row_names == found.labels
    assert rebuilt.row_names == ("test image", *found.labels)
    lower = found.findings["explained-1-1"]
    assert isinstance(lower, ImageGallery)
    assert f"for {(differences > 0).sum()} of 300 test images" in lower.title
    assert unclaimed(found) == set()
    found.report()


def test_likelihoods_of_other_pixels_are_not_compared(
    digits: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    one, other = (
        generator(kind, tmp_path / kind, tmp_path_factory) for kind in ("plain", "logistic")
    )
    found = gn.compare(one, other, method="pca")
    assert found.differences == ()
    assert any("their nats cannot be compared" in note for note in found.lead)
    assert "reconstructions" in found.findings
    found.report()


def test_texts_that_one_gets_right_are_shown(text_classifier: Run, reviews: Path) -> None:
    options: dict[str, Any] = {"data": str(reviews), "epochs": 1, "device": "cpu", "threads": 1}
    options |= {"max_ngram": 0, "embedding_dim": 4, "hidden_size": 2, "learning_rate": 1e-5}
    with progress.silenced():
        other = gn.train("lstm", runs=text_classifier.path.parent, name="untrained", **options)
    found = gn.compare(text_classifier, other, method="pca")
    assert found.missing == {}
    assert found.differences[0].n == 300
    shown = [each for each in found.findings.values() if isinstance(each, HighlightedTexts)]
    assert shown
    texts = {str(text) for text in other.data.test.inputs}
    for finding in shown:
        assert all("".join(text.pieces) in texts for text in finding.texts)
        assert not any(text.values.any() for text in finding.texts)
    assert unclaimed(found) == set()
    found.report()


def test_networks_of_different_kinds_have_layers_to_compare(
    trained: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = generator("plain", tmp_path / "plain", tmp_path_factory)
    found = gn.compare(trained, made, method="pca")
    assert found.differences == ()
    assert any("networks of different kinds" in note for note in found.lead)
    assert {"layer-similarity-1", "maps-pca", "configuration", "results"} <= found.findings.keys()
    assert unclaimed(found) == set()
    found.report()
