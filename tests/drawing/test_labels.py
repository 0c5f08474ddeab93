from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from glassnet.drawing import typeset
from glassnet.drawing.layout import labels


def overlaps(centres: np.ndarray, sizes: np.ndarray) -> int:
    count = 0
    for i in range(len(centres)):
        for j in range(i):
            gap = np.abs(centres[i] - centres[j])
            count += bool((gap < (sizes[i] + sizes[j]) / 2 - 0.5).all())
    return count


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 200)), min_size=1, max_size=10))
@example([(0.0, 0.0)] * 7)
def test_spread_labels_stay_inside_and_apart(anchors: list[tuple[float, float]]) -> None:
    sizes = np.tile([30.0, 10.0], (len(anchors), 1))
    centres = labels.spread(np.array(anchors), sizes, (200, 200))
    assert overlaps(centres, sizes) == 0
    assert (centres >= sizes / 2 - 1e-6).all()
    assert (centres <= 200 - sizes / 2 + 1e-6).all()


def test_a_label_that_has_room_does_not_move() -> None:
    anchors = np.array([[20.0, 20.0], [80.0, 80.0]])
    sizes = np.full((2, 2), 10.0)
    np.testing.assert_array_equal(labels.spread(anchors, sizes, (100, 100)), anchors)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_stacked_labels_keep_their_distance_and_order(wanted: list[float]) -> None:
    places = labels.stack(wanted, 0.1, 0.05, 0.95)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(np.array(places)[order]) >= 0.1 - 1e-9).all()
    assert min(places) >= 0.05 - 1e-9
    assert max(places) <= 0.95 + 1e-9


def test_the_clearest_place_avoids_the_line_and_the_point() -> None:
    x = np.linspace(0, 100, 200)
    line = np.stack([x, np.full(200, 20.0)], axis=1)
    centre = labels.clearest_position((50, 20), (40, 10), line, (100, 100), 10)
    assert abs(centre[1] - 20) > 5
    assert 20 <= centre[0] <= 80
    assert abs(centre[1] - 20) < 25


def test_reach_ends_on_the_label() -> None:
    assert labels.nearest_edge_point((0, 0), (20, 10), (10, 4)) == (15, 8)


def test_wrapped_lines_fit_and_lose_nothing() -> None:
    text = "Validation loss is lowest at epoch 12 with 99.1 % and a_very_long_word_with_no_space"
    lines = typeset.wrap(text, 60)
    assert max(map(typeset.width, lines)) <= 60
    assert "".join("".join(lines).split()) == text.replace(" ", "")


def test_a_number_keeps_its_per_cent_sign() -> None:
    for limit in range(40, 120, 3):
        lines = typeset.wrap("it is 99.1 % of all, or 86.91 nats", limit)
        assert not any(line.startswith(("%", "nats")) for line in lines)


@pytest.mark.parametrize("limit", [12, 30, 60])
def test_shortened_text_fits_and_ends_with_an_ellipsis(limit: int) -> None:
    short = typeset.shorten("T-shirt/top and more", limit)
    assert typeset.width(short) <= limit
    assert short.endswith("…")


def test_thinned_labels_keep_apart_and_show_both_ends_if_they_can() -> None:
    assert list(labels.every_nth(range(11), [1.0] * 11)) == list(range(11))
    assert list(labels.every_nth(range(11), [1.5] * 11)) == [0, 2, 4, 6, 8, 10]
    assert list(labels.every_nth(range(11), [2.5] * 11)) == [0, 5, 10]
    assert list(labels.every_nth(range(8), [1.5] * 8)) == [0, 2, 4, 6]
    assert list(labels.every_nth(range(3), [9.0] * 3)) == [0]
    assert list(labels.every_nth([], [])) == []


def test_names_that_are_empty_take_no_room() -> None:
    names = ("a", "", "", "b", "", "c")
    assert labels.fitting_names(names, range(6), [2.0] * 6) == {0: "a", 3: "b", 5: "c"}
    assert labels.fitting_names(names, range(6), [3.5] * 6) == {0: "a", 5: "c"}
    assert labels.fitting_names((), (), ()) == {}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_most_important_label_is_chosen_and_none_overlaps(weights: list[float]) -> None:
    middles = [3.0 * index for index in range(len(weights))]
    stored = labels.most_important(weights, middles, [10.0] * len(weights))
    assert stored == sorted(stored)
    assert weights.index(max(weights)) in stored
    assert all(two - one >= 4 for one, two in pairwise(stored))
    assert labels.most_important(weights, middles, [3.0] * len(weights)) == list(
        range(len(weights))
    )
