"""Training examples in figures: galleries, and the map of all examples by how they were learned."""

from collections.abc import Iterator, Sequence

import numpy as np

from glassnet.contract import Data, MakeProvenance, Modality
from glassnet.findings import (
    ClaimRecorder,
    Examples,
    HighlightedText,
    HighlightedTexts,
    ImageGallery,
    Scatter,
    ScatterPanel,
    count,
)

GALLERY_SIZE = 12
"""Examples of a gallery."""

MAP_SIZE = 2000
"""Examples on the data map: the hardest ones for half of it, and a subsample of the others."""

TEXT_LENGTH = 280
"""Characters of a text that are shown beside a point."""


def map_positions(ease: np.ndarray, seed: int) -> np.ndarray:
    """Choose the examples on the data map: the hardest ones, and a subsample of the others.

    Args:
        ease: (n,) float, lower for harder examples.

    Returns:
        At most `MAP_SIZE` positions, ascending.
    """
    hardest = np.argsort(ease, kind="stable")[: MAP_SIZE // 2]
    shuffled = np.random.default_rng(seed).permutation(len(ease))
    others = shuffled[~np.isin(shuffled, hardest)]
    return np.sort(np.concatenate([hardest, others[: MAP_SIZE - len(hardest)]]))


def data_map(
    data: Data,
    provenance: MakeProvenance,
    positions: np.ndarray,
    points: np.ndarray,
    seed: int,
    *,
    record: ClaimRecorder,
    title: str,
    summary: str,
    label: str,
    axes: tuple[str, str],
    groups: np.ndarray,
    group_names: tuple[str, ...],
) -> Iterator[Examples | Scatter]:
    """Show training examples by two numbers each, with the examples that the points stand for.

    Args:
        positions: (m,) of the examples on the map.
        points: (n, 2) float, of all training examples.
        record: holds the claims of title and summary.
        summary: the beginning of the summary, up to the number of examples shown.
        groups: (n,) int64, which colour each example has.
    """
    n = len(points)
    shown = record(count("examples on the map", len(positions), n=n))
    total = record(count("training examples", n, n=n))
    split = data.train.take(positions)
    texts = data.modality == Modality.TEXTS
    yield Examples(
        name="train-examples",
        ids=split.ids,
        images=None if texts else split.inputs,
        labels=split.labels,
        predicted=None,
        confidence=None,
        class_names=data.class_names,
        texts=tuple(text[:TEXT_LENGTH] for text in split.inputs) if texts else (),
    )
    yield Scatter(
        name="data-map",
        section="examples",
        title=title,
        summary=f"{summary}{shown} of {total} are shown, including the hardest ones.",
        provenance=provenance(split="train", n=n, seed=seed),
        claims=record.claims,
        panels=(
            ScatterPanel(
                label=label,
                points=points[positions].astype(np.float32),
                x_label=axes[0],
                y_label=axes[1],
                has_ticks=True,
                note="",
                numbers={},
            ),
        ),
        labels=groups[positions],
        class_names=group_names,
        examples="train-examples",
    )


def gallery(
    data: Data,
    provenance: MakeProvenance,
    record: ClaimRecorder,
    name: str,
    title: str,
    summary: str,
    positions: np.ndarray,
    captions: Sequence[str],
) -> ImageGallery | HighlightedTexts:
    """Show training examples with captions, as images or as texts.

    Args:
        record: holds the claims of title, summary and captions.
    """
    made = provenance(split="train", n=len(data.train))
    inputs = data.train.inputs[positions]
    if data.modality == Modality.TEXTS:
        return HighlightedTexts(
            name=name,
            section="examples",
            title=title,
            summary=summary,
            provenance=made,
            claims=record.claims,
            texts=tuple(
                HighlightedText(pieces=(text,), values=np.zeros(1), caption=caption, note="")
                for text, caption in zip(inputs, captions, strict=True)
            ),
            low_label="",
            high_label="",
            value_label="",
        )
    return ImageGallery(
        name=name,
        section="examples",
        title=title,
        summary=summary,
        provenance=made,
        claims=record.claims,
        images=inputs,
        captions=tuple(captions),
        probabilities=None,
        labels=None,
        predicted=None,
        class_names=(),
    )
