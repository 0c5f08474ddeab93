"""Test examples through layers and epochs in one frame of reference: what moves has learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Animation, AnimationTrack, Claim, ScatterPanel
from glassnet.findings.claims import number
from glassnet.insight.measures import alignment, animation_maps
from glassnet.insight.measures.animation_maps import Maps
from glassnet.insight.measures.projections import NAMES
from glassnet.insight.views import animation_quality
from glassnet.insight.views.projection_quality import MapQuality
from glassnet.stats.intervals import half_width, percent, wilson

FEWEST = 20
"""With fewer examples there is no film."""

SWAPS = "where two components become equally strong, the map turns from one to the other"
"""What moves by itself under PCA."""

SETTLED = 0.1
"""Share of the largest movement up to which points hardly move."""

STILL = 0.01
"""Share of the radius that is no movement: a point is drawn wider."""


def layer_animation(evidence: Evidence, options: ExplainOptions) -> Iterator[Animation]:
    """Every layer asked for, at the epochs whose weights were kept, up to the chosen one.

    Where the chosen weights are all there are, or with fewer than `FEWEST` examples, there is none.
    """
    epochs = animation_maps.epochs_of(evidence)
    examples = evidence.examples(options.points, options.seed)
    places = animation_maps.spread(examples.labels)
    if len(epochs) < 2 or len(places) < FEWEST or not options.methods:
        return
    found = animation_maps.maps(evidence, options, epochs, places)
    films = _aligned(found, len(options.layers))
    steps = [_steps(each, aligned, epochs) for each, aligned in zip(found, films, strict=True)]
    lead = _lead(found, films)
    title, summary, said = _verdict(found[lead], steps[lead], epochs)
    worth = animation_quality.qualities(evidence, options, epochs, places, found)
    shown = [
        _track(each, aligned, moved, qualities, epochs)
        for each, aligned, moved, qualities in zip(found, films, steps, worth, strict=True)
    ]
    yield Animation(
        name="animation",
        section="dynamics",
        title=title,
        summary=summary,
        provenance=evidence.provenance(split="test", n=len(places), seed=options.seed),
        claims=tuple(dict.fromkeys([*said, *(claim for _, claims in shown for claim in claims)])),
        tracks=tuple(track for track, _ in shown),
        frame_names=tuple(f"epoch {epoch}" for epoch in epochs),
        lead=lead,
        labels=examples.labels[places],
        class_names=examples.class_names,
        examples=examples.name,
        places=places,
    )


def _aligned(found: Sequence[Maps], layers: int) -> list[np.ndarray]:
    """Each track frame by frame onto the one before; then as a whole onto one frame of reference.

    That is the chosen epoch of the last layer under the first method. A turn of a whole track
    leaves its frames as close to each other as they were.
    """
    reference = found[layers - 1].points[-1]
    chains = [alignment.chained(each.points) for each in found]
    return [chain @ alignment.onto(chain[-1], reference).turn for chain in chains]


def _steps(each: Maps, aligned: np.ndarray, epochs: Sequence[int]) -> list[Claim]:
    """The mean movement from each frame to the next, in per cent of the radius."""
    return [
        _mean(
            f"mean movement {_span(epochs, step)}, {each.name}",
            alignment.movement(before, after),
        )
        for step, (before, after) in enumerate(pairwise(aligned))
    ]


def _mean(what: str, moved: np.ndarray) -> Claim:
    mean, half = float(moved.mean()), float(half_width(moved))
    low = max(0.0, mean - half)
    return number(what, mean, percent(mean), len(moved), low=low, high=mean + half)


def _accuracy(each: Maps, place: int, epoch: int) -> Claim:
    """10-NN accuracy on one map."""
    hits, n = int(each.hits[place]), each.points.shape[1]
    low, high = wilson(hits, n)
    words = f"{percent(hits / n)} ({100 * low:.1f} to {percent(high)})"
    what = f"10-NN accuracy on the map, {each.name}, epoch {epoch}"
    return number(what, hits / n, words, n, low=low, high=high)


def _track(
    each: Maps,
    aligned: np.ndarray,
    steps: Sequence[Claim],
    qualities: Sequence[MapQuality],
    epochs: Sequence[int],
) -> tuple[AnimationTrack, list[Claim]]:
    """One layer's frames, each with its numbers, and the records of these numbers."""
    panels, captions, claims = [], [], list(steps)
    for place, epoch in enumerate(epochs):
        score = _accuracy(each, place, epoch)
        short = number(score.name, score.value, percent(score.value), score.n)
        claims += [score, replace(short, low=score.low, high=score.high)]
        captions.append(f"10-NN {short.formatted}")
        parts = [f"10-NN accuracy {score.formatted}"]
        record = {"neighbour_accuracy": score.value}
        record |= {"neighbour_accuracy_low": score.low or 0.0}
        record |= {"neighbour_accuracy_high": score.high or 0.0}
        if each.method == "pca":
            shown = float(each.explained[place])
            what = f"variance on the map, {each.name}, epoch {epoch}"
            claims.append(number(what, shown, percent(shown), each.points.shape[1]))
            parts.append(f"{percent(shown)} of the variance")
            record["variance_explained"] = shown
        if place:
            step = steps[place - 1]
            parts.append(f"moved {step.formatted} of the radius")
            record["movement"] = step.value
        quality = qualities[place]
        claims += quality.claims
        panels.append(
            ScatterPanel(
                label=f"epoch {epoch}",
                points=aligned[place].astype(np.float32),
                note="; ".join([*parts, quality.note]),
                numbers=record | quality.numbers,
                quality_scores=quality.quality_scores,
                neighbours_kept=quality.trust.neighbours_kept,
                distorted=quality.trust.distorted,
                distorted_label=quality.dimmed,
            )
        )
    drift = _drift(each)
    track = AnimationTrack(
        method=NAMES[each.method],
        layer=each.layer,
        panels=tuple(panels),
        scales=tuple(alignment.standard(points).scale for points in each.points),
        captions=tuple(captions),
        drift=drift.value if drift else None,
        drift_note=f"movement below {drift.formatted} is t-SNE's own" if drift else SWAPS,
    )
    return track, claims + ([drift] if drift else [])


def _drift(each: Maps) -> Claim | None:
    """What moves where nothing changed; nothing does under PCA."""
    if not each.drift.size:
        return None
    return _mean(f"mean movement with unchanged features, {each.name}", each.drift)


def _lead(found: Sequence[Maps], films: Sequence[np.ndarray]) -> int:
    """The track that moves farthest in all, of t-SNE's if there are any."""

    def path(index: int) -> tuple[bool, float]:
        moved = alignment.movement(films[index][1:], films[index][:-1])
        return found[index].method == "tsne", float(moved.sum())

    return max(range(len(found)), key=path)


def _verdict(
    each: Maps, steps: Sequence[Claim], epochs: Sequence[int]
) -> tuple[str, str, list[Claim]]:
    """Title and reading: when the points of a layer move most, and from when on they hardly do."""
    drift = _drift(each)
    most = max(range(len(steps)), key=lambda index: steps[index].value)
    title, said = _title(each, steps, epochs, drift.value if drift else 0.0)
    summary = (
        f"{each.name}: mean movement on the map is {steps[most].formatted} of its "
        f"root-mean-square radius {_span(epochs, most)}"
    )
    last = len(steps) - 1
    said += [steps[most], _epoch(epochs, most)]
    if most != last:
        summary += f", {steps[last].formatted} {_span(epochs, last)}"
        said += [steps[last], _epoch(epochs, last)]
    if drift:
        summary += f" (below {drift.formatted} it is t-SNE's own)"
        said.append(drift)
    first, end = (_accuracy(each, place, epochs[place]) for place in (0, -1))
    count = number("test examples followed", first.n, f"{first.n:,}")
    summary += (
        f"; 10-NN accuracy goes from {first.formatted} to {end.formatted}, n = {count.formatted}."
    )
    return title, summary, [*said, first, end, count]


def _title(
    each: Maps, steps: Sequence[Claim], epochs: Sequence[int], own: float
) -> tuple[str, list[Claim]]:
    moved = np.array([step.value for step in steps])
    most = int(moved.argmax())
    if moved[most] <= max(own, STILL):
        return f"At {each.layer} the points hardly move", []
    title = f"At {each.layer} the points move most {_span(epochs, most)}"
    still = int(np.flatnonzero(moved > max(SETTLED * moved[most], own, STILL))[-1])
    if still == len(steps) - 1:
        return f"{title}" + (", and on to the end" if most < still else ""), []
    if still == most:
        return f"{title} and hardly after that", []
    epoch = epochs[still + 1]
    settled = number("epoch after which points hardly move", epoch, str(epoch))
    return f"{title} and hardly after epoch {settled.formatted}", [settled]


def _epoch(epochs: Sequence[int], step: int) -> Claim:
    """The epoch in which, or the epochs between which, one frame became the next."""
    what = f"the step {_span(epochs, step)}"
    return number(what, epochs[step + 1], _span(epochs, step).partition("epoch ")[2])


def _span(epochs: Sequence[int], step: int) -> str:
    before, after = epochs[step : step + 2]
    return f"in epoch {after}" if after == before + 1 else f"from epoch {before} to {after}"
