"""Findings that look like a real network's, made from a seed in an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from glassnet.findings import (
    Animation,
    AnimationTrack,
    Bars,
    CurvePanel,
    Curves,
    Diagram,
    Examples,
    Finding,
    Heatmap,
    ImageGallery,
    ImageGrid,
    Layer,
    Mark,
    Provenance,
    QualityScore,
    Scatter,
    ScatterPanel,
    Series,
    Table,
)

DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def provenance(n: int = 10_000, seed: int | None = None, split: str = "test") -> Provenance:
    return Provenance(
        run="cnn-mnist-20260301-101500",
        checkpoint="best (epoch 12)",
        split=split,
        n=n,
        seed=seed,
        command="glassnet explain cnn-mnist-20260301-101500 --layers pool1,pool2,output --seed 0",
    )


@cache
def glyphs() -> np.ndarray:
    """Ten digits as (28, 28) uint8, drawn with Pillow's own font."""
    font = ImageFont.load_default(size=22)
    drawn = []
    for digit in DIGITS:
        image = Image.new("L", (28, 28))
        ImageDraw.Draw(image).text((14, 14), digit, fill=255, font=font, anchor="mm")
        drawn.append(np.asarray(image))
    return np.stack(drawn)


def thumbnails(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """A glyph for each label, shifted and dimmed a little, so that no two are the same."""
    rng = np.random.default_rng(seed)
    shifts = rng.integers(-3, 4, size=(len(labels), 2))
    dims = rng.uniform(0.6, 1.0, size=len(labels))
    png_files = glyphs()[np.asarray(labels) % 10]
    moved = [np.roll(p, s, axis=(0, 1)) for p, s in zip(png_files, shifts, strict=True)]
    return (np.stack(moved) * dims[:, None, None]).astype(np.uint8)


def without_predictions(examples: Examples) -> Examples:
    """The same examples for a network that names no classes."""
    return replace(examples, predicted=None, confidence=None)


def examples(n: int = 1000, names: tuple[str, ...] = DIGITS, name: str = "examples") -> Examples:
    rng = np.random.default_rng(5)
    labels = np.arange(n) % len(names)
    predicted = labels.copy()
    wrong = rng.choice(n, size=max(1, n // 60), replace=False)
    predicted[wrong] = (labels[wrong] + rng.integers(1, len(names), size=len(wrong))) % len(names)
    confidence = 1 - rng.beta(0.4, 14, size=n)
    confidence[wrong] = rng.uniform(0.35, 0.95, size=len(wrong))
    return Examples(
        name=name,
        ids=rng.permutation(10_000)[:n].astype(np.int64),
        images=thumbnails(labels),
        labels=labels.astype(np.int64),
        predicted=predicted.astype(np.int64),
        confidence=confidence.astype(np.float32),
        class_names=names,
    )


def cloud(labels: np.ndarray, classes: int, spread: float, seed: int) -> np.ndarray:
    """Points of every class around its own centre on two rings."""
    rng = np.random.default_rng(seed)
    turn = 2 * np.pi * np.arange(classes) / classes
    radius = 8 + 4 * (np.arange(classes) % 2)
    centres = np.stack([np.cos(turn), np.sin(turn)], axis=1) * radius[:, None]
    stretch = rng.uniform(0.5, 1.4, size=(classes, 2))
    noise = rng.normal(size=(len(labels), 2)) * stretch[labels] * spread
    return (centres[labels] / max(spread, 1) + noise).astype(np.float32)


def scatter(
    n: int = 1000,
    panels: int = 3,
    names: tuple[str, ...] = DIGITS,
    name: str = "tsne",
    axes: bool = False,
) -> Scatter:
    labels = (np.arange(n) % len(names)).astype(np.int64)
    spreads = np.linspace(4.5, 1.2, panels)
    return Scatter(
        name=name,
        section="layers",
        title="The classes come apart at pool2: neighbours share a class 98.1 % of the time",
        summary=(
            "Of the ten nearest neighbours in the plane, 98.1 % share the point's class after "
            "pool2, against 91.4 % after pool1."
        ),
        provenance=provenance(n, seed=0),
        panels=tuple(
            ScatterPanel(
                label=("pool1", "pool2", "output")[i] if panels == 3 else f"layer {i + 1}",
                points=cloud(labels, len(names), float(spreads[i]), i),
                x_label="component 1 (23.1 %)" if axes else "",
                y_label="component 2 (11.8 %)" if axes else "",
                note=f"neighbours of the same class: {91.4 + 3 * i:.1f} %",
                numbers={"neighbours": 0.914 + 0.03 * i},
            )
            for i in range(panels)
        ),
        labels=labels,
        class_names=names,
        examples="examples",
    )


def animation(
    n: int = 300,
    layers: tuple[str, ...] = ("pool1", "pool2", "output"),
    frames: int = 9,
    names: tuple[str, ...] = DIGITS,
    few: int = 12,
    **changes: Any,
) -> Animation:
    """Classes that come apart from frame to frame; each frame dims fewer points, in the end none.

    The later the layer, the farther they come apart.
    """
    counts = np.linspace(few, 0, frames).round().astype(int).tolist()
    labels = (np.arange(n) % len(names)).astype(np.int64)
    tracks = []
    for method in ("pca", "tsne"):
        for depth, layer in enumerate(layers):
            spreads = np.linspace(4.5, 3.5 / (depth + 1), frames)
            clouds = np.stack([cloud(labels, len(names), float(s), depth) for s in spreads])
            clouds -= clouds.mean(axis=1, keepdims=True)
            radii = np.sqrt((clouds**2).sum(axis=2).mean(axis=1))
            panels = [
                ScatterPanel(
                    label=f"epoch {i}",
                    points=points.astype(np.float32),
                    note=f"10-NN accuracy {80 + 2 * i:.1f} %",
                    numbers={"neighbour_accuracy": 0.8 + 0.02 * i},
                )
                for i, points in enumerate(clouds / radii[:, None, None])
            ]
            measured = with_panel_qualities(panels, counts)
            if method == "pca":  # which depends on no seed
                measured = tuple(
                    replace(panel, quality_scores=panel.quality_scores[:3]) for panel in measured
                )
            tracks.append(
                AnimationTrack(
                    method=method,
                    layer=layer,
                    panels=measured,
                    scales=tuple(map(float, radii)),
                    captions=tuple(f"10-NN {80 + 2 * i:.1f} %" for i in range(frames)),
                    drift=None if method == "pca" else 0.013,
                    drift_note="" if method == "pca" else "movement below 1.3 % is t-SNE's own",
                )
            )
    finding = Animation(
        name="points-film",
        section="dynamics",
        title="At output the points move most in epoch 1 and hardly after epoch 4",
        summary="t-SNE of output: mean movement is 47.7 % of the radius in epoch 1.",
        provenance=provenance(n, seed=0),
        tracks=tuple(tracks),
        epochs=tuple(range(frames)),
        lead=len(tracks) - 1,
        labels=labels,
        class_names=names,
        examples="examples",
        places=np.arange(n),
    )
    return replace(finding, **changes)


def quality_score(name: str, value: float, words: str, n: int) -> QualityScore:
    ends = {"low": max(0, value - 0.02), "high": min(1, value + 0.02)}
    return QualityScore(name=name, value=value, formatted=words, n=n, n_neighbors=10, **ends)


def with_quality_scores(finding: Scatter, few: int = 12) -> Scatter:
    """The same scatter with how far it can be believed; each panel dims other points."""
    counts = [few] * len(finding.panels)
    return replace(finding, panels=with_panel_qualities(finding.panels, counts))


def with_panel_qualities(
    panels: Sequence[ScatterPanel], counts: list[int]
) -> tuple[ScatterPanel, ...]:
    """The panels with how far they can be believed; each dims so many points of its own."""
    return tuple(
        with_panel_quality(panel, index, few)
        for index, (panel, few) in enumerate(zip(panels, counts, strict=True))
    )


def with_panel_quality(panel: ScatterPanel, index: int, few: int) -> ScatterPanel:
    n = len(panel.points)
    true = f"{0.987 - index / 1000:.3f}"
    quality_scores = (
        quality_score("trustworthiness", float(true), true, n),
        quality_score("continuity", 0.991, "0.991", n),
        quality_score("neighbours_kept", 0.641, "64.1 %", n),
        quality_score("stability", 1.0, "100.0 %", n),
    )
    stored = np.random.default_rng(index).integers(2, 11, n).astype(np.float32) / 10
    distorted = np.random.default_rng(index + 9).permutation(n)[:few]
    stored[distorted] = np.repeat([0.0, 0.1], [few // 2, few - few // 2])
    return replace(
        panel,
        quality_scores=quality_scores,
        neighbours_kept=stored,
        distorted=distorted,
    )


def curves(epochs: int = 20, panels: int = 2) -> Curves:
    x = np.arange(1, epochs + 1, dtype=float)
    fall = np.exp(-x / 3)
    wobble = np.sin(x * 2.1) * 0.002
    best = int(np.argmin(0.028 + 0.12 * fall + 0.0006 * x + wobble))
    loss = CurvePanel(
        y_label="loss (nats)",
        series=(
            Series(label="train", role="train", x=x, y=0.012 + 0.22 * fall),
            Series(
                label="validation",
                role="valid",
                x=x,
                y=0.028 + 0.12 * fall + 0.0006 * x + wobble,
            ),
        ),
        mark=Mark(
            x=float(x[best]),
            y=float((0.028 + 0.12 * fall + 0.0006 * x + wobble)[best]),
            label=f"epoch {best + 1}: 0.0347, the lowest",
        ),
    )
    accuracy = CurvePanel(
        y_label="accuracy (%)",
        series=(
            Series(label="train", role="train", x=x, y=99.7 - 6 * fall),
            Series(label="validation", role="valid", x=x, y=99.2 - 3 * fall + 20 * wobble),
        ),
        mark=Mark(x=float(x[best]), y=float((99.2 - 3 * fall + 20 * wobble)[best]), label="99.1 %"),
    )
    return Curves(
        name="curves",
        section="training",
        title="Validation loss is lowest at epoch 12; after that the network only memorises",
        summary="At epoch 12 the validation loss is 0.0347 and the validation accuracy 99.12 %.",
        provenance=provenance(6000, split="valid"),
        x_label="epoch",
        panels=(loss, accuracy, loss)[:panels],
    )


def image_gallery(
    count: int = 12,
    names: tuple[str, ...] = DIGITS,
    probabilities: bool = True,
    images: np.ndarray | None = None,
) -> ImageGallery:
    rng = np.random.default_rng(9)
    labels = rng.integers(0, len(names), size=count)
    predicted = (labels + rng.integers(1, len(names), size=count)) % len(names)
    shares = rng.dirichlet(np.full(len(names), 0.1), size=count).astype(np.float32) * 0.2
    shares[np.arange(count), predicted] += 0.7
    shares[np.arange(count), labels] += 0.1
    return ImageGallery(
        name="mistakes",
        section="mistakes",
        title="The surest mistakes are digits that people would hesitate over as well",
        summary=f"The {count} mistakes with the highest probability for a wrong class, of 66.",
        provenance=provenance(),
        images=thumbnails(labels, 3) if images is None else images,
        captions=tuple(
            f"{names[a]}, taken for {names[b]}" for a, b in zip(labels, predicted, strict=True)
        ),
        probabilities=shares if probabilities else None,
        labels=labels,
        predicted=predicted,
        class_names=names if probabilities else (),
    )


def confusion(names: tuple[str, ...] = DIGITS, scale: int = 1000) -> Heatmap:
    rng = np.random.default_rng(2)
    count = len(names)
    values = rng.poisson(0.8, size=(count, count)) * (rng.random((count, count)) < 0.5)
    values = values.astype(float)
    values[np.arange(count), np.arange(count)] = scale * 0.97 + rng.integers(0, 160, size=count)
    if count > 4:
        values[4, 9 % count] = 11
    return Heatmap(
        name="confusion",
        section="mistakes",
        title=f"{names[4 % count]} is most often taken for {names[9 % count]}",
        summary="Eleven of the 66 errors are of this one kind; 48 of 90 pairs never happen.",
        provenance=provenance(),
        values=values,
        scale=values / values.sum(axis=1, keepdims=True),
        row_names=names,
        column_names=names,
        row_label="true class",
        column_label="predicted class",
        unit="images",
    )


def table(names: tuple[str, ...] = DIGITS) -> Table:
    rng = np.random.default_rng(3)
    return Table(
        name="per_class",
        section="result",
        title=f"Every class is found at least 98.4 % of the time; {names[-1]} is the hardest",
        summary="F1 lies between 0.984 and 0.998 with 892 to 1,135 test images a class.",
        provenance=provenance(),
        columns=("class", "images", "precision", "recall", "F1"),
        formats=("", ",d", ".4f", ".4f", ".4f"),
        rows=tuple(
            (name, int(rng.integers(892, 1136)), *(float(v) for v in rng.uniform(0.98, 1, 3)))
            for name in names
        ),
    )


def diagram(blocks: int = 2) -> Diagram:
    layers = []
    channels, side = 1, 28
    for i in range(1, blocks + 1):
        width = 32 * min(i, 4)
        layers += [
            Layer(
                name=f"conv{i}",
                family="conv",
                kind="Conv2d 3x3, stride 1",
                shape=(width, side, side),
                parameters=channels * width * 9 + width,
            ),
            Layer(
                name=f"norm{i}",
                family="norm",
                kind="BatchNorm2d",
                shape=(width, side, side),
                parameters=2 * width,
            ),
            Layer(
                name=f"relu{i}",
                family="activation",
                kind="ReLU",
                shape=(width, side, side),
                parameters=0,
            ),
            Layer(
                name=f"pool{i}",
                family="pool",
                kind="MaxPool2d 2x2",
                shape=(width, side // 2, side // 2),
                parameters=0,
            ),
            Layer(
                name=f"drop{i}",
                family="dropout",
                kind="Dropout 0.1",
                shape=(width, side // 2, side // 2),
                parameters=0,
            ),
        ]
        channels, side = width, side // 2
    flat = channels * side * side
    layers += [
        Layer(
            name="output", family="linear", kind="Linear", shape=(10,), parameters=flat * 10 + 10
        ),
        Layer(name="softmax", family="softmax", kind="Softmax", shape=(10,), parameters=0),
    ]
    return Diagram(
        name="network",
        section="network",
        title="Two blocks of convolution and one linear layer: most parameters sit in the last",
        summary=f"{sum(x.parameters for x in layers):,d} parameters in {len(layers)} layers.",
        provenance=provenance(0, split=""),
        input_shape=(1, 28, 28),
        layers=tuple(layers),
        links=tuple((k, k + 1) for k in range(len(layers) + 1)),
    )


def drawn(frames: int, rows: int, columns: int) -> np.ndarray:
    """Glyphs that come out of the dark frame by frame: (frames, rows, columns, 28, 28) uint8."""
    png_files = thumbnails(np.arange(rows * columns), 7).reshape(rows, columns, 28, 28)
    light = np.linspace(0.2, 1, frames) if frames > 1 else np.ones(1)
    return (light[:, None, None, None, None] * png_files).astype(np.uint8)


def image_grid(
    images: np.ndarray | None = None,
    row_names: tuple[str, ...] = (),
    column_names: tuple[str, ...] = (),
    **changes: Any,
) -> ImageGrid:
    """Images without names, once; `changes` say what they have besides."""
    finding = ImageGrid(
        name="samples",
        section="samples",
        title="Of 64 digits from noise, 91.2 % can be read",
        summary="A classifier that is right 99.34 % of the time is more than 90 % sure of 58.",
        provenance=provenance(64, seed=0, split=""),
        images=drawn(1, 8, 8) if images is None else images,
        frame_names=("",),
        row_names=row_names,
        column_names=column_names,
        row_label="",
        column_label="",
    )
    return replace(finding, **changes)


def animated_image_grid(
    frames: int = 14,
    rows: int = 8,
    columns: int = 8,
    row_names: tuple[str, ...] = (),
    column_names: tuple[str, ...] = (),
    **changes: Any,
) -> ImageGrid:
    """The same images over epochs."""
    names = tuple(map(str, range(frames)))
    finding = image_grid(drawn(frames, rows, columns), row_names, column_names, frame_names=names)
    return replace(finding, **{"name": "film", "frame_label": "epoch"} | changes)


def reconstructions(pairs: int = 1, columns: int = 10) -> ImageGrid:
    names = ("original", "rebuilt") * pairs
    return image_grid(drawn(1, 2 * pairs, columns), names, name="reconstructions")


def traversal(rows: int = 16, columns: int = 11) -> ImageGrid:
    return image_grid(
        drawn(1, rows, columns),
        tuple(f"dim {row} ({3.2 - 0.2 * row:.1f} nats)" for row in range(rows)),
        tuple(f"{value:+.1f}" for value in np.linspace(-3, 3, columns)),
        name="traversal",
        section="latent-space",
        row_label="the latent dimension that is moved",
        column_label="its value, in standard deviations of the prior",
    )


def plane(side: int = 20, frames: int = 1) -> ImageGrid:
    steps = np.linspace(-2, 2, side)
    names = tuple(f"{value:+.1f}" if place % 5 == 2 else "" for place, value in enumerate(steps))
    return image_grid(
        drawn(frames, side, side),
        names[::-1],
        names,
        frame_names=("",) if frames == 1 else tuple(DIGITS[:frames]),
        name="plane",
        section="latent-space",
        row_label="latent dimension 2",
        column_label="latent dimension 1",
        is_plane=True,
    )


def bars(
    names: tuple[str, ...] | None = None, count: int = 32, name: str = "kl", **changes: Any
) -> Bars:
    """KL per latent dimension, the largest first; most of them are nearly nought."""
    rng = np.random.default_rng(4)
    names = tuple(map(str, rng.permutation(count))) if names is None else names
    used = len(names) // 3 + 1
    values = np.sort(rng.uniform(0.8, 3.6, len(names)))[::-1].copy()
    values[used:] = 0.002
    finding = Bars(
        name=name,
        section="latent-space",
        title=f"{used} of {len(names)} latent dimensions are used",
        summary=f"They hold {values[:used].sum():.1f} of {values.sum():.1f} nats.",
        provenance=provenance(),
        names=names,
        values=values,
        low=values * 0.96,
        high=values * 1.04,
        muted=np.arange(len(names)) >= used,
        muted_label="unused (KL below 0.01 nats)",
        reference=None,
        reference_label="",
        x_label="latent dimension",
        y_label="KL (nats)",
    )
    return replace(finding, **changes)


def shares(names: tuple[str, ...] = CLOTHES) -> Bars:
    """One share per class, held against what all classes have together."""
    return bars(
        names,
        name="shares",
        section="samples",
        values=np.random.default_rng(6).uniform(60, 99, len(names)),
        low=None,
        high=None,
        muted=None,
        reference=88.2,
        reference_label="all classes together",
        x_label="class asked for",
        y_label="drawn as asked (%)",
    )


def every_kind() -> list[Finding]:
    from synthetic_texts import highlighted_texts

    kinds = [
        curves(),
        scatter(),
        animation(),
        image_gallery(),
        image_grid(),
        bars(),
        confusion(),
        table(),
        diagram(),
    ]
    return [*kinds, highlighted_texts()]
