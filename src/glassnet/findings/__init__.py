"""Findings: the results of an analysis as plain data, independent of how they are drawn.

A finding is a frozen record of text, numbers and NumPy arrays. It has a title (the result in
words), a one-sentence summary with its numbers, the section of the report it belongs to, and its
provenance, which says how to compute it again. On disk it is `NAME.json` (everything but the
arrays) beside `NAME.npz` (the arrays), deterministic and without pickle.
"""

from glassnet.findings import claims_file
from glassnet.findings.claim_recorder import ClaimRecorder
from glassnet.findings.claims import (
    count,
    fraction,
    gain,
    interval,
    label,
    mean,
    minus_signs,
    number,
    share,
)
from glassnet.findings.files import check, load, load_all, save
from glassnet.findings.finding import (
    METHOD_NAMES,
    SECTIONS,
    Claim,
    Finding,
    Provenance,
    projection_name,
)
from glassnet.findings.kinds import (
    KINDS,
    LAYER_FAMILIES,
    Bars,
    Cell,
    CurvePanel,
    Curves,
    Diagram,
    Examples,
    Findings,
    Heatmap,
    HighlightedText,
    HighlightedTexts,
    ImageGallery,
    ImageGrid,
    Interval,
    Layer,
    Mark,
    Record,
    Series,
    Table,
)
from glassnet.findings.points import Animation, AnimationTrack, QualityScore, Scatter, ScatterPanel

__all__ = [
    "KINDS",
    "LAYER_FAMILIES",
    "METHOD_NAMES",
    "SECTIONS",
    "Animation",
    "AnimationTrack",
    "Bars",
    "Cell",
    "Claim",
    "ClaimRecorder",
    "CurvePanel",
    "Curves",
    "Diagram",
    "Examples",
    "Finding",
    "Findings",
    "Heatmap",
    "HighlightedText",
    "HighlightedTexts",
    "ImageGallery",
    "ImageGrid",
    "Interval",
    "Layer",
    "Mark",
    "Provenance",
    "QualityScore",
    "Record",
    "Scatter",
    "ScatterPanel",
    "Series",
    "Table",
    "check",
    "claims_file",
    "count",
    "fraction",
    "gain",
    "interval",
    "label",
    "load",
    "load_all",
    "mean",
    "minus_signs",
    "number",
    "projection_name",
    "save",
    "share",
]
