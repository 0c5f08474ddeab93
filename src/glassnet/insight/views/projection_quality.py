"""Projection quality: the scores, note and claims of one projection, and a table of all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Claim, QualityScore, ScatterPanel, Table, number
from glassnet.insight.measures import projection_quality as measure
from glassnet.insight.measures.projection_quality import ProjectionQuality, Score, stability
from glassnet.insight.measures.projections import NAMES, RANDOM_START
from glassnet.stats.intervals import percent, wilson

LABELS = {
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "neighbours_kept": "neighbours kept",
    "stability": "stable over seeds",
}
SHORT_LABELS = LABELS | {"neighbours_kept": "neighbours", "stability": "stable"}

DECIMAL = ("trustworthiness", "continuity")
"""Scores that are customarily given as decimals; the others are percentages."""

NUMERALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, eq=False)
class QualitySummary:
    """The quality of one projection, as numbers, in words and as claims.

    Attributes:
        projection: its name, for example `t-SNE of pool1`.
        quality: how well it preserves neighbours.
        stable: (m,) float64 in [0, 1], the neighbours that projections from two seeds share, for
            each point.
    """

    projection: str
    quality: ProjectionQuality
    stable: np.ndarray

    @property
    def scores(self) -> dict[str, Score]:
        """The means over the points, by name."""
        return {
            "trustworthiness": Score.of(self.quality.trustworthiness),
            "continuity": Score.of(self.quality.continuity),
            "neighbours_kept": Score.of(self.quality.neighbours_kept.astype(np.float64)),
            "stability": Score.of(self.stable),
        }

    @property
    def numbers(self) -> dict[str, float]:
        """The scores and the ends of their intervals, for programs."""
        numbers: dict[str, float] = {}
        for name, score in self.scores.items():
            numbers |= {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}
        return numbers

    @property
    def quality_scores(self) -> tuple[QualityScore, ...]:
        """The scores as a figure shows them, each as a small bar."""
        n_neighbors = self.quality.n_neighbors
        return tuple(_score(name, score, n_neighbors) for name, score in self.scores.items())

    @property
    def dimmed(self) -> str:
        """The legend of the dimmed points."""
        return f"dimmed: {_of(*self._distorted)} points lost most of their neighbours here"

    @property
    def note(self) -> str:
        """Scores and legend in words, for the end of a panel's note."""
        return "; ".join([*(score.phrase for score in self.quality_scores), self.dimmed])

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims behind the note's numbers."""
        scores = [
            number(
                f"{shown.label}, {self.projection}",
                *(shown.value, shown.formatted, score.n),
                low=shown.low,
                high=shown.high,
            )
            for shown, score in zip(self.quality_scores, self.scores.values(), strict=True)
        ]
        few, n = self._distorted
        low, high = wilson(few, n)
        name = f"share of points that lost most of their neighbours, {self.projection}"
        return *scores, number(name, few / n, _of(few, n), n, low=low, high=high)

    @property
    def _distorted(self) -> tuple[int, int]:
        return len(self.quality.distorted), len(self.quality.neighbours_kept)

    def panel(
        self,
        label: str,
        points: np.ndarray,
        note: str,
        numbers: Mapping[str, float],
        axes: tuple[str, str] = ("", ""),
    ) -> ScatterPanel:
        """Make the projection's panel: the scores are appended to `note` and `numbers`."""
        return ScatterPanel(
            label=label,
            points=points,
            x_label=axes[0],
            y_label=axes[1],
            note=f"{note}; {self.note}",
            numbers={**numbers, **self.numbers},
            quality_scores=self.quality_scores,
            neighbours_kept=self.quality.neighbours_kept,
            distorted=self.quality.distorted,
            distorted_label=self.dimmed,
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
    stable = [
        stability(features, RANDOM_START[method], seed, f"{NAMES[method]} of {layer}, two seeds")
        for method in projections
    ]
    return {**measure.arrays(qualities), "stable": np.stack(stable)}


def summaries(
    arrays: Mapping[str, np.ndarray], methods: Iterable[str], layer: str
) -> dict[str, QualitySummary]:
    """Restore what `layer_quality` returned: method -> the quality of that projection."""
    rows = zip(methods, measure.from_arrays(arrays), arrays["stable"], strict=True)
    return {method: QualitySummary(f"{NAMES[method]} of {layer}", *row) for method, *row in rows}


def quality_table(
    evidence: Evidence,
    options: ExplainOptions,
    qualities: Mapping[str, Mapping[str, QualitySummary]],
) -> Table:
    """Compare the quality of all projections (method -> layer -> quality) in a table."""
    rows = [qualities[method][layer] for method in qualities for layer in qualities[method]]
    preserved = [row.scores["neighbours_kept"] for row in rows]
    n, n_stable = preserved[0].n, rows[0].scores["stability"].n
    worst, best = (pick(range(len(rows)), key=lambda k: preserved[k].value) for pick in (min, max))
    ends = dict.fromkeys((worst, best))
    shown = " and ".join(f"{percent(preserved[k].value)} on {rows[k].projection}" for k in ends)
    points = [number("held-out points on each map", n, f"{n:,}", n)]
    if n_stable != n:
        points.append(number("points of the two maps from two starts", n_stable, f"{n_stable:,}"))
    return Table(
        name="projection-quality",
        section="layers",
        title=f"A point keeps {shown} of its nearest neighbours",
        summary=f"Kept is the share of a point's {_numeral(rows[0].quality.n_neighbors)} nearest "
        f"neighbours in the layer that are among its nearest in the projection, for {n:,} held-out "
        "points. Trustworthiness is below one where neighbours in the projection are apart in the "
        "layer, continuity where neighbours in the layer are apart in the projection; both are "
        "about one half for a random projection. Stable is the share of neighbours that two "
        f"projections of {n_stable:,} points from two seeds have in common. A point is dimmed if "
        "at most one of its neighbours is kept. ± is half the width of the 95 % interval.",
        provenance=evidence.provenance(split="test", n=n, seed=options.seed),
        claims=(*points, *(rows[k].claims[list(LABELS).index("neighbours_kept")] for k in ends)),
        columns=(
            *("projection", "trustworthiness", "±", "continuity", "±"),
            *("kept (%)", "±", "stable (%)", "±", "dimmed"),
        ),
        formats=("", *[".4f"] * 4, *[".1f"] * 4, ",d"),
        rows=tuple(_row(row) for row in rows),
    )


def _row(summary: QualitySummary) -> tuple[str | float | int, ...]:
    cells = []
    for name, score in summary.scores.items():
        scale = 1 if name in DECIMAL else 100
        cells += [scale * score.value, scale * (score.high - score.low) / 2]
    return summary.projection, *cells, len(summary.quality.distorted)


def _score(name: str, score: Score, n_neighbors: int) -> QualityScore:
    formatted = f"{score.value:.3f}" if name in DECIMAL else percent(score.value)
    phrases = {
        "neighbours_kept": f"{formatted} of neighbours kept",
        "stability": f"{formatted} stable over seeds",
    }
    return QualityScore(
        label=LABELS[name],
        value=score.value,
        low=score.low,
        high=score.high,
        formatted=formatted,
        phrase=phrases.get(name, f"{name} {formatted}"),
        short_label=SHORT_LABELS[name],
        description=_description(name, score.n, _numeral(n_neighbors)),
    )


def _description(name: str, n: int, neighbours: str) -> str:
    return {
        "trustworthiness": "One if all neighbours in the projection are neighbours in the layer, "
        "too; about one half for a random projection.",
        "continuity": "One if all neighbours in the layer are neighbours in the projection, too; "
        "about one half for a random projection.",
        "neighbours_kept": f"The share of each point's {neighbours} nearest neighbours in the "
        f"layer that are among its {neighbours} nearest in the projection.",
        "stability": f"The share of each point's {neighbours} nearest neighbours that two "
        f"projections of {n:,} of the points, from two seeds, have in common.",
    }[name]


def _of(few: int, n: int) -> str:
    return f"{few:,} of {n:,}"


def _numeral(n_neighbors: int) -> str:
    return NUMERALS[n_neighbors - 1]
