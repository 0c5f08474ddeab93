"""Findings about texts say of which branches of the network they are, and what each contributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sentences import unclaimed_in, values_of
from toy_parts import findings_of
from toy_text import STRENGTHS, STRONG_WORDS, THREE, Recurrent, TwoBranches, text_classifier

from glassnet.contract import TextModel
from glassnet.findings import Curves
from glassnet.inference.texts import lengths_of
from glassnet.insight.views.after_each_word import after_each_word
from glassnet.insight.views.branches import of_prediction, of_units
from glassnet.insight.views.deletion_curve import deletion_curve
from glassnet.insight.views.highlighted_texts import highlighted_texts
from glassnet.insight.views.selective_units import selective_units
from glassnet.insight.views.typed_text import explain_text
from glassnet.tasks.lstm.network import LSTMTextClassifier, combine_branches

TOGETHER = " The prediction is that of LSTM and n-grams together."
UNITS = " The units are of the LSTM; the prediction also depends on n-grams."


def classifier(max_ngram: int) -> TextModel:
    return LSTMTextClassifier(
        9, 2, embedding_dim=4, hidden_size=3, max_ngram=max_ngram, ngram_buckets=16
    ).eval()


def found_by(view: Callable[..., Any], network: Any, **toy: Any) -> dict[str, Any]:
    return {one.name: one for one in findings_of(view, text_classifier(network, **toy), seed=3)}


def test_a_network_of_one_branch_needs_no_sentence() -> None:
    assert of_prediction(classifier(0)) == of_units(classifier(0)) == ""


def test_a_network_of_two_branches_names_them() -> None:
    assert of_prediction(classifier(2)) == TOGETHER
    assert of_units(classifier(2)) == UNITS


@pytest.mark.parametrize("max_ngram", [0, 2])
def test_the_branches_read_their_parts_of_a_vector(max_ngram: int) -> None:
    network = classifier(max_ngram)
    words = torch.tensor([[2, 5, 8, 0], [3, 4, 2, 7]])
    vectors, lengths = network.embed(words), lengths_of(words)
    assert vectors.shape[2] == sum(network.branch_sizes)
    branches = network.branch_logits(vectors, lengths)
    assert branches.shape == (2, len(network.branches), 2)
    torch.testing.assert_close(
        network.logits(vectors, lengths), combine_branches(branches, lengths, 0.5)
    )
    vectors[..., network.branch_sizes[0] :] += 1.0
    changed = network.branch_logits(vectors, lengths)
    torch.testing.assert_close(changed[:, 0], branches[:, 0])
    assert (changed[:, 1:] != branches[:, 1:]).all()


@pytest.mark.parametrize(
    ("view", "name", "sentence"),
    [
        (after_each_word, "after-each-word-1", TOGETHER),
        (highlighted_texts, "integrated-gradients", TOGETHER),
        (highlighted_texts, "occlusion", TOGETHER),
        (deletion_curve, "deletion-curve", TOGETHER),
        (selective_units, "selective-units", UNITS),
        (selective_units, "unit-activations-1", UNITS),
    ],
)
def test_views_say_it(view: Callable[..., Any], name: str, sentence: str) -> None:
    assert "LSTM" not in found_by(view, Recurrent())[name].summary
    both = found_by(view, TwoBranches())[name]
    assert sentence in both.summary
    assert unclaimed_in(both) == set()


def test_contributions_are_divided_among_the_branches() -> None:
    found = found_by(highlighted_texts, TwoBranches())
    assert list(found) == ["integrated-gradients", "integrated-gradients-lstm", "occlusion"]
    strength = dict(zip(STRONG_WORDS, STRENGTHS, strict=True))
    sizes = np.zeros(2)
    for whole, part in zip(
        found["integrated-gradients"].texts, found["integrated-gradients-lstm"].texts, strict=True
    ):
        linear = [strength.get(piece.strip(" ,.").lower(), 0.0) / 2 for piece in whole.pieces]
        np.testing.assert_allclose(whole.values - part.values, linear, atol=1e-5)
        sizes += np.abs(part.values).sum(), np.abs(linear).sum()
        assert f"LSTM {part.values.sum():+.2f}".replace("-", "−") in part.note
        assert part.note in whole.note
    claims = values_of(found["integrated-gradients"])
    shares = [claims[f"share of the contributions, {name}"] for name in ("LSTM", "n-grams")]
    np.testing.assert_allclose(shares, sizes / sizes.sum(), atol=1e-5)
    assert unclaimed_in(found["integrated-gradients-lstm"]) == set()


def test_a_network_of_one_branch_has_no_part_of_its_own() -> None:
    found = found_by(highlighted_texts, Recurrent())
    assert list(found) == ["integrated-gradients", "occlusion"]
    assert all("LSTM" not in text.note for text in found["integrated-gradients"].texts)


def test_the_lstm_alone_has_a_line_of_its_own() -> None:
    network = TwoBranches()
    for curves in found_by(after_each_word, network).values():
        both, alone = curves.panels[0].series
        assert (both.label, alone.label) == ("positive", "LSTM alone")
        assert len(alone.y) == len(both.y) == len(curves.x_names)
        assert not np.allclose(alone.y, both.y, atol=1)
        stated = values_of(curves)["probability of positive at the end, LSTM alone"]
        assert stated == pytest.approx(alone.y[-1] / 100)
    (one,) = found_by(after_each_word, Recurrent())["after-each-word-1"].panels[0].series
    assert one.label == "positive"


def test_of_more_classes_the_predicted_one_has_the_line() -> None:
    found = found_by(after_each_word, TwoBranches(3), class_names=THREE)
    *classes, alone = found["after-each-word-1"].panels[0].series
    assert len(classes) == 3
    assert alone.label == f"{classes[0].label}, LSTM alone"


def test_a_typed_text_says_what_each_branch_contributes() -> None:
    toy = text_classifier(TwoBranches())
    parts = toy.data, toy.model, toy.text_model, toy.cache, toy.provenance
    attribution, prefixes, _ = explain_text(*parts, "a superb film")
    assert "Shares of all contributions: LSTM " in attribution.summary
    assert isinstance(prefixes, Curves)
    assert prefixes.panels[0].series[1].label == "LSTM alone"
    assert unclaimed_in(attribution) == unclaimed_in(prefixes) == set()
