"""A map's trust badge: how far it can be believed, as gauges, as words and as one table of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.contract import Evidence, ExplainOptions
from glassnet.findings import Claim, QualityScore, Table
from glassnet.findings.claims import number
from glassnet.insight.measures import projection_quality as trusting
from glassnet.insight.measures.projection_quality import ProjectionQuality, Score, stability, trust
from glassnet.insight.measures.projections import AGAIN, NAMES
from glassnet.stats.intervals import percent, wilson


@dataclass(frozen=True, eq=False)
class MapQuality:
    """What one map is worth.

    Attributes:
        map: the map in words, as `t-SNE of pool1`.
        trust: the map held against the layer's own space.
        stable: (m,) float64 in [0, 1], per point the neighbours that maps from two starts share.
    """

    map: str
    trust: ProjectionQuality
    stable: np.ndarray

    @property
    def scores(self) -> dict[str, Score]:
        """The means over the points, by name."""
        return {
            "trustworthiness": Score.of(self.trust.trustworthiness),
            "continuity": Score.of(self.trust.continuity),
            "neighbours_kept": Score.of(self.trust.neighbours_kept.astype(np.float64)),
            "stability": Score.of(self.stable),
        }

    @property
    def numbers(self) -> dict[str, float]:
        """The same for programs, with the ends of the intervals."""
        found: dict[str, float] = {}
        for name, score in self.scores.items():
            found |= {name: score.value, f"{name}_low": score.low, f"{name}_high": score.high}
        return found

    @property
    def quality_scores(self) -> tuple[QualityScore, ...]:
        """The badge: a small bar for each of the scores."""
        return tuple(
            _gauge(name, score, self.trust.neighbours) for name, score in self.scores.items()
        )

    @property
    def dimmed(self) -> str:
        """The legend of the points that stand back."""
        few, n = len(self.trust.distorted), len(self.trust.neighbours_kept)
        return f"dimmed: {_of(few, n)} points lost most of their neighbours here"

    @property
    def note(self) -> str:
        """Gauges and legend in words, for the end of a panel's note."""
        return "; ".join([*(gauge.phrase for gauge in self.quality_scores), self.dimmed])

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The records of the note's numbers."""
        made = [
            number(
                f"{gauge.label}, {self.map}",
                *(gauge.value, gauge.formatted, score.n),
                low=gauge.low,
                high=gauge.high,
            )
            for gauge, score in zip(self.quality_scores, self.scores.values(), strict=True)
        ]
        few, n = len(self.trust.distorted), len(self.trust.neighbours_kept)
        low, high = wilson(few, n)
        what = f"share of points that lost most of their neighbours, {self.map}"
        return *made, number(what, few / n, _of(few, n), n, low=low, high=high)


def measured(
    features: np.ndarray, maps: Mapping[str, np.ndarray], seed: int, name: str
) -> dict[str, np.ndarray]:
    """What a layer's maps are worth, as arrays to keep, which `restored` reads.

    Args:
        features: (n, dimensions), the layer.
        maps: method -> (n, 2).
        seed: draws the points of the maps from two starts, and begins them.
        name: the layer in words.
    """
    found = trust(features, list(maps.values()), f"trust in {name}")
    starts = [
        stability(features, AGAIN[method], seed, f"{NAMES[method]} of {name} from two seeds")
        for method in maps
    ]
    return {**trusting.arrays(found), "stable": np.stack(starts)}


def restored(
    stored: Mapping[str, np.ndarray], methods: Iterable[str], name: str
) -> dict[str, MapQuality]:
    """The badges of a layer's maps, by method, from what was kept."""
    rows = zip(methods, trusting.of_arrays(stored), stored["stable"], strict=True)
    return {method: MapQuality(f"{NAMES[method]} of {name}", *row) for method, *row in rows}


LABELS = {
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "neighbours_kept": "neighbours kept",
    "stability": "stable over seeds",
}


SHORT = {"neighbours_kept": "kept", "stability": "stable"}

PLAIN = ("trustworthiness", "continuity")
"""These are customarily given between 0 and 1; the others are shares, in per cent."""

COUNTED = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def quality_table(
    evidence: Evidence, options: ExplainOptions, qualities: Mapping[str, Mapping[str, MapQuality]]
) -> Table:
    """How far each map can be believed, side by side, and what the numbers mean."""
    each = [qualities[method][layer] for method in qualities for layer in qualities[method]]
    stored = [quality.scores["neighbours_kept"] for quality in each]
    n, starts, neighbours = stored[0].n, each[0].scores["stability"].n, each[0].trust.neighbours
    worst, best = (pick(range(len(each)), key=lambda i: stored[i].value) for pick in (min, max))
    ends = dict.fromkeys((worst, best))
    shown = " and ".join(f"{percent(stored[i].value)} on {each[i].map}" for i in ends)
    points = [number("held-out points on each map", n, f"{n:,}", n)]
    if starts != n:
        points.append(number("points of the two maps from two starts", starts, f"{starts:,}"))
    return Table(
        name="projection-quality",
        section="layers",
        title=f"Of its true neighbours a point keeps {shown}",
        summary=f"True neighbours are the {_counted(neighbours)} nearest in the whole layer, for "
        f"{n:,} held-out points; kept is the share of them that are among the nearest on the map. "
        "Trustworthiness is below one where neighbours on the map lie apart in the layer, "
        "continuity where neighbours in the layer lie apart on the map; both are about one half "
        "where points are strewn at random. Stable is the share of neighbours that two maps of "
        f"{starts:,} points from two seeds have in common. A point is dimmed where a map keeps "
        "none or one of its neighbours. ± is half the 95 % interval.",
        provenance=evidence.provenance(split="test", n=n, seed=options.seed),
        claims=(*points, *(each[i].claims[list(LABELS).index("neighbours_kept")] for i in ends)),
        columns=(
            *("map", "trustworthiness", "±", "continuity", "±"),
            *("kept (%)", "±", "stable (%)", "±", "dimmed"),
        ),
        formats=("", *[".4f"] * 4, *[".1f"] * 4, ",d"),
        rows=tuple(_row(quality) for quality in each),
    )


def _row(quality: MapQuality) -> tuple[str | float | int, ...]:
    cells = []
    for name, score in quality.scores.items():
        scale = 1 if name in PLAIN else 100
        cells += [scale * score.value, scale * (score.high - score.low) / 2]
    return quality.map, *cells, len(quality.trust.distorted)


def _gauge(name: str, score: Score, neighbours: int) -> QualityScore:
    words = _words(name, score.value)
    phrases = {
        "neighbours_kept": f"{words} of true neighbours kept",
        "stability": f"{words} stable over seeds",
    }
    return QualityScore(
        label=LABELS[name],
        value=score.value,
        low=score.low,
        high=score.high,
        formatted=words,
        phrase=phrases.get(name, f"{name} {words}"),
        short_label=SHORT.get(name, LABELS[name]),
        description=_meaning(name, score.n, _counted(neighbours)),
    )


def _meaning(name: str, n: int, neighbours: str) -> str:
    return {
        "trustworthiness": "One where points that are neighbours on the map are near each other "
        "in the whole layer too; about one half for a map at random.",
        "continuity": "One where points that are neighbours in the whole layer are near each "
        "other on the map too; about one half for a map at random.",
        "neighbours_kept": f"The share of each point's {neighbours} nearest neighbours in the "
        f"whole layer that are among its {neighbours} nearest on the map.",
        "stability": f"The share of each point's {neighbours} nearest neighbours that two maps of "
        f"{n:,} of the points, begun from two seeds, have in common.",
    }[name]


def _words(name: str, value: float) -> str:
    return f"{value:.3f}" if name in PLAIN else percent(value)


def _of(few: int, n: int) -> str:
    return f"{few:,} of {n:,}"


def _counted(neighbours: int) -> str:
    return COUNTED[neighbours - 1]
