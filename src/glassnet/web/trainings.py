"""Trainings that the page starts: processes of their own, one at a time, the others queue.

They end neither with the page nor with the server. Their run folders say how far they are.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from glassnet import config, tasks
from glassnet.data import names
from glassnet.errors import UsageError, UserError, suggest
from glassnet.runs.folder import Run
from glassnet.runs.names import check_name, default_name, free_name
from glassnet.web import processes

PROGRAM = (sys.executable, "-m", "glassnet")
"""What trains, in a process of its own."""

INTERVAL = 0.2
"""Seconds between two looks at a process."""

MAX_QUEUED = 20
"""Trainings that wait at most."""

MAX_MESSAGE = 4000
"""Bytes at the end of a process's messages in which its error is."""

State = Literal["queued", "running", "ended", "failed"]

FILE_FIELDS = ("data", "tensorboard", "processes")
"""Fields that a request may not set: what is read and written is not its business."""


@dataclass
class Training:
    """One training that was started here, and what became of its process.

    Attributes:
        number: its number, from 1.
        run: the name of its run.
        words: the command line after `glassnet`.
        error, hint: the two lines of its error.
    """

    number: int
    run: str
    words: list[str]
    state: State = "queued"
    error: str = ""
    hint: str = ""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    messages: IO[bytes] | None = field(default=None, repr=False)

    def described(self) -> dict[str, Any]:
        """As plain values."""
        shown = ("number", "run", "state", "error", "hint")
        return {name: getattr(self, name) for name in shown}


class Trainings:
    """The queue.

    Args:
        root: the folder of the runs.
        at_once: how many run at a time.
        has_spare: whether a process waits for the next training, with its imports done.
    """

    def __init__(self, root: Path, at_once: int = 1, has_spare: bool = False) -> None:
        self.root, self.at_once = root, at_once
        self.all: list[Training] = []
        self._spare = processes.Spare(root) if has_spare else None
        self._tasks: set[asyncio.Task[None]] = set()

    def prepare(self) -> None:
        """Make ready for a training, unless one runs."""
        if self._spare and not any(each.state == "running" for each in self.all):
            self._spare.prepare()

    def start(self, request: Mapping[str, Any], path: Path | None = None) -> Training:
        """Queue a training.

        Args:
            request: `task`; and `data` (a name of the catalogue), `preset`, `name` and `options`,
                fields of the task's configuration.
            path: the user's own data, which were uploaded.

        Raises:
            UserError: a name or a value is invalid, or too many trainings wait.
        """
        task, options = _text(request, "task"), request.get("options") or {}
        if task not in tasks.names():
            raise UsageError(f"there is no task {task!r}", suggest(task, tasks.names()))
        if not isinstance(options, dict) or set(options) & set(FILE_FIELDS):
            raise UsageError("`options` has fields of the configuration", "leave out the others")
        preset = _text(request, "preset") or "default"
        base = tasks.preset(task, preset)
        data = str(path or _text(request, "data") or getattr(base, "data", ""))
        if path is None and names.is_path(data):
            raise UsageError(f"{data}: not a data set of the catalogue", "see GET /api/tasks")
        names.check_exists(data)
        for field_name, value in options.items():
            with _at_field(field_name):
                config.resolve(base, overrides={field_name: value})
        chosen = config.resolve(base, overrides=options | {"data": data})
        name = _text(request, "name")
        with _at_field("name"):
            run = check_name(name, self.root) if name else self._free_name(default_name(task, data))
        fields = config.as_dict(chosen)
        words = ["train", task, "--preset", preset, "--data", data, "--name", run, "--live-layers"]
        for option in options:
            if fields[option] is not None:
                words += config.flag_words(option, fields[option])
        return self._queue(run, words)

    def resume(self, run: Run, name: str) -> Training:
        """Queue the rest of an interrupted training.

        Raises:
            UsageError: it is finished, or it runs.
        """
        if run.info.get("status") == "finished":
            raise UsageError(f"{name} is finished", "start another training")
        if self.is_active(name):
            raise UsageError(f"{name} is being trained", "wait for it")
        return self._queue(name, ["train", "--live-layers", "--resume", str(run.path.resolve())])

    def newest(self, name: str) -> dict[str, Any]:
        """The latest training of the run that was started here, as plain values; or nothing."""
        found = [each for each in self.all if each.run == name]
        return found[-1].described() if found else {}

    def is_active(self, name: str) -> bool:
        """Whether a training of the run waits or runs."""
        return any(each.run == name and each.state in ("queued", "running") for each in self.all)

    def stop(self, name: str) -> bool:
        """Stop the training of a run after its next step, with everything saved.

        Returns:
            Whether one was running or waiting here.
        """
        for training in self.all:
            if training.run == name and training.state == "queued":
                training.state = "ended"
                return True
            if training.run == name and training.process and training.process.poll() is None:
                training.process.send_signal(signal.SIGINT)
                return True
        return False

    async def close(self) -> None:
        """Let go of the trainings, which go on."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._spare:
            self._spare.close()
        for training in self.all:
            if training.process and training.messages:
                training.messages.close()
                if training.process.poll() is None:
                    training.process.returncode = 0  # nobody waits for it any more

    def _free_name(self, name: str) -> str:
        return free_name(self.root, name, {each.run for each in self.all})

    def _queue(self, run: str, words: list[str]) -> Training:
        if sum(each.state == "queued" for each in self.all) >= MAX_QUEUED:
            raise UsageError(f"{MAX_QUEUED} trainings wait already", "wait until one has ended")
        training = Training(len(self.all) + 1, run, words)
        self.all.append(training)
        self._start_next()
        return training

    def _start_next(self) -> None:
        running = sum(each.state == "running" for each in self.all)
        waiting = [each for each in self.all if each.state == "queued"]
        for training in waiting[: max(0, self.at_once - running)]:
            self._run(training)

    def _run(self, training: Training) -> None:
        started = self._spare.take(training.words) if self._spare else None
        if started is None:
            started = processes.start([*PROGRAM, *training.words], self.root)
        training.process, training.messages = started.process, started.messages
        training.state = "running"
        task = asyncio.get_running_loop().create_task(self._follow(training))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(self, training: Training) -> None:
        """Wait for the end of the process, keep its error, and start the next one."""
        process, messages = training.process, training.messages
        if process is None or messages is None:
            return
        while process.poll() is None:  # a thread that waits would outlive the server
            await asyncio.sleep(INTERVAL)
        with messages:
            messages.seek(max(0, messages.seek(0, os.SEEK_END) - MAX_MESSAGE))
            lines = messages.read().decode("utf-8", "replace").splitlines()
        training.state = "failed" if process.returncode not in (0, 130) else "ended"
        if training.state == "failed":
            own = [k for k, line in enumerate(lines) if line.startswith("glassnet: ")]
            if own:
                training.error = lines[own[-1]].removeprefix("glassnet: ")
                training.hint = " ".join(line.strip() for line in lines[own[-1] + 1 :])
            else:
                training.error = f"the process has ended with {process.returncode}"
                training.hint = "resume the run, or start it again"
        self._start_next()
        self.prepare()


class FieldError(UsageError):
    """An invalid value of a form; `field` is its name."""

    def __init__(self, reason: str, hint: str, field: str) -> None:
        super().__init__(reason, hint)
        self.field = field


@contextmanager
def _at_field(name: str) -> Iterator[None]:
    """Say at which field of a form an error is."""
    try:
        yield
    except UserError as error:
        raise FieldError(error.message, error.hint, name) from None


def described_tasks() -> dict[str, Any]:
    """Tasks with their presets, their data sets and the fields of their configuration."""
    from glassnet.data.sources.catalogue import CATALOGUE

    described = {}
    for task in tasks.names():
        kind, presets = tasks.config_type(task), tasks.presets(task)
        default = config.as_dict(presets["default"])
        modality = "texts" if issubclass(kind, config.TextConfig) else "images"
        described[task] = {
            "summary": (kind.__doc__ or "").strip().splitlines()[0].rstrip("."),
            "presets": {
                preset: {
                    name: value
                    for name, value in config.as_dict(chosen).items()
                    if name not in FILE_FIELDS
                }
                for preset, chosen in presets.items()
            },
            "modality": modality,
            "data": [name for name, entry in CATALOGUE.items() if entry.modality == modality],
            "default_data": default.get("data"),
            "options": [
                {"name": name, "default": default[name], "help": text}
                for name, text in config.field_docs(kind).items()
                if name in default and name not in FILE_FIELDS
            ],
        }
    return described


def _text(request: Mapping[str, Any], name: str) -> str:
    value = request.get(name) or ""
    if not isinstance(value, str) or len(value) > 200:
        raise UsageError(f"`{name}` must be a text", "see GET /api/tasks")
    return value
