"""Choice of the findings that matter most, by what they are, never by their words."""

from collections.abc import Mapping

from glassnet.findings import Finding, Record

QUESTIONS = (
    ("seed-results", "scores", "likelihood"),
    ("probe-map", "probe-curves", "seed-separation", "separability"),
    ("confusion-matrix", "sample-quality", "worst-mistakes", "worst-texts"),
    ("reliability-diagram", "kl-by-dimension"),
    ("label-issues-table", "nearest-training", "training-dynamics"),
    ("control-networks-table",),
    ("shifts", "other-data"),
    ("word-effects", "deletion-curve"),
    ("classification-report", "reconstructions"),
    ("training-curves", "seed-curves"),
)
"""Names of the findings that answer a question, the best first; the most important question first:
how good it is beside a baseline, where in the network that is learned, what goes wrong most,
whether its probabilities (or its latent dimensions) can be relied on, which training examples are
dubious or copied, what networks that did not learn the task reach, what happens on other data."""

COUNT = 5
"""Findings that matter most, at most."""


def highlights(records: Mapping[str, Record]) -> tuple[Finding, ...]:
    """Choose up to `COUNT` findings, one for each of the first `QUESTIONS` that have one.

    The first one that exists answers a question, those in which something stands out before the
    others. A question in which nothing stands out has a place only where others leave one.

    Example:
        >>> highlights({})
        ()
    """
    best = []
    for names in QUESTIONS:
        found = [each for name in names if isinstance(each := records.get(name), Finding)]
        best += sorted(found, key=lambda each: not each.stands_out)[:1]
    chosen = sorted(best, key=lambda each: not each.stands_out)[:COUNT]
    return tuple(each for each in best if each in chosen)
