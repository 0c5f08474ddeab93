"""Numbers as a reader wants them: percentages, counts, times, with units that stay attached."""

from __future__ import annotations

import re
from typing import Any

NBSP = "\N{NO-BREAK SPACE}"


def percent(share: float, digits: int = 2) -> str:
    """Write a share as a percentage.

    Example:
        >>> percent(0.9934).replace(NBSP, " ")
        '99.34 %'
    """
    return f"{100 * share:.{digits}f}{NBSP}%"


def count(number: float) -> str:
    """Write a whole number with its thousands apart.

    Example:
        >>> count(10000)
        '10,000'
    """
    return f"{number:,.0f}"


def number(value: Any) -> str:
    """Write any value: whole numbers in full, others with four significant digits.

    Example:
        >>> number(0.034712)
        '0.03471'
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return count(value) if isinstance(value, int) else f"{value:.4g}"


def exact(value: float) -> str:
    """Write a number unrounded, as far as six digits are: whole ones in full.

    Example:
        >>> exact(61426.0), exact(0.99432810417)
        ('61,426', '0.994328')
    """
    return count(value) if value == round(value) else f"{value:.6g}"


def duration(seconds: float) -> str:
    """Write a time span in the one or two units that suit it.

    Example:
        >>> duration(72).replace(NBSP, " ")
        '1 min 12 s'
    """
    if seconds < 9.95:
        return f"{seconds:.1f}{NBSP}s"
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours}{NBSP}h {minutes_left}{NBSP}min"
    return f"{minutes}{NBSP}min {rest}{NBSP}s" if minutes else f"{rest}{NBSP}s"


def glued(text: str) -> str:
    """Keep per cent signs and nats on their number's line.

    Example:
        >>> glued("at most 86.91 nats").replace(NBSP, "~")
        'at most 86.91~nats'
    """
    return re.sub(r"(?<=\d) (?=%|nats?\b)", NBSP, text)


def plural(amount: float, thing: str) -> str:
    """Write an amount of things.

    Example:
        >>> plural(1, "epoch").replace(NBSP, " ")
        '1 epoch'
    """
    return f"{count(amount)}{NBSP}{thing}" + ("" if amount == 1 else "s")
