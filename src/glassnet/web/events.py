"""What happens to runs, as server-sent events with ids, so that a page that slept catches up.

An id says what the client has: after it, only what is missing is sent. A run is read once for all
pages that follow it, and only what has changed of it; without followers nothing is read.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager, suppress
from pathlib import Path
from typing import Any

from glassnet.errors import RunError
from glassnet.runs import step_rows
from glassnet.runs.folder import Run
from glassnet.runs.state import KILLED
from glassnet.runs.step_rows import StepTail, thinned
from glassnet.web import summaries
from glassnet.web.responses import plain

INTERVAL = 0.5
"""Seconds between two reads of the files."""

HEARTBEAT = 15.0
"""Seconds after which a comment is sent, so that a connection that was cut is noticed."""

MAX_PROBES = 100
"""Measurements of the layers that are sent at most."""

MAX_MAP = 1_000_000
"""Bytes of a map at most."""

MAX_ROWS = 400
"""Rows of steps that a page which comes late gets at most."""

ENDED = ("finished", "interrupted", "failed", KILLED, summaries.MISSING)
"""States in which nothing more happens to a run unless it is resumed."""

TrainingOf = Callable[[str], Mapping[str, Any]]
"""Name of a run -> the training that was started here, with its state and error; or nothing."""


IsEnding = Callable[[], bool]


class Feed:
    """Something that is read twice a second while anyone follows it, once for all of them.

    Args:
        refresh: reads it, in a thread; returns whether it has changed.
        is_ending: whether the server is about to end, which ends the streams.
    """

    def __init__(self, refresh: Callable[[], bool], is_ending: IsEnding) -> None:
        self._refresh, self._is_ending = refresh, is_ending
        self._followers, self._version = 0, 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._error: Exception | None = None

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Read it while the block runs."""
        self._followers += 1
        if self._task is None:
            self._error = None
            self._task = asyncio.get_running_loop().create_task(self._poll())
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                self._task.cancel()
                self._task = None

    async def versions(self) -> AsyncGenerator[None]:
        """Wait until it has changed, `HEARTBEAT` seconds at most, again and again."""
        version = 0
        while not self._is_ending():
            if self._version == version:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), HEARTBEAT)
            if self._error:
                raise self._error
            version = self._version
            yield

    async def _poll(self) -> None:
        while True:
            try:
                is_new = await asyncio.to_thread(self._refresh)
            except Exception as error:  # each follower raises it, and so ends
                self._error, is_new = error, True
            if is_new or not self._version or self._is_ending():
                self._version += 1
                self._changed.set()
                self._changed = asyncio.Event()
            await asyncio.sleep(INTERVAL)


class RunsFeed(Feed):
    """The summaries of all runs.

    Args:
        describe: gives the summaries.
        is_ending: as for `Feed`.
    """

    def __init__(self, describe: Callable[[], list[dict[str, Any]]], is_ending: IsEnding) -> None:
        super().__init__(self._read, is_ending)
        self._describe, self._digest, self._content = describe, "", ""

    async def events(self, last: str) -> AsyncGenerator[bytes]:
        """The summaries, whenever one has changed.

        Args:
            last: the id that the client has last.
        """
        sent = last
        with self.followed():
            async for _ in self.versions():
                if self._digest != sent:
                    sent = self._digest
                    yield _event("runs", self._content, sent)
                else:
                    yield b": \n\n"

    def _read(self) -> bool:
        content = _json(self._describe())
        if content == self._content:
            return False
        self._digest = hashlib.sha256(content.encode()).hexdigest()[:16]
        self._content = content
        return True


class RunFeed(Feed):
    """One run: the rows of metrics.csv and steps.csv, and its state.

    Args:
        root: the folder of the runs.
        name: of the run; it need not be there yet.
        training_of: as `TrainingOf`.
        is_ending: as for `Feed`.
    """

    def __init__(self, root: Path, name: str, training_of: TrainingOf, is_ending: IsEnding) -> None:
        super().__init__(self._read, is_ending)
        self._root, self._name, self._training_of = root, name, training_of
        self._run: Run | None = None
        self._stamp: tuple[int, ...] = ()
        self._tail: StepTail | None = None
        self._epochs: list[dict[str, float]] = []
        self._steps: list[dict[str, float]] = []
        self._training: Mapping[str, Any] = {}
        self._summary: dict[str, Any] = {}
        self._layers, self._layers_stamp = "", 0

    async def events(self, last: str) -> AsyncGenerator[bytes]:
        """What a client does not have yet, until the training has ended.

        Args:
            last: the id that the client has last, `EPOCHS-STEP`.
        """
        (epochs, step), summary = _position(last), dict[str, Any]()
        error = layers = ""
        with self.followed():
            async for _ in self.versions():
                is_quiet = True
                for row in self._epochs[epochs:]:
                    epochs, is_quiet = epochs + 1, False
                    yield _event("epoch", _json(row), f"{epochs}-{step}")
                for row in thinned([row for row in self._steps if row["step"] > step], MAX_ROWS):
                    step, is_quiet = int(row["step"]), False
                    yield _event("step", _json(row), f"{epochs}-{step}")
                if self._layers != layers:
                    layers, is_quiet = self._layers, False
                    yield _event("layers", layers, f"{epochs}-{step}")
                if self._summary != summary:
                    summary, is_quiet = self._summary, False
                    yield _event("run", _json(summary), f"{epochs}-{step}")
                if (found := self._training.get("error", "")) != error:
                    error, is_quiet = found, False
                    lines = {"error": error, "hint": self._training["hint"]}
                    yield _event("problem", _json(lines), f"{epochs}-{step}")
                if summary["state"] in ENDED and not _is_due(self._training):
                    yield _event("end", _json({"state": summary["state"]}), f"{epochs}-{step}")
                    return
                if is_quiet:
                    yield b": \n\n"

    def _read(self) -> bool:
        before = self._state()
        self._training = dict(self._training_of(self._name))
        try:
            run = self._opened()
        except RunError:
            state = "waiting" if _is_due(self._training) else summaries.MISSING
            self._summary = {"name": self._name, "state": state}
            self._run = None
        else:
            self._read_rows(run)
            self._read_layers(run)
            self._summary = summaries.summary(run, self._name)
        return self._state() != before

    def _state(self) -> tuple[Any, ...]:
        newest = self._steps[-1]["step"] if self._steps else 0
        return len(self._epochs), newest, self._summary, self._training, self._layers

    def _opened(self) -> Run:
        """The run, read again if its run.json has changed."""
        stamp = summaries.stamp(self._root / self._name)
        if self._run is None or stamp != self._stamp:
            self._run, self._stamp = summaries.find(self._root, self._name), stamp
            try:
                columns = self._run.read_metrics()
            except RunError:  # no epoch is complete yet
                columns = {}
            names, values = list(columns), zip(*columns.values(), strict=True)
            self._epochs = [dict(zip(names, map(float, row), strict=True)) for row in values]
        return self._run

    def _read_rows(self, run: Run) -> None:
        if self._tail is None:
            self._tail = StepTail(run.steps)
        rows, is_whole = self._tail.read()
        self._steps = rows if is_whole else self._steps + rows
        if len(self._steps) > 2 * MAX_ROWS:
            self._steps = thinned(self._steps, MAX_ROWS)

    def _read_layers(self, run: Run) -> None:
        """What probes found in the layers so far, and the newest map of the last one."""
        try:
            stamp = run.live_map.stat().st_mtime_ns
            if stamp != self._layers_stamp:
                newest = json.loads(run.live_map.read_bytes()[:MAX_MAP])
                rows = thinned(step_rows.read(run.live_probes), MAX_PROBES)
                self._layers, self._layers_stamp = _json({"probes": rows, "map": newest}), stamp
        except (OSError, ValueError):  # it is not followed
            return


class Feeds:
    """The feeds of this server: that of all runs, and one of each run that a page follows.

    Args:
        root: the folder of the runs.
        describe: as for `RunsFeed`.
        training_of: as `TrainingOf`.
        is_ending: as for `Feed`.
    """

    def __init__(
        self,
        root: Path,
        describe: Callable[[], list[dict[str, Any]]],
        training_of: TrainingOf,
        is_ending: IsEnding,
    ) -> None:
        self._new_feed = lambda name: RunFeed(root, name, training_of, is_ending)
        self._all, self._each = RunsFeed(describe, is_ending), dict[str, RunFeed]()
        self._n_open: dict[str, int] = {}

    def of_all(self, last: str) -> AsyncGenerator[bytes]:
        """As `RunsFeed.events`."""
        return self._all.events(last)

    async def of_run(self, name: str, last: str) -> AsyncGenerator[bytes]:
        """As `RunFeed.events`."""
        if name not in self._each:
            self._each[name] = self._new_feed(name)
        self._n_open[name] = self._n_open.get(name, 0) + 1
        try:
            async with aclosing(self._each[name].events(last)) as found:
                async for event in found:
                    yield event
        finally:
            self._n_open[name] -= 1
            if not self._n_open[name]:
                del self._each[name], self._n_open[name]


def _is_due(training: Mapping[str, Any]) -> bool:
    """Whether a process that trains the run is about to start, or there."""
    return training.get("state") in ("queued", "running")


def _position(last: str) -> tuple[int, int]:
    epochs, _, step = last.partition("-")
    return (int(epochs), int(step)) if epochs.isdecimal() and step.isdecimal() else (0, 0)


def _json(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)


def _event(kind: str, content: str, number: str) -> bytes:
    return f"event: {kind}\nid: {number}\ndata: {content}\n\n".encode()
