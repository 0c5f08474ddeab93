"""Progress: a bar on a terminal, one output of the cell in a notebook, lines elsewhere."""

from __future__ import annotations

import html
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar

from glassnet import jupyter
from glassnet.visible import visible, visible_line

Advance = Callable[..., None]
"""`advance(amount=1, note="")` moves the bar and sets the note after it."""

INTERVAL = 25.0
"""Seconds between two lines about a stage where stderr is no terminal."""

DELAY = 0.5
"""Seconds between two updates in a notebook, and before the first one."""

_stages: list[object] = []
"""The stages that are under way, the innermost last; it alone writes lines."""

_silent = ContextVar("_silent", default=False)
"""Whether this thread shows nothing; set by `silenced` alone, which restores it."""


def log(text: str) -> None:
    """Write a line to stderr, unless silenced."""
    if not _silent.get() and sys.stderr is not None:
        print(visible(text), file=sys.stderr, flush=True)  # noqa: T201


def in_notebook() -> bool:
    """Whether progress is shown in the output of a notebook's cell."""
    return not _silent.get() and jupyter.shell() is not None


@contextmanager
def silenced(silent: bool = True) -> Iterator[None]:
    """Show nothing while the block runs in this thread; False leaves everything as it is."""
    token = _silent.set(_silent.get() or silent)
    try:
        yield
    finally:
        _silent.reset(token)


@contextmanager
def stage(title: str, total: int, unit: str = "") -> Iterator[Advance]:
    """Show the progress of a stage, its rate and the time left.

    On a terminal it is a progress bar. When the stage ends after more than two seconds, a line with
    its duration follows.

    Args:
        title: what is done, as `t-SNE of pool1`; an empty one shows nothing.
        total: the amount to be done.
        unit: what is counted, as `images`; the rate is shown in it.
    """
    if not title:
        yield _ignore
        return
    start = time.perf_counter()
    with live(title, total, unit) as advance:
        yield advance
    seconds = time.perf_counter() - start
    if seconds > 2:
        rate = f", {total / seconds:,.0f} {unit}/s" if unit else ""
        _log_duration(f"{title}: {seconds:.1f} s{rate}")


@contextmanager
def counting(title: str, unit: str) -> Iterator[Advance]:
    """Show the progress of a stage of unknown length: the amount done so far.

    Shows no bar if stdout is a terminal, too: the results that appear there show the progress.
    """
    start = time.perf_counter()
    done = 0.0
    results_visible = sys.stdout is not None and sys.stdout.isatty()
    with nullcontext(_ignore) if results_visible else live(title, None, unit) as show:

        def advance(amount: float = 1, note: str = "") -> None:
            nonlocal done
            done += amount
            show(amount, note)

        yield advance
    seconds = time.perf_counter() - start
    if seconds > 2:
        _log_duration(
            f"{title}: {done:,.0f} {unit} in {seconds:.1f} s, {done / seconds:,.0f} {unit}/s"
        )


@contextmanager
def live(title: str, total: int | None, unit: str = "") -> Iterator[Advance]:
    """Show progress while the block runs: a bar on a terminal, a line every `INTERVAL` elsewhere.

    Nothing remains of the bar, nor of what a notebook shows meanwhile.
    """
    if _silent.get() or sys.stderr is None:
        yield _ignore
        return
    interactive = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    show = _cell_output if in_notebook() else _bar if interactive else _lines
    with show(title, total, unit) as advance:
        yield advance


class _CellOutput(jupyter.Output):
    """What is under way in a cell, below the durations of what is done."""

    def __init__(self, cell: int) -> None:
        super().__init__()
        self.cell, self.done = cell, list[str]()

    def write(self, current: str = "") -> None:
        lines = [*self.done, *[current] * bool(current)]
        shown = "<br>".join(html.escape(visible(line)) for line in lines)
        self.show(f'<div style="font-size:12px">{shown}</div>', "\n".join(lines))


_cell_outputs: list[_CellOutput] = []
"""The output of the cell that ran last, if it has one."""


def _output_of_cell() -> _CellOutput:
    """The output that all stages of a cell share."""
    cell = jupyter.shell().execution_count
    if not _cell_outputs or _cell_outputs[0].cell != cell:
        _cell_outputs[:] = [_CellOutput(cell)]
    return _cell_outputs[0]


def _log_duration(text: str) -> None:
    """Write how long a stage took."""
    if not in_notebook():
        log(text)
        return
    output = _output_of_cell()
    output.done.append(text)
    output.write()


@contextmanager
def _cell_output(title: str, total: int | None, unit: str) -> Iterator[Advance]:
    """Show how far a stage is, unless it is done within `DELAY`."""
    start = last = time.perf_counter()
    done, shown = 0.0, False

    def advance(amount: float = 1, note: str = "") -> None:
        nonlocal done, last, shown
        done += amount
        now = time.perf_counter()
        if now - last >= DELAY:
            last, shown = now, True
            _output_of_cell().write(_line(title, done, total, unit, now - start, note))

    try:
        yield advance
    finally:
        if shown:
            _output_of_cell().write()


def _ignore(amount: float = 1, note: str = "") -> None:
    """Show nothing."""


@contextmanager
def _lines(title: str, total: int | None, unit: str) -> Iterator[Advance]:
    """Write a line every `INTERVAL` seconds from a thread, since a step can take long."""
    start, done, last_note = time.perf_counter(), 0.0, ""
    ended, stage = threading.Event(), object()

    def advance(amount: float = 1, note: str = "") -> None:
        nonlocal done, last_note
        done += amount
        last_note = note or last_note

    def write_lines() -> None:
        while not ended.wait(INTERVAL):
            if _stages and _stages[-1] is stage:
                seconds = time.perf_counter() - start
                log(_line(title, done, total, unit, seconds, last_note))

    thread = threading.Thread(target=write_lines, daemon=True)
    _stages.append(stage)
    thread.start()
    try:
        yield advance
    finally:
        ended.set()
        _stages.remove(stage)
        thread.join()


def _line(
    title: str, done: float, total: int | None, unit: str, seconds: float, note: str = ""
) -> str:
    """The progress of a stage as a line.

    Example:
        >>> _line("t-SNE", 250, 1000, "steps", 30.0)
        't-SNE: 250 of 1,000 steps after 30 s, 1:30 left'
        >>> _line("texts", 0, None, "examples", 30.0), _line("linear model", 0, 1, "", 30.0)
        ('texts: 0 examples after 30 s', 'linear model: 30 s')
    """
    count = f"{done:,.0f} of {total:,}" if total is not None else f"{done:,.0f}"
    is_counted = unit or total not in (None, 1)
    amount = f"{count} {unit}".rstrip() + " after " if is_counted else ""
    parts = [f"{title}: {amount}{seconds:.0f} s"]
    if total and 0 < done < total:
        parts.append(f"{clock(seconds / done * (total - done))} left")
    return ", ".join([*parts, *[note] * bool(note)])


def clock(seconds: float) -> str:
    """Minutes and seconds.

    Example:
        >>> clock(90.2)
        '1:30'
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


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
        task = progress.add_task(visible_line(title), total=total, note="")

        def advance(amount: float = 1, note: str = "") -> None:
            progress.advance(task, amount)
            if note:
                progress.update(task, note=visible_line(note))

        yield advance
