"""Tables in the terminal: plain columns, as wide as their widest cell."""

from __future__ import annotations

from collections.abc import Sequence

import click


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Write rows to stdout, the header first."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
