"""Images of generators side by side: samples, reconstructions, and what one explains better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from glassnet.comparison import measures
from glassnet.comparison.differences import Pair
from glassnet.comparison.sides import Side
from glassnet.contract import Family, LatentModel
from glassnet.findings import ClaimRecorder, ImageGallery, ImageGrid, Provenance, count, number
from glassnet.inference import latents

SECTION = "samples"

N_SAMPLES, N_RECONSTRUCTED, N_IMAGES = 10, 10, 12
"""Columns of the grids, and images of a gallery."""

SEED = 0


def side_by_side(
    sides: Sequence[Side], pairs: Sequence[Pair], provenance: Provenance
) -> Iterator[ImageGrid | ImageGallery]:
    """Samples of all generators, reconstructions of the same test images, and both extremes."""
    generators = [side for side in sides if side.first.task.family == Family.GENERATOR]
    with_weights = [side for side in generators if side.first.run.best.exists()]
    yield from _samples(with_weights, provenance)
    yield from _reconstructions(with_weights, pairs, provenance)
    for index, pair in enumerate(pairs, 1):
        yield from _extremes(pair, index, provenance)


def _samples(sides: Sequence[Side], provenance: Provenance) -> Iterator[ImageGrid]:
    """Show a row of samples per network, in one grid for each shape of images."""
    by_shape: dict[tuple[int, ...], list[tuple[Side, np.ndarray]]] = {}
    for side in sides:
        images = latents.sample(cast("LatentModel", side.model.network), N_SAMPLES, SEED)
        by_shape.setdefault(images.shape[1:], []).append((side, images))
    for index, drawn in enumerate(by_shape.values(), 1):
        record = ClaimRecorder()
        n = record(count("samples of each", N_SAMPLES))
        yield ImageGrid(
            name=f"samples-{index}",
            section=SECTION,
            title="Samples of each generator",
            summary=f"A row has the first {n} samples of a network, the means of p(x|z) for codes "
            "from the prior; what stands below each other is not related.",
            provenance=replace(provenance, split="", n=0, seed=SEED),
            claims=record.claims,
            images=np.stack([images for _, images in drawn])[None],
            frame_names=("",),
            row_names=tuple(side.label for side, _ in drawn),
            column_names=(),
            row_label="",
            column_label="",
        )


def _reconstructions(
    sides: Sequence[Side], pairs: Sequence[Pair], provenance: Provenance
) -> Iterator[ImageGrid]:
    """The same test images, and what each network makes of them."""
    if not sides or sides[0].missing:
        return
    lead = sides[0]
    orders = {
        pair.second.label: pair.shared.order
        for pair in pairs
        if pair.first is lead and pair.shared.order is not None
    }
    shown = [side for side in sides if side is lead or side.label in orders]
    if len(shown) < 2:
        return
    positions = lead.data.subsample(N_RECONSTRUCTED, SEED)
    test = lead.data.test.take(positions)
    rows = [test.inputs]
    for side in shown:
        order = orders.get(side.label)
        own = positions if order is None else order[positions]
        inputs = side.data.inputs(side.data.test.take(own))
        rows.append(side.model.predict(inputs)["reconstruction"])
    if len({row.shape for row in rows}) > 1:
        return
    record = ClaimRecorder()
    n = record(count("test images shown", len(positions)))
    yield ImageGrid(
        name="reconstructions",
        section=SECTION,
        title="Reconstructions of the same test images",
        summary=f"The first row has {n} test images; each row below it their reconstructions from "
        "the mean of q(z|x).",
        provenance=replace(provenance, n=len(positions), seed=SEED),
        claims=record.claims,
        images=np.stack(rows)[None],
        frame_names=("",),
        row_names=("test image", *(side.label for side in shown)),
        column_names=(),
        row_label="",
        column_label="",
    )


def _extremes(pair: Pair, index: int, provenance: Provenance) -> Iterator[ImageGallery]:
    """The images whose negative ELBO differs most, for each network that has the lower one."""
    is_measured = any(each.measure == measures.ELBO for each in pair.compared)
    if pair.shared.order is None or not is_measured:
        return
    own = measures.scores(pair.first.first)[measures.ELBO]
    other = measures.scores(pair.second.first)[measures.ELBO][pair.shared.order]
    for k, (side, rival, less) in enumerate(
        ((pair.first, pair.second, other - own), (pair.second, pair.first, own - other)), 1
    ):
        chosen = np.argsort(-less, kind="stable")[:N_IMAGES]
        chosen = chosen[less[chosen] > 0]
        if not len(chosen):
            continue
        record, n = ClaimRecorder(), len(less)
        lower = record(
            count(
                f"test images with the lower −ELBO under {side.label}", int((less > 0).sum()), n=n
            )
        )
        of = record(count("test images", n))
        shown = record(count("images shown", len(chosen)))
        captions = tuple(
            record(number(f"−ELBO less that of {rival.label}, image {i}", -less[i], "{:+.1f} nats"))
            for i in chosen
        )
        yield ImageGallery(
            name=f"explained-{index}-{k}",
            section="examples",
            title=f"{side.label} has the lower −ELBO for {lower} of {of} test images",
            summary=f"The {shown} on which it is lower than that of {rival.label} by most.",
            provenance=provenance,
            claims=record.claims,
            images=pair.first.data.test.inputs[chosen],
            captions=captions,
            probabilities=None,
            labels=None,
            predicted=None,
            class_names=(),
        )
