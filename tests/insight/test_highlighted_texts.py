"""Highlighted texts, the deletion curve and the worst texts."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import toy_text
from sentences import unclaimed_in, values_of
from toy_parts import findings_of
from toy_text import THREE, TWO, Bag, Vocabulary, split_of, text_classifier

from glassnet import findings
from glassnet.inference.classification import prediction
from glassnet.insight.measures import deletion, text_attribution
from glassnet.insight.views import deletion_curve, highlighted_texts, worst_texts

run_view = partial(findings_of, seed=3)


def test_the_examples_are_confident_texts_of_each_class_an_unsure_one_and_a_mistake() -> None:
    toy = text_classifier()
    reply = prediction(toy.data, toy.model)
    sure = reply.probabilities.max(axis=1)
    where = highlighted_texts.example_texts(toy.data, toy.model, toy.cache)
    assert len(set(where)) == 6
    assert reply.split.labels[where[:4]].tolist() == [0, 1, 0, 1]
    right = reply.predicted == reply.split.labels
    assert right[where[:4]].all()
    lengths = np.array([len(toy.data.vocabulary.pieces(str(t))) for t in toy.data.test.inputs])
    fit = lengths >= 8
    assert fit[where].all()
    assert sure[where[4]] == sure[fit].min()
    assert not right[where[5]]
    assert sure[where[5]] == sure[fit & ~right].max()


def test_texts_of_other_lengths_are_chosen_where_no_others_exist() -> None:
    toy = text_classifier(test=split_of(["good", "bad film", "superb", "..."], [1, 0, 0, 1]))
    assert sorted(highlighted_texts.example_texts(toy.data, toy.model, toy.cache).tolist()) == [
        0,
        1,
        2,
    ], "not the one without a word"


def test_the_highlighted_texts_show_the_contribution_of_each_word() -> None:
    toy = text_classifier()
    coloured, out = run_view(highlighted_texts.highlighted_texts, toy)
    assert (coloured.name, out.name) == ("integrated-gradients", "occlusion")
    truth = {"awful": -3, "bad": -2, "dull": -1, "nice": 1, "good": 2, "superb": 3}
    where = highlighted_texts.example_texts(toy.data, toy.model, toy.cache)
    for strip in (coloured, out):
        for place, paragraph in zip(where, strip.texts, strict=True):
            assert "".join(paragraph.pieces) == toy.data.test.inputs[place]
            expected = [truth.get(piece.strip(" ,.").lower(), 0) for piece in paragraph.pieces]
            np.testing.assert_allclose(paragraph.values, expected, atol=1e-5)
    assert coloured.low_label == "for negative"
    assert coloured.value_label == "log-odds of positive (nats)"
    assert "changes the log-odds of positive by " in coloured.title
    assert "3.00" in coloured.title
    assert "completeness error" in coloured.texts[0].note
    assert "rank correlation with occlusion 1.00" in coloured.texts[0].note
    assert "is 1.00 (Spearman" in out.summary
    for strip in (coloured, out):
        named = {name.rsplit(", ")[-1] for name in values_of(strip) if "rank corr" in name}
        assert {f"text {place}" for place in range(1, len(where) + 1)} <= named
        assert "text 0" not in named
    assert coloured.texts[0].caption.startswith("negative, right (")
    assert coloured.texts[5].caption.split(" (")[0] in (
        "negative, taken for positive",
        "positive, taken for negative",
    )


def test_with_more_classes_the_predicted_class_is_explained() -> None:
    toy = text_classifier(class_names=THREE)
    coloured, _ = run_view(highlighted_texts.highlighted_texts, toy)
    assert coloured.high_label == "for the predicted class"
    place = highlighted_texts.example_texts(toy.data, toy.model, toy.cache)[4]
    words = toy.data.inputs_of(toy.data.test.inputs[place : place + 1])
    probabilities = toy.model.forward(words)["probabilities"][0].double()
    top = float(probabilities.max())
    end = np.log(top / (1 - top))
    shown = f"{end:+.2f}".replace("-", "−")
    assert f"log-odds of the predicted class {shown}" in coloured.texts[4].note


def test_long_texts_have_no_occlusion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_attribution, "MAX_OCCLUSION_LENGTH", 0)
    (coloured,) = run_view(highlighted_texts.highlighted_texts, text_classifier())
    assert coloured.name == "integrated-gradients"
    assert "rank" not in coloured.texts[0].note


def long_text(values: np.ndarray) -> text_attribution.AttributedText:
    pieces = tuple(f"w{i} " for i in range(len(values)))
    return text_attribution.AttributedText(pieces, values[None], 0.0, 0.0, 0.0, 0.0, None)


def test_a_long_text_is_shown_around_its_strongest_words() -> None:
    values = np.zeros(300)
    values[[40, 200]] = [1, -2]
    pieces, stored = highlighted_texts.shortened(long_text(values), 50)
    assert len(pieces) == len(stored) == 42
    assert "".join(pieces).startswith("[...] w30 w31 ")
    assert "w50 [...] w190 " in "".join(pieces)
    assert pieces[-1] == "w210 [...] "
    assert sorted(stored[stored != 0].tolist()) == [-2, 1]


def test_a_short_text_is_shown_whole() -> None:
    text = long_text(np.arange(20.0))
    assert highlighted_texts.shortened(text, 20)[0] == text.pieces


def test_strong_words_at_both_ends_need_no_ellipsis_there() -> None:
    values = np.zeros(100)
    values[[0, 99]] = 1
    pieces, stored = highlighted_texts.shortened(long_text(values), 30)
    assert pieces[0] == "w0 "
    assert pieces[-1] == "w99 "
    assert "".join(pieces).count("[...]") == 1
    assert len(stored) == 30


def test_the_words_with_the_highest_values_are_replaced_first() -> None:
    words = torch.tensor([[5, 6, 7, 8], [5, 6, 0, 0]])
    values = np.array([[0.1, -9.0, 0.3, 0.2], [1.0, 2.0, 0.0, 0.0]])
    got = [deletion.replace_words(words, values, share, 1).tolist() for share in (0, 0.5, 1)]
    assert got[0] == words.tolist()
    assert got[1] == [[5, 6, 1, 1], [5, 1, 0, 0]]
    assert got[2] == [[1, 1, 1, 1], [1, 1, 0, 0]], "what is filled up stays so"


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.05, [0, 1, 1]), (0.2, [0, 2, 4]), (0.3, [1, 3, 6]), (0.5, [1, 5, 10])],
)
def test_the_share_of_a_texts_words_is_rounded(share: float, expected: list[int]) -> None:
    lengths = np.array([2, 10, 20])
    words = torch.from_numpy(np.where(np.arange(20) < lengths[:, None], 9, 0))
    values = np.random.default_rng(0).random(words.shape)
    replaced = deletion.replace_words(words, values, share, 1)
    assert (replaced == 1).sum(dim=1).tolist() == expected


def test_attributions_of_a_linear_network_are_exact() -> None:
    toy = text_classifier()
    (curves,) = run_view(deletion_curve.deletion_curve, toy)
    ours, out, random = (series.y for series in curves.panels[0].series)
    np.testing.assert_allclose(ours, out, atol=0.1)
    assert ours[0] == random[0]
    assert (np.diff(ours) <= 1e-9).all()
    assert (ours[1:] < random[1:]).all()
    probabilities = toy.cache.stored["deletion-3-temperature-1"]["probabilities"]
    each = np.trapezoid(probabilities[2] - probabilities[0], deletion.SHARES, axis=0) / 0.5
    gap = 100 * each.mean()
    assert f"costs {gap:.1f} points more" in curves.title
    half = 196 * each.std() / np.sqrt(len(each))
    assert f"by {gap:.1f} ± {half:.1f} points (integrated gradients)" in curves.summary
    name = "probability lost beyond random words, integrated gradients"
    assert values_of(curves)[name] == pytest.approx(gap)
    assert curves.provenance.n == probabilities.shape[2] == 100


def test_a_network_that_ignores_words_has_no_deletion_effect() -> None:
    deaf = Bag()
    deaf.vectors[:] = 0
    (curves,) = run_view(deletion_curve.deletion_curve, text_classifier(deaf))
    assert "no more than replacing others: 0.0 ± 0.0" in curves.title


def test_the_work_of_occlusion_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = text_classifier()
    lengths = np.array(
        [len(toy.data.vocabulary.pieces(str(text))) for text in toy.data.test.inputs]
    )
    monkeypatch.setattr(deletion, "MAX_OCCLUSION_WORDS", 5000)
    monkeypatch.setattr(deletion, "MAX_LENGTH", 20)
    where = deletion.deletion_probabilities(toy.data, toy.model, toy.text_model, toy.cache, 0)[
        "positions"
    ]
    assert len(where) == 35
    assert lengths[where].max() == 20
    assert 5000 - 20**2 < (lengths[where] ** 2).sum() <= 5000, "no other text fits"


def test_the_worst_texts_come_first_with_their_predicted_class() -> None:
    reply = prediction((toy := text_classifier()).data, toy.model)
    (strip,) = run_view(worst_texts.worst_texts, toy)
    wrong = np.flatnonzero(reply.predicted != reply.split.labels)
    sure = reply.probabilities.max(axis=1)
    order = wrong[np.argsort(-sure[wrong], kind="stable")][:12]
    assert strip.texts[0].pieces == toy.data.vocabulary.pieces(str(toy.data.test.inputs[order[0]]))
    first = reply.split.labels[order[0]]
    assert strip.texts[0].caption == (
        f"{TWO[first]}, taken for {TWO[1 - first]} ({100 * sure[order[0]]:.1f} %)"
    )
    assert len(strip.texts) == 12
    assert strip.title == (
        f"{(sure[wrong] > 0.9).sum()} of the {len(wrong)} mistakes had over 90 % confidence"
    )


def test_long_mistakes_are_shortened() -> None:
    text = " ".join(["the"] * 50 + ["awful"] + ["the"] * 60)
    (strip,) = run_view(
        worst_texts.worst_texts, text_classifier(test=split_of([text, "good"], [1, 1]))
    )
    assert len(strip.texts) == 1
    assert strip.texts[0].note == ""
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setattr(worst_texts, "MAX_WORDS", 30)
        (strip,) = run_view(
            worst_texts.worst_texts, text_classifier(test=split_of([text, "good"], [1, 1]))
        )
    assert "awful " in strip.texts[0].pieces
    assert len(strip.texts[0].pieces) == 21, "the strong word and ten on either side"
    assert "of 111 words left out" in strip.texts[0].note


def test_without_mistakes_there_are_no_worst_texts() -> None:
    assert (
        run_view(worst_texts.worst_texts, text_classifier(test=split_of(["good", "bad"], [1, 0])))
        == []
    )


CASES = toy_text.CASES | {
    "deaf": lambda: text_classifier(silent()),
}


def silent() -> Bag:
    network = Bag()
    network.vectors[:] = 0
    return network


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_every_case_gives_findings_that_can_be_saved(make: Any, tmp_path: Path) -> None:
    toy = make()
    for view in (
        highlighted_texts.highlighted_texts,
        deletion_curve.deletion_curve,
        worst_texts.worst_texts,
    ):
        for record in run_view(view, toy):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.Finding)
            assert again.section in findings.SECTIONS
            assert "nan" not in (again.title + again.summary).lower()
            assert unclaimed_in(again) == set()
            assert again.summary.endswith(".")
            assert not again.title.endswith(".")
            if isinstance(again, findings.HighlightedTexts):
                for paragraph in again.texts:
                    assert len(paragraph.pieces) == len(paragraph.values)


def test_a_text_has_as_many_pieces_as_words() -> None:
    toy = text_classifier()
    for text in toy.data.test.inputs[:50]:
        row = Vocabulary().numbers(np.array([text]))
        assert len(toy.data.vocabulary.pieces(str(text))) == row.shape[1]
