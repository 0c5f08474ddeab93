"""Plain-text tables and indented JSON on standard output."""

import json
from collections.abc import Sequence
from typing import Any

import click


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows as aligned columns, the header first."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2))
