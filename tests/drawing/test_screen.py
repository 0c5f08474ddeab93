from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
import synthetic
import synthetic_texts

from glassnet import findings
from glassnet.drawing.layout import projection_quality
from glassnet.drawing.screen import thumbnails, view as screen
from glassnet.errors import UsageError
from glassnet.findings import METHOD_NAMES, CurvePanel, Finding, Mark, Series


def unpack(text: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<u2")


def test_every_kind_has_a_view(finding: Finding) -> None:
    view = screen.view(finding)
    assert view["kind"] == type(finding).__name__.lower()
    assert len(view) > 1


def test_points_keep_their_places() -> None:
    finding = synthetic.scatter(400)
    view = screen.view(finding)
    json.dumps(view)
    np.testing.assert_array_equal(unpack(view["data"]["labels"]), finding.labels)
    for panel, packed in zip(finding.panels, view["data"]["panels"], strict=True):
        shares = unpack(packed).reshape(-1, 2) / 65535
        spans = panel.points.max(axis=0) - panel.points.min(axis=0)
        side = float(spans.max()) * 1.05
        moved = (shares[1:] - shares[:-1]) * side * (1, -1)
        np.testing.assert_allclose(moved, np.diff(panel.points, axis=0), atol=side / 10_000)


def test_names_stand_at_the_medians() -> None:
    finding = synthetic.scatter(400)
    names = screen.view(finding)["panels"][2]["class_labels"]
    assert [name["text"] for name in names] == list(finding.class_names)
    for name in names:
        if not name["moved"]:
            assert np.allclose(name["position"], name["centre"], atol=8)


def test_a_class_without_points_has_no_name() -> None:
    finding = synthetic.scatter(3)
    assert len(screen.view(finding)["panels"][0]["class_labels"]) == 3


def test_curves_stay_inside_their_panel() -> None:
    view = screen.view(synthetic.curves(30))
    for panel in view["panels"]:
        for line in panel["lines"]:
            points = np.array(line["points"])
            assert points.min() >= 0
            assert points.max() <= 100
        assert panel["mark"]["label"]


def test_the_label_of_a_mark_is_near_it_on_large_screens() -> None:
    """In a panel that is 200 pixels wide on a phone, a label of 100 pixels cannot be near."""
    y = np.array([99.0, 50.0, 44.0, *[1.0] * 50])
    series = Series(label="positive", role="valid", x=np.arange(len(y), dtype=float), y=y)
    mark = Mark(x=1.0, y=50.0, label="premise -44.7")
    panel = CurvePanel(y_label="probability (%)", series=(series,), mark=mark)
    (drawn,) = screen.view(replace(synthetic.curves(3), panels=(panel,)))["panels"]
    large, small = drawn["mark"]["places"]
    assert (large["screen"], small["screen"]) == ("large-only", "small-only")
    assert abs(large["position"][0] - drawn["mark"]["position"][0]) < 15
    two = screen.view(replace(synthetic.curves(3), panels=(panel, panel)))["panels"]
    assert [place["screen"] for each in two for place in each["mark"]["places"]] == ["", ""]


def test_thumbnails_are_where_the_script_looks_for_them() -> None:
    images = synthetic.thumbnails(np.arange(37))
    pixels, (height, width), columns = thumbnails.sprite_sheet(images)
    for index in (0, 6, 7, 36):
        top, left = index // columns * height, index % columns * width
        tile = pixels[top : top + height, left : left + width]
        np.testing.assert_array_equal(tile, images[index])


def test_thumbnails_of_colour_images_that_are_not_square() -> None:
    images = np.random.default_rng(0).integers(0, 255, (5, 10, 30, 3), np.uint8)
    pixels, (height, width), _ = thumbnails.sprite_sheet(images)
    assert pixels.shape[2] == 3
    assert (height, width) == (10, 30)
    np.testing.assert_array_equal(pixels[:10, :30], images[0])


def test_large_thumbnails_are_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "MAX_PIXELS", 10_000)
    images = synthetic.thumbnails(np.arange(50))
    pixels, (height, width), _ = thumbnails.sprite_sheet(images)
    assert (height, width) == (14, 14)
    assert pixels[:14, :14].mean() == pytest.approx(images[0].mean(), abs=1)


def test_the_view_of_examples_contains_the_predictions() -> None:
    examples = synthetic.examples(40)
    view = thumbnails.view(examples)
    json.dumps(view)
    assert view["spriteSheet"].startswith("data:image/png;base64,")
    assert view["ids"] == examples.ids.tolist()
    assert examples.predicted is not None
    assert examples.confidence is not None
    np.testing.assert_array_equal(unpack(view["predicted"]), examples.predicted)
    np.testing.assert_allclose(unpack(view["confidence"]) / 65535, examples.confidence, atol=1e-4)


def test_examples_of_a_network_that_names_no_classes() -> None:
    view = thumbnails.view(synthetic.without_predictions(synthetic.examples(40)))
    json.dumps(view)
    assert view["predicted"] is None
    assert view["confidence"] is None


def test_examples_that_are_texts_have_no_sprite_sheet() -> None:
    examples = synthetic_texts.text_examples(12)
    view = thumbnails.view(examples)
    json.dumps(view)
    assert view["spriteSheet"] is None
    assert len(view["texts"]) == 12
    assert max(map(len, view["texts"])) <= 280
    assert view["texts"][0] == examples.texts[0]
    assert view["texts"][5].endswith("…")
    np.testing.assert_array_equal(unpack(view["labels"]), examples.labels)
    assert thumbnails.view(synthetic.examples(5))["texts"] == []


def test_a_long_text_without_spaces_is_cut_too() -> None:
    examples = replace(synthetic_texts.text_examples(1), texts=("字" * 500,))
    (text,) = thumbnails.view(examples)["texts"]
    assert 250 <= len(text) <= 280


def test_an_unknown_kind_is_refused() -> None:
    @dataclass(frozen=True, kw_only=True, eq=False)
    class Smell(findings.Finding):
        pass

    smell = Smell(
        name="s", section="result", title="t", summary="r", provenance=synthetic.provenance()
    )
    with pytest.raises(UsageError, match="Smell"):
        screen.view(smell)


def test_an_animation_shows_all_frames_of_a_projection_in_one_square() -> None:
    finding = synthetic.animation(60, ("a", "b"), 4)
    data = screen.view(finding)["data"]
    json.dumps(data)
    for method, name in METHOD_NAMES.items():
        alike = [track for track in finding.tracks if track.method == method]
        packed = [each["frames"] for each in data["tracks"] if each["method"] == name]
        shares = np.array([[unpack(frame) for frame in track] for track in packed]) / 65535
        exact = np.stack([track.frames for track in alike])
        span = (exact.max(axis=(0, 1, 2)) - exact.min(axis=(0, 1, 2))).max() * 1.05
        moved = np.diff(shares.reshape(-1, 2), axis=0) * span * (1, -1)
        np.testing.assert_allclose(moved, np.diff(exact.reshape(-1, 2), axis=0), atol=span / 1e4)


def test_class_labels_of_an_animation_are_at_the_medians_of_every_frame() -> None:
    finding = synthetic.animation(200, ("a",), 3, ("cat", "dog", "hen"))
    for track in screen.view(finding)["data"]["tracks"]:
        assert [len(names) for names in track["label_positions"]] == [3, 3, 3]
        for names in np.array(track["label_positions"]):
            # Both are rounded to tenths; names that have room lie on their medians.
            assert np.abs(names[:, :2] - names[:, 2:]).max() < 0.2
    many = synthetic.animation(90, ("a",), 3, tuple(f"k{number}" for number in range(30)))
    for track in screen.view(many)["data"]["tracks"]:
        assert track["label_positions"][0] == track["label_positions"][-1]


def test_a_film_strip_starts_with_the_first_frame_and_ends_with_the_last() -> None:
    rows = screen.view(synthetic.animation(30, ("a", "b"), 9))["film_strip"]
    assert [row["layer"] for row in rows] == ["a", "b"]
    assert [cell["frame"] for cell in rows[0]["cells"]] == [0, 2, 4, 6, 8]
    assert {cell["track"] for cell in rows[1]["cells"]} == {3}


def test_a_panel_lists_the_points_that_lost_their_neighbours() -> None:
    finding = synthetic.with_quality_scores(synthetic.scatter(400), few=9)
    view = screen.view(finding)
    json.dumps(view)
    for panel, known, drawn, words in zip(
        *(finding.panels, view["data"]["distortion"], view["panels"]),
        ("0.987", "0.986", "0.985"),
        strict=True,
    ):
        back = [point for point, letter in enumerate(known["distorted"]) if letter == "1"]
        assert panel.distorted is not None
        assert panel.neighbours_kept is not None
        assert back == sorted(panel.distorted)
        assert known["most_distorted"] == panel.distorted.tolist()
        shares = [known["levels"][ord(letter) - ord("a")] for letter in known["level_codes"]]
        np.testing.assert_allclose(shares, 100 * panel.neighbours_kept, atol=0.5)
        assert [score["formatted"] for score in drawn["quality_scores"]] == [
            words,
            "0.991",
            "64.1 %",
            "100.0 %",
        ]
        assert drawn["note"] == panel.note
        assert [score["label"] for score in drawn["quality_scores"]] == [
            projection_quality.LABELS[score.name] for score in panel.quality_scores
        ]
        numbers = [*(score.formatted for score in panel.quality_scores), "9 of 400"]
        assert drawn["alt_text"].startswith(panel.note)
        assert all(number in drawn["alt_text"] for number in numbers)


def test_a_scatter_without_quality_scores_has_its_full_note() -> None:
    finding = synthetic.scatter(40)
    view = screen.view(finding)
    assert view["data"]["distortion"] == [None] * 3
    assert [panel["quality_scores"] for panel in view["panels"]] == [[]] * 3
    assert [panel["note"] for panel in view["panels"]] == [panel.note for panel in finding.panels]
