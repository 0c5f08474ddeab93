"""Progress on stderr: a live line on a terminal, one line per stage elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

Advance = Callable[..., None]
"""`advance(amount=1, note="")` moves the bar and sets the words behind it."""

quiet = False
"""Set by callers that want silence."""


def log(text: str) -> None:
    """Write one note to stderr, unless silenced."""
    if not quiet and sys.stderr is not None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def silenced(wanted: bool = True) -> Iterator[None]:
    """Say nothing while the block runs, if that is wanted."""
    global quiet
    before, quiet = quiet, quiet or wanted
    try:
        yield
    finally:
        quiet = before


def number(value: float) -> str:
    """A value in four digits, without an exponent where it is large.

    Example:
        >>> number(0.031251), number(92.314), number(12880.4)
        ('0.03125', '92.31', '12,880')
    """
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


@contextmanager
def stage(title: str, total: int, unit: str = "") -> Iterator[Advance]:
    """Show how far a stage is, at which rate, and how long it will still take.

    On a terminal a bar stands while the stage runs; when it ends, or elsewhere, one line says how
    long it took, if that was over two seconds.

    Args:
        title: what is being done, as `t-SNE of pool1`; without one nothing is shown.
        total: the amount that makes it whole.
        unit: what is counted, as `images`; the rate is shown in it.
    """
    if not title:
        yield _ignore
        return
    began = time.perf_counter()
    with live(title, total, unit) as advance:
        yield advance
    seconds = time.perf_counter() - began
    if seconds > 2:
        rate = f", {total / seconds:,.0f} {unit}/s" if unit else ""
        log(f"{title}: {seconds:.1f} s{rate}")


@contextmanager
def counting(title: str, unit: str) -> Iterator[Advance]:
    """As `stage`, where nobody knows beforehand how many there will be: how many there have been.

    Where results go to a terminal, too, they are progress enough.
    """
    began = time.perf_counter()
    done = 0.0
    in_sight = sys.stdout is not None and sys.stdout.isatty()
    with nullcontext(_ignore) if in_sight else live(title, None, unit) as shown:

        def advance(amount: float = 1, note: str = "") -> None:
            nonlocal done
            done += amount
            shown(amount, note)

        yield advance
    seconds = time.perf_counter() - began
    if seconds > 2:
        log(f"{title}: {done:,.0f} {unit} in {seconds:.1f} s, {done / seconds:,.0f} {unit}/s")


@contextmanager
def live(title: str, total: int | None, unit: str = "") -> Iterator[Advance]:
    """The bar alone: it stands on a terminal while the block runs, and leaves nothing behind."""
    watched = not quiet and sys.stderr is not None and sys.stderr.isatty()
    if not watched or os.environ.get("TERM") == "dumb":
        yield _ignore
        return
    with _bar(title, total, unit) as advance:
        yield advance


def _ignore(amount: float = 1, note: str = "") -> None:
    """Where nobody watches."""


@contextmanager
def _bar(title: str, total: int | None, unit: str) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: object) -> Text:
            speed = getattr(task, "finished_speed", None) or getattr(task, "speed", None)
            return Text(f"{speed:,.0f} {unit}/s" if speed and unit else "", style="dim")

    done = "{task.percentage:>3.0f} %" if total is not None else "{task.completed:,.0f} " + unit
    left = (TimeRemainingColumn(compact=True), TextColumn("left")) if total is not None else ()
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn(done),
        Rate(),
        TextColumn("{task.fields[note]}", markup=False),
        *left,
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total, note="")

        def advance(amount: float = 1, note: str = "") -> None:
            progress.advance(task, amount)
            if note:
                progress.update(task, note=note)

        yield advance
