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
    """Choose up to `COUNT` findings: the first that exists for each of the first `QUESTIONS`.

    Example:
        >>> highlights({})
        ()
    """
    best = (next((name for name in names if name in records), None) for names in QUESTIONS)
    chosen = (records[name] for name in best if name is not None)
    return tuple(each for each in chosen if isinstance(each, Finding))[:COUNT]
