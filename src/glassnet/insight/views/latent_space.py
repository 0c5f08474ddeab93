"""The space of codes: which dimensions are used, what they do, and how well the prior fits."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from glassnet.contract import Evidence, ExplainOptions, LatentModel
from glassnet.findings import Bars, ClaimRecorder, ImageGrid, Scatter, ScatterPanel, Table
from glassnet.findings.claims import count, fraction, interval, mean, number, share
from glassnet.inference import latents
from glassnet.insight.measures.neighbor_accuracy import neighbour_accuracy
from glassnet.insight.views.nearest_training import nearest
from glassnet.stats.intervals import half_width, percent, wilson

ROWS = 16
"""Dimensions whose traversals are shown at most."""

REACH, STEPS = 3, 11
"""A traversal goes from -3 to 3 standard deviations in so many steps."""

BASES = 100
"""Codes of the prior over which the effect of a dimension is averaged."""

SIDE = 20
"""The map of a plane of codes is 20 x 20 images."""

MOST_CODES = 5000
"""Codes behind the comparison of the test set with the prior, at most."""


def kl_by_dimension(evidence: Evidence, options: ExplainOptions) -> Iterator[Bars]:
    """How much each dimension tells of an image: the KL of its posterior from the prior."""
    _, kl = latents.elbo_of(evidence)
    n, dimensions = kl.shape
    each, half = kl.mean(axis=0), half_width(kl)
    order = np.argsort(-each, kind="stable")
    used, record = int((each >= latents.USED).sum()), ClaimRecorder()
    of = record(number("used dimensions", used, f"{used or 'None'} of {dimensions}"))
    yield Bars(
        name="kl-by-dimension",
        section="latent-space",
        title=f"{of} dimensions {'is' if used <= 1 else 'are'} used",
        summary=_information(record, kl, each[order]),
        provenance=evidence.provenance(split="test", n=n),
        claims=record.claims,
        names=tuple(map(str, order)),
        values=each[order],
        low=(each - half)[order],
        high=(each + half)[order],
        muted=(each < latents.USED)[order],
        muted_label=f"unused (KL below {latents.USED} nats)",
        reference=None,
        reference_label="",
        x_label="latent dimension",
        y_label="KL (nats)",
    )


def traversals(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid]:
    """What each used dimension does: one coordinate moves, all others stay at the origin."""
    model, kl = latents.model_of(evidence), latents.elbo_of(evidence)[1].mean(axis=0)
    shown = used_dimensions(evidence)[:ROWS]
    if not len(shown):
        return
    reach = np.linspace(-REACH, REACH, STEPS, dtype=np.float32)
    codes = np.zeros((len(shown) * STEPS, model.latent_dim), np.float32)
    codes[np.arange(len(codes)), np.repeat(shown, STEPS)] = np.tile(reach, len(shown))
    images = latents.decode(model, codes, _first_class(model, len(codes)))
    record = ClaimRecorder()
    title, summary = _strongest(evidence, record, options, shown)
    yield ImageGrid(
        name="traversals",
        section="latent-space",
        title=title,
        summary=summary,
        provenance=evidence.provenance(n=BASES, seed=options.seed),
        claims=record.claims,
        images=images.reshape(1, len(shown), STEPS, *images.shape[1:]),
        frame_names=("",),
        row_names=tuple(f"dimension {d} ({kl[d]:.1f} nats)" for d in shown),
        column_names=tuple(f"{value:+.1f}" if value else "0" for value in reach),
        row_label="the one coordinate that moves, by KL",
        column_label="its value; all others are 0",
    )


def latent_map(evidence: Evidence, options: ExplainOptions) -> Iterator[ImageGrid | Scatter]:
    """The whole plane of codes as images, and the test images in it; for two dimensions only."""
    if latents.model_of(evidence).latent_dim == 2:
        yield _plane(evidence)
        yield _points(evidence, options)


def aggregate_posterior(evidence: Evidence, options: ExplainOptions) -> Iterator[Table]:
    """How well the codes of the test images, taken together, fill the prior.

    The codes are one draw from q(z|x) per test image, in the used dimensions. A draw from the prior
    lies in a hole where the nearest code of one half of the test images is farther than it is for
    99 % of the other half.
    """
    used = used_dimensions(evidence)
    if not len(used) or len(evidence.test) < 4:
        return
    codes = _drawn(evidence, options.seed)[:, used]
    spread, centre = codes.std(axis=0), codes.mean(axis=0)
    hits, n = _holes(codes, options.seed)
    low, high = (100 * end for end in wilson(hits, n))
    record, empty = ClaimRecorder(), share("draws from the prior in holes", hits, n)
    codes_told = record(count("test codes in each half", n))
    off, least, most = int(np.abs(centre).argmax()), int(spread.argmin()), int(spread.argmax())
    yield Table(
        name="aggregate-posterior",
        section="latent-space",
        title=f"{record(empty)} of the codes drawn from the prior lie where no test image does",
        summary=f"A code lies in a hole where the nearest of {codes_told} test codes is farther "
        f"than it is for 99 % of {codes_told} other test codes: "
        f"{record(count('draws in holes', hits))} of {record(count('draws from the prior', n))} draws "
        f"from the prior do (95 % interval {record(interval(empty))}), and 1 % would if test codes "
        "filled it evenly.",
        provenance=evidence.provenance(split="test", n=2 * n, seed=options.seed),
        claims=record.claims,
        columns=("measure", "value", "of the prior", "what it says"),
        formats=("", "", "", ""),
        rows=(
            ("draws in holes", percent(hits / n), "1 %", f"{low:.1f} to {high:.1f} % at 95 %"),
            ("farthest mean", f"{centre[off]:+.2f}", "0", f"of dimension {used[off]}"),
            ("least spread", f"{spread[least]:.2f}", "1", f"of dimension {used[least]}"),
            ("greatest spread", f"{spread[most]:.2f}", "1", f"of dimension {used[most]}"),
        ),
    )


def mean_codes(evidence: Evidence) -> np.ndarray:
    """The mean of q(z|x) of every test image: (n, latent) float32; kept."""
    return latents.posterior(evidence)[0]


def used_dimensions(evidence: Evidence) -> np.ndarray:
    """The numbers of the dimensions that carry information, strongest first."""
    kl = latents.elbo_of(evidence)[1].mean(axis=0)
    order = np.argsort(-kl, kind="stable")
    return order[kl[order] >= latents.USED]


def _drawn(evidence: Evidence, seed: int) -> np.ndarray:
    """One draw from q(z|x) per test image: (n, latent) float32."""
    mean, log_variance = latents.posterior(evidence)
    noise = np.random.default_rng(seed).standard_normal(mean.shape, np.float32)
    return mean + np.exp(log_variance / 2) * noise


def _information(record: ClaimRecorder, kl: np.ndarray, falling: np.ndarray) -> str:
    """The total KL and how many dimensions carry most of it."""
    n, total = len(kl), float(falling.sum())
    whole = mean("KL", total, float(half_width(kl.sum(axis=1))), "{:.2f} ± {:.2f} nats", n)
    few = int(np.searchsorted(np.cumsum(falling), 0.5 * total)) + 1
    words = "dimension carries"
    if few > 1:
        words = f"{record(count('dimensions that carry half of it or more', few))} dimensions carry"
    part = fraction("their part of the KL", falling[:few].sum() / max(total, 1e-12))
    return (
        f"The KL of q(z|x) from the prior is {record(whole)} an image (mean over "
        f"{record(count('test images', n))} test images with its 95 % interval); the strongest "
        f"{words} {record(part)} of it."
    )


def _first_class(model: LatentModel, count: int) -> np.ndarray | None:
    return latents.classes(model, count, 0 if model.classes else None)


def _strongest(
    evidence: Evidence, record: ClaimRecorder, options: ExplainOptions, shown: np.ndarray
) -> tuple[str, str]:
    """Which of the dimensions shown changes the image most, which least, and what the others do."""
    model = latents.model_of(evidence)
    rest = np.setdiff1d(np.arange(model.latent_dim), used_dimensions(evidence))
    changes = np.stack([_change(model, d, options.seed) for d in shown])
    means, halves = changes.mean(axis=1), half_width(changes, axis=1)
    most, least = int(means.argmax()), int(means.argmin())
    greatest, smallest = (
        record(mean(f"change of a pixel by dimension {d}", value, half, "{:.1f} ± {:.1f}", BASES))
        for d, value, half in (
            (shown[place], means[place], halves[place]) for place in (most, least)
        )
    )
    idle = ""
    if len(rest):
        largest = max(_change(model, d, options.seed).mean() for d in rest)
        unused = number("greatest change by an unused dimension", largest, "{:.1f}", BASES)
        idle = f", and an unused one by {record(unused)} at most"
    first = f"; shown for the class {evidence.class_names[0]}" if model.classes else ""
    strongest = number("the dimension that changes the image most", shown[most], "{:.0f}")
    weakest = number("the one that changes it least", shown[least], "{:.0f}")
    return f"Dimension {record(strongest)} changes the image most", (
        f"Between -{REACH} and +{REACH} dimension {record(strongest)} changes a pixel by {greatest} "
        f"of 255, dimension {record(weakest)}, the least of those shown, by {smallest}{idle} "
        f"(means over {BASES} codes of the prior with 95 % intervals{first})."
    )


def _change(model: LatentModel, dimension: int, seed: int) -> np.ndarray:
    """(BASES,) mean absolute pixel change from one end of a dimension to the other."""
    labels = latents.classes(model, BASES)
    ends = []
    for value in (-REACH, REACH):
        codes = latents.codes(model, BASES, seed)
        codes[:, dimension] = value
        ends.append(latents.decode(model, codes, labels).astype(np.float32))
    return np.abs(ends[1] - ends[0]).reshape(BASES, -1).mean(axis=1)


def _plane(evidence: Evidence) -> ImageGrid:
    """Images at the prior's quantiles; the second dimension points up, a frame per class."""
    model = latents.model_of(evidence)
    quantiles = [NormalDist().inv_cdf((place + 0.5) / SIDE) for place in range(SIDE)]
    across, up = np.meshgrid(quantiles, quantiles[::-1])
    codes = np.stack([across, up], axis=-1).reshape(-1, 2).astype(np.float32)
    asked = range(model.classes) if model.classes else [None]
    images = [latents.decode(model, codes, latents.classes(model, len(codes), c)) for c in asked]
    frames = np.stack(images).reshape(-1, SIDE, SIDE, *images[0].shape[1:])
    (near, far), record, shown = _contrast(frames), ClaimRecorder(), frames.shape[0] * SIDE * SIDE
    ratio = number("any two images' difference over neighbours'", far / max(near, 1e-12), "{:.1f}")
    close = number("difference of neighbours (of 255)", near, "{:.1f}")
    apart = number("difference of any two (of 255)", far, "{:.1f}")
    names = [f"{value:+.1f}" if place % 5 == 2 else "" for place, value in enumerate(quantiles)]
    return ImageGrid(
        name="latent-map",
        section="latent-space",
        title=f"Neighbours on the map differ {record(ratio)} times less than any two of its images",
        summary=f"Neighbouring images differ by {record(close)} of 255 per pixel, any two by "
        f"{record(apart)} (root mean square over {record(count('images', shown))} images at the "
        "quantiles of the prior).",
        provenance=evidence.provenance(n=shown),
        claims=record.claims,
        images=frames,
        frame_names=evidence.class_names[: len(frames)] if model.classes else ("",),
        row_names=tuple(names[::-1]),
        column_names=tuple(names),
        row_label="latent dimension 1",
        column_label="latent dimension 0",
    )


def _contrast(frames: np.ndarray) -> tuple[float, float]:
    """Root mean square pixel difference of neighbours in the map, and of any two in it."""
    pixels = frames.astype(np.float32)
    near = [(np.diff(pixels, axis=axis) ** 2).mean() for axis in (1, 2)]
    any_two = 2 * pixels.var(axis=(1, 2), ddof=1).mean()
    return float(np.sqrt(np.mean(near))), float(np.sqrt(any_two))


def _points(evidence: Evidence, options: ExplainOptions) -> Scatter:
    """The test images at their mean codes."""
    examples = evidence.examples(options.points, options.seed)
    points = mean_codes(evidence)[evidence.subsample(options.points, options.seed)]
    score = neighbour_accuracy(points, examples.labels, seed=options.seed)
    chance = fraction("chance", np.bincount(examples.labels).max() / score.n)
    record, right = ClaimRecorder(), score.claim("10-NN accuracy in the two dimensions")
    return Scatter(
        name="latent-map-points",
        section="latent-space",
        title=f"Two numbers tell the class of {record(right)} of the test images",
        summary="Held-out test images whose class their 10 nearest neighbours (10-NN) in the two "
        f"dimensions name: {record(right)} (95 % interval {record(interval(right))}, "
        f"n = {record(count('test images', score.n))}; chance {record(chance)}).",
        provenance=evidence.provenance(split="test", n=score.n, seed=options.seed),
        claims=record.claims,
        panels=(
            ScatterPanel(
                label="mean codes",
                points=points,
                x_label="latent dimension 0",
                y_label="latent dimension 1",
                note=f"10-NN accuracy {record(right)} on this map",
                numbers={"neighbour_accuracy_plane": score.accuracy},
            ),
        ),
        labels=examples.labels,
        class_names=examples.class_names,
        examples=examples.name,
    )


def _holes(codes: np.ndarray, seed: int) -> tuple[int, int]:
    """How many draws from the prior lie in holes between the codes, and of how many."""
    random = np.random.default_rng(seed)
    n = min(MOST_CODES, len(codes) // 2)
    pool, others = random.permutation(codes)[: 2 * n].reshape(2, n, -1)
    drawn = random.standard_normal((n, codes.shape[1]), np.float32)
    usual = np.quantile(nearest(others, pool)[0], 0.99)
    return int((nearest(drawn, pool)[0] > usual).sum()), n
