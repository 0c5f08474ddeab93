"""Printing: every text for people on the terminal, with characters that steer it made visible."""

from __future__ import annotations

import sys
from typing import Any

import click

from glassnet.visible import as_json, visible


def echo(text: object = "", *, err: bool = False) -> None:
    """Print a text for people, all of its characters visible."""
    click.echo(visible(str(text)), err=err)


def echo_json(value: Any, indent: int | None = None) -> None:
    """Print a value as JSON."""
    click.echo(as_json(value, indent))


def echo_coloured(text: str) -> None:
    """Print a text that glassnet has coloured, and in which it has made everything else visible."""
    click.echo(text)


def write_data(text: str) -> None:
    """Write CSV or JSON to stdout: faithfully into a pipe or a file, visibly on a terminal."""
    click.echo(visible(text) if sys.stdout.isatty() else text, nl=False)
