"""Animation of the layers' projections through the epochs, in one frame of reference."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Animation, AnimationTrack, Claim, number
from glassnet.insight.measures import alignment
from glassnet.insight.measures.projections import NAMES
from glassnet.insight.views import animation_frames, animation_quality
from glassnet.insight.views.animation_frames import Track
from glassnet.insight.views.projection_quality import QualitySummary
from glassnet.stats.intervals import half_width, percent, wilson

MIN_POINTS = 20
"""With fewer examples there is no animation."""

SWAPS = "when two components become equally strong, the projection turns from one to the other"
"""What moves by itself under PCA."""

SETTLED = 0.1
"""Share of the largest movement up to which points hardly move."""

STILL = 0.01
"""Share of the radius that is no movement: a point is drawn wider."""


def layer_animation(evidence: Evidence, options: ExplainOptions) -> Iterator[Animation]:
    """Animate every chosen layer through the recorded epochs, up to the best one.

    There is no animation if no other epoch was recorded, or for fewer than `MIN_POINTS` examples.
    """
    epochs = animation_frames.animated_epochs(evidence)
    examples = evidence.examples(options.points, options.seed)
    positions = animation_frames.animated_points(examples.labels)
    if len(epochs) < 2 or len(positions) < MIN_POINTS or not options.methods:
        return
    tracks = animation_frames.tracks(evidence, options, epochs, positions)
    aligned = _aligned(tracks, len(options.layers))
    movements = [
        _movements(track, frames, epochs) for track, frames in zip(tracks, aligned, strict=True)
    ]
    lead = _lead(tracks, aligned)
    title, summary, claims = _summary(tracks[lead], movements[lead], epochs)
    qualities = animation_quality.qualities(evidence, options, epochs, positions, tracks)
    shown = [
        _shown(*row, epochs) for row in zip(tracks, aligned, movements, qualities, strict=True)
    ]
    yield Animation(
        name="animation",
        section="dynamics",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=len(positions), seed=options.seed),
        claims=tuple(dict.fromkeys([*claims, *(claim for _, own in shown for claim in own)])),
        tracks=tuple(track for track, _ in shown),
        frame_names=tuple(f"epoch {epoch}" for epoch in epochs),
        lead=lead,
        labels=examples.labels[positions],
        class_names=examples.class_names,
        examples=examples.name,
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
        _mean(f"mean movement {_span(epochs, step)}, {track.name}", alignment.movement(*frames))
        for step, frames in enumerate(pairwise(aligned))
    ]


def _mean(name: str, movement: np.ndarray) -> Claim:
    mean, half = float(movement.mean()), float(half_width(movement))
    return number(
        name, mean, percent(mean), len(movement), low=max(0.0, mean - half), high=mean + half
    )


def _accuracy(track: Track, frame: int, epoch: int) -> Claim:
    """10-NN accuracy in one frame."""
    hits, n = int(track.hits[frame]), track.points.shape[1]
    low, high = wilson(hits, n)
    formatted = f"{percent(hits / n)} ({100 * low:.1f} to {percent(high)})"
    name = f"10-NN accuracy on the map, {track.name}, epoch {epoch}"
    return number(name, hits / n, formatted, n, low=low, high=high)


def _shown(
    track: Track,
    aligned: np.ndarray,
    movements: Sequence[Claim],
    qualities: Sequence[QualitySummary],
    epochs: Sequence[int],
) -> tuple[AnimationTrack, list[Claim]]:
    """Turn one track into panels, one per frame, with the claims behind their numbers."""
    panels, captions, claims = [], [], list(movements)
    for frame, epoch in enumerate(epochs):
        accuracy = _accuracy(track, frame, epoch)
        short = number(accuracy.name, accuracy.value, percent(accuracy.value), accuracy.n)
        claims += [accuracy, replace(short, low=accuracy.low, high=accuracy.high)]
        captions.append(f"10-NN {short.formatted}")
        notes = [f"10-NN accuracy {accuracy.formatted}"]
        numbers = {
            "neighbour_accuracy": accuracy.value,
            "neighbour_accuracy_low": accuracy.low or 0.0,
            "neighbour_accuracy_high": accuracy.high or 0.0,
        }
        if track.method == "pca":
            explained = _explained(track, frame, epoch)
            claims.append(explained)
            notes.append(f"{explained.formatted} of the variance")
            numbers["variance_explained"] = explained.value
        if frame:
            movement = movements[frame - 1]
            notes.append(f"moved {movement.formatted} of the radius")
            numbers["movement"] = movement.value
        claims += qualities[frame].claims
        points = aligned[frame].astype(np.float32)
        panels.append(qualities[frame].panel(f"epoch {epoch}", points, "; ".join(notes), numbers))
    drift = _drift(track)
    shown = AnimationTrack(
        method=NAMES[track.method],
        layer=track.layer,
        panels=tuple(panels),
        scales=tuple(alignment.standardization(points).scale for points in track.points),
        captions=tuple(captions),
        drift=drift.value if drift else None,
        drift_note=f"movement below {drift.formatted} is t-SNE's own" if drift else SWAPS,
    )
    return shown, claims + ([drift] if drift else [])


def _explained(track: Track, frame: int, epoch: int) -> Claim:
    value = float(track.explained[frame])
    name = f"variance on the map, {track.name}, epoch {epoch}"
    return number(name, value, percent(value), track.points.shape[1])


def _drift(track: Track) -> Claim | None:
    """The mean movement with unchanged features; None for PCA, which has none."""
    if not track.drift.size:
        return None
    return _mean(f"mean movement with unchanged features, {track.name}", track.drift)


def _lead(tracks: Sequence[Track], aligned: Sequence[np.ndarray]) -> int:
    """Choose the track that moves farthest in all, of t-SNE's if there are any."""

    def distance(index: int) -> tuple[bool, float]:
        movement = alignment.movement(aligned[index][1:], aligned[index][:-1])
        return tracks[index].method == "tsne", float(movement.sum())

    return max(range(len(tracks)), key=distance)


def _summary(
    track: Track, movements: Sequence[Claim], epochs: Sequence[int]
) -> tuple[str, str, list[Claim]]:
    """Write title and summary: when a layer's points move most, and when they settle."""
    drift = _drift(track)
    most = max(range(len(movements)), key=lambda index: movements[index].value)
    title, claims = _title(track, movements, epochs, drift.value if drift else 0.0)
    summary = (
        f"{track.name}: points move by {movements[most].formatted} of the root-mean-square radius "
        f"on average {_span(epochs, most)}"
    )
    last = len(movements) - 1
    claims += [movements[most], _step(epochs, most)]
    if most != last:
        summary += f", by {movements[last].formatted} {_span(epochs, last)}"
        claims += [movements[last], _step(epochs, last)]
    if drift:
        summary += f" (movement below {drift.formatted} is t-SNE's own)"
        claims.append(drift)
    first, end = (_accuracy(track, frame, epochs[frame]) for frame in (0, -1))
    count = number("test examples followed", first.n, f"{first.n:,}")
    summary += (
        f"; 10-NN accuracy goes from {first.formatted} to {end.formatted}, n = {count.formatted}."
    )
    return title, summary, [*claims, first, end, count]


def _title(
    track: Track, movements: Sequence[Claim], epochs: Sequence[int], drift: float
) -> tuple[str, list[Claim]]:
    moved = np.array([claim.value for claim in movements])
    most = int(moved.argmax())
    if moved[most] <= max(drift, STILL):
        return f"At {track.layer} the points hardly move", []
    title = f"At {track.layer} the points move most {_span(epochs, most)}"
    last_moving = int(np.flatnonzero(moved > max(SETTLED * moved[most], drift, STILL))[-1])
    if last_moving == len(movements) - 1:
        return f"{title}" + (", and on to the end" if most < last_moving else ""), []
    if last_moving == most:
        return f"{title} and hardly after that", []
    epoch = epochs[last_moving + 1]
    settled = number("epoch after which points hardly move", epoch, str(epoch))
    return f"{title} and hardly after epoch {settled.formatted}", [settled]


def _step(epochs: Sequence[int], step: int) -> Claim:
    """The epoch in which, or the epochs between which, one frame became the next."""
    span = _span(epochs, step)
    return number(f"the step {span}", epochs[step + 1], span.partition("epoch ")[2])


def _span(epochs: Sequence[int], step: int) -> str:
    before, after = epochs[step : step + 2]
    return f"in epoch {after}" if after == before + 1 else f"from epoch {before} to {after}"
