"""Numbers that a finding says, as records: what, how many examples, how sure.

`findings.ClaimRecorder` notes them while a sentence is written:

    told = Told()
    reading = f"{told(share('accuracy', 97, 100))} are right"
    claims = told.claims
"""

from __future__ import annotations

from typing import Any, SupportsFloat

from glassnet.findings import Claim
from glassnet.stats.intervals import percent, wilson


def share(what: str, hits: int, n: int, *, digits: int = 1, **where: Any) -> Claim:
    """A share of `n` examples, with Wilson's interval, written in per cent.

    Args:
        what: what is counted, as `test accuracy`.
        digits: decimals of the per cent.
        where: `split`, `checkpoint` or `seed`, where they differ from the finding's receipt.

    Example:
        >>> share("accuracy", 97, 100).words
        '97.0 %'
    """
    low, high = wilson(hits, n)
    value = hits / n if n else 0.0
    return fraction(what, value, digits=digits, n=n, low=low, high=high, **where)


def fraction(what: str, value: SupportsFloat, *, digits: int = 1, **where: Any) -> Claim:
    """A share that counts no examples, as of variance, written in per cent.

    Example:
        >>> fraction("variance explained", 0.23149, digits=2).words
        '23.15 %'
    """
    return number(what, value, percent(float(value), digits), **where)


def number(what: str, value: SupportsFloat, words: str, n: int = 0, **where: Any) -> Claim:
    """Any other number, as it is written; `low` and `high` among `where` are its interval.

    Args:
        words: the words that stand in the text, or a format that makes them of the value.

    Example:
        >>> number("layers", 12, "12 layers").value
        12.0
        >>> number("KL", 1.7049, "{:.2f} nats").words
        '1.70 nats'
    """
    low, high = where.pop("low", None), where.pop("high", None)
    return Claim(
        what=what,
        value=float(value),
        words=words.format(float(value)),
        n=int(n),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        **where,
    )


def count(what: str, value: int, **where: Any) -> Claim:
    """A number of things, with its thousands apart.

    Example:
        >>> count("parameters", 61426).words
        '61,426'
    """
    return number(what, value, "{:,.0f}", **where)


def mean(
    what: str, value: SupportsFloat, half: SupportsFloat, words: str, n: int, **where: Any
) -> Claim:
    """A mean with half its 95 % interval.

    Args:
        words: a format of the two, as `{:.2f} ± {:.2f} nats`.

    Example:
        >>> mean("KL", 20.5, 0.25, "{:.1f} ± {:.2f} nats", 100).words
        '20.5 ± 0.25 nats'
    """
    middle, width = float(value), float(half)
    said = words.format(middle, width)
    return number(what, middle, said, n, low=middle - width, high=middle + width, **where)


def interval(of: Claim, words: str = "{:.1f} to {:.1f} %", scale: float = 100) -> Claim:
    """The 95 % interval of a claim, where the text spells it out.

    Args:
        words: a format of its two ends.
        scale: what they are multiplied with; 100 where a share is written in per cent.

    Example:
        >>> interval(share("accuracy", 97, 100)).words
        '91.5 to 99.0 %'
    """
    low, high = (0.0 if end is None else scale * end for end in (of.low, of.high))
    return Claim(
        what=f"95 % interval of {of.what}",
        value=of.value,
        words=words.format(low, high),
        n=of.n,
        low=of.low,
        high=of.high,
        split=of.split,
        checkpoint=of.checkpoint,
        seed=of.seed,
    )
