"""After each word, selective units, word effects, nearest words, and a typed text."""

from __future__ import annotations

import re
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import toy_text
from sentences import unclaimed_in, values_of
from torch import Tensor
from toy_parts import findings_of
from toy_text import (
    LONGEST,
    STRONG_WORDS,
    THREE,
    Bag,
    Recurrent,
    Vocabulary,
    split_of,
    text_classifier,
    texts,
)

from glassnet import findings
from glassnet.errors import UsageError
from glassnet.inference.classification import prediction
from glassnet.insight.measures import single_words, unit_selectivity
from glassnet.insight.measures.prefix_probabilities import PrefixProbabilities, prefix_probabilities
from glassnet.insight.views import typed_text as typed
from glassnet.insight.views.after_each_word import after_each_word
from glassnet.insight.views.nearest_words import nearest_words
from glassnet.insight.views.selective_units import selective_units
from glassnet.insight.views.word_effects import word_effects
from glassnet.stats.ranks import auroc

STRENGTH = {"awful": -3, "bad": -2, "dull": -1, "nice": 1, "good": 2, "superb": 3}

run_view = partial(findings_of, seed=3)


def explained(toy: Any, text: str) -> tuple[Any, ...]:
    parts = toy.data, toy.model, toy.text_model, toy.cache, toy.provenance
    return typed.explain_text(*parts, text)


def test_the_probabilities_after_a_word_are_those_of_the_text_up_to_it() -> None:
    toy = text_classifier(Recurrent(3), class_names=THREE)
    words = toy.data.inputs_of(texts("it was not bad and the film was good"))
    course = prefix_probabilities(toy.model.forward, words)
    assert course.ends.tolist() == list(range(9))
    for end in range(1, 10):
        expected = toy.model.forward(words[:, :end])["probabilities"][0]
        np.testing.assert_allclose(course.probabilities[end - 1], expected, atol=1e-6)


@pytest.mark.parametrize(("length", "every"), [(1, 1), (400, 1), (401, 2), (1201, 4)])
def test_a_long_text_is_classified_after_every_few_words_and_at_its_end(
    length: int, every: int
) -> None:
    toy = text_classifier()
    course = prefix_probabilities(toy.model.forward, torch.full((1, length), 5))
    assert course.ends[-1] == length - 1
    assert set(np.diff(course.ends)) <= {every}
    assert len(course.ends) == -(-length // every)
    assert len(course.ends) == len(course.probabilities)
    assert toy.model.most_words <= 20_000


def test_the_turning_point_is_the_largest_rise_after_the_minimum() -> None:
    probabilities = np.array([0.5, 0.6, 0.1, 0.2, 0.9, 0.8])
    course = PrefixProbabilities(
        np.arange(6), np.stack([1 - probabilities, probabilities], 1).astype(np.float32)
    )
    assert course.predicted == 1
    assert course.rise == pytest.approx(0.7)
    assert course.turning_point == (4, pytest.approx(0.7))


def test_a_turning_text_is_found_and_its_word_is_named() -> None:
    plain = ["the film was a film and it was that"] * 20
    turning = "this film was bad and that was awful and superb superb superb good"
    toy = text_classifier(test=split_of([*plain, turning], [0] * 20 + [1]))
    first, second, third = run_view(after_each_word, toy)
    assert first.title.startswith("“superb” turns the prediction to positive, by ")
    assert first.x_names[:4] == ("this", "film", "was", "bad")
    (line,) = first.panels[0].series
    assert line.label == "positive"
    lean = np.cumsum([STRENGTH.get(word, 0) for word in turning.split()]) + 0.3
    np.testing.assert_allclose(line.y, 100 / (1 + np.exp(-lean)), rtol=1e-4)
    steps = np.diff(line.y)
    assert values_of(first)["greatest rise of positive at once"] == pytest.approx(steps.max())
    assert first.panels[0].mark.x == 10
    assert first.panels[0].mark.label == f"superb {line.y[10] - line.y[9]:+.1f}"
    assert "word 11 of 13" in first.summary
    assert "This text, positive, right (" in first.summary
    assert "has the second largest rise among 21 test texts" in second.summary
    assert (first.name, third.name) == ("after-each-word-1", "after-each-word-3")
    assert second.title == "The probability of positive is lowest at the end of the text, 57.4 %"


def test_with_two_classes_the_probability_of_the_second_is_plotted_even_if_it_falls() -> None:
    text = "a superb superb film that was awful awful awful"
    (curves,) = run_view(after_each_word, text_classifier(test=split_of([text], [0])))
    (line,) = curves.panels[0].series
    assert line.label == "positive"
    # Log-odds: 0.3 for the class, twice 3 for “superb”, three times -3 for “awful”.
    assert line.y[-1] == pytest.approx(100 / (1 + np.exp(2.7)))
    assert curves.title.startswith("“awful” turns the prediction to negative, by ")
    assert "\N{MINUS SIGN}" in curves.panels[0].mark.label


def test_with_more_classes_three_have_a_line() -> None:
    (curves, *_) = run_view(after_each_word, text_classifier(class_names=THREE))
    assert sorted(series.label for series in curves.panels[0].series) == sorted(THREE)
    ends = [series.y[-1] for series in curves.panels[0].series]
    assert ends == sorted(ends, reverse=True)


class Planted(Bag):
    """Unit 2 follows the second class, unit 5 the first one; all others are noise."""

    def hidden_states(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        lean = (vectors[..., 1] - vectors[..., 0]).cumsum(dim=1)
        noise = torch.sin(1000 * vectors.sum(dim=2).cumsum(dim=1))[..., None]
        units = noise * torch.linspace(1, 7, 8)
        units[..., 2], units[..., 5] = lean / 10, -lean / 10 + 0.5 * noise[..., 0]
        return units


def test_known_units_are_found_and_measured_on_other_texts() -> None:
    toy = text_classifier(Planted())
    found, n = unit_selectivity.most_selective_units(toy.data, toy.text_model, toy.cache, 3)
    assert n == 150
    assert found[0].unit == 2
    assert (found[0].label, found[0].rises) == (1, True)
    five = next(each for each in found if each.unit == 5)
    assert (five.label, five.rises) == (0, True)
    assert all(each.low <= each.auroc <= each.high for each in found)
    noise = [each for each in found if each.unit not in (2, 5)]
    assert all(each.selection_auroc >= 0.5 for each in noise)
    assert np.mean([each.auroc - each.selection_auroc for each in noise]) < 0, "the choice flatters"
    (table,) = [each for each in run_view(selective_units, toy) if each.name == "selective-units"]
    assert table.title == (
        f"Unit 2 alone separates positive from negative with an AUROC of {found[0].auroc:.3f}"
    )
    assert table.rows[0][:2] == (2, "for positive")


def test_without_signal_no_unit_is_said_to_separate_the_classes() -> None:
    written = text_classifier().data.test.inputs.tolist()
    labels = np.random.default_rng(1).integers(0, 2, len(written)).tolist()
    toy = text_classifier(Planted(), test=split_of(written, labels))
    (table,) = [each for each in run_view(selective_units, toy) if each.name == "selective-units"]
    assert "does not clearly separate" in table.title


def test_the_auroc_is_computed_for_each_unit() -> None:
    random = np.random.default_rng(0)
    values, labels = random.integers(0, 5, (60, 4)).astype(float), random.integers(0, 3, 60)
    areas = unit_selectivity.auroc_by_unit(values, labels, np.arange(4))
    for unit in range(4):
        for label in range(3):
            assert areas[unit, label] == pytest.approx(auroc(values[:, unit], labels == label)[0])
    assert (areas[:, 3] == 0.5).all(), "a class without texts"


def test_summaries_ignore_the_padding() -> None:
    toy = text_classifier(
        Recurrent(), test=split_of(["a film", "the film was bad and dull"], [0, 1])
    )
    values, labels = unit_selectivity.summarized_activations(toy.data, toy.text_model, toy.cache, 0)
    assert values.shape == (2, 2, 5)
    for i, text in enumerate(toy.data.test.inputs):
        words = toy.data.inputs_of(texts(str(text)))
        states = toy.model.network.hidden_states(
            toy.model.network.embed(words), torch.tensor([words.shape[1]])
        )[0]
        np.testing.assert_allclose(values[0, i], states.mean(dim=0), atol=1e-6)
        np.testing.assert_allclose(values[1, i], states[-1], atol=1e-6)
    assert labels.tolist() == [0, 1]


def test_the_heatmap_shows_the_units_along_the_text() -> None:
    toy = text_classifier(Planted())
    first, second, _ = run_view(selective_units, toy)
    assert first.diverging
    assert np.abs(first.scale).max() == pytest.approx(1)
    np.testing.assert_allclose(first.scale * np.abs(first.values).max(), first.values)
    assert first.values.shape == (8, len(first.column_names))
    assert first.row_names[0] == "unit 2, for positive"
    predictions, test = prediction(toy.data, toy.model), toy.data.test
    lengths = np.array([len(toy.data.vocabulary.pieces(str(text))) for text in test.inputs])
    fits = (lengths >= 12) & (lengths <= 40) & (predictions.predicted == test.labels)
    confident = predictions.probabilities.max(axis=1) * fits
    text = str(test.inputs[confident.argmax()])
    assert first.column_names == tuple(re.findall("[a-zA-Z']+", text))
    assert {first.summary.split(",")[0], second.summary.split(",")[0]} == {
        "A test text of negative",
        "A test text of positive",
    }
    lean = np.cumsum([STRENGTH.get(word.lower(), 0) for word in first.column_names]) / 10
    np.testing.assert_allclose(first.values[0], lean, atol=1e-5)


def test_words_are_counted_by_class_in_the_training_texts() -> None:
    toy = text_classifier(train=split_of(["the bad bad film", "good zyx", "the"], [0, 1, 1]))
    counts = single_words.word_counts(toy.data, toy.cache)
    known = Vocabulary.words.index
    assert counts[:, known("the")].tolist() == [1, 1]
    assert counts[:, known("bad")].tolist() == [2, 0]
    assert counts[:, 0].tolist() == [0, 0], "filling is no word"
    assert counts.sum() == 7


def test_only_frequent_words_are_returned() -> None:
    lines = ["the"] * 30 + ["good"] * 12 + ["bad"] * 9
    toy = text_classifier(train=split_of(lines, [0] * 51))
    assert [Vocabulary.words[i] for i in single_words.frequent_words(toy.data, toy.cache)] == [
        "the",
        "good",
    ]


def test_the_largest_word_effects_are_those_of_the_linear_network() -> None:
    toy = text_classifier()
    (bars,) = run_view(word_effects, toy)
    assert bars.names[:3] == ("awful", "bad", "dull")
    assert bars.names[-3:] == ("nice", "good", "superb")
    np.testing.assert_allclose(bars.values[:3], [-3, -2, -1], atol=1e-5)
    np.testing.assert_allclose(bars.values[-3:], [1, 2, 3], atol=1e-5)
    assert bars.title == (
        "On its own, “superb” speaks most for positive (+3.00), "
        "“awful” for negative (\N{MINUS SIGN}3.00)"
    )


def test_with_more_classes_each_class_has_a_row_of_words() -> None:
    toy = text_classifier(class_names=THREE)
    (table,) = run_view(word_effects, toy)
    assert [row[0] for row in table.rows] == [*THREE]
    assert table.rows[0][1].startswith("awful +")
    assert table.rows[2][1].startswith("superb +")


def test_the_nearest_words_are_the_nearest_by_cosine() -> None:
    toy = text_classifier(Recurrent())
    (table,) = run_view(nearest_words, toy)
    vectors = toy.model.network.embedding.weight.double().numpy()
    written = Counter(re.findall(r"[a-z]+", " ".join(toy.data.train.inputs).lower()))
    units_ = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    for word, times, _, listed in table.rows:
        near = units_ @ units_[Vocabulary.words.index(word)]
        near[[0, 1, Vocabulary.words.index(word)]] = -2
        best = np.argsort(-near)[:5]
        assert listed == ", ".join(f"{Vocabulary.words[i]} {near[i]:.2f}" for i in best)
        assert times == written[word]


def test_a_typed_text_has_attributions_prefix_curves_and_unit_activations() -> None:
    toy = text_classifier()
    strip, curves, heat = explained(toy, "A superb film. It was not bad!")
    assert [each.name for each in (strip, curves, heat)] == [
        "typed-integrated-gradients",
        "typed-after-each-word",
        "typed-unit-activations",
    ]
    assert isinstance(strip, findings.HighlightedTexts)
    assert "".join(strip.texts[0].pieces) == "A superb film. It was not bad!"
    np.testing.assert_allclose(strip.texts[0].values, [0, 3, 0, 0, 0, 0, -2], atol=1e-5)
    assert strip.title == "The prediction is positive (78.6 %); “superb” contributes most (+3.00)"
    assert "7 words, of which the network knows 6" in strip.summary
    assert "completeness error" in strip.texts[0].note
    assert isinstance(curves, findings.Curves)
    assert curves.x_names == ("A", "superb", "film", "It", "was", "not", "bad")
    assert curves.title.startswith("The prediction stays positive; “superb” adds most, ")
    assert isinstance(heat, findings.Heatmap)
    assert heat.column_names == curves.x_names


def test_a_single_word_is_a_text() -> None:
    strip, curves, heat = explained(text_classifier(Recurrent()), "superb")
    assert isinstance(curves, findings.Curves)
    assert len(curves.x_names) == 1
    assert curves.title.startswith("The probability of negative is lowest at the end of the text, ")
    assert strip.texts[0].pieces == ("superb",)
    assert heat.values.shape[1] == 1


def test_a_typed_text_may_be_longer_than_the_maximum_length() -> None:
    strip, curves, heat = explained(text_classifier(), " ".join(STRONG_WORDS * 40))
    assert len(strip.texts[0].pieces) == LONGEST
    assert len(curves.x_names) == LONGEST
    assert heat.values.shape[1] == LONGEST


@pytest.mark.parametrize("text", ["", "  ", "?! 42"])
def test_a_text_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="has no words"):
        explained(text_classifier(), text)


def test_unknown_words_are_named() -> None:
    with pytest.raises(UsageError) as error:
        explained(text_classifier(), "Foo, bar foo!")
    assert error.value.message == "the network knows no word of this text: “Foo”, “bar”, “foo”"
    with pytest.raises(UsageError, match="“e” and others"):
        explained(text_classifier(), "k b c d e f")


CASES = toy_text.CASES | {
    "few training texts": lambda: text_classifier(train=split_of(["a film", "bad"], [0, 1])),
    "all test texts alike": lambda: text_classifier(
        test=split_of(["a film was good"] * 9, [0, 1, 1] * 3)
    ),
}


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_every_case_gives_findings_that_can_be_saved(make: Any, tmp_path: Path) -> None:
    toy = make()
    found = [
        record
        for view in (
            after_each_word,
            selective_units,
            word_effects,
            nearest_words,
        )
        for record in run_view(view, toy)
    ]
    assert len({record.name for record in found}) == len(found)
    if len(toy.data.class_names) > 1:
        found += explained(toy, "A superb film, it was")
    for record in found:
        again = findings.load(findings.save(record, tmp_path))
        assert isinstance(again, findings.Finding)
        assert again.section in ("texts", "words")
        assert "nan" not in (again.title + again.summary).lower()
        assert unclaimed_in(again) == set()
        assert again.summary.endswith(".")
        assert not again.title.endswith(".")
        if isinstance(again, findings.Table):
            assert all(len(row) == len(again.columns) == len(again.formats) for row in again.rows)
