"""What happens to runs, as server-sent events with ids, so that a page that slept catches up.

An id says what the client has: after it, only what is missing is sent. Nothing but the run folders
is read, so events do not depend on who started a training, or on this server's past.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from glassnet.errors import RunError
from glassnet.runs import step_rows
from glassnet.web import summaries
from glassnet.web.responses import plain

INTERVAL = 0.5
"""Seconds between two looks at the files."""

HEARTBEAT = 15.0
"""Seconds after which a comment is sent, so that a connection that was cut is noticed."""

ENDED = ("finished", "interrupted", "failed", summaries.KILLED)
"""States in which nothing more happens to a run unless it is resumed."""


async def of_all(describe: Callable[[], list[dict[str, Any]]], last: str) -> AsyncIterator[bytes]:
    """The summaries of all runs, whenever one has changed.

    Args:
        describe: gives the summaries.
        last: the id that the client has last.
    """
    known, sent = last, time.monotonic()
    while True:
        found = plain(await asyncio.to_thread(describe))
        digest = hashlib.sha256(json.dumps(found).encode()).hexdigest()[:16]
        if digest != known:
            known, sent = digest, time.monotonic()
            yield _event("runs", found, digest)
        elif time.monotonic() - sent > HEARTBEAT:
            sent = time.monotonic()
            yield b": \n\n"
        await asyncio.sleep(INTERVAL)


async def of_run(
    root: Path, name: str, last: str, is_due: Callable[[], bool] = lambda: False
) -> AsyncIterator[bytes]:
    """The rows of metrics.csv and steps.csv, and the state, until the training has ended.

    Args:
        root: the folder of the runs.
        name: of the run; it need not be there yet.
        last: the id that the client has last, `EPOCHS-STEP`.
        is_due: whether a process that trains it is about to start, or there.
    """
    epochs, step = _position(last)
    state, sent = "", time.monotonic()
    while True:
        for kind, value in await asyncio.to_thread(_news, root, name, epochs, step, state):
            if kind == "epoch":
                epochs += 1
            elif kind == "step":
                step = int(value["step"])
            else:
                state = value["state"]
            sent = time.monotonic()
            yield _event(kind, value, f"{epochs}-{step}")
        if state in ENDED and not is_due():
            yield _event("end", {"state": state}, f"{epochs}-{step}")
            return
        if time.monotonic() - sent > HEARTBEAT:
            sent = time.monotonic()
            yield b": \n\n"
        await asyncio.sleep(INTERVAL)


def _news(
    root: Path, name: str, epochs: int, step: int, state: str
) -> list[tuple[str, dict[str, Any]]]:
    """What a client does not have yet: rows of epochs, rows of steps and the run's summary."""
    try:
        run = summaries.find(root, name)
    except RunError:
        return [] if state == "waiting" else [("run", {"name": name, "state": "waiting"})]
    news: list[tuple[str, dict[str, Any]]] = []
    try:
        columns = run.read_metrics()
    except RunError:
        columns = {}
    n_epochs = len(next(iter(columns.values()), ()))
    for index in range(epochs, n_epochs):
        news.append(("epoch", {key: values[index] for key, values in columns.items()}))
    news += [("step", dict(row)) for row in step_rows.read(run.steps) if row["step"] > step]
    described = summaries.summary(run, name)
    if described["state"] != state or n_epochs > epochs:
        news.append(("run", described))
    return news


def _position(last: str) -> tuple[int, int]:
    epochs, _, step = last.partition("-")
    return (int(epochs), int(step)) if epochs.isdecimal() and step.isdecimal() else (0, 0)


def _event(kind: str, value: Any, number: str) -> bytes:
    data = json.dumps(plain(value), ensure_ascii=False, allow_nan=False)
    return f"event: {kind}\nid: {number}\ndata: {data}\n\n".encode()
