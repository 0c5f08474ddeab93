"""Claims made from shares, counts, means and their confidence intervals.

`findings.ClaimRecorder` collects them while a sentence is written:

    record = ClaimRecorder()
    summary = f"{record(share('accuracy', 97, 100))} of the images are classified correctly"
    claims = record.claims
"""

import dataclasses
from typing import Any, SupportsFloat

from glassnet.findings.finding import Claim
from glassnet.stats.intervals import percent, wilson


def share(name: str, hits: int, n: int, *, digits: int = 1, **provenance: Any) -> Claim:
    """Claim a share of `n` examples, in per cent, with Wilson's 95 % interval.

    Args:
        name: what is counted, such as `test accuracy`.
        hits: number of examples that are counted.
        n: number of all examples.
        digits: decimals of the per cent.
        provenance: `split`, `checkpoint` or `seed`, where they differ from the finding's.

    Example:
        >>> share("accuracy", 97, 100).formatted
        '97.0 %'
    """
    low, high = wilson(hits, n)
    value = hits / n if n else 0.0
    return fraction(name, value, digits=digits, n=n, low=low, high=high, **provenance)


def fraction(name: str, value: SupportsFloat, *, digits: int = 1, **provenance: Any) -> Claim:
    """Claim a share that does not count examples, such as explained variance, in per cent.

    Example:
        >>> fraction("variance explained", 0.23149, digits=2).formatted
        '23.15 %'
    """
    return number(name, value, percent(float(value), digits), **provenance)


def number(name: str, value: SupportsFloat, formatted: str, n: int = 0, **provenance: Any) -> Claim:
    """Claim any other number.

    Args:
        name: what is measured.
        value: the number, unrounded.
        formatted: the text that stands in the sentence, or a format string for the value.
        n: number of examples behind it.
        provenance: `split`, `checkpoint` or `seed`, and `low` and `high` of a 95 % interval.

    Example:
        >>> number("layers", 12, "12 layers").value
        12.0
        >>> number("KL", 1.7049, "{:.2f} nats").formatted
        '1.70 nats'
    """
    low, high = provenance.pop("low", None), provenance.pop("high", None)
    return Claim(
        name=name,
        value=float(value),
        formatted=formatted.format(float(value)),
        n=int(n),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        **provenance,
    )


def count(name: str, value: int, **provenance: Any) -> Claim:
    """Claim a count, with a comma as thousands separator.

    Example:
        >>> count("parameters", 61426).formatted
        '61,426'
    """
    return number(name, value, "{:,.0f}", **provenance)


def mean(
    name: str,
    value: SupportsFloat,
    half_width: SupportsFloat,
    formatted: str,
    n: int,
    **provenance: Any,
) -> Claim:
    """Claim a mean with its 95 % interval.

    Args:
        name: what is averaged.
        value: the mean.
        half_width: half the width of its 95 % interval.
        formatted: a format string for mean and half width, such as `{:.2f} ± {:.2f} nats`.
        n: number of examples behind it.
        provenance: `split`, `checkpoint` or `seed`, where they differ from the finding's.

    Example:
        >>> mean("KL", 20.5, 0.25, "{:.1f} ± {:.2f} nats", 100).formatted
        '20.5 ± 0.25 nats'
    """
    center, half = float(value), float(half_width)
    text = formatted.format(center, half)
    return number(name, center, text, n, low=center - half, high=center + half, **provenance)


def interval(claim: Claim, formatted: str = "{:.1f} to {:.1f} %", scale: float = 100) -> Claim:
    """Claim the 95 % interval of another claim, where the text spells it out.

    Args:
        claim: the claim with the interval.
        formatted: a format string for the two ends.
        scale: factor of the ends; 100 where a share is written in per cent.

    Example:
        >>> interval(share("accuracy", 97, 100)).formatted
        '91.5 to 99.0 %'
    """
    low, high = (0.0 if end is None else scale * end for end in (claim.low, claim.high))
    return dataclasses.replace(
        claim, name=f"95 % interval of {claim.name}", formatted=formatted.format(low, high)
    )
