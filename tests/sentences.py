"""The sentences of findings, and the numbers in them that belong to no claim."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glassnet.drawing.layout.projection_quality import full_note
from glassnet.findings import (
    Animation,
    Claim,
    Finding,
    HighlightedTexts,
    ImageGallery,
    Scatter,
    label,
)

TERMS = (
    *("95 %", "10-NN", "10 nearest neighbours", "10-nearest-neighbour", "5-fold"),
    *("of 255", "8-bit", "[0, 1]", "5 % level", "N(0, I)"),
)
"""Fixed terms that contain a number."""

SETTINGS = {
    "aggregate-posterior": {"99", "1"},
    "class-balance": {"50"},
    "deletion-curve": {"0", "50", "150", "3"},
    "interpolations": {"90", "9", "10", "200"},
    "nearest-training": {"99"},
    "probe-map": {"2"},
    "samples": {"10"},
    "seed-separation": {"2"},
    "training-dynamics": {"10"},
    "traversals": {"3", "100"},
    "worst-mistakes": {"90"},
    "worst-texts": {"90"},
}
"""Finding -> numbers in it that are settings of the measurement, not results."""

NUMERAL = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?")
"""A number; digits after a letter belong to a name, such as `pool2`."""


def sentences_of(finding: Finding) -> Iterator[str]:
    """Its title, its summary, and the notes and captions of its parts."""
    yield finding.title
    yield finding.summary
    if isinstance(finding, Scatter):
        yield from map(full_note, finding.panels)
    if isinstance(finding, Animation):
        for track in finding.tracks:
            yield from (*track.captions, track.drift_note)
            yield from map(full_note, track.panels)
    if isinstance(finding, ImageGallery):
        yield from finding.captions
    if isinstance(finding, HighlightedTexts):
        for text in finding.texts:
            yield text.caption
            yield text.note


def states(text: str, claim: Claim) -> bool:
    """Whether a text states a claim's formatted value, and not as part of a longer number."""
    return _alone(claim.formatted).search(text) is not None


def unclaimed(text: str, claims: tuple[Claim, ...], names: tuple[str, ...] = ()) -> list[str]:
    """The numerals of a text that belong to no claim, term or name."""
    text = re.sub(r"“[^”]*”", "“”", text)  # quoted words of texts may be numbers
    known = (*(claim.formatted for claim in claims), *TERMS, *names)
    for each in sorted(known, key=len, reverse=True):
        text = _alone(each).sub("", text)
    return NUMERAL.findall(text)


def unclaimed_in(finding: Finding, names: tuple[str, ...] = ()) -> set[str]:
    """The numerals of its sentences that belong to no claim, term, name or setting."""
    texts = sentences_of(finding)
    numerals = {each for text in texts for each in unclaimed(text, finding.claims, names)}
    return numerals - SETTINGS.get(finding.name, set())


def values_of(finding: Finding) -> dict[str, float]:
    """The value of each claim, by what it is of."""
    return {label(claim): claim.value for claim in finding.claims}


def _alone(text: str) -> re.Pattern[str]:
    """Matches a text, but not as a part of a longer number, as "95 %" in "98.95 %"."""
    return re.compile(rf"(?<![\d.,]){re.escape(text)}(?!\d|[.,]\d)")
