"""Texts in colour, whether the colours are true, and the worst mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from toy_text import THREE, TWO, Bag, Recurrent, ToyEvidence, Vocabulary, evidence, split_of

from glassnet import findings
from glassnet.contract import ExplainOptions
from glassnet.inference.classification import prediction
from glassnet.insight.measures import deletion, text_attribution
from glassnet.insight.views import deletion_curve, highlighted_texts, worst_texts

OPTIONS = ExplainOptions(layers=(), seed=3)


def made(insight: Any, seen: ToyEvidence) -> list[Any]:
    return list(insight(seen, OPTIONS))


def test_the_chosen_texts_are_sure_ones_of_each_class_an_unsure_one_and_a_mistake() -> None:
    seen = evidence()
    answer = prediction(seen)
    sure = answer.probabilities.max(axis=1)
    where = highlighted_texts.example_texts(seen)
    assert len(set(where)) == 6
    assert answer.split.labels[where[:4]].tolist() == [0, 1, 0, 1]
    right = answer.predicted == answer.split.labels
    assert right[where[:4]].all()
    lengths = np.array([len(seen.vocabulary.pieces(str(t))) for t in seen.test.inputs])
    fit = lengths >= 8
    assert fit[where].all()
    assert sure[where[4]] == sure[fit].min()
    assert not right[where[5]]
    assert sure[where[5]] == sure[fit & ~right].max()


def test_texts_of_other_lengths_are_taken_where_there_are_none() -> None:
    seen = evidence(test=split_of(["good", "bad film", "superb", "..."], [1, 0, 0, 1]))
    assert sorted(highlighted_texts.example_texts(seen).tolist()) == [0, 1, 2], (
        "not the one without a word"
    )


def test_the_passages_are_the_texts_and_their_words_effects() -> None:
    seen = evidence()
    coloured, out = made(highlighted_texts.highlighted_texts, seen)
    assert (coloured.name, out.name) == ("integrated-gradients", "occlusion")
    truth = {"awful": -3, "bad": -2, "dull": -1, "nice": 1, "good": 2, "superb": 3}
    where = highlighted_texts.example_texts(seen)
    for strip in (coloured, out):
        for place, passage in zip(where, strip.texts, strict=True):
            assert "".join(passage.pieces) == seen.test.inputs[place]
            expected = [truth.get(piece.strip(" ,.").lower(), 0) for piece in passage.pieces]
            np.testing.assert_allclose(passage.values, expected, atol=1e-5)
    assert coloured.low_label == "for negative"
    assert coloured.value_label == "log-odds of positive (nats)"
    assert "changes the log-odds of positive by " in coloured.title
    assert "3.00" in coloured.title
    assert "completeness error" in coloured.texts[0].note
    assert "rank correlation with occlusion 1.00" in coloured.texts[0].note
    assert "is 1.00 (Spearman" in out.summary
    assert coloured.texts[0].caption.startswith("negative, right (")
    assert coloured.texts[5].caption.split(" (")[0] in (
        "negative, taken for positive",
        "positive, taken for negative",
    )


def test_of_more_classes_the_predicted_one_is_spoken_of() -> None:
    seen = evidence(class_names=THREE)
    coloured, _ = made(highlighted_texts.highlighted_texts, seen)
    assert coloured.high_label == "for the predicted class"
    place = highlighted_texts.example_texts(seen)[4]
    words = seen.inputs_of(seen.test.inputs[place : place + 1])
    probabilities = seen.forward(words)["probabilities"][0].double()
    top = float(probabilities.max())
    end = np.log(top / (1 - top))
    assert f"log-odds of the predicted class {end:+.2f}" in coloured.texts[4].note


def test_words_of_long_texts_are_not_left_out_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_attribution, "MAX_OCCLUSION_LENGTH", 0)
    (coloured,) = made(highlighted_texts.highlighted_texts, evidence())
    assert coloured.name == "integrated-gradients"
    assert "rank" not in coloured.texts[0].note


def long_text(values: np.ndarray) -> text_attribution.AttributedText:
    pieces = tuple(f"w{i} " for i in range(len(values)))
    return text_attribution.AttributedText(pieces, values, 0.0, 0.0, 0.0, 0.0, None)


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


def test_the_strongest_words_at_both_ends_need_no_marks_there() -> None:
    values = np.zeros(100)
    values[[0, 99]] = 1
    pieces, stored = highlighted_texts.shortened(long_text(values), 30)
    assert pieces[0] == "w0 "
    assert pieces[-1] == "w99 "
    assert "".join(pieces).count("[...]") == 1
    assert len(stored) <= 30


def test_words_go_by_their_value() -> None:
    words = torch.tensor([[5, 6, 7, 8], [5, 6, 0, 0]])
    values = np.array([[0.1, -9.0, 0.3, 0.2], [1.0, 2.0, 0.0, 0.0]])
    got = [deletion.replace_words(words, values, share, 1).tolist() for share in (0, 0.5, 1)]
    assert got[0] == words.tolist()
    assert got[1] == [[5, 6, 1, 1], [5, 1, 0, 0]]
    assert got[2] == [[1, 1, 1, 1], [1, 1, 0, 0]], "what is filled up stays so"


def test_in_a_linear_world_the_colours_are_true() -> None:
    seen = evidence()
    (curves,) = made(deletion_curve.deletion_curve, seen)
    ours, out, random = (series.y for series in curves.panels[0].series)
    np.testing.assert_allclose(ours, out, atol=0.1)
    assert ours[0] == random[0]
    assert (np.diff(ours) <= 1e-9).all()
    assert (ours[1:] < random[1:]).all()
    probabilities = seen.neighbours_kept["deletion-3"]["probabilities"]
    each = np.trapezoid(probabilities[2] - probabilities[0], deletion.SHARES, axis=0) / 0.5
    gap = 100 * each.mean()
    assert f"costs {gap:.1f} points more" in curves.title
    half = 196 * each.std() / np.sqrt(len(each))
    assert f"by {gap:.1f} ± {half:.1f} points (integrated gradients)" in curves.summary
    assert curves.provenance.n == probabilities.shape[2] == 100


def test_a_network_that_reads_nothing_has_no_true_colours() -> None:
    deaf = Bag()
    deaf.vectors[:] = 0
    (curves,) = made(deletion_curve.deletion_curve, evidence(deaf))
    assert "no more than replacing others: 0.0 ± 0.0" in curves.title


def test_the_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = evidence()
    lengths = np.array([len(seen.vocabulary.pieces(str(text))) for text in seen.test.inputs])
    monkeypatch.setattr(deletion, "MAX_OCCLUSION_WORDS", 5000)
    monkeypatch.setattr(deletion, "MAX_LENGTH", 20)
    where = deletion.deletion_probabilities(seen, 0)["positions"]
    assert 5 < len(where) < 100
    assert lengths[where].max() <= 20
    assert (lengths[where] ** 2).sum() <= 5000


def test_the_worst_texts_come_first_with_what_they_were_taken_for() -> None:
    answer = prediction(seen := evidence())
    (strip,) = made(worst_texts.worst_texts, seen)
    wrong = np.flatnonzero(answer.predicted != answer.split.labels)
    sure = answer.probabilities.max(axis=1)
    order = wrong[np.argsort(-sure[wrong], kind="stable")][:12]
    assert strip.texts[0].pieces == seen.vocabulary.pieces(str(seen.test.inputs[order[0]]))
    first = answer.split.labels[order[0]]
    assert strip.texts[0].caption == (
        f"{TWO[first]}, taken for {TWO[1 - first]} ({100 * sure[order[0]]:.1f} %)"
    )
    assert len(strip.texts) == 12
    assert strip.title == (
        f"{(sure[wrong] > 0.9).sum()} of the {len(wrong)} mistakes had over 90 % confidence"
    )


def test_long_mistakes_are_shortened() -> None:
    text = " ".join(["the"] * 50 + ["awful"] + ["the"] * 60)
    (strip,) = made(worst_texts.worst_texts, evidence(test=split_of([text, "good"], [1, 1])))
    assert len(strip.texts) == 1
    assert strip.texts[0].note == ""
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setattr(worst_texts, "MAX_WORDS", 30)
        (strip,) = made(worst_texts.worst_texts, evidence(test=split_of([text, "good"], [1, 1])))
    assert "awful " in strip.texts[0].pieces
    assert len(strip.texts[0].pieces) <= 30
    assert "of 111 words left out" in strip.texts[0].note


def test_no_mistakes_give_no_texts() -> None:
    assert made(worst_texts.worst_texts, evidence(test=split_of(["good", "bad"], [1, 0]))) == []


CASES = {
    "two": lambda: evidence(),
    "three": lambda: evidence(class_names=THREE),
    "recurrent": lambda: evidence(Recurrent()),
    "recurrent, three": lambda: evidence(Recurrent(3), class_names=THREE),
    "one text": lambda: evidence(test=split_of(["a superb film"], [0])),
    "a text without a word": lambda: evidence(test=split_of(["...", "bad", "good"], [0, 1, 1])),
    "no text has a word": lambda: evidence(test=split_of(["...", "?"], [0, 1])),
    "one class": lambda: evidence(
        Bag(1), class_names=("all",), test=split_of(["a film", "bad"], [0, 0])
    ),
    "deaf": lambda: evidence(silent()),
}


def silent() -> Bag:
    network = Bag()
    network.vectors[:] = 0
    return network


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_every_case_gives_findings_that_can_be_kept(make: Any, tmp_path: Path) -> None:
    seen = make()
    for insight in (
        highlighted_texts.highlighted_texts,
        deletion_curve.deletion_curve,
        worst_texts.worst_texts,
    ):
        for record in made(insight, seen):
            again = findings.load(findings.save(record, tmp_path))
            assert isinstance(again, findings.Finding)
            assert again.section in findings.SECTIONS
            assert "nan" not in (again.title + again.summary).lower()
            assert again.summary.endswith(".")
            assert not again.title.endswith(".")
            if isinstance(again, findings.HighlightedTexts):
                for passage in again.texts:
                    assert len(passage.pieces) == len(passage.values)


def test_the_pieces_are_as_many_as_the_words() -> None:
    seen = evidence()
    for text in seen.test.inputs[:50]:
        row = Vocabulary().numbers(np.array([text]))
        assert len(seen.vocabulary.pieces(str(text))) == row.shape[1]
