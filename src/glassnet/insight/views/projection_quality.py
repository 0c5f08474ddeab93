"""Projection quality: the scores and claims of one projection, and a table of all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from glassnet.contract import ExplainOptions, MakeProvenance
from glassnet.drawing.layout import projection_quality
from glassnet.findings import (
    Cell,
    Claim,
    ClaimRecorder,
    QualityScore,
    ScatterPanel,
    Table,
    count,
    number,
    projection_name,
    share,
)
from glassnet.insight.measures import projection_quality as measure
from glassnet.insight.measures.projection_quality import ProjectionQuality, Score, stability
from glassnet.insight.measures.projections import RANDOM_START
from glassnet.stats.intervals import percent

DECIMAL = ("trustworthiness", "continuity")
"""Scores that are customarily given as decimals; the others are percentages."""


@dataclass(frozen=True, eq=False)
class QualitySummary:
    """The quality of one projection, as numbers and as claims.

    Attributes:
        method, layer: what is projected how.
        quality: how well it preserves neighbours.
        stable: (m,) float64 in [0, 1], the neighbours that projections from two seeds share, for
            each point; None for PCA, which depends on no seed.
        epoch: of the weights, where it is not the chosen one.
        network: the control network that is projected, if it is one.
    """

    method: str
    layer: str
    quality: ProjectionQuality
    stable: np.ndarray | None
    epoch: int | None = None
    network: str | None = None

    @property
    def projection(self) -> str:
        """Its name, for example `t-SNE of pool1`."""
        return projection_name(self.method, self.layer)

    @cached_property
    def scores(self) -> dict[str, Score]:
        """The means over the points, by name."""
        values = {
            "trustworthiness": self.quality.trustworthiness,
            "continuity": self.quality.continuity,
            "neighbours_kept": self.quality.neighbours_kept.astype(np.float64),
            "stability": self.stable,
        }
        return {name: Score.of(each) for name, each in values.items() if each is not None}

    @property
    def numbers(self) -> dict[str, float]:
        """The scores and the ends of their intervals, for programs."""
        numbers: dict[str, float] = {}
        for name, score in self.scores.items():
            numbers |= {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}
        return numbers

    def claim(self, name: str) -> Claim:
        """One of the scores as a claim."""
        score = self.scores[name]
        return number(
            name.replace("_", " "),
            score.value,
            f"{score.value:.3f}" if name in DECIMAL else percent(score.value),
            score.n,
            low=score.low,
            high=score.high,
            further_maps=name == "stability",
            **self._where,
        )

    @property
    def distorted(self) -> Claim:
        """The share of the points that lost most of their neighbours, as a claim."""
        few, n = len(self.quality.distorted), len(self.quality.neighbours_kept)
        name = "share of points that lost most of their neighbours"
        counted = projection_quality.distorted_count(few, n)
        return replace(share(name, few, n, **self._where), formatted=counted)

    @property
    def _where(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "layer": self.layer,
            "epoch": self.epoch,
            "network": self.network,
        }

    def panel(
        self,
        record: ClaimRecorder,
        label: str,
        points: np.ndarray,
        note: str,
        numbers: Mapping[str, float],
        axes: tuple[str, str] = ("", ""),
    ) -> ScatterPanel:
        """Make the projection's panel with the scores, and record the claims that it states."""
        quality_scores = tuple(
            QualityScore(
                name=name,
                value=score.value,
                low=score.low,
                high=score.high,
                formatted=record(self.claim(name)),
                n=score.n,
                n_neighbors=self.quality.n_neighbors,
            )
            for name, score in self.scores.items()
        )
        record(self.distorted)
        return ScatterPanel(
            label=label,
            points=points,
            x_label=axes[0],
            y_label=axes[1],
            note=note,
            numbers={**numbers, **self.numbers},
            quality_scores=quality_scores,
            neighbours_kept=self.quality.neighbours_kept,
            distorted=self.quality.distorted,
        )


def layer_quality(
    features: np.ndarray, projections: Mapping[str, np.ndarray], seed: int, layer: str
) -> dict[str, np.ndarray]:
    """Measure the quality of a layer's projections, as arrays that `summaries` reads.

    Args:
        features: (n, dimensions), the layer.
        projections: method -> (n, 2).
        seed: draws the points for the stability, and starts their projections.
        layer: its name, for the progress display.
    """
    qualities = measure.projection_quality(
        features, list(projections.values()), f"projection quality of {layer}"
    )
    stable = {
        f"stable-{method}": stability(
            features, RANDOM_START[method], seed, f"{projection_name(method, layer)}, two seeds"
        )
        for method in projections
        if method in RANDOM_START
    }
    return {**measure.arrays(qualities), **stable}


def summaries(
    arrays: Mapping[str, np.ndarray],
    methods: Iterable[str],
    layer: str,
    network: str | None = None,
) -> dict[str, QualitySummary]:
    """Restore what `layer_quality` returned: method -> the quality of that projection."""
    rows = zip(methods, measure.from_arrays(arrays), strict=True)
    return {
        method: QualitySummary(
            method, layer, quality, arrays.get(f"stable-{method}"), network=network
        )
        for method, quality in rows
    }


def quality_table(
    provenance: MakeProvenance,
    options: ExplainOptions,
    qualities: Mapping[str, Mapping[str, QualitySummary]],
) -> Table:
    """Compare the quality of all projections (method -> layer -> quality) in a table."""
    rows = [qualities[method][layer] for method in qualities for layer in qualities[method]]
    preserved = [row.scores["neighbours_kept"] for row in rows]
    n, stable = preserved[0].n, [row.scores["stability"] for row in rows if row.stable is not None]
    worst, best = (pick(range(len(rows)), key=lambda k: preserved[k].value) for pick in (min, max))
    ends, record = dict.fromkeys((worst, best)), ClaimRecorder()
    points = record(count("held-out points on each map", n, n=n))
    of_seeds = ""
    if stable:
        two = record(count("points of the two maps from two starts", stable[0].n))
        of_seeds = (
            f" Stable is the share of neighbours that two t-SNE maps of {two} points from two "
            "seeds have in common; PCA depends on no seed."
        )
    shown = " and ".join(
        f"{record(rows[k].claim('neighbours_kept'))} on {rows[k].projection}" for k in ends
    )
    neighbours = projection_quality.NUMERALS[rows[0].quality.n_neighbors - 1]
    return Table(
        name="projection-quality",
        section="layers",
        title=f"A point keeps {shown} of its nearest neighbours",
        summary=f"Kept is the share of a point's {neighbours} nearest neighbours in the layer that "
        f"are among its nearest in the projection, for {points} held-out points. Trustworthiness "
        "is below one where neighbours in the projection are apart in the layer, continuity where "
        "neighbours in the layer are apart in the projection; both are about one half for a random "
        f"projection.{of_seeds} A point is dimmed if at most one of its neighbours is kept. ± is "
        "half the width of the 95 % interval.",
        provenance=provenance(split="test", n=n, seed=options.seed),
        claims=record.claims,
        columns=(
            *("projection", "trustworthiness", "±", "continuity", "±"),
            *("kept (%)", "±", "stable (%)", "±", "dimmed"),
        ),
        formats=("", *[".4f"] * 4, *[".1f"] * 4, ",d"),
        rows=tuple(_row(row) for row in rows),
        on_projections=(1, 2, 3, 4, 5, 6, 9),
        further_maps=(7, 8),
    )


def _row(summary: QualitySummary) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for name in projection_quality.LABELS:
        if score := summary.scores.get(name):
            scale = 1 if name in DECIMAL else 100
            cells += [scale * score.value, scale * (score.high - score.low) / 2]
        else:
            cells += [None, None]
    return summary.projection, *cells, len(summary.quality.distorted)
