"""Numbers that a finding says, as records: what, how many examples, how sure."""

from __future__ import annotations

from typing import Any

from glassnet.findings import Claim
from glassnet.insight.intervals import percent, wilson


def share(what: str, hits: int, n: int, **where: Any) -> Claim:
    """A share of `n` examples, with Wilson's interval, written in per cent.

    Args:
        what: what is counted, as `test accuracy`.
        where: `split`, `checkpoint` or `seed`, where they differ from the finding's receipt.

    Example:
        >>> share("accuracy", 97, 100).words
        '97.0 %'
    """
    low, high = wilson(hits, n)
    value = hits / n if n else 0.0
    return Claim(what=what, value=value, words=percent(value), n=n, low=low, high=high, **where)


def number(what: str, value: float, words: str, n: int = 0, **where: Any) -> Claim:
    """Any other number, as it is written; `low` and `high` among `where` are its interval.

    Example:
        >>> number("layers", 12, "12 layers").value
        12.0
    """
    return Claim(what=what, value=float(value), words=words, n=n, **where)
