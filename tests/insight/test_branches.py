"""Findings about texts say of which branches of the network they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from toy_parts import findings_of
from toy_text import Recurrent, text_classifier

from glassnet.contract import TextModel
from glassnet.insight.views.after_each_word import after_each_word
from glassnet.insight.views.branches import of_prediction, of_units
from glassnet.insight.views.highlighted_texts import highlighted_texts
from glassnet.insight.views.selective_units import selective_units
from glassnet.tasks.lstm.network import LSTMTextClassifier

TOGETHER = " The prediction is that of LSTM and n-grams together."
UNITS = " The units are of the LSTM; the prediction also depends on n-grams."


def classifier(max_ngram: int) -> TextModel:
    return LSTMTextClassifier(
        9, 2, embedding_dim=4, hidden_size=3, max_ngram=max_ngram, ngram_buckets=16
    )


def test_a_network_of_one_branch_needs_no_sentence() -> None:
    assert of_prediction(classifier(0)) == of_units(classifier(0)) == ""


def test_a_network_of_two_branches_names_them() -> None:
    assert of_prediction(classifier(2)) == TOGETHER
    assert of_units(classifier(2)) == UNITS


@pytest.mark.parametrize(
    ("view", "name", "sentence"),
    [
        (after_each_word, "after-each-word-1", TOGETHER),
        (highlighted_texts, "integrated-gradients", TOGETHER),
        (selective_units, "selective-units", UNITS),
        (selective_units, "unit-activations-1", UNITS),
    ],
)
def test_views_say_it(view: Callable[..., Any], name: str, sentence: str) -> None:
    summaries = []
    for branches in (("LSTM",), ("LSTM", "n-grams")):
        network = Recurrent()
        network.branches = branches
        found = {one.name: one for one in findings_of(view, text_classifier(network), seed=3)}
        summaries.append(found[name].summary)
    alone, both = summaries
    assert both == alone + sentence
