"""Projection quality in words: labels and descriptions of its scores, and the note of a panel."""

from glassnet.findings import QualityScore, ScatterPanel

LABELS = {
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "neighbours_kept": "neighbours kept",
    "stability": "stable over seeds",
}
SHORT_LABELS = LABELS | {"neighbours_kept": "neighbours", "stability": "stable"}

NUMERALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def label(score: QualityScore) -> str:
    """Name a score, such as `neighbours kept`."""
    return LABELS[score.name]


def short_label(score: QualityScore) -> str:
    """Name a score where there is little space."""
    return SHORT_LABELS[score.name]


def phrase(score: QualityScore) -> str:
    """State a score in words, such as `64.0 % of neighbours kept`."""
    return {
        "neighbours_kept": f"{score.formatted} of neighbours kept",
        "stability": f"{score.formatted} stable over seeds",
    }.get(score.name, f"{label(score)} {score.formatted}")


def description(score: QualityScore) -> str:
    """Explain in one sentence what a score measures."""
    neighbours = NUMERALS[score.n_neighbors - 1]
    return {
        "trustworthiness": "One if all neighbours in the projection are neighbours in the layer, "
        "too; about one half for a random projection.",
        "continuity": "One if all neighbours in the layer are neighbours in the projection, too; "
        "about one half for a random projection.",
        "neighbours_kept": f"The share of each point's {neighbours} nearest neighbours in the "
        f"layer that are among its {neighbours} nearest in the projection.",
        "stability": f"The share of each point's {neighbours} nearest neighbours that two "
        f"projections of {score.n:,} of the points, from two seeds, have in common.",
    }[score.name]


def distorted_count(few: int, n: int) -> str:
    """Count the points that lost most of their neighbours, such as `9 of 5,000`."""
    return f"{few:,} of {n:,}"


def legend(panel: ScatterPanel) -> str:
    """Describe the dimmed points of a panel; empty where none were looked for."""
    if panel.distorted is None:
        return ""
    dimmed = distorted_count(len(panel.distorted), len(panel.points))
    return f"dimmed: {dimmed} points lost most of their neighbours here"


def full_note(panel: ScatterPanel) -> str:
    """State all numbers of a panel in one line: its note, its scores and its dimmed points."""
    scores = map(phrase, panel.quality_scores)
    return "; ".join(filter(None, (panel.note, *scores, legend(panel))))
