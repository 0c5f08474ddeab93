"""Claims made from shares, counts, means and their confidence intervals.

`findings.ClaimRecorder` collects them while a sentence is written:

    record = ClaimRecorder()
    summary = f"{record(share('accuracy', 97, 100))} of the images are classified correctly"
    claims = record.claims
"""

import dataclasses
import re
from typing import Any, SupportsFloat

from glassnet.findings.finding import METHOD_NAMES, Claim
from glassnet.stats.comparisons import Difference
from glassnet.stats.intervals import percent, wilson


def label(claim: Claim) -> str:
    """Describe what a claim measures, and where, for tables and messages.

    Example:
        >>> label(share("10-NN accuracy", 97, 100, layer="pool1", method="tsne", epoch=3))
        '10-NN accuracy, t-SNE of pool1, epoch 3'
    """
    projection = METHOD_NAMES.get(claim.method or "", claim.method)
    place = " of ".join(filter(None, (projection, claim.layer)))
    epoch = "" if claim.epoch is None else f"epoch {claim.epoch}"
    return ", ".join(filter(None, (claim.name, place, epoch, claim.network)))


def minus_signs(text: str) -> str:
    """The text with a minus sign before each negative number, in place of a hyphen.

    Example:
        >>> minus_signs("-0.5 of 10-NN, -3 to 2")
        '−0.5 of 10-NN, −3 to 2'
    """
    return re.sub(r"(?<!\w)-(?=\.?\d)", "\N{MINUS SIGN}", text)


def share(name: str, hits: int, n: int, *, digits: int = 1, **where: Any) -> Claim:
    """Claim a share of `n` examples, in per cent, with Wilson's 95 % interval.

    Args:
        name: what is counted, such as `test accuracy`.
        hits: number of examples that are counted.
        n: number of all examples.
        digits: decimals of the per cent.
        where: `layer`, `epoch`, `method` and `network`; `split`, `checkpoint` or `seed`, where
            they differ from the finding's.

    Example:
        >>> share("accuracy", 97, 100).formatted
        '97.0 %'
    """
    low, high = wilson(hits, n)
    value = hits / n if n else 0.0
    return fraction(name, value, digits=digits, n=n, low=low, high=high, **where)


def fraction(name: str, value: SupportsFloat, *, digits: int = 1, **where: Any) -> Claim:
    """Claim a share that does not count examples, such as explained variance, in per cent.

    Example:
        >>> fraction("variance explained", 0.23149, digits=2).formatted
        '23.15 %'
    """
    return number(name, value, percent(float(value), digits), **where)


def number(name: str, value: SupportsFloat, formatted: str, n: int = 0, **where: Any) -> Claim:
    """Claim any other number.

    Args:
        name: what is measured.
        value: the number, unrounded.
        formatted: the text that stands in the sentence, or a format string for the value.
        n: number of examples behind it.
        where: as for `share`, and `low` and `high` of a 95 % interval.

    Example:
        >>> number("layers", 12, "12 layers").value
        12.0
        >>> number("KL", 1.7049, "{:.2f} nats").formatted
        '1.70 nats'
    """
    low, high = where.pop("low", None), where.pop("high", None)
    return Claim(
        name=name,
        value=float(value),
        formatted=minus_signs(formatted.format(float(value))),
        n=int(n),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        **where,
    )


def count(name: str, value: int, **where: Any) -> Claim:
    """Claim a count, with a comma as thousands separator.

    Example:
        >>> count("parameters", 61426).formatted
        '61,426'
    """
    return number(name, value, "{:,.0f}", **where)


def mean(
    name: str,
    value: SupportsFloat,
    half_width: SupportsFloat,
    formatted: str,
    n: int,
    **where: Any,
) -> Claim:
    """Claim a mean with its 95 % interval.

    Args:
        name: what is averaged.
        value: the mean.
        half_width: half the width of its 95 % interval.
        formatted: a format string for mean and half width, such as `{:.2f} ± {:.2f} nats`.
        n: number of examples behind it.
        where: as for `share`.

    Example:
        >>> mean("KL", 20.5, 0.25, "{:.1f} ± {:.2f} nats", 100).formatted
        '20.5 ± 0.25 nats'
    """
    center, half = float(value), float(half_width)
    text = formatted.format(center, half)
    return number(name, center, text, n, low=center - half, high=center + half, **where)


def gain(name: str, difference: Difference, n: int, **where: Any) -> Claim:
    """Claim a difference of two shares of the same `n` examples, in percentage points.

    Example:
        >>> gain("accuracy", Difference(0.053, 0.035, 0.071, 0.001), 600).formatted
        '+5.3 points'
    """
    ends = {"low": 100 * difference.low, "high": 100 * difference.high}
    return number(name, 100 * difference.value, "{:+.1f} points", n, **ends, **where)


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
        claim,
        name=f"95 % interval of {claim.name}",
        formatted=minus_signs(formatted.format(low, high)),
    )
