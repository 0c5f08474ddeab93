"""Animation of the layers' projections through the epochs, in one frame of reference."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from glassnet.contract import Cache, Data, ExplainOptions, MakeProvenance, Model, Networks
from glassnet.findings import (
    Animation,
    AnimationTrack,
    Claim,
    ClaimRecorder,
    count,
    fraction,
    number,
    share,
)
from glassnet.inference.subsample import EXAMPLES
from glassnet.insight.measures import alignment
from glassnet.insight.views import animation_frames, animation_quality
from glassnet.insight.views.animation_frames import Track
from glassnet.insight.views.projection_quality import QualitySummary
from glassnet.stats.comparisons import means_differ, stands_out
from glassnet.stats.intervals import half_width, percent

SECTION = "dynamics"

MIN_POINTS = 20
"""With fewer examples there is no animation."""

SWAPS = "when two components become equally strong, the projection turns from one to the other"
"""What moves by itself under PCA."""

SETTLED = 0.1
"""Share of the largest movement up to which points hardly move."""

STILL = 0.01
"""Share of the radius that is no movement: a point is drawn wider."""


def layer_animation(
    data: Data,
    model: Model,
    networks: Networks,
    cache: Cache,
    provenance: MakeProvenance,
    options: ExplainOptions,
) -> Iterator[Animation]:
    """Animate every chosen layer through the recorded epochs, up to the best one.

    There is no animation if no other epoch was recorded, or for fewer than `MIN_POINTS` examples.
    """
    epochs = animation_frames.animated_epochs(networks)
    labels = data.test.labels[data.subsample(options.points, options.seed)]
    positions = animation_frames.animated_points(labels)
    if len(epochs) < 2 or len(positions) < MIN_POINTS or not options.methods:
        return
    tracks = animation_frames.tracks(data, model, networks, cache, options, epochs, positions)
    aligned = _aligned(tracks, len(options.layers))
    movements = [
        _movements(track, frames, epochs) for track, frames in zip(tracks, aligned, strict=True)
    ]
    lead = _lead(tracks, aligned)
    record = ClaimRecorder()
    title = _title(record, tracks[lead], aligned[lead], movements[lead], epochs)
    summary = _summary(record, tracks[lead], movements[lead], epochs)
    qualities = animation_quality.qualities(
        data, model, networks, cache, options, epochs, positions, tracks
    )
    shown = tuple(
        _shown(record, *row, epochs)
        for row in zip(tracks, aligned, movements, qualities, strict=True)
    )
    yield Animation(
        name="animation",
        section=SECTION,
        title=title,
        summary=summary,
        provenance=provenance(split="test", n=len(positions), seed=options.seed),
        claims=record.claims,
        tracks=shown,
        epochs=tuple(epochs),
        lead=lead,
        labels=labels[positions],
        class_names=data.class_names,
        examples=EXAMPLES,
        places=positions,
    )


def _aligned(tracks: Sequence[Track], n_layers: int) -> list[np.ndarray]:
    """Align each frame to the one before it, then each track as a whole to one reference.

    The reference is the best epoch of the last layer under the first method. Rotating a whole track
    leaves its frames as close to each other as they were.
    """
    reference = tracks[n_layers - 1].points[-1]
    aligned = [alignment.align_frames(track.points) for track in tracks]
    return [frames @ alignment.procrustes(frames[-1], reference).rotation for frames in aligned]


def _movements(track: Track, aligned: np.ndarray, epochs: Sequence[int]) -> list[Claim]:
    """Average the movement from each frame to the next, as a share of the radius."""
    return [
        _mean(track, "mean movement", alignment.movement(*frames), epoch)
        for frames, epoch in zip(pairwise(aligned), epochs[1:], strict=True)
    ]


def _mean(track: Track, name: str, movement: np.ndarray, epoch: int | None = None) -> Claim:
    mean, half = float(movement.mean()), float(half_width(movement))
    return fraction(
        name,
        mean,
        n=len(movement),
        low=max(0.0, mean - half),
        high=mean + half,
        method=track.method,
        layer=track.layer,
        epoch=epoch,
    )


def _accuracy(track: Track, frame: int, epoch: int) -> Claim:
    """10-NN accuracy in one frame."""
    return share(
        "10-NN accuracy",
        int(track.hits[frame]),
        track.points.shape[1],
        method=track.method,
        layer=track.layer,
        epoch=epoch,
    )


def _with_interval(accuracy: Claim) -> Claim:
    low, high = accuracy.low or 0.0, accuracy.high or 0.0
    ends = f"({100 * low:.1f} to {percent(high)})"
    return replace(accuracy, formatted=f"{percent(accuracy.value)} {ends}")


def _shown(
    record: ClaimRecorder,
    track: Track,
    aligned: np.ndarray,
    movements: Sequence[Claim],
    qualities: Sequence[QualitySummary],
    epochs: Sequence[int],
) -> AnimationTrack:
    """Turn one track into panels, one per frame, and record the claims behind their numbers."""
    panels, captions = [], []
    for frame, epoch in enumerate(epochs):
        accuracy = _accuracy(track, frame, epoch)
        captions.append(f"10-NN {record(accuracy)}")
        notes = [f"10-NN accuracy {record(_with_interval(accuracy))}"]
        numbers = {
            "neighbour_accuracy": accuracy.value,
            "neighbour_accuracy_low": accuracy.low or 0.0,
            "neighbour_accuracy_high": accuracy.high or 0.0,
        }
        if track.method == "pca":
            explained = _explained(track, frame, epoch)
            notes.append(f"{record(explained)} of the variance")
            numbers["variance_explained"] = explained.value
        if frame:
            movement = movements[frame - 1]
            notes.append(f"moved {record(movement)} of the radius")
            numbers["movement"] = movement.value
        points = aligned[frame].astype(np.float32)
        panels.append(
            qualities[frame].panel(record, f"epoch {epoch}", points, "; ".join(notes), numbers)
        )
    drift = _drift(track)
    return AnimationTrack(
        method=track.method,
        layer=track.layer,
        panels=tuple(panels),
        scales=tuple(alignment.standardization(points).scale for points in track.points),
        captions=tuple(captions),
        drift=drift.value if drift else None,
        drift_note=f"movement below {record(drift)} is t-SNE's own" if drift else SWAPS,
    )


def _explained(track: Track, frame: int, epoch: int) -> Claim:
    return fraction(
        "variance explained",
        track.explained[frame],
        n=track.points.shape[1],
        method=track.method,
        layer=track.layer,
        epoch=epoch,
    )


def _drift(track: Track) -> Claim | None:
    """The mean movement with unchanged features; None for PCA, which has none."""
    if not track.drift.size:
        return None
    made = _mean(track, "mean movement with unchanged features", track.drift)
    return replace(made, further_maps=True)


def _lead(tracks: Sequence[Track], aligned: Sequence[np.ndarray]) -> int:
    """Choose the track that moves farthest in all, of t-SNE's if there are any."""

    def distance(index: int) -> tuple[bool, float]:
        movement = alignment.movement(aligned[index][1:], aligned[index][:-1])
        return tracks[index].method == "tsne", float(movement.sum())

    return max(range(len(tracks)), key=distance)


def _summary(
    record: ClaimRecorder, track: Track, movements: Sequence[Claim], epochs: Sequence[int]
) -> str:
    """Write when a layer's points move most, and how much by then and in the end."""
    drift, last = _drift(track), len(movements) - 1
    most = max(range(len(movements)), key=lambda index: movements[index].value)
    summary = (
        f"{track.name}: points move by {record(movements[most])} of the root-mean-square radius "
        f"on average {_step(record, epochs, most)}"
    )
    if most != last:
        summary += f", by {record(movements[last])} {_step(record, epochs, last)}"
    if drift:
        summary += f" (movement below {record(drift)} is t-SNE's own)"
    first, end = (_with_interval(_accuracy(track, frame, epochs[frame])) for frame in (0, -1))
    n = count("test examples followed", first.n)
    return f"{summary}; 10-NN accuracy goes from {record(first)} to {record(end)}, n = {record(n)}."


def _title(
    record: ClaimRecorder,
    track: Track,
    aligned: np.ndarray,
    movements: Sequence[Claim],
    epochs: Sequence[int],
) -> str:
    """Write when a layer's points move most, if they clearly do, and when they settle."""
    drift = _drift(track)
    still = max(drift.value if drift else 0.0, STILL)
    moved = np.array([claim.value for claim in movements])
    most = int(moved.argmax())
    if moved[most] <= still:
        return f"At {track.layer} the points hardly move"
    title = f"At {track.layer} the points move in several epochs"
    if len(moved) == 1:
        title = f"At {track.layer} the points move {_step(record, epochs, most)}"
    elif _moves_most(aligned, most):
        title = f"At {track.layer} the points move most {_step(record, epochs, most)}"
    last_moving = int(np.flatnonzero(moved > max(SETTLED * moved[most], still))[-1])
    if last_moving == len(movements) - 1:
        return title + (", and on to the end" if most < last_moving else "")
    if last_moving == most:
        return f"{title} and hardly after that"
    settled = number("epoch after which points hardly move", epochs[last_moving + 1], "{:.0f}")
    return f"{title} and hardly after epoch {record(settled)}"


def _moves_most(aligned: np.ndarray, step: int) -> bool:
    """Compare the points' movement in one step with that of the same points in every other step.

    The differences are tested by a z-test, with Holm's correction.
    """
    steps = [alignment.movement(*frames) for frames in pairwise(aligned)]
    gains = [steps[step] - other for k, other in enumerate(steps) if k != step]
    return stands_out(
        [means_differ(float(gain.mean()), float(gain.std() / len(gain) ** 0.5)) for gain in gains]
    )


def _step(record: ClaimRecorder, epochs: Sequence[int], step: int) -> str:
    """State the epoch in which, or the epochs between which, one frame became the next."""
    before, after = epochs[step : step + 2]
    if after == before + 1:
        return f"in epoch {record(number('epoch of the step', after, '{:.0f}'))}"
    steps = record(number("end of the step between two epochs", after, f"{before} to {after}"))
    return f"from epoch {steps}"
