"""Formatting of numbers: counts, durations and values, with units that stay on their line."""

import re
from typing import Any

from glassnet.findings import minus_signs

NBSP = "\N{NO-BREAK SPACE}"


def count(number: float) -> str:
    """Format an integer with thousands separators.

    Example:
        >>> count(10000)
        '10,000'
    """
    return minus_signs(f"{number:,.0f}")


def number(value: Any) -> str:
    """Format any value: integers in full, other numbers with four significant digits.

    Example:
        >>> number(0.034712)
        '0.03471'
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return count(value) if isinstance(value, int) else minus_signs(f"{value:.4g}")


def exact(value: float) -> str:
    """Format a number with up to six significant digits; integers in full.

    Example:
        >>> exact(61426.0), exact(0.99432810417)
        ('61,426', '0.994328')
    """
    return count(value) if value == round(value) else minus_signs(f"{value:.6g}")


def duration(seconds: float) -> str:
    """Format a duration in one or two units.

    Example:
        >>> duration(72).replace(NBSP, " ")
        '1 min 12 s'
    """
    if seconds < 9.95:
        return f"{seconds:.1f}{NBSP}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours}{NBSP}h {minutes_left}{NBSP}min"
    return f"{minutes}{NBSP}min {rest}{NBSP}s" if minutes else f"{rest}{NBSP}s"


def keep_units(text: str) -> str:
    """Keep per cent signs and nats on the line of their number.

    Example:
        >>> keep_units("at most 86.91 nats").replace(NBSP, "~")
        'at most 86.91~nats'
    """
    return re.sub(r"(?<=\d) (?=%|nats?\b)", NBSP, text)


def plural(amount: float, noun: str) -> str:
    """Format a count with its noun.

    Example:
        >>> plural(1, "epoch").replace(NBSP, " ")
        '1 epoch'
    """
    return f"{count(amount)}{NBSP}{noun}" + ("" if amount == 1 else "s")


def split_name(split: str) -> str:
    """Spell out the name of a split.

    Example:
        >>> split_name("valid"), split_name("test")
        ('validation', 'test')
    """
    return {"train": "training", "valid": "validation"}.get(split, split)
