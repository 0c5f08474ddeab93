from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rotations import orthogonal
from sentences import sentences_of, unclaimed
from toy_animation import ToyNetworks, animated
from toy_parts import findings_of

from glassnet.drawing.layout import projection_quality
from glassnet.findings import Animation
from glassnet.insight.views import animation_frames
from glassnet.insight.views.layer_animation import layer_animation

N = 90
LABELS = np.arange(N) % 3
RNG = np.random.default_rng(2)
NOISE = RNG.normal(size=(N, 8))
APART = NOISE + 12 * np.eye(3, 8)[LABELS]
OTHER = RNG.normal(size=(N, 8)) * np.linspace(3, 1, 8)


def made(features: dict[tuple[str, int], np.ndarray], **options: Any) -> list[Animation]:
    layers = tuple(dict.fromkeys(layer for layer, _ in features))
    return findings_of(
        layer_animation, animated(LABELS, features), layers=layers, points=N, **options
    )


def one(features: dict[tuple[str, int], np.ndarray], **options: Any) -> Animation:
    (found,) = made(features, **options)
    return found


LEARNING = {("late", 0): NOISE, ("late", 1): APART, ("late", 2): APART, ("late", 4): APART}


@pytest.fixture(scope="module")
def learning() -> Animation:
    """All is learned in the first epoch, and nothing after it."""
    return one(LEARNING)


@pytest.mark.slow
def test_equal_checkpoints_give_equal_frames(learning: Animation) -> None:
    for track in learning.tracks:
        assert np.array_equal(track.frames[1], track.frames[2])
        assert np.array_equal(track.frames[2], track.frames[3])
        assert [panel.numbers.get("movement") for panel in track.panels][2:] == [0, 0]
        assert track.panels[1].numbers["movement"] > 0.3


def test_the_title_names_the_epoch_in_which_the_points_move_most(learning: Animation) -> None:
    assert learning.title == "At late the points move most in epoch 1 and hardly after that"
    assert learning.tracks[learning.lead].method == "tsne"
    (last,) = [
        claim
        for claim in learning.claims
        if (claim.name, claim.method, claim.epoch) == ("mean movement", "tsne", 4)
    ]
    assert (last.value, last.layer, last.n) == (0, "late", N)
    assert f"{last.formatted} from epoch 2 to 4" in learning.summary


def test_frames_are_the_recorded_epochs_up_to_the_best_one(learning: Animation) -> None:
    assert learning.epochs == (0, 1, 2, 4)
    assert all(track.frames.shape == (4, N, 2) for track in learning.tracks)
    assert all(track.frames.dtype == np.float32 for track in learning.tracks)


def test_every_frame_has_a_neighbour_accuracy_with_its_interval(learning: Animation) -> None:
    for track in learning.tracks:
        scores = [panel.numbers["neighbour_accuracy"] for panel in track.panels]
        assert scores[0] < 0.6
        assert scores[-1] == 1
        for each in (panel.numbers for panel in track.panels):
            low, high = each["neighbour_accuracy_low"], each["neighbour_accuracy_high"]
            assert low <= each["neighbour_accuracy"] <= high + 1e-12
        assert ("variance_explained" in track.panels[0].numbers) == (track.method == "pca")


def test_every_frame_has_the_projection_quality_of_scikit_learn(learning: Animation) -> None:
    from sklearn.manifold import trustworthiness

    for track in learning.tracks:
        for place, epoch in enumerate((0, 1, 2, 4)):
            features = LEARNING["late", epoch]
            panel = track.panels[place]
            wanted = trustworthiness(features, panel.points, n_neighbors=10)
            assert panel.numbers["trustworthiness"] == pytest.approx(wanted, abs=1e-6)
            wanted = trustworthiness(panel.points, features, n_neighbors=10)
            assert panel.numbers["continuity"] == pytest.approx(wanted, abs=1e-6)
            assert panel.neighbours_kept is not None
            assert panel.numbers["neighbours_kept"] == pytest.approx(
                float(panel.neighbours_kept.mean())
            )
            assert panel.distorted is not None
            assert set(panel.distorted) == set(np.flatnonzero(panel.neighbours_kept < 0.15))
            names = list(projection_quality.LABELS)[: 4 if track.method == "tsne" else 3]
            assert [score.name for score in panel.quality_scores] == names
            for score in panel.quality_scores:
                assert score.low <= score.value <= score.high
                assert score.formatted in projection_quality.full_note(panel)


def test_every_frame_has_a_stability_over_seeds(learning: Animation) -> None:
    assert not any("stability" in panel.numbers for panel in learning.tracks[0].panels)
    tsne = [panel.numbers["stability"] for panel in learning.tracks[1].panels]
    assert 0.2 < tsne[0] < 0.9
    # With equal features, different starts become more alike from frame to frame.
    assert tsne[1] <= tsne[2] + 0.05
    assert tsne[2] <= tsne[3] + 0.05


def test_every_number_in_the_text_is_a_claim(learning: Animation) -> None:
    for text in sentences_of(learning):
        assert unclaimed(text, learning.claims) == []


def test_tsne_has_a_drift_and_pca_has_none(learning: Animation) -> None:
    pca, tsne = learning.tracks
    assert pca.drift is None
    assert tsne.drift is not None
    assert 0 < tsne.drift < 0.1
    assert tsne.drift_note == f"movement below {100 * tsne.drift:.1f} % is t-SNE's own"


def test_rotated_activations_do_not_move_under_pca() -> None:
    """Rotations from epoch to epoch and from layer to layer do not show."""
    rotated = {
        (layer, epoch): APART @ orthogonal(8, 10 * place + epoch) * (1 + epoch) + epoch
        for place, layer in enumerate(("early", "late"))
        for epoch in range(3)
    }
    found = one(rotated, methods=("pca",))
    frames = np.concatenate([track.frames for track in found.tracks])
    assert np.abs(frames - frames[0]).max() < 1e-5
    assert found.title.endswith("the points hardly move")
    scales = np.array([track.scales for track in found.tracks])
    np.testing.assert_allclose(scales / scales[:, :1], [[1, 2, 3]] * 2, rtol=1e-5)


@pytest.mark.slow
def test_layers_share_one_frame_of_reference() -> None:
    """The last frames are as close to each other as any rotation can bring them."""
    found = one({("a", 0): OTHER, ("a", 1): APART, ("b", 0): NOISE, ("b", 1): APART})
    a, b = (track.frames[-1] for track in found.tracks if track.method == "pca")
    assert np.abs(a - b).max() < 1e-5


def test_the_title_names_the_epoch_from_which_on_little_moves() -> None:
    angles = dict(enumerate([0, 0.5, 0.8, 0.95, 0.97, 0.98]))
    one_way, other = NOISE[:, :2], RNG.normal(size=(N, 2))
    features = {
        ("x", epoch): np.cos(angle) * one_way + np.sin(angle) * other
        for epoch, angle in angles.items()
    }
    found = one(features, methods=("pca",))
    assert found.title == "At x the points move most in epoch 1 and hardly after epoch 3"


def test_the_title_does_not_claim_rest_while_points_move() -> None:
    steps = {("x", epoch): RNG.normal(size=(N, 8)) for epoch in range(4)}
    title = one(steps, methods=("pca",)).title
    assert "hardly" not in title
    assert title == "At x the points move in several epochs, and on to the end"


def test_one_checkpoint_or_few_examples_give_no_animation() -> None:
    assert made({("x", 3): APART}) == []
    few = animated(LABELS[:19], {("x", 0): NOISE[:19], ("x", 1): APART[:19]})
    assert findings_of(layer_animation, few, layers=("x",), points=N) == []


@pytest.mark.slow
def test_projections_and_their_quality_are_cached() -> None:
    toy, options = animated(LABELS, LEARNING), {"layers": ("late",)}
    (first,) = findings_of(layer_animation, toy, points=N, **options)
    assert toy.model.epochs_run == [0, 1, 2, 4] * 2
    (second,) = findings_of(layer_animation, toy, points=N, **options)
    assert toy.model.epochs_run == [0, 1, 2, 4] * 2
    assert len(toy.cache.made) == 3
    assert first.claims == second.claims
    for one_track, other in zip(first.tracks, second.tracks, strict=True):
        assert one_track.frames.tobytes() == other.frames.tobytes()
    findings_of(layer_animation, toy, points=60, **options)
    assert len(toy.cache.made) == 6


def test_a_long_training_shows_its_first_epoch_its_best_and_few_between() -> None:
    epochs = animation_frames.animated_epochs(ToyNetworks(tuple(range(31))))
    assert len(epochs) == animation_frames.MAX_FRAMES
    assert (epochs[0], epochs[-1]) == (0, 30)
    assert epochs == sorted(set(epochs))


def test_the_points_are_a_stratified_subsample() -> None:
    labels = np.repeat([0, 1, 2], [5000, 3000, 2000])
    places = animation_frames.animated_points(np.random.default_rng(0).permutation(labels))
    chosen = np.random.default_rng(0).permutation(labels)[places]
    assert len(set(places.tolist())) == animation_frames.MAX_POINTS
    assert np.bincount(chosen).tolist() == [400, 240, 160]
