"""Plain-text tables on standard output."""

from collections.abc import Sequence

from glassnet.cli.echo import echo


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows as aligned columns, the header first."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        echo("  ".join(cells).rstrip())


def megabytes(size: int) -> str:
    """A number of bytes in megabytes.

    Example:
        >>> megabytes(12_340_000), megabytes(20_000)
        ('12.3 MB', '0.0 MB')
    """
    return f"{size / 1e6:,.1f} MB"
